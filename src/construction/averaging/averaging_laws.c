/* averaging_laws.c - laws of the unit of fixed precision, judged on groups. */
#include "averaging_laws_priv.h"

#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"

/* Coordinates that are not used up, however many are drawn. */
static bool is_independent(const struct att_row_view *row)
{
    return att_row_says(row, AP_KEYS, "sign") ||
           att_row_says(row, AP_KEYS, "gauss") ||
           att_row_says(row, AP_KEYS, "unit");
}

/* ---- width-law ---------------------------------------------------------------------- */

static bool has_two_lengths(const struct att_rows *rows)
{
    for (size_t i = 1; i < rows->n; i++) {
        if (rows->row[i].param[ATT_AVG_L].i != rows->row[0].param[ATT_AVG_L].i)
            return true;
    }
    return false;
}

static void put_law(const struct att_row_view *row, double *x)
{
    const double q = (double)row->param[ATT_AVG_Q].i;

    x[0] = q * log((double)row->param[ATT_AVG_L].i);
    x[1] = q;
}

static bool half_by_law(const struct att_row_view *row, double *x, double *y)
{
    put_law(row, x);
    *y = att_row_metric(row, AM_M_HALF);
    return true;
}

static bool err_by_law(const struct att_row_view *row, double *x, double *y)
{
    put_law(row, x);
    *y = att_row_metric(row, AM_M_ERR);
    return true;
}

/* A q ln L + B q + C of a measured dimension over the medians of replicates:
 * R2 >= 0.95, the coefficients in the note, A with its interval shown. */
static void judge_linear_law(const struct att_rows *rows,
                             att_row_point_fn point, struct att_finding *f)
{
    struct att_sample s;
    struct att_fit fit;

    if (!has_two_lengths(rows) || !att_rows_sample(rows, 2, point, &s))
        return;
    const struct att_points points = att_sample_points(&s);

    /* Three coefficients ask for some points more. */
    if (att_sample_distinct(&s, 0, rows->scratch) < 6 ||
        att_sample_distinct(&s, 1, rows->scratch) < 2)
        return;
    f->verdict = ATT_INCONCLUSIVE;
    if (att_fit_linear(&points, ATT_FIT_MEDIANS, rows->scratch, &fit, NULL) !=
        ATT_OK)
        return;
    f->statistic = fit.coef[1];
    f->lo = fit.ci[1].lo;
    f->hi = fit.ci[1].hi;
    f->verdict = fit.r2 >= 0.95 ? ATT_HOLDS : ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note,
                   "%.3g q ln L + %.3g q + %.3g, R2 %.4f; B in [%.3g, %.3g]",
                   fit.coef[1], fit.coef[2], fit.coef[0], fit.r2, fit.ci[2].lo,
                   fit.ci[2].hi);
}

/* The exponent in q of m_half at the L of each row: the law is refuted where
 * it exceeds this. */
static const double STEEP = 1.2;

static bool half_by_q(const struct att_row_view *row, double *x, double *y)
{
    x[0] = (double)row->param[ATT_AVG_Q].i;
    x[1] = (double)row->param[ATT_AVG_L].i;
    *y = att_row_metric(row, AM_M_HALF);
    return true;
}

static bool is_steep(const struct att_rows *rows)
{
    struct att_sample s;
    struct att_fit fit;

    if (!att_rows_sample(rows, 2, half_by_q, &s))
        return false;
    const struct att_points points = att_sample_points(&s);

    return att_sample_distinct(&s, 0, rows->scratch) >= 4 &&
           att_fit_power(&points, ATT_FIT_MEDIANS, rows->scratch, &fit, NULL) ==
               ATT_OK &&
           fit.coef[1] > STEEP;
}

/* As many coefficients, bent: faces of a random polytope end at some
 * q ln(L / q). */
static bool half_by_ratio(const struct att_row_view *row, double *x, double *y)
{
    const double q = (double)row->param[ATT_AVG_Q].i;

    x[0] = q * log((double)row->param[ATT_AVG_L].i / q);
    x[1] = q;
    *y = att_row_metric(row, AM_M_HALF);
    return true;
}

/* R2 of the medians of replicates; NaN: no fit. */
static double r2_of(const struct att_rows *rows, att_row_point_fn point)
{
    struct att_sample s;
    struct att_fit fit = {.r2 = (double)NAN};

    if (!att_rows_sample(rows, 2, point, &s))
        return fit.r2;
    const struct att_points points = att_sample_points(&s);

    return att_fit_linear(&points, ATT_FIT_MEDIANS, rows->scratch, &fit,
                          NULL) == ATT_OK
               ? fit.r2
               : (double)NAN;
}

