/* run_artifact.c - run an artifact sequence by sequence and compare. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/model/run.h"

/* The sequences of an artifact, and in which numbers they are run. */
struct inputs {
    struct att_arithmetic arithmetic;
    struct att_mat tokens;            /* [S, d] */
    const struct att_tensor *offsets; /* NULL: one sequence */
    size_t n;
};

/* ---- sequences --------------------------------------------------------------- */

/* Row s of the offsets. */
static int64_t offset(const struct inputs *in, size_t s)
{
    if (in->offsets == NULL)
        return s == 0 ? 0 : (int64_t)in->tokens.rows;
    return ((const int64_t *)in->offsets->data)[s];
}

static struct att_mat sequence(const struct inputs *in, size_t s)
{
    struct att_mat view = in->tokens;

    view.data = att_mat_row(in->tokens, (size_t)offset(in, s));
    view.rows = (size_t)(offset(in, s + 1) - offset(in, s));
    return view;
}

static att_status check_offsets(const struct inputs *in, struct att_error *err)
{
    for (size_t s = 0; s < in->n; s++) {
        if (offset(in, s) < 0 || offset(in, s) >= offset(in, s + 1) ||
            offset(in, s + 1) > (int64_t)in->tokens.rows) {
            return att_fail(
                err, ATT_E_ARG,
                "sequence %zu is rows %" PRId64 " to %" PRId64 " of %zu", s,
                offset(in, s), offset(in, s + 1), in->tokens.rows);
        }
    }
    return ATT_OK;
}

/* The tensor's numbers as doubles: a view where they are, else a copy. */
static att_status as_matrix(const struct att_tensor *t, struct att_arena *arena,
                            struct att_mat *out, struct att_error *err)
{
    struct att_mat m = {t->data, (size_t)t->shape[0], (size_t)t->shape[1],
                        (size_t)t->shape[1]};

    if (t->dtype != ATT_F64) {
        m = att_mat_new(arena, m.rows, m.cols);
        if (m.data == NULL)
            return att_arena_fail(arena, "the tokens", err);
        for (size_t i = 0; i < m.rows * m.cols; i++)
            m.data[i] = att_tensor_get(t, i);
    }
    *out = m;
    return ATT_OK;
}

static att_status find_inputs(const struct att_artifact *a,
                              struct att_arena *arena, struct inputs *in,
                              struct att_error *err)
{
    const struct att_tensor *t = att_bundle_find(&a->instance, "inputs");

    if (t == NULL)
        t = att_bundle_find(&a->instance, "tokens");
    if (t == NULL || t->rank != 2) {
        return att_fail(err, ATT_E_ARG,
                        "the instance has no matrix 'inputs' or 'tokens'");
    }
    in->n = 1;
    in->offsets = att_bundle_find(&a->instance, "offsets");
    if (in->offsets != NULL) {
        if (in->offsets->dtype != ATT_I64 || in->offsets->rank != 1 ||
            in->offsets->shape[0] < 2)
            return att_fail(err, ATT_E_ARG, "offsets are no list of integers");
        in->n = (size_t)in->offsets->shape[0] - 1;
    }
    ATT_TRY(as_matrix(t, arena, &in->tokens, err));
    return check_offsets(in, err);
}

/* ---- run ----------------------------------------------------------------------- */

/* The shape of all outputs, one after the other. */
static att_status output_shape(const struct att_model *m,
                               const struct inputs *in, struct att_shape *out,
                               struct att_error *err)
{
    *out = (struct att_shape){0};
    for (size_t s = 0; s < in->n; s++) {
        const struct att_mat tokens = sequence(in, s);
        struct att_shape shape = {tokens.rows, tokens.cols};

        for (size_t k = 0; k < m->n; k++)
            ATT_TRY(att_layer_check(&m->layer[k], shape, &shape, err));
        if (s > 0 && shape.cols != out->cols) {
            return att_fail(err, ATT_E_ARG,
                            "outputs of sequences 0 and %zu differ in width",
                            s);
        }
        out->cols = shape.cols;
        out->rows += shape.rows;
    }
    return ATT_OK;
}

