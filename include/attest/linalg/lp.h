/* lp.h - linear programs, by CLP.
 *
 *   minimise <cost, x>  subject to  lower <= x <= upper and
 *                                   row_lower <= A x <= row_upper
 *
 * A program is made once, its numbers are set by the caller, and it may be
 * solved again with other bounds.  Rows are met to CLP's tolerance of 1e-7,
 * relative to numbers of size 1.  A build without CLP refuses to solve. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "attest/base/arena.h"

/* The bound that is none. */
#define ATT_LP_FREE 1.7976931348623157e308 /* DBL_MAX, as CLP reads it */

enum att_lp_method {
    ATT_LP_PRIMAL, /* the primal simplex method from the slack basis */
    ATT_LP_DUAL    /* presolved, then the dual simplex method */
};

enum att_lp_end { ATT_LP_OPTIMAL, ATT_LP_INFEASIBLE, ATT_LP_UNBOUNDED };

struct att_lp {
    size_t n_rows, n_columns;
    enum att_lp_method method;
    double *a;                     /* [n_columns, n_rows]: column by column */
    double *cost, *lower, *upper;  /* [n_columns] */
    double *row_lower, *row_upper; /* [n_rows] */
    double *x;                     /* [n_columns] out, when optimal */
    enum att_lp_end end;           /* out */
    int *start, *index;            /* columns without their zeros, scratch */
    double *value;
};

/* Room for a program in arena: A and costs 0, every bound free.
 * Fails: ATT_E_NOMEM; ATT_E_OVERFLOW beyond 2^31 - 1 entries. */
ATT_CHECKED att_status att_lp_init(struct att_lp *lp, size_t n_rows,
                                   size_t n_columns, struct att_arena *arena,
                                   struct att_error *err);

/* Bytes that att_lp_init takes, about; for cost formulas. */
double att_lp_bytes(double n_rows, double n_columns);

/* Solve; x is written when the end is ATT_LP_OPTIMAL.
 * Fails: ATT_E_NOMEM; ATT_E_NUMERIC when CLP gives up; ATT_E_UNSUPPORTED
 * without CLP. */
ATT_CHECKED att_status att_lp_solve(struct att_lp *lp, struct att_error *err);
