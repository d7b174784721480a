/* functions.h - continuous permutation-equivariant functions on [0, 1]^(L d),
 * and random points to compare approximations on.
 *
 *   xmax      f(X)_i = x_i1 max_j x_j1
 *   sinmean   f(X)_i = sin(2 pi x_i1) mean_j x_j1
 *   pair      d = 2, L = 2: f(X)_i = (x_i1 x_j2 + x_i2, |x_i - x_j|^2)
 *   variance  f(X)_i = (x_i1 - mean_j x_j1)^2
 *   root      f(X)_i = sqrt(|x_i1 - mean_j x_j1|), not Lipschitz
 *
 * Sample s, token i draw from item s, step i, word = coordinate. */
#pragma once

#include <stddef.h>

#include "attest/problem/problem.h"

enum { ATT_FN_L, ATT_FN_D, ATT_FN_TARGET, ATT_FN_SAMPLES, ATT_FN_PARAMS };

struct att_function {
    const char *name;
    size_t d_out;
    /* out [d_out] = f(X)_i for X [l, d] row-major. */
    void (*value)(const double *x, size_t l, size_t d, size_t i, double *out);
};

struct att_functions {
    size_t l, d, samples;
    const double *x; /* [samples, l, d] uniform in (0, 1) */
    const struct att_function *f;
};

extern const struct att_problem att_problem_functions;

/* The target of that name; NULL: none. */
const struct att_function *att_function_find(const char *name);

/* Fails: ATT_E_INFEASIBLE for target = pair with other d or L. */
ATT_CHECKED att_status att_functions_admit(const struct att_value *p,
                                           struct att_error *err);
