/* hardmax_pool.c - step 2: candidate landmarks and their leaders.
 *
 * The pool: 1 and 2 (leaders: the smallest and the largest token), evenly
 * spaced order statistics of all tokens, and numbers from the builder's
 * stream.  A landmark at which some set has two tokens almost equally near is
 * left out: the attention would average them. */
#include <math.h>
#include <stdlib.h>

#include "hardmax_build_priv.h"

enum { HM_TAG_POOL = 2 }; /* step: number of the direction */
enum { N_ENDS = 2, N_ORDER = 190, N_STREAM = 48 };
enum { N_SAMPLE = 1 << 16 }; /* order statistics of at most so many tokens */
enum { MARGIN_ULPS = 64, WIDE_BITS = 24 };

/* Sums are exact on the grid of narrow arithmetics, so any difference is
 * clear there; wide ones keep a distance that ambient evaluators survive. */
double att_hm_margin_tolerance(const struct att_arithmetic *a)
{
    return a->bits >= WIDE_BITS ? MARGIN_ULPS * att_hm_ulp(a) : 0.0;
}

/* First i with p[i] >= theta, or n. */
static size_t lower_bound(const double *p, size_t n, double theta)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (p[mid] < theta) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

struct hm_leader att_hm_leader(const double *p, size_t n, double theta)
{
    const size_t at = lower_bound(p, n, theta);
    const double below = at > 0 ? theta - p[at - 1] : (double)INFINITY;
    const double above = at < n ? p[at] - theta : (double)INFINITY;
    const double under = at > 1 ? theta - p[at - 2] : (double)INFINITY;
    const double over = at + 1 < n ? p[at + 1] - theta : (double)INFINITY;

    if (below < above) {
        const double second = above < under ? above : under;
        return (struct hm_leader){p[at - 1], second - below};
    }
    const double second = below < over ? below : over;
    return (struct hm_leader){p[at], second - above};
}

att_status att_hm_column_init(size_t n, struct att_arena *arena,
                              struct hm_column *column, struct att_error *err)
{
    column->nn = ATT_NEW(arena, double, n);
    column->group = ATT_NEW(arena, uint32_t, n);
    if (column->nn == NULL || column->group == NULL)
        return att_arena_fail(arena, "a table of leaders", err);
    return ATT_OK;
}

void att_hm_column_fill(const struct hm_view *view, double theta,
                        struct hm_column *column, double *best)
{
    const struct hm_direction *dir = view->dir;

    column->theta = theta;
    column->margin = INFINITY;
    column->tightest = 0;
    for (size_t j = 0; j < view->sets->n; j++) {
        const struct hm_leader leader =
            att_hm_leader(dir->p + dir->first[j], dir->count[j], theta);

        column->nn[j] = leader.p;
        if (leader.margin < column->margin) {
            column->margin = leader.margin;
            column->tightest = j;
        }
        if (best != NULL && leader.margin > best[j])
            best[j] = leader.margin;
    }
}

void att_hm_column_group(struct hm_column *column, size_t n, double *scratch)
{
    for (size_t j = 0; j < n; j++)
        scratch[j] = column->nn[j];
    const size_t n_groups = att_hm_sort_unique(scratch, n, scratch + n);

    for (size_t j = 0; j < n; j++) {
        column->group[j] =
            (uint32_t)lower_bound(scratch, n_groups, column->nn[j]);
    }
    column->n_groups = (uint32_t)n_groups;
}

/* Evenly spaced tokens of all sets, at most N_SAMPLE, sorted, each once. */
static size_t sample_tokens(const struct hm_view *view, double *sample,
                            double *scratch)
{
    const struct hm_direction *dir = view->dir;
    size_t total = 0, n = 0, at = 0;

    for (size_t j = 0; j < view->sets->n; j++)
        total += dir->count[j];
    const size_t stride = (total + N_SAMPLE - 1) / N_SAMPLE;

    for (size_t j = 0; j < view->sets->n; j++) {
        for (size_t i = 0; i < dir->count[j]; i++) {
            if (at++ % stride == 0)
                sample[n++] = dir->p[dir->first[j] + i];
        }
    }
    return att_hm_sort_unique(sample, n, scratch);
}

/* Fill theta with the pool's landmarks; returns how many. */
static size_t choose_thetas(const struct att_workspace *ws,
                            const struct hm_view *view, uint32_t index,
                            double *sample, double *theta)
{
    const struct att_stream s = att_builder_stream(ws, HM_TAG_POOL, index, 0);
    const size_t n_sample = sample_tokens(view, sample, sample + N_SAMPLE);
    const size_t n_order = n_sample < N_ORDER ? n_sample : N_ORDER;
    size_t n = 0;

    theta[n++] = 1.0;
    theta[n++] = 2.0;
    for (size_t i = 0; i < n_order; i++)
        theta[n++] = sample[i * n_sample / n_order];
    for (uint64_t i = 0; i < N_STREAM; i++) {
        theta[n++] = att_arithmetic_round(
            view->a, 1.125 + 0.75 * att_stream_uniform(&s, i));
    }
    return n;
}

/* Keep the columns whose margin is clear. */
static void fill_pool(const struct hm_view *view, const double *theta,
                      size_t n_thetas, double *scratch, struct hm_pool *pool)
{
    const size_t n = view->sets->n;
    double *best = scratch + 2 * n;

    for (size_t j = 0; j < n; j++)
        best[j] = -INFINITY;
    pool->n = 0;
    for (size_t t = 0; t < n_thetas; t++) {
        struct hm_column *column = &pool->column[pool->n];

        att_hm_column_fill(view, theta[t], column, best);
        if (column->margin > att_hm_margin_tolerance(view->a)) {
            att_hm_column_group(column, n, scratch);
            pool->n++;
        }
    }
    pool->worst = 0;
    for (size_t j = 1; j < n; j++) {
        if (best[j] < best[pool->worst])
            pool->worst = j;
    }
    pool->worst_margin = best[pool->worst];
}

att_status att_hm_pool_make(const struct att_workspace *ws,
                            const struct hm_view *view, uint32_t index,
                            struct hm_pool *pool, struct att_error *err)
{
    enum { N_POOL = N_ENDS + N_ORDER + N_STREAM };
    const size_t n = view->sets->n;
    double theta[N_POOL];

    pool->column = ATT_NEW0(ws->arena, struct hm_column, N_POOL);
    if (pool->column == NULL)
        return att_arena_fail(ws->arena, "the pool", err);
    for (size_t t = 0; t < N_POOL; t++)
        ATT_TRY(att_hm_column_init(n, ws->arena, &pool->column[t], err));
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    double *sample = ATT_NEW(ws->arena, double, 2 * (size_t)N_SAMPLE);
    double *scratch = ATT_NEW(ws->arena, double, 3 * n);

    if (sample == NULL || scratch == NULL)
        return att_arena_fail(ws->arena, "the pool's tokens", err);
    const size_t n_thetas = choose_thetas(ws, view, index, sample, theta);

    fill_pool(view, theta, n_thetas, scratch, pool);
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}
