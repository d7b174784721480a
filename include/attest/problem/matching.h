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
 *
 * Residues sit at (tag, step = sample, item = token).  L, M and samples seed
 * nothing; data does.
 *
 * Source: the matching specification, docs/theory/matching.md */
#pragma once

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

/* truth[i] = 1 where token i has a partner (a pair).  O(L log L) and
 * O(D^2 log D) for D different residues.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_match2_truth(const uint64_t *x, size_t n, uint64_t M,
                                        uint8_t *truth,
                                        struct att_arena *scratch,
                                        struct att_error *err);
ATT_CHECKED att_status att_match3_truth(const uint64_t *x, size_t n, uint64_t M,
                                        uint8_t *truth,
                                        struct att_arena *scratch,
                                        struct att_error *err);

/* The different residues of x, ascending, into out [n]; how many. */
size_t att_match_distinct(const uint64_t *x, size_t n, uint64_t *out);
