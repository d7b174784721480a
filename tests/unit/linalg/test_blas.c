/* test_blas.c - the BLAS against plain loops, factorisations against what
 * they promise. */
#include "attest/linalg/blas.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "attest/base/rng.h"
#include "unit.h"

static struct att_arena *arena;

static int start(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int stop(void)
{
    att_arena_destroy(arena);
    return 0;
}

/* Small integers, so that every order of summation gives the same bits; a
 * stride that leaves a gap. */
static struct att_mat integers(size_t rows, size_t cols, uint32_t item)
{
    const struct att_stream s = att_stream(11, 1, 0, item);
    struct att_mat m = att_mat_new(arena, rows, cols + 3);

    CU_ASSERT_PTR_NOT_NULL_FATAL(m.data);
    for (size_t i = 0; i < rows * (cols + 3); i++)
        m.data[i] = (double)att_stream_below(&s, i, 17) - 8.0;
    m.cols = cols;
    return m;
}

static struct att_matf to_float(struct att_mat m)
{
    struct att_matf f = att_matf_new(arena, m.rows, m.cols);

    CU_ASSERT_PTR_NOT_NULL_FATAL(f.data);
    for (size_t i = 0; i < m.rows; i++) {
        for (size_t j = 0; j < m.cols; j++)
            att_matf_row(f, i)[j] = (float)att_mat_row(m, i)[j];
    }
    return f;
}

static double at(struct att_mat m, bool transposed, size_t i, size_t j)
{
    return transposed ? att_mat_row(m, j)[i] : att_mat_row(m, i)[j];
}

/* Entry (i, j) of op(a) op(b), by the definition. */
static double product(struct att_mat a, bool a_t, struct att_mat b, bool b_t,
                      size_t i, size_t j)
{
    const size_t n = a_t ? a.rows : a.cols;
    double sum = 0.0;

    for (size_t k = 0; k < n; k++)
        sum += at(a, a_t, i, k) * at(b, b_t, k, j);
    return sum;
}

static void gemm_is_the_product_in_every_orientation(void)
{
    enum { M = 7, K = 5, N = 6 };

    for (int t = 0; t < 4; t++) {
        const bool a_t = (t & 1) != 0;
        const bool b_t = (t & 2) != 0;
        const struct att_mat a = a_t ? integers(K, M, 1) : integers(M, K, 1);
        const struct att_mat b = b_t ? integers(N, K, 2) : integers(K, N, 2);
        const struct att_mat old = integers(M, N, 3);
        const struct att_mat c = integers(M, N, 3);
        const struct att_matf f = to_float(c);

        att_gemm(a, a_t, b, b_t, 2.0, c);
        att_gemmf(to_float(a), a_t, to_float(b), b_t, 2.0F, f);
        for (size_t i = 0; i < M; i++) {
            for (size_t j = 0; j < N; j++) {
                const double plain = product(a, a_t, b, b_t, i, j) +
                                     2.0 * att_mat_row(old, i)[j];

                CU_ASSERT_EQUAL(att_mat_row(c, i)[j], plain);
                CU_ASSERT_EQUAL((double)att_matf_row(f, i)[j], plain);
            }
            /* the gap between rows is left alone */
            CU_ASSERT_EQUAL(att_mat_row(c, i)[N], att_mat_row(old, i)[N]);
        }
    }
}

static void gemm_with_beta_zero_overwrites_what_is_no_number(void)
{
    const struct att_mat a = integers(3, 3, 1);
    const struct att_mat c = att_mat_new(arena, 3, 3);

    for (size_t i = 0; i < 9; i++)
        c.data[i] = NAN;
    att_gemm(a, false, a, false, 0.0, c);
    for (size_t i = 0; i < 9; i++)
        CU_ASSERT_FALSE(isnan(c.data[i]));
}

static void gemv_and_syrk_are_products_too(void)
{
    enum { M = 6, N = 9 };
    const struct att_mat a = integers(M, N, 4);
    const struct att_mat v = integers(1, N, 5);
    const struct att_mat c = integers(M, M, 6);
    const struct att_mat ct = integers(N, N, 6);
    const struct att_matf vf = to_float(v);
    double y[N];
    float yf[N];

    att_gemv(a, false, v.data, 0.0, y);
    att_gemvf(to_float(a), false, vf.data, 0.0F, yf);
    for (size_t i = 0; i < M; i++) {
        CU_ASSERT_EQUAL(y[i], product(a, false, v, true, i, 0));
        CU_ASSERT_EQUAL((double)yf[i], y[i]);
    }
    att_gemv(a, true, v.data, 0.0, y);
    for (size_t i = 0; i < N; i++) {
        const struct att_mat head = {v.data, 1, M, v.stride};

        CU_ASSERT_EQUAL(y[i], product(a, true, head, true, i, 0));
    }
    att_syrk(a, false, 0.0, c);
    att_syrk(a, true, 0.0, ct);
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < M; j++)
            CU_ASSERT_EQUAL(at(c, false, i, j),
                            product(a, false, a, true, i, j));
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++)
            CU_ASSERT_EQUAL(at(ct, false, i, j),
                            product(a, true, a, false, i, j));
    }
}

