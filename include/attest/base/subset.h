/* subset.h - q-subsets of 0 .. n-1: ascending numbers y [q]. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* y [q] := 0 .. q-1. */
void att_subset_first(uint32_t *y, size_t q);

/* The next subset in lexicographic order; y [q] is ascending.  false: y was
 * the last one and stays as it is. */
bool att_subset_next(uint32_t *y, size_t q, size_t n);

/* Put different numbers in order. */
void att_subset_sort(uint32_t *y, size_t q);

/* Is j among y, in whatever order they are? */
bool att_subset_has(const uint32_t *y, size_t q, size_t j);
