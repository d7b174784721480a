/* blas.c - the one file that sees CBLAS and LAPACKE.
 *
 * A row-major matrix is the transpose of the column-major one that LAPACK
 * sees in the same memory; each function says what that makes of its
 * factorisation, so that nothing is copied but what LAPACK overwrites. */
#include "attest/linalg/blas.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#if ATT_HAVE_LAPACKE
#include <lapacke.h>
#endif

/* A size as BLAS takes it; sizes beyond int would not fit any memory limit. */
static int blas_int(size_t n)
{
    assert(n <= INT_MAX);
    return (int)n;
}

/* A stride as BLAS takes it: at least 1 also for empty matrices. */
static int blas_stride(size_t stride)
{
    return blas_int(stride == 0 ? 1 : stride);
}

static enum CBLAS_TRANSPOSE op(bool transposed)
{
    return transposed ? CblasTrans : CblasNoTrans;
}

/* ---- products -------------------------------------------------------- */

void att_gemm(struct att_mat a, bool a_t, struct att_mat b, bool b_t,
              double beta, struct att_mat c)
{
    const size_t k = a_t ? a.rows : a.cols;

    assert(c.rows == (a_t ? a.cols : a.rows));
    assert(c.cols == (b_t ? b.rows : b.cols));
    assert(k == (b_t ? b.cols : b.rows));
    cblas_dgemm(CblasRowMajor, op(a_t), op(b_t), blas_int(c.rows),
                blas_int(c.cols), blas_int(k), 1.0, a.data,
                blas_stride(a.stride), b.data, blas_stride(b.stride), beta,
                c.data, blas_stride(c.stride));
}

void att_gemmf(struct att_matf a, bool a_t, struct att_matf b, bool b_t,
               float beta, struct att_matf c)
{
    const size_t k = a_t ? a.rows : a.cols;

    assert(c.rows == (a_t ? a.cols : a.rows));
    assert(c.cols == (b_t ? b.rows : b.cols));
    assert(k == (b_t ? b.cols : b.rows));
    cblas_sgemm(CblasRowMajor, op(a_t), op(b_t), blas_int(c.rows),
                blas_int(c.cols), blas_int(k), 1.0F, a.data,
                blas_stride(a.stride), b.data, blas_stride(b.stride), beta,
                c.data, blas_stride(c.stride));
}

void att_gemv(struct att_mat a, bool a_t, const double *x, double beta,
              double *y)
{
    cblas_dgemv(CblasRowMajor, op(a_t), blas_int(a.rows), blas_int(a.cols), 1.0,
                a.data, blas_stride(a.stride), x, 1, beta, y, 1);
}

void att_gemvf(struct att_matf a, bool a_t, const float *x, float beta,
               float *y)
{
    cblas_sgemv(CblasRowMajor, op(a_t), blas_int(a.rows), blas_int(a.cols),
                1.0F, a.data, blas_stride(a.stride), x, 1, beta, y, 1);
}

void att_syrk(struct att_mat a, bool a_t, double beta, struct att_mat c)
{
    const size_t k = a_t ? a.rows : a.cols;

    assert(c.rows == c.cols && c.rows == (a_t ? a.cols : a.rows));
    cblas_dsyrk(CblasRowMajor, CblasLower, op(a_t), blas_int(c.rows),
                blas_int(k), 1.0, a.data, blas_stride(a.stride), beta, c.data,
                blas_stride(c.stride));
    for (size_t i = 0; i < c.rows; i++) {
        for (size_t j = i + 1; j < c.cols; j++)
            att_mat_row(c, i)[j] = att_mat_row(c, j)[i];
    }
}

/* ---- what the BLAS says of itself -------------------------------------- */

#ifdef OPENBLAS_VERSION
const char *att_blas_core(void)
{
    return openblas_get_corename();
}

bool att_blas_threaded(void)
{
    return openblas_get_parallel() != OPENBLAS_SEQUENTIAL;
}
#else
const char *att_blas_core(void)
{
    return "cblas";
}

bool att_blas_threaded(void)
{
    return false;
}
#endif

