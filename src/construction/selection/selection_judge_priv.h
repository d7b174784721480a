/* selection_judge_priv.h - what judges of trained networks look at: rows, and
 * the lines of a row (of the axis step, of L_test, of q_test). */
#pragma once

#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "selection_columns_priv.h"

/* ---- rows and lines ------------------------------------------------------------------ */

static inline double number(const struct att_row_view *row, uint32_t p)
{
    return att_value_number(row->param[p]);
}

static inline double cell(const struct att_row_view *row, size_t line,
                          uint32_t column)
{
    const struct att_lines *o = &row->observations;

    return o->cell[line * o->n_columns + column];
}

static inline enum sel_model model_of(const struct att_row_view *row)
{
    return att_sel_model(row->param[SP_MODEL].s);
}

static inline enum sel_pe pe_of(const struct att_row_view *row)
{
    return att_sel_pe(row->param[SP_PE].s);
}

static inline bool is_dual(const struct att_row_view *row)
{
    return att_sel_query(row->param[SP_QUERY].s) == SEL_DUAL;
}

/* Fresh random signs and dual queries: what the two numbers know. */
static inline bool has_pair(const struct att_row_view *row)
{
    return (pe_of(row) == SEL_SPE || pe_of(row) == SEL_SPE_STEP) &&
           is_dual(row) && !att_text_same(row->param[ATT_SEL_DATA].s, "heavy");
}

/* ... and independent tokens: what the annealed formula knows. */
static inline bool is_spe(const struct att_row_view *row)
{
    return has_pair(row) && att_text_same(row->param[ATT_SEL_DATA].s, "gauss");
}

/* Encodings that training meets again. */
static inline bool is_drawn_once(const struct att_row_view *row)
{
    return pe_of(row) == SEL_FIXED || pe_of(row) == SEL_POOL;
}

static inline bool attends_tokens(const struct att_row_view *row)
{
    return att_text_same(row->param[SP_ATTEND].s, "tokens");
}

/* Keys of tokens alone, and q selected tokens of every sample. */
static inline bool is_usual(const struct att_row_view *row)
{
    return attends_tokens(row) && att_text_same(row->param[SP_SIZES].s, "q");
}

/* Encodings that training ever sees; infinity: fresh ones. */
static inline double rows_of(const struct att_row_view *row)
{
    if (pe_of(row) == SEL_POOL)
        return number(row, SP_POOL);
    return pe_of(row) == SEL_FIXED ? number(row, ATT_SEL_L) : (double)INFINITY;
}

/* Targets are larger than the unit of errors where tokens of tests correlate. */
static inline bool has_correlated_tests(const struct att_row_view *row)
{
    return att_text_same(row->param[ATT_SEL_DATA].s, "ar1") &&
           att_text_same(row->param[SP_TEST_DATA].s, "same");
}

static inline bool is_plain(const struct att_row_view *row)
{
    const enum sel_opt opt = att_sel_opt(row->param[SP_OPT].s);

    return (opt == SEL_GD || opt == SEL_SGD) && row->param[SP_WARM_UP].i == 0 &&
           att_text_same(row->param[SP_DECAY].s, "constant");
}

/* Selected logits far apart: training walks in noise (hazard H1). */
static inline bool is_stalled(const struct att_row_view *row)
{
    return att_row_metric(row, SM_CV) > 0.5;
}

static inline double de_of(const struct att_row_view *row)
{
    return pe_of(row) == SEL_ONEHOT ? number(row, ATT_SEL_L)
                                    : number(row, SP_DE);
}

/* One-hot encodings leave nothing to chance: kappa = 2. */
static inline double kappa_of(const struct att_row_view *row, double gamma)
{
    return pe_of(row) == SEL_ONEHOT
               ? 2.0
               : att_sel_kappa(gamma, number(row, ATT_SEL_Q), de_of(row));
}

/* ---- ratios over lines ------------------------------------------------------------------ */

/* The line whose ratio is farthest from 1 decides. */
struct worst {
    double ratio, at;
    bool any;
};

static inline void keep_worst(struct worst *w, double ratio, double at)
{
    if (!(ratio > 0.0))
        ratio = (double)NAN;
    if (!w->any || isnan(ratio) || fabs(log(ratio)) > fabs(log(w->ratio)))
        *w = (struct worst){ratio, at, true};
}

static inline void judge_ratio(const struct worst *w, const char *axis,
                               struct att_interval holds,
                               struct att_interval tolerated,
                               struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    if (!w->any)
        return;
    att_finding_within(f, w->ratio, holds, tolerated);
    (void)snprintf(f->note, sizeof f->note, "ratio %.4g at %s = %g", w->ratio,
                   axis, w->at);
}

/* ---- the judges ------------------------------------------------------------ */

typedef void att_sel_judge(const struct att_rows *rows, struct att_finding *f);

/* selection_judge_curves.c */
att_sel_judge att_sel_judge_rate, att_sel_judge_t0, att_sel_judge_two_param,
    att_sel_judge_two_param_law, att_sel_judge_symmetry,
    att_sel_judge_symmetry_law, att_sel_judge_zero_grad,
    att_sel_judge_gamma_log, att_sel_judge_overshoot;
/* selection_judge_tests.c */
att_sel_judge att_sel_judge_rb, att_sel_judge_noise, att_sel_judge_hard,
    att_sel_judge_annealed, att_sel_judge_temperature, att_sel_judge_transfer,
    att_sel_judge_selector, att_sel_judge_fixed_fails,
    att_sel_judge_cos_w_fixed, att_sel_judge_prefix, att_sel_judge_posonly,
    att_sel_judge_symmetrised, att_sel_judge_pool, att_sel_judge_rounded;
