/* selection_fcn_kernels.c - fully connected nets in f64 and f32: products of
 * whole batches through BLAS, everything else in one pass beside them. */
#include <math.h>
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/random.h"
#include "selection_fcn_priv.h"

/* ---- where things are -------------------------------------------------------- */

size_t att_fcn_weight_at(const struct fcn_shape *shape, size_t k)
{
    size_t at = 0;

    for (size_t i = 0; i < k; i++)
        at += (shape->width[i] + 1) * shape->width[i + 1];
    return at;
}

size_t att_fcn_bias_at(const struct fcn_shape *shape, size_t k)
{
    return att_fcn_weight_at(shape, k) + shape->width[k] * shape->width[k + 1];
}

size_t att_fcn_count(const struct fcn_shape *shape)
{
    return att_fcn_weight_at(shape, shape->n_maps);
}

/* Is layer k (1: the first hidden one) followed by max(0, .)? */
static bool is_rectified(const struct fcn_shape *shape, size_t k)
{
    return k < shape->n_maps && !(shape->linear_first && k == 1);
}

/* ---- both arithmetics ----------------------------------------------------------- */

#define REAL    double
#define MAT     struct att_mat
#define NAME(x) x##_f64
#define GEMM    att_gemm
#define TOKENS  att_selection_tokens
#define NORMALS att_draw_normals
#define UNKNOWN struct sel_unknown
#define STEP    att_sel_step
#define KERNELS att_fcn_f64
#define TEXT    "f64"
#define UNIT    0x1p-53
#include "selection_fcn_kernels.inc"
#undef REAL
#undef MAT
#undef NAME
#undef GEMM
#undef TOKENS
#undef NORMALS
#undef UNKNOWN
#undef STEP
#undef KERNELS
#undef TEXT
#undef UNIT
#define REAL    float
#define MAT     struct att_matf
#define NAME(x) x##_f32
#define GEMM    att_gemmf
#define TOKENS  att_selection_tokensf
#define NORMALS att_draw_normalsf
#define UNKNOWN struct sel_unknownf
#define STEP    att_sel_stepf
#define KERNELS att_fcn_f32
#define TEXT    "f32"
#define UNIT    0x1p-24
#include "selection_fcn_kernels.inc"

/* ---- memory --------------------------------------------------------------------- */

att_status att_fcn_batch_init(struct fcn_batch *b, const struct fcn_net *net,
                              bool backward, struct att_arena *arena,
                              struct att_error *err)
{
    const struct att_selection *law = b->law;
    const size_t rows = b->capacity;
    const size_t bytes = net->kernels->bytes;
    const size_t last = net->shape.n_maps;

    *b = (struct fcn_batch){.law = law, .rows = rows, .capacity = rows};
    for (size_t k = 0; k <= last; k++) {
        const size_t n = rows * net->shape.width[k];

        b->h[k] = att_arena_alloc(arena, n, bytes);
        if (backward && k > 0)
            b->delta[k] = att_arena_alloc(arena, n, bytes);
    }
    if (backward)
        b->grad = att_arena_alloc(arena, att_fcn_count(&net->shape), bytes);
    b->target = att_arena_alloc(arena, rows * law->d, bytes);
    b->perm = ATT_NEW(arena, uint32_t, law->L);
    b->y = ATT_NEW(arena, uint32_t, law->q);
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "a batch of samples", err);
}

struct att_mat att_fcn_first_layer(const struct fcn_net *net, size_t n,
                                   struct att_arena *arena)
{
    const struct att_mat a = att_mat_new(arena, net->shape.width[1], n);

    for (size_t i = 0; a.data != NULL && i < a.rows; i++) {
        for (size_t j = 0; j < n; j++) {
            att_mat_row(a, i)[j] =
                net->kernels->get(net->param, i * net->shape.width[0] + j);
        }
    }
    return a;
}
