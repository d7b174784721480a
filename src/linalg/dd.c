/* dd.c - the exponential, the cosine and the sine of a double-double.
 *
 * x = k ln 2 + r with |r| <= 0.35; exp(r / 512) - 1 by nine terms of Taylor's
 * series (the tenth is below 2^-104 of the first), then nine doublings
 * (1 + y)^2 - 1 = 2 y + y^2, which keep the small part y to itself and so do
 * not lose bits to the 1. */
#include "attest/linalg/dd.h"

#include <math.h>
#include <stdbool.h>

static const struct att_dd LN2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

enum { HALVINGS = 9, TERMS = 9 };

/* exp(y) - 1 for |y| <= 2^-10. */
static struct att_dd taylor(struct att_dd y)
{
    struct att_dd sum = att_dd_from(1.0);

    /* Horner: 1 + y/2 (1 + y/3 (... (1 + y/9))) */
    for (int k = TERMS; k >= 2; k--) {
        const struct att_dd term =
            att_dd_div(att_dd_mul(y, sum), att_dd_from((double)k));

        sum = att_dd_add(att_dd_from(1.0), term);
    }
    return att_dd_mul(y, sum);
}

struct att_dd att_dd_exp(struct att_dd x)
{
    if (isnan(x.hi))
        return x;
    if (x.hi < -708.0)
        return att_dd_from(0.0);
    if (x.hi > 709.78)
        return att_dd_from((double)INFINITY);
    const double k = rint(x.hi / LN2.hi);
    const struct att_dd r = att_dd_sub(x, att_dd_mul(LN2, att_dd_from(k)));
    const double step = ldexp(1.0, -HALVINGS);
    struct att_dd y = taylor((struct att_dd){r.hi * step, r.lo * step});

    for (int i = 0; i < HALVINGS; i++) {
        const struct att_dd twice = {2.0 * y.hi, 2.0 * y.lo};

        y = att_dd_add(twice, att_dd_mul(y, y));
    }
    y = att_dd_add(att_dd_from(1.0), y);
    return (struct att_dd){ldexp(y.hi, (int)k), ldexp(y.lo, (int)k)};
}

/* ---- turns ---------------------------------------------------------------------- */

static const struct att_dd QUARTER = {0x1.921fb54442d18p+0,
                                      0x1.1a62633145c07p-54}; /* pi / 2 */

/* The series of sine (from = 1) or cosine (from = 0) over its first term, for
 * x2 = x^2 <= 0.62: terms up to x^29 and x^28. */
static struct att_dd series(struct att_dd x2, int from)
{
    struct att_dd sum = att_dd_from(1.0);

    for (int n = 28 + from; n > from; n -= 2) {
        const struct att_dd term =
            att_dd_div(att_dd_mul(x2, sum), att_dd_from((double)n * (n - 1)));

        sum = att_dd_sub(att_dd_from(1.0), term);
    }
    return sum;
}

void att_dd_turn(uint64_t num, uint64_t den, struct att_dd *cosine,
                 struct att_dd *sine)
{
    const uint64_t quarters = 4 * (num % den);
    const uint64_t rest = quarters % den; /* of a quarter, over den */
    const bool far = 2 * rest > den;      /* nearer to the next quarter */
    const double part = (double)(far ? den - rest : rest);
    const struct att_dd x = att_dd_div(att_dd_mul(QUARTER, att_dd_from(part)),
                                       att_dd_from((double)den));
    const struct att_dd x2 = att_dd_mul(x, x);
    const struct att_dd c = series(x2, 0);
    struct att_dd s = att_dd_mul(x, series(x2, 1));
    /* from the axis before or behind, then round by whole quarters */
    const uint64_t k = (quarters / den + (far ? 1 : 0)) % 4;

    if (far)
        s = att_dd_neg(s);
    *cosine = k % 2 == 0 ? c : s;
    *sine = k % 2 == 0 ? s : c;
    if (k == 1 || k == 2)
        *cosine = att_dd_neg(*cosine);
    if (k == 2 || k == 3)
        *sine = att_dd_neg(*sine);
}
