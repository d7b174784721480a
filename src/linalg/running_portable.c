/* running_portable.c - the nested pass for any processor, and what the others
 * must equal. */
#include "running_priv.h"

#include <math.h>
#include <string.h>

#include "running_chains.inc"

enum { R = ATT_RUNNING_ROWS, C = ATT_RUNNING_COLUMNS, W = ATT_RUNNING_LANES };

static void one_sum(const struct att_running_tile *t, size_t r, size_t c)
{
    float sum = t->fresh ? 0.0F : t->sum[r * C + c];
    size_t m = 0;

    for (size_t s = 0; s < t->n_stops; s++) {
        float *best = t->best + (s * R + r) * W + c % W;

        for (; m < t->stop[s] - t->base; m++)
            sum = fmaf(t->x[m * R + r], t->y[m * C + c], sum);
        *best = fmaxf(*best, sum);
    }
    for (; m < t->n; m++)
        sum = fmaf(t->x[m * R + r], t->y[m * C + c], sum);
    t->sum[r * C + c] = sum;
    if (t->least != NULL && sum > -INFINITY) {
        float *least = t->least + r * W + c % W;

        *least = fminf(*least, sum);
    }
}

static void tile(const struct att_running_tile *t)
{
    for (size_t r = 0; r < R; r++) {
        for (size_t c = 0; c < C; c++)
            one_sum(t, r, c);
    }
}

static void fold(const float *best, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = best[i * W];
        for (size_t w = 1; w < W; w++)
            out[i] = fmaxf(out[i], best[i * W + w]);
    }
}

const struct att_running_kernels att_running_portable = {tile, fold, chains};
