/* disjointness.h - pairs of sets, and the inputs of Match3 that ask whether
 * they intersect.
 *
 * Two subsets a, b of {1 .. n} are bit masks: element i is bit i - 1.  The
 * input that codes them has L = 2n + 1 tokens modulo M = L + 4:
 *
 *   x_0 = 1;  x_i = i + 1 if i is in a, else 1;
 *   x_{n+i} = M - i - 2 if i is in b, else 1       (i = 1 .. n)
 *
 * Token 0 has a pair of partners exactly when a and b intersect.
 *
 * When samples >= 4^n the pairs are all of them, a + 2^n b in order; else
 * pair k takes its sets from words 0 and 1 of (tag 1, step 0, item = k).
 * Nothing seeds the instance but the replicate.
 *
 * Source: derived here (docs/theory/matching.md) */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/problem/matching.h"

enum { ATT_DISJ_N, ATT_DISJ_SAMPLES, ATT_DISJ_PARAMS };

struct att_disjointness {
    size_t n, L; /* L = 2n + 1 */
    uint64_t M;
    size_t n_pairs;
    const uint32_t *a, *b; /* [n_pairs] */
};

extern const struct att_problem att_problem_disjointness;

/* The input of the pair (a, b) into x [2n + 1]. */
struct att_match_input att_disjointness_code(size_t n, uint32_t a, uint32_t b,
                                             uint64_t *x);
