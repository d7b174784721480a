/* selection_fcn_explicit.c - nets whose weights are written down. */
#include <math.h>

#include "attest/linalg/random.h"
#include "selection_fcn_priv.h"

/* A gate that no normal number reaches: the error is that of the rows alone.
 * Small, so that x + M - M loses six bits only. */
static const double GATE = 64.0;

static void put(const struct fcn_net *net, size_t i, double x)
{
    net->kernels->put(net->param, i, x);
}

/* Rows 2 j and 2 j + 1 of map k gate the two signs of number j = i d + a: M
 * y_i - M is added to both.  y_at: column of y_0. */
static void put_gates(const struct fcn_net *net, const struct att_selection *s,
                      size_t k, size_t y_at, double M)
{
    const size_t cols = net->shape.width[k];
    const size_t w = att_fcn_weight_at(&net->shape, k);
    const size_t b = att_fcn_bias_at(&net->shape, k);

    for (size_t r = 0; r < 2 * s->L * s->d; r++) {
        put(net, w + r * cols + y_at + r / 2 / s->d, M);
        put(net, b + r, -M);
    }
}

/* The positive gates of coordinate a minus the negative ones, over q. */
static void put_read_out(const struct fcn_net *net,
                         const struct att_selection *s)
{
    const size_t k = net->shape.n_maps - 1;
    const size_t cols = net->shape.width[k];
    const size_t w = att_fcn_weight_at(&net->shape, k);

    for (size_t r = 0; r < cols; r++) {
        const double sign = r % 2 == 0 ? 1.0 : -1.0;

        put(net, w + (r / 2 % s->d) * cols + r, sign / (double)s->q);
    }
}

/* ---- one hidden layer ------------------------------------------------------------ */

struct fcn_shape att_fcn_explicit_shape(const struct att_selection *s)
{
    const size_t n = s->L * s->d;

    return (struct fcn_shape){.n_maps = 2, .width = {n + s->L, 2 * n, s->d}};
}

void att_fcn_explicit_put(const struct fcn_net *net,
                          const struct att_selection *s, double M)
{
    const size_t n = s->L * s->d;
    const size_t cols = net->shape.width[0];

    for (size_t r = 0; r < 2 * n; r++)
        put(net, r * cols + r / 2, r % 2 == 0 ? 1.0 : -1.0);
    put_gates(net, s, 0, n, M);
    put_read_out(net, s);
}

/* ---- given rows --------------------------------------------------------------------- */

struct fcn_shape att_fcn_rows_shape(const struct att_selection *s, size_t m)
{
    const size_t n = s->L * s->d;

    return (struct fcn_shape){.n_maps = 3,
                              .width = {n + s->L, m + s->L, 2 * n, s->d},
                              .linear_first = true};
}

static void draw_rows(const struct att_selection *s, bool mean,
                      const struct att_workspace *ws, struct att_mat a)
{
    for (size_t i = 0; i < a.rows; i++) {
        const struct att_stream stream =
            att_builder_stream(ws, ATT_SEL_TAG_INIT, 0, (uint32_t)i);
        double *row = att_mat_row(a, i);

        if (!mean || i >= s->d) {
            att_draw_normals(&stream, 0, a.cols, row);
            continue;
        }
        for (size_t j = 0; j < a.cols; j++)
            row[j] = j % s->d == i ? 1.0 : 0.0;
    }
}

/* Map 0: Q x and y; map 1: the gates on Q^T (Q x). */
static void put_rows(const struct fcn_net *net, const struct att_selection *s,
                     struct att_mat q)
{
    const size_t n = q.cols;
    const size_t m = q.rows;
    const size_t in = net->shape.width[0];
    const size_t cols = net->shape.width[1];
    const size_t w = att_fcn_weight_at(&net->shape, 1);

    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            const double x = att_mat_row(q, i)[j];

            put(net, i * in + j, x);
            put(net, w + 2 * j * cols + i, x);
            put(net, w + (2 * j + 1) * cols + i, -x);
        }
    }
    for (size_t i = 0; i < s->L; i++)
        put(net, (m + i) * in + n + i, 1.0);
    put_gates(net, s, 1, m, GATE);
}

/* E[g | A x, y] = (1/q) sum over y of the blocks of Q^T Q x: with orthonormal
 * rows the error is the certificate, no more. */
att_status att_fcn_rows_put(const struct fcn_net *net,
                            const struct att_selection *s, bool mean,
                            const struct att_workspace *ws,
                            struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    const size_t n = s->L * s->d;
    const size_t m = net->shape.width[1] - s->L;
    struct att_mat a = att_mat_new(ws->arena, m, n);
    struct att_mat q = att_mat_new(ws->arena, m, n);
    double *scratch = ATT_NEW(ws->arena, double, n);

    if (a.data == NULL || q.data == NULL || scratch == NULL)
        return att_arena_fail(ws->arena, "the rows of a first layer", err);
    draw_rows(s, mean, ws, a);
    const size_t rank = att_fcn_basis(a, q, scratch);

    if (rank < m) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "width = %zu rows have rank %zu only: another seed", m,
                        rank);
    }
    put_rows(net, s, q);
    put_read_out(net, s);
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}
