/* bits_avx2.c - popcounts of 16 rows at a time by a table of nibbles. */
#include "bits_priv.h"

#include <immintrin.h>

enum { ROWS = 16, VECTORS = ROWS / 4 };

/* Popcounts of four words: look up both nibbles of each byte, add up bytes. */
static inline __m256i popcount4(__m256i x)
{
    const __m256i table =
        _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1,
                         1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(0x0f);
    const __m256i a = _mm256_shuffle_epi8(table, _mm256_and_si256(x, low));
    const __m256i b = _mm256_shuffle_epi8(
        table, _mm256_and_si256(_mm256_srli_epi64(x, 4), low));

    return _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

static inline void distance16(const struct att_bits *b, const uint64_t *row,
                              size_t first, size_t n, size_t j, uint64_t *out)
{
    __m256i sum[VECTORS];

    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = _mm256_setzero_si256();
    for (size_t w = 0; w < n; w++) {
        const uint64_t *word = b->word + (first + w) * b->stride + j;
        const __m256i mine = _mm256_set1_epi64x((long long)row[w]);

        for (size_t v = 0; v < VECTORS; v++) {
            const __m256i theirs =
                _mm256_loadu_si256((const __m256i *)(word + 4 * v));

            sum[v] = _mm256_add_epi64(
                sum[v], popcount4(_mm256_xor_si256(mine, theirs)));
        }
    }
    for (size_t v = 0; v < VECTORS; v++)
        _mm256_storeu_si256((__m256i *)(out + 4 * v), sum[v]);
}

void att_bits_distance_avx2(const struct att_bits *b, const uint64_t *row,
                            size_t first, size_t n, uint32_t *distance)
{
    uint64_t sum[ROWS];
    size_t j = 0;

    for (; j + ROWS <= b->n; j += ROWS) {
        distance16(b, row, first, n, j, sum);
        for (size_t l = 0; l < ROWS; l++)
            distance[j + l] += (uint32_t)sum[l];
    }
    att_bits_distance_rest(b, row, first, n, j, distance);
}

struct att_bits_range att_bits_range_avx2(const uint32_t *x, size_t n)
#include "bits_range.inc"
