/* patterns_nested_priv.h - one pass over all rows that looks at every d of a
 * grid: keys are nested, so logits at d are running sums (kernel K1). */
#pragma once

#include "attest/model/arithmetic.h"
#include "patterns_priv.h"

enum pat_storage { PAT_F64, PAT_F32, PAT_BF16 };

struct pat_pass {
    const struct pat_keys *keys;
    struct pat_rows *rows;
    struct pat_tolerance tolerance;
    enum pat_storage storage; /* of X; keys that are not signs */
    struct pat_worst *worst;  /* [grid.n], filled */
    double max_p;             /* at the last d: largest |P| (|S| where values
                                 are general and beta is fixed) */
    double max_query;         /* largest |x_i|^2 of the same */
    double max_key;           /* largest |y_j|^2 / d */
    struct att_arena *arena;
};

/* Fill worst, max_p, max_query, max_key.  Signs: integers while the values are
 * uniform.  Other keys in f32 and bf16, where one beta serves: chains of fma,
 * linalg/running.h.  Neither depends on the processor.  The rest (f64; a range
 * of beta for general values): products of the BLAS in blocks of rows that
 * depend on nothing but n_cols.
 * Memory: O(block n_cols + n_cols d).  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_pass(struct pat_pass *pass,
                                    struct att_error *err);

/* P and Lambda (NULL: not wanted) [n_cols] of a combination of keys at the
 * last d of the grid, from inner products in double. */
struct pat_logits {
    const struct pat_keys *keys;
    int32_t *gram; /* [n_cols] scratch: products of a segment of signs */
    double *y;     /* [n_cols] scratch: products with one key, over d */
};
ATT_CHECKED att_status att_pat_logits_init(struct pat_logits *l,
                                           const struct pat_keys *keys,
                                           struct att_arena *arena,
                                           struct att_error *err);
void att_pat_logits_row(const struct pat_logits *l,
                        const struct pat_terms *terms, double *p,
                        double *lambda);

/* The parts of att_pat_pass.  Numbers in f32 or bf16, equal values or beta fixed: linalg/running.h. */
ATT_CHECKED att_status att_pat_pass_running(struct pat_pass *pass,
                                            struct att_error *err);
/* What that asks of the arena, at most. */
size_t att_pat_running_bytes(size_t n_cols, size_t d, size_t n_stops,
                             size_t n_support);
/* Numbers by products of the BLAS, for each step of the grid. */
ATT_CHECKED att_status att_pat_pass_f64(struct pat_pass *pass,
                                        struct att_error *err);
ATT_CHECKED att_status att_pat_pass_f32(struct pat_pass *pass,
                                        struct att_error *err);
/* Row i at the last d: the three maxima. */
void att_pat_pass_last(struct pat_pass *pass, const double *p,
                       const double *lambda);
/* Rows of a block of the dense pass. */
size_t att_pat_block_rows(size_t n_cols);
