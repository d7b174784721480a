/* selection_judge_tests.c - what trained networks must show on fresh samples. */
#include "selection_judge_priv.h"

/* ---- errors -------------------------------------------------------------------------------- */

/* |x - expected| <= 4 standard errors. */
static void judge_errors(double x, double expected, double se,
                         struct att_finding *f)
{
    f->statistic = x;
    f->predicted = expected;
    f->lo = expected - 4.0 * se;
    f->hi = expected + 4.0 * se;
    f->verdict = isnan(x) || isnan(se)      ? ATT_INCONCLUSIVE
                 : x >= f->lo && x <= f->hi ? ATT_HOLDS
                                            : ATT_VIOLATED;
}

void att_sel_judge_rb(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const bool normal = !att_text_same(row->param[ATT_SEL_DATA].s, "heavy");

    f->verdict = ATT_NOT_APPLICABLE;
    if (!att_sel_is_out(model_of(row)) || !normal)
        return;
    judge_errors(att_row_metric(row, SM_LOSS_MC), att_row_metric(row, SM_LOSS),
                 att_row_metric(row, SM_LOSS_MC_SE), f);
}

void att_sel_judge_noise(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    f->verdict = ATT_NOT_APPLICABLE;
    if (number(row, ATT_SEL_NOISE_SD) == 0.0)
        return;
    judge_errors(att_row_metric(row, SM_NOISE_GAIN),
                 att_row_metric(row, SM_NOISE_PRED),
                 att_row_metric(row, SM_NOISE_GAIN_SE), f);
}

/* The proof needs V = alpha [I 0] (elsewhere a difference decides nothing) and
 * E |g|^2 = d/q, the unit of errors. */
void att_sel_judge_hard(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double off = att_row_metric(row, SM_ALPHA) - 1.0;
    const double expected = off * off;

    f->verdict = ATT_NOT_APPLICABLE;
    if (att_row_metric(row, SM_EXACT) < 1.0 ||
        !(att_row_metric(row, SM_COS_V) >= 0.999) || has_correlated_tests(row))
        return;
    f->statistic = att_row_metric(row, SM_HARD);
    f->predicted = expected;
    f->lo = 0.9 * expected - 1e-15; /* a few squared ulps of alpha */
    f->hi = 1.1 * expected + 1e-15;
    f->verdict = f->statistic >= f->lo && f->statistic <= f->hi ? ATT_HOLDS
                 : att_sel_is_out(model_of(row))                ? ATT_VIOLATED
                                                 : ATT_INCONCLUSIVE;
}

/* ---- other lengths --------------------------------------------------------------------------- */

void att_sel_judge_annealed(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double best = de_of(row) / (2.0 * number(row, ATT_SEL_Q));
    const bool asked =
        is_spe(row) && !is_stalled(row) && att_row_metric(row, SM_GAMMA) < best;
    struct worst w = {0};

    for (size_t i = 0; i < row->observations.n_rows && asked; i++) {
        if (!isnan(cell(row, i, SO_L_TEST)) &&
            !isnan(cell(row, i, SO_ANNEALED))) {
            keep_worst(&w, cell(row, i, SO_REL_ERR) / cell(row, i, SO_ANNEALED),
                       cell(row, i, SO_L_TEST));
        }
    }
    judge_ratio(&w, "L_test", (struct att_interval){0.75, 1.33},
                (struct att_interval){0.5, 2.0}, f);
}

void att_sel_judge_temperature(const struct att_rows *rows,
                               struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double best = de_of(row) / (2.0 * number(row, ATT_SEL_Q));
    const bool asked = is_spe(row) && !is_stalled(row);
    struct worst w = {0};

    for (size_t i = 0; i < row->observations.n_rows && asked; i++) {
        if (cell(row, i, SO_GAMMA_TEMP) < best) {
            keep_worst(&w, cell(row, i, SO_TEMP) / cell(row, i, SO_TEMP_PRED),
                       cell(row, i, SO_L_TEST));
        }
    }
    judge_ratio(&w, "L_test", (struct att_interval){0.75, 1.33},
                (struct att_interval){0.5, 2.0}, f);
}

