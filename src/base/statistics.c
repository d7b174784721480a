/* statistics.c - sorting puts NaN last; everything else works on the rest. */
#include "attest/base/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "attest/base/distribution.h"

static int compare_numbers(const void *pa, const void *pb)
{
    const double a = *(const double *)pa;
    const double b = *(const double *)pb;

    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

size_t att_sort(double *x, size_t n)
{
    if (n > 1)
        qsort(x, n, sizeof *x, compare_numbers);
    while (n > 0 && isnan(x[n - 1]))
        n--;
    return n;
}

size_t att_distinct(double *x, size_t n)
{
    size_t count = 0;

    n = att_sort(x, n);
    for (size_t i = 0; i < n; i++)
        count += i == 0 || x[i] > x[i - 1];
    return count;
}

double att_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0)
        return NAN;
    const double at = p * (double)(n - 1);
    const size_t i = (size_t)at;
    const double rest = at - (double)i;

    if (i + 1 >= n || rest == 0)
        return sorted[i < n ? i : n - 1];
    return sorted[i] + rest * (sorted[i + 1] - sorted[i]);
}

double att_median(double *x, size_t n)
{
    n = att_sort(x, n);
    return att_quantile(x, n, 0.5);
}

double att_median_censored(double *x, size_t n, size_t n_above)
{
    n = att_sort(x, n);
    const size_t all = n + n_above;

    if (all == 0)
        return NAN;
    if (all / 2 >= n) /* the upper middle one was not seen */
        return INFINITY;
    return (x[(all - 1) / 2] + x[all / 2]) / 2;
}

static double standard_deviation(const double *x, size_t n, double mean)
{
    double sum = 0;

    if (n < 2)
        return NAN;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

struct att_summary att_summarise(double *x, size_t n)
{
    double sum = 0;

    n = att_sort(x, n);
    for (size_t i = 0; i < n; i++)
        sum += x[i]; /* in sorted order: the same whatever the order was */
    const double mean = n == 0 ? (double)NAN : sum / (double)n;

    return (struct att_summary){
        .n = n,
        .min = att_quantile(x, n, 0),
        .q1 = att_quantile(x, n, 0.25),
        .median = att_quantile(x, n, 0.5),
        .q3 = att_quantile(x, n, 0.75),
        .max = att_quantile(x, n, 1),
        .mean = mean,
        .sd = standard_deviation(x, n, mean),
    };
}

/* Largest r with 2 P(Bin(n, 1/2) < r) <= 0.05; terms are carried as
 * logarithms because 2^-n underflows. */
static size_t sign_test_rank(size_t n)
{
    const double limit = 0.025;
    double log_term = -(double)n * log(2);
    double below = 0;

    for (size_t r = 0; r < n; r++) {
        below += exp(log_term); /* P(Bin < r + 1) */
        if (below > limit)
            return r;
        log_term += log((double)(n - r) / (double)(r + 1));
    }
    return 0;
}

struct att_interval att_median_interval(const double *sorted, size_t n)
{
    const size_t r = sign_test_rank(n);

    if (r == 0)
        return (struct att_interval){-INFINITY, INFINITY};
    return (struct att_interval){sorted[r - 1], sorted[n - r]};
}

struct att_interval att_wilson(uint64_t k, uint64_t n, double level)
{
    if (n == 0)
        return (struct att_interval){0, 1};
    const double z = att_normal_quantile(0.5 + level / 2);
    const double trials = (double)n;
    const double p = (double)k / trials;
    const double scale = 1 + z * z / trials;
    const double centre = (p + z * z / (2 * trials)) / scale;
    const double half =
        z / scale * sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials));

    return (struct att_interval){k == 0 ? 0 : centre - half,
                                 k == n ? 1 : centre + half};
}
