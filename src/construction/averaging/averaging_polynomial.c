/* averaging_polynomial.c - coefficients of P_y, factor by factor, in more bits
 * than the unit has: what cancels here is none of the unit's. */
#include "averaging_curve_priv.h"

#if ATT_HAVE_MPFR

#include "averaging_mpfr_priv.h"

#else /* 11 bits more than double */

static const long double TURN_2PI = 6.28318530717958647692528676656L;

#define NUM            long double
#define SET(r, a)      (*(r) = *(a))
#define ADD(r, a, b)   (*(r) = *(a) + *(b))
#define SUB(r, a, b)   (*(r) = *(a) - *(b))
#define MUL(r, a, b)   (*(r) = *(a) * *(b))
#define ZERO(r)        (*(r) = 0)
#define HALVE(r)       (*(r) /= 2)
#define RATIO(r, a, b) (*(r) = (NUM)(a) / (NUM)(b))
#define EXP2(r, x)     (*(r) = exp2l((NUM)(x)))
#define TURN(r, a, b, sine)                                                    \
    (*(r) = (sine) ? sinl(TURN_2PI * (NUM)(a) / (NUM)(b))                      \
                   : cosl(TURN_2PI * (NUM)(a) / (NUM)(b)))
#define NEW(arena, n, bits) ((void)(bits), ATT_NEW(arena, NUM, n))

#endif

/* Coefficient k stands in slot k + 1; those beyond 0 .. n - 1 are zero, but for
 * slot 0 of a trigonometric polynomial, the conjugate of slot 2. */
struct polynomial {
    NUM *re, *im, *next_re, *next_im; /* [n + 2]; im: trigonometric ones only */
    size_t n;
    NUM *t; /* [4]: a point of the curve, scratch */
};

static bool poly_init(struct polynomial *p, const struct avg_curve *c, int bits,
                      struct att_arena *arena)
{
    const size_t n = (c->basis == AVG_TRIG ? c->q : 2 * c->q) + 1;

    *p = (struct polynomial){.re = NEW(arena, n + 2, bits),
                             .im = NEW(arena, n + 2, bits),
                             .next_re = NEW(arena, n + 2, bits),
                             .next_im = NEW(arena, n + 2, bits),
                             .n = n,
                             .t = NEW(arena, 4, bits)};
    if (p->re == NULL || p->im == NULL || p->next_re == NULL ||
        p->next_im == NULL || p->t == NULL)
        return false;
    for (size_t k = 0; k < n + 2; k++) {
        ZERO(&p->re[k]);
        ZERO(&p->im[k]);
        ZERO(&p->next_re[k]);
        ZERO(&p->next_im[k]);
    }
    RATIO(&p->re[1], 1, 1);
    return true;
}

static void poly_swap(struct polynomial *p)
{
    NUM *re = p->re;
    NUM *im = p->im;

    p->re = p->next_re;
    p->im = p->next_im;
    p->next_re = re;
    p->next_im = im;
}

/* ---- one more factor -------------------------------------------------------- */

/* r := a - (cos x + sin y) / 2 of the point at hand, or - sin; x and y are
 * t[2] and t[3]. */
static void rotate(struct polynomial *p, NUM *r, const NUM *a, bool minus)
{
    NUM *x = &p->t[2];
    NUM *y = &p->t[3];

    MUL(x, x, &p->t[0]);
    MUL(y, y, &p->t[1]);
    if (minus) {
        SUB(x, x, y);
    } else {
        ADD(x, x, y);
    }
    HALVE(x);
    SUB(r, a, x);
}

/* P := P (1 - cos(t - t_i)): convolution with (-e^{it_i}, 2, -e^{-it_i}) / 2. */
static void times_cosine(struct polynomial *p)
{
    for (size_t k = 1; k <= p->n; k++) {
        ADD(&p->t[2], &p->re[k - 1], &p->re[k + 1]);
        SUB(&p->t[3], &p->im[k - 1], &p->im[k + 1]);
        rotate(p, &p->next_re[k], &p->re[k], false);
        ADD(&p->t[2], &p->im[k - 1], &p->im[k + 1]);
        SUB(&p->t[3], &p->re[k - 1], &p->re[k + 1]);
        rotate(p, &p->next_im[k], &p->im[k], true);
    }
    poly_swap(p);
    ZERO(&p->t[2]);
    SET(&p->re[0], &p->re[2]);
    SUB(&p->im[0], &p->t[2], &p->im[2]);
}

