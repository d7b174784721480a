/* averaging_lp.c - the best dual vector, by a linear program. */
#include "attest/base/subset.h"
#include "attest/linalg/lp.h"
#include "averaging_priv.h"

/* Coordinates of w stay within this: where y is separated with room to spare
 * the program would else end at any huge vertex, whose scores are rounding. */
static const double BOX = 1e3;

/* Columns w_1 .. w_d, tau and, with a constant, c; a row for every key:
 * <u_j, w> + c = 1 on y, <u_j, w> + c - tau <= 0 off it. */
static void put_program(struct att_lp *lp, const struct avg_lp *x)
{
    const size_t tau = x->u.cols;

    for (size_t c = 0; c < lp->n_columns; c++) {
        lp->lower[c] = c == tau ? x->tau_least : -BOX;
        lp->upper[c] = BOX;
    }
    lp->cost[tau] = 1.0;
    for (size_t j = 0; j < lp->n_rows; j++) {
        const bool on = att_subset_has(x->y, x->q, j);

        for (size_t m = 0; m < tau; m++)
            lp->a[m * lp->n_rows + j] = att_mat_row(x->u, j)[m];
        lp->a[tau * lp->n_rows + j] = on ? 0.0 : -1.0;
        if (x->constant)
            lp->a[(tau + 1) * lp->n_rows + j] = 1.0;
        lp->row_lower[j] = on ? 1.0 : -ATT_LP_FREE;
        lp->row_upper[j] = on ? 1.0 : 0.0;
    }
}

att_status att_avg_lp(struct avg_lp *x, struct att_arena *scratch,
                      struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t n_columns = x->u.cols + 1 + (x->constant ? 1 : 0);
    struct att_lp lp;

    ATT_TRY(att_lp_init(&lp, x->u.rows, n_columns, scratch, err));
    lp.method = ATT_LP_DUAL;
    put_program(&lp, x);
    ATT_TRY(att_lp_solve(&lp, err));
    x->tau = lp.end == ATT_LP_OPTIMAL ? lp.x[x->u.cols] : (double)NAN;
    for (size_t m = 0; x->w != NULL && m < x->u.cols; m++)
        x->w[m] = lp.x[m];
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

att_status att_avg_dual_lp(struct avg_query *query, bool *solved,
                           struct att_error *err)
{
    struct avg_lp lp = {.u = query->u,
                        .y = query->y,
                        .q = query->q,
                        .tau_least = 0.0,
                        .w = query->w};

    ATT_TRY(att_avg_lp(&lp, query->arena, err));
    *solved = !isnan(lp.tau);
    return ATT_OK;
}
