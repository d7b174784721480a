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

/* Put numbers in order; equal ones may be among them. */
void att_subset_sort(uint32_t *y, size_t q);

/* C(n, q) of whole numbers n >= q, a product of q rounded quotients; stops
 * growing once it is `enough` or more. */
double att_subset_count(double n, double q, double enough);

/* Is j among y, in whatever order they are? */
bool att_subset_has(const uint32_t *y, size_t q, size_t j);
