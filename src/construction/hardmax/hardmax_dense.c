/* hardmax_dense.c - the literal evaluator: A and V as d x d matrices, all
 * L x L scores of every active block, by matrix products.  Blocks without
 * attention skip it.  What the others are measured against.
 *
 * f64 and f32 multiply by BLAS; in every other arithmetic each product and
 * each sum is rounded, in the order of att_dot. */
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "hardmax_layers_priv.h"

/* Scores that are computed and then read while they are cached (1 MiB of
 * doubles), and the fewest rows of them that keep a product busy. */
enum { SCORES_TOGETHER = 1 << 17, LEAST_ROWS = 32 };

static size_t rows_together(size_t longest)
{
    const size_t rows = SCORES_TOGETHER / longest;
    const size_t most = rows > LEAST_ROWS ? rows : LEAST_ROWS;

    return most < longest ? most : longest;
}

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

/* c := x y^T + beta c with every operation rounded. */
static void rounded_product(const struct att_arithmetic *a, struct att_mat x,
                            struct att_mat y, double beta, struct att_mat c)
{
    for (size_t i = 0; i < c.rows; i++) {
        for (size_t j = 0; j < c.cols; j++) {
            double *cij = &c.data[i * c.stride + j];
            const double xy = att_hm_rounded_dot(a, x.cols, att_mat_row(x, i),
                                                 att_mat_row(y, j));

            *cij = beta == 0.0
                       ? xy
                       : att_arithmetic_round(
                             a, att_arithmetic_round(a, beta * *cij) + xy);
        }
    }
}

#define REAL                      double
#define MATRIX                    struct att_mat
#define NAME(x)                   wide_##x
#define RND(a, x)                 ((void)(a), (x))
#define PRODUCT(a, x, y, beta, c) att_gemm(x, false, y, true, beta, c)
#define LARGEST(n, x)             att_max(n, x)
#define COUNT(n, x, v)            att_count_equal(n, x, v)
#include "hardmax_dense.inc"

#define REAL                      float
#define MATRIX                    struct att_matf
#define NAME(x)                   narrow_##x
#define RND(a, x)                 ((void)(a), (x))
#define PRODUCT(a, x, y, beta, c) att_gemmf(x, false, y, true, beta, c)
#define LARGEST(n, x)             att_maxf(n, x)
#define COUNT(n, x, v)            att_count_equalf(n, x, v)
#include "hardmax_dense.inc"

#define REAL                      double
#define MATRIX                    struct att_mat
#define NAME(x)                   rounded_##x
#define RND(a, x)                 att_arithmetic_round(a, x)
#define PRODUCT(a, x, y, beta, c) rounded_product(a, x, y, beta, c)
#define LARGEST(n, x)             att_max(n, x)
#define COUNT(n, x, v)            att_count_equal(n, x, v)
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
        ATT_TRY(rounded_run(net, batch, t->x, out, scratch, err));
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
