/* test_lp.c - small linear programs whose ends are known by hand. */
#include "attest/linalg/lp.h"

#include <math.h>
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

/* max x + y under x + 2 y <= 4, 3 x + y <= 6, x, y >= 0: (8/5, 6/5). */
static void make_corner(struct att_lp *lp, enum att_lp_method method)
{
    static const double a[] = {1, 3, 2, 1};

    CU_ASSERT_EQUAL_FATAL(att_lp_init(lp, 2, 2, arena, NULL), ATT_OK);
    lp->method = method;
    memcpy(lp->a, a, sizeof a);
    for (int c = 0; c < 2; c++) {
        lp->cost[c] = -1.0;
        lp->lower[c] = 0.0;
    }
    lp->row_upper[0] = 4.0;
    lp->row_upper[1] = 6.0;
}

/* Whether this build solves programs at all; without CLP it says how. */
static bool solves(struct att_lp *lp)
{
    struct att_error err = {0};
    const att_status status = att_lp_solve(lp, &err);

    if (status == ATT_E_UNSUPPORTED) {
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "coinor-libclp-dev"));
        return false;
    }
    CU_ASSERT_EQUAL_FATAL(status, ATT_OK);
    return true;
}

static void both_methods_find_a_corner_known_by_hand(void)
{
    for (int method = 0; method < 2; method++) {
        struct att_lp lp;

        make_corner(&lp, (enum att_lp_method)method);
        if (!solves(&lp))
            return;
        CU_ASSERT_EQUAL(lp.end, ATT_LP_OPTIMAL);
        CU_ASSERT_DOUBLE_EQUAL(lp.x[0], 1.6, 1e-7);
        CU_ASSERT_DOUBLE_EQUAL(lp.x[1], 1.2, 1e-7);
    }
}

static void a_program_is_solved_again_with_other_bounds(void)
{
    struct att_lp lp;

    make_corner(&lp, ATT_LP_PRIMAL);
    if (!solves(&lp))
        return;
    lp.row_upper[1] = 3.0; /* now (2/5, 9/5) */
    CU_ASSERT_TRUE(solves(&lp));
    CU_ASSERT_DOUBLE_EQUAL(lp.x[0], 0.4, 1e-7);
    lp.row_lower[0] = 5.0; /* above its upper bound */
    CU_ASSERT_TRUE(solves(&lp));
    CU_ASSERT_EQUAL(lp.end, ATT_LP_INFEASIBLE);
}

static void programs_too_large_to_number_are_refused(void)
{
    struct att_lp lp;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(
        att_lp_init(&lp, (size_t)1 << 20, (size_t)1 << 20, arena, &err),
        ATT_E_OVERFLOW);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "1048576 rows"));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"both methods find a corner known by hand",
         both_methods_find_a_corner_known_by_hand},
        {"a program is solved again with other bounds",
         a_program_is_solved_again_with_other_bounds},
        {"programs too large to number are refused",
         programs_too_large_to_number_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("linear programs", begin, end, tests);
}
