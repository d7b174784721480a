/* solve.c - Cholesky, row by row, on the fixed-order inner product. */
#include "attest/linalg/solve.h"

#include <assert.h>
#include <math.h>

#include "attest/linalg/vector.h"

/* Row i of L from row i of a and the rows above; returns its pivot. */
static double factor_row(struct att_mat a, size_t i)
{
    double *row = att_mat_row(a, i);

    for (size_t j = 0; j < i; j++) {
        const double *above = att_mat_row(a, j);

        row[j] = (row[j] - att_dot(j, row, above)) / above[j];
    }
    for (size_t j = i + 1; j < a.cols; j++)
        row[j] = 0.0;
    return row[i] - att_dot(i, row, row);
}

att_status att_cholesky(struct att_mat a, double pivot_floor,
                        struct att_cholesky_report *report,
                        struct att_error *err)
{
    struct att_cholesky_report local = {.min_pivot = INFINITY};
    att_status status = ATT_OK;

    assert(a.rows == a.cols);
    for (size_t i = 0; i < a.rows && status == ATT_OK; i++) {
        const double pivot = factor_row(a, i);

        if (!(pivot >= local.min_pivot))
            local = (struct att_cholesky_report){pivot, i};
        if (pivot > pivot_floor) {
            att_mat_row(a, i)[i] = sqrt(pivot);
        } else {
            status = att_fail(err, ATT_E_NUMERIC,
                              "pivot %.3g of row %zu is not above %.3g", pivot,
                              i, pivot_floor);
        }
    }
    if (report != NULL)
        *report = local;
    return status;
}

void att_cholesky_solve(struct att_mat factor, double *x)
{
    const size_t n = factor.rows;

    for (size_t i = 0; i < n; i++) {
        const double *row = att_mat_row(factor, i);

        x[i] = (x[i] - att_dot(i, row, x)) / row[i];
    }
    for (size_t i = n; i-- > 0;) {
        const double *row = att_mat_row(factor, i);

        x[i] /= row[i];
        att_axpy(i, -x[i], row, x);
    }
}
