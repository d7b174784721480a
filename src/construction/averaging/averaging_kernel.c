/* averaging_kernel.c - what a narrow first layer cannot tell apart (LB5): a
 * vector v of its kernel with |v|_inf = 1 and a large mean over some set, so
 * that z = v and z = -v give the same and should not.
 *
 *   step 1  the part of 1_y in the kernel, for several sets y of the instance
 *   step 2  y := the q largest entries of v, and step 1 again while it gains
 *   step 3  from the best of these, the v of largest mean over y by a linear
 *           program, an extreme point of the kernel within the cube, and
 *           step 2 again (a build without CLP keeps what steps 1 and 2 found) */
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/lp.h"
#include "averaging_certificate_priv.h"
#include "averaging_slots_priv.h"

enum { STREAM_LAYER = 8 };
enum { TRIES = 16, ROUNDS = 10, MOST_LP_COLUMNS = 256 };

/* What a first layer w [h, L] does not see of a set. */
struct kernel {
    struct att_mat w;
    size_t q;
    uint32_t *y; /* [q] */
    double *v;   /* [L] in the kernel, |v|_inf = 1 or v = 0 */
    double mean; /* of v over y */
    struct att_arena *arena;
};

static double max_abs(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* v := the part of v in the kernel, scaled to |v|_inf = 1. */
static att_status project(struct kernel *k, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(k->arena);
    const size_t n = k->w.cols;
    struct att_mat b = att_mat_new(k->arena, k->w.rows, 1);
    struct att_mat x = att_mat_new(k->arena, n, 1);
    struct att_lstsq fit = {.a = k->w, .b = b, .x = x, .rcond = 1e-12};

    if (b.data == NULL || x.data == NULL)
        return att_arena_fail(k->arena, "a kernel vector", err);
    att_gemv(k->w, false, k->v, 0.0, b.data);
    ATT_TRY(att_lstsq(&fit, k->arena, err));
    for (size_t j = 0; j < n; j++)
        k->v[j] -= x.data[j];
    const double most = max_abs(k->v, n);

    /* A kernel that is empty leaves roundings only. */
    for (size_t j = 0; j < n; j++)
        k->v[j] = most > 1e-9 ? k->v[j] / most : 0.0;
    att_arena_rewind(k->arena, mark);
    return ATT_OK;
}

static att_status project_set(struct kernel *k, struct att_error *err)
{
    memset(k->v, 0, k->w.cols * sizeof *k->v);
    for (size_t i = 0; i < k->q; i++)
        k->v[k->y[i]] = 1.0;
    return project(k, err);
}

/* y := the q largest entries of v, and the mean over them. */
static void take_largest(struct kernel *k)
{
    att_avg_take_largest(k->v, k->w.cols, k->y, k->q);
    k->mean = att_avg_mean_over(k->v, k->y, k->q);
}

/* v := what has the largest mean over y in the kernel and the cube. */
static att_status maximise(struct kernel *k, struct att_error *err)
{
    const size_t n = k->w.cols;
    const size_t h = k->w.rows;
    struct att_lp lp;

    ATT_TRY(att_lp_init(&lp, h, n, k->arena, err));
    lp.method = ATT_LP_DUAL;
    for (size_t j = 0; j < n; j++) {
        lp.lower[j] = -1.0;
        lp.upper[j] = 1.0;
        for (size_t i = 0; i < h; i++)
            lp.a[j * h + i] = att_mat_row(k->w, i)[j];
    }
    for (size_t i = 0; i < h; i++)
        lp.row_lower[i] = lp.row_upper[i] = 0.0;
    for (size_t i = 0; i < k->q; i++)
        lp.cost[k->y[i]] = -1.0;
    ATT_TRY(att_lp_solve(&lp, err));
    if (lp.end == ATT_LP_OPTIMAL)
        memcpy(k->v, lp.x, n * sizeof *k->v);
    return project(k, err);
}

typedef att_status (*improve_fn)(struct kernel *k, struct att_error *err);

/* Improve v for y and y for v in turn; k keeps the best pair. */
static att_status alternate(struct kernel *k, improve_fn improve,
                            struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(k->arena);
    const size_t n = k->w.cols;
    double *v = ATT_NEW(k->arena, double, n);
    uint32_t *y = ATT_NEW(k->arena, uint32_t, k->q);
    struct kernel next = *k;

    if (v == NULL || y == NULL)
        return att_arena_fail(k->arena, "a kernel vector", err);
    next.v = v;
    next.y = y;
    memcpy(y, k->y, k->q * sizeof *y);
    memcpy(v, k->v, n * sizeof *v);
    for (int round = 0; round < ROUNDS; round++) {
        ATT_TRY(improve(&next, err));
        take_largest(&next);
        if (!(next.mean > k->mean + 1e-9))
            break;
        k->mean = next.mean;
        memcpy(k->v, v, n * sizeof *v);
        memcpy(k->y, y, k->q * sizeof *y);
    }
    att_arena_rewind(k->arena, mark);
    return ATT_OK;
}

/* Step 3, where this build and the size of the layer allow it. */
static att_status climb_vertices(struct kernel *k, struct att_error *err)
{
    struct att_error own = {0};

    if (k->w.cols > MOST_LP_COLUMNS || k->w.rows >= k->w.cols)
        return ATT_OK;
    const att_status status = alternate(k, maximise, &own);

    if (status == ATT_OK || status == ATT_E_UNSUPPORTED)
        return ATT_OK;
    return att_fail(err, status, "%s", own.text);
}

static att_status kernel_init(struct kernel *k, struct avg_bound_case *x,
                              struct att_error *err)
{
    struct att_arena *arena = x->ws->arena;

    *k = (struct kernel){
        .w = att_mat_new(arena, (size_t)x->c->p[CP_SLOTS].i, x->a->L),
        .q = x->a->q,
        .y = ATT_NEW(arena, uint32_t, x->a->q),
        .v = ATT_NEW0(arena, double, x->a->L),
        .mean = -1.0,
        .arena = arena};
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "a first layer", err);
}

