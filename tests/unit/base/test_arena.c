/* test_arena.c - the arena aligns, limits, rewinds, and remembers. */
#include "attest/base/arena.h"

#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "attest/base/rng.h"

static void blocks_are_aligned_and_do_not_overlap(void)
{
    struct att_arena *arena = att_arena_create(0);
    const struct att_stream s = att_stream(1, 0, 0, 0);
    char *start[300];
    size_t size[300];

    for (unsigned i = 0; i < 300; i++) {
        size[i] = att_stream_below(&s, i, i % 50 == 0 ? 900000 : 3000);
        start[i] = att_arena_alloc(arena, size[i], 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(start[i]);
        CU_ASSERT_EQUAL((uintptr_t)start[i] % 64, 0);
        memset(start[i], (int)(i % 251), size[i]);
    }
    for (unsigned i = 0; i < 300; i++) {
        bool intact = true;

        for (size_t k = 0; k < size[i]; k++)
            intact = intact && (unsigned char)start[i][k] == i % 251;
        CU_ASSERT_TRUE(intact);
    }
    att_arena_destroy(arena);
}

static void the_limit_refuses_and_names_the_request(void)
{
    struct att_arena *arena = att_arena_create(1000);
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL(att_arena_alloc(arena, 900, 1));
    CU_ASSERT_PTR_NULL(att_arena_alloc(arena, 100, 1));
    CU_ASSERT_EQUAL(att_arena_refused(arena), 128);
    CU_ASSERT_EQUAL(att_arena_fail(arena, "the pool", &err), ATT_E_NOMEM);
    CU_ASSERT_STRING_EQUAL(err.text, "out of memory: the pool needs 128 B more "
                                     "than task_memory 1000 B leaves");
    CU_ASSERT_PTR_NULL(att_arena_alloc(arena, SIZE_MAX / 2, 3));
    att_arena_destroy(arena);
}

static void rewinding_gives_back_and_keeps_the_peak(void)
{
    struct att_arena *arena = att_arena_create(0);
    char *kept = att_arena_strdup(arena, "kept");
    const struct att_arena_mark mark = att_arena_mark(arena);
    const uint64_t used = att_arena_used(arena);

    for (int round = 0; round < 3; round++) {
        CU_ASSERT_PTR_NOT_NULL(att_arena_alloc(arena, 3 << 20, 1));
        att_arena_rewind(arena, mark);
        CU_ASSERT_EQUAL(att_arena_used(arena), used);
    }
    CU_ASSERT_STRING_EQUAL(kept, "kept");
    CU_ASSERT_EQUAL(att_arena_peak(arena), used + (3 << 20));
    att_arena_reset(arena, 64);
    CU_ASSERT_EQUAL(att_arena_used(arena), 0);
    CU_ASSERT_EQUAL(att_arena_peak(arena), 0);
    CU_ASSERT_PTR_NULL(att_arena_alloc(arena, 65, 1));
    att_arena_destroy(arena);
}

static void zero_sized_requests_are_valid(void)
{
    struct att_arena *arena = att_arena_create(0);

    CU_ASSERT_PTR_NOT_NULL(att_arena_alloc(arena, 0, 8));
    CU_ASSERT_PTR_NOT_NULL(att_arena_zero(arena, 8, 0));
    CU_ASSERT_EQUAL(att_arena_refused(arena), 0);
    att_arena_destroy(arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"blocks are aligned and do not overlap",
         blocks_are_aligned_and_do_not_overlap},
        {"the limit refuses and names the request",
         the_limit_refuses_and_names_the_request},
        {"rewinding gives back and keeps the peak",
         rewinding_gives_back_and_keeps_the_peak},
        {"zero-sized requests are valid", zero_sized_requests_are_valid},
        CU_TEST_INFO_NULL,
    };

    return unit_run("arena", tests);
}
