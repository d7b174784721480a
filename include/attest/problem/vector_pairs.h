/* vector_pairs.h - pairs of vectors in R^L that differ as sets, entries well
 * apart: the hypothesis of the Boltzmann separation lemma.
 *
 * Entries come from a ladder of 2 L numbers, centred on 0, with steps of
 * delta (1 + U / 20), delta = delta_mult (2 ln L + 3): random takes two
 * L-subsets of it, tail two that agree in their largest k < L entries, k
 * uniform.  Item = pair; step 0 the ladder, 1 and 2 the subsets, 3 the prefix. */
#pragma once

#include <stddef.h>

#include "attest/problem/problem.h"

enum {
    ATT_VP_L,
    ATT_VP_SAMPLES,
    ATT_VP_DELTA_MULT,
    ATT_VP_DATA,
    ATT_VP_PARAMS
};

struct att_vector_pairs {
    size_t n;        /* entries of a vector (L) */
    size_t samples;  /* pairs */
    const double *a; /* [samples, n] descending */
    const double *b; /* [samples, n] descending */
    const double *r; /* [samples] largest |entry| */
    double delta;    /* smallest distance of two different entries of a pair */
};

extern const struct att_problem att_problem_vector_pairs;
