/* running_avx512.c - tiles of 6 queries and 64 keys: 24 sums of 16 lanes stay
 * in registers, four vectors of keys and one broadcast coordinate beside
 * them. */
#include "running_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "running_chains.inc"

enum { R = ATT_RUNNING_ROWS, C = ATT_RUNNING_COLUMNS, W = 16, V = C / W };

struct sums {
    __m512 at[R][V];
};

static inline void add(struct sums *s, const float *x, const float *y)
{
    __m512 key[V];

#pragma GCC unroll 4
    for (size_t v = 0; v < V; v++)
        key[v] = _mm512_load_ps(y + v * W);
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
        const __m512 q = _mm512_set1_ps(x[r]);

#pragma GCC unroll 4
        for (size_t v = 0; v < V; v++)
            s->at[r][v] = _mm512_fmadd_ps(q, key[v], s->at[r][v]);
    }
}

static inline void look(const struct sums *s, float *best)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
        const __m512 a = _mm512_max_ps(s->at[r][0], s->at[r][1]);
        const __m512 b = _mm512_max_ps(s->at[r][2], s->at[r][3]);
        const __m512 old = _mm512_load_ps(best + r * W);

        _mm512_store_ps(best + r * W, _mm512_max_ps(_mm512_max_ps(a, b), old));
    }
}

static inline void start(struct sums *s, const struct att_running_tile *t)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
#pragma GCC unroll 4
        for (size_t v = 0; v < V; v++) {
            s->at[r][v] = t->fresh ? _mm512_setzero_ps()
                                   : _mm512_load_ps(t->sum + r * C + v * W);
        }
    }
}

static inline void finish(const struct sums *s, float *sum)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
#pragma GCC unroll 4
        for (size_t v = 0; v < V; v++)
            _mm512_store_ps(sum + r * C + v * W, s->at[r][v]);
    }
}

static void lower(const float *sum, float *least)
{
    const __m512 skipped = _mm512_set1_ps(-INFINITY);

    for (size_t r = 0; r < R; r++) {
        __m512 low = _mm512_load_ps(least + r * W);

        for (size_t v = 0; v < V; v++) {
            const __m512 x = _mm512_load_ps(sum + r * C + v * W);
            const __mmask16 there = _mm512_cmp_ps_mask(x, skipped, _CMP_NEQ_OQ);

            low = _mm512_mask_min_ps(low, there, low, x);
        }
        _mm512_store_ps(least + r * W, low);
    }
}

static void tile(const struct att_running_tile *t)
{
    const float *x = t->x;
    const float *y = t->y;
    const float *const end = x + t->n * R;
    struct sums s;

    start(&s, t);
    for (size_t g = 0; g < t->n_stops; g++) {
        const float *const stop = t->x + (t->stop[g] - t->base) * R;

        for (; x < stop; x += R, y += C)
            add(&s, x, y);
        look(&s, t->best + g * R * W);
    }
    for (; x < end; x += R, y += C)
        add(&s, x, y);
    finish(&s, t->sum);
    if (t->least != NULL)
        lower(t->sum, t->least);
}

/* Lanes 2 i, 2 i + 1 of the result: the larger of a's, of b's. */
static inline __m512 halve(__m512 a, __m512 b)
{
    return _mm512_max_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
}

/* Four vectors at once: in every quarter of `all` lane i belongs to vector i. */
static void fold_four(const float *best, float *out)
{
    __m512 x[4];

    for (size_t i = 0; i < 4; i++)
        x[i] = _mm512_load_ps(best + i * W);
    const __m512 all = halve(halve(x[0], x[2]), halve(x[1], x[3]));
    const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(all),
                                      _mm512_extractf32x8_ps(all, 1));

    _mm_storeu_ps(out, _mm_max_ps(_mm256_castps256_ps128(half),
                                  _mm256_extractf128_ps(half, 1)));
}

static void fold(const float *best, size_t n, float *out)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        fold_four(best + i * W, out + i);
    for (; i < n; i++)
        out[i] = _mm512_reduce_max_ps(_mm512_load_ps(best + i * W));
}

const struct att_running_kernels att_running_avx512 = {tile, fold, chains};
