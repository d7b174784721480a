/* test_ntt.c - cyclic convolutions are those of the definition. */
#include "attest/base/rng.h"
#include "attest/linalg/ntt.h"

#include <string.h>

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

enum { MOST = 300 };

static void squares_are_those_of_every_pair(void)
{
    const struct att_stream s = att_stream(3, 1, 4, 1);

    for (size_t n = 1; n < MOST; n = n < 20 ? n + 1 : n * 3 / 2) {
        uint64_t x[MOST];
        uint64_t want[MOST] = {0};
        uint64_t got[MOST];

        for (size_t k = 0; k < n; k++)
            x[k] = att_stream_below(&s, k, k % 3 == 0 ? 3 : 100000);
        for (size_t a = 0; a < n; a++) {
            for (size_t b = 0; b < n; b++)
                want[(a + b) % n] += x[a] * x[b];
        }
        CU_ASSERT_EQUAL(att_power_cyclic(n, x, 2, got, arena, NULL), ATT_OK);
        for (size_t v = 0; v < n; v++)
            CU_ASSERT_EQUAL(got[v], want[v]);
        CU_ASSERT_EQUAL(att_power_cyclic(n, x, 2, x, arena, NULL), ATT_OK);
        CU_ASSERT_EQUAL(x[n - 1], want[n - 1]);
    }
}

/* The largest square that the contract allows, beyond 2^53. */
static void large_counts_are_exact(void)
{
    const uint64_t most = UINT64_C(3037000499); /* floor(2^31.5) */
    uint64_t x[3] = {most, 0, 0};

    CU_ASSERT_EQUAL(att_power_cyclic(3, x, 2, x, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(x[0], most * most);
    CU_ASSERT_EQUAL(x[1], 0);
    CU_ASSERT_EQUAL(x[2], 0);
}

/* x * x * x and (x * x) * x, the latter by the definition. */
static void cubes_are_those_of_every_triple(void)
{
    const struct att_stream s = att_stream(3, 1, 4, 2);

    for (size_t n = 1; n < 30; n++) {
        uint64_t x[30];
        uint64_t two[30];
        uint64_t three[30];
        uint64_t want[30] = {0};

        for (size_t k = 0; k < n; k++)
            x[k] = att_stream_below(&s, k, 1000);
        CU_ASSERT_EQUAL(att_power_cyclic(n, x, 1, two, arena, NULL), ATT_OK);
        CU_ASSERT_EQUAL(memcmp(two, x, n * sizeof *x), 0);
        CU_ASSERT_EQUAL(att_power_cyclic(n, x, 2, two, arena, NULL), ATT_OK);
        CU_ASSERT_EQUAL(att_power_cyclic(n, x, 3, three, arena, NULL), ATT_OK);
        for (size_t a = 0; a < n; a++) {
            for (size_t b = 0; b < n; b++)
                want[(a + b) % n] += two[a] * x[b];
        }
        CU_ASSERT_EQUAL(memcmp(three, want, n * sizeof *want), 0);
    }
}

static void too_little_memory_is_refused(void)
{
    struct att_arena *small = att_arena_create(4096);
    uint64_t x[MOST] = {1};
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_EQUAL(att_power_cyclic(MOST, x, 2, x, small, &err), ATT_E_NOMEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a transform"));
    CU_ASSERT_EQUAL(x[0], 1);
    att_arena_destroy(small);
}

/* Lengths that wrap around, and those that no root of unity serves. */
static void too_many_counts_are_refused(void)
{
    uint64_t x[1] = {1};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_power_cyclic(SIZE_MAX / 2, x, 4, x, arena, &err),
                    ATT_E_OVERFLOW);
    CU_ASSERT_EQUAL(
        att_power_cyclic(((size_t)1 << 31) + 1, x, 2, x, arena, NULL),
        ATT_E_OVERFLOW);
    CU_ASSERT_EQUAL(x[0], 1);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"squares are those of every pair", squares_are_those_of_every_pair},
        {"large counts are exact", large_counts_are_exact},
        {"cubes are those of every triple", cubes_are_those_of_every_triple},
        {"too little memory is refused", too_little_memory_is_refused},
        {"too many counts are refused", too_many_counts_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("ntt", begin, end, tests);
}
