/* test_nested.c - grids of nested dimensions and signs cut along them. */
#include "attest/construction/nested.h"

#include "unit.h"

static struct att_arena *arena;

static int begin(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int end(void)
{
    att_arena_destroy(arena);
    return 0;
}

static void a_grid_without_wishes_rises_by_one_and_then_four_percent(void)
{
    const struct att_case c = {.p = NULL};
    struct att_nested grid;

    CU_ASSERT_EQUAL_FATAL(att_nested_grid(&c, 333, true, arena, &grid, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(grid.d[grid.n - 1], 333);
    for (size_t g = 0; g < grid.n; g++) {
        const uint32_t before = (uint32_t)att_nested_first(&grid, g);

        CU_ASSERT_TRUE(grid.asked[g]);
        CU_ASSERT_TRUE(grid.d[g] > before);
        CU_ASSERT_TRUE(grid.d[g] <= before + (before < 50 ? 1 : before / 25));
    }
    CU_ASSERT_EQUAL_FATAL(att_nested_grid(&c, 333, false, arena, &grid, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(grid.n, 1);
}

static void wishes_are_kept_and_the_largest_is_not_reported(void)
{
    static const double wish[] = {3, 7.5, 10, 400};
    const struct att_observe_axis axis = {.name = "d", .value = wish, .n = 4};
    const struct att_case c = {.observe = {&axis, 1}};
    struct att_nested grid;

    CU_ASSERT_EQUAL_FATAL(att_nested_grid(&c, 64, true, arena, &grid, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(grid.n, 3);
    CU_ASSERT_EQUAL(grid.d[0], 3);
    CU_ASSERT_EQUAL(grid.d[1], 10);
    CU_ASSERT_EQUAL(grid.d[2], 64);
    CU_ASSERT_FALSE(grid.asked[2]);
    CU_ASSERT_EQUAL(att_nested_segment(&grid, 2), 0);
    CU_ASSERT_EQUAL(att_nested_segment(&grid, 3), 1);
    CU_ASSERT_EQUAL(att_nested_segment(&grid, 63), 2);
}

static void wishes_beside_the_own_grid_are_both_reported(void)
{
    static const double wish[] = {51, 64, 400};
    const struct att_observe_axis axis = {
        .name = "d", .value = wish, .n = 3, .own = true};
    const struct att_case alone = {.p = NULL};
    const struct att_case both = {.observe = {&axis, 1}};
    struct att_nested own, grid;
    size_t k = 0;

    CU_ASSERT_EQUAL_FATAL(att_nested_grid(&alone, 64, true, arena, &own, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_nested_grid(&both, 64, true, arena, &grid, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(grid.n, own.n + 1); /* 51; 64 is its own, 400 beyond */
    for (size_t g = 0; g < grid.n; g++) {
        CU_ASSERT_TRUE(grid.asked[g]);
        k += k < own.n && grid.d[g] == own.d[k];
    }
    CU_ASSERT_EQUAL(k, own.n);
}

static void a_cut_row_reads_as_it_was(void)
{
    static const double wish[] = {1, 63, 64, 130};
    const struct att_observe_axis axis = {.name = "d", .value = wish, .n = 4};
    const struct att_case c = {.observe = {&axis, 1}};
    const uint64_t word[] = {UINT64_C(0x123456789abcdef0),
                             UINT64_C(0xfedcba9876543210),
                             UINT64_C(0x0f1e2d3c4b5a6978), 0};
    struct att_nested grid;

    CU_ASSERT_EQUAL_FATAL(att_nested_grid(&c, 150, true, arena, &grid, NULL),
                          ATT_OK);
    struct att_bits *segment = att_nested_bits(&grid, 3, arena);

    CU_ASSERT_PTR_NOT_NULL_FATAL(segment);
    att_nested_cut(&grid, word, 2, segment);
    for (size_t m = 0; m < 150; m++) {
        const size_t g = att_nested_segment(&grid, m);
        const size_t at = m - att_nested_first(&grid, g);
        const int want = (word[m / 64] >> (m % 64) & 1) != 0 ? 1 : -1;

        CU_ASSERT_EQUAL(att_bits_sign(&segment[g], 2, at), want);
        CU_ASSERT_EQUAL(att_bits_sign(&segment[g], 1, at), -1);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a grid without wishes rises by one and then four percent",
         a_grid_without_wishes_rises_by_one_and_then_four_percent},
        {"wishes are kept and the largest is not reported",
         wishes_are_kept_and_the_largest_is_not_reported},
        {"wishes beside the own grid are both reported",
         wishes_beside_the_own_grid_are_both_reported},
        {"a cut row reads as it was", a_cut_row_reads_as_it_was},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("nested", begin, end, tests);
}
