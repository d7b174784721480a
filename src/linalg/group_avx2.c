/* group_avx2.c - as group_avx512.c with vectors of 8 and permutations by the
 * low three bits. */
#include "group_priv.h"

#include <immintrin.h>
#include <math.h>

enum { WIDTH = 8, VECTORS = 4, LOW = WIDTH - 1, BLOCK = WIDTH * VECTORS };

/* The numbers of columns j .. j + 31. */
static inline void block(const struct att_group *g,
                         const struct att_terms *terms, size_t j,
                         __m256 sum[VECTORS])
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = _mm256_setzero_ps();
    for (size_t q = 0; q < terms->n; q++) {
        const size_t l = terms->at[q];
        const __m256i order =
            _mm256_xor_si256(lane, _mm256_set1_epi32((int)(l & LOW)));
        const __m256 coef = _mm256_set1_ps(terms->coef[q]);
        const size_t high = (l & ~(size_t)LOW) ^ j;

        for (size_t v = 0; v < VECTORS; v++) {
            const __m256 h = _mm256_load_ps(g->h + (high ^ v * WIDTH));

            sum[v] = _mm256_fmadd_ps(coef, _mm256_permutevar8x32_ps(h, order),
                                     sum[v]);
        }
    }
    if (g->sign != NULL) {
        for (size_t v = 0; v < VECTORS; v++) {
            sum[v] =
                _mm256_mul_ps(sum[v], _mm256_loadu_ps(g->sign + j + v * WIDTH));
        }
    }
}

void att_xor_row_avx2(const struct att_group *g, const struct att_terms *terms,
                      size_t first, size_t count, float *out)
{
    __m256 sum[VECTORS];

    for (size_t j = first; j < first + count; j += BLOCK) {
        block(g, terms, j, sum);
        for (size_t v = 0; v < VECTORS; v++)
            _mm256_storeu_ps(out + (j - first) + v * WIDTH, sum[v]);
    }
}

float att_xor_max_avx2(const struct att_group *g, const struct att_terms *terms,
                       size_t first, size_t count)
{
    __m256 best = _mm256_set1_ps(-INFINITY);
    float lane[WIDTH];
    float largest = -INFINITY;

    for (size_t j = first; j < first + count; j += BLOCK) {
        __m256 sum[VECTORS];

        block(g, terms, j, sum);
        best =
            _mm256_max_ps(best, _mm256_max_ps(_mm256_max_ps(sum[0], sum[1]),
                                              _mm256_max_ps(sum[2], sum[3])));
    }
    _mm256_storeu_ps(lane, best);
    for (size_t v = 0; v < WIDTH; v++)
        largest = fmaxf(largest, lane[v]);
    return largest;
}
