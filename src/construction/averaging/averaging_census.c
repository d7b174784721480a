/* averaging_census.c - which of all q-subsets of a small case a hyperplane
 * separates (LB3), each with a witness either way. */
#include <string.h>

#include "attest/base/subset.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/lp.h"
#include "averaging_certificate_priv.h"

/* Margins of keys of size 1 below this are the program's roundings. */
static const double LEAST_MARGIN = 1e-6;

size_t att_avg_census_width(size_t d, size_t L)
{
    return 1 + (d + 1) + L;
}

struct avg_census_row att_avg_census_row(struct att_mat rows, size_t r,
                                         size_t d)
{
    const double *x = att_mat_row(rows, r);

    return (struct avg_census_row){x[0], x + 1, x + 2 + d};
}

/* The set under way; on [L] says who is a member. */
struct census {
    struct att_mat u;
    size_t q;
    uint32_t *y;
    bool *on;
    double *row; /* of the witness */
    struct att_arena *arena;
};

/* ---- a hyperplane --------------------------------------------------------------- */

/* max m with <u_j, w> + c >= m on the set and <= -m off it, |w|_inf <= 1:
 * columns w, c, m. */
static void put_margin(const struct census *x, struct att_lp *lp)
{
    const size_t d = x->u.cols;
    const size_t n = x->u.rows;

    for (size_t m = 0; m <= d; m++) {
        const double bound = m < d ? 1.0 : 4.0 * (double)d;

        lp->lower[m] = -bound;
        lp->upper[m] = bound;
    }
    lp->cost[d + 1] = -1.0;
    lp->lower[d + 1] = 0.0;
    lp->upper[d + 1] = 1.0;
    for (size_t j = 0; j < n; j++) {
        for (size_t m = 0; m < d; m++)
            lp->a[m * n + j] = att_mat_row(x->u, j)[m];
        lp->a[d * n + j] = 1.0;
        lp->a[(d + 1) * n + j] = x->on[j] ? -1.0 : 1.0;
        if (x->on[j]) {
            lp->row_lower[j] = 0.0;
        } else {
            lp->row_upper[j] = 0.0;
        }
    }
}

static att_status separate(struct census *x, struct att_error *err)
{
    const size_t d = x->u.cols;
    struct att_lp lp;

    ATT_TRY(att_lp_init(&lp, x->u.rows, d + 2, x->arena, err));
    lp.method = ATT_LP_DUAL;
    put_margin(x, &lp);
    ATT_TRY(att_lp_solve(&lp, err));
    x->row[0] =
        lp.end == ATT_LP_OPTIMAL && lp.x[d + 1] > LEAST_MARGIN ? 1.0 : 0.0;
    memcpy(x->row + 1, lp.x, (d + 1) * sizeof(double));
    return ATT_OK;
}

/* ---- a dependence --------------------------------------------------------------- */

/* lambda >= 0 with sum_on lambda u = sum_off lambda u and both sums 1. */
static void put_dependence(const struct census *x, struct att_lp *lp)
{
    const size_t d = x->u.cols;
    const size_t n_rows = d + 2;

    for (size_t j = 0; j < x->u.rows; j++) {
        const double sign = x->on[j] ? 1.0 : -1.0;

        lp->lower[j] = 0.0;
        for (size_t m = 0; m < d; m++)
            lp->a[j * n_rows + m] = sign * att_mat_row(x->u, j)[m];
        lp->a[j * n_rows + d + (x->on[j] ? 0 : 1)] = 1.0;
    }
    for (size_t m = 0; m < n_rows; m++)
        lp->row_lower[m] = lp->row_upper[m] = m < d ? 0.0 : 1.0;
}

/* The program's vertex holds to 1e-7; least squares over its support makes it
 * exact. */
