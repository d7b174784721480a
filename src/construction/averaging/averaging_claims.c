/* averaging_claims.c - what is claimed of the unit of fixed precision. */
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "averaging_laws_priv.h"

bool att_avg_is_plain(const struct att_row_view *row)
{
    return !att_avg_is_rounded(row->param);
}

bool att_avg_is_theorem(const struct att_row_view *row)
{
    return att_row_says(row, AP_ATTENTION, "softmax") &&
           row->param[AP_ALPHA_SCALE].r == 1.0;
}

bool att_avg_is_corrected(const struct att_row_view *row)
{
    return att_row_says(row, AP_DUAL, "ct") || att_row_says(row, AP_DUAL, "as");
}

/* ---- rows ------------------------------------------------------------------------- */

static void judge_error(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double q = (double)row->param[ATT_AVG_Q].i;

    att_finding_blank(f);
    if (!att_avg_is_plain(row) || !att_avg_is_theorem(row) ||
        !att_row_has(row, AM_OFF_MAX) ||
        !(att_row_metric(row, AM_OFF_MAX) <= 0.5) ||
        !(att_row_metric(row, AM_ON_DEV) <= 1e-9))
        return;
    const double slack = expm1(2.0 * att_row_metric(row, AM_ALPHA) *
                               att_row_metric(row, AM_ON_DEV));

    att_finding_at_most(f, att_row_metric(row, AM_ERR_MAX),
                        row->param[AP_EPS].r / (2.0 * q) + slack);
}

static void judge_precision(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double q = (double)row->param[ATT_AVG_Q].i;

    att_finding_blank(f);
    if (!att_avg_is_theorem(row) || !att_row_has(row, AM_P_BITS) ||
        !att_row_has(row, AM_BETA_L1) ||
        att_row_metric(row, AM_P_BITS) < att_row_metric(row, AM_P_GUARANTEED) ||
        !(att_row_metric(row, AM_BETA_L1) <= 2.0 * q) ||
        !(att_row_metric(row, AM_OFF_UNROUNDED) <= 0.5))
        return;
    att_finding_at_most(f, att_row_metric(row, AM_ERR_MAX),
                        row->param[AP_EPS].r);
}

static void judge_width(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_avg_is_corrected(row) || !att_avg_is_plain(row))
        return;
    f->statistic = att_row_metric(row, AM_HALVES);
    f->predicted = 1.0;
    f->verdict = f->statistic == 1.0 ? ATT_HOLDS : ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note,
                   "share of the sets whose scores stay <= 1/2 off the set");
}

const struct att_claim att_avg_claims[] = {
    [AC_ERROR] = AVG_ROW_CLAIM(
        "error", ATT_PROVED, AVG_HERE "; scale stated in public sources",
        judge_error,
        "off_max <= 1/2 and on_dev <= 1e-9 give err_l1_max <= eps/(2q) + "
        "exp(2 alpha on_dev) - 1"),
    [AC_WIDTH] = AVG_ROW_CLAIM(
        "width", ATT_PUBLIC, "Theorem 2, stated in public sources", judge_width,
        "a corrected dual keeps off_max <= 1/2 on every set tried"),
    [AC_WIDTH_LAW] = AVG_GROUP_CLAIM(
        "width-law", ATT_EMPIRICAL, AVG_LAW, att_avg_judge_width_law,
        "*,!L,!q,!d,!n_sets,!samples",
        "m_half of a corrected dual is A q ln L + B q + C with R2 >= 0.95"),
    [AC_PRECISION] = AVG_ROW_CLAIM(
        "precision", ATT_PROVED, AVG_HERE, judge_precision,
        "p_bits >= p_guaranteed, beta_l1 <= 2q and off_max <= 1/2 before "
        "rounding give err_l1_max <= eps"),
    [AC_M_PRED] = AVG_GROUP_CLAIM(
        "m-pred", ATT_EMPIRICAL, AVG_LAW, att_avg_judge_m_pred,
        "*,!L,!q,!d,!n_sets,!samples",
        "m_hard, m_err, m_half over the closed form, medians of replicates: "
        "mean in [0.95, 1.10], all in [0.85, 1.30] (least norm, random sets, q "
        ">= 2, L >= 256)"),
    [AC_M_LAW] = AVG_GROUP_CLAIM(
        "m-law", ATT_EMPIRICAL, AVG_LAW, att_avg_judge_m_law,
        "*,!L,!q,!d,!n_sets,!samples",
        "m_err of the least-norm dual is A q ln L + B q + C with R2 >= 0.95 "
        "(keys of independent coordinates)"),
    [AC_ROUTING] = AVG_GROUP_CLAIM(
        "routing", ATT_EMPIRICAL, AVG_LAW, att_avg_judge_routing,
        "*,!L,!q,!d,!n_sets,!samples",
        "orthogonal columns (hadamard), q >= 2: m_hard, m_err, m_half over m L "
        "/ (L + m - q) for the closed form m, medians of replicates: mean in "
        "[0.90, 1.15], all in [0.75, 1.35]; d -> L as q grows"),
    [AC_PHASE] = AVG_GROUP_CLAIM(
        "phase", ATT_EMPIRICAL, AVG_LAW, att_avg_judge_phase, "*,!d",
        "success of whole instances passes 1/2 at d = c q ln L with c in "
        "[3.5, 4.5]"),
    [AC_ADVERSARIAL] = AVG_GROUP_CLAIM(
        "adversarial", ATT_EMPIRICAL, AVG_LAW, att_avg_judge_adversarial,
        "*,!q,!d",
        "least d on adversarial sets: exponent in q >= 1.5 for the least-norm "
        "dual, <= 1.2 for corrected ones"),
    [AC_FACE] = AVG_GROUP_CLAIM(
        "face", ATT_PUBLIC, "known for Gaussian polytopes", att_avg_judge_face,
        "*,!L,!q,!d,!n_sets,!samples",
        "half of random sets are faces at d = 2 q ln(L/d), ratio in [0.7, "
        "1.1]"),
    [AC_SIZE] = {.id = "averaging.size",
                 .statement = "size that reaches eps over L: exponent <= 0.2 "
                              "for attention, in [0.95, 1.05] for linear "
                              "recurrent nets, 1 for ReLU nets",
                 .source = AVG_LAW,
                 .standing = ATT_EMPIRICAL,
                 .scope = ATT_SCOPE_STUDY,
                 .group_by = "q,dv",
                 .pool = "",
                 .judge = att_avg_judge_size},
};