void att_sel_judge_transfer(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const bool asked = is_spe(row) && !is_stalled(row);
    struct worst w = {0};

    for (size_t i = 0; i < row->observations.n_rows && asked; i++) {
        const double q = cell(row, i, SO_Q_TEST);

        if (q != number(row, ATT_SEL_Q) &&
            att_row_metric(row, SM_GAMMA) < de_of(row) / (2.0 * q)) {
            keep_worst(&w, cell(row, i, SO_REL_ERR) / cell(row, i, SO_ANNEALED),
                       q);
        }
    }
    judge_ratio(&w, "q_test", (struct att_interval){0.67, 1.5},
                (struct att_interval){0.5, 2.0}, f);
}

/* The least topq_exact of all lengths that de is wide enough for. */
static void judge_selector(const struct att_row_view *row, bool asked,
                           struct att_finding *f)
{
    const double q = number(row, ATT_SEL_Q);
    double least = (double)INFINITY, at = 0.0;

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    for (size_t i = 0; i < row->observations.n_rows && asked; i++) {
        const double L = cell(row, i, SO_L_TEST);

        if (de_of(row) >= 2.0 * q * log(100.0 * L / q) &&
            cell(row, i, SO_EXACT) < least) {
            least = cell(row, i, SO_EXACT);
            at = L;
        }
    }
    if (isinf(least))
        return;
    att_finding_within(f, least, (struct att_interval){0.99, 1.0},
                       (struct att_interval){0.95, 1.0});
    (void)snprintf(f->note, sizeof f->note, "topq_exact %.4g at L_test = %g",
                   least, at);
}

void att_sel_judge_selector(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    judge_selector(row, is_spe(row) && attends_tokens(row), f);
}

void att_sel_judge_pool(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    judge_selector(row,
                   pe_of(row) == SEL_POOL && rows_of(row) >= de_of(row) &&
                       is_dual(row) && attends_tokens(row),
                   f);
}

/* Standard error of a share from n samples. */
static double share_error(double p, double n)
{
    return sqrt(p * (1.0 - p) / n);
}

void att_sel_judge_fixed_fails(const struct att_rows *rows,
                               struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double L = number(row, ATT_SEL_L);
    bool below = false;

    f->verdict = ATT_NOT_APPLICABLE;
    f->statistic = (double)NAN;
    for (size_t i = 0; i < row->observations.n_rows && pe_of(row) == SEL_FIXED;
         i++) {
        const double exact = cell(row, i, SO_EXACT);
        const double low = cell(row, i, SO_EXACT_LOW);

        if (cell(row, i, SO_L_TEST) == 2.0 * L) {
            f->statistic = exact;
            f->predicted = low;
        }
        below =
            below ||
            exact < low - 3.0 * share_error(low, att_row_metric(row, SM_DRAWS));
    }
    if (isnan(f->statistic))
        return;
    f->lo = f->predicted;
    f->hi = 0.6;
    f->verdict = f->statistic > 0.95 ? ATT_VIOLATED
                 : below && att_row_metric(row, SM_EXACT) >= 0.999
                     ? ATT_VIOLATED
                 : f->statistic > 0.6 || below ? ATT_INCONCLUSIVE
                                               : ATT_HOLDS;
}

void att_sel_judge_cos_w_fixed(const struct att_rows *rows,
                               struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    f->verdict = ATT_NOT_APPLICABLE;
    if (!(rows_of(row) < de_of(row)))
        return;
    f->predicted = att_row_metric(row, SM_COS_W_PRED);
    att_finding_within(
        f, att_row_metric(row, SM_COS_W),
        (struct att_interval){0.95 * f->predicted, 1.05 * f->predicted},
        (struct att_interval){0.85 * f->predicted, 1.15 * f->predicted});
}

