/* solve.h - small symmetric positive definite systems, in a fixed order.
 *
 * Plain left-looking Cholesky on att_dot: the same bits on every processor.
 * For the q x q Gram matrices of dual vectors and queries. */
#pragma once

#include "attest/base/status.h"
#include "attest/linalg/matrix.h"

struct att_cholesky_report {
    double min_pivot; /* smallest pivot met: squared diagonal of the factor */
    size_t at;        /* its row */
};

/* The lower triangle of a [n, n] becomes L with L L^T = a; the strict upper
 * triangle is not read and becomes zero.  Stops at the first pivot that is
 * not > pivot_floor (0 for plain positive definiteness, larger to reject what
 * is nearly singular); *report is filled then too and may be NULL.
 * Fails: ATT_E_NUMERIC "pivot 3e-9 of row 4 is not above 1e-6". */
ATT_CHECKED att_status att_cholesky(struct att_mat a, double pivot_floor,
                                    struct att_cholesky_report *report,
                                    struct att_error *err);

/* x [n] := (L L^T)^-1 x for the factor of att_cholesky. */
void att_cholesky_solve(struct att_mat factor, double *x);
