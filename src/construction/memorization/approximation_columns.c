/* approximation_columns.c - parameters, metrics and claims of
 * `approximation`. */
#include "approximation_priv.h"

#include <math.h>
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "memorization_metric_priv.h"

const struct att_param att_ua_params[UA_PARAMS - ATT_FN_PARAMS] = {
    [UA_G - ATT_FN_PARAMS] = ATT_PARAM_INTEGER("g", ATT_SEEDS_NOTHING, 8, 1,
                                               4096, "cells per coordinate"),
    [UA_LP - ATT_FN_PARAMS] = ATT_PARAM_REAL("lp", ATT_SEEDS_NOTHING, 2.0, 1.0,
                                             64.0, "exponent p of Lp_err"),
    [UA_RAMP - ATT_FN_PARAMS] =
        ATT_PARAM_REAL("ramp", ATT_SEEDS_NOTHING, 0.0, 0.0, 1.0,
                       "width of the quantiser's ramps in cells, at g = 1"),
    [UA_RAMP_ORDER - ATT_FN_PARAMS] =
        ATT_PARAM_REAL("ramp_order", ATT_SEEDS_NOTHING, 0.0, 0.0, 8.0,
                       "ramps are ramp / g^ramp_order of a cell wide"),
    [UA_N_DIR - ATT_FN_PARAMS] =
        ATT_PARAM_INTEGER("n_dir", ATT_SEEDS_NOTHING, 4, 1, 256,
                          "directions that the search tries (d > 1)"),
};

const struct att_metric att_ua_metrics[UA_METRICS] = {
    [UA_M_M] = MEM_COUNT("M", "1", NULL, "cells, g^d"),
    [UA_M_MULTISETS] =
        MEM_COUNT("multisets", "1", NULL, "multisets of L cells"),
    [UA_M_T] = MEM_COUNT("T", "1", "T_count", "distinct ids"),
    [UA_M_T_COUNT] = MEM_LAW("T_count", "1", NULL, "g^d C(g^d + L - 2, L - 1)"),
    [UA_M_KAPPA] = MEM_REAL("kappa", "1", NULL, "lambda max p^2"),
    [UA_M_RHO] = MEM_REAL("rho", "1", NULL, "residual gain"),
    [UA_M_MIN_GAP] =
        MEM_REAL("min_gap", "1", NULL, "smallest distance of two ids"),
    [UA_M_BITS] = MEM_REAL("bits", "bit", NULL, "-log2(min_gap / max|z|)"),
    [UA_M_SLACK] = MEM_REAL("slack", "bit", NULL, "53 less bits"),
    [UA_M_ID_ACC] =
        MEM_REAL("id_acc", "1", NULL,
                 "share of test tokens whose cell and multiset are recalled "
                 "(inputs in no ramp)"),
    [UA_M_SUP] = MEM_REAL("sup_err", "1", "sup_bound",
                          "largest error, repeated cells kept"),
    [UA_M_SUP_BOUND] = MEM_LAW("sup_bound", "1", "1 / g - 1 / (4 * g * g)",
                               "supremum for target = xmax, d = 1"),
    [UA_M_LP_ERR] = MEM_REAL("Lp_err", "1", NULL,
                             "(mean over tokens and outputs of |error|^p)^"
                             "(1/p), repeated cells kept"),
    [UA_M_SUP_DROPPED] = MEM_REAL("sup_err_dropped", "1", NULL,
                                  "largest error, 0 for repeated cells"),
    [UA_M_LP_DROPPED] = MEM_REAL("Lp_err_dropped", "1", NULL,
                                 "Lp_err with 0 for repeated cells"),
    [UA_M_DUP] = MEM_REAL("dup_frac", "1", "dup_law",
                          "share of test sequences with a repeated cell"),
    [UA_M_DUP_LAW] =
        MEM_LAW("dup_law", "1", NULL, "1 - prod_{j < L} (1 - j g^-d)"),
    [UA_M_RAMP_FRAC] = MEM_REAL("ramp_frac", "1", NULL,
                                "share of test sequences with a coordinate in "
                                "a ramp"),
    [UA_M_T_BUILD] = MEM_TIME("t_build", "multisets, search, look-up table"),
};

/* ---- claims --------------------------------------------------------------------- */

static void judge_sup(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_text_same(row->param[ATT_FN_TARGET].s, "xmax") ||
        row->param[ATT_FN_D].i != 1 ||
        att_row_metric(row, UA_M_RAMP_FRAC) > 0.0)
        return;
    f->statistic = att_row_metric(row, UA_M_SUP);
    f->predicted = att_row_metric(row, UA_M_SUP_BOUND);
    f->verdict =
        f->statistic <= f->predicted + 1e-12 ? ATT_HOLDS : ATT_VIOLATED;
}

