/* subset.h - the q-subsets of 0 .. n-1, one after the other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* y [q] := 0 .. q-1. */
void att_subset_first(uint32_t *y, size_t q);

/* The next subset in lexicographic order; y [q] is ascending.  false: y was
 * the last one and stays as it is. */
bool att_subset_next(uint32_t *y, size_t q, size_t n);
