/* arithmetic_priv.h - rounding to fewer bits, inline for the oracle. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "attest/model/arithmetic.h"

/* Exponent of a pattern: e with 2^e <= |x| < 2^(e+1); -1023 for zero and
 * subnormal numbers, 1024 for infinities and NaN. */
static inline int pattern_exponent(uint64_t u)
{
    return (int)(u >> 52 & 0x7ff) - 1023;
}

/* Below 2^e_min the quantum stays the same: gradual underflow. */
static inline double round_small(const struct att_arithmetic *a, double x)
{
    const double quantum = ldexp(1.0, a->e_min + 1 - a->bits);

    return x == 0.0 ? x : copysign(rint(fabs(x) / quantum) * quantum, x);
}

/* As att_arithmetic_round for ATT_ARITHMETIC_ROUNDED: the nearest number,
 * ties to even, by integer arithmetic on the pattern of a double.  A carry out
 * of the fraction raises the exponent, as it must. */
static inline double round_narrow(const struct att_arithmetic *a, double x)
{
    const int drop = 53 - a->bits;
    uint64_t u = 0;

    memcpy(&u, &x, sizeof u);
    if (pattern_exponent(u) < a->e_min)
        return round_small(a, x);
    if (drop > 0 && pattern_exponent(u) < 1024) {
        u += (UINT64_C(1) << (drop - 1)) - 1 + (u >> drop & 1);
        u &= ~((UINT64_C(1) << drop) - 1);
        memcpy(&x, &u, sizeof x);
    }
    if (pattern_exponent(u) > a->e_max && !isnan(x))
        return copysign(INFINITY, x);
    return x;
}
