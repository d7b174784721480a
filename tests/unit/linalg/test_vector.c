/* test_vector.c - every instruction set gives the bits of the contract. */
#include "attest/linalg/vector.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "attest/base/rng.h"
#include "vector_case.h"

enum { LONGEST = 300 };

static double x[LONGEST + 8], y[LONGEST + 8];
static float xf[LONGEST + 8], yf[LONGEST + 8];

/* Numbers of very different size, so that every change of order shows. */
static int fill(void)
{
    const struct att_stream s = att_stream(7, 1, 0, 0);
    const struct att_stream t = att_stream(7, 1, 0, 1);

    for (size_t k = 0; k < LONGEST + 8; k++) {
        x[k] = att_stream_normal(&s, k) * exp2((double)(k % 40) - 20.0);
        y[k] = att_stream_normal(&t, k);
        xf[k] = (float)x[k];
        yf[k] = (float)y[k];
    }
    return 0;
}

static void check_dot(void)
{
    double one[LONGEST + 8];
    float onef[LONGEST + 8];

    for (size_t k = 0; k < LONGEST + 8; k++) {
        one[k] = 1.0;
        onef[k] = 1.0F;
    }
    for (size_t n = 0; n <= LONGEST; n++) {
        for (size_t o = 0; o < 3; o++) { /* any address */
            CU_ASSERT(same(att_dot(n, x + o, y), reference_dot(n, x + o, y)));
            CU_ASSERT(
                samef(att_dotf(n, xf, yf + o), reference_dotf(n, xf, yf + o)));
            CU_ASSERT(same(att_sum(n, x + o), reference_dot(n, x + o, one)));
            CU_ASSERT(
                samef(att_sumf(n, xf + o), reference_dotf(n, xf + o, onef)));
        }
    }
}

static void dot_and_sum_have_the_bits_of_the_contract(void)
{
    for_every_isa(check_dot);
}

/* Few columns have code of their own. */
static void check_project(void)
{
    enum { ROWS = 7, STRIDE = 41 };
    static const size_t columns[] = {1, 2, 3, 4, 5, 8, 16, 37};

    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        const size_t n = columns[c];
        const struct att_mat a = {x, ROWS, n, STRIDE};
        const struct att_matf f = {xf, ROWS, n, STRIDE};
        double out[ROWS];
        float outf[ROWS];

        att_project(a, y, out);
        att_projectf(f, yf, outf);
        for (size_t i = 0; i < ROWS; i++) {
            CU_ASSERT(same(out[i], reference_dot(n, att_mat_row(a, i), y)));
            CU_ASSERT(
                samef(outf[i], reference_dotf(n, att_matf_row(f, i), yf)));
        }
    }
}

/* All products -0: lanes that start from 0 give +0. */
static void check_zeros(void)
{
    static const size_t columns[] = {1, 2, 3, 4, 8, 16};
    double zero[16], minus[16], out[1];

    for (size_t k = 0; k < 16; k++) {
        zero[k] = 0.0;
        minus[k] = -1.0;
    }
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        const struct att_mat a = {zero, 1, columns[c], 16};

        att_project(a, minus, out);
        CU_ASSERT(same(out[0], 0.0));
    }
}

/* Every third number is 2, in runs of all lengths, at any address. */
static void check_count(void)
{
    double a[70];
    float f[70];

    for (size_t n = 0; n <= 67; n++) {
        const size_t at = n % 4;

        for (size_t k = 0; k < 70; k++) {
            a[k] = 2.0; /* what lies beside is not counted */
            f[k] = 2.0F;
        }
        for (size_t k = 0; k < n; k++) {
            a[at + k] = k % 3 == 0 ? 2.0 : (double)k + 4.0;
            f[at + k] = (float)a[at + k];
        }
        CU_ASSERT_EQUAL(att_count_equal(n, a + at, 2.0), (n + 2) / 3);
        CU_ASSERT_EQUAL(att_count_equalf(n, f + at, 2.0F), (n + 2) / 3);
    }
    CU_ASSERT_EQUAL(att_count_equal(67, a, (double)NAN), 0);
}

static void equal_numbers_are_counted(void)
{
    for_every_isa(check_count);
}

/* Rows end to end, more of them than a register or a part of a sum holds. */
static void check_rows_end_to_end(void)
{
    enum { MOST = 150 };
    static const struct {
        size_t rows, cols;
    } shape[] = {{MOST, 1}, {MOST, 2}, {37, 4}, {32, 8}, {37, 8}};

    for (size_t k = 0; k < sizeof shape / sizeof shape[0]; k++) {
        const size_t rows = shape[k].rows, n = shape[k].cols;
        const struct att_mat a = att_mat_view(x, rows, n);
        const struct att_matf f = att_matf_view(xf, rows, n);
        double out[MOST], sum[MOST];
        float outf[MOST], sumf[MOST];

        for (size_t i = 0; i < rows; i++) {
            sum[i] = y[i];
            sumf[i] = yf[i];
        }
        att_project(a, y, out);
        att_project_add(a, y, sum);
        att_projectf(f, yf, outf);
        att_project_addf(f, yf, sumf);
        for (size_t i = 0; i < rows; i++) {
            const double dot = reference_dot(n, att_mat_row(a, i), y);
            const float dotf = reference_dotf(n, att_matf_row(f, i), yf);

            CU_ASSERT(same(out[i], dot));
            CU_ASSERT(same(sum[i], y[i] + dot));
            CU_ASSERT(samef(outf[i], dotf));
            CU_ASSERT(samef(sumf[i], yf[i] + dotf));
        }
    }
}

static void a_projection_has_the_bits_of_dot(void)
{
    for_every_isa(check_project);
    for_every_isa(check_rows_end_to_end);
    for_every_isa(check_zeros);
}

