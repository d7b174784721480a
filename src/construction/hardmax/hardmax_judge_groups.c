/* hardmax_judge_groups.c - verdicts on groups of rows: independence of
 * lengths, and laws fitted over a sweep. */
#include "hardmax_claims_priv.h"

#include <math.h>
#include <stdio.h>

#include "attest/construction/finding.h"

static bool was_built(const struct att_row_view *row)
{
    return att_row_has(row, HM_M_BLOCKS);
}

/* ---- length-free -------------------------------------------------------------- */

static bool same_counts(const struct att_row_view *a,
                        const struct att_row_view *b)
{
    static const uint32_t columns[] = {HM_M_BLOCKS, HM_M_PARAMS_USED,
                                       HM_M_PARAMS_ARCH, HM_M_PARAMS_DENSE,
                                       HM_M_PARAMS_SHARED};

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (a->metric[columns[i]].i != b->metric[columns[i]].i)
            return false;
    }
    return true;
}

/* Stages that merge equal labels have counts that depend on them. */
static bool counts_labels(const struct att_row_view *row)
{
    return att_row_says(row, HM_PEEL, "runs") ||
           att_row_says(row, HM_PEEL, "steps");
}

static bool same_extents(const struct att_row_view *a,
                         const struct att_row_view *b)
{
    return a->metric[HM_M_LONGEST].i == b->metric[HM_M_LONGEST].i &&
           a->param[ATT_SEQ_C].i == b->param[ATT_SEQ_C].i;
}

void att_hm_judge_length_free(const struct att_rows *rows,
                              struct att_finding *f)
{
    const struct att_row_view *first = NULL;
    bool varied = false;

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (!was_built(row) || counts_labels(row))
            continue;
        if (first == NULL) {
            first = row;
            f->statistic = f->predicted = att_row_metric(row, HM_M_PARAMS_USED);
            f->verdict = ATT_INCONCLUSIVE;
            f->worst = i;
        }
        varied = varied || !same_extents(first, row);
        if (!same_counts(first, row)) {
            f->statistic = att_row_metric(row, HM_M_PARAMS_USED);
            f->verdict = ATT_VIOLATED;
            f->worst = i;
            return;
        }
    }
    if (varied)
        f->verdict = ATT_HOLDS;
}

/* ---- laws over sweeps -------------------------------------------------- */

static const size_t LEAST_SIZES = 4; /* different N, or sizes, of a fit */

static bool is_generic(const struct att_row_view *row)
{
    return att_row_says(row, ATT_SEQ_DATA, "gauss") ||
           att_row_says(row, ATT_SEQ_DATA, "mixed") ||
           att_row_says(row, ATT_SEQ_DATA, "unif");
}

/* Laws are about generic data and mode = adaptive. */
static bool starts_law(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    f->worst = 0;
    if (rows->n == 0 || !is_generic(&rows->row[0]) ||
        !att_row_says(rows->row, HM_MODE, "adaptive"))
        return false;
    f->verdict = ATT_INCONCLUSIVE;
    return true;
}

static bool gap_by_n(const struct att_row_view *row, double *x, double *y)
{
    *x = att_row_metric(row, HM_M_N_DISTINCT);
    *y = att_row_metric(row, HM_M_CODE_GAP);
    return was_built(row) && *x >= 8.0;
}

void att_hm_judge_gap_law(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_interval band = {-2.4, -1.8};
    struct att_sample s;

    if (!starts_law(rows, f) || !att_rows_sample(rows, 1, gap_by_n, &s))
        return;
    att_finding_exponent(f, &s, LEAST_SIZES, band, rows->scratch, NULL);
    f->predicted = -2.0;
}

/* Exponents of N, L and d. */
enum { MARGIN_COLUMNS = 3 };
static const double MARGIN_LAW[MARGIN_COLUMNS] = {-1.21, -0.39, 0.10};

static bool margin_by_size(const struct att_row_view *row, double *x, double *y)
{
    x[0] = att_row_metric(row, HM_M_N_DISTINCT);
    x[1] = att_row_metric(row, HM_M_LONGEST);
    x[2] = (double)row->param[ATT_SEQ_D].i;
    *y = att_row_metric(row, HM_M_LEADER_MARGIN);
    return was_built(row) && x[1] >= 8.0;
}

