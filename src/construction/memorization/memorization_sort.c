/* memorization_sort.c - sorting many z: least significant digit first on the
 * bits of the doubles, made unsigned so that their order is that of numbers. */
#include "memorization_priv.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 6, BUCKETS = 1 << DIGIT_BITS, SMALL = 512 };

static uint64_t to_key(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (bits >> 63) != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static size_t digit(double x, int pass)
{
    return (size_t)(to_key(x) >> (pass * DIGIT_BITS)) & (BUCKETS - 1);
}

/* False when all numbers share this digit and nothing was moved. */
static bool scatter(const double *from, double *to, size_t n, int pass)
{
    size_t count[BUCKETS] = {0};
    size_t sum = 0;

    for (size_t i = 0; i < n; i++)
        count[digit(from[i], pass)]++;
    if (count[digit(from[0], pass)] == n)
        return false;
    for (size_t b = 0; b < BUCKETS; b++) {
        const size_t here = count[b];

        count[b] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[count[digit(from[i], pass)]++] = from[i];
    return true;
}

void att_mem_sort(double *x, double *scratch, size_t n)
{
    double *from = x, *to = scratch;

    if (n < SMALL) {
        (void)att_sort(x, n);
        return;
    }
    for (int pass = 0; pass < DIGITS; pass++) {
        if (scatter(from, to, n, pass)) {
            double *keep = from;

            from = to;
            to = keep;
        }
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}

struct att_interval att_mem_range(const double *x, size_t n)
{
    struct att_interval range = {(double)INFINITY, -(double)INFINITY};

    for (size_t i = 0; i < n; i++) {
        range.lo = fmin(range.lo, x[i]);
        range.hi = fmax(range.hi, x[i]);
    }
    return range;
}

double att_mem_spread(const double *x, size_t n)
{
    const struct att_interval range = att_mem_range(x, n);

    return range.hi - range.lo;
}

double att_mem_size(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

double att_mem_least_gap(const double *sorted, size_t n)
{
    double gap = (double)INFINITY;

    for (size_t i = 1; i < n; i++)
        gap = fmin(gap, sorted[i] - sorted[i - 1]);
    return gap;
}
