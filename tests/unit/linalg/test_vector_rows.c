/* test_vector_rows.c - sums of rows, softmax and the parabola: the contract of
 * linalg/vector.h, word for word, in every instruction set. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "attest/base/rng.h"
#include "attest/linalg/vector.h"
#include "vector_case.h"

enum { ROWS = 11, WIDEST = 75, OFFSETS = 3, STRIDE = WIDEST + OFFSETS + 2 };
enum { LONGEST = 140 };

static double cell[ROWS * STRIDE], weight[ROWS], number[LONGEST + OFFSETS];
static double one[LONGEST];
static float one_f[LONGEST];
static float cell_f[ROWS * STRIDE], weight_f[ROWS], number_f[LONGEST + OFFSETS];

/* Numbers of very different size, so that every change of order shows. */
static int fill(void)
{
    const struct att_stream s = att_stream(11, 1, 0, 0);

    for (size_t k = 0; k < ROWS * STRIDE; k++) {
        cell[k] = att_stream_normal(&s, k) * exp2((double)(k % 40) - 20.0);
        cell_f[k] = (float)cell[k];
    }
    for (size_t i = 0; i < ROWS; i++) {
        weight[i] = att_stream_normal(&s, 10000 + i);
        weight_f[i] = (float)weight[i];
    }
    for (size_t k = 0; k < LONGEST + OFFSETS; k++) {
        number[k] = 9.0 * att_stream_normal(&s, 20000 + k);
        number_f[k] = (float)number[k];
    }
    for (size_t k = 0; k < LONGEST; k++) {
        one[k] = 1.0;
        one_f[k] = 1.0F;
    }
    return 0;
}

/* ---- sums of rows ------------------------------------------------------------- */

static struct att_mat matrix(size_t cols, size_t offset)
{
    return (struct att_mat){cell + offset, ROWS, cols, STRIDE};
}

static struct att_matf matrix_f(size_t cols, size_t offset)
{
    return (struct att_matf){cell_f + offset, ROWS, cols, STRIDE};
}

