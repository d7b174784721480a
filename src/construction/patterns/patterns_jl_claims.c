/* patterns_jl_claims.c - what is claimed of random projection. */
#include <stdio.h>

#include "attest/construction/finding.h"
#include "patterns_jl_priv.h"

static bool is_accepted(const struct att_row_view *row)
{
    return att_row_has(row, PM_ACCEPT) && row->metric[PM_ACCEPT].i == 1;
}

/* d_min of rows that found none is above everything: n_above counts them. */
static double median_d_min(const struct att_rows *rows, size_t from, size_t n)
{
    double *x = ATT_NEW(rows->scratch, double, n);
    size_t n_known = 0;

    if (x == NULL)
        return (double)NAN;
    for (size_t i = from; i < from + n; i++) {
        if (att_row_has(&rows->row[i], PM_D_MIN))
            x[n_known++] = att_row_metric(&rows->row[i], PM_D_MIN);
    }
    return att_median_censored(x, n_known, n - n_known);
}

void att_pat_judge_half(struct att_finding *f, uint64_t k, uint64_t n)
{
    const struct att_interval w = att_wilson(k, n, 0.95);

    f->statistic = (double)k / (double)n;
    f->predicted = 0.5;
    f->lo = w.lo;
    f->hi = w.hi;
    f->verdict = f->statistic < 0.5 ? ATT_INCONCLUSIVE : ATT_HOLDS;
    if (w.hi < 0.5)
        f->verdict = ATT_VIOLATED;
}

/* ---- jl ------------------------------------------------------------------------------ */

/* T1 lets beta grow where there are no ratios: compare mode free there. */
static bool jl_applies(const struct att_row_view *row)
{
    const bool no_ratios = att_row_metric(row, PM_K_ROW) <= 1.0 &&
                           row->param[ATT_PAT_GAMMA].r <= 1.0;

    return att_row_says(row, JL_KEYS, "gauss") && att_row_has(row, PM_D_JL) &&
           (double)row->param[JL_D].i >= att_row_metric(row, PM_D_JL) &&
           att_row_says(row, JL_MODE, no_ratios ? "free" : "fixed") &&
           row->param[JL_BETA].r <= 0.0;
}

static void judge_jl(const struct att_rows *rows, struct att_finding *f)
{
    uint64_t n = 0;
    uint64_t n_accepted = 0;

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        if (!jl_applies(&rows->row[i]))
            continue;
        n++;
        if (is_accepted(&rows->row[i])) {
            n_accepted++;
        } else {
            f->worst = i;
        }
    }
    if (n > 0)
        att_pat_judge_half(f, n_accepted, n);
}

/* ---- d-law ----------------------------------------------------------------------------- */

static bool same_cell(const struct att_row_view *a,
                      const struct att_row_view *b)
{
    return a->param[ATT_PAT_L].i == b->param[ATT_PAT_L].i &&
           a->param[ATT_PAT_K].i == b->param[ATT_PAT_K].i &&
           a->param[JL_D].i == b->param[JL_D].i;
}

struct law {
    double sum, least, most;
    size_t n;
};

static void add_ratio(struct law *law, double ratio)
{
    law->least = law->n == 0 ? ratio : fmin(law->least, ratio);
    law->most = law->n == 0 ? ratio : fmax(law->most, ratio);
    law->sum += ratio;
    law->n++;
}

static struct law ratios(const struct att_rows *rows)
{
    struct law law = {0};

    for (size_t i = 0; i < rows->n;) {
        size_t n = 1;

        while (i + n < rows->n && same_cell(&rows->row[i], &rows->row[i + n]))
            n++;
        if (n >= 3 && rows->row[i].param[ATT_PAT_L].i >= 256 &&
            att_row_has(&rows->row[i], PM_D_SHARP)) {
            add_ratio(&law, median_d_min(rows, i, n) /
                                att_row_metric(&rows->row[i], PM_D_SHARP));
        }
        i += n;
    }
    return law;
}

static void judge_d_law(const struct att_rows *rows, struct att_finding *f)
{
    const struct law law = ratios(rows);

    att_finding_blank(f);
    if (law.n == 0)
        return;
    const double mean = law.sum / (double)law.n;

    f->statistic = mean;
    f->predicted = 1.0;
    f->lo = law.least;
    f->hi = law.most;
    f->verdict = ATT_INCONCLUSIVE;
    if (mean >= 0.85 && mean <= 1.15 && law.least >= 0.6 && law.most <= 1.5)
        f->verdict = ATT_HOLDS;
    if (!(mean >= 0.7 && mean <= 1.3) && law.n >= 8)
        f->verdict = ATT_VIOLATED;
    (void)snprintf(f->note, sizeof f->note,
                   "median d_min / d_sharp over %zu cells with L >= 256",
                   law.n);
}

/* ---- poisson ----------------------------------------------------------------------------- */