static void judge_dup(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double p = att_row_metric(row, UA_M_DUP_LAW);
    const double n = (double)row->param[ATT_FN_SAMPLES].i;

    att_finding_blank(f);
    f->statistic = att_row_metric(row, UA_M_DUP);
    f->predicted = p;
    f->verdict = fabs(f->statistic - p) <= 4.0 * sqrt(p * (1.0 - p) / n) + 1e-12
                     ? ATT_HOLDS
                     : ATT_VIOLATED;
    if (f->verdict == ATT_VIOLATED && n * fmin(p, 1.0 - p) < 10.0)
        f->verdict = ATT_INCONCLUSIVE; /* no normal distribution yet */
}

static void judge_count(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_equal(f, att_row_metric(&rows->row[0], UA_M_T),
                      att_row_metric(&rows->row[0], UA_M_T_COUNT));
}

static void judge_duplicates(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    f->statistic = att_row_metric(row, UA_M_ID_ACC);
    f->predicted = 1.0;
    if (row->metric[UA_M_ID_ACC].kind == ATT_NONE)
        return;
    f->verdict = f->statistic >= 1.0 ? ATT_HOLDS : ATT_VIOLATED;
    if (f->statistic < 1.0 && !(att_row_metric(row, UA_M_SLACK) >= 2.0))
        f->verdict = ATT_INCONCLUSIVE;
}

enum { LEAST_G = 4 };

/* Slope of log column in log g; NaN without a fit. */
static double slope(const struct att_rows *rows, uint32_t column)
{
    struct att_sample s;
    struct att_fit fit;

    if (!att_sample_init(&s, rows->scratch, rows->n, 1))
        return (double)NAN;
    for (size_t i = 0; i < rows->n; i++) {
        const double g = (double)rows->row[i].param[UA_G].i;

        (void)att_sample_add(&s, &g, att_row_metric(&rows->row[i], column),
                             rows->row[i].replicate);
    }
    const struct att_points points = att_sample_points(&s);

    if (att_sample_distinct(&s, 0, rows->scratch) < LEAST_G ||
        att_fit_power(&points, ATT_FIT_MEDIANS, rows->scratch, &fit, NULL) !=
            ATT_OK)
        return (double)NAN;
    return fit.coef[1];
}

static void judge_lp(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    f->verdict = ATT_INCONCLUSIVE;
    if (rows->n == 0)
        return;
    const struct att_value *p = rows->row[0].param;
    const double dropped_law = -fmin(1.0, (double)p[ATT_FN_D].i / p[UA_LP].r);

    if (att_text_same(p[ATT_FN_TARGET].s, "root"))
        f->verdict = ATT_NOT_APPLICABLE; /* not Lipschitz: another rate */
    const bool ramps_stay =
        p[UA_RAMP].r > 0.0 && !(slope(rows, UA_M_RAMP_FRAC) < 0.0);

    if (ramps_stay || f->verdict == ATT_NOT_APPLICABLE)
        return;
    const double kept = slope(rows, UA_M_LP_ERR);
    const double dropped = slope(rows, UA_M_LP_DROPPED);

    f->statistic = kept;
    f->predicted = -1.0;
    if (isnan(kept) || isnan(dropped))
        return;
    f->verdict = fabs(kept + 1.0) <= 0.2 && fabs(dropped - dropped_law) <= 0.2
                     ? ATT_HOLDS
                     : ATT_VIOLATED;
    (void)snprintf(f->note, sizeof f->note,
                   "kept %.3f (law -1), dropped %.3f (law %.3f)", kept, dropped,
                   dropped_law);
}

#define PROVED "derived here, docs/theory/memorization.md"

const struct att_claim att_ua_claims[UA_CLAIMS] = {
    {.id = "memorization.ua-sup",
     .statement = "target xmax, d = 1: sup_err <= 1/g - 1/(4 g^2)",
     .source = PROVED,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_sup},
    {.id = "memorization.ua-lp",
     .statement =
         "Lp_err falls as g^-1, Lp_err_dropped as g^-min(1, d/p) "
         "(within 0.2, Lipschitz targets, no ramps or a share of inputs "
         "inside them that falls with g)",
     .source = "measured; rate derived here as a sketch",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "*,!g",
     .pool = "",
     .judge = judge_lp},
    {.id = "memorization.ua-dup",
     .statement = "dup_frac = 1 - prod_{j < L} (1 - j g^-d) within 4 standard "
                  "errors",
     .source = PROVED,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_dup},
    {.id = "memorization.ua-count",
     .statement = "T = g^d C(g^d + L - 2, L - 1)",
     .source = PROVED,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_count},
    {.id = "memorization.duplicates",
     .statement = "multisets of one size: id_acc = 1 with slack >= 2",
     .source = "measured (sketch of a proof)",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_duplicates},
};
