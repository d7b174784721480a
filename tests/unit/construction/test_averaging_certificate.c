/* test_averaging_certificate.c - certificates, and the vectors T7 and T8. */
#include "../../../src/construction/averaging/averaging_certificate_priv.h"

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

/* Keys 0, 1, 3: {1} lies between {0, 3} with mu = (2/3, 1/3). */
static void three_numbers_have_the_dependence_of_t8(void)
{
    double keys[] = {0, 1, 3};
    const struct att_mat u = {keys, 3, 1, 1};
    double lam[3];
    uint32_t y = 9;

    CU_ASSERT_EQUAL_FATAL(att_avg_radon(u, 3, 1, lam, &y, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(y, 1);
    CU_ASSERT_DOUBLE_EQUAL(lam[0], -2.0 / 3.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(lam[1], 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(lam[2], -1.0 / 3.0, 1e-12);
    CU_ASSERT_TRUE(att_avg_radon_residual(u, lam) < 1e-12);
}

static void a_set_without_room_is_refused_with_a_remedy(void)
{
    double keys[] = {0, 1, 3};
    const struct att_mat u = {keys, 3, 1, 1};
    double lam[3];
    uint32_t y[2];
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_avg_radon(u, 3, 2, lam, y, arena, &err),
                    ATT_E_INFEASIBLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "raise q or L"));
}

/* Pointers a = 101 are y = {1, 2, 5}; b = 010 is disjoint, b = 001 is not. */
static void disjointness_has_the_targets_of_t7(void)
{
    static const uint32_t y[] = {1, 2, 5};
    const double disjoint[] = {-1, -1, -1, 1, -1, -1, -1};
    const double meets[] = {-1, -1, -1, -1, -1, 1, -1};
    double out = 0.0;

    att_averaging_target(disjoint, 1, y, 3, &out);
    CU_ASSERT_EQUAL(out, -1.0);
    att_averaging_target(meets, 1, y, 3, &out);
    CU_ASSERT_DOUBLE_EQUAL(out, -1.0 / 3.0, 1e-16);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"three numbers have the dependence of T8",
         three_numbers_have_the_dependence_of_t8},
        {"a set without room is refused with a remedy",
         a_set_without_room_is_refused_with_a_remedy},
        {"disjointness has the targets of T7",
         disjointness_has_the_targets_of_t7},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging certificate", begin, end, tests);
}
