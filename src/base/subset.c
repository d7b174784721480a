/* subset.c - subsets in lexicographic order. */
#include "attest/base/subset.h"

#include <stdlib.h>

void att_subset_first(uint32_t *y, size_t q)
{
    for (size_t k = 0; k < q; k++)
        y[k] = (uint32_t)k;
}

bool att_subset_next(uint32_t *y, size_t q, size_t n)
{
    size_t k = q;

    while (k > 0 && y[k - 1] == n - q + k - 1)
        k--;
    if (k == 0)
        return false;
    y[k - 1]++;
    for (; k < q; k++)
        y[k] = y[k - 1] + 1;
    return true;
}

/* Of few numbers, or of numbers nearly in order. */
static void sort_by_insertion(uint32_t *y, size_t q)
{
    for (size_t i = 1; i < q; i++) {
        const uint32_t kept = y[i];
        size_t k = i;

        for (; k > 0 && y[k - 1] > kept; k--)
            y[k] = y[k - 1];
        y[k] = kept;
    }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void att_subset_sort(uint32_t *y, size_t q)
{
    enum { FEW = 64 };

    if (q <= FEW) {
        sort_by_insertion(y, q);
    } else {
        qsort(y, q, sizeof *y, ascending);
    }
}

double att_subset_count(double n, double q, double enough)
{
    const int64_t most = (int64_t)q;
    double c = 1.0;

    for (int64_t i = 1; i <= most && c < enough; i++)
        c *= (n - q + (double)i) / (double)i;
    return c;
}

bool att_subset_has(const uint32_t *y, size_t q, size_t j)
{
    for (size_t k = 0; k < q; k++) {
        if (y[k] == j)
            return true;
    }
    return false;
}
