/* averaging_mpfr_priv.h - MPFR's numbers for averaging_curve.inc and
 * averaging_polynomial.c; they live in the arena. */
#pragma once

#include <math.h>
#include <mpfr.h>

#include "attest/base/arena.h"

static inline __mpfr_struct *avg_mpfr_new(struct att_arena *arena, size_t n,
                                          int bits)
{
    const size_t size = mpfr_custom_get_size((mpfr_prec_t)bits);
    __mpfr_struct *x = ATT_NEW(arena, __mpfr_struct, n);
    unsigned char *limbs = att_arena_alloc(arena, n, size);

    for (size_t i = 0; x != NULL && limbs != NULL && i < n; i++) {
        mpfr_custom_init(limbs + i * size, (mpfr_prec_t)bits);
        mpfr_custom_init_set(&x[i], MPFR_ZERO_KIND, 0, (mpfr_prec_t)bits,
                             limbs + i * size);
    }
    return limbs != NULL ? x : NULL;
}

/* r := cos or sin of 2 pi a / b, rounded once: the angle has 64 bits more. */
static inline void avg_mpfr_turn(__mpfr_struct *r, size_t a, size_t b,
                                 bool sine)
{
    mpfr_t t;

    mpfr_init2(t, mpfr_get_prec(r) + 64);
    mpfr_const_pi(t, MPFR_RNDN);
    mpfr_mul_ui(t, t, 2 * (unsigned long)a, MPFR_RNDN);
    mpfr_div_ui(t, t, (unsigned long)b, MPFR_RNDN);
    if (sine) {
        (void)mpfr_sin(r, t, MPFR_RNDN);
    } else {
        (void)mpfr_cos(r, t, MPFR_RNDN);
    }
    mpfr_clear(t);
}

static inline void avg_mpfr_ratio(__mpfr_struct *r, long a, long b)
{
    mpfr_set_si(r, a, MPFR_RNDN);
    mpfr_div_si(r, r, b, MPFR_RNDN);
}

static inline void avg_mpfr_exp2(__mpfr_struct *r, double x)
{
    mpfr_set_d(r, exp2(x - floor(x)), MPFR_RNDN);
    mpfr_mul_2si(r, r, (long)floor(x), MPFR_RNDN);
}

#define NUM                 __mpfr_struct
#define SET(r, a)           ((void)mpfr_set(r, a, MPFR_RNDN))
#define ADD(r, a, b)        ((void)mpfr_add(r, a, b, MPFR_RNDN))
#define SUB(r, a, b)        ((void)mpfr_sub(r, a, b, MPFR_RNDN))
#define MUL(r, a, b)        ((void)mpfr_mul(r, a, b, MPFR_RNDN))
#define ZERO(r)             mpfr_set_zero(r, 1)
#define HALVE(r)            ((void)mpfr_div_2ui(r, r, 1, MPFR_RNDN))
#define RATIO(r, a, b)      avg_mpfr_ratio(r, a, b)
#define EXP2(r, x)          avg_mpfr_exp2(r, x)
#define GET(a)              mpfr_get_d(a, MPFR_RNDN)
#define TURN(r, a, b, sine) avg_mpfr_turn(r, a, b, sine)
#define NEW(arena, n, bits) avg_mpfr_new(arena, n, bits)
