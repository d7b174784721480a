/* test_patterns_theory.c - closed forms against the specification's vectors. */
#include "../../../src/construction/patterns/patterns_theory_priv.h"

#include <math.h>

#include "unit.h"

static struct pat_point point(double L, double k)
{
    return (struct pat_point){.L = L, .k = k, .d1 = log(1.5), .t2 = log(10.0)};
}

static void sufficient_dimensions_are_those_of_v8(void)
{
    static const struct {
        double L, k, gamma, eps1, eps2, rows, svd;
    } v[] = {{1024, 1, 1, .5, .1, 383, 383},
             {1024, 2, 1, .5, .1, 23590, 46679},
             {1024, 8, 1, .5, .1, 92662, 732787},
             {4096, 4, 16, .5, .1, 221571, 880786},
             {1e5, 4, 1, .1, .01, 3921222, 15658337}};

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        const struct pat_point x = {.L = v[i].L,
                                    .k = v[i].k,
                                    .ln_gamma = log(v[i].gamma),
                                    .d1 = log1p(v[i].eps1),
                                    .t2 = -log(v[i].eps2)};

        CU_ASSERT_EQUAL(att_pat_d_jl(&x, 0.5, false), v[i].rows);
        CU_ASSERT_EQUAL(att_pat_d_jl(&x, 0.5, true), v[i].svd);
    }
}

/* The bound promises less than L from these L on. */
static void the_bound_is_vacuous_below_the_lengths_of_t1(void)
{
    static const double least[][2] = {
        {1, 328}, {2, 33951}, {4, 71546}, {8, 150686}};

    for (size_t i = 0; i < 4; i++) {
        const struct pat_point below = point(least[i][1] - 1, least[i][0]);
        const struct pat_point at = point(least[i][1], least[i][0]);

        CU_ASSERT_TRUE(att_pat_d_jl(&below, 0.5, false) > below.L);
        CU_ASSERT_TRUE(att_pat_d_jl(&at, 0.5, false) <= at.L);
    }
}

/* V9, to the digits printed. */
static void gaussian_limits_are_those_of_v9(void)
{
    const struct pat_point k8 = point(1024, 8);
    const struct pat_point k2 = point(1024, 2);
    const struct pat_point k4 = point(1024, 4);
    const struct pat_point large = point(1e5, 4);

    CU_ASSERT_DOUBLE_EQUAL(att_pat_d_sharp_fixed(&k8, att_pat_noise_gauss(8)),
                           20768.1, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_pat_d_sharp_fixed(&k2, att_pat_noise_sign(2)),
                           3308.3, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_pat_d_sharp_free(&k2, att_pat_noise_sign(2)),
                           74.2, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(
        att_pat_d_sharp_fixed(&k2, att_pat_noise_hadamard(2)), 782.0, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_pat_d_sharp_interp(&k4, 0.0), 93.5, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_pat_d_sharp_interp(&large, 0.0), 164.7, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_pat_d_sharp_interp(&large, 0.5), 659.0, 0.5);
}

static void success_follows_the_poisson_law_of_v11(void)
{
    struct pat_point x = point(256, 1);
    int64_t c = 0;

    x.beta = 2.0 * x.t2;
    CU_ASSERT_DOUBLE_EQUAL(att_pat_p_success(&x, 64, &c), 0.67191071, 5e-9);
    CU_ASSERT_EQUAL(c, 34);
    x.L = 1024;
    CU_ASSERT_DOUBLE_EQUAL(att_pat_p_success(&x, 80, &c), 0.48897498, 5e-9);
    CU_ASSERT_EQUAL(c, 42);
}

static void binomial_tails_are_sums(void)
{
    for (int64_t n = 1; n <= 20; n++) {
        double sum = 0.0;
        double term = ldexp(1.0, -(int)n);

        for (int64_t m = 0; m <= n; m++) {
            sum += term;
            /* lgamma is good to some 1e-14 relative. */
            CU_ASSERT_DOUBLE_EQUAL(exp(att_pat_ln_binomial_tail(n, m)), sum,
                                   1e-12);
            term *= (double)(n - m) / (double)(m + 1);
        }
        CU_ASSERT_TRUE(isinf(att_pat_ln_binomial_tail(n, -1)));
    }
}

static void information_is_that_of_t5(void)
{
    CU_ASSERT_DOUBLE_EQUAL(att_pat_info_bits(1024, 4), 16.0, 1e-12);
    CU_ASSERT_EQUAL((int)att_pat_info_bits(1e5, 8), 54);
    CU_ASSERT_EQUAL(att_pat_info_bits(4, 4), 0.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"sufficient dimensions are those of V8",
         sufficient_dimensions_are_those_of_v8},
        {"the bound is vacuous below the lengths of T1",
         the_bound_is_vacuous_below_the_lengths_of_t1},
        {"Gaussian limits are those of V9", gaussian_limits_are_those_of_v9},
        {"success follows the Poisson law of V11",
         success_follows_the_poisson_law_of_v11},
        {"binomial tails are sums", binomial_tails_are_sums},
        {"information is that of T5", information_is_that_of_t5},
        CU_TEST_INFO_NULL,
    };

    return unit_run("patterns_theory", tests);
}
