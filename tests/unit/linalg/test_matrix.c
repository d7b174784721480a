/* test_matrix.c - matrices in an arena. */
#include "attest/linalg/matrix.h"

#include <stdint.h>

#include "unit.h"

static void a_new_matrix_is_zero_and_dense(void)
{
    struct att_arena *arena = att_arena_create(0);

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    const struct att_mat m = att_mat_new(arena, 3, 5);
    const struct att_matf f = att_matf_new(arena, 3, 5);

    CU_ASSERT_PTR_NOT_NULL_FATAL(m.data);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.data);
    CU_ASSERT_EQUAL(m.stride, 5);
    for (size_t i = 0; i < 15; i++)
        CU_ASSERT(m.data[i] == 0.0 && f.data[i] == 0.0F);
    CU_ASSERT_PTR_EQUAL(att_mat_row(m, 2), m.data + 10);
    CU_ASSERT_PTR_EQUAL(att_matf_row(f, 1), f.data + 5);
    CU_ASSERT_EQUAL((uintptr_t)m.data % 64, 0);
    att_arena_destroy(arena);
}

static void a_size_that_wraps_around_is_refused(void)
{
    struct att_arena *arena = att_arena_create(0);

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    const struct att_mat m = att_mat_new(arena, SIZE_MAX / 4, 5);

    CU_ASSERT_PTR_NULL(m.data);
    CU_ASSERT_NOT_EQUAL(att_arena_refused(arena), 0);
    att_arena_destroy(arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a new matrix is zero and dense", a_new_matrix_is_zero_and_dense},
        {"a size that wraps around is refused",
         a_size_that_wraps_around_is_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("matrix", tests);
}
