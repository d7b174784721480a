/* patterns_priv.h - what the kinds of patterns share.
 *
 * A kind says how many entries each row has and writes the columns;
 * patterns.c adds values, counts and checks. */
#pragma once

#include "attest/problem/patterns.h"

/* Streams of the instance. */
enum {
    PAT_PERMUTATION = 1, /* step permutation, word place */
    PAT_REPAIR,          /* step permutation, word attempt */
    PAT_VALUE,           /* item row, word place in the row */
    PAT_OFFSET,          /* word place */
    PAT_FACE             /* word vertex */
};

struct pat_maker {
    struct att_workspace *ws;
    size_t n_rows, n_cols, k;
    size_t *first;    /* [n_rows + 1], set before columns() */
    uint32_t *column; /* [first[n_rows]] */
    uint32_t *offset; /* [k], circulant kinds only, else NULL */
};

struct pat_kind {
    const char *name;
    size_t fixed_k; /* the only k there is, 0: any */
    /* Entries of row i; NULL: k in each. */
    size_t (*entries)(const struct pat_maker *m, size_t i);
    att_status (*columns)(struct pat_maker *m, struct att_error *err);
};

/* Terminated by a kind without name; patterns_kinds.c, patterns_graphs.c. */
extern const struct pat_kind att_pat_plain_kinds[];
extern const struct pat_kind att_pat_graph_kinds[];

/* n of n (n - 1) / 2 = rows, 0 when there is none. */
size_t att_pat_triangular_root(size_t rows);

/* perm [n] := a random permutation of 0 .. n-1. */
void att_pat_shuffle(const struct att_workspace *ws, size_t step, size_t n,
                     uint32_t *perm);

/* Shift every row of lam so that its least is 0 and keep the largest of all;
 * where all are 0, no values are kept. */
void att_pat_settle(struct att_pattern *out, double *lam);
