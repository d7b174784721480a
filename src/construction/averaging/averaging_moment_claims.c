/* averaging_moment_claims.c - what is claimed of a unit on a moment curve. */
#include <math.h>
#include <stdio.h>

#include "attest/construction/finding.h"
#include "averaging_moment_priv.h"

static void judge_moment(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_at_most(f, att_row_metric(row, AM_ERR_PRODUCT),
                        row->param[MP_EPS].r /
                            (2.0 * (double)row->param[ATT_AVG_Q].i));
}

/* How far the weights of hard sets may be from their law, in bits. */
static const double LAW_BITS = 3.5;
/* Bits that an error within eps needs beyond lg |w|_1. */
static const double SPARE_BITS = 6.0;

static void judge_bits(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double lg = att_row_metric(row, AM_W_L1);
    const bool fits = lg <= att_row_metric(row, AM_P_BITS) - SPARE_BITS;
    const bool has_law = att_row_says(row, MP_BASIS, "trig") &&
                         att_row_says(row, ATT_AVG_DATA, "hard");

    att_finding_blank(f);
    if (!has_law && !fits)
        return;
    f->statistic = lg;
    f->predicted = att_row_metric(row, AM_W_L1_LAW);
    f->verdict = ATT_HOLDS;
    if (has_law && !(fabs(lg - f->predicted) <= LAW_BITS))
        f->verdict = ATT_INCONCLUSIVE;
    if (fits && att_row_metric(row, AM_OK) != 1.0)
        f->verdict = ATT_VIOLATED;
    (void)snprintf(f->note, sizeof f->note, "lg |w|_1 %s %g bits less 6%s",
                   fits ? "fits" : "exceeds", att_row_metric(row, AM_P_BITS),
                   has_law ? ", beside its law on hard sets" : "");
}

/* lg |w|_1 + lg(alpha / eps): what a score may be off by, in bits. */
static double bits_of_scores(const struct att_row_view *row)
{
    return att_row_metric(row, AM_W_L1) +
           log2(att_row_metric(row, AM_ALPHA) / row->param[MP_EPS].r);
}

/* Scores are off by 8 (q + 4) 2^-t |w|_1 at most, which may be eps / (5 alpha)
 * (docs/theory/averaging.md, "moment-room").  Below an eps of 1e-6 roundings of
 * the gap would count as well. */
static void judge_room(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double q = (double)row->param[ATT_AVG_Q].i;
    const double enough = bits_of_scores(row) + log2(40.0 * (q + 4.0));

    att_finding_blank(f);
    /* Without MPFR a query is not made in more bits than the unit has. */
    if (!ATT_HAVE_MPFR || row->param[MP_EPS].r < 1e-6 ||
        !(att_row_metric(row, AM_P_BITS) >= enough))
        return;
    att_finding_at_most(f, att_row_metric(row, AM_ERR_MAX),
                        row->param[MP_EPS].r);
}

static void judge_slack(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_row_has(row, AM_BITS_NEEDED))
        return;
    f->statistic = att_row_metric(row, AM_BITS_NEEDED) - bits_of_scores(row);
    f->predicted = 1.0;
    f->verdict = f->statistic <= f->predicted ? ATT_HOLDS : ATT_VIOLATED;
    if (isnan(f->statistic))
        f->verdict = ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note,
                   "bits_needed less lg |w|_1 + lg(alpha/eps)");
}

const struct att_claim att_avg_moment_claims[AVG_MOMENT_CLAIMS] = {
    [MC_MOMENT] = AVG_ROW_CLAIM(
        "moment", ATT_PROVED, AVG_HERE "; bound stated in public sources",
        judge_moment, "d = 2q, product form: err_l1_product <= eps/(2q)"),
    [MC_BITS] = AVG_ROW_CLAIM(
        "moment-bits", ATT_EMPIRICAL, AVG_LAW, judge_bits,
        "w_l1_log2 = 2q lg(L/pi) + q - 2 lg q! within 3.5 bits on hard sets "
        "(trig); w_l1_log2 <= bits - 6 gives err_l1_max <= eps"),
    [MC_ROOM] = AVG_ROW_CLAIM(
        "moment-room", ATT_PROVED, AVG_HERE, judge_room,
        "bits >= w_l1_log2 + lg(40 (q + 4) alpha/eps) give err_l1_max <= eps"),
    [MC_SLACK] =
        AVG_ROW_CLAIM("moment-slack", ATT_EMPIRICAL, AVG_LAW, judge_slack,
                      "bits_needed <= w_l1_log2 + lg(alpha/eps) + 1"),
};
