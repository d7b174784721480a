/* test_statistics.c - order statistics and proportions. */
#include "attest/base/statistics.h"

#include <math.h>

#include "unit.h"

static const double INF = INFINITY;

static void sorting_puts_nan_last(void)
{
    double x[] = {NAN, 3, -INFINITY, NAN, 1};

    CU_ASSERT_EQUAL(att_sort(x, 5), 3);
    CU_ASSERT_EQUAL(x[0], -INF);
    CU_ASSERT_EQUAL(x[1], 1);
    CU_ASSERT_EQUAL(x[2], 3);
    CU_ASSERT(isnan(x[3]) && isnan(x[4]));
}

/* numpy.quantile([1, 2, 4, 8], p): (n - 1) p = 3p; every value is exact. */
static void quantiles_interpolate_between_order_statistics(void)
{
    static const struct {
        double p, expected;
    } cases[] = {{0, 1},    {0.25, 1.75}, {0.5, 3},
                 {0.75, 5}, {0.875, 6.5}, {1, 8}};
    const double x[] = {1, 2, 4, 8};

    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(att_quantile(x, 4, cases[i].p), cases[i].expected);
    CU_ASSERT(isnan(att_quantile(x, 0, 0.5)));
    CU_ASSERT_EQUAL(att_quantile(x, 1, 0.3), 1);
}

static void medians_leave_nan_out(void)
{
    double x[] = {5, NAN, 1, 3};
    double y[] = {4, 1, NAN, 2, 3};

    CU_ASSERT_EQUAL(att_median(x, 4), 3);
    CU_ASSERT_EQUAL(att_median(y, 5), 2.5);
    CU_ASSERT(isnan(att_median(x + 3, 1)));
}

/* mean 5, squared deviations 9+1+1+1+0+0+4+16 = 32, over n - 1 = 7 */
static void summaries_hold_the_textbook_moments(void)
{
    double x[] = {9, 2, 4, 4, 4, 5, 5, 7};
    const struct att_summary s = att_summarise(x, 8);

    CU_ASSERT_EQUAL(s.n, 8);
    CU_ASSERT_EQUAL(s.min, 2);
    CU_ASSERT_EQUAL(s.q1, 4);
    CU_ASSERT_EQUAL(s.median, 4.5);
    CU_ASSERT_EQUAL(s.q3, 5.5);
    CU_ASSERT_EQUAL(s.max, 9);
    CU_ASSERT_EQUAL(s.mean, 5);
    CU_ASSERT_EQUAL(s.sd, sqrt(32.0 / 7));
}

static void summaries_of_little_say_nan(void)
{
    double x[] = {2};
    const struct att_summary one = att_summarise(x, 1);
    const struct att_summary none = att_summarise(NULL, 0);

    CU_ASSERT_EQUAL(one.mean, 2);
    CU_ASSERT(isnan(one.sd));
    CU_ASSERT_EQUAL(none.n, 0);
    CU_ASSERT(isnan(none.median) && isnan(none.mean));
}

static void censored_values_count_as_larger_than_all(void)
{
    double x[] = {8, 2, 4};

    CU_ASSERT_EQUAL(att_median_censored(x, 3, 0), 4);
    CU_ASSERT_EQUAL(att_median_censored(x, 3, 1), 6); /* 2 4 | 8 > */
    CU_ASSERT_EQUAL(att_median_censored(x, 3, 2), 8);
    CU_ASSERT_EQUAL(att_median_censored(x, 3, 3), INF);
    CU_ASSERT(isnan(att_median_censored(x, 0, 0)));
}

/* Ranks of the sign test's 95 % interval, as tables of nonparametric
 * statistics give them (r and n + 1 - r). */
static void median_interval_uses_the_sign_test_ranks(void)
{
    static const struct {
        size_t n, r;
    } cases[] = {{6, 1}, {8, 1}, {9, 2}, {10, 2}, {15, 4}, {20, 6}, {50, 18}};
    double x[50];

    for (int i = 0; i < 50; i++)
        x[i] = i + 1;
    for (int i = 0; i < 7; i++) {
        const struct att_interval ci = att_median_interval(x, cases[i].n);

        CU_ASSERT_EQUAL(ci.lo, (double)cases[i].r);
        CU_ASSERT_EQUAL(ci.hi, (double)(cases[i].n + 1 - cases[i].r));
    }
}

static void median_interval_of_five_is_everything(void)
{
    const double x[] = {1, 2, 3, 4, 5};
    const struct att_interval ci = att_median_interval(x, 5);

    CU_ASSERT_EQUAL(ci.lo, -INF);
    CU_ASSERT_EQUAL(ci.hi, INF);
}

static void check_wilson(uint64_t k, uint64_t n)
{
    const double z = 1.959963984540054;
    const double share = (double)k / (double)n;
    const struct att_interval ci = att_wilson(k, n, 0.95);
    const double limit[] = {ci.lo, ci.hi};

    CU_ASSERT(ci.lo < share && share < ci.hi);
    for (int i = 0; i < 2; i++) {
        const double p = limit[i];
        const double variance = p * (1 - p) / (double)n;

        /* both sides are below 1: a few roundings */
        CU_ASSERT(fabs((share - p) * (share - p) - z * z * variance) < 1e-14);
    }
}

/* Wilson's limits are the p that solve (k/n - p)^2 = z^2 p (1 - p) / n. */
static void wilson_limits_solve_their_equation(void)
{
    for (uint64_t n = 2; n <= 65; n += 9) {
        for (uint64_t k = 1; k < n; k++)
            check_wilson(k, n);
    }
}

/* k = 0: lo = 0 and hi = z^2 / (n + z^2). */
static void wilson_ends_at_zero_and_one(void)
{
    const double z2 = 1.959963984540054 * 1.959963984540054;
    const struct att_interval none = att_wilson(0, 20, 0.95);
    const struct att_interval all = att_wilson(20, 20, 0.95);
    const struct att_interval nothing = att_wilson(0, 0, 0.95);

    CU_ASSERT_EQUAL(none.lo, 0);
    CU_ASSERT(fabs(none.hi - z2 / (20 + z2)) < 1e-15);
    CU_ASSERT_EQUAL(all.hi, 1);
    CU_ASSERT(fabs(all.lo - 20 / (20 + z2)) < 1e-15);
    CU_ASSERT(nothing.lo == 0 && nothing.hi == 1);
}

static void distinct_numbers_are_counted_once(void)
{
    double x[] = {2, 1, 2, NAN, 1, 2};

    CU_ASSERT_EQUAL(att_distinct(x, 6), 2);
    CU_ASSERT_EQUAL(att_distinct(x, 0), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"sorting puts NaN last", sorting_puts_nan_last},
        {"quantiles interpolate between order statistics",
         quantiles_interpolate_between_order_statistics},
        {"medians leave NaN out", medians_leave_nan_out},
        {"summaries hold the textbook moments",
         summaries_hold_the_textbook_moments},
        {"summaries of little say NaN", summaries_of_little_say_nan},
        {"censored values count as larger than all",
         censored_values_count_as_larger_than_all},
        {"median interval uses the sign test's ranks",
         median_interval_uses_the_sign_test_ranks},
        {"median interval of five is everything",
         median_interval_of_five_is_everything},
        {"Wilson's limits solve their equation",
         wilson_limits_solve_their_equation},
        {"Wilson's interval ends at zero and one", wilson_ends_at_zero_and_one},
        {"distinct numbers are counted once",
         distinct_numbers_are_counted_once},
        CU_TEST_INFO_NULL,
    };

    return unit_run("statistics", tests);
}
