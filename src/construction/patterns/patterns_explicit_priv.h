/* patterns_explicit_priv.h - queries and keys that are written out: every
 * logit is computed, in the arithmetic that is asked for. */
#pragma once

#include "attest/linalg/dd.h"
#include "patterns_export_priv.h"

enum pat_real {
    PAT_REAL_F64,
    PAT_REAL_F32,
    PAT_REAL_BF16,
    PAT_REAL_X80,
    PAT_REAL_DD
};
enum pat_real att_pat_real(const char *dtype);
/* Unit roundoff of the storage. */
double att_pat_real_u(enum pat_real real);

/* X1 [n_rows, d] and X2 [n_cols, d], in long double; both are rounded to the
 * storage first, products and sums to the accumulation (bf16 adds in f32). */
struct pat_explicit {
    const struct att_pattern *a;
    size_t d;
    const long double *x1, *x2;
    const struct att_dd *dd1, *dd2; /* the same where real is double-double,
                                       else NULL */
    enum pat_real real;
    double margin; /* ZERO is judged with this relative slack, 0: none */
    /* filled */
    struct pat_worst worst;
    double max_abs, range, norm_q, norm_k;
    struct att_mat s; /* [n_rows, n_cols] logits, where data is not NULL */
};
/* Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_explicit(struct pat_explicit *e,
                                        struct att_arena *arena,
                                        struct att_error *err);

/* The metrics of these logits.  t->beta > 0: X carries its scale, and logits
 * count times beta (1: as they are); 0, equal values only: the scale is free,
 * the least that serves. */
void att_pat_out_explicit(struct att_outcome *out, const struct pat_explicit *e,
                          const struct pat_tolerance *t);

/* Export with the logits recomputed in double. */
ATT_CHECKED att_status att_pat_export_explicit(const struct pat_explicit *e,
                                               struct att_arena *arena,
                                               struct att_artifact *out,
                                               struct att_error *err);
