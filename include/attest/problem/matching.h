/* matching.h - which tokens sum to zero modulo M with one or two others.
 *
 * Notation: x in {0 .. M-1}^L.  Match2: some j has x_i + x_j = 0 modulo M;
 * Match3: some (j1, j2) has x_i + x_j1 + x_j2 = 0; j = i and j1 = j2 allowed.
 *
 *   random   uniform residues
 *   near     a, 1 - a, a, ...: every mixed sum misses 0 by one
 *   planted  near, with one token replaced by the partner of token 0
 *   zero     all 0
 *   one      all 1
 *   none2    residues in 1 .. max(1, M/2 - 2): no two sum to 0
 *   mod3     residues 1 modulo 3 where 3 divides M, else as none3
 *   none3    residues in 1 .. max(1, M/3 - 1): no three sum to 0
 *   triple   none3, with one token that completes tokens 0 and 1
 *   mixed2   sample k is random, near, planted, zero, one, none2 in turn
 *   mixed3   sample k is random, mod3, none3, triple, zero in turn
 *
 * Residues sit at (tag, step = sample, item = token).  L, M and samples seed
 * nothing; data does.
 *
 * Source: the matching specification, docs/theory/matching.md */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/problem/problem.h"

enum {
    ATT_MATCH_L,
    ATT_MATCH_M,
    ATT_MATCH_SAMPLES,
    ATT_MATCH_DATA,
    ATT_MATCH_PARAMS
};

struct att_matching {
    size_t L, samples;
    uint64_t M;
    const uint64_t *x; /* [samples, L] residues */
};

extern const struct att_problem att_problem_matching;

struct att_match_input {
    const uint64_t *x; /* [n] residues below M */
    size_t n;
    uint64_t M;
};

/* truth[i] = 1 where token i has a partner; `others`: one that is not token i
 * itself.  O(L log L).  Fails: ATT_E_NOMEM, as all below. */
ATT_CHECKED att_status att_match2_truth(const struct att_match_input *in,
                                        bool others, uint8_t *truth,
                                        struct att_arena *scratch,
                                        struct att_error *err);
/* truth[i] = 1 where token i has a pair of partners.  O(L D) for D different
 * residues, or O(M log M) with 40 to 72 M bytes of scratch where that is
 * less. */
ATT_CHECKED att_status att_match3_truth(const struct att_match_input *in,
                                        uint8_t *truth,
                                        struct att_arena *scratch,
                                        struct att_error *err);
/* The same with order - 1 partners, repetition allowed: order 2 and 3 have the
 * truths above.  O(order M D), 2 M bytes of scratch. */
ATT_CHECKED att_status att_match_truth(const struct att_match_input *in,
                                       int order, uint8_t *truth,
                                       struct att_arena *scratch,
                                       struct att_error *err);
/* The truth of order 3 with both partners at most K positions away. */
ATT_CHECKED att_status att_match3_local_truth(const struct att_match_input *in,
                                              size_t K, uint8_t *truth,
                                              struct att_arena *scratch,
                                              struct att_error *err);
/* The same with neighbours as partners: j2 = j1 + 1. */
ATT_CHECKED att_status att_match3_bigram_truth(const struct att_match_input *in,
                                               uint8_t *truth,
                                               struct att_arena *scratch,
                                               struct att_error *err);

/* Do x and two of the n residues (one of them twice, if need be) sum to 0
 * modulo M?  The residues are sorted in place.  O(n log n). */
bool att_match3_is_met(uint64_t x, uint64_t *residues, size_t n, uint64_t M);

/* The different residues of x, ascending, into out [n] (or where they stand);
 * how many. */
size_t att_match_distinct(const uint64_t *x, size_t n, uint64_t *out);
size_t att_match_distinct_in_place(uint64_t *x, size_t n);

/* How often each residue occurs. */
struct att_residues {
    const uint64_t *value; /* [n] ascending */
    const double *count;   /* [n] */
    size_t n;
};
ATT_CHECKED att_status att_residues_count(const uint64_t *x, size_t n,
                                          struct att_arena *arena,
                                          struct att_residues *out,
                                          struct att_error *err);
/* How often v occurs.  O(log n). */
double att_residues_at(const struct att_residues *r, uint64_t v);
