/* selection_claims.c - what trained networks must show.
 *
 * Claims about curves are judged on the lines of a row: those of the axis step,
 * of L_test, of q_test. */
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "selection_columns_priv.h"

/* ---- rows and lines ------------------------------------------------------------------ */

static double number(const struct att_row_view *row, uint32_t p)
{
    return att_value_number(row->param[p]);
}

static double cell(const struct att_row_view *row, size_t line, uint32_t column)
{
    const struct att_lines *o = &row->observations;

    return o->cell[line * o->n_columns + column];
}

static enum sel_model model_of(const struct att_row_view *row)
{
    return att_sel_model(row->param[SP_MODEL].s);
}

static enum sel_pe pe_of(const struct att_row_view *row)
{
    return att_sel_pe(row->param[SP_PE].s);
}

/* Fresh random signs: what the two numbers and the annealed formula know. */
static bool is_spe(const struct att_row_view *row)
{
    return (pe_of(row) == SEL_SPE || pe_of(row) == SEL_SPE_STEP) &&
           att_sel_query(row->param[SP_QUERY].s) == SEL_DUAL &&
           att_text_same(row->param[ATT_SEL_DATA].s, "gauss");
}

static bool is_plain(const struct att_row_view *row)
{
    const enum sel_opt opt = att_sel_opt(row->param[SP_OPT].s);

    return (opt == SEL_GD || opt == SEL_SGD) && row->param[SP_WARM_UP].i == 0 &&
           att_text_same(row->param[SP_DECAY].s, "constant");
}

/* Selected logits far apart: training walks in noise (hazard H1). */
static bool is_stalled(const struct att_row_view *row)
{
    return att_row_metric(row, SM_CV) > 0.5;
}

static double de_of(const struct att_row_view *row)
{
    return pe_of(row) == SEL_ONEHOT ? number(row, ATT_SEL_L)
                                    : number(row, SP_DE);
}

/* One-hot encodings leave nothing to chance: kappa = 2. */
static double kappa_of(const struct att_row_view *row, double gamma)
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

static void keep_worst(struct worst *w, double ratio, double at)
{
    if (!(ratio > 0.0))
        ratio = (double)NAN;
    if (!w->any || isnan(ratio) || fabs(log(ratio)) > fabs(log(w->ratio)))
        *w = (struct worst){ratio, at, true};
}

static void judge_ratio(const struct worst *w, const char *axis,
                        struct att_interval holds,
                        struct att_interval tolerated, struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    if (!w->any)
        return;
    att_finding_within(f, w->ratio, holds, tolerated);
    (void)snprintf(f->note, sizeof f->note, "ratio %.4g at %s = %g", w->ratio,
                   axis, w->at);
}

/* ---- training curves ----------------------------------------------------------------------- */

/* May the asymptotic laws of plain training be asked of this row? */
static bool has_rate(const struct att_row_view *row)
{
    return (is_spe(row) || pe_of(row) == SEL_ONEHOT) && is_plain(row) &&
           !is_stalled(row);
}

/* A line of the axis step at t >= 2 t0 with gamma >= 1 and kappa >= 0.9. */
static bool is_late(const struct att_row_view *row, size_t line)
{
    const double gamma = cell(row, line, SO_GAMMA);

    return cell(row, line, SO_STEP) >= 2.0 * att_row_metric(row, SM_T0_PRED) &&
           gamma >= 1.0 && kappa_of(row, gamma) >= 0.9;
}

static void judge_rate(const struct att_rows *rows, struct att_finding *f)
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

