/* hardmax_precursor_claims.c - what the clustering dynamics must show. */
#include <math.h>

#include "attest/construction/finding.h"
#include "hardmax_precursor_priv.h"

static void judge_rate(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_value *m = rows->row[0].metric;
    const double P = (double)m[PREC_M_STEPS_PREDICTED].i;
    const double steps = att_value_number(m[PREC_M_STEPS]);

    f->statistic = steps;
    f->predicted = P;
    f->lo = P;
    f->hi = 1.35 * P + 1.0;
    f->verdict = ATT_NOT_APPLICABLE; /* every token leads: nothing moves */
    if (m[PREC_M_LEADERS].i == m[PREC_M_TOKENS].i)
        return;
    f->verdict = ATT_INCONCLUSIVE; /* more steps: leaders formed late */
    if (steps < P) {
        f->verdict = ATT_VIOLATED;
    } else if (steps <= f->hi) {
        f->verdict = ATT_HOLDS;
    }
}

static double steps_of(const struct att_row_view *row)
{
    const struct att_value steps = row->metric[PREC_M_STEPS];

    return steps.kind == ATT_NONE ? (double)row->param[PREC_MOST_STEPS].i
                                  : (double)steps.i;
}

/* A follower whose score rounds to its leader's is averaged with it: at most
 * a few ulp per step. */
static void judge_leaders(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_at_most(f, rows->row[0].metric[PREC_M_LEADER_MOVE].r,
                        4.0 * steps_of(&rows->row[0]) * 0x1p-52);
}

/* Each step rounds a convex combination: three roundings of a token. */
static void judge_hull(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double n = steps_of(row);
    const double d = (double)row->param[ATT_SEQ_D].i;

    att_finding_at_most(f, row->metric[PREC_M_HULL_EXCESS].r,
                        (4.0 * n + d) * sqrt(d) * 0x1p-52);
}

#define ROW_CLAIM(id_, standing_, source_, judge_, statement_)                 \
    {                                                                          \
        .id = "hardmax.precursor-" id_, .statement = (statement_),             \
        .source = (source_), .standing = (standing_), .scope = ATT_SCOPE_ROW,  \
        .group_by = "", .pool = "", .judge = (judge_)                          \
    }

const struct att_claim att_hm_precursor_claims[PREC_CLAIMS] = {
    ROW_CLAIM("rate", ATT_EMPIRICAL,
              "factor 1 / (1 + alpha) per step: arXiv 2407.01602", judge_rate,
              "P <= prec_steps <= 1.35 P + 1"),
    ROW_CLAIM("leaders", ATT_PROVED, "docs/theory/hardmax.md", judge_leaders,
              "a token that attends to itself alone never moves, up to "
              "rounding"),
    ROW_CLAIM("hull", ATT_PROVED, "docs/theory/hardmax.md", judge_hull,
              "every token stays in the convex hull of the input, up to "
              "rounding"),
};
