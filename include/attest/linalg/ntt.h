/* ntt.h - exact cyclic convolutions of counts. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"

/* out[v] = sum over a + b = v modulo n of x[a] x[b], for n >= 1 counts x[n]
 * whose sum is below 2^31.5 (then no entry reaches the modulus).  Exact, by a
 * number-theoretic transform modulo 2^64 - 2^32 + 1: O(n log n), scratch of
 * 32 to 64 n bytes, given back.  out may be x.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_square_cyclic(size_t n, const uint64_t *x,
                                         uint64_t *out,
                                         struct att_arena *scratch,
                                         struct att_error *err);
