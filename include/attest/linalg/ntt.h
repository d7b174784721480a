/* ntt.h - exact cyclic convolutions of counts. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"

/* out[v] = sum of x[a_1] .. x[a_times] over a_1 + .. + a_times = v modulo n,
 * for n >= 1 counts x[n] and times >= 1.  Exact while the sum of x to that
 * power stays below 2^63, by a number-theoretic transform modulo
 * 2^64 - 2^32 + 1: O(times n log n), scratch of 16 to 32 times n bytes, given
 * back.  out may be x.
 * Source: Pollard 1971.
 * Fails: ATT_E_NOMEM; ATT_E_OVERFLOW when times n exceeds 2^32. */
ATT_CHECKED att_status att_power_cyclic(size_t n, const uint64_t *x,
                                        unsigned times, uint64_t *out,
                                        struct att_arena *scratch,
                                        struct att_error *err);