/* ---- factorisations ---------------------------------------------------- */

#if ATT_HAVE_LAPACKE

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A dense copy of a in scratch; data == NULL when out of memory. */
static struct att_mat dense_copy(struct att_mat a, struct att_arena *scratch)
{
    const struct att_mat copy = att_mat_new(scratch, a.rows, a.cols);

    for (size_t i = 0; copy.data != NULL && i < a.rows; i++) {
        memcpy(att_mat_row(copy, i), att_mat_row(a, i),
               a.cols * sizeof *a.data);
    }
    return copy;
}

static att_status lapack_status(int info, const char *what,
                                struct att_error *err)
{
    assert(info >= 0); /* a negative one names a wrong argument */
    if (info == 0)
        return ATT_OK;
    return att_fail(err, ATT_E_NUMERIC, "%s did not converge", what);
}

/* Work space as LAPACK asks for it in a query's first element. */
static double *workspace(struct att_arena *scratch, double asked, int *n)
{
    *n = (int)asked;
    return ATT_NEW(scratch, double, (size_t)*n);
}

/* Row-major a is column-major a^T = v diag(s) u^T: LAPACK's left factor is
 * our vt and its right one our u, both as they lie in memory. */
static att_status svd_in(struct att_mat copy, struct att_mat u, double *s,
                         struct att_mat vt, struct att_arena *scratch,
                         struct att_error *err)
{
    const int m = blas_int(copy.rows);
    const int n = blas_int(copy.cols);
    int *iwork = ATT_NEW(scratch, int, 8 * smaller(copy.rows, copy.cols));
    double asked = 0.0;
    int n_work = 0;

    int info = LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', n, m, copy.data,
                                   blas_stride(copy.stride), s, vt.data,
                                   blas_stride(vt.stride), u.data,
                                   blas_stride(u.stride), &asked, -1, iwork);
    ATT_TRY(lapack_status(info, "the SVD", err));
    double *work = workspace(scratch, asked, &n_work);

    if (iwork == NULL || work == NULL)
        return att_arena_fail(scratch, "the work space of an SVD", err);
    info = LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', n, m, copy.data,
                               blas_stride(copy.stride), s, vt.data,
                               blas_stride(vt.stride), u.data,
                               blas_stride(u.stride), work, n_work, iwork);
    return lapack_status(info, "the SVD", err);
}

att_status att_svd(struct att_mat a, struct att_mat u, double *s,
                   struct att_mat vt, struct att_arena *scratch,
                   struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct att_mat copy = dense_copy(a, scratch);
    att_status status = ATT_OK;

    assert(u.rows == a.rows && u.cols == smaller(a.rows, a.cols));
    assert(vt.cols == a.cols && vt.rows == u.cols);
    if (copy.data == NULL) {
        status = att_arena_fail(scratch, "a matrix of an SVD", err);
    } else {
        status = svd_in(copy, u, s, vt, scratch, err);
    }
    att_arena_rewind(scratch, mark);
    return status;
}

/* Column-major a^T = v s u^T with all n columns of v: the last one is the
 * right singular vector of the smallest singular value, or of the null space
 * when m < n. */
static att_status null_in(struct att_mat copy, double *x,
                          struct att_arena *scratch, struct att_error *err)
{
    const int m = blas_int(copy.rows);
    const int n = blas_int(copy.cols);
    const struct att_mat v = att_mat_new(scratch, copy.cols, copy.cols);
    double *s = ATT_NEW(scratch, double, smaller(copy.rows, copy.cols));
    double asked = 0.0;
    int n_work = 0;

    int info = LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'A', 'N', n, m, copy.data,
                                   blas_stride(copy.stride), s, v.data,
                                   blas_stride(v.stride), NULL, 1, &asked, -1);
    ATT_TRY(lapack_status(info, "the SVD", err));
    double *work = workspace(scratch, asked, &n_work);

    if (v.data == NULL || s == NULL || work == NULL)
        return att_arena_fail(scratch, "the work space of an SVD", err);
    info = LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'A', 'N', n, m, copy.data,
                               blas_stride(copy.stride), s, v.data,
                               blas_stride(v.stride), NULL, 1, work, n_work);
    memcpy(x, att_mat_row(v, copy.cols - 1), copy.cols * sizeof *x);
    return lapack_status(info, "the SVD", err);
}

