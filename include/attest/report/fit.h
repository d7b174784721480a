/* fit.h - scaling laws with intervals, beside the theorem's.
 *
 * y is fitted over the replicates' points by least squares (of logarithms for
 * power and exponential laws); intervals resample whole replicates
 * (base/regression.h).  When the column has a prediction (att_metric
 * predicted_by), the same law is fitted to the predicted values at the same
 * points: "the theorem's exponent" without typing it in. */
#pragma once

#include "attest/base/regression.h"
#include "attest/report/law_form.h"
#include "attest/report/text_table.h"
#include "attest/store/table.h"

/* Points of one curve. */
struct att_curve {
    const char *group; /* "k=2 mode=free"; "" when there is one curve */
    const double *x, *y;
    const double *predicted;  /* NULL: no theorem beside it */
    const int64_t *replicate; /* NULL: independent points */
    size_t n;
    size_t n_planned; /* rows of the plan, n of them with both numbers */
    size_t n_stopped; /* stopped by a limit, or searches that did not find:
                         larger than could be computed */
};

struct att_law {
    const char *group;
    struct att_form form;        /* the chosen one, for auto */
    double coef[ATT_FORM_TERMS]; /* a, b, c, ... of the form's text */
    struct att_interval ci[ATT_FORM_TERMS]; /* 95 % */
    double theorem[ATT_FORM_TERMS]; /* the same law through the predictions */
    double r2;                      /* of the scale it was fitted on */
    double aicc; /* on the scale of y: comparable between forms */
    size_t n, n_planned, n_stopped, n_distinct, n_replicates;
    const char *why;  /* NULL, or why there is no fit: then the rest is void */
    uint32_t n_coefs; /* in the order of the letters */
    bool has_theorem;
    bool resampled; /* ci from replicates, else Student's */
};

/* Fit one curve.  A curve that cannot be fitted (too few different x, none
 * with a logarithm) is a law with a reason, no failure.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_fit_law(const struct att_curve *curve,
                                   const struct att_form *form,
                                   enum att_fit_kind kind,
                                   struct att_arena *arena, struct att_law *law,
                                   struct att_error *err);

/* What `attest fit` asks of the rows of a sweep. */
struct att_fit_query {
    const size_t *row; /* n_rows numbers of rows of the table */
    size_t n_rows;
    uint32_t x, y;      /* fields */
    const uint32_t *by; /* n_by fields held fixed: one curve per group */
    uint32_t n_by;
    const struct att_form *form;
    enum att_fit_kind kind;
};

struct att_laws {
    const char *x, *y;        /* names of the columns */
    const char *predicted_by; /* the theorem's column, or NULL */
    struct att_law *law;      /* n, in the order of the groups' values */
    size_t n;
};

/* Fails: ATT_E_ARG (x or y is text), ATT_E_NOMEM. */
ATT_CHECKED att_status att_fit_rows(const struct att_table *source,
                                    const struct att_fit_query *query,
                                    struct att_arena *arena,
                                    struct att_laws *laws,
                                    struct att_error *err);

/* One line per law and coefficient: group (unless there is but one curve),
 * law, coefficient, estimate, its interval, the theorem's, R2, rows.
 * Everything in arena. */
ATT_CHECKED att_status att_laws_table(const struct att_laws *laws,
                                      struct att_arena *arena,
                                      struct att_text_table *out,
                                      struct att_error *err);

/* What the table does not say: curves without a fit, rows left out.  Lines of
 * text; empty when there is nothing to add. */
void att_laws_notes(const struct att_laws *laws, struct att_buffer *out);

/* {"x": .., "y": .., "laws": [{group, model, r2, aicc, coefficients: [..]}]};
 * NULL when out of memory. */
struct json_t *att_laws_json(const struct att_laws *laws);
