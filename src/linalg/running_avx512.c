/* running_avx512.c - tiles of 6 queries and 64 keys: 24 sums of 16 lanes stay
 * in registers, four vectors of keys and one broadcast coordinate beside
 * them. */
#include "running_priv.h"

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
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

static inline void move(struct sums *s, float *sum, bool out)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
#pragma GCC unroll 4
        for (size_t v = 0; v < V; v++) {
            if (out) {
                _mm512_store_ps(sum + r * C + v * W, s->at[r][v]);
            } else {
                s->at[r][v] = _mm512_load_ps(sum + r * C + v * W);
            }
        }
    }
}

static void tile(const struct att_running_tile *t)
{
    const float *x = t->x;
    const float *y = t->y;
    const float *const end = x + t->n * R;
    struct sums s;

    move(&s, t->sum, false);
    for (size_t g = 0; g < t->n_stops; g++) {
        const float *const stop = t->x + (t->stop[g] - t->base) * R;

        for (; x < stop; x += R, y += C)
            add(&s, x, y);
        look(&s, t->best + g * R * W);
    }
    for (; x < end; x += R, y += C)
        add(&s, x, y);
    move(&s, t->sum, true);
}

static void fold(const float *best, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = _mm512_reduce_max_ps(_mm512_load_ps(best + i * W));
}

const struct att_running_kernels att_running_avx512 = {tile, fold, chains};
