/* averaging_priv.h - what the constructions of sparse averaging share.
 *
 * Notation: L tokens (paper: N), q set size, d query/key dimension (paper:
 * m'), u_j the key of token j, y a query set, w its dual vector, s_j =
 * <u_j, w> the scores, alpha the scale of the logits.
 *
 * Keys are kept without their normalisation: row i of the Gram matrix up to
 * dimension d_g of a nested grid is summed segment by segment, exactly for
 * signs, and only then scaled.  A dual vector is a combination of keys, so
 * that scores are sums of rows of the Gram matrix: w itself is made where it
 * is rounded, multiplied or exported.
 *
 * Streams of the builder: step = sample, item = key, word = coordinate. */
#pragma once

#include <math.h>
#include <stdbool.h>

#include "attest/construction/nested.h"
#include "attest/problem/averaging.h"

/* ---- theory (averaging_theory.c) ---------------------------------------------- */

/* ceil(2 ln(4 L / eps)), C3. */
double att_avg_alpha(double L, double eps);

/* Thresholds s* of a score for the three criteria, C2 and section 10. */
double att_avg_threshold_err(double q, double eps, double alpha);

/* q + q (2 l - ln l - ln 4 pi) / s*^2 with l = ln n_pairs; NaN where that is
 * no dimension. */
double att_avg_m_pred(double q, double n_pairs, double threshold);

/* The same for d of n orthogonal columns drawn without repetition, which are
 * used up at d = n: m n / (n + m - q) for an m of att_avg_m_pred. */
double att_avg_m_drawn(double m, double q, double n);

/* The d that solves d = 2 q ln(L / d) (faces of a Gaussian polytope), at least
 * 2 q's floor of no use: NaN when L <= 2 q. */
double att_avg_face(double L, double q);

/* ceil(lg 8 alpha / eps) + ceil(lg 2 q) + 1. */
int64_t att_avg_p_guaranteed(double alpha, double eps, double q);

/* 2 q lg(L / pi) + q - 2 lg q!. */
double att_avg_moment_bits(double L, double q);

/* ---- keys (averaging_keys.c) ------------------------------------------------------ */

enum avg_kind {
    AVG_SIGN,
    AVG_GAUSS,
    AVG_UNIT,       /* gauss with rows of norm 1 at every d */
    AVG_HADAMARD,   /* random columns of Sylvester's matrix, without the 0th */
    AVG_FOURIER,    /* random frequencies of Z_L, cosine and sine */
    AVG_LOWFOURIER, /* frequencies 1, 2, ... */
    AVG_CHEBYSHEV,  /* T_1, T_2, ... at the zeros of T_L: a moment curve */
    AVG_KINDS
};

extern const char *const att_avg_kind_name[AVG_KINDS + 1]; /* + NULL */
enum avg_kind att_avg_kind(const char *name);

/* Which keys: what att_avg_keys_draw and _new are asked for. */
struct avg_key_spec {
    enum avg_kind kind;
    size_t n;
    struct att_nested grid;
};

struct avg_keys {
    enum avg_kind kind;
    size_t n, d;
    struct att_nested grid;
    struct att_bits *segment; /* [grid.n] of signs: coordinates d[g-1] .. */
    struct att_bits whole;    /* all coordinates of signs once more */
    uint64_t *last;           /* scratch [n]: a word of each, cut off at d_g */
    struct att_mat y;         /* [n, d] of the others; data NULL for signs */
    double *norm2;            /* [grid.n, n] of AVG_UNIT, else NULL */
    double *row;              /* scratch [d] */
    uint32_t *distance;       /* scratch [n] */
};

/* Keys of sample `step`.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_avg_keys_draw(struct att_workspace *ws,
                                         const struct avg_key_spec *spec,
                                         uint32_t step, struct avg_keys *out,
                                         struct att_error *err);
/* Room for keys; signs are -1 until the caller sets them. */
ATT_CHECKED att_status att_avg_keys_new(struct att_arena *arena,
                                        const struct avg_key_spec *spec,
                                        struct avg_keys *out,
                                        struct att_error *err);
void att_avg_keys_set(struct avg_keys *keys, size_t j, size_t m, int sign);

/* Coordinate m of key j without its normalisation. */
double att_avg_key_at(const struct avg_keys *keys, size_t j, size_t m);
/* The factor that normalises key j at grid point g. */
double att_avg_key_scale(const struct avg_keys *keys, size_t j, size_t g);
/* out [d_g] := the normalised key j at grid point g. */
void att_avg_key_row(const struct avg_keys *keys, size_t j, size_t g,
                     double *out);
/* out [n, d_g]: the normalised keys at grid point g; data NULL when refused. */
struct att_mat att_avg_keys_matrix(const struct avg_keys *keys, size_t g,
                                   struct att_arena *arena);

/* A row of the Gram matrix under way, segment by segment: signs that differ,
 * or products of the other kinds; the caller clears it. */
