/* subset.c - subsets in lexicographic order. */
#include "attest/base/subset.h"

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
