/* blas.h - dense products and factorisations of the BLAS and LAPACK in use.
 *
 * One thread.  Bits depend on the BLAS and on the processor it chose its
 * kernels for (att_kernel_name); where bits must not depend on that, use
 * linalg/vector.h and linalg/solve.h.  Matrices must not overlap outputs. */
#pragma once

#include <stdbool.h>

#include "attest/base/status.h"
#include "attest/linalg/matrix.h"

/* c = op(a) op(b) + beta c, op(x) = x or, when x_t, its transpose.
 *   op(a) [m, k], op(b) [k, n], c [m, n]; beta = 0 overwrites, NaN included */
void att_gemm(struct att_mat a, bool a_t, struct att_mat b, bool b_t,
              double beta, struct att_mat c);
void att_gemmf(struct att_matf a, bool a_t, struct att_matf b, bool b_t,
               float beta, struct att_matf c);

/* y = op(a) x + beta y; x and y have the lengths that op(a) asks for. */
void att_gemv(struct att_mat a, bool a_t, const double *x, double beta,
              double *y);
void att_gemvf(struct att_matf a, bool a_t, const float *x, float beta,
               float *y);

/* c [n, n] = op(a) op(a)^T + beta c, both triangles. */
void att_syrk(struct att_mat a, bool a_t, double beta, struct att_mat c);

/* a [m, n] = u diag(s) vt with r = min(m, n): u [m, r], s [r] descending,
 * vt [r, n].  a is kept.
 * Fails: ATT_E_NOMEM, ATT_E_NUMERIC (no convergence), ATT_E_UNSUPPORTED (a
 * build without LAPACKE), as all below. */
ATT_CHECKED att_status att_svd(struct att_mat a, struct att_mat u, double *s,
                               struct att_mat vt, struct att_arena *scratch,
                               struct att_error *err);

/* A unit vector x [n] with |a x| smallest for a [m, n]: the last right
 * singular vector, the exact null vector when m < n.  *residual = |a x|. */
ATT_CHECKED att_status att_null_vector(struct att_mat a, double *x,
                                       double *residual,
                                       struct att_arena *scratch,
                                       struct att_error *err);

/* a [m, n], m >= n: its columns replaced by an orthonormal basis Q of their
 * span with R's diagonal positive (then Q of a Gaussian matrix is uniformly
 * distributed). */
ATT_CHECKED att_status att_orthonormalize(struct att_mat a,
                                          struct att_arena *scratch,
                                          struct att_error *err);

/* The x [n, k] of least norm that minimises |a x - b|, a [m, n], b [m, k];
 * singular values below rcond times the largest count as zero.  *rank may be
 * NULL.  a and b are kept. */
struct att_lstsq {
    struct att_mat a, b, x;
    double rcond;
    size_t rank; /* set */
};
ATT_CHECKED att_status att_lstsq(struct att_lstsq *p, struct att_arena *scratch,
                                 struct att_error *err);

/* Eigenvalues of the symmetric a [n, n] into w [n], ascending; a becomes its
 * eigenvectors, one per row. */
ATT_CHECKED att_status att_eigen(struct att_mat a, double *w,
                                 struct att_arena *scratch,
                                 struct att_error *err);

/* The core whose kernels the BLAS runs ("SkylakeX"), "cblas" when it does not
 * tell; and whether it would start threads of its own. */
const char *att_blas_core(void);
bool att_blas_threaded(void);