/* r := coefficient k - 1 of t P, in Chebyshev's basis or in powers. */
static void shifted(const struct polynomial *p, NUM *r, size_t k,
                    bool chebyshev)
{
    SET(r, &p->re[k - 1]);
    if (!chebyshev)
        return;
    /* t T_0 = T_1, t T_k = (T_{k+1} + T_{k-1}) / 2 */
    if (k == 2)
        ADD(r, r, &p->re[1]);
    ADD(r, r, &p->re[k + 1]);
    HALVE(r);
}

/* P := P (t - t_i). */
static void times_linear(struct polynomial *p, bool chebyshev)
{
    for (size_t k = 1; k <= p->n; k++) {
        shifted(p, &p->t[2], k, chebyshev);
        MUL(&p->t[3], &p->re[k], &p->t[0]);
        SUB(&p->next_re[k], &p->t[2], &p->t[3]);
    }
    poly_swap(p);
}

static void times_member(struct polynomial *p, const struct avg_curve *c,
                         size_t i)
{
    const long last = (long)c->n - 1;

    switch (c->basis) {
    case AVG_TRIG:
        TURN(&p->t[0], i, c->n, false);
        TURN(&p->t[1], i, c->n, true);
        times_cosine(p);
        return;
    case AVG_CHEBYSHEV_BASIS:
        TURN(&p->t[0], 2 * i + 1, 4 * c->n, false);
        break;
    case AVG_MONOMIAL:
    case AVG_BASES:
        RATIO(&p->t[0], 2 * (long)i - last, last);
        break;
    }
    times_linear(p, c->basis == AVG_CHEBYSHEV_BASIS);
    times_linear(p, c->basis == AVG_CHEBYSHEV_BASIS);
}

/* ---- the query ---------------------------------------------------------------- */

/* out[0] := 1 less coefficient 0 of P / (2 gap), out[1 + i] := the negative of
 * the coefficient that key coordinate i meets. */
static void put_query(const struct avg_curve *c, struct polynomial *p,
                      double lg_gap, NUM *out)
{
    const bool trig = c->basis == AVG_TRIG;
    NUM *scale = &p->t[0];
    NUM *x = &p->t[1];

    EXP2(scale, -lg_gap - 1.0);
    MUL(x, &p->re[1], scale);
    RATIO(&out[0], 1, 1);
    SUB(&out[0], &out[0], x);
    /* Coefficients k and -k of a trigonometric polynomial add up. */
    if (trig)
        EXP2(scale, -lg_gap);
    for (size_t i = 0; i < 2 * c->q; i++) {
        const size_t k = (trig ? i / 2 : i) + 2;

        ZERO(x);
        if (trig && i % 2 == 1) {
            ADD(x, x, &p->im[k]);
        } else {
            SUB(x, x, &p->re[k]);
        }
        MUL(&out[1 + i], x, scale);
    }
}

/* Sums of up to 4^q cancel down to what |w|_1 2 gap is, which stays above
 * 4^-q: so many bits more than the unit leave it none of the rounding. */
static int query_bits(const struct avg_wide *x)
{
    return x->bits + 4 * (int)x->curve->q + 64;
}

att_status att_avg_wide_make(struct avg_wide *x, const uint32_t *y,
                             double lg_gap, struct att_arena *arena,
                             struct att_error *err)
{
    const int bits = query_bits(x);
    NUM *out = NEW(arena, 2 * x->curve->q + 1, bits);
    struct polynomial p;

    if (out == NULL || !poly_init(&p, x->curve, bits, arena))
        return att_arena_fail(arena, "a polynomial", err);
    for (size_t i = 0; i < x->curve->q; i++)
        times_member(&p, x->curve, y[i]);
    put_query(x->curve, &p, lg_gap, out);
    x->number = out;
    return ATT_OK;
}

long double att_avg_wide_get(const struct avg_wide *x, size_t i)
{
    const NUM *number = x->number;

#if ATT_HAVE_MPFR
    return mpfr_get_ld(&number[i], MPFR_RNDN);
#else
    return number[i];
#endif
}
