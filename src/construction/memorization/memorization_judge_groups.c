/* memorization_judge_groups.c - verdicts on groups of rows: the projection
 * lemma's draws, the bits law, the slope of clusters. */
#include "memorization_claims_priv.h"

#include <math.h>
#include <stdio.h>

#include "attest/construction/finding.h"

/* ---- projection ----------------------------------------------------------------- */

enum { LEAST_DRAWS = 30 };

void att_mem_judge_projection(const struct att_rows *rows,
                              struct att_finding *f)
{
    double *tries = att_rows_metric(rows, MEM_M_V_TRIES);

    att_finding_blank(f);
    f->predicted = 2.8;
    if (tries == NULL || rows->n == 0)
        return;
    const struct att_summary s = att_summarise(tries, rows->n);

    if (s.n == 0)
        return;
    const double error = s.sd / sqrt((double)s.n);

    f->statistic = s.mean;
    f->lo = s.mean - 3.0 * error;
    f->hi = s.mean + 3.0 * error;
    f->verdict = ATT_INCONCLUSIVE;
    if (s.n >= LEAST_DRAWS)
        f->verdict = f->lo <= 2.8 ? ATT_HOLDS : ATT_VIOLATED;
}

/* ---- the bits law ------------------------------------------------------------------ */

bool att_mem_is_generic(const struct att_row_view *row)
{
    return (att_row_says(row, ATT_TL_DATA, "shared") ||
            att_row_says(row, ATT_TL_DATA, "swap") ||
            att_row_says(row, ATT_TL_DATA, "lattice")) &&
           att_row_says(row, MEM_TIER, "search") &&
           att_row_says(row, MEM_GAIN, "tier") &&
           att_row_says(row, MEM_MASK, "none");
}

static const double LEAST_OCTAVES = 4.0;
enum { LEAST_ROWS = 20 };

static bool collect_bits(const struct att_rows *rows, struct att_sample *s)
{
    double low = (double)INFINITY, high = -low;

    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const double x = log2((double)row->param[ATT_TL_N].i *
                              (double)row->param[ATT_TL_L].i);

        if (!att_sample_add(s, &x, att_row_metric(row, MEM_M_BITS),
                            row->replicate))
            continue;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    return s->n >= LEAST_ROWS && high - low >= LEAST_OCTAVES;
}

void att_mem_judge_bits_fit(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_interval band = {1.9, 2.15};
    struct att_sample s;
    struct att_fit fit;

    att_finding_blank(f);
    f->predicted = 2.022;
    if (rows->n == 0 || !att_mem_is_generic(&rows->row[0]))
        return;
    f->verdict = ATT_INCONCLUSIVE;
    if (!att_sample_init(&s, rows->scratch, rows->n, 1) ||
        !collect_bits(rows, &s)) {
        (void)snprintf(f->note, sizeof f->note,
                       "4 octaves of N L and 20 rows are needed");
        return;
    }
    const struct att_points points = att_sample_points(&s);

    if (att_fit_linear(&points, ATT_FIT_MEANS, rows->scratch, &fit, NULL) !=
        ATT_OK)
        return;
    att_finding_meets(f, fit.coef[1], fit.ci[1], band);
    (void)snprintf(f->note, sizeof f->note,
                   "bits = %.3f log2(N L) %+.3f over %zu rows, rms %.2f",
                   fit.coef[1], fit.coef[0], fit.n,
                   sqrt(fit.rss / (double)fit.n));
}

/* ---- clusters ------------------------------------------------------------------------- */

static const double LARGEST_EPS = 1e-3;
enum { LEAST_EPS = 4 };

/* Points (log2(1/eps), bits); false when one of them is above the law. */
static bool collect_clusters(const struct att_rows *rows, struct att_sample *s)
{
    bool below = true;

    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const double x = -log2(row->param[ATT_TL_EPS].r);
        const double bits = att_row_metric(row, MEM_M_BITS);

        if (row->param[ATT_TL_EPS].r > LARGEST_EPS ||
            !att_sample_add(s, &x, bits, row->replicate))
            continue;
        below = below && bits <= att_row_metric(row, MEM_M_BITS_LAW) + x;
    }
    return below;
}

void att_mem_judge_cluster_slope(const struct att_rows *rows,
                                 struct att_finding *f)
{
    const struct att_interval band = {0.9, 1.1};
    struct att_sample s;
    struct att_fit fit;

    att_finding_blank(f);
    f->predicted = 1.0;
    if (rows->n == 0 || !att_row_says(rows->row, ATT_TL_DATA, "cluster"))
        return;
    f->verdict = ATT_INCONCLUSIVE;
    if (!att_sample_init(&s, rows->scratch, rows->n, 1))
        return;
    const bool below = collect_clusters(rows, &s);

    if (att_sample_distinct(&s, 0, rows->scratch) < LEAST_EPS)
        return;
    const struct att_points points = att_sample_points(&s);

    if (att_fit_linear(&points, ATT_FIT_MEDIANS, rows->scratch, &fit, NULL) !=
        ATT_OK)
        return;
    f->statistic = fit.coef[1];
    f->lo = fit.ci[1].lo;
    f->hi = fit.ci[1].hi;
    f->verdict = below && fit.coef[1] >= band.lo && fit.coef[1] <= band.hi
                     ? ATT_HOLDS
                     : ATT_VIOLATED;
}
