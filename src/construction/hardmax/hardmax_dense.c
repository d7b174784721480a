/* hardmax_dense.c - the literal evaluator: A and V as d x d matrices, all
 * L x L scores of every active block, by matrix products.  Blocks without
 * attention skip it.  What the others are measured against. */
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "hardmax_layers_priv.h"

/* Tokens of all sequences of a batch. */
static size_t batch_total(const struct hm_batch *batch)
{
    size_t total = 0;

    for (size_t i = 0; i < batch->n; i++) {
        total +=
            att_sequence_length(batch->tokens->s, att_hm_batch_at(batch, i));
    }
    return total;
}

#define REAL                          double
#define MATRIX                        struct att_mat
#define NAME(x)                       wide_##x
#define GEMM(a, a_t, b, b_t, beta, c) att_gemm(a, a_t, b, b_t, beta, c)
#define LARGEST(n, x)                 att_max(n, x)
#define COUNT(n, x, v)                att_count_equal(n, x, v)
#include "hardmax_dense.inc"

#define REAL                          float
#define MATRIX                        struct att_matf
#define NAME(x)                       narrow_##x
#define GEMM(a, a_t, b, b_t, beta, c) att_gemmf(a, a_t, b, b_t, beta, c)
#define LARGEST(n, x)                 att_maxf(n, x)
#define COUNT(n, x, v)                att_count_equalf(n, x, v)
#include "hardmax_dense.inc"

att_status att_hm_eval_dense(const struct hm_net *net,
                             const struct hm_batch *batch,
                             struct hm_outputs out, struct att_arena *scratch,
                             struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct hm_tokens *t = batch->tokens;

    if (net->a.kind == ATT_ARITHMETIC_F64) {
        ATT_TRY(wide_run(net, batch, t->x, out, scratch, err));
    } else if (net->a.kind == ATT_ARITHMETIC_F32) {
        ATT_TRY(narrow_run(net, batch, t->xf, out, scratch, err));
    } else {
        return att_fail(err, ATT_E_UNSUPPORTED,
                        "the dense evaluator runs in f64 and f32 only");
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
