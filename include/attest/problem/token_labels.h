/* token_labels.h - N sequences of L tokens in R^d, a label for every token.
 *
 * Notation: N sequences, L the length of each, d the token dimension, C
 * classes, d_out the coordinates of a label.  A token's label depends on the
 * token and on the set of its sequence only, as one layer of attention needs.
 *
 *   shared    a random vocabulary of M0 tokens, the smallest M0 >= 2 L with
 *             C(M0, L) >= 4 N; N distinct random L-subsets, shuffled
 *   fresh     every sequence has L tokens of its own
 *   swap      all sequences share L - 1 tokens, one is their own
 *   cluster   as swap with unit tokens; the own ones lie in a ball of radius
 *             eps around a unit vector
 *   lattice   d = 1, tokens 1/M0 .. M0/M0, N distinct random L-subsets
 *   pte       d = 1, N = 2, L = 2^k + 1: the Prouhet-Thue-Morse halves of
 *             1 .. 2^(k+1), equal power sums up to degree k, and the common
 *             token 5 * 2^k + 1
 *   multiset  d = 1, as lattice with repetitions, C(M0 + L - 1, L) >= 4 N
 *
 * Directions are Gaussian, norms uniform in [1/2, 1].  Token t of the
 * vocabulary draws from item t, an own token from item = sequence, a set from
 * item = sequence and step = attempt: a larger d or more labels extend what
 * was there.
 *
 * Three kinds plant an input that a builder must refuse, in data that are
 * otherwise `shared`: bad_duplicate, bad_nonfinite, bad_labels.
 *
 * Source: data kinds of docs/theory/memorization.md. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/problem/problem.h"

enum {
    ATT_TL_N,
    ATT_TL_D,
    ATT_TL_L,
    ATT_TL_C,
    ATT_TL_D_OUT,
    ATT_TL_DATA,
    ATT_TL_EPS,
    ATT_TL_PARAMS
};

struct att_token_labels {
    size_t n, d, l, d_out;
    int64_t n_classes;
    const double *token;  /* [n * l, d]; position = sequence * l + token */
    const int64_t *label; /* [n * l, d_out], 0 .. C-1 */
    const char *planted;  /* "", or the refusal that must come: "duplicate",
                             "non_finite", "inconsistent" */
    size_t planted_a;     /* the positions it must name, a <= b; for */
    size_t planted_b;     /* non_finite b is the coordinate */
};

extern const struct att_problem att_problem_token_labels;

/* Can the generator serve this point?  For the admit slot of constructions.
 * Fails: ATT_E_INFEASIBLE when `data` fixes d, N or L otherwise. */
ATT_CHECKED att_status att_token_labels_admit(const struct att_value *p,
                                              struct att_error *err);

/* M0 of the kinds that draw sets from a vocabulary; an upper bound of the
 * number of distinct tokens for the others.  Pure. */
double att_token_labels_vocabulary(const struct att_value *p);
