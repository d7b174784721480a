/* selection_explicit_claims.c - what the written-down network must show. */
#include <stdio.h>

#include "attest/construction/finding.h"
#include "selection_explicit_priv.h"

static double number(const struct att_row_view *row, uint32_t p)
{
    return att_value_number(row->param[p]);
}

static bool is_dual(const struct att_row_view *row)
{
    return att_sel_query(row->param[SE_QUERY].s) == SEL_DUAL;
}

static bool is_signs(const struct att_row_view *row)
{
    const enum sel_pe pe = att_sel_pe(row->param[SE_PE].s);

    return pe == SEL_SPE || pe == SEL_SPE_STEP;
}

/* 1e-28: squared ulps of weights near 1/q stand where the bound goes to 0. */
static void judge_expressivity(const struct att_rows *rows,
                               struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double bound = att_row_metric(row, SEM_BOUND);

    f->verdict = ATT_NOT_APPLICABLE;
    if (!is_dual(row) || !(att_row_metric(row, SEM_OVERLAP) < 1.0))
        return;
    f->statistic = att_row_metric(row, SEM_REL_ERR);
    f->predicted = bound;
    f->lo = 0.0;
    f->hi = bound * (1.0 + 1e-9) + 1e-28;
    f->verdict = f->statistic <= f->hi ? ATT_HOLDS : ATT_VIOLATED;
}

static void judge_dual_exact(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    f->verdict = ATT_NOT_APPLICABLE;
    /* weights are exponentials of gamma times overlaps with 1e-15 of rounding,
     * more where a Gram matrix is nearly singular */
    if (!is_dual(row) || !is_signs(row) || number(row, SE_SCALE) > 100.0)
        return;
    f->statistic = att_row_metric(row, SEM_CV);
    f->predicted = 0.0;
    f->hi = 1e-12;
    f->verdict = f->statistic <= 1e-12 ? ATT_HOLDS : ATT_VIOLATED;
}

static void judge_floor(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double floor_pred = att_row_metric(row, SEM_FLOOR);

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = floor_pred;
    if (!is_dual(row) || !is_signs(row) ||
        number(row, SE_DE) < 4.0 * number(row, ATT_SEL_Q))
        return;
    att_finding_within(f, att_row_metric(row, SEM_MIN),
                       (struct att_interval){0.0, floor_pred},
                       (struct att_interval){0.0, 3.0 * floor_pred});
}

static void judge_sum_fails(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double ratio =
        att_row_metric(row, SEM_AT_32) / att_row_metric(row, SEM_MIN);

    f->verdict = ATT_NOT_APPLICABLE;
    if (att_sel_query(row->param[SE_QUERY].s) != SEL_SUM ||
        number(row, ATT_SEL_Q) == 1.0 ||
        att_sel_pe(row->param[SE_PE].s) == SEL_ONEHOT)
        return;
    f->statistic = ratio;
    f->predicted = 5.0;
    f->verdict = ratio >= 5.0                           ? ATT_HOLDS
                 : att_row_metric(row, SEM_BEST) < 32.0 ? ATT_INCONCLUSIVE
                                                        : ATT_VIOLATED;
}

/* ---- the width law ------------------------------------------------------------------------ */

/* Median over the replicates of rel_err_min at one de; rows of equal de are
 * neighbours, from row `first` on.  *next is the first row of another de. */
static double median_min(const struct att_rows *rows, size_t first,
                         double *scratch, size_t *next)
{
    const double de = number(&rows->row[first], SE_DE);
    size_t n = 0;

    *next = first;
    while (*next < rows->n && number(&rows->row[*next], SE_DE) == de)
        scratch[n++] = att_row_metric(&rows->row[(*next)++], SEM_MIN);
    return att_median(scratch, n);
}

/* Over the widths of a group: the least that reaches eps, the first at or
 * above the law, the next one; 0 where there is none. */
struct widths {
    double found, law, after;
    size_t distinct;
};

static void add_width(struct widths *w, double de, bool reaches, double law)
{
    if (w->found == 0.0 && reaches)
        w->found = de;
    if (w->law > 0.0 && w->after == 0.0)
        w->after = de;
    if (w->law == 0.0 && de >= law)
        w->law = de;
    w->distinct++;
}

static enum att_verdict say(const struct widths *w, double law)
{
    if (w->found > 0.0 && w->found <= fmax(w->law, law))
        return ATT_HOLDS;
    if (w->found == 0.0 || w->law == 0.0 || w->found == w->after)
        return ATT_INCONCLUSIVE;
    return ATT_VIOLATED;
}

static void judge_de_law(const struct att_rows *rows, struct att_finding *f)
{
    double *scratch = ATT_NEW(rows->scratch, double, rows->n);
    struct widths w = {0};

    f->verdict = ATT_NOT_APPLICABLE;
    if (scratch == NULL || rows->n == 0 || !is_dual(&rows->row[0]) ||
        !is_signs(&rows->row[0]))
        return;
    f->predicted = att_row_metric(&rows->row[0], SEM_DE_PRED);
    for (size_t i = 0, next; i < rows->n; i = next) {
        const struct att_row_view *row = &rows->row[i];
        const double least = median_min(rows, i, scratch, &next);

        add_width(&w, number(row, SE_DE), least <= number(row, SE_EPS),
                  f->predicted);
    }
    if (w.distinct < 2)
        return;
    f->statistic = w.found;
    f->lo = 0.0;
    f->hi = w.law;
    f->verdict = say(&w, f->predicted);
    (void)snprintf(f->note, sizeof f->note,
                   "least de with rel_err_min <= eps: %g; law %.1f, on the "
                   "grid %g",
                   w.found, f->predicted, w.law);
}

#define HERE "docs/theory/selection.md"
#define ROW(id_, standing_, judge_, statement_)                                \
    {                                                                          \
        .id = "selection." id_, .statement = (statement_), .source = HERE,     \
        .standing = (standing_), .scope = ATT_SCOPE_ROW, .group_by = "",       \
        .pool = "", .judge = (judge_)                                          \
    }

const struct att_claim att_sel_explicit_claims[SEL_EXPLICIT_CLAIMS] = {
    [SEC_EXPRESSIVITY] = ROW("expressivity", ATT_PROVED, judge_expressivity,
                             "dual query, max_out_overlap < 1: rel_err <= "
                             "rel_bound_expr"),
    [SEC_DUAL_EXACT] =
        ROW("dual-exact", ATT_PROVED, judge_dual_exact,
            "dual query, C = gamma I: selected logits are equal"),
    [SEC_FLOOR] = ROW("floor", ATT_EMPIRICAL, judge_floor,
                      "least rel_err over logit scales <= ((L - q)/q) "
                      "exp(-de/(2q))"),
    [SEC_DE_LAW] = {.id = "selection.de-law",
                    .statement = "the least de that reaches eps is at most 2q "
                                 "ln(L/(q eps)), rounded up to the grid",
                    .source = HERE,
                    .standing = ATT_EMPIRICAL,
                    .scope = ATT_SCOPE_GROUP,
                    .group_by = "*, !de",
                    .pool = "replicate",
                    .judge = judge_de_law},
    [SEC_SUM_FAILS] = ROW("sum-fails", ATT_EMPIRICAL, judge_sum_fails,
                          "sum query: rel_err at logit scale 32 is 5 times its "
                          "least or more"),
};
