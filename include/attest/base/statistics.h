/* statistics.h - the statistics that claims and fits rest on.
 *
 * Everything here is a pure function of its arguments.  Where resampling is
 * needed the random stream is seeded from the data themselves, by a hash that
 * does not see their order, so an interval is the same in every run and on
 * every machine.  Scratch comes from the caller's arena and is given back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/status.h"

struct att_interval {
    double lo, hi;
};

/* ---- order statistics ------------------------------------------------ */

/* Sort ascending, NaN last; returns the number of entries that are not NaN. */
size_t att_sort(double *x, size_t n);

/* Quantile p in [0, 1] of n sorted numbers by linear interpolation between
 * order statistics at (n - 1) p (NumPy's default, type 7); NaN if n == 0. */
double att_quantile(const double *sorted, size_t n, double p);

/* Median of x; x is sorted in place, NaN entries are left out. */
double att_median(double *x, size_t n);

struct att_summary {
    size_t n; /* without NaN; the rest is NaN when n == 0 */
    double min, q1, median, q3, max;
    double mean, sd; /* sd: n - 1 in the denominator, NaN when n == 1 */
};
/* x is sorted in place. */
struct att_summary att_summarise(double *x, size_t n);

/* Median of the n numbers in x (sorted in place, NaN left out) and n_above
 * more of which only is known that they exceed all of x (a search that found
 * nothing, a run that hit its limit).  INFINITY when the middle is one of
 * those: "above everything that was seen". */
double att_median_censored(double *x, size_t n, size_t n_above);

/* 95 % interval for the median of the distribution that n sorted numbers are
 * drawn from, free of assumptions: order statistics (r, n + 1 - r), 1-based,
 * with the largest r for which 2 P(Bin(n, 1/2) < r) <= 0.05.  For n < 6 no
 * such r exists and the interval is -INFINITY .. INFINITY. */
struct att_interval att_median_interval(const double *sorted, size_t n);

/* ---- distributions ---------------------------------------------------- */

double att_normal_cdf(double z);
/* p in (0, 1). */
double att_normal_quantile(double p);
/* Student's t, nu > 0 degrees of freedom. */
double att_student_cdf(double t, double nu);
double att_student_quantile(double p, double nu);

/* Wilson's score interval for a probability of which k of n trials speak;
 * level 0.95 for 95 %.  0 .. 1 when n == 0.
 * Source: Wilson 1927. */
struct att_interval att_wilson(uint64_t k, uint64_t n, double level);

/* ---- least squares ---------------------------------------------------- */

enum { ATT_FIT_COEFS = 8 };

/* Points with replicates.  cluster[i] names the replicate of point i: it is
 * resampled as a whole; NULL makes every point a replicate of its own. */
struct att_points {
    const double *x;        /* [n, p] row-major, without the intercept's ones */
    const double *y;        /* [n] */
    const int64_t *cluster; /* [n], or NULL */
    size_t n;
    uint32_t p; /* 1 .. ATT_FIT_COEFS - 1 */
};

struct att_fit {
    uint32_t n_coefs;           /* p + 1 */
    double coef[ATT_FIT_COEFS]; /* [0] the intercept, [k] of column k - 1 */
    double se[ATT_FIT_COEFS];   /* standard errors; NaN without freedom */
    struct att_interval ci[ATT_FIT_COEFS]; /* 95 % */
    double r2;                             /* 1 - rss / tss; NaN if tss == 0 */
    double rss;
    size_t n, n_clusters;
    bool resampled; /* ci comes from the cluster bootstrap, else from Student's
                       t with n - p - 1 degrees of freedom */
};

/* Ordinary least squares y ~ coef[0] + sum_k coef[k] x_k by Householder QR.
 * Points with a coordinate that is not finite are left out.  ci by Student's
 * t under the usual assumptions (independent errors of one variance).
 * Fails: ATT_E_ARG fewer than p + 1 points or p out of range; ATT_E_NUMERIC
 * columns that depend on each other; ATT_E_NOMEM. */
ATT_CHECKED att_status att_fit_linear(const struct att_points *points,
                                      struct att_arena *arena,
                                      struct att_fit *fit,
                                      struct att_error *err);

/* How one number comes out of the points of a resampled study. */
enum att_fit_kind {
    ATT_FIT_MEANS,  /* least squares over all points */
    ATT_FIT_MEDIANS /* least squares over medians: one point per distinct x,
                       the median of its y over the replicates */
};

/* As att_fit_linear, but errors may be shared within a replicate: whole
 * replicates are drawn with replacement ATT_RESAMPLES times and ci is the
 * expanded percentile interval, whose level is widened as Student's t is
 * wider than the normal for so few replicates (alpha' = Phi(-sqrt(m / (m - 1))
 * t_{0.975, m - 1}), m replicates).  With fewer than 3 replicates ci is
 * Student's.
 * Sources: Davison and Hinkley 1997 (cluster bootstrap); Hesterberg 2015
 * (expanded percentile). */
ATT_CHECKED att_status att_fit_clusters(const struct att_points *points,
                                        enum att_fit_kind kind,
                                        struct att_arena *arena,
                                        struct att_fit *fit,
                                        struct att_error *err);

/* The same in logarithms: y = exp(coef[0]) prod_k x_k^coef[k].  Points with a
 * coordinate <= 0 are left out.  fit->coef[1] is the exponent of a law in one
 * variable. */
ATT_CHECKED att_status att_fit_power(const struct att_points *points,
                                     enum att_fit_kind kind,
                                     struct att_arena *arena,
                                     struct att_fit *fit,
                                     struct att_error *err);

/* ---- bootstrap --------------------------------------------------------- */

enum { ATT_RESAMPLES = 4000 };

/* A statistic of a study in which replicate c counts weight[c] times (weights
 * sum to n_clusters); NaN where it does not exist for this resample. */
typedef double (*att_statistic_fn)(const void *context, const uint32_t *weight,
                                   size_t n_clusters);

/* 95 % interval of a statistic over resampled replicates (expanded
 * percentile, as in att_fit_clusters).  seed: att_data_seed of the data.
 * Resamples where the statistic is NaN are left out; lo = hi = NaN when fewer
 * than half remain or n_clusters < 2.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_bootstrap(att_statistic_fn statistic,
                                     const void *context, size_t n_clusters,
                                     uint64_t seed, struct att_arena *arena,
                                     struct att_interval *ci,
                                     struct att_error *err);

/* 95 % bootstrap interval of the median (mean) of x over n independent
 * replicates; NaN entries are left out.  x is sorted in place. */
ATT_CHECKED att_status att_median_bootstrap(double *x, size_t n,
                                            struct att_arena *arena,
                                            struct att_interval *ci,
                                            struct att_error *err);
ATT_CHECKED att_status att_mean_bootstrap(double *x, size_t n,
                                          struct att_arena *arena,
                                          struct att_interval *ci,
                                          struct att_error *err);

/* A seed from n records of `width` doubles that does not depend on their
 * order (the sum of the records' hashes). */
uint64_t att_data_seed(const double *record, size_t n, size_t width);
