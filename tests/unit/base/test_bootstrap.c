/* test_bootstrap.c - intervals that resample replicates. */
#include "attest/base/bootstrap.h"

#include <math.h>
#include <stdbool.h>

#include "attest/base/distribution.h"
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

static void weighted_median_counts_repetitions(void)
{
    static const struct {
        uint32_t weight[4];
        double expected;
    } cases[] = {
        {{1, 1, 1, 1}, 3}, {{0, 0, 4, 0}, 4}, {{2, 0, 0, 2}, 4.5},
        {{3, 0, 0, 1}, 1}, {{0, 1, 1, 1}, 4}, {{1, 1, 0, 0}, 1.5},
    };
    const double x[] = {1, 2, 4, 8};
    static const uint32_t none[4];

    for (int i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(att_weighted_median(x, cases[i].weight, 4),
                        cases[i].expected);
    CU_ASSERT(isnan(att_weighted_median(x, none, 4)));
    CU_ASSERT(isnan(att_weighted_median(x, none, 0)));
}

static void seeds_do_not_see_the_order(void)
{
    const double a[] = {1, 2, 3, 4, 5, 6};
    const double swapped[] = {5, 6, 1, 2, 3, 4};
    const double other[] = {2, 1, 3, 4, 5, 6};

    CU_ASSERT_EQUAL(att_data_seed(a, 3, 2), att_data_seed(swapped, 3, 2));
    CU_ASSERT_NOT_EQUAL(att_data_seed(a, 3, 2), att_data_seed(other, 3, 2));
}

/* Few replicates: the interval of a mean is Student's, but for the scatter of
 * a standard deviation taken from 4000 resamples, 1 / sqrt(8000) = 1.1 %;
 * five of those are allowed. */
static void few_replicates_give_students_interval(void)
{
    double x[] = {3, 1, 4, 1.5, 9};
    struct att_interval ci = {0, 0};

    CU_ASSERT_EQUAL(att_mean_bootstrap(x, 5, arena, &ci, NULL), ATT_OK);
    const struct att_summary s = att_summarise(x, 5);
    const double half = att_student_quantile(0.975, 4) * s.sd / sqrt(5);

    CU_ASSERT(fabs((ci.hi - ci.lo) / 2 - half) < 5 * half / sqrt(8000));
    CU_ASSERT(fabs((ci.hi + ci.lo) / 2 - s.mean) < 1e-12);
}

static void intervals_repeat_bit_for_bit_in_any_order(void)
{
    double x[] = {3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7};
    double y[] = {9.7, 8, 3.5, 5, 2.6, 9, 1.5, 4, 1, 3};
    struct att_interval a = {0, 0};
    struct att_interval b = {1, 1};

    CU_ASSERT_EQUAL(att_median_bootstrap(x, 10, arena, &a, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_median_bootstrap(y, 10, arena, &b, NULL), ATT_OK);
    CU_ASSERT(a.lo == b.lo && a.hi == b.hi && a.lo < a.hi);
}

static void one_replicate_says_nothing(void)
{
    double x[] = {3, NAN};
    struct att_interval ci = {0, 0};

    CU_ASSERT_EQUAL(att_mean_bootstrap(x, 2, arena, &ci, NULL), ATT_OK);
    CU_ASSERT(ci.lo == -INF && ci.hi == INF);
}

static void equal_values_give_a_point(void)
{
    double x[] = {2, 2, 2, 2, 2, 2, 2, 2, 2};
    struct att_interval ci = {0, 0};

    CU_ASSERT_EQUAL(att_median_bootstrap(x, 9, arena, &ci, NULL), ATT_OK);
    CU_ASSERT(ci.lo == 2 && ci.hi == 2);
}

/* How many of `studies` intervals, each from n draws, hold the true value. */
static int covered(int studies, size_t n, bool median)
{
    const struct att_stream stream = att_stream(20261121, 7, (uint32_t)n, 0);
    int hits = 0;
    double x[16];

    for (int s = 0; s < studies; s++) {
        struct att_interval ci = {0, 0};

        att_stream_normals(&stream, (uint64_t)s * n, n, x);
        const att_status status =
            median ? att_median_bootstrap(x, n, arena, &ci, NULL)
                   : att_mean_bootstrap(x, n, arena, &ci, NULL);

        CU_ASSERT_EQUAL(status, ATT_OK);
        hits += ci.lo <= 0 && 0 <= ci.hi;
    }
    return hits;
}

/* Of 150 seeded studies with normal data 95 % should cover: the count is
 * binomial with standard deviation sqrt(150 0.05 0.95) = 2.7, mean 142.5.
 * Three of those below and above: 135 .. 150. */
static void intervals_cover_as_often_as_they_say(void)
{
    CU_ASSERT(covered(150, 5, false) >= 135);
    CU_ASSERT(covered(150, 12, false) >= 135);
    CU_ASSERT(covered(150, 5, true) >= 135);
    CU_ASSERT(covered(150, 12, true) >= 135);
    CU_ASSERT(covered(150, 12, false) < 150);
}

static void too_little_memory_is_said(void)
{
    struct att_arena *small = att_arena_create(4096);
    double x[] = {1, 2, 3};
    struct att_interval ci = {0, 0};
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_EQUAL(att_mean_bootstrap(x, 3, small, &ci, &err), ATT_E_NOMEM);
    CU_ASSERT_EQUAL(err.status, ATT_E_NOMEM);
    att_arena_destroy(small);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"weighted median counts repetitions",
         weighted_median_counts_repetitions},
        {"seeds do not see the order", seeds_do_not_see_the_order},
        {"few replicates give Student's interval",
         few_replicates_give_students_interval},
        {"intervals repeat bit for bit in any order",
         intervals_repeat_bit_for_bit_in_any_order},
        {"one replicate says nothing", one_replicate_says_nothing},
        {"equal values give a point", equal_values_give_a_point},
        {"intervals cover as often as they say",
         intervals_cover_as_often_as_they_say},
        {"too little memory is said", too_little_memory_is_said},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("bootstrap", open_arena, close_arena, tests);
}
