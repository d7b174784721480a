/* patterns_interp_claims.c - what is claimed of interpolating queries. */
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "patterns_interp_priv.h"

/* Exact ratios, up to the roundings of the solve and of the sums. */
static void judge_interp(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_row_has(row, PM_DEV) || !att_row_has(row, PM_COND) ||
        !att_row_has(row, PM_NORM_Q))
        return;
    const double u = att_pat_interp_u(att_pat_family(row->param[IN_KEYS].s));
    const double floor_nats =
        10.0 *
        (0x1p-53 * att_row_metric(row, PM_COND) * att_row_metric(row, PM_BETA) +
         sqrt((double)row->param[IN_D].i) * u * att_row_metric(row, PM_NORM_Q) *
             att_row_metric(row, PM_NORM_K));

    att_finding_at_most(f, att_row_metric(row, PM_DEV), floor_nats);
    if (att_row_metric(row, PM_COND) > 1e8)
        f->verdict = ATT_INCONCLUSIVE;
}

/* A row with gap g is one where d is just enough for g: d (1 - g)^2 / (k z^2)
 * is the ratio of a measured d_min to the law. */
static void judge_law(const struct att_rows *rows, struct att_finding *f)
{
    double sum = 0.0;
    double least = INFINITY;
    double most = 0.0;
    size_t n = 0;

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const double g = att_row_metric(row, PM_GAP_UNIT);

        if (!att_row_has(row, PM_D_SHARP) || !(g >= 0.35 && g <= 0.65) ||
            row->param[ATT_PAT_L].i < 128 ||
            att_text_same(row->param[IN_KEYS].s, "hadamard"))
            continue;
        const double wanted = 1.0 - row->param[IN_GAP].r;
        const double ratio =
            att_row_metric(row, PM_D_USED) * (1.0 - g) * (1.0 - g) /
            (att_row_metric(row, PM_D_SHARP) * wanted * wanted);

        sum += ratio;
        least = fmin(least, ratio);
        most = fmax(most, ratio);
        n++;
    }
    if (n < 3)
        return;
    att_finding_within(f, sum / (double)n, (struct att_interval){0.7, 1.4},
                       (struct att_interval){0.5, 2.0});
    f->predicted = 1.0;
    f->lo = least;
    f->hi = most;
    (void)snprintf(f->note, sizeof f->note,
                   "d over the law at the gap that was met, %zu rows with gap "
                   "about 1/2",
                   n);
}

/* The law speaks while beta <= d / k and the zeros hold little. */
static void judge_zero_mass(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const struct att_lines *lines = &row->observations;

    att_finding_blank(f);
    for (size_t i = 0; i < lines->n_rows; i++) {
        const double *line = lines->cell + i * lines->n_columns;
        const double ratio = line[IO_MASS_MEAN] / line[IO_MASS_LAW];

        if (line[IO_BETA] > att_row_metric(row, PM_D_USED) /
                                att_row_metric(row, PM_K_ROW) ||
            !(line[IO_MASS_MEAN] <= 0.3) || !(line[IO_MASS_LAW] > 0.0))
            continue;
        if (isnan(f->statistic) || fabs(log(ratio)) > fabs(log(f->statistic))) {
            att_finding_within(f, ratio, (struct att_interval){0.7, 1.4},
                               (struct att_interval){0.3, 3.0});
        }
    }
    f->predicted = 1.0;
}

static void judge_structured(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (att_row_has(&rows->row[0], PM_CROSS_ERR)) {
        att_finding_at_most(f, att_row_metric(&rows->row[0], PM_CROSS_ERR),
                            1e-5);
    }
}

static void judge_coherence(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_row_has(row, PM_GAP_MU) || !att_row_has(row, PM_GAP_UNIT))
        return;
    /* Sums of k floats, each below |c|_1 = (1 - gap_coherence) / mu. */
    const double floor_gap = 8.0 * att_row_metric(row, PM_K_ROW) * 0x1p-24 *
                             (1.0 + (1.0 - att_row_metric(row, PM_GAP_MU)) /
                                        att_row_metric(row, PM_MU));

    att_finding_at_least(f, att_row_metric(row, PM_GAP_UNIT) + floor_gap,
                         att_row_metric(row, PM_GAP_MU));
}

/* Coherence below 1 / (2 k - 1) serves every pattern; for sign keys a union
 * bound over pairs (and, as the spec counts them, over patterns) gives d. */
static double union_bound_d(const struct att_row_view *row)
{
    const double w = 2.0 * att_row_metric(row, PM_K_ROW) - 1.0;

    return 2.0 * w * w *
           (2.0 * log((double)row->param[ATT_PAT_L].i) +
            log((double)row->param[IN_SHARED].i) + log(2.0));
}

static void judge_fixed_module(const struct att_rows *rows,
                               struct att_finding *f)
{
    uint64_t n = 0;
    uint64_t n_all = 0;

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (!att_row_has(row, PM_N_SERVED) ||
            !att_text_same(row->param[IN_KEYS].s, "sign") ||
            row->param[ATT_PAT_GAMMA].r > 1.0 || row->param[IN_GAP].r > 0.0 ||
            att_row_metric(row, PM_D_USED) < union_bound_d(row))
            continue;
        n++;
        n_all += row->metric[PM_N_SERVED].i == row->param[IN_SHARED].i;
        if (row->metric[PM_N_SERVED].i != row->param[IN_SHARED].i)
            f->worst = i;
    }
    if (n > 0)
        att_pat_judge_half(f, n_all, n);
}

const struct att_claim att_pat_in_claims[IN_CLAIMS] = {
    [IN_C_INTERP] =
        PAT_ROW_CLAIM("interp", ATT_PROVED, PAT_HERE, judge_interp,
                      "ratios are exact: dev_nats is rounding, at most 10 "
                      "(2^-53 cond beta + sqrt(d) u |x| |y|)"),
    [IN_C_LAW] = PAT_GROUP_CLAIM(
        "interp-law", ATT_EMPIRICAL, PAT_LAW, judge_law, "*,!L,!k,!d",
        "d for a gap g is k z^2 / (1 - g)^2: mean ratio in [0.7, 1.4] about g "
        "= 1/2, L >= 128"),
    [IN_C_ZERO_MASS] =
        PAT_ROW_CLAIM("zero-mass", ATT_EMPIRICAL, PAT_LAW, judge_zero_mass,
                      "mean mass on zeros / ((L/k) exp(beta^2 k/(2 d) - beta)) "
                      "in [0.7, 1.4]"),
    [IN_C_STRUCTURED] =
        PAT_ROW_CLAIM("structured", ATT_PROVED, PAT_HERE, judge_structured,
                      "logits of the XOR kernel = logits of written-out keys, "
                      "to 1e-5"),
    [IN_C_COHERENCE] =
        PAT_ROW_CLAIM("coherence", ATT_PROVED, PAT_HERE, judge_coherence,
                      "gap_unit >= min over rows of 1 - mu |c|_1"),
    [IN_C_FIXED_MODULE] = PAT_GROUP_CLAIM(
        "fixed-module", ATT_PROVED,
        PAT_HERE "; fixed W_Q, W_K stated in public sources",
        judge_fixed_module, "*,!d",
        "the same W_Q, W_K and keys serve all P patterns from the union-bound "
        "d on, with probability 1/2 or more"),
};
