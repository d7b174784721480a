/* lp.c - linear programs: columns without zeros, handed to CLP. */
#include "attest/linalg/lp.h"

#include <limits.h>
#include <string.h>

#if ATT_HAVE_CLP
#include <Clp_C_Interface.h>
#endif

static void fill(double *x, size_t n, double v)
{
    for (size_t i = 0; i < n; i++)
        x[i] = v;
}

att_status att_lp_init(struct att_lp *lp, size_t n_rows, size_t n_columns,
                       struct att_arena *arena, struct att_error *err)
{
    if (n_columns >= INT_MAX || n_rows > (INT_MAX - 1) / (n_columns + 1)) {
        return att_fail(err, ATT_E_OVERFLOW,
                        "a linear program of %zu rows and %zu columns has more "
                        "than 2^31 - 1 entries",
                        n_rows, n_columns);
    }
    const size_t n = n_rows * n_columns;

    *lp = (struct att_lp){.n_rows = n_rows,
                          .n_columns = n_columns,
                          .a = ATT_NEW0(arena, double, n),
                          .cost = ATT_NEW0(arena, double, n_columns),
                          .lower = ATT_NEW(arena, double, n_columns),
                          .upper = ATT_NEW(arena, double, n_columns),
                          .row_lower = ATT_NEW(arena, double, n_rows),
                          .row_upper = ATT_NEW(arena, double, n_rows),
                          .x = ATT_NEW0(arena, double, n_columns),
                          .start = ATT_NEW(arena, int, n_columns + 1),
                          .index = ATT_NEW(arena, int, n),
                          .value = ATT_NEW(arena, double, n)};
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a linear program", err);
    fill(lp->lower, n_columns, -ATT_LP_FREE);
    fill(lp->upper, n_columns, ATT_LP_FREE);
    fill(lp->row_lower, n_rows, -ATT_LP_FREE);
    fill(lp->row_upper, n_rows, ATT_LP_FREE);
    return ATT_OK;
}

double att_lp_bytes(double n_rows, double n_columns)
{
    return 20.0 * n_rows * n_columns + 16.0 * n_rows + 36.0 * n_columns + 640.0;
}

#if ATT_HAVE_CLP

static void pack(struct att_lp *lp)
{
    int at = 0;

    for (size_t c = 0; c < lp->n_columns; c++) {
        lp->start[c] = at;
        for (size_t i = 0; i < lp->n_rows; i++) {
            const double v = lp->a[c * lp->n_rows + i];

            if (v == 0.0)
                continue;
            lp->index[at] = (int)i;
            lp->value[at++] = v;
        }
    }
    lp->start[lp->n_columns] = at;
}

/* CLP's status in our words; its others are limits and faults of its own. */
static att_status read_end(struct att_lp *lp, Clp_Simplex *model,
                           struct att_error *err)
{
    enum { OPTIMAL, INFEASIBLE, UNBOUNDED };
    const int status = Clp_status(model);

    if (status < OPTIMAL || status > UNBOUNDED) {
        return att_fail(err, ATT_E_NUMERIC,
                        "a linear program of %zu rows and %zu columns ends "
                        "with CLP's status %d",
                        lp->n_rows, lp->n_columns, status);
    }
    lp->end = status == OPTIMAL      ? ATT_LP_OPTIMAL
              : status == INFEASIBLE ? ATT_LP_INFEASIBLE
                                     : ATT_LP_UNBOUNDED;
    if (lp->end == ATT_LP_OPTIMAL) {
        memcpy(lp->x, Clp_getColSolution(model), lp->n_columns * sizeof *lp->x);
    }
    return ATT_OK;
}

att_status att_lp_solve(struct att_lp *lp, struct att_error *err)
{
    Clp_Simplex *model = Clp_newModel();

    if (model == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a linear program");
    pack(lp);
    Clp_setLogLevel(model, 0);
    Clp_loadProblem(model, (int)lp->n_columns, (int)lp->n_rows, lp->start,
                    lp->index, lp->value, lp->lower, lp->upper, lp->cost,
                    lp->row_lower, lp->row_upper);
    if (lp->method == ATT_LP_PRIMAL) {
        (void)Clp_primal(model, 0);
    } else {
        (void)Clp_initialDualSolve(model);
    }
    const att_status status = read_end(lp, model, err);

    Clp_deleteModel(model);
    return status;
}

#else

att_status att_lp_solve(struct att_lp *lp, struct att_error *err)
{
    (void)lp;
    return att_fail(err, ATT_E_UNSUPPORTED,
                    "linear programs need CLP, which this build lacks: install "
                    "coinor-libclp-dev");
}

#endif