static const double MARGIN_BAND = 0.3; /* around each exponent */

/* Outside the band in earnest (its interval too), or for want of precision. */
static enum att_verdict judge_exponents(const struct att_fit *fit)
{
    enum att_verdict verdict = ATT_HOLDS;

    for (uint32_t k = 0; k < MARGIN_COLUMNS && k + 1 < fit->n_coefs; k++) {
        const double lo = MARGIN_LAW[k] - MARGIN_BAND;
        const double hi = MARGIN_LAW[k] + MARGIN_BAND;
        const struct att_interval ci = fit->ci[k + 1];

        if (fit->coef[k + 1] >= lo && fit->coef[k + 1] <= hi)
            continue;
        if (ci.lo > hi || ci.hi < lo)
            return ATT_VIOLATED;
        verdict = ATT_INCONCLUSIVE;
    }
    return verdict;
}

void att_hm_judge_margin_law(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_interval any = {-INFINITY, INFINITY};
    struct att_sample s;
    struct att_fit fit;

    if (!starts_law(rows, f) ||
        !att_rows_sample(rows, MARGIN_COLUMNS, margin_by_size, &s))
        return;
    f->predicted = MARGIN_LAW[0];
    if (att_sample_distinct(&s, 2, rows->scratch) < 2 &&
        !att_rows_sample(rows, 2, margin_by_size,
                         &s)) /* one d has no exponent */
        return;
    if (att_sample_distinct(&s, 1, rows->scratch) < 2)
        return;
    att_finding_exponent(f, &s, LEAST_SIZES, any, rows->scratch, &fit);
    if (f->verdict == ATT_INCONCLUSIVE)
        return;
    f->verdict = judge_exponents(&fit);
    (void)snprintf(f->note, sizeof f->note, "exponents of N and L: %.2f, %.2f",
                   fit.coef[1], fit.coef[2]);
}

/* ---- cost ---------------------------------------------------------------- */

static double size_sorted(const struct att_row_view *row)
{
    return att_row_metric(row, HM_M_TOTAL) * (double)row->param[ATT_SEQ_D].i;
}

static double size_dense(const struct att_row_view *row)
{
    return att_row_metric(row, HM_M_LONGEST);
}

/* Slope of a time against a size over the largest decade of sizes. */
static double slope(const struct att_rows *rows, uint32_t time,
                    double (*size)(const struct att_row_view *))
{
    const struct att_interval any = {-INFINITY, INFINITY};
    struct att_finding f = {.statistic = NAN};
    struct att_sample s;
    double largest = 0.0;

    for (size_t i = 0; i < rows->n; i++)
        largest = fmax(largest, size(&rows->row[i]));
    if (!att_sample_init(&s, rows->scratch, rows->n, 1))
        return NAN;
    for (size_t i = 0; i < rows->n; i++) {
        const double x = size(&rows->row[i]);

        if (x >= 0.1 * largest) {
            (void)att_sample_add(&s, &x, att_row_metric(&rows->row[i], time),
                                 rows->row[i].replicate);
        }
    }
    if (att_sample_distinct(&s, 0, rows->scratch) < LEAST_SIZES)
        return NAN;
    att_finding_exponent(&f, &s, LEAST_SIZES, any, rows->scratch, NULL);
    return f.statistic;
}

void att_hm_judge_cost(const struct att_rows *rows, struct att_finding *f)
{
    const double sorted = slope(rows, HM_M_T_SORTED, size_sorted);
    const double dense = slope(rows, HM_M_T_DENSE, size_dense);
    const bool holds = fabs(sorted - 1.0) <= 0.2 && fabs(dense - 2.0) <= 0.2;

    f->statistic = sorted;
    f->predicted = 1.0;
    f->worst = 0;
    f->verdict = holds ? ATT_HOLDS : ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note,
                   "slopes: sorted %.2f (1), dense %.2f (2)", sorted, dense);
}