static void judge_t0(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double t0 = att_row_metric(row, SM_T0_PRED),
                 t = att_row_metric(row, SM_T_GAMMA1);
    const enum sel_pe pe = pe_of(row);

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = t0;
    if (!is_plain(row) || pe == SEL_FIXED || pe == SEL_SINUSOID)
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
static void judge_two_param(const struct att_rows *rows, struct att_finding *f)
{
    f->predicted = 0.0;
    att_finding_at_most(f, att_row_metric(&rows->row[0], SM_PAIR_GAP), 1e-9);
}

static void judge_two_param_law(const struct att_rows *rows,
                                struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const enum sel_model m = model_of(row);
    struct worst w = {0};

    for (size_t i = 0; i < row->observations.n_rows && is_spe(row) &&
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
static void judge_symmetry(const struct att_rows *rows, struct att_finding *f)
{
    f->predicted = 0.0;
    att_finding_at_most(f, att_row_metric(&rows->row[0], SM_MIRROR_GAP), 1e-9);
}

static void judge_symmetry_law(const struct att_rows *rows,
                               struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double cosine =
        fmin(att_row_metric(row, SM_COS_V), att_row_metric(row, SM_COS_W));

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    if (!att_sel_is_own(pe_of(row)) && pe_of(row) != SEL_SPE_STEP)
        return;
    att_finding_within(f, cosine, (struct att_interval){0.99, 1.0 + 1e-9},
                       (struct att_interval){0.95, 1.0 + 1e-9});
}

static void judge_zero_grad(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_equal(f, att_row_metric(&rows->row[0], SM_GNORM_W0), 0.0);
    f->predicted = 0.0;
}

/* Least squares of gamma on ln(t - t0) over late lines. */
struct slope {
    double n, x, y, xx, xy, gamma;
};

static void judge_gamma_log(const struct att_rows *rows, struct att_finding *f)
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

static void judge_overshoot(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double alpha = att_row_metric(row, SM_ALPHA),
                 most = att_row_metric(row, SM_ALPHA_MAX);

    f->verdict = ATT_NOT_APPLICABLE;
    f->statistic = alpha;
    f->predicted = 1.0;
    f->lo = 1.0;
    f->hi = most;
    if (is_stalled(row) || pe_of(row) == SEL_FIXED)
        return;
    f->verdict = most > 1.0 && alpha > 1.0 && alpha < most ? ATT_HOLDS
                 : number(row, SP_STEPS) < 2.0 * att_row_metric(row, SM_T0_PRED)
                     ? ATT_INCONCLUSIVE
                     : ATT_VIOLATED;
}

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

static void judge_rb(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const bool normal = att_text_same(row->param[ATT_SEL_DATA].s, "gauss");

    f->verdict = ATT_NOT_APPLICABLE;
    if (!att_sel_is_out(model_of(row)) || !normal)
        return;
    judge_errors(att_row_metric(row, SM_LOSS_MC), att_row_metric(row, SM_LOSS),
                 att_row_metric(row, SM_LOSS_MC_SE), f);
}

static void judge_noise(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    f->verdict = ATT_NOT_APPLICABLE;
    if (number(row, ATT_SEL_NOISE_SD) == 0.0)
        return;
    judge_errors(att_row_metric(row, SM_NOISE_GAIN),
                 att_row_metric(row, SM_NOISE_PRED),
                 att_row_metric(row, SM_NOISE_GAIN_SE), f);
}

/* The proof needs V = alpha [I 0]; elsewhere a difference decides nothing. */
static void judge_hard(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double off = att_row_metric(row, SM_ALPHA) - 1.0;
    const double expected = off * off;

    f->verdict = ATT_NOT_APPLICABLE;
    if (att_row_metric(row, SM_EXACT) < 1.0 ||
        !(att_row_metric(row, SM_COS_V) >= 0.999))
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

static void judge_annealed(const struct att_rows *rows, struct att_finding *f)
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

static void judge_temperature(const struct att_rows *rows,
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

static void judge_transfer(const struct att_rows *rows, struct att_finding *f)
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

static void judge_selector(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double q = number(row, ATT_SEL_Q);
    double least = (double)INFINITY, at = 0.0;

    f->verdict = ATT_NOT_APPLICABLE;
    f->predicted = 1.0;
    for (size_t i = 0; i < row->observations.n_rows && is_spe(row); i++) {
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

/* Standard error of a share from n samples. */
static double share_error(double p, double n)
{
    return sqrt(p * (1.0 - p) / n);
}

static void judge_fixed_fails(const struct att_rows *rows,
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

static void judge_cos_w_fixed(const struct att_rows *rows,
                              struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    f->verdict = ATT_NOT_APPLICABLE;
    if (pe_of(row) != SEL_FIXED || number(row, ATT_SEL_L) >= de_of(row))
        return;
    f->predicted = att_row_metric(row, SM_COS_W_PRED);
    att_finding_within(
        f, att_row_metric(row, SM_COS_W),
        (struct att_interval){0.95 * f->predicted, 1.05 * f->predicted},
        (struct att_interval){0.85 * f->predicted, 1.15 * f->predicted});
}

static void judge_prefix(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_equal(f, att_row_metric(&rows->row[0], SM_PREFIX), 1.0);
    f->predicted = 1.0;
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

static void judge_posonly(const struct att_rows *rows, struct att_finding *f)
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

/* ---- the table ----------------------------------------------------------------------------------- */

#define HERE   "docs/theory/selection.md"
#define SECOND "arXiv 2406.06893 as described by later work; " HERE

#define ROW(id_, standing_, source_, judge_, statement_)                       \
    {                                                                          \
        .id = "selection." id_, .statement = (statement_),                     \
        .source = (source_), .standing = (standing_), .scope = ATT_SCOPE_ROW,  \
        .group_by = "", .pool = "", .judge = (judge_)                          \
    }

const struct att_claim att_sel_claims[SEL_CLAIMS] = {
    [SC_RATE] = ROW("rate", ATT_EMPIRICAL, HERE, judge_rate,
                    "loss = de / (eta_W kappa^2 (t - t0)) within [0.7, 1.5] "
                    "from t = 2 t0 on"),
    [SC_T0] = ROW("t0", ATT_EMPIRICAL, HERE, judge_t0,
                  "gamma passes 1 at L/eta_V + de L/(eta_W d), within a factor "
                  "of 2"),
    [SC_TWO_PARAM] = ROW("two-param", ATT_PROVED, HERE, judge_two_param,
                         "at V = alpha [I 0], C = gamma I the gradient's trace "
                         "is the step of two numbers"),
    [SC_TWO_PARAM_LAW] =
        ROW("two-param-law", ATT_EMPIRICAL, HERE, judge_two_param_law,
            "alpha and gamma of a training follow the "
            "two-number dynamics within 5 %"),
    [SC_SYMMETRY] = ROW("symmetry", ATT_PROVED, HERE, judge_symmetry,
                        "a signed permutation of encodings and weights leaves "
                        "the loss alone"),
    [SC_SYMMETRY_LAW] =
        ROW("symmetry-law", ATT_SECOND_HAND, SECOND, judge_symmetry_law,
            "random encodings: cosV, cosW >= 0.99 at the last "
            "step; attention by position is learned"),
    [SC_ZERO_GRAD] = ROW("zero-grad", ATT_PROVED, HERE, judge_zero_grad,
                         "from V = W = 0 the first gradient of W is 0"),
    [SC_GAMMA_LOG] = ROW("gamma-log", ATT_EMPIRICAL, HERE, judge_gamma_log,
                         "gamma grows like ln(t - t0) / kappa"),
    [SC_OVERSHOOT] =
        ROW("alpha-overshoot", ATT_EMPIRICAL, HERE, judge_overshoot,
            "alpha rises above 1 and comes back towards it"),
    [SC_RB] = ROW("rb", ATT_PROVED, HERE, judge_rb,
                  "loss without tokens = mean loss over tokens, within 4 s.e."),
    [SC_ANNEALED] = ROW("annealed", ATT_EMPIRICAL, HERE, judge_annealed,
                        "rel_err at L_test = annealed formula within [0.75, "
                        "1.33] while gamma < de/(2q)"),
    [SC_SELECTOR] = ROW("selector", ATT_SECOND_HAND, SECOND, judge_selector,
                        "random encodings: topq_exact >= 0.99 at every L_test "
                        "with de >= 2q ln(100 L_test/q)"),
    [SC_FIXED_FAILS] =
        ROW("fixed-fails", ATT_EMPIRICAL, HERE, judge_fixed_fails,
            "fixed encodings: topq_exact >= C(L,q)/C(L_test,q), "
            "and <= 0.6 at 2 L"),
    [SC_HARD_ERROR] = ROW("hard-error", ATT_PROVED, HERE, judge_hard,
                          "topq_exact = 1: rel_err_hard = (alpha - 1)^2"),
    [SC_TEMPERATURE] =
        ROW("temperature", ATT_EMPIRICAL, HERE, judge_temperature,
            "rel_err_temp = annealed formula at gamma_temp "
            "within [0.75, 1.33]"),
    [SC_TRANSFER] = ROW("transfer-q", ATT_EMPIRICAL, HERE, judge_transfer,
                        "rel_err at q_test = annealed formula within [0.67, "
                        "1.5]"),
    [SC_COS_W_FIXED] = ROW("cosw-fixed", ATT_EMPIRICAL, HERE, judge_cos_w_fixed,
                           "fixed encodings, L < de: cosW = sqrt(L/de) within "
                           "5 %"),
    [SC_POSONLY] = {.id = "selection.posonly",
                    .statement = "models full and posonly agree in rel_err at "
                                 "every L_test within 25 %",
                    .source = "sources conflict; " HERE,
                    .standing = ATT_EMPIRICAL,
                    .scope = ATT_SCOPE_GROUP,
                    .group_by = "*, !model",
                    .pool = "replicate",
                    .judge = judge_posonly},
    [SC_NOISE] = ROW("label-noise", ATT_PROVED, HERE, judge_noise,
                     "noisy targets add d noise_sd^2/2 to the loss, within 4 "
                     "s.e."),
    [SC_PREFIX] =
        ROW("prefix", ATT_PROVED, HERE, judge_prefix,
            "tokens and encodings of a longer sample begin with those "
            "of a shorter one, bit for bit"),
};