void att_avg_judge_width_law(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (rows->n == 0 || !att_avg_is_corrected(&rows->row[0]))
        return;
    judge_linear_law(rows, half_by_law, f);
    if (f->verdict == ATT_NOT_APPLICABLE)
        return;
    if (f->verdict == ATT_INCONCLUSIVE && is_steep(rows))
        f->verdict = ATT_VIOLATED;
    const size_t end = strlen(f->note);

    if (end == 0)
        return; /* no fit */
    (void)snprintf(f->note + end, sizeof f->note - end,
                   "; R2 %.4f in q ln(L/q)", r2_of(rows, half_by_ratio));
}

void att_avg_judge_m_law(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (rows->n > 0 && att_row_says(&rows->row[0], AP_DUAL, "ls") &&
        att_row_says(&rows->row[0], AP_SETS, "given") &&
        is_independent(&rows->row[0]))
        judge_linear_law(rows, err_by_law, f);
}

/* ---- m-pred, routing ------------------------------------------------------------------ */

/* What a closed form comes to at a point; NaN: it does not speak of it. */
typedef double (*closed_fn)(const struct att_row_view *row, uint32_t predicted);

struct ratios {
    double sum, least, most;
    size_t n, n_cells;
    double *value; /* [rows] scratch */
    closed_fn closed;
};

/* Rows of one point: they are neighbours, and differ in the replicate. */
struct cell {
    const struct att_row_view *row;
    size_t n;
};

/* The median of the replicates over what is predicted: a replicate without the
 * measured d needs more than the grid has. */
static void add_ratio(struct ratios *r, struct cell c, uint32_t measured,
                      uint32_t predicted)
{
    size_t n = 0;

    for (size_t i = 0; i < c.n; i++) {
        r->value[n] = att_row_metric(&c.row[i], measured);
        n += isnan(r->value[n]) ? 0 : 1;
    }
    const double x = att_median_censored(r->value, n, c.n - n) /
                     r->closed(&c.row[0], predicted);

    if (!isfinite(x))
        return;
    r->least = r->n == 0 ? x : fmin(r->least, x);
    r->most = r->n == 0 ? x : fmax(r->most, x);
    r->sum += x;
    r->n++;
}

/* The least-norm dual on random sets; for q = 1 scores lie on a lattice. */
static bool is_random(const struct att_row_view *row)
{
    return att_row_says(row, AP_DUAL, "ls") &&
           att_row_says(row, AP_SETS, "given") &&
           att_row_says(row, ATT_AVG_DATA, "random") &&
           att_avg_is_theorem(row) && att_avg_is_plain(row) &&
           row->param[ATT_AVG_Q].i >= 2;
}

static double closed_for_signs(const struct att_row_view *row,
                               uint32_t predicted)
{
    const bool applies = is_random(row) && att_row_says(row, AP_KEYS, "sign") &&
                         row->param[ATT_AVG_L].i >= 256;

    return applies ? att_row_metric(row, predicted) : (double)NAN;
}

/* Columns of Sylvester's matrix, whose order is a power of two. */
static double closed_for_columns(const struct att_row_view *row,
                                 uint32_t predicted)
{
    const double order = exp2(ceil(log2((double)row->param[ATT_AVG_L].i)));

    if (!is_random(row) || !att_row_says(row, AP_KEYS, "hadamard"))
        return (double)NAN;
    return att_avg_m_drawn(att_row_metric(row, predicted),
                           (double)row->param[ATT_AVG_Q].i, order);
}

static struct cell cell_from(const struct att_rows *rows, size_t from)
{
    struct cell c = {&rows->row[from], 1};

    while (from + c.n < rows->n &&
           c.row[c.n].param[ATT_AVG_L].i == c.row[0].param[ATT_AVG_L].i &&
           c.row[c.n].param[ATT_AVG_Q].i == c.row[0].param[ATT_AVG_Q].i)
        c.n++;
    return c;
}

static void collect_ratios(const struct att_rows *rows, struct ratios *r)
{
    for (size_t i = 0; i < rows->n;) {
        const struct cell c = cell_from(rows, i);
        const size_t before = r->n;

        i += c.n;
        if (isnan(r->closed(&c.row[0], AM_PRED_ERR)))
            continue;
        add_ratio(r, c, AM_M_HARD, AM_PRED_HARD);
        add_ratio(r, c, AM_M_ERR, AM_PRED_ERR);
        add_ratio(r, c, AM_M_HALF, AM_PRED_HALF);
        r->n_cells += r->n > before ? 1 : 0;
    }
}

