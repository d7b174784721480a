/* averaging_certificate_claims.c - verdicts on bounds. */
#include <stdio.h>

#include "attest/construction/finding.h"
#include "averaging_certificate_priv.h"

static bool is_bound(const struct att_row_view *row, enum avg_bound b)
{
    return att_row_says(row, CP_BOUND, att_avg_bound_name[b]);
}

static void judge_radon(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double bound = 1.0 / (double)row->param[ATT_AVG_Q].i;

    att_finding_blank(f);
    if (!is_bound(row, AVG_RADON))
        return;
    att_finding_at_least(f, att_row_metric(row, AM_ERR_MAX),
                         bound * (1.0 - 1e-9));
    if (!(att_row_metric(row, AM_RESIDUAL) < 1e-9))
        f->verdict = ATT_INCONCLUSIVE;
}

static void judge_disj(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double q = (double)row->param[ATT_AVG_Q].i;

    att_finding_blank(f);
    if (!is_bound(row, AVG_DISJ))
        return;
    if (att_row_metric(row, AM_COLLISIONS) > 0.0) {
        att_finding_at_least(f, att_row_metric(row, AM_ERR_MAX),
                             1.0 / q * (1.0 - 1e-9));
        return;
    }
    if (att_row_metric(row, AM_WRONG) == 0.0)
        att_finding_at_least(f, att_row_metric(row, AM_MSG_BITS), q);
}

static void judge_memory(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!is_bound(row, AVG_MEMORY))
        return;
    const double short_of =
        att_row_metric(row, AM_SIZE_LAW) - att_row_metric(row, AM_SIZE);
    const double collisions = att_row_metric(row, AM_COLLISIONS);

    att_finding_say(f, collisions, short_of > 0.0 ? 1.0 : 0.0,
                    !(short_of > 0.0 && collisions == 0.0));
    if (isnan(short_of) || isnan(collisions))
        f->verdict = ATT_INCONCLUSIVE;
}

static void judge_kernel(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const int64_t L = row->param[ATT_AVG_L].i;

    att_finding_blank(f);
    if (!is_bound(row, AVG_KERNEL) || 2 * row->param[CP_SLOTS].i >= L ||
        2 * row->param[ATT_AVG_Q].i > L)
        return;
    f->statistic = att_row_metric(row, AM_CERT_ERR);
    f->predicted = row->param[CP_EPS].r;
    f->verdict = f->statistic > f->predicted ? ATT_HOLDS : ATT_INCONCLUSIVE;
}

static void judge_linear(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!is_bound(row, AVG_LINEAR) || row->param[ATT_AVG_Q].i != 1 ||
        row->param[CP_SLOTS].i >= row->param[ATT_AVG_L].i)
        return;
    att_finding_at_least(f, att_row_metric(row, AM_ERR_MAX),
                         att_row_metric(row, AM_CERT_ERR) * (1.0 - 1e-9));
}

static bool size_by_length(const struct att_row_view *row, double *x, double *y)
{
    *x = (double)row->param[ATT_AVG_L].i;
    *y = att_row_metric(row, AM_SIZE);
    return true;
}

static void judge_size(const struct att_rows *rows, struct att_finding *f)
{
    struct att_sample s;

    att_finding_blank(f);
    if (rows->n == 0 || !is_bound(&rows->row[0], AVG_LINEAR) ||
        !att_rows_sample(rows, 1, size_by_length, &s))
        return;
    if (att_sample_distinct(&s, 0, rows->scratch) < 2)
        return;
    att_finding_exponent(f, &s, 5, (struct att_interval){0.95, 1.05},
                         rows->scratch, NULL);
    f->predicted = 1.0;
}

/* ---- census ---------------------------------------------------------------------- */

static bool census_applies(const struct att_row_view *row)
{
    return is_bound(row, AVG_CENSUS) && att_row_has(row, AM_SEP_SHARE) &&
           row->param[ATT_AVG_L].i >= 3 * row->param[ATT_AVG_Q].i &&
           (att_row_says(row, CP_KEYS, "lowfourier") ||
            att_row_says(row, CP_KEYS, "chebyshev"));
}

/* Rows come by d: the first with share 1, which none after it may lose. */
static void judge_census(const struct att_rows *rows, struct att_finding *f)
{
    bool below = false;
    bool lost = false;
    double jump = (double)NAN;

    att_finding_blank(f);
    if (rows->n == 0 || !census_applies(&rows->row[0]))
        return;
    const double want = 2.0 * (double)rows->row[0].param[ATT_AVG_Q].i;

    for (size_t i = 0; i < rows->n; i++) {
        const double d = (double)rows->row[i].param[CP_D].i;
        const bool all = att_row_metric(&rows->row[i], AM_SEP_SHARE) == 1.0;

        below = below || d == want - 1.0;
        lost = lost || (!all && d >= want);
        if (all && isnan(jump))
            jump = d;
    }
    att_finding_equal(f, lost ? (double)INFINITY : jump, want);
    /* Without the row just below, a jump may be anywhere down there. */
    if (!below && f->verdict == ATT_HOLDS)
        f->verdict = ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note,
                   "least d at which all q-sets are separable");
}

const struct att_claim att_avg_bound_claims[AVG_BOUND_CLAIMS] = {
    AVG_ROW_CLAIM("radon", ATT_PROVED, AVG_HERE, judge_radon,
                  "d <= 2q - 1 and L >= 3q: a certified set has error >= 1/q"),
    AVG_ROW_CLAIM("disj", ATT_PROVED, AVG_HERE, judge_disj,
                  "equal messages make an error >= 1/q; all pairs right need "
                  "msg_bits >= q"),
    AVG_ROW_CLAIM("rnn-memory", ATT_PROVED, AVG_HERE, judge_memory,
                  "a state of fewer than (L - 1)/2 bits has collisions"),
    AVG_ROW_CLAIM("ffn-width", ATT_PROVED, AVG_HERE, judge_kernel,
                  "a first layer narrower than L dv / 2 has a kernel witness "
                  "with cert_err > eps"),
    AVG_ROW_CLAIM("rnn-linear", ATT_PROVED, AVG_HERE, judge_linear,
                  "q = 1: worst-value error >= sqrt(1 - slots/L)"),
    AVG_GROUP_CLAIM("size-linear", ATT_EMPIRICAL, AVG_LAW, judge_size,
                    "*,!L,!slots", "least slots within eps grow as L^1"),
    AVG_GROUP_CLAIM("census", ATT_PROVED, AVG_HERE, judge_census, "*,!d",
                    "keys on a moment curve, L >= 3q: every q-set is separable "
                    "from d = 2q on, some are not below"),
};
