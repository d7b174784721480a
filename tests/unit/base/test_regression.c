/* test_regression.c - least squares with intervals. */
#include "attest/base/regression.h"

#include <math.h>

#include "attest/base/rng.h"
#include "unit.h"

static const double INF = INFINITY;

static struct att_arena *arena;

static int open_arena(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int close_arena(void)
{
    att_arena_destroy(arena);
    return 0;
}

static int near(double a, double b)
{
    return fabs(a - b) <= 1e-13 * (1 + fabs(b)); /* a dozen operations */
}

static struct att_fit fit(const struct att_points *points,
                          enum att_fit_kind kind)
{
    struct att_fit out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_fit_linear(points, kind, arena, &out, &err), ATT_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    return out;
}

/* By hand: Sxx = 5, Sxy = 5.5, so the slope is 1.1 and the intercept 0;
 * residuals -.1 .8 -1.3 .6, rss 2.7, tss 8.75, s^2 = 2.7 / 2;
 * t(0.975, 2) = 0.95 sqrt(2 / (1 - 0.95^2)). */
static void four_points_fitted_by_hand(void)
{
    const double x[] = {1, 2, 3, 4};
    const double y[] = {1, 3, 2, 5};
    const struct att_points points = {.x = x, .y = y, .n = 4, .p = 1};
    const struct att_fit f = fit(&points, ATT_FIT_MEANS);
    const double t = 0.95 * sqrt(2 / (1 - 0.95 * 0.95));

    CU_ASSERT_EQUAL(f.n_coefs, 2);
    CU_ASSERT(near(f.coef[0], 0) && near(f.coef[1], 1.1));
    CU_ASSERT(near(f.rss, 2.7) && near(f.r2, 1 - 2.7 / 8.75));
    CU_ASSERT(near(f.se[0], sqrt(1.35 * (1.0 / 4 + 6.25 / 5))));
    CU_ASSERT(near(f.se[1], sqrt(1.35 / 5)));
    CU_ASSERT(near(f.ci[1].lo, 1.1 - t * sqrt(1.35 / 5)));
    CU_ASSERT(near(f.ci[1].hi, 1.1 + t * sqrt(1.35 / 5)));
    CU_ASSERT_FALSE(f.resampled);
    CU_ASSERT_EQUAL(f.n_distinct, 4);
}

static void planes_are_found_exactly(void)
{
    double x[25][2];
    double y[25];

    for (int i = 0; i < 25; i++) {
        x[i][0] = i % 5;
        x[i][1] = (i * i) % 7;
        y[i] = 1 + 2 * x[i][0] - 3 * x[i][1];
    }
    const struct att_points points = {.x = x[0], .y = y, .n = 25, .p = 2};
    const struct att_fit f = fit(&points, ATT_FIT_MEANS);

    CU_ASSERT(near(f.coef[0], 1) && near(f.coef[1], 2) && near(f.coef[2], -3));
    CU_ASSERT(near(f.r2, 1));
}

/* x far from zero: normal equations would square the condition 1e6 and keep
 * four digits of the slope; QR keeps 1e-16 * 1e6. */
static void far_away_points_keep_their_slope(void)
{
    double x[10];
    double y[10];

    for (int i = 0; i < 10; i++) {
        x[i] = 1e6 + i;
        y[i] = 5 + 2 * x[i];
    }
    const struct att_points points = {.x = x, .y = y, .n = 10, .p = 1};

    CU_ASSERT(fabs(fit(&points, ATT_FIT_MEANS).coef[1] - 2) < 1e-9);
}

/* b = sum xy / sum x^2 = 20 / 14; rss = sum y^2 - b sum xy = 29 - 400 / 14 */
static void lines_may_go_through_the_origin(void)
{
    const double x[] = {1, 2, 3};
    const double y[] = {2, 3, 4};
    const struct att_points points = {
        .x = x, .y = y, .n = 3, .p = 1, .through_origin = true};
    const struct att_fit f = fit(&points, ATT_FIT_MEANS);
    const double rss = 29 - 400.0 / 14;

    CU_ASSERT_EQUAL(f.n_coefs, 1);
    CU_ASSERT(near(f.coef[0], 20.0 / 14));
    CU_ASSERT(near(f.rss, rss) && near(f.r2, 1 - rss / 29));
    CU_ASSERT(near(f.se[0], sqrt(rss / 2 / 14)));
}

static void points_that_are_not_finite_are_left_out(void)
{
    const double x[] = {1, 2, NAN, 3, 4};
    const double y[] = {2, 4, 7, INFINITY, 8};
    const struct att_points points = {.x = x, .y = y, .n = 5, .p = 1};
    const struct att_fit f = fit(&points, ATT_FIT_MEANS);

    CU_ASSERT_EQUAL(f.n, 3);
    CU_ASSERT(near(f.coef[1], 2));
}

static void as_many_points_as_coefficients_know_no_error(void)
{
    const double x[] = {1, 2};
    const double y[] = {3, 5};
    const struct att_points points = {.x = x, .y = y, .n = 2, .p = 1};
    const struct att_fit f = fit(&points, ATT_FIT_MEANS);

    CU_ASSERT(near(f.coef[1], 2) && isnan(f.se[1]));
    CU_ASSERT(f.ci[1].lo == -INF && f.ci[1].hi == INF);
}

static void impossible_fits_say_why(void)
{
    const double x[] = {1, 1, 1};
    const double xx[] = {1, 2, 2, 4, 3, 6, 4, 8};
    const double y[] = {1, 2, 3, 4};
    struct att_fit out = {0};
    struct att_error few = {0};
    struct att_error wide = {0};
    struct att_error dependent = {0};
    struct att_points points = {.x = x, .y = y, .n = 3, .p = 1};

    CU_ASSERT_EQUAL(att_fit_linear(&points, ATT_FIT_MEANS, arena, &out, &few),
                    ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(
        few.text, "2 coefficients need as many different x, there are 1");
    points.p = 9;
    CU_ASSERT_EQUAL(att_fit_linear(&points, ATT_FIT_MEANS, arena, &out, &wide),
                    ATT_E_ARG);
    points = (struct att_points){.x = xx, .y = y, .n = 4, .p = 2};
    CU_ASSERT_EQUAL(
        att_fit_linear(&points, ATT_FIT_MEANS, arena, &out, &dependent),
        ATT_E_NUMERIC);
    CU_ASSERT_EQUAL(out.n_coefs, 0); /* untouched */
}

/* One replicate is far off at x = 2; the medians do not see it. */
static void medians_withstand_a_wild_replicate(void)
{
    const double x[] = {1, 1, 1, 2, 2, 2, 3, 3, 3};
    const double y[] = {1, 1, 1, 2, 2, 900, 3, 3, 3};
    const int64_t replicate[] = {0, 1, 2, 0, 1, 2, 0, 1, 2};
    const struct att_points points = {x, y, replicate, 9, 1, false};
    const struct att_fit f = fit(&points, ATT_FIT_MEDIANS);

    CU_ASSERT(near(f.coef[0], 0) && near(f.coef[1], 1));
    CU_ASSERT_EQUAL(f.n_distinct, 3);
    CU_ASSERT_EQUAL(f.n_clusters, 3);
    CU_ASSERT(f.resampled);
}

static void powers_are_lines_in_logarithms(void)
{
    double x[8];
    double y[8];

    for (int i = 0; i < 8; i++) {
        x[i] = exp2(i);
        y[i] = 3 * pow(x[i], -2);
    }
    y[7] = 0; /* no logarithm: left out */
    const struct att_points points = {.x = x, .y = y, .n = 8, .p = 1};
    struct att_fit f = {0};

    CU_ASSERT_EQUAL(att_fit_power(&points, ATT_FIT_MEANS, arena, &f, NULL),
                    ATT_OK);
    CU_ASSERT(near(f.coef[1], -2) && near(exp(f.coef[0]), 3));
    CU_ASSERT_EQUAL(f.n, 7);
}

enum { REPLICATES = 10, STEPS = 5, POINTS = REPLICATES * STEPS };

struct study {
    double x[POINTS], y[POINTS];
    int64_t replicate[POINTS];
};

/* y = x (1 + b) + noise with one b per replicate: errors are shared, which an
 * interval for independent points would not know. */
static void simulate(uint32_t number, struct study *s)
{
    const struct att_stream stream = att_stream(42, 1, number, 0);

    for (uint32_t i = 0; i < POINTS; i++) {
        const uint32_t r = i / STEPS;

        s->x[i] = i % STEPS;
        s->replicate[i] = r;
        s->y[i] = s->x[i] * (1 + 0.5 * att_stream_normal(&stream, r)) +
                  0.1 * att_stream_normal(&stream, REPLICATES + i);
    }
}

static struct att_points points_of(const struct study *s)
{
    return (struct att_points){s->x, s->y, s->replicate, POINTS, 1, false};
}

static int holds_one(const struct att_points *points, enum att_fit_kind kind)
{
    const struct att_fit f = fit(points, kind);

    return f.ci[1].lo <= 1 && 1 <= f.ci[1].hi;
}

/* 100 seeded studies: the count of intervals that hold the true slope 1 is
 * binomial(100, 0.95), standard deviation 2.2; three of those below the mean
 * is 88.  Student's interval for independent points is far too short. */
static void slopes_are_covered_when_errors_are_shared(void)
{
    int means = 0;
    int medians = 0;
    int naive = 0;

    for (uint32_t k = 0; k < 100; k++) {
        struct study s;

        simulate(k, &s);
        struct att_points points = points_of(&s);

        means += holds_one(&points, ATT_FIT_MEANS);
        medians += holds_one(&points, ATT_FIT_MEDIANS);
        points.cluster = NULL;
        naive += holds_one(&points, ATT_FIT_MEANS);
    }
    CU_ASSERT(means >= 88 && means < 100);
    CU_ASSERT(medians >= 88);
    CU_ASSERT(naive < 88);
}

static void check_same_bits(const struct study *s, const struct study *t,
                            enum att_fit_kind kind)
{
    const struct att_points ps = points_of(s);
    const struct att_points pt = points_of(t);
    const struct att_fit a = fit(&ps, kind);
    const struct att_fit b = fit(&pt, kind);

    for (int k = 0; k < 2; k++) {
        CU_ASSERT_EQUAL(a.coef[k], b.coef[k]);
        CU_ASSERT_EQUAL(a.ci[k].lo, b.ci[k].lo);
        CU_ASSERT_EQUAL(a.ci[k].hi, b.ci[k].hi);
    }
    CU_ASSERT(a.ci[1].lo < a.coef[1] && a.coef[1] < a.ci[1].hi);
}

static void order_of_points_changes_no_bit(void)
{
    struct study s;
    struct study t;

    simulate(7, &s);
    for (int i = 0; i < POINTS; i++) {
        const int from = (i * 7 + 3) % POINTS; /* 7 does not divide 50 */

        t.x[i] = s.x[from];
        t.y[i] = s.y[from];
        t.replicate[i] = s.replicate[from];
    }
    check_same_bits(&s, &t, ATT_FIT_MEANS);
    check_same_bits(&s, &t, ATT_FIT_MEDIANS);
}

static void scratch_is_given_back(void)
{
    struct study s;

    simulate(1, &s);
    const struct att_points points = points_of(&s);
    const uint64_t before = att_arena_used(arena);

    (void)fit(&points, ATT_FIT_MEDIANS);
    CU_ASSERT_EQUAL(att_arena_used(arena), before);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"four points fitted by hand", four_points_fitted_by_hand},
        {"planes are found exactly", planes_are_found_exactly},
        {"far away points keep their slope", far_away_points_keep_their_slope},
        {"lines may go through the origin", lines_may_go_through_the_origin},
        {"points that are not finite are left out",
         points_that_are_not_finite_are_left_out},
        {"as many points as coefficients know no error",
         as_many_points_as_coefficients_know_no_error},
        {"impossible fits say why", impossible_fits_say_why},
        {"medians withstand a wild replicate",
         medians_withstand_a_wild_replicate},
        {"powers are lines in logarithms", powers_are_lines_in_logarithms},
        {"slopes are covered when errors are shared",
         slopes_are_covered_when_errors_are_shared},
        {"order of points changes no bit", order_of_points_changes_no_bit},
        {"scratch is given back", scratch_is_given_back},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("regression", open_arena, close_arena, tests);
}
