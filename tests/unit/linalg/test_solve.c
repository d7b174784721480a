/* test_solve.c - Cholesky by hand, on random Gram matrices, and refused. */
#include "attest/linalg/solve.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "attest/base/rng.h"
#include "attest/linalg/cpu.h"
#include "unit.h"

/* [4 2 2; 2 5 3; 2 3 6] = L L^T with L = [2; 1 2; 1 1 2], by hand. */
static void a_factor_known_by_hand(void)
{
    double a[9] = {4, -9, -9, 2, 5, -9, 2, 3, 6}; /* upper part is not read */
    static const double factor[9] = {2, 0, 0, 1, 2, 0, 1, 1, 2};
    double x[3] = {8, 10, 11}; /* A (1, 1, 1) */
    struct att_cholesky_report report;
    const struct att_mat m = {a, 3, 3, 3};

    CU_ASSERT_EQUAL_FATAL(att_cholesky(m, 0.0, &report, NULL), ATT_OK);
    CU_ASSERT_EQUAL(memcmp(a, factor, sizeof a), 0);
    CU_ASSERT_EQUAL(report.min_pivot, 4.0);
    CU_ASSERT_EQUAL(report.at, 0);
    att_cholesky_solve(m, x);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(x[i], 1.0);
}

static void a_small_pivot_is_refused_and_named(void)
{
    double a[4] = {1, 0, 1, 1.0 + 0x1p-20};
    struct att_cholesky_report report;
    struct att_error err = {0};
    const struct att_mat m = {a, 2, 2, 2};

    CU_ASSERT_EQUAL(att_cholesky(m, 1e-6, &report, &err), ATT_E_NUMERIC);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "pivot 9.54e-07 of row 1 is not above 1e-06");
    CU_ASSERT_EQUAL(report.min_pivot, 0x1p-20);
    CU_ASSERT_EQUAL(report.at, 1);
}

static void what_is_not_definite_or_not_a_number_is_refused(void)
{
    double indefinite[4] = {1, 0, 2, 1};
    double nan_matrix[1] = {NAN};

    CU_ASSERT_EQUAL(
        att_cholesky((struct att_mat){indefinite, 2, 2, 2}, 0.0, NULL, NULL),
        ATT_E_NUMERIC);
    CU_ASSERT_EQUAL(
        att_cholesky((struct att_mat){nan_matrix, 1, 1, 1}, 0.0, NULL, NULL),
        ATT_E_NUMERIC);
}

enum { N = 30 };

/* G = Y Y^T + I of integers: symmetric, eigenvalues at least 1. */
static void gram(double g[N * N])
{
    const struct att_stream s = att_stream(5, 1, 0, 0);

    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            g[i * N + j] = i == j ? 1.0 : 0.0;
            for (size_t k = 0; k < 8; k++) {
                g[i * N + j] +=
                    ((double)att_stream_below(&s, i * 8 + k, 9) - 4) *
                    ((double)att_stream_below(&s, j * 8 + k, 9) - 4);
            }
        }
    }
}

/* Backward stable (Higham 2002, theorem 10.4): the computed x solves a system
 * with |dA| <= 4 n u' |L||L^T| / (1 - 4 n u'), and |L||L^T| <= n max|A| in
 * every entry, so |A x - b| <= 4 n^2 u max|A| |x|_1 with room for 1/(1-..). */
static void a_solution_has_a_small_residual(void)
{
    double g[N * N], a[N * N], b[N], x[N];
    double largest = 0.0, norm = 0.0;

    gram(g);
    memcpy(a, g, sizeof a);
    for (size_t i = 0; i < N; i++)
        b[i] = x[i] = cos((double)i);
    CU_ASSERT_EQUAL_FATAL(
        att_cholesky((struct att_mat){a, N, N, N}, 0.0, NULL, NULL), ATT_OK);
    att_cholesky_solve((struct att_mat){a, N, N, N}, x);
    for (size_t i = 0; i < N * N; i++)
        largest = fmax(largest, fabs(g[i]));
    for (size_t i = 0; i < N; i++)
        norm += fabs(x[i]);
    for (size_t i = 0; i < N; i++) {
        double r = -b[i];

        for (size_t j = 0; j < N; j++)
            r += g[i * N + j] * x[j];
        CU_ASSERT(fabs(r) <= 4 * N * N * DBL_EPSILON * largest * norm);
    }
}

static void the_bits_are_the_same_in_every_set(void)
{
    double first[N * N], a[N * N];

    gram(first);
    CU_ASSERT_EQUAL_FATAL(att_isa_pin(ATT_ISA_PORTABLE, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(
        att_cholesky((struct att_mat){first, N, N, N}, 0.0, NULL, NULL),
        ATT_OK);
    for (int isa = 1; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        gram(a);
        CU_ASSERT_EQUAL_FATAL(
            att_cholesky((struct att_mat){a, N, N, N}, 0.0, NULL, NULL),
            ATT_OK);
        CU_ASSERT_EQUAL(memcmp(a, first, sizeof a), 0);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a factor known by hand", a_factor_known_by_hand},
        {"a small pivot is refused and named",
         a_small_pivot_is_refused_and_named},
        {"what is not definite or not a number is refused",
         what_is_not_definite_or_not_a_number_is_refused},
        {"a solution has a small residual", a_solution_has_a_small_residual},
        {"the bits are the same in every set",
         the_bits_are_the_same_in_every_set},
        CU_TEST_INFO_NULL,
    };

    return unit_run("solve", tests);
}
