/* test_distribution.c - quantiles against closed forms.
 *
 * Student's quantile has closed forms for 1, 2 and 4 degrees of freedom:
 *   nu = 1:  tan(pi (p - 1/2))
 *   nu = 2:  a sqrt(2 / (1 - a^2)),            a = 2p - 1
 *   nu = 4:  2 sqrt(cos(acos(sqrt(b)) / 3) / sqrt(b) - 1),  b = 4 p (1 - p)
 * (Shaw 2006, "Sampling Student's T distribution").  The closed forms lose up
 * to three digits near p = 1/2 and p = 1, hence 1e-11. */
#include "attest/base/distribution.h"

#include <math.h>

#include "unit.h"

static const double PI = 3.14159265358979324;

static int near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

static const double P[] = {0.5001, 0.6,   0.75,   0.9,
                           0.975,  0.995, 0.9999, 1 - 0x1p-40};
enum { N_P = sizeof P / sizeof *P };

static void normal_quantile_inverts_the_distribution(void)
{
    for (int i = 0; i < N_P; i++) {
        /* 1 - p is exact here, and the lower tail keeps relative accuracy */
        const double q = 1 - P[i];

        CU_ASSERT(near(att_normal_cdf(att_normal_quantile(q)), q, 1e-13));
        CU_ASSERT_EQUAL(att_normal_quantile(P[i]), -att_normal_quantile(q));
    }
    CU_ASSERT_EQUAL(att_normal_quantile(0.5), 0);
}

static void normal_tails_keep_relative_accuracy(void)
{
    /* the error of exp(-z^2/2) grows as z^2 u: 1e-12 allows z = 40 */
    for (int e = 20; e < 1020; e += 50) {
        const double p = ldexp(1, -e);

        CU_ASSERT(near(att_normal_cdf(att_normal_quantile(p)), p, 1e-12));
    }
}

/* sqrt(2) erfinv(0.95), as printed in tables to 16 digits. */
static void the_usual_normal_quantile(void)
{
    CU_ASSERT(near(att_normal_quantile(0.975), 1.959963984540054, 1e-15));
}

static double student4(double p)
{
    const double b = 4 * p * (1 - p);

    return 2 * sqrt(cos(acos(sqrt(b)) / 3) / sqrt(b) - 1);
}

static void student_quantiles_have_their_closed_forms(void)
{
    for (int i = 1; i < N_P - 1; i++) {
        const double p = P[i];
        const double a = 2 * p - 1;

        CU_ASSERT(near(att_student_quantile(p, 1), tan(PI * (p - 0.5)), 1e-11));
        CU_ASSERT(
            near(att_student_quantile(p, 2), a * sqrt(2 / (1 - a * a)), 1e-11));
        CU_ASSERT(near(att_student_quantile(p, 4), student4(p), 1e-11));
    }
}

static void student_quantile_inverts_the_distribution(void)
{
    static const double nu[] = {1, 2, 3, 7, 30, 400, 1e5};

    for (int k = 0; k < 7; k++) {
        /* a power nu / 2 multiplies the rounding of its base */
        const double tolerance = 1e-13 + nu[k] * 0x1p-53;

        for (int i = 0; i < N_P; i++) {
            const double q = 1 - P[i];
            const double t = att_student_quantile(q, nu[k]);

            CU_ASSERT(t < 0);
            CU_ASSERT(near(att_student_cdf(t, nu[k]), q, tolerance));
        }
    }
}

/* The first correction is z (z^2 + 1) / (4 nu). */
static void student_tends_to_the_normal(void)
{
    const double z = att_normal_quantile(0.975);
    const double nu = 1e4;
    const double t = att_student_quantile(0.975, nu);

    CU_ASSERT(fabs(t - z - z * (z * z + 1) / (4 * nu)) < 10 / (nu * nu));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"normal quantile inverts the distribution",
         normal_quantile_inverts_the_distribution},
        {"normal tails keep relative accuracy",
         normal_tails_keep_relative_accuracy},
        {"the usual normal quantile", the_usual_normal_quantile},
        {"student quantiles have their closed forms",
         student_quantiles_have_their_closed_forms},
        {"student quantile inverts the distribution",
         student_quantile_inverts_the_distribution},
        {"student tends to the normal", student_tends_to_the_normal},
        CU_TEST_INFO_NULL,
    };

    return unit_run("distribution", tests);
}