static void products_without_terms_are_zero(void)
{
    const struct att_mat a = att_mat_new(arena, 2, 0);
    const struct att_mat c = integers(2, 2, 7);

    att_gemm(a, false, a, true, 0.0, c);
    CU_ASSERT_EQUAL(at(c, false, 1, 1), 0.0);
}

#if ATT_HAVE_LAPACKE
static struct att_mat gaussian(size_t rows, size_t cols, uint32_t item)
{
    const struct att_stream s = att_stream(12, 1, 0, item);
    struct att_mat m = integers(rows, cols, item);

    for (size_t i = 0; i < rows; i++)
        att_stream_normals(&s, i * cols, cols, att_mat_row(m, i));
    return m;
}

/* Rows (columns for Q) are orthonormal and factors multiply back: LAPACK's
 * factorisations are backward stable with a constant of the order of the size
 * (Anderson et al. 1999, section 4); 64 n u leaves an order of magnitude. */
static double tolerance(size_t n)
{
    return 64.0 * (double)n * DBL_EPSILON;
}

static void check_svd(size_t m, size_t n)
{
    const size_t r = m < n ? m : n;
    const struct att_mat a = gaussian(m, n, 8);
    const struct att_mat u = integers(m, r, 1);
    const struct att_mat vt = integers(r, n, 1);
    double s[16];

    CU_ASSERT_EQUAL_FATAL(att_svd(a, u, s, vt, arena, NULL), ATT_OK);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double back = 0.0;

            for (size_t k = 0; k < r; k++)
                back += at(u, false, i, k) * s[k] * at(vt, false, k, j);
            CU_ASSERT(fabs(back - at(a, false, i, j)) <=
                      tolerance(m + n) * s[0]);
        }
    }
    for (size_t k = 0; k < r; k++) {
        CU_ASSERT(k == 0 || s[k] <= s[k - 1]);
        CU_ASSERT(fabs(product(vt, false, vt, true, k, k) - 1.0) <=
                  tolerance(n));
        CU_ASSERT(fabs(product(u, true, u, false, k, k) - 1.0) <= tolerance(m));
    }
}

static void an_svd_multiplies_back(void)
{
    check_svd(9, 5);
    check_svd(5, 9);
    check_svd(1, 4);
}

static void a_null_vector_is_in_the_null_space(void)
{
    const struct att_mat wide = gaussian(4, 6, 9);
    const double tall_data[6] = {1, 1, 2, 2, -3, -3}; /* null: (1, -1) */
    double data[6], x[6], residual = -1.0;

    CU_ASSERT_EQUAL_FATAL(att_null_vector(wide, x, &residual, arena, NULL),
                          ATT_OK);
    CU_ASSERT(residual <= tolerance(6) * 4.0); /* |a| is about 4 */

    memcpy(data, tall_data, sizeof data);
    CU_ASSERT_EQUAL_FATAL(att_null_vector((struct att_mat){data, 3, 2, 2}, x,
                                          &residual, arena, NULL),
                          ATT_OK);
    CU_ASSERT(residual <= tolerance(3) * 5.3);
    CU_ASSERT(fabs(x[0] + x[1]) <= tolerance(3));
    CU_ASSERT(fabs(fabs(x[0]) - sqrt(0.5)) <= tolerance(3));
}

