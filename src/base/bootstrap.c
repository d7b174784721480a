/* bootstrap.c - resample b draws its replicates from words 0 .. m-1 of step b
 * of one stream, so a resample is an address like everything random here. */
#include "attest/base/bootstrap.h"

#include <math.h>
#include <string.h>

#include "attest/base/distribution.h"
#include "attest/base/rng.h"

static void draw(uint64_t seed, uint32_t resample, size_t m, uint32_t *weight)
{
    const struct att_stream stream = att_stream(seed, 0, resample, 0);

    memset(weight, 0, m * sizeof *weight);
    for (size_t i = 0; i < m; i++)
        weight[att_stream_below(&stream, i, (uint32_t)m)]++;
}

/* value[k * (ATT_RESAMPLES + 1) + b]: number k of resample b; resample 0 is
 * the study as it is. */
static void resample_all(const struct att_resampling *r, uint32_t *weight,
                         double *out, double *value)
{
    for (size_t c = 0; c < r->n_clusters; c++)
        weight[c] = 1;
    for (uint32_t b = 0; b <= ATT_RESAMPLES; b++) {
        if (b > 0)
            draw(r->seed, b, r->n_clusters, weight);
        r->statistic(r->context, weight, out);
        for (uint32_t k = 0; k < r->n_out; k++)
            value[k * (size_t)(ATT_RESAMPLES + 1) + b] = out[k];
    }
}

/* How much wider than the normal an interval of m replicates must be. */
static double widening(size_t m)
{
    const double freedom = (double)(m - 1);

    return sqrt((double)m / freedom) * att_student_quantile(0.975, freedom);
}

static struct att_interval interval_of(double *value, size_t m)
{
    const double estimate = value[0];
    const struct att_summary all = att_summarise(value + 1, ATT_RESAMPLES);

    if (isnan(estimate) || 2 * all.n < ATT_RESAMPLES)
        return (struct att_interval){NAN, NAN};
    if (m < ATT_PERCENTILE_CLUSTERS) {
        const double half = widening(m) * all.sd;

        return (struct att_interval){estimate - half, estimate + half};
    }
    const double tail = att_normal_cdf(-widening(m));

    return (struct att_interval){att_quantile(value + 1, all.n, tail),
                                 att_quantile(value + 1, all.n, 1 - tail)};
}

att_status att_bootstrap(const struct att_resampling *r,
                         struct att_arena *arena, struct att_interval *ci,
                         struct att_error *err)
{
    const size_t n_values = (size_t)ATT_RESAMPLES + 1;

    for (uint32_t k = 0; k < r->n_out; k++)
        ci[k] = (struct att_interval){-INFINITY, INFINITY};
    if (r->n_clusters < 2)
        return ATT_OK;

    const struct att_arena_mark mark = att_arena_mark(arena);
    uint32_t *weight = ATT_NEW(arena, uint32_t, r->n_clusters);
    double *out = ATT_NEW(arena, double, r->n_out);
    double *value = ATT_NEW(arena, double, n_values * r->n_out);

    if (weight == NULL || out == NULL || value == NULL)
        return att_arena_fail(arena, "resampled statistics", err);
    resample_all(r, weight, out, value);
    for (uint32_t k = 0; k < r->n_out; k++)
        ci[k] = interval_of(value + k * n_values, r->n_clusters);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

double att_weighted_median(const double *sorted, const uint32_t *weight,
                           size_t n)
{
    uint64_t total = 0;
    uint64_t seen = 0;
    size_t i = 0;
    size_t next = 0;

    for (size_t k = 0; k < n; k++)
        total += weight[k];
    if (total == 0)
        return NAN;
    while (2 * (seen + weight[i]) < total)
        seen += weight[i++];
    if (2 * (seen + weight[i]) > total)
        return sorted[i];
    for (next = i + 1; weight[next] == 0;)
        next++;
    return (sorted[i] + sorted[next]) / 2;
}
