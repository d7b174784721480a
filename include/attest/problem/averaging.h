/* averaging.h - sparse averaging: every query asks for the mean of q tokens.
 *
 * Notation: L tokens, q members of a set, y_i the set of query i (sorted), z_j
 * the value of token j, in the unit ball of R^dv; the target is
 * (1/q) sum_{j in y_i} z_j.
 *
 *   random  uniform q-subsets, set i of a sample at (tag, step = sample,
 *           item = i)
 *   hard    the sets that a moment curve finds hard, in turn: a block at the
 *           centre, a block with a hole, a block at the edge, a block at 3/4,
 *           every other token, spread evenly; the i-th round moves them by i
 *
 * L, q, dv, samples and n_sets seed nothing; data does.
 *
 * Source: the sparse averaging specification, docs/theory/averaging.md */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/problem/problem.h"

enum {
    ATT_AVG_L,
    ATT_AVG_Q,
    ATT_AVG_DV,
    ATT_AVG_SAMPLES,
    ATT_AVG_SETS,
    ATT_AVG_DATA,
    ATT_AVG_PARAMS
};

struct att_averaging {
    size_t L, q, dv;
    size_t samples, n_sets; /* sets of one sample */
    const uint32_t *y;      /* [samples, n_sets, q], ascending within a set */
    const double *z;        /* [L, dv] values of sample 0, |z_j| <= 1 */
};

extern const struct att_problem att_problem_averaging;

/* Is q < L and n_sets <= L?  For the admit slot of constructions.
 * Fails: ATT_E_INFEASIBLE naming both numbers. */
ATT_CHECKED att_status att_averaging_admit(const struct att_value *p,
                                           struct att_error *err);

/* Sets of one sample at a point: n_sets, or L where it is 0; pure. */
size_t att_averaging_sets(const struct att_value *p);

/* Bytes of an instance, for cost formulas; pure. */
double att_averaging_bytes(const struct att_value *p);

/* The target: out [dv] = mean over the q members in y of z [.., dv]. */
void att_averaging_target(const double *z, size_t dv, const uint32_t *y,
                          size_t q, double *out);