struct avg_row_sum {
    uint32_t *distance; /* [n] of signs */
    double *product;    /* [n] of the others */
};

/* Add what keys i and j have in segment g, for all j. */
void att_avg_row_add(const struct avg_keys *keys, size_t i, size_t g,
                     struct avg_row_sum sum);
/* out[j] := the normalised inner product that was summed up to grid point g. */
void att_avg_row_scale(const struct avg_keys *keys, size_t i, size_t g,
                       struct avg_row_sum sum, double *out);
/* The same from nothing. */
void att_avg_row(const struct avg_keys *keys, size_t i, size_t g, double *out);

/* ---- duals (averaging_dual.c) -------------------------------------------------------- */

enum avg_dual { AVG_LS, AVG_CT, AVG_AS, AVG_LP, AVG_MATCHED, AVG_DUALS };

extern const char *const att_avg_dual_name[AVG_DUALS + 1];
enum avg_dual att_avg_dual(const char *name);

/* One query at one grid point: who asks, the rows of the Gram matrix it needs,
 * and what comes out. */
struct avg_query {
    struct avg_keys *keys;
    size_t g;
    const uint32_t *y; /* [q] */
    size_t q;
    struct att_mat
        rows;     /* [capacity, n] normalised rows; the first q are y's */
    uint32_t *at; /* [capacity] whose row it is */
    size_t n_rows;
    struct att_mat gram;     /* [capacity, capacity] scratch */
    double *rhs;             /* [capacity] scratch */
    struct att_mat u;        /* [n, d_g] for AVG_LP; data NULL otherwise */
    struct att_arena *arena; /* scratch, rewound */

    double *s;            /* [n] out: scores */
    double *coef;         /* [n] out: w = sum_j coef_j u_j (not AVG_LP) */
    double *w;            /* [d_g] out of AVG_LP */
    int32_t n_iterations; /* of AVG_CT */
    int32_t n_active;     /* of AVG_AS */
};

/* Rows of the Gram matrix that a dual may ask for; pure. */
size_t att_avg_dual_rows(enum avg_dual dual, size_t q, size_t d, size_t n);

/* A query over q members with room for what the dual needs; u is the caller's.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_avg_query_init(struct avg_query *x,
                                          struct avg_keys *keys, size_t q,
                                          enum avg_dual dual,
                                          struct att_arena *arena,
                                          struct att_error *err);

/* w [d_g] := sum_j coef_j u_j of a solved query (not AVG_LP); spare [d_g]. */
void att_avg_query_combine(const struct avg_query *x, double *spare, double *w);

/* Scores and coefficients of the dual vector.
 *   *solved  false: the Gram matrix is singular, or the dual does not exist
 *            at this dimension; outputs are then undefined
 * Fails: ATT_E_NOMEM, ATT_E_UNSUPPORTED (AVG_LP without CLP). */
ATT_CHECKED att_status att_avg_dual_solve(struct avg_query *query,
                                          enum avg_dual dual, bool *solved,
                                          struct att_error *err);

/* min tau such that <u_j, w> = 1 on y and <= tau elsewhere (averaging_lp.c). */
ATT_CHECKED att_status att_avg_dual_lp(struct avg_query *query, bool *solved,
                                       struct att_error *err);

/* ---- sets (averaging_sets.c) ------------------------------------------------------------ */

/* y [q] := where the q <= n largest of x [n] stand, the largest first; of
 * equal ones the earlier. */
void att_avg_take_largest(const double *x, size_t n, uint32_t *y, size_t q);

/* ---- errors (averaging_error.c) --------------------------------------------------------- */

struct avg_unit {
    double alpha;
    bool hardmax;
    double tie; /* tolerance of hardmax */
};

struct avg_scores {
    double off_max;   /* largest score off the set */
    double on_dev;    /* largest |s - 1| on it */
    double err;       /* worst-value error |P - 1_y / q|_1; 2 if not a number */
    double value_err; /* l2 error for the values of an instance, if any */
    double value_s;   /* how long the values took, of all this */
};

/* s [n] is overwritten; values: whose z to try, NULL for none. */
struct avg_scores att_avg_measure(double *s, size_t n, const uint32_t *y,
                                  size_t q, const struct avg_unit *unit,
                                  const struct att_averaging *values);

/* ---- linear programs (averaging_lp.c) ------------------------------------------------------ */

/* min tau >= tau_least such that <u_j, w> (+ c) = 1 on y and <= tau elsewhere. */
struct avg_lp {
    struct att_mat u; /* [n, d] */
    const uint32_t *y;
    size_t q;
    bool constant; /* a free constant c is added to every score */
    double tau_least;
    double tau; /* out; NaN: no w has 1 on y */
    double *w;  /* [d] out, may be NULL */
};
/* Fails: ATT_E_NOMEM, ATT_E_NUMERIC (no end), ATT_E_UNSUPPORTED (no CLP). */
ATT_CHECKED att_status att_avg_lp(struct avg_lp *x, struct att_arena *scratch,
                                  struct att_error *err);
