/* selection_fcn_claims.c - verdicts on fully connected nets. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "selection_fcn_priv.h"

/* Rounding of the projector, docs/theory/selection-fcn.md. */
static const double PROJECTOR = 1e-10;
/* What counts as solved, and how much a halved budget may change. */
static const double SOLVED = 0.2;
static const double STILL_FALLS = 0.2;

/* Fewer samples, or coordinates beyond a gate, tell no standard error. */
enum { FEW_SAMPLES = 100, FEW_EXCEED = 10 };

static bool is_gauss(const struct att_row_view *row)
{
    return att_text_same(row->param[ATT_SEL_DATA].s, "gauss");
}

static bool has_few_samples(const struct att_rows *rows)
{
    return rows->row[0].param[ATT_SEL_SAMPLES].i < FEW_SAMPLES;
}

/* ---- the bound ------------------------------------------------------------------ */

/* Nets on given rows attain the certificate, so that three standard errors
 * would be passed once in 700 rows. */
static void judge_bound(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const bool attains = att_fcn_kind(row->param) == FCN_MEAN ||
                         att_fcn_kind(row->param) == FCN_RANDOM;
    const double slack =
        (attains ? 5.0 : 3.0) * att_row_metric(rows->row, FM_REL_ERR_SE);
    const double cert = att_row_metric(rows->row, FM_CERT);
    const double bound = att_row_metric(rows->row, FM_BOUND);

    f->statistic = att_row_metric(rows->row, FM_REL_ERR);
    f->lo = f->statistic - slack;
    f->hi = f->statistic + slack;
    f->predicted = cert;
    f->verdict = ATT_NOT_APPLICABLE;
    if (!is_gauss(row))
        return;
    f->verdict = has_few_samples(rows) ? ATT_INCONCLUSIVE : ATT_HOLDS;
    if (cert < bound - PROJECTOR) {
        f->verdict = ATT_VIOLATED;
        (void)snprintf(f->note, sizeof f->note,
                       "the certificate %.6g is below the bound %.6g", cert,
                       bound);
    } else if (f->hi < cert && !has_few_samples(rows)) {
        f->verdict = ATT_VIOLATED;
        (void)snprintf(f->note, sizeof f->note,
                       "rel_err %.6g is below the certificate %.6g",
                       f->statistic, cert);
    }
}

static void judge_tight(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_value *p = rows->row[0].param;

    f->statistic = att_row_metric(rows->row, FM_CERT);
    f->predicted = att_row_metric(rows->row, FM_BOUND);
    f->verdict = ATT_NOT_APPLICABLE;
    if (att_fcn_kind(p) != FCN_MEAN || p[FCN_WIDTH].i < p[ATT_SEL_D].i ||
        !is_gauss(&rows->row[0]))
        return;
    f->verdict = fabs(f->statistic - f->predicted) <= PROJECTOR ? ATT_HOLDS
                                                                : ATT_VIOLATED;
}

/* ---- laws with a standard error ----------------------------------------------------- */

/* Within four of them, below and above. */
static void judge_close(struct att_finding *f, double value, double law,
                        double se)
{
    f->statistic = value;
    f->predicted = law;
    f->lo = value - 4.0 * se;
    f->hi = value + 4.0 * se;
    f->verdict = fabs(value - law) <= 4.0 * se ? ATT_HOLDS : ATT_VIOLATED;
}

static void judge_explicit(const struct att_rows *rows, struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    if (att_fcn_kind(rows->row[0].param) != FCN_EXPLICIT ||
        !is_gauss(&rows->row[0]))
        return;
    judge_close(f, att_row_metric(rows->row, FM_REL_ERR),
                att_row_metric(rows->row, FM_EXPLICIT),
                att_row_metric(rows->row, FM_EXPLICIT_SE));
    if (att_row_metric(rows->row, FM_N_EXCEED) < (double)FEW_EXCEED)
        f->verdict = ATT_INCONCLUSIVE;
}

