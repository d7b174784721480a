/* statistics.h - medians, quantiles, proportions, each with its interval.
 *
 * Pure functions of their arguments; no allocation.  Laws with intervals are
 * in regression.h, resampling in bootstrap.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct att_interval {
    double lo, hi;
};

/* Sort ascending, NaN last; returns the number of entries that are not NaN. */
size_t att_sort(double *x, size_t n);

/* How many different numbers; x is sorted in place, NaN left out. */
size_t att_distinct(double *x, size_t n);

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

/* Wilson's score interval for a probability of which k of n trials speak;
 * level 0.95 for 95 %.  0 .. 1 when n == 0.
 * Source: Wilson 1927. */
struct att_interval att_wilson(uint64_t k, uint64_t n, double level);
