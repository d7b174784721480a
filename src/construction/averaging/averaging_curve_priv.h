/* averaging_curve_priv.h - keys on a moment curve, C4: d = 2 q for every L.
 *
 * A polynomial P_y >= 0 that vanishes on y alone makes y a face of the convex
 * hull of the keys: the score 1 - P_y(t_j) / (2 gap), gap the least value off
 * y, is 1 on y and <= 1/2 elsewhere.  Its coefficients, but for the constant,
 * are the query.
 *
 *   trig       t_j = 2 pi j / L; (cos k t, sin k t), k = 1 .. q
 *              P = prod over y of (1 - cos(t - t_i))
 *   chebyshev  t_j = cos(pi (2j + 1) / (2L)); T_1 .. T_2q
 *   monomial   t_j = (2j - L + 1) / (L - 1); t .. t^2q
 *              P = prod over y of (t - t_i)^2 for both
 *
 * P is known in product form, without cancellation; what a unit computes from
 * coefficients loses lg |w|_1 bits. */
#pragma once

#include "averaging_priv.h"

enum avg_basis { AVG_TRIG, AVG_CHEBYSHEV_BASIS, AVG_MONOMIAL, AVG_BASES };

extern const char *const att_avg_basis_name[AVG_BASES + 1]; /* + NULL */
enum avg_basis att_avg_basis(const char *name);

struct avg_curve {
    enum avg_basis basis;
    size_t n, q;
};

/* ---- product form (averaging_curve.c) ------------------------------------------- */

/* lg P_y(t_j); -INFINITY on y. */
double att_avg_curve_lg(const struct avg_curve *c, const uint32_t *y, size_t j);
/* lg of the least P_y off y. */
double att_avg_curve_gap(const struct avg_curve *c, const uint32_t *y);
/* s [n]: the scores 1 - P / (2 gap), each of few roundings. */
void att_avg_curve_product(const struct avg_curve *c, const uint32_t *y,
                           double lg_gap, double *s);

/* ---- from coefficients ------------------------------------------------------------ */

/* A query before it is rounded to the unit's arithmetic: numbers of MPFR, or
 * long doubles in a build without it (averaging_polynomial.c). */
struct avg_wide {
    const struct avg_curve *curve;
    int bits;     /* of the unit; the query has as many more as cancel */
    void *number; /* [2 q + 1]: the constant, then the coordinates */
};
/* The query of y in arena.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_avg_wide_make(struct avg_wide *x, const uint32_t *y,
                                         double lg_gap, struct att_arena *arena,
                                         struct att_error *err);
long double att_avg_wide_get(const struct avg_wide *x, size_t i);

/* The arithmetic of a unit: keys and query are rounded to it once, scores
 * after every operation. */
enum avg_float { AVG_F64, AVG_F32, AVG_X80, AVG_WIDE /* MPFR */ };

struct avg_machine {
    struct avg_curve curve;
    enum avg_float format;
    int bits;    /* of the significand */
    void *table; /* values of the basis: att_avg_machine_open */
};

/* One set: its polynomial from the product form, and what comes out. */
struct avg_dot {
    const uint32_t *y; /* [q] */
    double lg_gap;
    double *s;       /* [n] out: scores, the constant added (a softmax ignores
                        it); not finite where the format overflows */
    double *w;       /* [2 q] out: the query rounded to double */
    double lg_norm1; /* out: lg |w|_1 */
};

/* "f64", "f32", "x80", "dd" (106 bits); table is not made yet. */
struct avg_machine att_avg_machine(struct avg_curve curve, const char *dtype);
/* A machine of that many bits, by MPFR. */
struct avg_machine att_avg_machine_wide(struct avg_curve curve, int bits);

/* Tabulate the basis in arena.  Fails: ATT_E_NOMEM; ATT_E_UNSUPPORTED (wide
 * without MPFR). */
ATT_CHECKED att_status att_avg_machine_open(struct avg_machine *m,
                                            struct att_arena *arena,
                                            struct att_error *err);
/* Query and scores of a set.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_avg_machine_dot(const struct avg_machine *m,
                                           struct avg_dot *dot,
                                           struct att_arena *scratch,
                                           struct att_error *err);
/* u [n, 2 q] := the keys, of an open machine of f64. */
void att_avg_curve_matrix(const struct avg_machine *m, struct att_mat u);
/* Bytes of a table and of the scratch, for cost formulas. */
double att_avg_machine_bytes(double n, double q);

/* The wide machine (averaging_referee.c). */
ATT_CHECKED att_status att_avg_referee_open(struct avg_machine *m,
                                            struct att_arena *arena,
                                            struct att_error *err);
ATT_CHECKED att_status att_avg_referee_dot(const struct avg_machine *m,
                                           struct avg_dot *dot,
                                           struct att_arena *scratch,
                                           struct att_error *err);
