/* bits_avx512.c - popcounts of 32 rows at a time by VPOPCNTQ. */
#include "bits_priv.h"

#include <immintrin.h>

enum { ROWS = 32, VECTORS = ROWS / 8 };

/* distance[j ..] += popcounts of 32 rows from row j on. */
static inline void distance32(const struct att_bits *b, const uint64_t *row,
                              size_t first, size_t n, size_t j,
                              uint32_t *distance)
{
    __m512i sum[VECTORS];

    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = _mm512_setzero_si512();
    for (size_t w = 0; w < n; w++) {
        const uint64_t *word = b->word + (first + w) * b->stride + j;
        const __m512i mine = _mm512_set1_epi64((long long)row[w]);

        for (size_t v = 0; v < VECTORS; v++) {
            const __m512i theirs = _mm512_loadu_si512(word + 8 * v);

            sum[v] = _mm512_add_epi64(
                sum[v], _mm512_popcnt_epi64(_mm512_xor_si512(mine, theirs)));
        }
    }
    for (size_t v = 0; v < VECTORS; v++) {
        __m256i *out = (__m256i *)(distance + j + 8 * v);

        _mm256_storeu_si256(out,
                            _mm256_add_epi32(_mm256_loadu_si256(out),
                                             _mm512_cvtepi64_epi32(sum[v])));
    }
}

void att_bits_distance_avx512(const struct att_bits *b, const uint64_t *row,
                              size_t first, size_t n, uint32_t *distance)
{
    size_t j = 0;

    for (; j + ROWS <= b->n; j += ROWS)
        distance32(b, row, first, n, j, distance);
    att_bits_distance_rest(b, row, first, n, j, distance);
}

struct att_bits_range att_bits_range_avx512(const uint32_t *x, size_t n)
#include "bits_range.inc"
