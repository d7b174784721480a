/* fwht.h - the fast Walsh-Hadamard transform, in place, unnormalised:
 * x[k] := sum_j (-1)^popcount(j & k) x[j], n a power of two.
 *
 * Butterflies of stride 1, 2, 4, ...: the same bits everywhere.  Integers wrap
 * around when |x|_1 exceeds 2^31 - 1: the caller knows its sum. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void att_fwht(double *x, size_t n);
void att_fwhtf(float *x, size_t n);
void att_fwht_i32(int32_t *x, size_t n);
