/* fit.c - a law is a linear fit after a change of variables. */
#include "attest/report/fit.h"

#include <math.h>
#include <string.h>

#include "report_priv.h"

/* ---- one law ------------------------------------------------------------ */

static bool is_logarithmic(const struct att_form *m)
{
    return m->shape == ATT_FORM_POWER || m->shape == ATT_FORM_EXPONENTIAL;
}

static bool has_intercept(const struct att_form *m)
{
    return is_logarithmic(m) || m->term[0].n_factors == 0;
}

static double logarithm(double v)
{
    return v > 0 ? log(v) : (double)NAN;
}

/* Column k of the design at x, the intercept not counted. */
static double design_value(const struct att_form *m, uint32_t k, double x)
{
    if (m->shape == ATT_FORM_POWER)
        return logarithm(x);
    if (m->shape == ATT_FORM_EXPONENTIAL)
        return x;
    return att_term_value(&m->term[k + (has_intercept(m) ? 1 : 0)], x);
}

/* The points of a curve in the coordinates of a form, values from `y`. */
static att_status make_points(const struct att_curve *curve, const double *y,
                              const struct att_form *m, struct att_arena *arena,
                              struct att_points *points)
{
    const uint32_t p = att_form_n_coefs(m) - (has_intercept(m) ? 1 : 0);
    double *x = ATT_NEW(arena, double, curve->n *p);
    double *v = ATT_NEW(arena, double, curve->n);

    if (x == NULL || v == NULL)
        return ATT_E_NOMEM;
    for (size_t i = 0; i < curve->n; i++) {
        v[i] = is_logarithmic(m) ? logarithm(y[i]) : y[i];
        for (uint32_t k = 0; k < p; k++)
            x[i * p + k] = design_value(m, k, curve->x[i]);
    }
    *points = (struct att_points){.x = x,
                                  .y = v,
                                  .n = curve->n,
                                  .p = p,
                                  .through_origin = !has_intercept(m)};
    return ATT_OK;
}

/* Coefficients of the law from those of the linear fit. */
static double from_linear(const struct att_form *m, uint32_t k, double v)
{
    const bool is_exponent = m->shape == ATT_FORM_POWER && k == 1;

    return is_logarithmic(m) && !is_exponent ? exp(v) : v;
}

/* Akaike's criterion corrected for few points, comparable between models of y
 * and of ln y: the density of y carries the factor 1 / y. */
static double corrected_aic(const struct att_points *points,
                            const struct att_fit *fit, const struct att_form *m)
{
    const double n = (double)fit->n;
    const double k = fit->n_coefs + 1; /* and the variance */
    double jacobian = 0;

    for (size_t i = 0; is_logarithmic(m) && i < points->n; i++) {
        if (isfinite(points->y[i]) && isfinite(points->x[i * points->p]))
            jacobian += points->y[i];
    }
    if (n - k - 1 <= 0)
        return NAN;
    return n * log(fit->rss / n) + 2 * jacobian + 2 * k +
           2 * k * (k + 1) / (n - k - 1);
}

/* One linear fit; a curve that has none gets its reason in law->why. */
static att_status linear_fit(const struct att_points *points,
                             enum att_fit_kind kind, struct att_arena *arena,
                             struct att_fit *fit, const char **why)
{
    struct att_error err = {0};
    const att_status status = att_fit_linear(points, kind, arena, fit, &err);

    if (status == ATT_OK || status == ATT_E_NOMEM)
        return status;
    *why = att_arena_strdup(arena, err.text);
    return *why == NULL ? ATT_E_NOMEM : ATT_OK;
}

static void take_fit(const struct att_fit *fit, struct att_law *law)
{
    law->n_coefs = fit->n_coefs;
    for (uint32_t k = 0; k < fit->n_coefs; k++) {
        law->coef[k] = from_linear(&law->form, k, fit->coef[k]);
        law->ci[k] =
            (struct att_interval){from_linear(&law->form, k, fit->ci[k].lo),
                                  from_linear(&law->form, k, fit->ci[k].hi)};
    }
    law->r2 = fit->r2;
    law->n = fit->n;
    law->n_distinct = fit->n_distinct;
    law->n_replicates = fit->n_clusters;
    law->resampled = fit->resampled;
}

