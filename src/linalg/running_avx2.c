/* running_avx2.c - as running_avx512.c with 16 keys at a time: 12 sums of 8
 * lanes in registers.  Only the first 8 lanes of `best` are used. */
#include "running_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "running_chains.inc"

enum {
    R = ATT_RUNNING_ROWS,
    C = ATT_RUNNING_COLUMNS,
    W = ATT_RUNNING_LANES,
    HALF = W / 2
};

struct sums {
    __m256 at[R][2];
};

static inline void add(struct sums *s, const float *x, const float *y)
{
    const __m256 a = _mm256_load_ps(y);
    const __m256 b = _mm256_load_ps(y + HALF);

#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
        const __m256 q = _mm256_broadcast_ss(x + r);

        s->at[r][0] = _mm256_fmadd_ps(q, a, s->at[r][0]);
        s->at[r][1] = _mm256_fmadd_ps(q, b, s->at[r][1]);
    }
}

static inline void look(const struct sums *s, float *best)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
        const __m256 two = _mm256_max_ps(s->at[r][0], s->at[r][1]);
        const __m256 old = _mm256_load_ps(best + r * W);

        _mm256_store_ps(best + r * W, _mm256_max_ps(two, old));
    }
}

/* The keys y .. y + 15 of the tile, whose sums begin at sum. */
static void columns(const struct att_running_tile *t, const float *y,
                    float *sum)
{
    const float *x = t->x;
    const float *const end = x + t->n * R;
    struct sums s;

#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
        s.at[r][0] =
            t->fresh ? _mm256_setzero_ps() : _mm256_load_ps(sum + r * C);
        s.at[r][1] =
            t->fresh ? _mm256_setzero_ps() : _mm256_load_ps(sum + r * C + HALF);
    }
    for (size_t g = 0; g < t->n_stops; g++) {
        const float *const stop = t->x + (t->stop[g] - t->base) * R;

        for (; x < stop; x += R, y += C)
            add(&s, x, y);
        look(&s, t->best + g * R * W);
    }
    for (; x < end; x += R, y += C)
        add(&s, x, y);
#pragma GCC unroll 6
    for (size_t r = 0; r < R; r++) {
        _mm256_store_ps(sum + r * C, s.at[r][0]);
        _mm256_store_ps(sum + r * C + HALF, s.at[r][1]);
    }
}

static void lower(const float *sum, float *least)
{
    const __m256 skipped = _mm256_set1_ps(-INFINITY);

    for (size_t r = 0; r < R; r++) {
        __m256 low = _mm256_load_ps(least + r * W);

        for (size_t c = 0; c < C; c += HALF) {
            const __m256 x = _mm256_load_ps(sum + r * C + c);
            const __m256 there = _mm256_cmp_ps(x, skipped, _CMP_NEQ_OQ);

            low = _mm256_blendv_ps(low, _mm256_min_ps(low, x), there);
        }
        _mm256_store_ps(least + r * W, low);
    }
}

static void tile(const struct att_running_tile *t)
{
    for (size_t c = 0; c < C; c += W)
        columns(t, t->y + c, t->sum + c);
    if (t->least != NULL)
        lower(t->sum, t->least);
}

static void fold(const float *best, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        const __m256 v = _mm256_load_ps(best + i * W);
        const __m128 a =
            _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
        const __m128 b = _mm_max_ps(a, _mm_movehl_ps(a, a));

        out[i] = _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
    }
}

const struct att_running_kernels att_running_avx2 = {tile, fold, chains};