void att_sel_judge_prefix(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_equal(f, att_row_metric(&rows->row[0], SM_PREFIX), 1.0);
    f->predicted = 1.0;
}

/* ---- rounded logits ----------------------------------------------------------------------- */

/* 1e-9: the bound is a root of sums of the same some thousand numbers. */
void att_sel_judge_rounded(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    double most = -1.0;

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    for (size_t i = 0; i < row->observations.n_rows; i++) {
        most = fmax(most, cell(row, i, SO_BF16) / cell(row, i, SO_BF16_BOUND));
        most = fmax(most, cell(row, i, SO_INT8) / cell(row, i, SO_INT8_BOUND));
    }
    if (most >= 0.0)
        att_finding_at_most(f, most, 1.0 + 1e-9);
}

/* ---- one model against another --------------------------------------------------------------- */

/* rel_err at a test length; NaN: there is no such line. */
static double error_at(const struct att_row_view *row, double L_test)
{
    for (size_t i = 0; i < row->observations.n_rows; i++) {
        if (cell(row, i, SO_L_TEST) == L_test)
            return cell(row, i, SO_REL_ERR);
    }
    return (double)NAN;
}

static void compare_rows(const struct att_row_view *full,
                         const struct att_row_view *posonly, struct worst *w)
{
    keep_worst(w,
               att_row_metric(posonly, SM_REL_ERR) /
                   att_row_metric(full, SM_REL_ERR),
               number(full, ATT_SEL_L));
    for (size_t i = 0; i < full->observations.n_rows; i++) {
        const double L = cell(full, i, SO_L_TEST);
        const double ratio = error_at(posonly, L) / cell(full, i, SO_REL_ERR);

        if (!isnan(ratio))
            keep_worst(w, ratio, L);
    }
}

void att_sel_judge_posonly(const struct att_rows *rows, struct att_finding *f)
{
    struct worst w = {0};

    for (size_t i = 0; i < rows->n; i++) {
        for (size_t j = 0; j < rows->n; j++) {
            const struct att_row_view *a = &rows->row[i], *b = &rows->row[j];

            if (model_of(a) == SEL_FULL && model_of(b) == SEL_POSONLY &&
                a->replicate == b->replicate && !is_stalled(a) &&
                !is_stalled(b))
                compare_rows(a, b, &w);
        }
    }
    judge_ratio(&w, "L_test", (struct att_interval){0.75, 1.25},
                (struct att_interval){0.5, 1.5}, f);
}

/* How far a training ended from the two numbers. */
static double distance(const struct att_row_view *row)
{
    return fabs(log(att_row_metric(row, SM_ALPHA) /
                    att_row_metric(row, SM_ALPHA_PRED))) +
           fabs(log(att_row_metric(row, SM_GAMMA) /
                    att_row_metric(row, SM_GAMMA_PRED)));
}

/* Mean distances over replicates, of trainings put back on the line of two
 * numbers at every step and of those left alone. */
void att_sel_judge_symmetrised(const struct att_rows *rows,
                               struct att_finding *f)
{
    double sum[2] = {0.0, 0.0}, n[2] = {0.0, 0.0};

    f->verdict = ATT_NOT_APPLICABLE;
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const enum sel_symmetrise how =
            att_sel_symmetrise(row->param[SP_SYMMETRISE].s);
        const size_t at = how == SEL_SYMMETRISE_ALL;

        if (how == SEL_SYMMETRISE_C || !is_spe(row) || !is_plain(row) ||
            isnan(distance(row)))
            continue;
        sum[at] += distance(row);
        n[at] += 1.0;
    }
    if (n[0] == 0.0 || n[1] == 0.0)
        return;
    f->predicted = sum[0] / n[0];
    att_finding_at_most(f, sum[1] / n[1], f->predicted);
}
