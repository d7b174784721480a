/* averaging_rivals.c - what narrow first layers and short states cannot tell
 * apart (LB5, C11). */
#include <string.h>

#include "attest/linalg/blas.h"
#include "averaging_certificate_priv.h"
#include "averaging_slots_priv.h"

enum { STREAM_LAYER = 8 };

/* ---- kernel of a first layer ------------------------------------------------------------ */

static double max_abs(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* What a first layer w [h, L] does not see of a set. */
struct kernel {
    struct att_mat w;
    const uint32_t *y; /* [q] */
    size_t q;
    double *v;   /* [L] out */
    double mean; /* out */
};

/* v := the part of 1_y in the kernel of w, scaled to |v|_inf = 1; its mean
 * over y, by which z = v and z = -v differ from each other's target. */
static att_status kernel_part(struct kernel *k, struct att_arena *arena,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_mat one = att_mat_new(arena, k->w.cols, 1);
    struct att_mat b = att_mat_new(arena, k->w.rows, 1);
    struct att_mat x = att_mat_new(arena, k->w.cols, 1);
    struct att_lstsq fit = {.a = k->w, .b = b, .x = x, .rcond = 1e-12};

    if (one.data == NULL || b.data == NULL || x.data == NULL)
        return att_arena_fail(arena, "a kernel vector", err);
    for (size_t i = 0; i < k->q; i++)
        one.data[k->y[i]] = 1.0;
    att_gemv(k->w, false, one.data, 0.0, b.data);
    ATT_TRY(att_lstsq(&fit, arena, err));
    for (size_t j = 0; j < k->w.cols; j++)
        k->v[j] = one.data[j] - x.data[j];
    const double most = max_abs(k->v, k->w.cols);

    /* A kernel that is empty leaves roundings only. */
    for (size_t j = 0; j < k->w.cols; j++)
        k->v[j] = most > 1e-9 ? k->v[j] / most : 0.0;
    k->mean = att_avg_mean_over(k->v, k->y, k->q);
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
    att_avg_draw_rows(x->ws, STREAM_LAYER, w);
    x->found.cert_err = 0.0;
    for (size_t i = 0; i < tries; i++) {
        struct kernel part = {
            .w = w, .y = x->a->y + i * x->a->q, .q = x->a->q, .v = v.data};

        ATT_TRY(kernel_part(&part, arena, err));
        if (i > 0 && part.mean <= x->found.cert_err)
            continue;
        x->found.cert_err = part.mean;
        memcpy(best.data, v.data, v.cols * sizeof(double));
        for (size_t k = 0; k < x->a->q; k++)
            set.data[k] = part.y[k];
    }
    x->found.size = (int64_t)h;
    x->found.size_law = 0.5 * (double)x->a->L;
    att_avg_witness_add(x, "layer", w);
    att_avg_witness_add(x, "kernel", best);
    att_avg_witness_add(x, "set", set);
    return ATT_OK;
}

/* ---- linear recurrent net ------------------------------------------------------------------ */

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

att_status att_avg_bound_linear(struct avg_bound_case *x, struct att_error *err)
{
    struct att_averaging own = *x->a;
    struct avg_slots slots = {.n_slots = (size_t)x->c->p[CP_SLOTS].i,
                              .eps = x->c->p[CP_EPS].r};
    const double share = 1.0 - (double)slots.n_slots / (double)own.L;

    if (own.q == 1)
        ATT_TRY(ask_every_token(x->ws->arena, &own, err));
    slots.a = &own;
    ATT_TRY(att_avg_slots(x->ws, &slots, err));
    x->found.measured = slots.err;
    x->found.size = slots.least > 0 ? (int64_t)slots.least : -1;
    x->found.size_law = (double)own.L;
    x->found.cert_err = sqrt(fmax(0.0, share / (double)own.q));
    att_avg_witness_add(x, "basis", slots.basis);
    return ATT_OK;
}