static void judge_noise(const struct att_rows *rows, struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    if (!(rows->row[0].param[ATT_SEL_NOISE_SD].r > 0.0))
        return;
    judge_close(f, att_row_metric(rows->row, FM_NOISE_GAP),
                att_row_metric(rows->row, FM_NOISE_LAW),
                att_row_metric(rows->row, FM_NOISE_GAP_SE));
    if (has_few_samples(rows))
        f->verdict = ATT_INCONCLUSIVE;
}

/* ---- the threshold -------------------------------------------------------------------- */

static int64_t width_of(const struct att_row_view *row)
{
    return row->param[FCN_WIDTH].i;
}

static int64_t steps_of(const struct att_row_view *row)
{
    return row->param[FCN_STEPS].i;
}

static double error_of(const struct att_row_view *row)
{
    return att_value_number(row->metric[FM_REL_ERR]);
}

/* The largest budget that is at most `most`; 0: none. */
static int64_t largest_steps(const struct att_rows *rows, int64_t most)
{
    int64_t best = 0;

    for (size_t i = 0; i < rows->n; i++) {
        const int64_t steps = steps_of(&rows->row[i]);

        best = steps <= most && steps > best ? steps : best;
    }
    return best;
}

/* Smallest solved width of a replicate at a budget; 0: none. */
static int64_t least_width(const struct att_rows *rows, int64_t steps,
                           int64_t replicate)
{
    int64_t least = 0;

    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (row->replicate == replicate && steps_of(row) == steps &&
            error_of(row) < SOLVED && (least == 0 || width_of(row) < least))
            least = width_of(row);
    }
    return least;
}

/* Is this the first row of its replicate at the budget? */
static bool is_first(const struct att_rows *rows, size_t i, int64_t steps)
{
    if (steps_of(&rows->row[i]) != steps)
        return false;
    for (size_t j = 0; j < i; j++) {
        if (steps_of(&rows->row[j]) == steps &&
            rows->row[j].replicate == rows->row[i].replicate)
            return false;
    }
    return true;
}

/* Median over replicates of the smallest solved width, INFINITY when the
 * middle one solved none; lo, hi: the least and the largest of them. */
static double median_width(const struct att_rows *rows, int64_t steps,
                           struct att_finding *f)
{
    double *found = ATT_NEW(rows->scratch, double, rows->n);
    size_t n = 0, n_above = 0;

    if (found == NULL)
        return (double)NAN;
    for (size_t i = 0; i < rows->n; i++) {
        if (!is_first(rows, i, steps))
            continue;
        const int64_t least = least_width(rows, steps, rows->row[i].replicate);

        if (least > 0) {
            found[n++] = (double)least;
        } else {
            n_above++;
        }
    }
    const double median = att_median_censored(found, n, n_above);

    f->lo = n > 0 ? found[0] : (double)NAN;
    f->hi = n > 0 && n_above == 0 ? found[n - 1] : (double)NAN;
    return median;
}

/* Median error at a width and a budget; NaN: no such row. */
static double median_error(const struct att_rows *rows, int64_t width,
                           int64_t steps)
{
    double *x = ATT_NEW(rows->scratch, double, rows->n);
    size_t n = 0;

    for (size_t i = 0; x != NULL && i < rows->n; i++) {
        if (width_of(&rows->row[i]) == width &&
            steps_of(&rows->row[i]) == steps)
            x[n++] = error_of(&rows->row[i]);
    }
    return n > 0 ? att_median(x, n) : (double)NAN;
}

/* The largest width that was tried up to `most` at a budget; 0: none. */
static int64_t largest_width(const struct att_rows *rows, double most,
                             int64_t steps)
{
    int64_t best = 0;

    for (size_t i = 0; i < rows->n; i++) {
        const int64_t width = width_of(&rows->row[i]);

        if (steps_of(&rows->row[i]) == steps && (double)width <= most &&
            width > best)
            best = width;
    }
    return best;
}

/* A threshold outside its band says something only once training longer does
 * not help any more. */