/* The same law through the predictions at the same points. */
static att_status fit_theorem(const struct att_curve *curve,
                              struct att_arena *arena, struct att_law *law)
{
    struct att_points points = {0};
    struct att_fit fit = {0};
    const char *why = NULL;

    if (curve->predicted == NULL)
        return ATT_OK;
    ATT_TRY(make_points(curve, curve->predicted, &law->form, arena, &points));
    ATT_TRY(linear_fit(&points, ATT_FIT_MEANS, arena, &fit, &why));
    law->has_theorem = why == NULL;
    for (uint32_t k = 0; k < fit.n_coefs; k++)
        law->theorem[k] = from_linear(&law->form, k, fit.coef[k]);
    return ATT_OK;
}

static att_status fit_form(const struct att_curve *curve,
                           enum att_fit_kind kind, struct att_arena *arena,
                           struct att_law *law)
{
    struct att_points points = {0};
    struct att_fit plain = {0};
    struct att_fit fit = {0};

    ATT_TRY(make_points(curve, curve->y, &law->form, arena, &points));
    ATT_TRY(linear_fit(&points, ATT_FIT_MEANS, arena, &plain, &law->why));
    if (law->why != NULL)
        return ATT_OK;
    law->aicc = corrected_aic(&points, &plain, &law->form);
    points.cluster = curve->replicate;
    ATT_TRY(linear_fit(&points, kind, arena, &fit, &law->why));
    if (law->why != NULL)
        return ATT_OK;
    take_fit(&fit, law);
    return fit_theorem(curve, arena, law);
}

static struct att_law begin_law(const struct att_curve *curve,
                                const struct att_form *form)
{
    return (struct att_law){.group = curve->group,
                            .form = *form,
                            .r2 = NAN,
                            .aicc = NAN,
                            .n_planned = curve->n_planned,
                            .n_stopped = curve->n_stopped};
}

/* AICc of a candidate; NaN when it does not fit. */
static att_status try_form(const struct att_curve *curve,
                           const struct att_form *form, struct att_arena *arena,
                           double *aicc)
{
    struct att_points points = {0};
    struct att_fit fit = {0};
    const char *why = NULL;

    ATT_TRY(make_points(curve, curve->y, form, arena, &points));
    ATT_TRY(linear_fit(&points, ATT_FIT_MEANS, arena, &fit, &why));
    *aicc = NAN;
    /* a form that leaves points out would win by it */
    if (why == NULL && fit.n == curve->n)
        *aicc = corrected_aic(&points, &fit, form);
    return ATT_OK;
}

/* The candidate of least AICc; of those that fit alike the first. */
static att_status choose_form(const struct att_curve *curve,
                              struct att_arena *arena, struct att_form *chosen)
{
    uint32_t n = 0;
    const char *const *text = att_form_candidates(&n);
    double best = INFINITY;

    ATT_TRY(att_form_parse(text[0], NULL, chosen, NULL));
    for (uint32_t i = 0; i < n; i++) {
        struct att_form form = {0};
        double aicc = NAN;

        ATT_TRY(att_form_parse(text[i], NULL, &form, NULL));
        ATT_TRY(try_form(curve, &form, arena, &aicc));
        if (aicc < best) {
            best = aicc;
            *chosen = form;
        }
    }
    return ATT_OK;
}

att_status att_fit_law(const struct att_curve *curve,
                       const struct att_form *form, enum att_fit_kind kind,
                       struct att_arena *arena, struct att_law *law,
                       struct att_error *err)
{
    struct att_law found = begin_law(curve, form);
    att_status status = ATT_OK;

    if (form->shape == ATT_FORM_AUTO)
        status = choose_form(curve, arena, &found.form);
    if (status == ATT_OK)
        status = fit_form(curve, kind, arena, &found);
    if (status != ATT_OK)
        return att_arena_fail(arena, "a fit", err);
    *law = found;
    return ATT_OK;
}
