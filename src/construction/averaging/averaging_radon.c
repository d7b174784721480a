/* averaging_radon.c - sets that no query separates: Radon's theorem (LB2), and
 * a count of all sets of a small case (LB3). */
#include <string.h>

#include "attest/base/subset.h"
#include "attest/linalg/blas.h"
#include "averaging_certificate_priv.h"

double att_avg_radon_residual(struct att_mat u, const double *lam)
{
    double worst = 0.0;

    for (size_t m = 0; m < u.cols; m++) {
        double sum = 0.0;

        for (size_t j = 0; j < u.rows; j++)
            sum += lam[j] * att_mat_row(u, j)[m];
        worst = fmax(worst, fabs(sum));
    }
    return worst;
}

/* lam: the null vector of [U 1]^T, its smaller side made positive. */
static att_status dependence(struct att_mat u, double *lam,
                             struct att_arena *arena, struct att_error *err)
{
    struct att_mat a = att_mat_new(arena, u.cols + 1, u.rows);
    double residual = 0.0;
    double sum = 0.0;
    size_t n_positive = 0;
    size_t n_negative = 0;

    if (a.data == NULL)
        return att_arena_fail(arena, "the dependence of the keys", err);
    for (size_t j = 0; j < u.rows; j++) {
        for (size_t m = 0; m < u.cols; m++)
            att_mat_row(a, m)[j] = att_mat_row(u, j)[m];
        att_mat_row(a, u.cols)[j] = 1.0;
    }
    ATT_TRY(att_null_vector(a, lam, &residual, arena, err));
    for (size_t j = 0; j < u.rows; j++) {
        /* A unit vector: what is this small is rounding of a zero. */
        lam[j] = fabs(lam[j]) < 1e-12 ? 0.0 : lam[j];
        n_positive += lam[j] > 0.0 ? 1 : 0;
        n_negative += lam[j] < 0.0 ? 1 : 0;
    }
    const double sign = n_positive <= n_negative ? 1.0 : -1.0;

    for (size_t j = 0; j < u.rows; j++)
        sum += fmax(0.0, sign * lam[j]);
    for (size_t j = 0; j < u.rows; j++)
        lam[j] *= sign / sum;
    return ATT_OK;
}

/* Seven arguments, one more than the rule: a struct for one caller would
 * only move them.  NOLINTNEXTLINE(readability-function-size) */
att_status att_avg_radon(struct att_mat u, size_t n_tokens, size_t q,
                         double *lam, uint32_t *y, struct att_arena *arena,
                         struct att_error *err)
{
    size_t need = 0;
    size_t have = 0;

    ATT_TRY(dependence(u, lam, arena, err));
    for (size_t j = 0; j < u.rows; j++)
        need += lam[j] > 0.0 ? 1 : 0;
    for (size_t j = 0; j < n_tokens && have < q; j++) {
        const double side = j < u.rows ? lam[j] : 0.0;

        if (side > 0.0) {
            y[have++] = (uint32_t)j;
            need--;
        } else if (side == 0.0 && have + need < q) {
            y[have++] = (uint32_t)j;
        }
    }
    if (have == q && need == 0)
        return ATT_OK;
    return att_fail(err, ATT_E_INFEASIBLE,
                    "no set of q = %zu tokens holds one side of the dependence "
                    "and nothing of the other: raise q or L",
                    q);
}

/* Keys of a case as drawn, normalised, [L, d]. */
static att_status draw(struct avg_bound_case *x, struct avg_keys *keys,
                       struct att_mat *u, struct att_error *err)
{
    struct att_nested grid;
    const struct att_case plain = {.p = x->c->p};

    ATT_TRY(att_nested_grid(&plain, (size_t)x->c->p[CP_D].i, false,
                            x->ws->arena, &grid, err));
    const struct avg_key_spec spec = {att_avg_kind(x->c->p[CP_KEYS].s), x->a->L,
                                      grid};

