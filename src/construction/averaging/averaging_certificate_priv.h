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
att_status att_avg_bound_census(struct avg_bound_case *x,
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

/* An affine dependence lam [n] of the n = d + 2 keys u [n, d], sum lam = 0 and
 * sum of its positive part 1, and a set y [q] that holds the smaller side and
 * nothing of the other.
 * Fails: ATT_E_INFEASIBLE when the sides leave no such set. */
ATT_CHECKED att_status att_avg_radon(struct att_mat u, size_t n_tokens,
                                     size_t q, double *lam, uint32_t *y,
                                     struct att_arena *arena,
                                     struct att_error *err);
/* |sum lam_j u_j|_inf. */
double att_avg_radon_residual(struct att_mat u, const double *lam);
