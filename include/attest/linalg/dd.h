/* dd.h - double-double numbers: an unevaluated sum hi + lo of two doubles with
 * |lo| <= ulp(hi) / 2, 106 significant bits, the exponents of double.
 *
 * Plain C without fma, the same bits everywhere (contraction is off).  Errors,
 * relative to the result and with u = 2^-106: sum 3 u (of the larger operand
 * where they cancel), product 6 u, quotient 12 u, exp 2^-98 for |x| <= 700,
 * cosine and sine of a fraction of a turn 2^-100 of the larger of the two.
 *
 * Sources: Dekker 1971 (product by splitting); Knuth (sum); Joldes, Muller,
 * Popescu 2017 (bounds). */
#pragma once

#include <stdint.h>

struct att_dd {
    double hi, lo;
};

static inline struct att_dd att_dd_from(double x)
{
    return (struct att_dd){x, 0.0};
}

/* a + b exactly, for |a| >= |b|. */
static inline struct att_dd att_dd_fast_sum(double a, double b)
{
    const double s = a + b;

    return (struct att_dd){s, b - (s - a)};
}

/* a + b exactly. */
static inline struct att_dd att_dd_two_sum(double a, double b)
{
    const double s = a + b, t = s - a;

    return (struct att_dd){s, (a - (s - t)) + (b - t)};
}

/* a b exactly, for |a|, |b| < 2^996 and |a b| > 2^-969. */
static inline struct att_dd att_dd_two_product(double a, double b)
{
    const double split = 134217729.0; /* 2^27 + 1 */
    const double ca = split * a, cb = split * b;
    const double a_hi = ca - (ca - a), b_hi = cb - (cb - b);
    const double a_lo = a - a_hi, b_lo = b - b_hi;
    const double p = a * b;

    return (struct att_dd){p, ((a_hi * b_hi - p) + a_hi * b_lo + a_lo * b_hi) +
                                  a_lo * b_lo};
}

static inline struct att_dd att_dd_add(struct att_dd a, struct att_dd b)
{
    const struct att_dd s = att_dd_two_sum(a.hi, b.hi);
    const struct att_dd t = att_dd_two_sum(a.lo, b.lo);
    const struct att_dd v = att_dd_fast_sum(s.hi, s.lo + t.hi);

    return att_dd_fast_sum(v.hi, v.lo + t.lo);
}

static inline struct att_dd att_dd_neg(struct att_dd a)
{
    return (struct att_dd){-a.hi, -a.lo};
}

static inline struct att_dd att_dd_sub(struct att_dd a, struct att_dd b)
{
    return att_dd_add(a, att_dd_neg(b));
}

static inline struct att_dd att_dd_mul(struct att_dd a, struct att_dd b)
{
    const struct att_dd p = att_dd_two_product(a.hi, b.hi);

    return att_dd_fast_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline struct att_dd att_dd_div(struct att_dd a, struct att_dd b)
{
    const double q1 = a.hi / b.hi;
    const struct att_dd r1 = att_dd_sub(a, att_dd_mul(b, att_dd_from(q1)));
    const double q2 = r1.hi / b.hi;
    const struct att_dd r2 = att_dd_sub(r1, att_dd_mul(b, att_dd_from(q2)));
    const struct att_dd q = att_dd_fast_sum(q1, q2);

    return att_dd_add(q, att_dd_from(r2.hi / b.hi));
}

/* -1, 0, 1. */
static inline int att_dd_compare(struct att_dd a, struct att_dd b)
{
    if (a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo))
        return -1;
    return a.hi > b.hi || (a.hi == b.hi && a.lo > b.lo);
}

/* 0 below -708 (where a second double would be subnormal), infinity above
 * 709.78; NaN for NaN. */
struct att_dd att_dd_exp(struct att_dd x);

/* cos and sin of 2 pi num / den, den in 1 .. 2^50: the fraction of a turn is
 * reduced in integers, so that 0 and +-1 are exact. */
void att_dd_turn(uint64_t num, uint64_t den, struct att_dd *cosine,
                 struct att_dd *sine);