static double residual_of(struct att_mat a, const double *x)
{
    double sum = 0.0;

    for (size_t i = 0; i < a.rows; i++) {
        double r = 0.0;

        for (size_t j = 0; j < a.cols; j++)
            r += att_mat_row(a, i)[j] * x[j];
        sum += r * r;
    }
    return sqrt(sum);
}

att_status att_null_vector(struct att_mat a, double *x, double *residual,
                           struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct att_mat copy = dense_copy(a, scratch);
    att_status status = ATT_OK;

    if (copy.data == NULL) {
        status = att_arena_fail(scratch, "a matrix of an SVD", err);
    } else {
        status = null_in(copy, x, scratch, err);
    }
    if (status == ATT_OK)
        *residual = residual_of(a, x);
    att_arena_rewind(scratch, mark);
    return status;
}

/* Column-major a^T = L Q^T: the rows of Q^T are the columns of Q, which is
 * what row-major a becomes.  A negative diagonal of L turns its row around. */
static att_status orthonormalize_in(struct att_mat a, struct att_arena *scratch,
                                    struct att_error *err)
{
    const int m = blas_int(a.rows);
    const int n = blas_int(a.cols);
    const int stride = blas_stride(a.stride);
    double *tau = ATT_NEW(scratch, double, a.cols);
    double *sign = ATT_NEW(scratch, double, a.cols);
    double asked[2] = {0.0};
    int n_work = 0;

    int info = LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, n, m, a.data, stride, tau,
                                   &asked[0], -1);
    info += LAPACKE_dorglq_work(LAPACK_COL_MAJOR, n, m, n, a.data, stride, tau,
                                &asked[1], -1);
    double *work = workspace(scratch, fmax(asked[0], asked[1]), &n_work);

    if (tau == NULL || sign == NULL || work == NULL)
        return att_arena_fail(scratch, "the work space of a QR", err);
    info += LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, n, m, a.data, stride, tau,
                                work, n_work);
    for (size_t j = 0; j < a.cols; j++)
        sign[j] = att_mat_row(a, j)[j] < 0.0 ? -1.0 : 1.0;
    info += LAPACKE_dorglq_work(LAPACK_COL_MAJOR, n, m, n, a.data, stride, tau,
                                work, n_work);
    for (size_t i = 0; i < a.rows; i++) {
        for (size_t j = 0; j < a.cols; j++)
            att_mat_row(a, i)[j] *= sign[j];
    }
    return lapack_status(info, "the QR", err);
}

att_status att_orthonormalize(struct att_mat a, struct att_arena *scratch,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);

    assert(a.rows >= a.cols);
    const att_status status = orthonormalize_in(a, scratch, err);

    att_arena_rewind(scratch, mark);
    return status;
}

/* The transpose of a in a column-major sense: element (i, j) at j * ld + i. */
static double *column_major(struct att_mat a, size_t ld,
                            struct att_arena *scratch)
{
    double *copy = att_arena_zero(scratch, ld, a.cols * sizeof *copy);

    for (size_t i = 0; copy != NULL && i < a.rows; i++) {
        for (size_t j = 0; j < a.cols; j++)
            copy[j * ld + i] = att_mat_row(a, i)[j];
    }
    return copy;
}

static att_status lstsq_in(struct att_lstsq *p, struct att_arena *scratch,
                           struct att_error *err)
{
    const size_t m = p->a.rows;
    const size_t n = p->a.cols;
    const size_t k = p->b.cols;
    const size_t ld = m > n ? m : n;
    double *a = column_major(p->a, m, scratch);
    double *b = column_major(p->b, ld, scratch);
    double *s = ATT_NEW(scratch, double, smaller(m, n));
    double asked = 0.0;
    int n_iwork = 0;
    int n_work = 0;
    int rank = 0;