/* Outputs of sequence s into the first rows of rest, which moves on. */
static att_status run_sequence(const struct att_model *m,
                               const struct inputs *in, size_t s,
                               struct att_mat *rest, struct att_arena *arena,
                               struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_mat out = {0};
    const att_status status =
        att_model_run(m, sequence(in, s), &in->arithmetic, arena, &out, err);

    if (status == ATT_OK && out.rows > 0) {
        memcpy(rest->data, out.data, out.rows * out.cols * sizeof *out.data);
        rest->data = att_mat_row(*rest, out.rows);
    }
    att_arena_rewind(arena, mark);
    return status;
}

att_status att_artifact_run(const struct att_artifact *a,
                            struct att_arena *arena, struct att_mat *out,
                            struct att_error *err)
{
    struct att_shape shape = {0};
    struct inputs in = {0};

    ATT_TRY(att_arithmetic_parse(a->arithmetic, &in.arithmetic, err));
    ATT_TRY(find_inputs(a, arena, &in, err));
    ATT_TRY(output_shape(&a->model, &in, &shape, err));
    const struct att_mat all =
        att_mat_new(arena, (size_t)shape.rows, (size_t)shape.cols);
    struct att_mat rest = all;

    if (all.data == NULL)
        return att_arena_fail(arena, "the outputs of the oracle", err);
    for (size_t s = 0; s < in.n; s++)
        ATT_TRY(run_sequence(&a->model, &in, s, &rest, arena, err));
    *out = all;
    return ATT_OK;
}

/* ---- compare ---------------------------------------------------------------------- */

/* |output - expected|; equal infinities differ by 0, NaN by infinity. */
static double distance(double output, double expected)
{
    const double d = output == expected ? 0.0 : fabs(output - expected);

    return isnan(d) ? (double)INFINITY : d;
}

static void note_worst(const struct att_artifact *a, struct att_mat out,
                       size_t at, double expected,
                       struct att_check_report *report)
{
    (void)snprintf(report->note, sizeof report->note,
                   "outputs[%zu, %zu] = %.9g, expected %.9g within %.3g",
                   at / out.cols, at % out.cols, out.data[at], expected,
                   a->atol + a->rtol * fabs(expected));
}

static void compare(const struct att_artifact *a,
                    const struct att_tensor *expected, struct att_mat out,
                    struct att_check_report *report)
{
    double worst = 0.0; /* error beyond what is allowed */

    *report = (struct att_check_report){.agrees = true};
    for (size_t i = 0; i < out.rows * out.cols; i++) {
        const double e = att_tensor_get(expected, i);
        const double error = distance(out.data[i], e);
        const double beyond = error - (a->atol + a->rtol * fabs(e));

        if (isnan(e))
            continue;
        report->n_compared++;
        report->max_abs_error = fmax(report->max_abs_error, error);
        if (error > 0.0 && beyond > worst) {
            worst = beyond;
            report->agrees = false;
            note_worst(a, out, i, e, report);
        }
    }
    report->agrees = report->agrees && report->n_compared > 0;
}

att_status att_artifact_check(const struct att_artifact *a,
                              struct att_arena *scratch,
                              struct att_check_report *report,
                              struct att_error *err)
{
    const struct att_tensor *expected =
        att_bundle_find(&a->expected, "outputs");
    struct att_mat out = {0};

    if (expected == NULL)
        return att_fail(err, ATT_E_ARG, "the artifact expects no 'outputs'");
    ATT_TRY(att_artifact_run(a, scratch, &out, err));
    if (att_tensor_count(expected) != out.rows * out.cols ||
        (expected->rank > 0 && expected->shape[0] != out.rows)) {
        return att_fail(err, ATT_E_ARG,
                        "the model gives %zu x %zu outputs, %" PRIu64
                        " are expected",
                        out.rows, out.cols, att_tensor_count(expected));
    }
    compare(a, expected, out, report);
    return ATT_OK;
}
