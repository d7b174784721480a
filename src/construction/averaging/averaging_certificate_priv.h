/* averaging_certificate_priv.h - bounds that a witness proves for one case. */
#pragma once

#include "averaging_columns_priv.h"

enum {
    CP_D = ATT_AVG_PARAMS,
    CP_KEYS,
    CP_BOUND,
    CP_EPS,
    CP_FRAC,
    CP_SLOTS,
    CP_STATE_BITS,
    CP_PARAMS
};

enum avg_bound {
    AVG_RADON,
    AVG_CENSUS,
    AVG_DISJ,
    AVG_MEMORY,
    AVG_KERNEL,
    AVG_LINEAR,
    AVG_BOUNDS
};

/* What a bound found; NaN or -1: it says nothing of this. */
struct avg_bound_found {
    double cert_err, residual, measured, share, size_law;
    int64_t distinct, collisions, wrong, msg_bits, size;
};

/* Matrices that a checker needs, and what they are called in the witness. */
enum { AVG_WITNESS = 5 };
struct avg_witness {
    const char *name[AVG_WITNESS];
    struct att_mat m[AVG_WITNESS];
    size_t n;
};

struct avg_bound_case {
    struct att_workspace *ws;
    const struct att_case *c;
    const struct att_averaging *a;
    struct avg_bound_found found;
    struct avg_witness witness;
};

typedef att_status (*avg_bound_fn)(struct avg_bound_case *x,
                                   struct att_error *err);
att_status att_avg_bound_radon(struct avg_bound_case *x, struct att_error *err);
att_status att_avg_bound_census(struct avg_bound_case *b,
                                struct att_error *err);
att_status att_avg_bound_disj(struct avg_bound_case *b, struct att_error *err);
att_status att_avg_bound_memory(struct avg_bound_case *x,
                                struct att_error *err);
att_status att_avg_bound_kernel(struct avg_bound_case *x,
                                struct att_error *err);
att_status att_avg_bound_linear(struct avg_bound_case *x,
                                struct att_error *err);

/* Add a matrix to the witness. */
void att_avg_witness_add(struct avg_bound_case *x, const char *name,
                         struct att_mat m);

/* An affine dependence of n = d + 2 keys, sum lam = 0 and sum of its positive
 * part 1, and a set that holds the smaller side and nothing of the other. */
struct avg_radon {
    struct att_mat u; /* [n, d] */
    size_t n_tokens, q;
    double *lam; /* [n] out */
    uint32_t *y; /* [q] out, ascending */
};
/* Fails: ATT_E_INFEASIBLE when the sides leave no such set. */
ATT_CHECKED att_status att_avg_radon(const struct avg_radon *x,
                                     struct att_arena *arena,
                                     struct att_error *err);
/* |sum lam_j u_j|_inf. */
double att_avg_radon_residual(struct att_mat u, const double *lam);

extern const char *const att_avg_bound_name[AVG_BOUNDS + 1]; /* + NULL */

enum { AVG_BOUND_CLAIMS = 7 };
extern const struct att_claim att_avg_bound_claims[AVG_BOUND_CLAIMS];

/* Keys of the case as drawn and normalised, [L, d], in the arena. */
ATT_CHECKED att_status att_avg_bound_keys(struct avg_bound_case *x,
                                          struct att_mat *u,
                                          struct att_error *err);

/* Facts about a witness, from nothing but its numbers: the `check` slot. */
ATT_CHECKED att_status att_avg_witness_check(const struct att_artifact *a,
                                             struct att_arena *scratch,
                                             struct att_check_report *report,
                                             struct att_error *err);

/* The witness in a line (averaging_witness_text.c). */
enum { AVG_WITNESS_TEXT = 512 };
void att_avg_witness_text(const struct avg_bound_case *x, enum avg_bound bound,
                          char text[AVG_WITNESS_TEXT]);

/* ---- census (averaging_census.c) ------------------------------------------------- */

/* Row r of the witness speaks of the r-th q-subset in lexicographic order:
 *   [0]              1: a hyperplane separates it; 0: none does
 *   [1 .. d], [d+1]  w and c with <u_j, w> + c > 0 on the set, < 0 off it
 *   [d+2 .. d+1+L]   lambda >= 0 on the set and <= 0 off it, sums 1 and -1,
 *                    sum_j lambda_j u_j = 0: the hulls meet */
struct avg_census_row {
    double separable;
    const double *w, *lambda; /* [d + 1], [L] */
};
size_t att_avg_census_width(size_t d, size_t L);
struct avg_census_row att_avg_census_row(struct att_mat rows, size_t r,
                                         size_t d);