    int info =
        LAPACKE_dgelsd_work(LAPACK_COL_MAJOR, blas_int(m), blas_int(n),
                            blas_int(k), a, blas_stride(m), b, blas_stride(ld),
                            s, p->rcond, &rank, &asked, -1, &n_iwork);
    ATT_TRY(lapack_status(info, "least squares", err));
    double *work = workspace(scratch, asked, &n_work);
    int *iwork = ATT_NEW(scratch, int, (size_t)n_iwork);

    if (a == NULL || b == NULL || s == NULL || work == NULL || iwork == NULL)
        return att_arena_fail(scratch, "the work space of least squares", err);
    info =
        LAPACKE_dgelsd_work(LAPACK_COL_MAJOR, blas_int(m), blas_int(n),
                            blas_int(k), a, blas_stride(m), b, blas_stride(ld),
                            s, p->rcond, &rank, work, n_work, iwork);
    ATT_TRY(lapack_status(info, "least squares", err));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < k; j++)
            att_mat_row(p->x, i)[j] = b[j * ld + i];
    }
    p->rank = (size_t)rank;
    return ATT_OK;
}

att_status att_lstsq(struct att_lstsq *p, struct att_arena *scratch,
                     struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);

    assert(p->a.rows == p->b.rows && p->x.rows == p->a.cols);
    assert(p->x.cols == p->b.cols);
    const att_status status = lstsq_in(p, scratch, err);

    att_arena_rewind(scratch, mark);
    return status;
}

/* A symmetric matrix is its own transpose; column-major eigenvectors in
 * columns are row-major ones in rows. */
static att_status eigen_in(struct att_mat a, double *w,
                           struct att_arena *scratch, struct att_error *err)
{
    const int n = blas_int(a.rows);
    double asked = 0.0;
    int n_iwork = 0;
    int n_work = 0;

    int info =
        LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, a.data,
                            blas_stride(a.stride), w, &asked, -1, &n_iwork, -1);
    ATT_TRY(lapack_status(info, "the eigenvalues", err));
    double *work = workspace(scratch, asked, &n_work);
    int *iwork = ATT_NEW(scratch, int, (size_t)n_iwork);

    if (work == NULL || iwork == NULL)
        return att_arena_fail(scratch, "the work space of eigenvalues", err);
    info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, a.data,
                               blas_stride(a.stride), w, work, n_work, iwork,
                               n_iwork);
    return lapack_status(info, "the eigenvalues", err);
}

att_status att_eigen(struct att_mat a, double *w, struct att_arena *scratch,
                     struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);

    assert(a.rows == a.cols);
    const att_status status = eigen_in(a, w, scratch, err);

    att_arena_rewind(scratch, mark);
    return status;
}

#else /* no LAPACKE */

static att_status no_lapacke(struct att_error *err)
{
    return att_fail(err, ATT_E_UNSUPPORTED,
                    "this build has no LAPACKE: install liblapacke-dev and "
                    "build again");
}

att_status att_svd(struct att_mat a, struct att_mat u, double *s,
                   struct att_mat vt, struct att_arena *scratch,
                   struct att_error *err)
{
    (void)a, (void)u, (void)s, (void)vt, (void)scratch;
    return no_lapacke(err);
}

att_status att_null_vector(struct att_mat a, double *x, double *residual,
                           struct att_arena *scratch, struct att_error *err)
{
    (void)a, (void)x, (void)residual, (void)scratch;
    return no_lapacke(err);
}

att_status att_orthonormalize(struct att_mat a, struct att_arena *scratch,
                              struct att_error *err)
{
    (void)a, (void)scratch;
    return no_lapacke(err);
}

att_status att_lstsq(struct att_lstsq *p, struct att_arena *scratch,
                     struct att_error *err)
{
    (void)p, (void)scratch;
    return no_lapacke(err);
}

att_status att_eigen(struct att_mat a, double *w, struct att_arena *scratch,
                     struct att_error *err)
{
    (void)a, (void)w, (void)scratch;
    return no_lapacke(err);
}
#endif