static void judge_budget(const struct att_rows *rows, int64_t width,
                         int64_t steps, struct att_finding *f)
{
    const int64_t half = largest_steps(rows, steps / 2);
    const double before = median_error(rows, width, half);
    const double after = median_error(rows, width, steps);
    const double gain = 1.0 - after / before;

    f->verdict = gain <= STILL_FALLS ? ATT_VIOLATED : ATT_INCONCLUSIVE;
    if (isnan(gain)) {
        (void)snprintf(f->note, sizeof f->note,
                       "width %" PRId64 " was not trained with half the "
                       "steps: whether the loss still falls is unknown",
                       width);
    } else {
        (void)snprintf(f->note, sizeof f->note,
                       "at width %" PRId64 " the second half of the steps "
                       "takes %.0f %% off rel_err",
                       width, 100.0 * gain);
    }
}

static struct att_interval band_of(int64_t depth)
{
    return depth == 1 ? (struct att_interval){1.0, 3.0}
                      : (struct att_interval){0.5, 2.0};
}

static void judge_ratio(const struct att_rows *rows, int64_t steps,
                        struct att_finding *f)
{
    const struct att_value *p = rows->row[0].param;
    const struct att_interval band = band_of(p[FCN_DEPTH].i);
    const double n = (double)(p[ATT_SEL_L].i * p[ATT_SEL_D].i);
    const double width = median_width(rows, steps, f);
    const double tried = (double)largest_width(rows, INFINITY, steps);

    f->statistic = width / n;
    f->lo /= n;
    f->hi /= n;
    f->verdict = ATT_INCONCLUSIVE;
    if (isnan(width) || (isinf(width) && tried < band.hi * n)) {
        f->statistic = (double)NAN;
        (void)snprintf(f->note, sizeof f->note,
                       "widths up to %.2f L d do not reach rel_err < 0.2",
                       tried / n);
        return;
    }
    if (width / n >= band.lo && width / n <= band.hi) {
        f->verdict = ATT_HOLDS;
        return;
    }
    judge_budget(rows, largest_width(rows, fmin(width, band.hi * n), steps),
                 steps, f);
}

static void judge_threshold(const struct att_rows *rows, struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    if (rows->n == 0)
        return;
    const struct att_value *p = rows->row[0].param;
    const int64_t steps = largest_steps(rows, INT64_MAX);
    const int64_t widest = largest_width(rows, INFINITY, steps);

    f->predicted = fmax(1.0, 3.0 - (double)p[FCN_DEPTH].i);
    if (att_fcn_kind(p) != FCN_TRAINED || p[FCN_DEPTH].i > 2 ||
        !is_gauss(&rows->row[0]) ||
        largest_width(rows, (double)widest - 0.5, steps) == 0)
        return;
    judge_ratio(rows, steps, f);
}

/* ---- the table ------------------------------------------------------------------------- */

const struct att_claim att_fcn_claims[FCN_CLAIMS] = {
    {.id = "selection.fcn-bound",
     .statement = "rel_err + 3 s.e. >= fcn_cert >= fcn_bound (5 s.e. for nets "
                  "that attain it)",
     .source = "derived here; headline of arXiv 2406.06893",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_bound},
    {.id = "selection.fcn-tight",
     .statement = "d mean directions and width - d other rows: fcn_cert = "
                  "fcn_bound within 1e-10",
     .source = "derived here",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_tight},
    {.id = "selection.fcn-explicit",
     .statement = "explicit net: rel_err = fcn_explicit_pred within 4 s.e. "
                  "where at least 10 coordinates exceed the gates",
     .source = "derived here",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_explicit},
    {.id = "selection.label-noise",
     .statement = "noise_gap = d noise_sd^2 / 2 within 4 s.e.",
     .source = "derived here",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_noise},
    {.id = "selection.fcn-threshold",
     .statement = "smallest width with rel_err < 0.2, over L d: in [0.5, 2] "
                  "with two hidden layers, [1, 3] with one",
     .source = "empirical, reconstruction's own measurements",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_STUDY,
     .group_by = "*,!width,!steps",
     .pool = "",
     .judge = judge_threshold},
};
