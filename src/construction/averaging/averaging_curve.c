/* averaging_curve.c - moment curves: the product form, and units in the
 * arithmetics of the machine. */
#include "averaging_curve_priv.h"

#include "attest/base/text.h"

static const double TURN_2PI = 6.28318530717958647692;
static const long double TURN_2PI_LONG = 6.28318530717958647692528676656L;

const char *const att_avg_basis_name[AVG_BASES + 1] = {
    [AVG_TRIG] = "trig",
    [AVG_CHEBYSHEV_BASIS] = "chebyshev",
    [AVG_MONOMIAL] = "monomial",
};

enum avg_basis att_avg_basis(const char *name)
{
    return (enum avg_basis)att_text_choice(name, att_avg_basis_name);
}

/* ---- product form ---------------------------------------------------------- */

/* One factor at t_j of the member i: cos a - cos b = -2 sin((a + b) / 2)
 * sin((a - b) / 2) leaves nothing to cancel. */
static double factor(const struct avg_curve *c, size_t i, size_t j)
{
    const double n = (double)c->n;
    const double apart = (double)j - (double)i;

    if (c->basis == AVG_TRIG) {
        const double x = sin(0.5 * TURN_2PI * apart / n);

        return 2.0 * x * x;
    }
    const double x = c->basis == AVG_MONOMIAL
                         ? 2.0 * apart / (n - 1.0)
                         : 2.0 *
                               sin(0.25 * TURN_2PI * (double)(i + j + 1) / n) *
                               sin(0.25 * TURN_2PI * apart / n);
    return x * x;
}

double att_avg_curve_lg(const struct avg_curve *c, const uint32_t *y, size_t j)
{
    double sum = 0.0;

    for (size_t i = 0; i < c->q; i++)
        sum += y[i] == j ? -(double)INFINITY : log2(factor(c, y[i], j));
    return sum;
}

double att_avg_curve_gap(const struct avg_curve *c, const uint32_t *y)
{
    double least = INFINITY;

    for (size_t j = 0; j < c->n; j++) {
        const double lg = att_avg_curve_lg(c, y, j);

        if (lg > -(double)INFINITY)
            least = fmin(least, lg);
    }
    return least;
}

void att_avg_curve_product(const struct avg_curve *c, const uint32_t *y,
                           double lg_gap, double *s)
{
    for (size_t j = 0; j < c->n; j++)
        s[j] = 1.0 - exp2(att_avg_curve_lg(c, y, j) - lg_gap - 1.0);
}

/* ---- the machine's own arithmetics ---------------------------------------------- */

#define ADD(r, a, b)        (*(r) = *(a) + *(b))
#define MUL(r, a, b)        (*(r) = *(a) * *(b))
#define ZERO(r)             (*(r) = 0)
#define RATIO(r, a, b)      (*(r) = (NUM)(a) / (NUM)(b))
#define GET(a)              ((double)*(a))
#define NEW(arena, n, bits) ((void)(bits), ATT_NEW(arena, NUM, n))
#define TAKE(r, query, i)   (*(r) = (NUM)att_avg_wide_get(query, i))

#define NUM     double
#define F(name) name##_f64
#define TURN(r, a, b, sine)                                                    \
    (*(r) = (sine) ? sin(TURN_2PI * (double)(a) / (double)(b))                 \
                   : cos(TURN_2PI * (double)(a) / (double)(b)))
#include "averaging_curve.inc"
#undef NUM
#undef F
#undef TURN

/* Sines of doubles, rounded once more. */
#define NUM     float
#define F(name) name##_f32
#define TURN(r, a, b, sine)                                                    \
    (*(r) = (float)((sine) ? sin(TURN_2PI * (double)(a) / (double)(b))         \
                           : cos(TURN_2PI * (double)(a) / (double)(b))))
#include "averaging_curve.inc"
#undef NUM
#undef F
#undef TURN

#define NUM     long double
#define F(name) name##_x80
#define TURN(r, a, b, sine)                                                    \
    (*(r) = (sine)                                                             \
                ? sinl(TURN_2PI_LONG * (long double)(a) / (long double)(b))    \
                : cosl(TURN_2PI_LONG * (long double)(a) / (long double)(b)))
#include "averaging_curve.inc"

/* ---- which machine ------------------------------------------------------------------ */

struct avg_machine att_avg_machine(struct avg_curve curve, const char *dtype)
{
    if (att_text_same(dtype, "f32"))
        return (struct avg_machine){curve, AVG_F32, 24, NULL};
    if (att_text_same(dtype, "x80"))
        return (struct avg_machine){curve, AVG_X80, 64, NULL};
    if (att_text_same(dtype, "dd"))
        return att_avg_machine_wide(curve, 106);
    return (struct avg_machine){curve, AVG_F64, 53, NULL};
}

struct avg_machine att_avg_machine_wide(struct avg_curve curve, int bits)
{
    return (struct avg_machine){curve, AVG_WIDE, bits, NULL};
}

att_status att_avg_machine_open(struct avg_machine *m, struct att_arena *arena,
                                struct att_error *err)
{
    switch (m->format) {
    case AVG_F32:
        return open_f32(m, arena, err);
    case AVG_X80:
        return open_x80(m, arena, err);
    case AVG_WIDE:
        return att_avg_referee_open(m, arena, err);
    case AVG_F64:
        break;
    }
    return open_f64(m, arena, err);
}

att_status att_avg_machine_dot(const struct avg_machine *m, struct avg_dot *dot,
                               struct att_arena *scratch, struct att_error *err)
{
    switch (m->format) {
    case AVG_F32:
        return dot_f32(m, dot, scratch, err);
    case AVG_X80:
        return dot_x80(m, dot, scratch, err);
    case AVG_WIDE:
        return att_avg_referee_dot(m, dot, scratch, err);
    case AVG_F64:
        break;
    }
    return dot_f64(m, dot, scratch, err);
}

void att_avg_curve_matrix(const struct avg_machine *m, struct att_mat u)
{
    for (size_t j = 0; j < u.rows; j++) {
        for (size_t i = 0; i < u.cols; i++)
            att_mat_row(u, j)[i] = *key_f64(&m->curve, m->table, j, i);
    }
}

double att_avg_machine_bytes(double n, double q)
{
    /* 32 bytes of an MPFR number and up to 48 of its significand. */
    return 80.0 * (fmax(4.0, 2.0 * q) * n + 20.0 * q + 64.0);
}
