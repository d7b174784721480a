/* averaging_rivals.c - what narrow first layers and short states cannot tell
 * apart (LB5, C11). */
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/random.h"
#include "averaging_certificate_priv.h"

enum { STREAM_LAYER = 8, STREAM_SLOTS };

static void draw_rows(const struct att_workspace *ws, uint32_t tag,
                      struct att_mat m)
{
    for (size_t i = 0; i < m.rows; i++) {
        const struct att_stream s = att_builder_stream(ws, tag, 0, (uint32_t)i);

        att_draw_normals(&s, 0, m.cols, att_mat_row(m, i));
    }
}

/* ---- kernel of a first layer ------------------------------------------------------------ */

static double max_abs(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

static double mean_over(const double *v, const uint32_t *y, size_t q)
{
    double sum = 0.0;

    for (size_t k = 0; k < q; k++)
        sum += v[y[k]];
    return sum / (double)q;
}

/* v := the part of 1_y in the kernel of w, scaled to |v|_inf = 1; its mean
 * over y, by which z = v and z = -v differ from each other's target. */
/* Seven arguments, one more than the rule: a struct for one caller would
 * only move them.  NOLINTNEXTLINE(readability-function-size) */
static att_status kernel_part(struct att_mat w, const uint32_t *y, size_t q,
                              double *v, double *mean, struct att_arena *arena,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_mat one = att_mat_new(arena, w.cols, 1);
    struct att_mat b = att_mat_new(arena, w.rows, 1);
    struct att_mat x = att_mat_new(arena, w.cols, 1);
    struct att_lstsq fit = {.a = w, .b = b, .x = x, .rcond = 1e-12};

    if (one.data == NULL || b.data == NULL || x.data == NULL)
        return att_arena_fail(arena, "a kernel vector", err);
    for (size_t k = 0; k < q; k++)
        one.data[y[k]] = 1.0;
    att_gemv(w, false, one.data, 0.0, b.data);
    ATT_TRY(att_lstsq(&fit, arena, err));
    for (size_t j = 0; j < w.cols; j++)
        v[j] = one.data[j] - x.data[j];
    const double most = max_abs(v, w.cols);

    /* A kernel that is empty leaves roundings only. */
    for (size_t j = 0; j < w.cols; j++)
        v[j] = most > 1e-9 ? v[j] / most : 0.0;
    *mean = mean_over(v, y, q);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

att_status att_avg_bound_kernel(struct avg_bound_case *x, struct att_error *err)
{
    struct att_arena *arena = x->ws->arena;
    const size_t h = (size_t)x->c->p[CP_SLOTS].i;
    const size_t tries = x->a->n_sets < 16 ? x->a->n_sets : 16;
    struct att_mat w = att_mat_new(arena, h, x->a->L);
    struct att_mat v = att_mat_new(arena, 1, x->a->L);
    struct att_mat best = att_mat_new(arena, 1, x->a->L);
    struct att_mat set = att_mat_new(arena, 1, x->a->q);

    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a first layer", err);
    draw_rows(x->ws, STREAM_LAYER, w);
    x->found.cert_err = 0.0;
    for (size_t i = 0; i < tries; i++) {
        const uint32_t *y = x->a->y + i * x->a->q;
        double mean = 0.0;

        ATT_TRY(kernel_part(w, y, x->a->q, v.data, &mean, arena, err));
        if (i > 0 && mean <= x->found.cert_err)
            continue;
        x->found.cert_err = mean;
        memcpy(best.data, v.data, v.cols * sizeof(double));
        for (size_t k = 0; k < x->a->q; k++)
            set.data[k] = y[k];
    }
    x->found.size = (int64_t)h;
    x->found.size_law = 0.5 * (double)x->a->L;
    att_avg_witness_add(x, "layer", w);
    att_avg_witness_add(x, "kernel", best);
    att_avg_witness_add(x, "set", set);
    return ATT_OK;
}

/* ---- linear recurrent net ------------------------------------------------------------------ */

/* rows += outer(mean of basis row k over a set, basis row k), set by set. */
static void add_slot(const struct att_averaging *a, const double *b,
                     struct att_mat rows)
{
    for (size_t i = 0; i < rows.rows; i++) {
        const double c = mean_over(b, a->y + i * a->q, a->q);
        double *r = att_mat_row(rows, i);

        for (size_t j = 0; j < rows.cols; j++)
            r[j] += c * b[j];
    }
}

/* Largest |read-out row - 1_y / q|_1: the worst-value error. */
static double worst_row(const struct att_averaging *a, struct att_mat rows)
{
    double worst = 0.0;

    for (size_t i = 0; i < rows.rows; i++) {
        const double *r = att_mat_row(rows, i);
        const uint32_t *y = a->y + i * a->q;
        double sum = 0.0;
        size_t k = 0;

        for (size_t j = 0; j < rows.cols; j++) {
            const bool on = k < a->q && y[k] == j;

            sum += fabs(r[j] - (on ? 1.0 / (double)a->q : 0.0));
            k += on ? 1 : 0;
        }
        worst = fmax(worst, sum);
    }
    return worst;
}

static att_status orthonormal_slots(struct att_workspace *ws, size_t L,
                                    struct att_mat *out, struct att_error *err)
{
    struct att_mat g = att_mat_new(ws->arena, L, L);

    *out = att_mat_new(ws->arena, L, L);
    if (g.data == NULL || out->data == NULL)
        return att_arena_fail(ws->arena, "the slots", err);
    draw_rows(ws, STREAM_SLOTS, g);
    ATT_TRY(att_orthonormalize(g, ws->arena, err));
    for (size_t i = 0; i < L; i++) {
        for (size_t j = 0; j < L; j++)
            att_mat_row(*out, j)[i] = att_mat_row(g, i)[j];
    }
    return ATT_OK;
}

/* The proof for q = 1 needs every token's row. */
static att_status ask_every_token(struct att_arena *arena,
                                  struct att_averaging *a,
                                  struct att_error *err)
{
    uint32_t *y = ATT_NEW(arena, uint32_t, a->L);

    for (size_t j = 0; y != NULL && j < a->L; j++)
        y[j] = (uint32_t)j;
    a->y = y;
    a->n_sets = a->L;
    return y != NULL ? ATT_OK : att_arena_fail(arena, "the tokens asked", err);
}

/* The best linear read-out of k slots is the projector on their span, and k + 1
 * slots add one direction: all k in one pass. */
att_status att_avg_bound_linear(struct avg_bound_case *x, struct att_error *err)
{
    struct att_averaging own = *x->a;
    const struct att_averaging *a = &own;
    const size_t slots = (size_t)x->c->p[CP_SLOTS].i;
    const double share = 1.0 - (double)slots / (double)a->L;
    struct att_mat basis;

    if (a->q == 1)
        ATT_TRY(ask_every_token(x->ws->arena, &own, err));
    struct att_mat rows = att_mat_new(x->ws->arena, a->n_sets, a->L);

    if (rows.data == NULL)
        return att_arena_fail(x->ws->arena, "the read-out", err);
    ATT_TRY(orthonormal_slots(x->ws, a->L, &basis, err));
    for (size_t k = 1; k <= a->L; k++) {
        add_slot(a, att_mat_row(basis, k - 1), rows);
        /* Cheap where it can be: errors above matter at `slots` alone. */
        const bool late = k + a->L / 16 + 1 >= a->L;
        const double worst =
            late || k == slots ? worst_row(a, rows) : (double)INFINITY;

        if (k == slots)
            x->found.measured = worst;
        if (x->found.size < 0 && worst <= x->c->p[CP_EPS].r)
            x->found.size = (int64_t)k;
    }
    x->found.size_law = (double)a->L;
    x->found.cert_err = sqrt(fmax(0.0, share / (double)a->q));
    basis.rows = slots;
    att_avg_witness_add(x, "basis", basis);
    return ATT_OK;
}
