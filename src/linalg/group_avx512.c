/* group_avx512.c - 64 columns at a time.
 *
 * For 16 consecutive columns j from an aligned one on, l xor j runs over the
 * 16 entries of one aligned vector of h in the order that the low four bits
 * of l prescribe: one load and one permutation. */
#include "group_priv.h"

#include <immintrin.h>
#include <math.h>

enum { WIDTH = 16, VECTORS = 4, LOW = WIDTH - 1, BLOCK = WIDTH * VECTORS };

/* The numbers of columns j .. j + 63. */
static inline void block(const struct att_group *g,
                         const struct att_terms *terms, size_t j,
                         __m512 sum[VECTORS])
{
    const __m512i lane =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = _mm512_setzero_ps();
    for (size_t q = 0; q < terms->n; q++) {
        const size_t l = terms->at[q];
        const __m512i order =
            _mm512_xor_si512(lane, _mm512_set1_epi32((int)(l & LOW)));
        const __m512 coef = _mm512_set1_ps(terms->coef[q]);
        const size_t high = (l & ~(size_t)LOW) ^ j;

        for (size_t v = 0; v < VECTORS; v++) {
            const __m512 h = _mm512_load_ps(g->h + (high ^ v * WIDTH));

            sum[v] =
                _mm512_fmadd_ps(coef, _mm512_permutexvar_ps(order, h), sum[v]);
        }
    }
    if (g->sign != NULL) {
        for (size_t v = 0; v < VECTORS; v++) {
            sum[v] =
                _mm512_mul_ps(sum[v], _mm512_loadu_ps(g->sign + j + v * WIDTH));
        }
    }
}

void att_xor_row_avx512(const struct att_group *g,
                        const struct att_terms *terms, size_t first,
                        size_t count, float *out)
{
    __m512 sum[VECTORS];

    for (size_t j = first; j < first + count; j += BLOCK) {
        block(g, terms, j, sum);
        for (size_t v = 0; v < VECTORS; v++)
            _mm512_storeu_ps(out + (j - first) + v * WIDTH, sum[v]);
    }
}

float att_xor_max_avx512(const struct att_group *g,
                         const struct att_terms *terms, size_t first,
                         size_t count)
{
    __m512 best = _mm512_set1_ps(-INFINITY);

    for (size_t j = first; j < first + count; j += BLOCK) {
        __m512 sum[VECTORS];

        block(g, terms, j, sum);
        best =
            _mm512_max_ps(best, _mm512_max_ps(_mm512_max_ps(sum[0], sum[1]),
                                              _mm512_max_ps(sum[2], sum[3])));
    }
    return _mm512_reduce_max_ps(best);
}
