/* sequences_priv.h - what the kinds of data share.
 *
 * A kind says how long each sequence is (lengths) and then writes its tokens
 * (tokens); sequences.c does the rest. */
#pragma once

#include "attest/problem/sequences.h"

/* Streams of the instance.  Retries of one sequence's tokens (grid) or of its
 * draws (vocab) use SEQ_RETRY + attempt. */
enum {
    SEQ_LABEL = 1, /* item sequence */
    SEQ_LENGTH,    /* item sequence */
    SEQ_TOKEN,     /* item sequence, step token, word coordinate */
    SEQ_SHARED,    /* item 0, step token, word coordinate */
    SEQ_PICK,      /* item sequence: which tokens, or which token */
    SEQ_SHUFFLE,   /* item sequence */
    SEQ_DIRECTION, /* item sequence, word coordinate */
    SEQ_PLANT,     /* item 0: which sequences are bad */
    SEQ_RETRY = 64
};

enum { SEQ_RETRIES = 128 };

struct seq_maker {
    struct att_workspace *ws;
    size_t n, d, l, n_classes; /* as asked for */
    double eps;
    size_t *length; /* [n], set by lengths() */
    int64_t *label; /* [n], set before lengths() */
    double *shared; /* [n_shared, d] tokens that sequences have in common */
    size_t n_shared;
    uint64_t *mask;    /* [n] subsets of shared, kinds vocab and powerset */
    uint32_t *attempt; /* [n] the retry that gave a new set */
    uint32_t *perm;    /* [n_shared] scratch */
    const char *planted;
    size_t planted_i, planted_j;
};

struct seq_kind {
    const char *name;
    att_status (*lengths)(struct seq_maker *m, struct att_error *err);
    void (*tokens)(const struct seq_maker *m, size_t j, double *x);
};

/* Terminated by a kind without name; sequences_kinds.c, sequences_sets.c,
 * sequences_bad.c. */
extern const struct seq_kind att_seq_plain_kinds[];
extern const struct seq_kind att_seq_set_kinds[];
extern const struct seq_kind att_seq_bad_kinds[];

struct att_stream att_seq_stream(const struct seq_maker *m, uint32_t tag,
                                 size_t step, size_t item);
/* Row i of x [., d] = normals of (SEQ_TOKEN, step first + i, item j). */
void att_seq_gauss(const struct seq_maker *m, size_t j, size_t first, size_t n,
                   double *x);
/* Allocate and draw the shared Gaussian tokens. */
att_status att_seq_share(struct seq_maker *m, size_t n, struct att_error *err);
/* x [d] = a random unit vector. */
void att_seq_direction(const struct seq_maker *m, size_t item, double *x);