static void an_orthonormal_basis_spans_the_columns(void)
{
    enum { M = 8, N = 5 };
    const struct att_mat a = gaussian(M, N, 10);
    const struct att_mat q = gaussian(M, N, 10);

    CU_ASSERT_EQUAL_FATAL(att_orthonormalize(q, arena, NULL), ATT_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            CU_ASSERT(fabs(product(q, true, q, false, i, j) - (i == j)) <=
                      tolerance(M));
            /* R = Q^T A is upper triangular with a positive diagonal */
            const double r = product(q, true, a, false, i, j);

            CU_ASSERT(i <= j || fabs(r) <= tolerance(M) * 8.0);
            CU_ASSERT(i != j || r > 0.0);
        }
    }
}

static void least_squares_has_the_least_norm(void)
{
    /* x + y = 2 has the least-norm solution (1, 1); twice the same equation
     * with different right sides, 1 and 3, averages to the same. */
    double a[4] = {1, 1, 1, 1}, b[2] = {1, 3}, x[2] = {0};
    struct att_lstsq p = {.a = {a, 2, 2, 2},
                          .b = {b, 2, 1, 1},
                          .x = {x, 2, 1, 1},
                          .rcond = 1e-12};

    CU_ASSERT_EQUAL_FATAL(att_lstsq(&p, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(p.rank, 1);
    CU_ASSERT(fabs(x[0] - 1.0) <= tolerance(2));
    CU_ASSERT(fabs(x[1] - 1.0) <= tolerance(2));
    CU_ASSERT_EQUAL(b[1], 3.0); /* kept */
}

static void eigenvalues_known_by_hand(void)
{
    double a[4] = {2, 1, 1, 2}, w[2];

    CU_ASSERT_EQUAL_FATAL(
        att_eigen((struct att_mat){a, 2, 2, 2}, w, arena, NULL), ATT_OK);
    CU_ASSERT(fabs(w[0] - 1.0) <= tolerance(2));
    CU_ASSERT(fabs(w[1] - 3.0) <= tolerance(2));
    CU_ASSERT(fabs(a[0] + a[1]) <= tolerance(2)); /* row 0: (1, -1) */
    CU_ASSERT(fabs(a[2] - a[3]) <= tolerance(2)); /* row 1: (1, 1) */
}

static void factorisations_without_memory_say_so(void)
{
    struct att_arena *small = att_arena_create(64);
    const struct att_mat a = gaussian(9, 9, 13);
    struct att_error err = {0};
    double x[9], residual;

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_EQUAL(att_null_vector(a, x, &residual, small, &err), ATT_E_NOMEM);
    CU_ASSERT_EQUAL(att_orthonormalize(a, small, NULL), ATT_E_NOMEM);
    CU_ASSERT_EQUAL(att_eigen(a, x, small, NULL), ATT_E_NOMEM);
    att_arena_destroy(small);
}
#else
static void a_factorisation_without_lapacke_says_so(void)
{
    const struct att_mat a = integers(2, 3, 8);
    struct att_error err = {0};
    double x[3], residual;

    CU_ASSERT_EQUAL(att_null_vector(a, x, &residual, arena, &err),
                    ATT_E_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "liblapacke-dev"));
}
#endif

static void the_blas_has_a_name_and_no_threads(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(att_blas_core());
    CU_ASSERT(strlen(att_blas_core()) > 0);
    CU_ASSERT_FALSE(att_blas_threaded());
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"gemm is the product in every orientation",
         gemm_is_the_product_in_every_orientation},
        {"gemm with beta zero overwrites what is no number",
         gemm_with_beta_zero_overwrites_what_is_no_number},
        {"gemv and syrk are products too", gemv_and_syrk_are_products_too},
        {"products without terms are zero", products_without_terms_are_zero},
#if ATT_HAVE_LAPACKE
        {"an SVD multiplies back", an_svd_multiplies_back},
        {"a null vector is in the null space",
         a_null_vector_is_in_the_null_space},
        {"an orthonormal basis spans the columns",
         an_orthonormal_basis_spans_the_columns},
        {"least squares has the least norm", least_squares_has_the_least_norm},
        {"eigenvalues known by hand", eigenvalues_known_by_hand},
        {"factorisations without memory say so",
         factorisations_without_memory_say_so},
#else
        {"a factorisation without LAPACKE says so",
         a_factorisation_without_lapacke_says_so},
#endif
        {"the BLAS has a name and no threads",
         the_blas_has_a_name_and_no_threads},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("blas", start, stop, tests);
}
