/* averaging_radon.c - sets that no query separates: Radon's theorem (LB2). */
#include <string.h>

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

att_status att_avg_radon(const struct avg_radon *x, struct att_arena *arena,
                         struct att_error *err)
{
    size_t need = 0;
    size_t have = 0;

    ATT_TRY(dependence(x->u, x->lam, arena, err));
    for (size_t j = 0; j < x->u.rows; j++)
        need += x->lam[j] > 0.0 ? 1 : 0;
    for (size_t j = 0; j < x->n_tokens && have < x->q; j++) {
        const double side = j < x->u.rows ? x->lam[j] : 0.0;

        if (side > 0.0) {
            x->y[have++] = (uint32_t)j;
            need--;
        } else if (side == 0.0 && have + need < x->q) {
            x->y[have++] = (uint32_t)j;
        }
    }
    if (have == x->q && need == 0)
        return ATT_OK;
    return att_fail(err, ATT_E_INFEASIBLE,
                    "no set of q = %zu tokens holds one side of the dependence "
                    "and nothing of the other: raise q or L",
                    x->q);
}

att_status att_avg_bound_keys(struct avg_bound_case *x, struct att_mat *u,
                              struct att_error *err)
{
    const struct att_case plain = {.p = x->c->p};
    struct avg_key_spec spec = {.kind = att_avg_kind(x->c->p[CP_KEYS].s),
                                .n = x->a->L};
    struct avg_keys keys;

    ATT_TRY(att_nested_grid(&plain, (size_t)x->c->p[CP_D].i, false,
                            x->ws->arena, &spec.grid, err));
    ATT_TRY(att_avg_keys_draw(x->ws, &spec, 0, &keys, err));
    *u = att_avg_keys_matrix(&keys, 0, x->ws->arena);
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
    struct att_mat u;

    ATT_TRY(att_avg_bound_keys(x, &u, err));
    const size_t n = u.cols + 2;
    struct att_mat lam = att_mat_new(arena, 1, n);
    struct att_mat set = att_mat_new(arena, 1, q);
    uint32_t *y = ATT_NEW(arena, uint32_t, q);
    const struct att_mat few = {u.data, n, u.cols, u.stride};

    if (lam.data == NULL || set.data == NULL || y == NULL)
        return att_arena_fail(arena, "the witness", err);
    const struct avg_radon radon = {few, x->a->L, q, lam.data, y};

    ATT_TRY(att_avg_radon(&radon, arena, err));
    for (size_t k = 0; k < q; k++)
        set.data[k] = y[k];
    x->found.residual = att_avg_radon_residual(few, lam.data);
    x->found.cert_err = 1.0 / (double)q;
    att_avg_witness_add(x, "keys", few);
    att_avg_witness_add(x, "lambda", lam);
    att_avg_witness_add(x, "set", set);
    return measure(x, u, y, err);
}
