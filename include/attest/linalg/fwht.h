/* fwht.h - the fast Walsh-Hadamard transform, in place, unnormalised:
 * x[k] := sum_j (-1)^popcount(j & k) x[j], n a power of two.
 *
 * Integers wrap around when |x|_1 exceeds 2^31 - 1: the caller knows its sum.
 *
 * Source: Fino and Algazi 1976. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void att_fwht_i32(int32_t *x, size_t n);