static double combined(struct att_mat m, size_t j)
{
    double sum[4] = {0};

    for (size_t i = 0; i < m.rows; i++) {
        const double product = weight[i] * att_mat_row(m, i)[j];

        sum[i % 4] += product;
    }
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

static float combined_f(struct att_matf m, size_t j)
{
    float sum[4] = {0};

    for (size_t i = 0; i < m.rows; i++) {
        const float product = weight_f[i] * att_matf_row(m, i)[j];

        sum[i % 4] += product;
    }
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

static void check_combine(void)
{
    for (size_t cols = 0; cols <= WIDEST; cols++) {
        const size_t at = cols % OFFSETS; /* any address */
        const struct att_mat m = matrix(cols, at);
        const struct att_matf f = matrix_f(cols, at);
        double out[WIDEST + 2 * OFFSETS];
        float out_f[WIDEST + 2 * OFFSETS];

        out[at + cols] = -7.0;
        out_f[at + cols] = -7.0F;
        att_combine(m, weight, out + at);
        att_combinef(f, weight_f, out_f + at);
        for (size_t j = 0; j < cols; j++) {
            CU_ASSERT(same(out[at + j], combined(m, j)));
            CU_ASSERT(samef(out_f[at + j], combined_f(f, j)));
        }
        CU_ASSERT_EQUAL(out[at + cols], -7.0); /* nothing beyond */
        CU_ASSERT_EQUAL(out_f[at + cols], -7.0F);
    }
}

static void weighted_rows_are_added_in_four_sums(void)
{
    for_every_isa(check_combine);
}

static void rows_that_are_not_there_add_up_to_zero(void)
{
    struct att_mat m = matrix(5, 0);
    double out[5] = {1, 1, 1, 1, 1};

    m.rows = 0;
    att_combine(m, weight, out);
    for (size_t j = 0; j < 5; j++)
        CU_ASSERT(same(out[j], 0.0));
}

static const uint32_t PICK[] = {3, 0, 10, 3, 7, 1};
enum { N_PICK = sizeof PICK / sizeof PICK[0] };

static double mixed(struct att_mat m, size_t n, size_t j)
{
    double sum = 0.0;

    for (size_t k = 0; k < n; k++) {
        const double product = weight[k] * att_mat_row(m, PICK[k])[j];

        sum += product;
    }
    return sum;
}

static float mixed_f(struct att_matf m, size_t n, size_t j)
{
    float sum = 0.0F;

    for (size_t k = 0; k < n; k++) {
        const float product = (float)weight[k] * att_matf_row(m, PICK[k])[j];

        sum += product;
    }
    return sum;
}

static void check_mix(void)
{
    for (size_t cols = 0; cols <= WIDEST; cols++) {
        const size_t at = cols % OFFSETS;
        const size_t n = cols % (N_PICK + 1);
        const struct att_mat m = matrix(cols, at);
        const struct att_matf f = matrix_f(cols, at);
        double out[WIDEST + 2 * OFFSETS];
        float out_f[WIDEST + 2 * OFFSETS];

        out[at + cols] = -7.0;
        out_f[at + cols] = -7.0F;
        att_mix(m, PICK, weight, n, out + at);
        att_mixf(f, PICK, weight, n, out_f + at);
        for (size_t j = 0; j < cols; j++) {
            CU_ASSERT(same(out[at + j], mixed(m, n, j)));
            CU_ASSERT(samef(out_f[at + j], mixed_f(f, n, j)));
        }
        CU_ASSERT_EQUAL(out[at + cols], -7.0);
        CU_ASSERT_EQUAL(out_f[at + cols], -7.0F);
    }
}

static void picked_rows_are_added_in_their_order(void)
{
    for_every_isa(check_mix);
}

/* ---- softmax -------------------------------------------------------------------- */

static void check_exp_sums(void)
{
    for (size_t n = 1; n <= LONGEST; n++) {
        const double *a = number + n % OFFSETS;
        const double most = att_max(n, a);
        double e[LONGEST + 1], sums[2];

        e[n] = -7.0;
        att_exp_sums(n, a, e, sums);
        for (size_t k = 0; k < n; k++) {
            const double below = a[k] - most;
            double alone;

            att_vexp(1, &below, &alone);
            CU_ASSERT(same(e[k], alone));
        }
        CU_ASSERT(same(sums[0], reference_dot(n, e, one)));
        CU_ASSERT(same(sums[1], reference_dot(n, e, e)));
        CU_ASSERT_EQUAL(e[n], -7.0);
    }
}

/* What e is does not depend on the number's place: with the largest number and
 * itself alone it is the same. */
static void check_exp_sumsf(void)
{
    for (size_t n = 1; n <= LONGEST; n++) {
        const float *a = number_f + n % OFFSETS;
        const float most = att_maxf(n, a);
        float e[LONGEST + 1], sums[2];

        e[n] = -7.0F;
        att_exp_sumsf(n, a, e, sums);
        for (size_t k = 0; k < n; k++) {
            const float pair[2] = {a[k], most};
            float alone[2], ignored[2];

            att_exp_sumsf(2, pair, alone, ignored);
            CU_ASSERT(samef(e[k], alone[0]));
        }
        CU_ASSERT(samef(sums[0], reference_dotf(n, e, one_f)));
        CU_ASSERT(samef(sums[1], reference_dotf(n, e, e)));
        CU_ASSERT_EQUAL(e[n], -7.0F);
    }
}

static void exponentials_are_added_in_the_order_of_sum(void)
{
    for_every_isa(check_exp_sums);
    for_every_isa(check_exp_sumsf);
}

/* 2 ulp are at most 2 FLT_EPSILON of the result. */
static void check_exp_below(void)
{
    enum { STEPS = 4000 };

    for (size_t k = 0; k <= STEPS; k++) {
        const float a[2] = {-87.0F * (float)k / STEPS, 0.0F};
        float e[2], sums[2];

        att_exp_sumsf(2, a, e, sums);
        const double exact = exp((double)a[0]);

        CU_ASSERT(fabs((double)e[0] - exact) <=
                  2.0 * (double)FLT_EPSILON * exact);
        CU_ASSERT_EQUAL(e[1], 1.0F);
    }
}

static void single_exponentials_are_within_two_ulp(void)
{
    for_every_isa(check_exp_below);
}

static void check_far_below(void)
{
    const float a[5] = {3.0F, -84.001F, -1e4F, -INFINITY, -3e38F};
    float e[5], sums[2];

    att_exp_sumsf(5, a, e, sums);
    CU_ASSERT_EQUAL(e[0], 1.0F);
    for (size_t k = 1; k < 5; k++)
        CU_ASSERT(samef(e[k], 0.0F));
    CU_ASSERT_EQUAL(sums[0], 1.0F);
    CU_ASSERT_EQUAL(sums[1], 1.0F);
}

static void what_lies_far_below_the_largest_is_zero(void)
{
    for_every_isa(check_far_below);
}

static void check_softmax(void)
{
    for (size_t n = 1; n <= LONGEST; n++) {
        double e[LONGEST], s[LONGEST], sums[2];
        float e_f[LONGEST], s_f[LONGEST], sums_f[2];

        memcpy(s, number, n * sizeof *s);
        memcpy(s_f, number_f, n * sizeof *s_f);
        att_exp_sums(n, number, e, sums);
        att_exp_sumsf(n, number_f, e_f, sums_f);
        const double by = 1.0 / sums[0];
        const float by_f = 1.0F / sums_f[0];

        CU_ASSERT(same(att_softmax(n, s, s), sums[1] * by * by));
        CU_ASSERT(samef(att_softmaxf(n, s_f, s_f), sums_f[1] * by_f * by_f));
        for (size_t k = 0; k < n; k++) {
            CU_ASSERT(same(s[k], e[k] * by));
            CU_ASSERT(samef(s_f[k], e_f[k] * by_f));
        }
    }
}

static void softmax_divides_by_the_sum_in_place(void)
{
    for_every_isa(check_softmax);
}

static void check_parabola(void)
{
    double out[LONGEST];
    float out_f[LONGEST];

    memcpy(out, number, sizeof out);
    memcpy(out_f, number_f, sizeof out_f);
    att_parabola(LONGEST, out, 0.3, 0.7, out);
    att_parabolaf(LONGEST, out_f, 0.3F, 0.7F, out_f);
    for (size_t k = 0; k < LONGEST; k++) {
        const double slope = 0.3 * number[k];
        const float slope_f = 0.3F * number_f[k];

        CU_ASSERT(same(out[k], number[k] * (slope - 0.7)));
        CU_ASSERT(samef(out_f[k], number_f[k] * (slope_f - 0.7F)));
    }
}

static void the_parabola_rounds_every_product(void)
{
    for_every_isa(check_parabola);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"weighted rows are added in four sums",
         weighted_rows_are_added_in_four_sums},
        {"rows that are not there add up to zero",
         rows_that_are_not_there_add_up_to_zero},
        {"picked rows are added in their order",
         picked_rows_are_added_in_their_order},
        {"exponentials are added in the order of sum",
         exponentials_are_added_in_the_order_of_sum},
        {"single exponentials are within two ulp",
         single_exponentials_are_within_two_ulp},
        {"what lies far below the largest is zero",
         what_lies_far_below_the_largest_is_zero},
        {"softmax divides by the sum in place",
         softmax_divides_by_the_sum_in_place},
        {"the parabola rounds every product",
         the_parabola_rounds_every_product},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("vector_rows", fill, NULL, tests);
}
