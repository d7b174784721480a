/* test_matching_local.c - windows are read back exactly, answers are the
 * truth's, and points that cannot be say why. */
#include <math.h>

#include "one_task.h"
#include "unit.h"

static void open_extents(struct one_task *t, int64_t L, int64_t M, int64_t K,
                         int64_t d)
{
    one_task_open(t, "matching_local", 41);
    one_task_int(t, "L", L);
    one_task_int(t, "M", M);
    one_task_int(t, "K", K);
    one_task_int(t, "d", d);
    one_task_int(t, "samples", 3);
}

/* Far more coordinates than q ln L: every window is read. */
static void windows_are_read_and_answers_are_true(void)
{
    static const int64_t K[] = {0, 1, 3, 15};

    for (size_t k = 0; k < sizeof K / sizeof K[0]; k++) {
        struct one_task t;

        open_extents(&t, 31, 53, K[k], 2048);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_number(&t, "recovered"), 1.0);
        CU_ASSERT_EQUAL(one_task_number(&t, "wrong"), 0.0);
        CU_ASSERT_EQUAL(one_task_number(&t, "tokens"), 93.0);
        CU_ASSERT_TRUE(one_task_number(&t, "slot_dev") < 0.25);
        CU_ASSERT_TRUE(one_task_number(&t, "slot_dev") > 0.0);
        CU_ASSERT_EQUAL(one_task_number(&t, "q"), (double)(2 * K[k] + 1));
        one_task_close(&t);
    }
}

static void two_layers_find_neighbours(void)
{
    struct one_task t;

    open_extents(&t, 64, 67, 0, 67);
    one_task_text(&t, "kind", "match3bigram");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_number(&t, "wrong"), 0.0);
    CU_ASSERT_EQUAL(one_task_number(&t, "layers"), 2.0);
    CU_ASSERT_TRUE(one_task_number(&t, "matches") > 0.0);
    /* the margins of C5 */
    CU_ASSERT_TRUE(one_task_number(&t, "out_min_match") >=
                   256.0 / 257.0 - 1e-9);
    CU_ASSERT_TRUE(one_task_number(&t, "out_max_none") <= 0.2);
    one_task_close(&t);
}

/* d < q leaves the Gram matrix of a window singular: nothing is read. */
static void too_few_coordinates_read_nothing(void)
{
    struct one_task t;

    open_extents(&t, 64, 101, 4, 3);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_number(&t, "recovered"), 0.0);
    CU_ASSERT_TRUE(isnan(one_task_number(&t, "m_min")));
    CU_ASSERT_TRUE(one_task_number(&t, "err_l1_max") > 1.0);
    CU_ASSERT_EQUAL(one_task_number(&t, "on_dev"), 1.0); /* scores are 0 */
    CU_ASSERT_TRUE(one_task_number(&t, "slot_dev") > 0.5);
    one_task_close(&t);
}

static void slices_make_up_the_whole(void)
{
    struct one_task t;
    double tokens = 0.0;
    double worst = 0.0;

    open_extents(&t, 50, 53, 2, 96);
    for (uint32_t s = 0; s < 3; s++) {
        t.at.slice = (struct att_slice){s, 3};
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        tokens += one_task_number(&t, "tokens");
        worst = fmax(worst, one_task_number(&t, "err_l1_max"));
    }
    t.at.slice = (struct att_slice){0, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(tokens, one_task_number(&t, "tokens"));
    CU_ASSERT_EQUAL(worst, one_task_number(&t, "err_l1_max"));
    one_task_close(&t);
}

static void impossible_points_say_why(void)
{
    struct one_task t;

    open_extents(&t, 4, 101, 2, 16);
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_EQUAL(t.err.status, ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "a window of 2K + 1 = 5 positions is longer than L "
                           "= 4: lower K");
    one_task_close(&t);
    open_extents(&t, 1, 101, 0, 16);
    one_task_text(&t, "kind", "match3bigram");
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_STRING_EQUAL(t.err.text, "L = 1 has no neighbours: raise L");
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"windows are read and answers are true",
         windows_are_read_and_answers_are_true},
        {"two layers find neighbours", two_layers_find_neighbours},
        {"too few coordinates read nothing", too_few_coordinates_read_nothing},
        {"slices make up the whole", slices_make_up_the_whole},
        {"impossible points say why", impossible_points_say_why},
        CU_TEST_INFO_NULL,
    };

    return unit_run("matching_local", tests);
}
