/* test_compare.c - four levels, told apart column by column. */
#include "attest/store/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "specimen.h"
#include "unit.h"

static struct scratch scratch;

static int make(void)
{
    scratch_open(&scratch);
    return 0;
}

static int clean(void)
{
    scratch_close(&scratch);
    return 0;
}

static struct att_dataset *make_run(const char *name,
                                    const struct specimen_options *options)
{
    struct att_dataset *ds = NULL;
    char path[SCRATCH_PATH];

    (void)scratch_path(&scratch, name, path);
    specimen_write(path, specimen_study, options);
    CU_ASSERT_EQUAL_FATAL(att_dataset_open(path, &ds, NULL), ATT_OK);
    return ds;
}

static const struct att_diff_column *column(const struct att_diff *diff,
                                            const char *construction,
                                            const char *name)
{
    for (size_t i = 0; i < diff->n_columns; i++) {
        if (strcmp(diff->column[i].column, name) == 0 &&
            strcmp(diff->column[i].construction, construction) == 0)
            return &diff->column[i];
    }
    CU_FAIL_FATAL("no such column");
    return NULL;
}

static void a_run_equals_itself_and_its_store(void)
{
    const struct specimen_options options = {.skip_every = 4};
    struct att_dataset *a = make_run("itself", &options), *b = NULL;
    struct att_diff *diff = NULL;
    char path[SCRATCH_PATH];

    (void)scratch_path(&scratch, "itself", path);
    specimen_store(path);
    (void)scratch_path(&scratch, "itself/results.h5", path);
    CU_ASSERT_EQUAL_FATAL(att_dataset_open(path, &b, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_diff(a, b, &diff, NULL), ATT_OK);
    CU_ASSERT_EQUAL(diff->level, ATT_LEVEL_EQUAL);
    CU_ASSERT_EQUAL(diff->n_common, att_dataset_n_done(a));
    CU_ASSERT_EQUAL(diff->n_only_a + diff->n_only_b, 0);
    CU_ASSERT_TRUE(diff->n_columns > 10);
    for (size_t i = 0; i < diff->n_columns; i++) {
        CU_ASSERT_EQUAL(diff->column[i].level, ATT_LEVEL_EQUAL);
        CU_ASSERT_TRUE(diff->column[i].count[ATT_LEVEL_EQUAL] > 0);
    }
    att_diff_destroy(diff);
    att_dataset_close(a);
    att_dataset_close(b);
}

/* One run is shifted within the tolerance of err, one in an exact column;
 * their hosts, times and rates differ, which is nobody's business. */
static void shifts_show_at_their_level_and_nowhere_else(void)
{
    const struct specimen_options plain = {.start_time = 1};
    const struct specimen_options close_by = {.start_time = 2, .shift = 1e-12};
    const struct specimen_options apart = {.shift = 1e-6, .shift_exact = 1};
    struct att_dataset *a = make_run("plain", &plain);
    struct att_dataset *b = make_run("close", &close_by);
    struct att_dataset *c = make_run("apart", &apart);
    struct att_diff *diff = NULL;

    CU_ASSERT_EQUAL_FATAL(att_diff(a, b, &diff, NULL), ATT_OK);
    CU_ASSERT_EQUAL(diff->level, ATT_LEVEL_WITHIN);
    CU_ASSERT_EQUAL(column(diff, "alpha", "err")->level, ATT_LEVEL_WITHIN);
    CU_ASSERT_TRUE(column(diff, "alpha", "err")->worst < 2e-12);
    CU_ASSERT_TRUE(column(diff, "alpha", "err")->worst > 5e-13);
    CU_ASSERT_EQUAL(column(diff, "alpha", "blocks")->level, ATT_LEVEL_EQUAL);
    for (size_t i = 0; i < diff->n_columns; i++)
        CU_ASSERT_STRING_NOT_EQUAL(diff->column[i].column, "rate");
    att_diff_destroy(diff);

    /* every claim of the rows has the same verdict */
    CU_ASSERT_EQUAL_FATAL(att_diff(a, c, &diff, NULL), ATT_OK);
    CU_ASSERT_EQUAL(diff->level, ATT_LEVEL_VERDICTS);
    CU_ASSERT_EQUAL(column(diff, "beta", "err")->level, ATT_LEVEL_VERDICTS);
    CU_ASSERT_EQUAL(column(diff, "beta", "blocks")->level, ATT_LEVEL_VERDICTS);
    CU_ASSERT_EQUAL(column(diff, "beta", "N")->level, ATT_LEVEL_EQUAL);
    CU_ASSERT_EQUAL(column(diff, "alpha", "observations/loss")->level,
                    ATT_LEVEL_EQUAL);
    att_diff_destroy(diff);
    att_dataset_close(a);
    att_dataset_close(b);
    att_dataset_close(c);
}

static void another_outcome_is_a_difference(void)
{
    const struct specimen_options good = {0}, bad = {.fail_every = 3};
    struct att_dataset *a = make_run("good", &good);
    struct att_dataset *b = make_run("bad", &bad);
    struct att_diff *diff = NULL;

    CU_ASSERT_EQUAL_FATAL(att_diff(a, b, &diff, NULL), ATT_OK);
    CU_ASSERT_EQUAL(diff->level, ATT_LEVEL_DIFFERENT);
    const struct att_diff_column *status = column(diff, "beta", "status");

    CU_ASSERT_EQUAL(status->level, ATT_LEVEL_DIFFERENT);
    CU_ASSERT_TRUE(status->count[ATT_LEVEL_EQUAL] > 0);
    CU_ASSERT_TRUE(status->count[ATT_LEVEL_DIFFERENT] > 0);
    CU_ASSERT_EQUAL(column(diff, "beta", "err")->worst, HUGE_VAL);
    att_diff_destroy(diff);
    att_dataset_close(a);
    att_dataset_close(b);
}

static void rows_of_one_side_are_named(void)
{
    const struct specimen_options all = {0}, some = {.skip_every = 2};
    struct att_dataset *a = make_run("all", &all);
    struct att_dataset *b = make_run("some", &some);
    struct att_diff *diff = NULL;

    CU_ASSERT_EQUAL_FATAL(att_diff(a, b, &diff, NULL), ATT_OK);
    CU_ASSERT_EQUAL(diff->n_only_a,
                    att_dataset_n_done(a) - att_dataset_n_done(b));
    CU_ASSERT_EQUAL(diff->n_only_b, 0);
    CU_ASSERT_EQUAL(diff->n_common, att_dataset_n_done(b));
    att_diff_destroy(diff);
    att_dataset_close(a);
    att_dataset_close(b);
}

static void cells_have_levels_of_their_own(void)
{
    const struct att_field exact = {.exactness = ATT_EXACT};
    const struct att_field rounded = {.exactness = ATT_ROUNDED,
                                      .tolerance = 0.5};
    const struct {
        const struct att_field *field;
        struct att_value a, b;
        enum att_level level;
        double distance;
    } cases[] = {
        {&exact, att_int(3), att_int(3), ATT_LEVEL_EQUAL, 0},
        {&exact, att_int(3), att_int(4), ATT_LEVEL_DIFFERENT, 0.25},
        {&exact, att_real(0.0), att_real(-0.0), ATT_LEVEL_DIFFERENT, 0},
        {&rounded, att_real(0.0), att_real(-0.0), ATT_LEVEL_WITHIN, 0},
        {&rounded, att_real(1), att_real(2), ATT_LEVEL_WITHIN, 0.5},
        {&rounded, att_real(1), att_real(4), ATT_LEVEL_DIFFERENT, 0.75},
        {&rounded, att_real(1), att_none(), ATT_LEVEL_DIFFERENT, HUGE_VAL},
        {&rounded, att_none(), att_none(), ATT_LEVEL_EQUAL, 0},
        {&rounded, att_real(HUGE_VAL), att_real(-HUGE_VAL), ATT_LEVEL_DIFFERENT,
         HUGE_VAL},
        {&rounded, att_real(HUGE_VAL), att_real(1), ATT_LEVEL_DIFFERENT,
         HUGE_VAL},
        {&exact, att_text("a"), att_text("b"), ATT_LEVEL_DIFFERENT, 0},
        {&exact, att_text("a"), att_text("a"), ATT_LEVEL_EQUAL, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double distance = -1;

        CU_ASSERT_EQUAL(att_compare_cells(cases[i].field, cases[i].a,
                                          cases[i].b, &distance),
                        cases[i].level);
        CU_ASSERT_EQUAL(distance, cases[i].distance);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a run equals itself and its store",
         a_run_equals_itself_and_its_store},
        {"shifts show at their level and nowhere else",
         shifts_show_at_their_level_and_nowhere_else},
        {"another outcome is a difference", another_outcome_is_a_difference},
        {"rows of one side are named", rows_of_one_side_are_named},
        {"cells have levels of their own", cells_have_levels_of_their_own},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("compare", make, clean, tests);
}