/* Mean, extremes, and what is tolerated of a mean of 8 points or more. */
struct ratio_bands {
    struct att_interval mean, all, tolerated;
};

static void judge_ratios(const struct att_rows *rows, closed_fn closed,
                         struct ratio_bands b, struct att_finding *f)
{
    struct ratios r = {.value = ATT_NEW(rows->scratch, double, rows->n),
                       .closed = closed};

    att_finding_blank(f);
    if (r.value == NULL)
        return;
    collect_ratios(rows, &r);
    if (r.n == 0)
        return;
    const double mean = r.sum / (double)r.n;

    att_finding_within(f, mean, b.mean, b.tolerated);
    if (f->verdict == ATT_HOLDS && (r.least < b.all.lo || r.most > b.all.hi))
        f->verdict = ATT_INCONCLUSIVE;
    if (f->verdict == ATT_VIOLATED && r.n_cells < 8)
        f->verdict = ATT_INCONCLUSIVE;
    f->predicted = 1.0;
    f->lo = r.least;
    f->hi = r.most;
    (void)snprintf(f->note, sizeof f->note,
                   "measured over predicted d, %zu ratios of %zu points", r.n,
                   r.n_cells);
}

void att_avg_judge_m_pred(const struct att_rows *rows, struct att_finding *f)
{
    const struct ratio_bands bands = {{0.95, 1.10}, {0.85, 1.30}, {0.9, 1.2}};

    judge_ratios(rows, closed_for_signs, bands, f);
}

void att_avg_judge_routing(const struct att_rows *rows, struct att_finding *f)
{
    const struct ratio_bands bands = {{0.90, 1.15}, {0.75, 1.35}, {0.8, 1.3}};

    judge_ratios(rows, closed_for_columns, bands, f);
}

/* ---- phase ----------------------------------------------------------------------------- */

/* Successes of whole instances of one L near c = d / (q ln L). */
struct phase {
    uint64_t k, n;
};

static struct phase count_phase(const struct att_rows *rows, size_t from,
                                size_t n, double lo, double hi)
{
    struct phase p = {0};

    for (size_t i = from; i < from + n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const struct att_lines *l = &row->observations;
        const double unit = (double)row->param[ATT_AVG_Q].i *
                            log((double)row->param[ATT_AVG_L].i);
        const uint64_t samples = (uint64_t)row->param[ATT_AVG_SAMPLES].i;

        for (size_t k = 0; k < l->n_rows; k++) {
            const double *line = l->cell + k * l->n_columns;
            const double c = line[AO_D] / unit;

            if (!(c >= lo && c <= hi))
                continue;
            p.k += (uint64_t)llround(line[AO_OK] * (double)samples);
            p.n += samples;
        }
    }
    return p;
}

static bool has_wilson(struct phase p, bool above)
{
    const struct att_interval w = att_wilson(p.k, p.n, 0.95);

    return p.n >= 3 && (above ? w.lo > 0.5 : w.hi < 0.5);
}

/* Does an interval contain 1/2 somewhere in c in [3.5, 4.5], in tenths? */
static bool crosses(const struct att_rows *rows, size_t from, size_t n)
{
    for (int tenth = 35; tenth < 45; tenth++) {
        const struct phase p =
            count_phase(rows, from, n, 0.1 * tenth, 0.1 * (tenth + 1));

        if (p.n >= 3 && !has_wilson(p, true) && !has_wilson(p, false))
            return true;
    }
    return false;
}

static bool phase_applies(const struct att_row_view *row)
{
    return att_row_says(row, AP_DUAL, "ls") &&
           att_row_says(row, AP_SETS, "given") && is_independent(row) &&
           att_row_metric(row, AM_N_PAIRS) ==
               (double)row->param[ATT_AVG_SAMPLES].i *
                   (double)row->param[ATT_AVG_L].i *
                   (double)row->param[ATT_AVG_L].i &&
           row->observations.n_rows > 0;
}

