/* patterns_gram_priv.h - inner products of keys at one d, from a table where
 * the keys form a group, and queries that interpolate. */
#pragma once

#include "attest/linalg/group.h"
#include "patterns_priv.h"

/* K(l, j) / d for keys of any family.  Hadamard keys have a table over
 * exclusive ors, Fourier keys one over differences: O(L log L) to make, and no
 * key is ever written down. */
struct pat_gram {
    struct pat_key_spec spec;
    struct pat_keys keys; /* neither Hadamard nor Fourier */
    int32_t *h;           /* [size] Hadamard: d K by l xor j, without signs */
    float *hf;            /* [size] the same over d */
    float *sign;          /* [n] of Hadamard keys; NULL: all +1 */
    double *shift;        /* [2 n] Fourier: K / d by (j - l) mod n, twice */
    size_t size;          /* of h: a power of two >= n */
    int32_t *row;         /* [n] scratch */
    double mu;            /* largest |K / d| of different keys; NaN: unknown */
};

/* Fails: as att_pat_keys_draw. */
ATT_CHECKED att_status att_pat_gram_init(const struct att_workspace *ws,
                                         const struct pat_key_spec *spec,
                                         struct pat_gram *out,
                                         struct att_error *err);
/* K(l, j) / d. */
double att_pat_gram_at(const struct pat_gram *g, size_t l, size_t j);
/* y[j] = K(l, j) / d for all j. */
void att_pat_gram_row(const struct pat_gram *g, size_t l, double *y);

/* Weights of the keys of N(i) for which P is 1 on all of it (unit), and for
 * which Lambda is lam (patterns C4): Gram matrices k x k, Cholesky in double. */
struct pat_query {
    struct att_mat g;   /* [most, most] scratch */
    double *unit, *lam; /* [most] */
    double cond;        /* bound of the condition number; INFINITY: singular */
    double norm1;       /* sum |unit| */
    double square;      /* |x|^2 at beta = 1: sum of unit */
};
ATT_CHECKED att_status att_pat_query_init(struct pat_query *q, size_t most,
                                          struct att_arena *arena,
                                          struct att_error *err);
/* False when the keys of the row are dependent (cond > 1e8). */
bool att_pat_query_solve(struct pat_query *q, const struct pat_gram *gram,
                         const struct att_pattern *a, size_t i);
