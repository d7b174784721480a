/* test_sample.c - points kept, counted, compared. */
#include "attest/base/sample.h"

#include <math.h>

#include "unit.h"

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

/* Points (1, 10), (2, 10), (1, 20): medians of y 3, 6, 5. */
static struct att_sample example(void)
{
    static const double x[][2] = {{1, 10}, {2, 10}, {1, 10}, {1, 20}, {1, 10}};
    static const double y[] = {1, 6, 3, 5, 100};
    struct att_sample s;

    CU_ASSERT_TRUE_FATAL(att_sample_init(&s, arena, 8, 2));
    for (int i = 0; i < 5; i++)
        CU_ASSERT_TRUE(att_sample_add(&s, x[i], y[i], i));
    return s;
}

static void only_finite_points_are_kept(void)
{
    static const double good[] = {1, 2};
    static const double bad[] = {1, NAN};
    struct att_sample s;

    CU_ASSERT_TRUE_FATAL(att_sample_init(&s, arena, 2, 2));
    CU_ASSERT_FALSE(att_sample_add(&s, bad, 1, 0));
    CU_ASSERT_FALSE(att_sample_add(&s, good, INFINITY, 0));
    CU_ASSERT_TRUE(att_sample_add(&s, good, 1, 0));
    CU_ASSERT_TRUE(att_sample_add(&s, good, 2, 0));
    CU_ASSERT_FALSE(att_sample_add(&s, good, 3, 0)); /* no room */
    CU_ASSERT_EQUAL(s.n, 2);
}

static void coordinates_are_counted_apart(void)
{
    const struct att_sample s = example();

    CU_ASSERT_EQUAL(att_sample_distinct(&s, 0, arena), 2);
    CU_ASSERT_EQUAL(att_sample_distinct(&s, 1, arena), 2);
}

static void points_keep_their_replicates(void)
{
    const struct att_sample s = example();
    const struct att_points points = att_sample_points(&s);

    CU_ASSERT_EQUAL(points.n, 5);
    CU_ASSERT_EQUAL(points.p, 2);
    CU_ASSERT_EQUAL(points.x[3 * 2 + 1], 20);
    CU_ASSERT_EQUAL(points.cluster[4], 4);
    CU_ASSERT_FALSE(points.through_origin);
}

static void spread_is_that_of_the_medians(void)
{
    const struct att_sample s = example();
    struct att_sample none;
    size_t n = 9;

    CU_ASSERT_EQUAL(att_sample_spread(&s, arena, &n), 2); /* 6 / 3 */
    CU_ASSERT_EQUAL(n, 3);
    CU_ASSERT_TRUE(att_sample_init(&none, arena, 1, 1));
    CU_ASSERT(isnan(att_sample_spread(&none, arena, &n)));
    CU_ASSERT_EQUAL(n, 0);
}

static void without_memory_nothing_is_kept(void)
{
    static const double x[] = {1, 2};
    struct att_arena *small = att_arena_create(64);
    struct att_sample s;

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_FALSE(att_sample_init(&s, small, 1000, 2));
    CU_ASSERT_FALSE(att_sample_add(&s, x, 1, 0));
    att_arena_destroy(small);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"only finite points are kept", only_finite_points_are_kept},
        {"coordinates are counted apart", coordinates_are_counted_apart},
        {"points keep their replicates", points_keep_their_replicates},
        {"spread is that of the medians", spread_is_that_of_the_medians},
        {"without memory nothing is kept", without_memory_nothing_is_kept},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("sample", open_arena, close_arena, tests);
}