static void judge_poisson(const struct att_rows *rows, struct att_finding *f)
{
    uint64_t n_accepted = 0;

    att_finding_blank(f);
    if (rows->n == 0 || !att_row_has(&rows->row[0], PM_P_SUCCESS))
        return;
    for (size_t i = 0; i < rows->n; i++)
        n_accepted += is_accepted(&rows->row[i]) ? 1 : 0;
    const struct att_interval w = att_wilson(n_accepted, rows->n, 0.95);
    const double p = att_row_metric(&rows->row[0], PM_P_SUCCESS);

    f->statistic = (double)n_accepted / (double)rows->n;
    f->predicted = p;
    f->lo = w.lo;
    f->hi = w.hi;
    f->verdict = rows->n >= 200 ? ATT_VIOLATED : ATT_INCONCLUSIVE;
    if (rows->n >= 3 && w.lo <= p && p <= w.hi)
        f->verdict = ATT_HOLDS;
}

/* ---- eps-law ------------------------------------------------------------------------------ */

static bool constant_by_eps(const struct att_row_view *row, double *x,
                            double *y)
{
    const struct pat_tolerance t = att_pat_tolerance(row->param);
    const double beta = t.t2 + t.d1;

    *x = row->param[PAT_EPS1].r;
    *y = att_row_metric(row, PM_D_MIN) * t.d1 * t.d1 / (beta * beta);
    return true;
}

static void judge_eps_law(const struct att_rows *rows, struct att_finding *f)
{
    struct att_sample s;
    size_t n_distinct = 0;

    att_finding_blank(f);
    if (rows->n == 0 || !att_row_says(&rows->row[0], JL_MODE, "fixed") ||
        !att_rows_sample(rows, 1, constant_by_eps, &s))
        return;
    const double spread = att_sample_spread(&s, rows->scratch, &n_distinct);

    if (n_distinct < 3)
        return;
    att_finding_within(f, spread, (struct att_interval){0.0, 2.0},
                       (struct att_interval){0.0, 3.0});
    f->predicted = 1.0;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void judge_hadamard_exact(const struct att_rows *rows,
                                 struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_row_has(row, PM_CROSS_ERR))
        return;
    /* Integers over d = L', a power of two: exact; lam adds its roundings. */
    att_finding_at_most(f, att_row_metric(row, PM_CROSS_ERR),
                        row->param[ATT_PAT_GAMMA].r > 1.0 ? 1e-12 : 0.0);
}

static void judge_zero_mass(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_row_has(row, PM_MASS_MAX) || !is_accepted(row) ||
        !att_row_has(row, PM_ZERO_RATIO))
        return;
    /* A zero weighs at most the worst ratio times any nonzero. */
    const double zeros =
        (double)row->param[ATT_PAT_L].i * att_row_metric(row, PM_ZERO_RATIO);

    att_finding_at_most(f, att_row_metric(row, PM_MASS_MAX),
                        zeros / (1.0 + zeros));
    if (row->param[ATT_PAT_GAMMA].r > 1.0 ||
        row->metric[PM_K_ROW].i != row->metric[PM_K_COL].i)
        f->verdict = ATT_NOT_APPLICABLE;
}

const struct att_claim att_pat_jl_claims[JL_CLAIMS] = {
    [JL_C_JL] = PAT_GROUP_CLAIM(
        "jl", ATT_PROVED, PAT_HERE "; O(log L) stated in public sources",
        judge_jl, "*,!d",
        "gauss keys with d >= d_jl are accepted with probability 1/2 or more"),
    [JL_C_D_LAW] = PAT_GROUP_CLAIM(
        "d-law", ATT_EMPIRICAL, PAT_LAW, judge_d_law, "*,!L,!k,!d",
        "median d_min / d_sharp lies about 1: its mean over "
        "cells with L >= 256 in [0.85, 1.15]"),
    [JL_C_POISSON] = PAT_GROUP_CLAIM(
        "poisson", ATT_EMPIRICAL, PAT_LAW, judge_poisson, "*",
        "the share of accepted draws is p_success (sign keys, k = 1)"),
    [JL_C_EPS_LAW] = PAT_GROUP_CLAIM(
        "eps-law", ATT_EMPIRICAL, PAT_LAW, judge_eps_law, "*,!eps1,!d",
        "d_min d1^2 / (t2 + d1)^2 varies by at most a factor 2 over eps1"),
    [JL_C_HADAMARD_EXACT] = PAT_ROW_CLAIM(
        "hadamard-exact", ATT_PROVED, PAT_HERE, judge_hadamard_exact,
        "hadamard keys with d = L' give S = B exactly"),
    [JL_C_ZERO_MASS] =
        PAT_ROW_CLAIM("zero-bound", ATT_PROVED, PAT_HERE, judge_zero_mass,
                      "zero_mass_max <= z / (1 + z), z = L zero_ratio_max"),
};
