/* regression.h - laws: least squares with intervals.
 *
 * Scratch comes from the caller's arena and is given back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/statistics.h"
#include "attest/base/status.h"

enum { ATT_FIT_COEFS = 8 };

/* Points with replicates.  cluster[i] names the replicate of point i, which
 * is resampled as a whole; NULL: the points are independent. */
struct att_points {
    const double *x;        /* [n, p] row-major, without the intercept's ones */
    const double *y;        /* [n] */
    const int64_t *cluster; /* [n], or NULL */
    size_t n;
    uint32_t p;          /* 1 .. ATT_FIT_COEFS - 1 */
    bool through_origin; /* no intercept */
};

enum att_fit_kind {
    ATT_FIT_MEANS,  /* over all points */
    ATT_FIT_MEDIANS /* over one point per distinct x: the median of its y */
};

struct att_fit {
    uint32_t n_coefs;           /* p + 1, or p through the origin */
    double coef[ATT_FIT_COEFS]; /* the intercept if any, then the columns' */
    double se[ATT_FIT_COEFS];   /* assume independent errors of one variance;
                                   NaN when nothing is left to estimate it */
    struct att_interval ci[ATT_FIT_COEFS]; /* 95 % */
    double r2;         /* 1 - rss / tss, tss about the mean (about 0 through the
                          origin); NaN if tss is 0 */
    double rss;        /* of the points that were fitted */
    size_t n;          /* finite points */
    size_t n_distinct; /* different x among them */
    size_t n_clusters;
    bool resampled; /* ci from whole replicates (bootstrap.h); else Student's
                       t with n - n_coefs (n_distinct - n_coefs for medians)
                       degrees of freedom, -INFINITY .. INFINITY for none */
};

/* Ordinary least squares y ~ coef[0] + sum_k coef[k] x_k by Householder QR.
 * Points with a coordinate that is not finite are left out.  Intervals by the
 * bootstrap over replicates when clusters are given and there are two or more
 * of them, else Student's.  The result does not depend on the order of the
 * points.
 * Fails: ATT_E_ARG p out of range, or fewer distinct x than coefficients;
 * ATT_E_NUMERIC columns that depend on each other; ATT_E_NOMEM. */
ATT_CHECKED att_status att_fit_linear(const struct att_points *points,
                                      enum att_fit_kind kind,
                                      struct att_arena *arena,
                                      struct att_fit *fit,
                                      struct att_error *err);

/* The same in logarithms: y = exp(coef[0]) prod_k x_k^coef[k].  Points with a
 * coordinate <= 0 are left out.  coef[1] is the exponent of a law in one
 * variable; r2 and rss are those of the logarithms. */
ATT_CHECKED att_status att_fit_power(const struct att_points *points,
                                     enum att_fit_kind kind,
                                     struct att_arena *arena,
                                     struct att_fit *fit,
                                     struct att_error *err);
