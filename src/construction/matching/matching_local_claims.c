/* matching_local_claims.c - what is claimed of the local networks. */
#include "matching_local_priv.h"

#include <stdio.h>

static double eps_of(const struct att_row_view *row)
{
    return att_row_metric(row, LM_EPS);
}

/* Roundings of q M times a sum of L products. */
static double rounding(const struct att_row_view *row)
{
    return (double)row->param[ATT_MATCH_L].i * att_row_metric(row, LM_Q) *
           (double)row->param[ATT_MATCH_M].i * 0x1p-52;
}

/* q M eps' = 1/4; a quarter of 1/q of that where scores keep their margin. */
static double slot_bound(const struct att_row_view *row)
{
    const bool margin = att_row_metric(row, LM_OFF_MAX) <= 0.5 &&
                        att_row_metric(row, LM_ON_DEV) <= 1e-9;

    return margin ? 0.125 / att_row_metric(row, LM_Q) : 0.25;
}

/* An error of at most eps' in the averages leaves no wrong answer. */
static void judge(const struct att_row_view *row, const char *kind,
                  struct att_finding *f)
{
    const double wrong = att_row_metric(row, LM_WRONG);

    att_finding_blank(f);
    if (!att_row_says(row, LP_KIND, kind))
        return;
    const bool premise = att_row_metric(row, LM_ERR) <= eps_of(row);

    if (!premise && wrong > 0.0)
        return;
    f->statistic = wrong;
    f->predicted = 0.0;
    f->hi = att_row_metric(row, LM_SLOT_DEV);
    f->verdict =
        wrong == 0.0 && (!premise || f->hi <= slot_bound(row) + rounding(row))
            ? ATT_HOLDS
            : ATT_VIOLATED;
}

static void judge_local(const struct att_rows *rows, struct att_finding *f)
{
    judge(&rows->row[0], "match3local", f);
}

static void judge_bigram(const struct att_rows *rows, struct att_finding *f)
{
    judge(&rows->row[0], "match3bigram", f);
}

/* The least d that reads every window, per q ln L: over all replicates of a
 * group the largest, and it departs only where a larger d than 8 q ln L failed
 * as well. */
static void judge_width(const struct att_rows *rows, struct att_finding *f)
{
    double worst = 0.0;
    double fails = 0.0;

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const double unit = 0.25 * att_row_metric(row, LM_M_LAW);
        const double ratio = (double)row->param[LP_D].i / unit;

        if (!att_row_says(row, LP_KIND, "match3local"))
            return;
        if (!att_row_has(row, LM_M_MIN)) {
            fails = fmax(fails, ratio);
        } else if (ratio > worst) {
            worst = ratio;
            f->worst = i;
        }
    }
    if (worst <= 0.0 && fails <= 0.0)
        return;
    f->statistic = worst;
    f->predicted = 8.0;
    f->verdict = fails > 8.0                   ? ATT_VIOLATED
                 : worst > 0.0 && worst <= 8.0 ? ATT_HOLDS
                                               : ATT_INCONCLUSIVE;
}

const struct att_claim att_match_local_claims[LOCAL_CLAIMS] = {
    MATCH_CLAIM("local", ATT_PROVED, ATT_SCOPE_ROW, "", judge_local, MATCH_HERE,
                "an averaging unit within eps' = 1/(4 q M) and a token-wise "
                "search answer every token; slot_dev <= 1/4"),
    MATCH_CLAIM("local-law", ATT_EMPIRICAL, ATT_SCOPE_GROUP, "*,!d",
                judge_width, MATCH_LAW,
                "the least d that reads every window is at most 8 q ln L"),
    MATCH_CLAIM("bigram", ATT_PROVED, ATT_SCOPE_ROW, "", judge_bigram,
                MATCH_HERE,
                "two layers answer every token when the first is within eps' = "
                "1/(4 M)"),
};
