/* averaging_lp.c - the best dual vector, by a linear program. */
#include <float.h>
#include <string.h>

#include "averaging_priv.h"

#if ATT_HAVE_CLP
#include <Clp_C_Interface.h>

/* Coordinates of w stay within this: where y is separated with room to spare
 * the program would else end at any huge vertex, whose scores are rounding. */
static const double BOX = 1e3;

/* The program by columns: w_1 .. w_d, tau and, with a constant, c. */
struct program {
    int n_rows, n_columns;
    CoinBigIndex *start;           /* [n_columns + 1] */
    int *index;                    /* [n_columns * n_rows] */
    double *value;                 /* likewise */
    double *lower, *upper, *cost;  /* [n_columns] */
    double *row_lower, *row_upper; /* [n_rows] */
};

static bool is_member(const struct avg_lp *lp, size_t j)
{
    for (size_t k = 0; k < lp->q; k++) {
        if (lp->y[k] == j)
            return true;
    }
    return false;
}

static void put_column(struct program *p, const struct avg_lp *lp, int column)
{
    CoinBigIndex at = p->start[column];
    const size_t m = (size_t)column;

    for (size_t j = 0; j < lp->u.rows; j++) {
        double v = 1.0; /* of the constant */

        if (m < lp->u.cols) {
            v = att_mat_row(lp->u, j)[m];
        } else if (m == lp->u.cols) {
            v = is_member(lp, j) ? 0.0 : -1.0;
        }
        if (v == 0.0)
            continue;
        p->index[at] = (int)j;
        p->value[at++] = v;
    }
    p->start[column + 1] = at;
    p->lower[column] = m == lp->u.cols ? lp->tau_least : -BOX;
    p->upper[column] = BOX;
    p->cost[column] = m == lp->u.cols ? 1.0 : 0.0;
}

static att_status make_program(struct program *p, const struct avg_lp *lp,
                               struct att_arena *arena, struct att_error *err)
{
    const size_t n = lp->u.rows;
    const size_t m = lp->u.cols + 1 + (lp->constant ? 1 : 0);

    *p = (struct program){.n_rows = (int)n,
                          .n_columns = (int)m,
                          .start = ATT_NEW0(arena, CoinBigIndex, m + 1),
                          .index = ATT_NEW(arena, int, m *n),
                          .value = ATT_NEW(arena, double, m *n),
                          .lower = ATT_NEW(arena, double, m),
                          .upper = ATT_NEW(arena, double, m),
                          .cost = ATT_NEW(arena, double, m),
                          .row_lower = ATT_NEW(arena, double, n),
                          .row_upper = ATT_NEW(arena, double, n)};
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a linear program", err);
    for (int c = 0; c < p->n_columns; c++)
        put_column(p, lp, c);
    for (size_t j = 0; j < n; j++) {
        const bool on = is_member(lp, j);

        p->row_lower[j] = on ? 1.0 : -DBL_MAX;
        p->row_upper[j] = on ? 1.0 : 0.0;
    }
    return ATT_OK;
}

static att_status run_program(const struct program *p, struct avg_lp *lp,
                              struct att_error *err)
{
    Clp_Simplex *model = Clp_newModel();
    att_status status = ATT_OK;

    if (model == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a linear program");
    Clp_setLogLevel(model, 0);
    Clp_loadProblem(model, p->n_columns, p->n_rows, p->start, p->index,
                    p->value, p->lower, p->upper, p->cost, p->row_lower,
                    p->row_upper);
    (void)Clp_initialDualSolve(model);
    const int end = Clp_status(model);
    const double *x = Clp_primalColumnSolution(model);

    lp->tau = (double)NAN;
    if (end == 0) {
        lp->tau = x[lp->u.cols];
        if (lp->w != NULL)
            memcpy(lp->w, x, lp->u.cols * sizeof *x);
    } else if (end != 1) {
        status = att_fail(err, ATT_E_NUMERIC,
                          "a linear program ends with status %d", end);
    }
    Clp_deleteModel(model);
    return status;
}

/* A constant among a tau row: rows off y read <u, w> + c - tau <= 0. */
att_status att_avg_lp(struct avg_lp *lp, struct att_arena *scratch,
                      struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    struct program p;

    ATT_TRY(make_program(&p, lp, scratch, err));
    ATT_TRY(run_program(&p, lp, err));
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

#else

att_status att_avg_lp(struct avg_lp *lp, struct att_arena *scratch,
                      struct att_error *err)
{
    (void)lp, (void)scratch;
    return att_fail(err, ATT_E_UNSUPPORTED,
                    "linear programs need CLP: build with coinor-libclp-dev");
}

#endif

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
