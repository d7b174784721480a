/* arithmetic.h - in which numbers a network is evaluated. */
#pragma once

#include <stddef.h>

#include "attest/base/status.h"

enum att_arithmetic_kind {
    ATT_ARITHMETIC_F64,
    ATT_ARITHMETIC_F32,
    ATT_ARITHMETIC_LONG, /* long double: x80 on x86 */
    /* Every operation in double, its result rounded to `bits` significant
     * bits, ties to even; exponents from e_min to e_max, below them gradual
     * underflow, above them infinity.  One rounding in the end effect when
     * bits <= 25 (53 >= 2 bits + 2); beyond, sums and products may round
     * twice. */
    ATT_ARITHMETIC_ROUNDED
};

struct att_arithmetic {
    enum att_arithmetic_kind kind;
    int bits;         /* significant bits: 53, 24, 64, or what is asked */
    int e_min, e_max; /* normal numbers are 2^e_min .. < 2^(e_max + 1) */
};

/* "f64", "f32", "x80", "bf16" (8 bits), "f16" (11 bits), "bits:p" (2 <= p <=
 * 53, the exponents of f64).  Fails: ATT_E_ARG with the list. */
ATT_CHECKED att_status att_arithmetic_parse(const char *text,
                                            struct att_arithmetic *out,
                                            struct att_error *err);

/* The nearest number of the arithmetic, ties to even (LONG: x itself). */
double att_arithmetic_round(const struct att_arithmetic *a, double x);
/* The same, in place, for x [n]; several times as fast. */
void att_arithmetic_round_all(const struct att_arithmetic *a, size_t n,
                              double *x);

/* x [n] to the nearest bfloat16, ties to even: what att_arithmetic_round does
 * to them for "bf16".  NaN stays. */
void att_arithmetic_round_bf16(size_t n, float *x);

/* Unit roundoff, 2^-bits. */
double att_arithmetic_u(const struct att_arithmetic *a);