static void check_axpy_and_max(void)
{
    double z[LONGEST], largest = x[0];
    float zf[LONGEST], largestf = xf[0];

    memcpy(z, y, sizeof z);
    memcpy(zf, yf, sizeof zf);
    att_axpy(LONGEST, 0.3, x, z);
    att_axpyf(LONGEST, 0.3F, xf, zf);
    for (size_t k = 0; k < LONGEST; k++) {
        const double product = 0.3 * x[k];
        const float productf = 0.3F * xf[k];

        CU_ASSERT(same(z[k], y[k] + product));
        CU_ASSERT(samef(zf[k], yf[k] + productf));
        largest = fmax(largest, x[k]);
        largestf = fmaxf(largestf, xf[k]);
        CU_ASSERT(same(att_max(k + 1, x), largest));
        CU_ASSERT(samef(att_maxf(k + 1, xf), largestf));
    }
}

static void axpy_rounds_the_product_and_max_is_exact(void)
{
    for_every_isa(check_axpy_and_max);
}

static void check_largest_zero(void)
{
    double zeros[70];
    float zeros_f[70];

    for (size_t k = 0; k < 70; k++) {
        zeros[k] = k == 0 ? -1.0 : -0.0;
        zeros_f[k] = (float)zeros[k];
    }
    for (size_t n = 2; n <= 70; n++) {
        CU_ASSERT(same(att_max(n, zeros), 0.0));
        CU_ASSERT(samef(att_maxf(n, zeros_f), 0.0F));
    }
}

static void the_largest_of_zeros_is_plus_zero(void)
{
    for_every_isa(check_largest_zero);
}

typedef void vector_fn(size_t n, const double *x, double *out);

static const struct {
    const char *name;
    vector_fn *f;
    double (*libm)(double);
    double from, to; /* within the documented range */
} FUNCTIONS[] = {
    {"exp", att_vexp, exp, -740, 709},
    {"log", att_vlog, log, 1e-300, 1e300},
    {"sin", att_vsin, sin, -1e6, 1e6},
    {"cos", att_vcos, cos, -1e6, 1e6},
};
enum { N_FUNCTIONS = sizeof FUNCTIONS / sizeof FUNCTIONS[0], POINTS = 999 };

/* Points over the range, evenly for narrow ones and by ratio for wide ones. */
static double point(double from, double to, size_t k)
{
    const double t = ((double)k + 0.5) / POINTS;

    return from > 0 ? from * pow(to, t) * pow(from, -t)
                    : from + (to - from) * t;
}

static void elementary_functions_agree_in_every_set(void)
{
    static double in[POINTS], out[ATT_ISAS][POINTS];

    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        for (size_t k = 0; k < POINTS; k++)
            in[k] = point(FUNCTIONS[i].from, FUNCTIONS[i].to, k);
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            FUNCTIONS[i].f(POINTS, in, out[isa]);
            CU_ASSERT_EQUAL(memcmp(out[0], out[isa], sizeof out[0]), 0);
        }
    }
}

/* libm's double functions err by less than 1 ulp (glibc manual), ours by 1. */
static void elementary_functions_are_within_their_error(void)
{
    double in[1], out[1];

    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        for (size_t k = 0; k < POINTS; k++) {
            in[0] = point(FUNCTIONS[i].from, FUNCTIONS[i].to, k);
            FUNCTIONS[i].f(1, in, out);

            const double exact = FUNCTIONS[i].libm(in[0]);

            CU_ASSERT(fabs(out[0] - exact) <=
                      2 * DBL_EPSILON * fabs(exact) + DBL_TRUE_MIN);
        }
    }
}

static void check_places(void)
{
    double in_place[LONGEST];
    double small[LONGEST];

    for (size_t k = 0; k < LONGEST; k++)
        small[k] = y[k];
    for (size_t n = 0; n <= 40; n++) {
        memcpy(in_place, small, sizeof in_place);
        att_vexp(n, in_place, in_place);
        for (size_t k = 0; k < n; k++) {
            double alone;

            att_vexp(1, small + k, &alone);
            CU_ASSERT(same(in_place[k], alone));
        }
        CU_ASSERT(same(in_place[n], small[n])); /* nothing beyond n */
    }
}

static void a_number_is_mapped_alike_at_every_place(void)
{
    for_every_isa(check_places);
}

static void exp_underflows_to_zero_and_overflows_to_infinity(void)
{
    const double in[4] = {-750.0, 0.0, 710.0, -INFINITY};
    double out[4];

    att_vexp(4, in, out);
    CU_ASSERT_EQUAL(out[0], 0.0);
    CU_ASSERT_EQUAL(out[1], 1.0);
    CU_ASSERT(isinf(out[2]));
    CU_ASSERT_EQUAL(out[3], 0.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"dot and sum have the bits of the contract",
         dot_and_sum_have_the_bits_of_the_contract},
        {"equal numbers are counted", equal_numbers_are_counted},
        {"a projection has the bits of dot", a_projection_has_the_bits_of_dot},
        {"axpy rounds the product and max is exact",
         axpy_rounds_the_product_and_max_is_exact},
        {"the largest of zeros is plus zero",
         the_largest_of_zeros_is_plus_zero},
        {"elementary functions agree in every set",
         elementary_functions_agree_in_every_set},
        {"elementary functions are within their error",
         elementary_functions_are_within_their_error},
        {"a number is mapped alike at every place",
         a_number_is_mapped_alike_at_every_place},
        {"exp underflows to zero and overflows to infinity",
         exp_underflows_to_zero_and_overflows_to_infinity},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("vector", fill, NULL, tests);
}
