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

/* ---- a median and a mean over replicates, as a user of the header has them ------- */

struct sample {
    const double *x; /* [n] sorted */
    size_t n;
};

static void median_statistic(void *context, const uint32_t *weight, double *out)
{
    const struct sample *s = context;

    *out = att_weighted_median(s->x, weight, s->n);
}

static void mean_statistic(void *context, const uint32_t *weight, double *out)
{
    const struct sample *s = context;
    double sum = 0;

    for (size_t i = 0; i < s->n; i++)
        sum += weight[i] * s->x[i];
    *out = sum / (double)s->n;
}

typedef void statistic_fn(void *, const uint32_t *, double *);

/* x is sorted; NaN is left out. */
static struct att_interval interval(double *x, size_t n, statistic_fn *f,
                                    uint64_t seed)
{
    struct sample sample = {x, att_sort(x, n)};
    const struct att_resampling r = {.statistic = f,
                                     .context = &sample,
                                     .n_clusters = sample.n,
                                     .n_out = 1,
                                     .seed = seed};
    struct att_interval ci = {0, 0};

    CU_ASSERT_EQUAL(att_bootstrap(&r, arena, &ci, NULL), ATT_OK);
    return ci;
}

/* ---- intervals ------------------------------------------------------------------- */

/* Few replicates: the interval of a mean is Student's, but for the scatter of
 * a standard deviation taken from 4000 resamples, 1 / sqrt(8000) = 1.1 %;
 * five of those are allowed. */
static void few_replicates_give_students_interval(void)
{
    double x[] = {3, 1, 4, 1.5, 9};
    const struct att_interval ci = interval(x, 5, mean_statistic, 1);
    const struct att_summary s = att_summarise(x, 5);
    const double half = att_student_quantile(0.975, 4) * s.sd / sqrt(5);

    CU_ASSERT(fabs((ci.hi - ci.lo) / 2 - half) < 5 * half / sqrt(8000));
    CU_ASSERT(fabs((ci.hi + ci.lo) / 2 - s.mean) < 1e-12);
}

static void intervals_repeat_bit_for_bit_and_follow_the_seed(void)
{
    double x[] = {3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7};
    const struct att_interval a = interval(x, 10, mean_statistic, 1);
    const struct att_interval b = interval(x, 10, mean_statistic, 1);
    const struct att_interval c = interval(x, 10, mean_statistic, 2);

    CU_ASSERT(a.lo == b.lo && a.hi == b.hi && a.lo < a.hi);
    CU_ASSERT(a.lo != c.lo && a.hi != c.hi);
}

static void one_replicate_says_nothing(void)
{
    double x[] = {3, NAN};
    const struct att_interval ci = interval(x, 2, mean_statistic, 1);

    CU_ASSERT(ci.lo == -INF && ci.hi == INF);
}

static void equal_values_give_a_point(void)
{
    double x[] = {2, 2, 2, 2, 2, 2, 2, 2, 2};
    const struct att_interval ci = interval(x, 9, median_statistic, 1);

    CU_ASSERT(ci.lo == 2 && ci.hi == 2);
}

/* A number that exists in few resamples has no interval. */
static void often_missing(void *context, const uint32_t *weight, double *out)
{
    (void)context;
    *out = weight[0] == 1 && weight[1] == 1 ? 1.0 : (double)NAN;
}

static void a_number_that_is_mostly_missing_has_no_interval(void)
{
    double x[] = {1, 2, 3, 4};
    const struct att_interval ci = interval(x, 4, often_missing, 1);

    CU_ASSERT(isnan(ci.lo) && isnan(ci.hi));
}

/* How many of `studies` intervals, each from n draws, hold the true value. */
static int covered(int studies, size_t n, statistic_fn *f)
{
    const struct att_stream stream = att_stream(20261121, 7, (uint32_t)n, 0);
    int hits = 0;
    double x[16];

    for (int s = 0; s < studies; s++) {
        att_stream_normals(&stream, (uint64_t)s * n, n, x);
        const struct att_interval ci = interval(x, n, f, (uint64_t)s);

        hits += ci.lo <= 0 && 0 <= ci.hi;
    }
    return hits;
}

/* Of 150 seeded studies with normal data 95 % should cover: the count is
 * binomial with standard deviation sqrt(150 0.05 0.95) = 2.7, mean 142.5.
 * Three of those below and above: 135 .. 150. */
static void intervals_cover_as_often_as_they_say(void)
{
    CU_ASSERT(covered(150, 5, mean_statistic) >= 135);
    CU_ASSERT(covered(150, 12, mean_statistic) >= 135);
    CU_ASSERT(covered(150, 5, median_statistic) >= 135);
    CU_ASSERT(covered(150, 12, median_statistic) >= 135);
    CU_ASSERT(covered(150, 12, mean_statistic) < 150);
}

static void too_little_memory_is_said(void)
{
    struct att_arena *small = att_arena_create(4096);
    struct sample sample = {(const double[]){1, 2, 3}, 3};
    const struct att_resampling r = {.statistic = mean_statistic,
                                     .context = &sample,
                                     .n_clusters = 3,
                                     .n_out = 1};
    struct att_interval ci = {0, 0};
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_EQUAL(att_bootstrap(&r, small, &ci, &err), ATT_E_NOMEM);
    CU_ASSERT_EQUAL(err.status, ATT_E_NOMEM);
    att_arena_destroy(small);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"weighted median counts repetitions",
         weighted_median_counts_repetitions},
        {"few replicates give Student's interval",
         few_replicates_give_students_interval},
        {"intervals repeat bit for bit and follow the seed",
         intervals_repeat_bit_for_bit_and_follow_the_seed},
        {"one replicate says nothing", one_replicate_says_nothing},
        {"equal values give a point", equal_values_give_a_point},
        {"a number that is mostly missing has no interval",
         a_number_that_is_mostly_missing_has_no_interval},
        {"intervals cover as often as they say",
         intervals_cover_as_often_as_they_say},
        {"too little memory is said", too_little_memory_is_said},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("bootstrap", open_arena, close_arena, tests);
}