    ATT_TRY(att_avg_keys_draw(x->ws, &spec, 0, keys, err));
    *u = att_avg_keys_matrix(keys, 0, x->ws->arena);
    return u->data != NULL ? ATT_OK
                           : att_arena_fail(x->ws->arena, "the keys", err);
}

/* The error on y of the query that solves least squares for scores 1 on y and
 * 0 elsewhere: any query's would do. */
static att_status measure(struct avg_bound_case *x, struct att_mat u,
                          const uint32_t *y, struct att_error *err)
{
    struct att_arena *arena = x->ws->arena;
    struct att_mat t = att_mat_new(arena, u.rows, 1);
    struct att_mat w = att_mat_new(arena, u.cols, 1);
    double *s = ATT_NEW(arena, double, u.rows);
    struct att_lstsq fit = {.a = u, .b = t, .x = w, .rcond = 1e-12};
    const struct avg_unit unit = {
        .alpha = att_avg_alpha((double)x->a->L, x->c->p[CP_EPS].r)};

    if (t.data == NULL || w.data == NULL || s == NULL)
        return att_arena_fail(arena, "a query", err);
    for (size_t k = 0; k < x->a->q; k++)
        t.data[y[k]] = 1.0;
    ATT_TRY(att_lstsq(&fit, arena, err));
    att_gemv(u, false, w.data, 0.0, s);
    x->found.measured = att_avg_measure(s, u.rows, y, x->a->q, &unit, NULL).err;
    return ATT_OK;
}

att_status att_avg_bound_radon(struct avg_bound_case *x, struct att_error *err)
{
    struct att_arena *arena = x->ws->arena;
    const size_t q = x->a->q;
    struct avg_keys keys;
    struct att_mat u;

    ATT_TRY(draw(x, &keys, &u, err));
    const size_t n = u.cols + 2;
    struct att_mat lam = att_mat_new(arena, 1, n);
    struct att_mat set = att_mat_new(arena, 1, q);
    uint32_t *y = ATT_NEW(arena, uint32_t, q);
    const struct att_mat few = {u.data, n, u.cols, u.stride};

    if (lam.data == NULL || set.data == NULL || y == NULL)
        return att_arena_fail(arena, "the witness", err);
    ATT_TRY(att_avg_radon(few, x->a->L, q, lam.data, y, arena, err));
    for (size_t k = 0; k < q; k++)
        set.data[k] = y[k];
    x->found.residual = att_avg_radon_residual(few, lam.data);
    x->found.cert_err = 1.0 / (double)q;
    att_avg_witness_add(x, "keys", few);
    att_avg_witness_add(x, "lambda", lam);
    att_avg_witness_add(x, "set", set);
    return measure(x, u, y, err);
}

/* ---- census ----------------------------------------------------------------------- */

att_status att_avg_bound_census(struct avg_bound_case *x, struct att_error *err)
{
    struct att_arena *arena = x->ws->arena;
    const size_t q = x->a->q;
    uint32_t *y = ATT_NEW(arena, uint32_t, q);
    int64_t n_all = 0;
    int64_t n_separable = 0;
    struct att_mat count = att_mat_new(arena, 1, 2);
    struct avg_keys keys;
    struct att_mat u;

    ATT_TRY(draw(x, &keys, &u, err));
    if (y == NULL || count.data == NULL)
        return att_arena_fail(arena, "a set", err);
    att_subset_first(y, q);
    do {
        struct avg_lp lp = {.u = u, .y = y, .q = q, .constant = true};

        ATT_TRY(att_avg_lp(&lp, arena, err));
        /* tau is 0 where y is separated (any scale does), else 1. */
        n_separable += lp.tau < 0.5 ? 1 : 0;
        n_all++;
    } while (att_subset_next(y, q, x->a->L));
    x->found.share = (double)n_separable / (double)n_all;
    count.data[0] = (double)n_separable;
    count.data[1] = (double)n_all;
    att_avg_witness_add(x, "keys", u);
    att_avg_witness_add(x, "count", count);
    return ATT_OK;
}