static att_status search(struct kernel *best, const struct att_averaging *a,
                         struct att_error *err)
{
    const size_t tries = a->n_sets < TRIES ? a->n_sets : TRIES;

    for (size_t i = 0; i < tries; i++) {
        const struct att_arena_mark mark = att_arena_mark(best->arena);
        struct kernel k = *best;

        k.v = ATT_NEW0(best->arena, double, a->L);
        k.y = ATT_NEW(best->arena, uint32_t, a->q);
        k.mean = -1.0;
        if (k.v == NULL || k.y == NULL)
            return att_arena_fail(best->arena, "a kernel vector", err);
        memcpy(k.y, a->y + i * a->q, a->q * sizeof *k.y);
        ATT_TRY(alternate(&k, project_set, err));
        if (k.mean > best->mean) {
            best->mean = k.mean;
            memcpy(best->v, k.v, a->L * sizeof *k.v);
            memcpy(best->y, k.y, a->q * sizeof *k.y);
        }
        att_arena_rewind(best->arena, mark);
    }
    return climb_vertices(best, err);
}

att_status att_avg_bound_kernel(struct avg_bound_case *x, struct att_error *err)
{
    struct att_mat set = att_mat_new(x->ws->arena, 1, x->a->q);
    struct kernel k;

    ATT_TRY(kernel_init(&k, x, err));
    if (set.data == NULL)
        return att_arena_fail(x->ws->arena, "the witness", err);
    att_avg_draw_rows(x->ws, STREAM_LAYER, k.w);
    ATT_TRY(search(&k, x->a, err));
    for (size_t i = 0; i < k.q; i++)
        set.data[i] = k.y[i];
    x->found.cert_err = k.mean;
    x->found.size = (int64_t)k.w.rows;
    x->found.size_law = 0.5 * (double)x->a->L;
    att_avg_witness_add(x, "layer", k.w);
    att_avg_witness_add(x, "kernel",
                        (struct att_mat){k.v, 1, x->a->L, x->a->L});
    att_avg_witness_add(x, "set", set);
    return ATT_OK;
}
