/* sequences.h - N labelled sequences of tokens in R^d, read as sets.
 *
 * Notation: N sequences, d the token dimension, L the tokens of a sequence
 * (an upper bound where lengths vary), C classes.
 *
 * Every sequence's numbers sit at fixed addresses of the instance's streams
 * (item = sequence, step = token, word = coordinate), so a longer L, a larger
 * d or more N extends what was there; extents and C seed nothing, `data` and
 * `eps` do.  Tokens shared by all sequences use item 0.
 *
 * Three kinds plant an input that a set-based construction must refuse:
 *
 *   bad_equal        two sequences equal as sets, with different labels
 *   bad_tie          a sequence whose tokens are, seen along any direction,
 *                    at most 32 units in the last place (2^-52) of the data's
 *                    range apart: no landmark has a clear nearest token
 *   bad_unseparable  two sequences that differ in one token, 0 in one and
 *                    2^-200 in the other: projected on any direction they
 *                    round to equal sets
 *
 * Source: data kinds of the hardmax specification; docs/theory/hardmax.md. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/hash.h"
#include "attest/problem/problem.h"

enum {
    ATT_SEQ_N,
    ATT_SEQ_D,
    ATT_SEQ_L,
    ATT_SEQ_C,
    ATT_SEQ_DATA,
    ATT_SEQ_EPS,
    ATT_SEQ_PARAMS
};

struct att_sequences {
    size_t n;             /* sequences */
    size_t d;             /* coordinates of a token */
    size_t n_classes;     /* C */
    size_t longest;       /* tokens of the longest sequence */
    size_t total;         /* S, tokens of all sequences */
    const size_t *offset; /* [n + 1]: sequence j is tokens offset[j] ..
                              offset[j + 1] - 1 */
    const double *token;  /* [S, d] row-major */
    const int64_t *label; /* [n], 0 .. C-1 */
    const char *planted;  /* "", or the refusal that must come: "equal_sets",
                              "no_margin", "not_separable" */
    size_t planted_i;     /* the pair it must name, i <= j; equal when the */
    size_t planted_j;     /* fault lies inside one sequence */
};

extern const struct att_problem att_problem_sequences;

/* Can the generator serve this point?  For the admit slot of constructions.
 * Fails: ATT_E_INFEASIBLE when `data` fixes L (sub1: N - 1, nested: N,
 * powerset: ceil(log2(N + 1))), needs more sequences, tokens or classes than
 * the point has, or has too few different sets. */
ATT_CHECKED att_status att_sequences_admit(const struct att_value *p,
                                           struct att_error *err);

/* Upper bound of S at a point, for cost formulas; pure. */
double att_sequences_tokens(const struct att_value *p);

/* Tokens of sequence j: [att_sequence_length(s, j), d] row-major. */
static inline const double *att_sequence(const struct att_sequences *s,
                                         size_t j)
{
    return s->token + s->offset[j] * s->d;
}

static inline size_t att_sequence_length(const struct att_sequences *s,
                                         size_t j)
{
    return s->offset[j + 1] - s->offset[j];
}

/* The name of a set of tokens: equal for equal sets, whatever their order and
 * copies, and different for different ones (up to collisions of 128-bit
 * hashes); -0.0 counts as 0.0.
 *
 *   token    [n, d] row-major, n >= 1
 *   scratch  room for n keys
 *   row      room for d numbers
 *   n_unique number of different tokens, NULL allowed */
struct att_key att_token_set_key(const double *token, size_t n, size_t d,
                                 struct att_key *scratch, double *row,
                                 size_t *n_unique);
