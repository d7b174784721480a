/* hardmax_sort.c - sorting of p coordinates.
 *
 * Numbers >= 0 sort like their bits, so a radix sort by bytes does it; bytes
 * that are equal in all numbers (sign and exponent of one binade, the tail of
 * a narrow arithmetic) cost no pass. */
#include <string.h>

#include "hardmax_priv.h"

enum { DIGIT_BITS = 8, DIGITS = 64 / DIGIT_BITS, RADIX = 1 << DIGIT_BITS };
enum { SMALL = 48 }; /* insertion sort is faster up to about here */

static void insertion_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const double moving = x[i];
        size_t at = i;

        for (; at > 0 && x[at - 1] > moving; at--)
            x[at] = x[at - 1];
        x[at] = moving;
    }
}

static uint64_t bits_of(double x)
{
    uint64_t bits = 0;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static size_t digit_of(double x, int digit)
{
    return (size_t)(bits_of(x) >> (digit * DIGIT_BITS)) & (RADIX - 1);
}

/* How often each value of each digit occurs. */
static void count_digits(const double *x, size_t n,
                         uint32_t count[DIGITS][RADIX])
{
    memset(count, 0, sizeof(uint32_t) * DIGITS * RADIX);
    for (size_t i = 0; i < n; i++) {
        for (int digit = 0; digit < DIGITS; digit++)
            count[digit][digit_of(x[i], digit)]++;
    }
}

/* One stable pass; counts become places. */
static void scatter(const double *from, size_t n, int digit,
                    uint32_t count[RADIX], double *to)
{
    uint32_t at = 0;

    for (size_t value = 0; value < RADIX; value++) {
        const uint32_t next = at + count[value];

        count[value] = at;
        at = next;
    }
    for (size_t i = 0; i < n; i++)
        to[count[digit_of(from[i], digit)]++] = from[i];
}

void att_hm_sort(double *x, size_t n, double *scratch)
{
    uint32_t count[DIGITS][RADIX];
    double *from = x;
    double *to = scratch;

    if (n <= SMALL) {
        insertion_sort(x, n);
        return;
    }
    count_digits(x, n, count);
    for (int digit = 0; digit < DIGITS; digit++) {
        if (count[digit][digit_of(x[0], digit)] == n)
            continue;
        scatter(from, n, digit, count[digit], to);
        double *const kept = from;

        from = to;
        to = kept;
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}

size_t att_hm_sort_unique(double *x, size_t n, double *scratch)
{
    size_t unique = 0;

    att_hm_sort(x, n, scratch);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || x[i] > x[unique - 1])
            x[unique++] = x[i];
    }
    return unique;
}