static att_status polish(struct census *x, struct att_lp *lp,
                         struct att_error *err)
{
    const size_t n_rows = lp->n_rows;
    struct att_mat a = att_mat_new(x->arena, n_rows, lp->n_columns);
    struct att_mat b = att_mat_new(x->arena, n_rows, 1);
    struct att_mat lambda = att_mat_new(x->arena, lp->n_columns, 1);
    struct att_lstsq fit = {.a = a, .b = b, .x = lambda, .rcond = 1e-12};

    if (a.data == NULL || b.data == NULL || lambda.data == NULL)
        return att_arena_fail(x->arena, "a dependence", err);
    for (size_t m = 0; m < n_rows; m++) {
        b.data[m] = lp->row_lower[m];
        for (size_t j = 0; j < lp->n_columns; j++) {
            att_mat_row(a, m)[j] =
                lp->x[j] > 1e-7 ? lp->a[j * n_rows + m] : 0.0;
        }
    }
    ATT_TRY(att_lstsq(&fit, x->arena, err));
    for (size_t j = 0; j < lp->n_columns; j++) {
        /* What is this small is rounding of a zero. */
        const double share = lambda.data[j] > 1e-12 ? lambda.data[j] : 0.0;

        x->row[2 + x->u.cols + j] = x->on[j] ? share : -share;
    }
    return ATT_OK;
}

static att_status depend(struct census *x, struct att_error *err)
{
    struct att_lp lp;

    ATT_TRY(att_lp_init(&lp, x->u.cols + 2, x->u.rows, x->arena, err));
    lp.method = ATT_LP_DUAL;
    put_dependence(x, &lp);
    ATT_TRY(att_lp_solve(&lp, err));
    if (lp.end != ATT_LP_OPTIMAL) {
        return att_fail(err, ATT_E_NUMERIC,
                        "a set has neither a margin above %g nor a dependence: "
                        "keys too close to decide",
                        LEAST_MARGIN);
    }
    return polish(x, &lp, err);
}

/* ---- all sets ------------------------------------------------------------------- */

static att_status decide(struct census *x, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(x->arena);

    for (size_t j = 0; j < x->u.rows; j++)
        x->on[j] = false;
    for (size_t k = 0; k < x->q; k++)
        x->on[x->y[k]] = true;
    ATT_TRY(separate(x, err));
    if (x->row[0] == 0.0)
        ATT_TRY(depend(x, err));
    att_arena_rewind(x->arena, mark);
    return ATT_OK;
}

static size_t count_subsets(uint32_t *y, size_t q, size_t n)
{
    size_t count = 1;

    att_subset_first(y, q);
    while (att_subset_next(y, q, n))
        count++;
    return count;
}

att_status att_avg_bound_census(struct avg_bound_case *b, struct att_error *err)
{
    struct att_arena *arena = b->ws->arena;
    struct census x = {.q = b->a->q,
                       .y = ATT_NEW(arena, uint32_t, b->a->q),
                       .on = ATT_NEW(arena, bool, b->a->L),
                       .arena = arena};
    double n_separable = 0.0;

    ATT_TRY(att_avg_bound_keys(b, &x.u, err));
    if (x.y == NULL || x.on == NULL)
        return att_arena_fail(arena, "a set", err);
    const size_t n = count_subsets(x.y, x.q, x.u.rows);
    struct att_mat rows =
        att_mat_new(arena, n, att_avg_census_width(x.u.cols, x.u.rows));

    if (rows.data == NULL)
        return att_arena_fail(arena, "the witness", err);
    att_subset_first(x.y, x.q);
    for (size_t r = 0; r < n; r++) {
        x.row = att_mat_row(rows, r);
        ATT_TRY(decide(&x, err));
        n_separable += x.row[0];
        (void)att_subset_next(x.y, x.q, x.u.rows);
    }
    b->found.share = n_separable / (double)n;
    att_avg_witness_add(b, "keys", x.u);
    att_avg_witness_add(b, "decisions", rows);
    return ATT_OK;
}
