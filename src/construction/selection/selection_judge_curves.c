/* selection_judge_curves.c - what a training must show step by step. */
#include "selection_judge_priv.h"

/* ---- training curves ----------------------------------------------------------------------- */

/* May the asymptotic laws of plain training be asked of this row? */
static bool has_rate(const struct att_row_view *row)
{
    return (is_spe(row) || pe_of(row) == SEL_ONEHOT) && is_plain(row) &&
           is_usual(row) && !is_stalled(row);
}

/* A line of the axis step at t >= 2 t0 with gamma >= 1 and kappa >= 0.9. */
static bool is_late(const struct att_row_view *row, size_t line)
{
    const double gamma = cell(row, line, SO_GAMMA);

    return cell(row, line, SO_STEP) >= 2.0 * att_row_metric(row, SM_T0_PRED) &&
           gamma >= 1.0 && kappa_of(row, gamma) >= 0.9;
}

void att_sel_judge_rate(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    struct worst w = {0};

    for (size_t i = 0; i < row->observations.n_rows && has_rate(row); i++) {
        if (is_late(row, i)) {
            keep_worst(&w, cell(row, i, SO_LOSS) / cell(row, i, SO_L_PRED),
                       cell(row, i, SO_STEP));
        }
    }
    judge_ratio(&w, "step", (struct att_interval){0.7, 1.5},
                (struct att_interval){0.5, 2.0}, f);
}

void att_sel_judge_t0(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double t0 = att_row_metric(row, SM_T0_PRED),
                 t = att_row_metric(row, SM_T_GAMMA1);
    const enum sel_pe pe = pe_of(row);

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = t0;
    if (!is_plain(row) || !is_usual(row) || is_drawn_once(row) ||
        pe == SEL_SINUSOID)
        return;
    if (isnan(t) && number(row, SP_STEPS) < 3.0 * t0) {
        f->verdict = ATT_INCONCLUSIVE;
        return;
    }
    const double ratio = isnan(t) ? (double)INFINITY : t / t0;

    att_finding_within(f, ratio, (struct att_interval){0.5, 2.0},
                       (struct att_interval){0.3, 3.0});
    (void)snprintf(f->note, sizeof f->note,
                   "gamma passes 1 at step %g; t0 = %.4g", t, t0);
}

/* 1e-9: sums of some thousand roundings; the trace adds de of them. */
void att_sel_judge_two_param(const struct att_rows *rows, struct att_finding *f)
{
    f->predicted = 0.0;
    att_finding_at_most(f, att_row_metric(&rows->row[0], SM_PAIR_GAP), 1e-9);
}

void att_sel_judge_two_param_law(const struct att_rows *rows,
                                 struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const enum sel_model m = model_of(row);
    struct worst w = {0};

    for (size_t i = 0; i < row->observations.n_rows && has_pair(row) &&
                       is_plain(row) && m != SEL_POPULATION;
         i++) {
        if (!(cell(row, i, SO_GAMMA) >= 1.0) || isnan(cell(row, i, SO_STEP)))
            continue;
        keep_worst(&w, cell(row, i, SO_ALPHA) / cell(row, i, SO_ALPHA_PRED),
                   cell(row, i, SO_STEP));
        keep_worst(&w, cell(row, i, SO_GAMMA) / cell(row, i, SO_GAMMA_PRED),
                   cell(row, i, SO_STEP));
    }
    judge_ratio(&w, "step", (struct att_interval){0.95, 1.05},
                (struct att_interval){0.85, 1.15}, f);
}

/* 1e-9: two sums of the same some thousand numbers in another order. */
void att_sel_judge_symmetry(const struct att_rows *rows, struct att_finding *f)
{
    f->predicted = 0.0;
    att_finding_at_most(f, att_row_metric(&rows->row[0], SM_MIRROR_GAP), 1e-9);
}

void att_sel_judge_symmetry_law(const struct att_rows *rows,
                                struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double cosine =
        fmin(att_row_metric(row, SM_COS_V), att_row_metric(row, SM_COS_W));

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    if (is_drawn_once(row) ||
        (!att_sel_is_own(pe_of(row)) && pe_of(row) != SEL_SPE_STEP))
        return;
    att_finding_within(f, cosine, (struct att_interval){0.99, 1.0 + 1e-9},
                       (struct att_interval){0.95, 1.0 + 1e-9});
}

void att_sel_judge_zero_grad(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_equal(f, att_row_metric(&rows->row[0], SM_GNORM_W0), 0.0);
    f->predicted = 0.0;
}

/* Least squares of gamma on ln(t - t0) over late lines. */
struct slope {
    double n, x, y, xx, xy, gamma;
};

void att_sel_judge_gamma_log(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double t0 = att_row_metric(row, SM_T0_PRED);
    struct slope s = {0};

    for (size_t i = 0; i < row->observations.n_rows && has_rate(row); i++) {
        if (!is_late(row, i))
            continue;
        const double x = log(cell(row, i, SO_STEP) - t0);
        const double y = cell(row, i, SO_GAMMA);

        s = (struct slope){s.n + 1.0,    s.x + x,      s.y + y,
                           s.xx + x * x, s.xy + x * y, s.gamma + y};
    }
    f->verdict = ATT_NOT_APPLICABLE;
    if (s.n < 2.0)
        return;
    const double slope = (s.n * s.xy - s.x * s.y) / (s.n * s.xx - s.x * s.x);

    f->predicted = 1.0 / kappa_of(row, s.gamma / s.n);
    att_finding_within(
        f, slope, (struct att_interval){0.8 * f->predicted, 1.2 * f->predicted},
        (struct att_interval){0.6 * f->predicted, 1.4 * f->predicted});
    (void)snprintf(f->note, sizeof f->note, "slope %.4g over %g lines", slope,
                   s.n);
}

void att_sel_judge_overshoot(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double alpha = att_row_metric(row, SM_ALPHA),
                 most = att_row_metric(row, SM_ALPHA_MAX);

    f->verdict = ATT_NOT_APPLICABLE;
    f->statistic = alpha;
    f->predicted = 1.0;
    f->lo = 1.0;
    f->hi = most;
    if (is_stalled(row) || !is_usual(row) || is_drawn_once(row))
        return;
    f->verdict = most > 1.0 && alpha > 1.0 && alpha < most ? ATT_HOLDS
                 : number(row, SP_STEPS) < 2.0 * att_row_metric(row, SM_T0_PRED)
                     ? ATT_INCONCLUSIVE
                     : ATT_VIOLATED;
}
