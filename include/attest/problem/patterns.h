/* patterns.h - sparse attention patterns: a non-negative matrix A with few
 * nonzeros in every row, of which only ratios within a row matter.
 *
 * Notation: L rows (and columns, unless the kind says otherwise), k nonzeros
 * per row, N(i) the support of row i, lam_ij = ln A_ij - min over N(i), gamma
 * the largest ratio of two values of one row.
 *
 *   perm         a random permutation, k = 1
 *   band         row i has columns i, i+1, ..., i+k-1 modulo L
 *   block        diagonal blocks of k x k, L a multiple of k
 *   rand         k random permutations, made disjoint by transpositions
 *   star         row i has columns 0 and i (row 0: 0 and 1), k = 2
 *   circulant    row i has columns i + o_q modulo L for k random offsets
 *   singles      L - 1 rows of one column each and one dense row, k = 1
 *   complete     rows are the pairs of n columns in lexicographic order, k = 2
 *                and L = n (n - 1) / 2: the complete graph
 *   planar       rows are the first L edges of a random Apollonian network
 *   hamiltonian  rows are the edges of a random cycle through all columns
 *   triangles    rows are the edges of L / 3 disjoint triangles
 *   file         a Matrix Market file named by `path` (or HDF5, which the store
 *                turns into one: store/pattern_file.h), k its most per row
 *
 * Values: uniform (all equal), loguniform in [1, gamma], pareto (exponent 1,
 * cut off at gamma).  A row's values sit at (tag, item = row, word = place in
 * the row), a permutation's draws at (tag, step = permutation, word = place).
 * L, k and gamma seed nothing; data and values do.
 *
 * Source: patterns of the sparse-pattern specification; docs/theory/patterns.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/problem/problem.h"

enum {
    ATT_PAT_L,
    ATT_PAT_K,
    ATT_PAT_DATA,
    ATT_PAT_VALUES,
    ATT_PAT_GAMMA,
    ATT_PAT_PATH,
    ATT_PAT_PARAMS
};

struct att_pattern {
    size_t n_rows, n_cols, nnz;
    const size_t *first;    /* [n_rows + 1]: row i is entries first[i] .. */
    const uint32_t *column; /* [nnz], different within a row */
    const double *lam;      /* [nnz] in nat, row minimum 0; NULL: all are 0 */
    size_t k_row, k_col;    /* most nonzeros of a row, of a column */
    double ln_gamma;        /* largest lam */
    const uint32_t *offset; /* [n_offsets]: row i is {i + offset mod L}; */
    size_t n_offsets;       /* 0: not known to be invariant under shifts */
};

extern const struct att_problem att_problem_patterns;

/* Can the generator serve this point?  For the admit slot of constructions.
 * Fails: ATT_E_INFEASIBLE with what the kind demands of L and k. */
ATT_CHECKED att_status att_patterns_admit(const struct att_value *p,
                                          struct att_error *err);

/* Upper bounds at a point, for cost formulas; pure. */
double att_patterns_nnz(const struct att_value *p);
double att_patterns_bytes(const struct att_value *p);

/* Columns that a kind has at L rows: L, or the vertices of its graph. */
size_t att_patterns_columns(const struct att_value *p);

/* Read a matrix in Matrix Market's coordinate format (real, integer or
 * pattern; general or symmetric).  Explicit zeros are dropped.
 *   most  largest number of nonzeros that a row may have
 * The entries of a row keep the order of the file.
 * Fails: ATT_E_PARSE naming file, line and value: no such format, a value that
 * is negative or not finite, an entry outside the matrix or there twice, an
 * empty row, a row with more than `most` nonzeros; ATT_E_NOMEM. */
ATT_CHECKED att_status att_pattern_read(const struct att_input_file *file,
                                        size_t most, struct att_arena *arena,
                                        struct att_pattern *out,
                                        struct att_error *err);
