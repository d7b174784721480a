/* run.c - choose the oracle of an arithmetic, run artifacts, compare. */
#include "attest/model/run.h"

#include "attest/base/size.h"
#include "run_priv.h"

/* ---- one sequence --------------------------------------------------------- */

att_status att_run_name_layer(const struct att_run *run, size_t k,
                              att_status status, const struct att_error *inner)
{
    return att_fail(run->err, status, "layer %zu (%s): %s", k,
                    att_layer_kind_text(run->model->layer[k].kind),
                    inner->text);
}

/* Numbers between two layers; false when they do not fit a size. */
static bool shape_size(struct att_shape shape, size_t *n)
{
    return att_size_mul((size_t)shape.rows, (size_t)shape.cols, n);
}

/* Shapes of all layers: the last one's output and the largest on the way. */
static att_status check_layers(struct att_run *run)
{
    struct att_shape shape = run->in;
    size_t n = 0;

    (void)shape_size(shape, &run->largest); /* these tokens exist */
    for (size_t k = 0; k < run->model->n; k++) {
        struct att_error inner = {0};
        att_status status =
            att_layer_check(&run->model->layer[k], shape, &shape, &inner);

        if (status == ATT_OK && !shape_size(shape, &n)) {
            status = att_fail(&inner, ATT_E_OVERFLOW,
                              "its output has too many numbers");
        }
        if (status != ATT_OK)
            return att_run_name_layer(run, k, status, &inner);
        run->largest = n > run->largest ? n : run->largest;
    }
    run->out = shape;
    return ATT_OK;
}

static att_run_fn *oracle_of(enum att_arithmetic_kind kind)
{
    switch (kind) {
    case ATT_ARITHMETIC_F32:
        return att_run_f32;
    case ATT_ARITHMETIC_LONG:
        return att_run_long;
    case ATT_ARITHMETIC_ROUNDED:
        return att_run_rounded;
    case ATT_ARITHMETIC_F64:
        break;
    }
    return att_run_f64;
}

att_status att_model_run(const struct att_model *m, struct att_mat tokens,
                         const struct att_arithmetic *arithmetic,
                         struct att_arena *arena, struct att_mat *out,
                         struct att_error *err)
{
    struct att_run run = {
        .model = m,
        .arithmetic = arithmetic,
        .arena = arena,
        .in = {tokens.rows, tokens.cols},
        .err = err,
    };

    if (tokens.rows == 0)
        return att_fail(err, ATT_E_ARG, "a sequence has no tokens");
    ATT_TRY(check_layers(&run));
    const struct att_mat result =
        att_mat_new(arena, (size_t)run.out.rows, (size_t)run.out.cols);

    if (result.data == NULL)
        return att_arena_fail(arena, "the output of the oracle", err);
    const struct att_arena_mark mark = att_arena_mark(arena);
    const att_status status = oracle_of(arithmetic->kind)(&run, tokens, result);

    att_arena_rewind(arena, mark);
    if (status == ATT_OK)
        *out = result;
    return status;
}