void att_avg_judge_phase(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (rows->n == 0 || !phase_applies(&rows->row[0]))
        return;
    const struct phase low = count_phase(rows, 0, rows->n, 2.9, 3.0);
    const struct phase high = count_phase(rows, 0, rows->n, 5.0, 5.1);
    const struct phase mid = count_phase(rows, 0, rows->n, 3.95, 4.05);
    const struct att_interval w = att_wilson(mid.k, mid.n, 0.95);

    f->statistic = mid.n > 0 ? (double)mid.k / (double)mid.n : (double)NAN;
    f->lo = w.lo;
    f->hi = w.hi;
    f->predicted = 0.5;
    f->verdict = crosses(rows, 0, rows->n) ? ATT_HOLDS : ATT_INCONCLUSIVE;
    if (has_wilson(low, true) || has_wilson(high, false))
        f->verdict = ATT_VIOLATED;
    (void)snprintf(f->note, sizeof f->note,
                   "success at c = d/(q ln L) in [3.95, 4.05]: %llu of %llu",
                   (unsigned long long)mid.k, (unsigned long long)mid.n);
}

/* ---- adversarial ------------------------------------------------------------------------ */

/* Least d within eps and, for corrected duals, within the margin as well. */
static bool adversarial_d(const struct att_row_view *row, double *x, double *y)
{
    *x = (double)row->param[ATT_AVG_Q].i;
    *y = att_row_metric(row, AM_M_ERR);
    if (att_avg_is_corrected(row) && !isnan(*y))
        *y = fmax(*y, att_row_metric(row, AM_M_HALF));
    return true;
}

static bool adversarial_applies(const struct att_row_view *row)
{
    return att_row_says(row, AP_SETS, "adversarial") &&
           (att_avg_is_corrected(row) || att_row_says(row, AP_DUAL, "ls"));
}

void att_avg_judge_adversarial(const struct att_rows *rows,
                               struct att_finding *f)
{
    struct att_sample s;
    struct att_fit fit;

    att_finding_blank(f);
    if (rows->n == 0 || !adversarial_applies(&rows->row[0]) ||
        !att_rows_sample(rows, 1, adversarial_d, &s))
        return;
    const struct att_points points = att_sample_points(&s);
    const size_t n_distinct = att_sample_distinct(&s, 0, rows->scratch);
    const bool corrected = att_avg_is_corrected(&rows->row[0]);

    if (n_distinct < 2)
        return; /* a study of one q asks nothing */
    f->verdict = ATT_INCONCLUSIVE;
    if (n_distinct < 4 || att_fit_power(&points, ATT_FIT_MEDIANS, rows->scratch,
                                        &fit, NULL) != ATT_OK)
        return;
    const bool holds = corrected ? fit.coef[1] <= 1.2 : fit.coef[1] >= 1.5;

    f->statistic = fit.coef[1];
    f->lo = fit.ci[1].lo;
    f->hi = fit.ci[1].hi;
    f->predicted = corrected ? 1.0 : 2.0;
    f->verdict = holds ? ATT_HOLDS : ATT_VIOLATED;
    (void)snprintf(f->note, sizeof f->note,
                   "exponent in q of the least d on adversarial sets");
}

/* ---- face --------------------------------------------------------------------------------- */

/* Least observed d at which half of the sets are faces; NaN: none. */
static double half_faces(const struct att_lines *l)
{
    for (size_t k = 0; k < l->n_rows; k++) {
        if (l->cell[k * l->n_columns + AO_FACES] >= 0.5)
            return l->cell[k * l->n_columns + AO_D];
    }
    return (double)NAN;
}

static bool face_applies(const struct att_row_view *row)
{
    return att_row_says(row, AP_DUAL, "lp") &&
           (att_row_says(row, AP_KEYS, "gauss") ||
            att_row_says(row, AP_KEYS, "unit")) &&
           att_row_says(row, AP_SETS, "given") &&
           att_row_has(row, AM_PRED_FACE);
}

void att_avg_judge_face(const struct att_rows *rows, struct att_finding *f)
{
    double *ratio = ATT_NEW(rows->scratch, double, rows->n);
    size_t n = 0;
    int64_t sets = 0;

    att_finding_blank(f);
    for (size_t i = 0; ratio != NULL && i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (!face_applies(row))
            continue;
        sets += att_row_has(row, AM_N_PAIRS)
                    ? row->metric[AM_N_PAIRS].i / row->param[ATT_AVG_L].i
                    : 0;
        ratio[n++] =
            half_faces(&row->observations) / att_row_metric(row, AM_PRED_FACE);
    }
    if (n == 0)
        return;
    att_finding_within(f, att_median(ratio, n), (struct att_interval){0.7, 1.1},
                       (struct att_interval){0.5, 1.5});
    f->predicted = 1.0;
    if (sets < 24 && f->verdict == ATT_VIOLATED)
        f->verdict = ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note,
                   "least d with half of the sets faces over the d of "
                   "d = 2 q ln(L/d), %lld sets",
                   (long long)sets);
}
