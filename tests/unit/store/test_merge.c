/* test_merge.c - shards become one run; what does not agree is named. */
#include "attest/store/merge.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attest/store/compare.h"
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

/* The paths of two runs and of their union. */
struct paths {
    char a[SCRATCH_PATH], b[SCRATCH_PATH], out[SCRATCH_PATH];
};

static void make_paths(struct paths *p, const char *name)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s-a", name);
    (void)scratch_path(&scratch, text, p->a);
    (void)snprintf(text, sizeof text, "%s-b", name);
    (void)scratch_path(&scratch, text, p->b);
    (void)snprintf(text, sizeof text, "%s-out", name);
    (void)scratch_path(&scratch, text, p->out);
}

static att_status merge_two(const struct paths *p,
                            struct att_merge_report *report,
                            struct att_buffer *conflicts, struct att_error *err)
{
    const char *const dirs[] = {p->a, p->b};

    return att_merge(dirs, 2, p->out, report, conflicts, err);
}

static bool says(const struct att_buffer *text, const char *part)
{
    return text->data != NULL && strstr(text->data, part) != NULL;
}

/* What one folder lacks or failed, the other has. */
static void shards_unite_to_the_whole_run(void)
{
    const struct specimen_options a = {.skip_every = 3, .fail_every = 4};
    const struct specimen_options b = {.skip_every = 5};
    const struct specimen_options whole = {.skip_every = 15, .fail_every = 20};
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct att_error err = {0};
    struct att_dataset *merged = NULL, *undisturbed = NULL;
    struct att_diff *diff = NULL;
    struct paths p;
    char path[SCRATCH_PATH];

    make_paths(&p, "shards");
    specimen_write(p.a, specimen_study, &a);
    specimen_write(p.b, specimen_study, &b);
    (void)scratch_path(&scratch, "shards-whole", path);
    specimen_write(path, specimen_study, &whole);
    CU_ASSERT_EQUAL_FATAL(merge_two(&p, &report, &conflicts, &err), ATT_OK);
    CU_ASSERT_EQUAL(report.n_conflicts, 0);
    CU_ASSERT_EQUAL(report.n_studies, 1);
    CU_ASSERT_TRUE(report.n_shared > 0);
    CU_ASSERT_TRUE(report.n_replaced > 0);

    CU_ASSERT_EQUAL_FATAL(att_dataset_open(p.out, &merged, &err), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_dataset_open(path, &undisturbed, &err), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_diff(merged, undisturbed, &diff, &err), ATT_OK);
    CU_ASSERT_EQUAL(diff->level, ATT_LEVEL_EQUAL);
    CU_ASSERT_EQUAL(diff->n_only_a + diff->n_only_b, 0);
    CU_ASSERT_EQUAL(diff->n_common, report.n_rows);
    att_diff_destroy(diff);
    att_dataset_close(merged);
    att_dataset_close(undisturbed);
    att_buffer_fini(&conflicts);
}

static void rows_that_differ_are_named_and_nothing_is_written(void)
{
    const struct specimen_options a = {0}, b = {.shift_exact = 1};
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct att_error err = {0};
    struct stat info;
    struct paths p;

    make_paths(&p, "conflict");
    specimen_write(p.a, specimen_study, &a);
    specimen_write(p.b, specimen_study, &b);
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, &err), ATT_E_MISMATCH);
    CU_ASSERT_TRUE(report.n_conflicts > 20);
    CU_ASSERT_TRUE(says(&conflicts, "blocks = "));
    CU_ASSERT_TRUE(says(&conflicts, p.b));
    CU_ASSERT_NOT_EQUAL(stat(p.out, &info), 0);
    att_buffer_fini(&conflicts);
}

static void rounding_within_the_tolerance_is_no_conflict(void)
{
    const struct specimen_options a = {0}, b = {.shift = 1e-12};
    const struct specimen_options c = {.shift = 1e-6};
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct paths p;

    make_paths(&p, "rounding");
    specimen_write(p.a, specimen_study, &a);
    specimen_write(p.b, specimen_study, &b);
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, NULL), ATT_OK);
    make_paths(&p, "beyond");
    specimen_write(p.a, specimen_study, &a);
    specimen_write(p.b, specimen_study, &c);
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, NULL), ATT_E_MISMATCH);
    CU_ASSERT_TRUE(says(&conflicts, "err = "));
    att_buffer_fini(&conflicts);
}

/* ---- rows that observe different values of one axis ----------------------- */

/* One row with the lines of steps 0, 1 and 2. */
static const char THREE_STEPS[] = "name: steps\nseed: 1\nsweeps:\n"
                                  "  - {construction: alpha, grid: {N: 3}}\n";
enum { STEP_0 = 1, STEP_1 = 2, STEP_2 = 4 };

/* Merge two folders whose rows lack lines, the b's moved by shift. */
static att_status merge_lines(const char *name, uint32_t drop_a,
                              uint32_t drop_b, double shift,
                              struct att_buffer *conflicts,
                              struct att_error *err)
{
    const struct specimen_options a = {.drop_lines = drop_a};
    const struct specimen_options b = {.drop_lines = drop_b,
                                       .shift_loss = shift};
    struct att_merge_report report;
    struct paths p;

    make_paths(&p, name);
    specimen_write(p.a, THREE_STEPS, &a);
    specimen_write(p.b, THREE_STEPS, &b);
    return merge_two(&p, &report, conflicts, err);
}

/* Is the merged run the one that has lines but for some? */
static bool merged_is(const char *name, uint32_t drop)
{
    const struct specimen_options wanted = {.drop_lines = drop};
    struct att_dataset *merged = NULL, *whole = NULL;
    struct att_diff *diff = NULL;
    struct paths p;
    char path[SCRATCH_PATH], text[64];
    bool same = false;

    make_paths(&p, name);
    (void)snprintf(text, sizeof text, "%s-wanted", name);
    (void)scratch_path(&scratch, text, path);
    specimen_write(path, THREE_STEPS, &wanted);
    if (att_dataset_open(p.out, &merged, NULL) == ATT_OK &&
        att_dataset_open(path, &whole, NULL) == ATT_OK &&
        att_diff(merged, whole, &diff, NULL) == ATT_OK)
        same = diff->level == ATT_LEVEL_EQUAL && diff->n_common == 1;
    att_diff_destroy(diff);
    att_dataset_close(merged);
    att_dataset_close(whole);
    return same;
}

static void the_row_with_more_lines_stands_whatever_the_order(void)
{
    static const struct {
        const char *name;
        uint32_t drop_a, drop_b, kept;
    } each[] = {
        {"more-first", 0, STEP_1, 0},
        {"more-second", STEP_1, 0, 0},
        {"less-at-the-start", STEP_0, 0, 0},
        {"less-at-the-end", STEP_2 | STEP_1, STEP_2, STEP_2},
        {"none", STEP_0 | STEP_1 | STEP_2, STEP_0, STEP_0},
    };
    struct att_buffer conflicts = {0};

    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        CU_ASSERT_EQUAL(merge_lines(each[i].name, each[i].drop_a,
                                    each[i].drop_b, 0, &conflicts, NULL),
                        ATT_OK);
        CU_ASSERT_TRUE(merged_is(each[i].name, each[i].kept));
    }
    att_buffer_fini(&conflicts);
}

static void lines_that_differ_are_a_conflict_beside_lines_of_one_row(void)
{
    struct att_buffer conflicts = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(merge_lines("differ", STEP_0, 0, 1e-6, &conflicts, &err),
                    ATT_E_MISMATCH);
    CU_ASSERT_TRUE(says(&conflicts, "loss = "));
    CU_ASSERT_PTR_NULL(strstr(err.text, "merge again"));
    att_buffer_clear(&conflicts);
    CU_ASSERT_EQUAL(merge_lines("turned", 0, STEP_0, 1e-6, &conflicts, &err),
                    ATT_E_MISMATCH);
    CU_ASSERT_TRUE(says(&conflicts, "loss = "));
    att_buffer_fini(&conflicts);
}

static void rows_of_which_neither_has_all_lines_are_refused(void)
{
    static const struct {
        const char *name;
        uint32_t drop_a, drop_b;
        const char *said;
    } each[] = {
        {"two-and-two", STEP_1, STEP_2, "observed at step = 1 in "},
        {"two-and-one", STEP_2, STEP_0 | STEP_1, "observed at step = 2 in "},
    };
    struct att_buffer conflicts = {0};
    struct att_error err = {0};

    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        att_buffer_clear(&conflicts);
        CU_ASSERT_EQUAL(merge_lines(each[i].name, each[i].drop_a,
                                    each[i].drop_b, 0, &conflicts, &err),
                        ATT_E_MISMATCH);
        CU_ASSERT_TRUE(says(&conflicts, each[i].said));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "merge again"));
    }
    att_buffer_fini(&conflicts);
}

/* Nothing tells which lines are about the same. */
static void lines_without_an_axis_agree_one_by_one(void)
{
    const struct specimen_options a = {.without_axis = true};
    const struct specimen_options b = {.without_axis = true,
                                       .drop_lines = STEP_2};
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct paths p;

    make_paths(&p, "no-axis");
    specimen_write(p.a, THREE_STEPS, &a);
    specimen_write(p.b, THREE_STEPS, &a);
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, NULL), ATT_OK);
    make_paths(&p, "no-axis-fewer");
    specimen_write(p.a, THREE_STEPS, &a);
    specimen_write(p.b, THREE_STEPS, &b);
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, NULL), ATT_E_MISMATCH);
    CU_ASSERT_TRUE(says(&conflicts, "observations = 3"));
    att_buffer_fini(&conflicts);
}

/* The first two folders lack a line that the other has; the third has both. */
static void a_third_row_that_has_all_lines_settles_it(void)
{
    static const uint32_t drop[] = {STEP_1, STEP_2, 0};
    char path[3][SCRATCH_PATH];
    const char *const dirs[] = {path[0], path[1], path[2]};
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct paths p;

    for (size_t i = 0; i < 3; i++) {
        const struct specimen_options lacks = {.drop_lines = drop[i]};
        const char *const name[] = {"third-1", "third-2", "third-3"};

        (void)scratch_path(&scratch, name[i], path[i]);
        specimen_write(path[i], THREE_STEPS, &lacks);
    }
    make_paths(&p, "third");
    CU_ASSERT_EQUAL(att_merge(dirs, 3, p.out, &report, &conflicts, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(report.n_rows, 1);
    CU_ASSERT_TRUE(merged_is("third", 0));
    att_buffer_fini(&conflicts);
}

static void a_target_with_something_in_it_is_refused(void)
{
    const struct specimen_options plain = {0};
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct att_error err = {0};
    struct paths p;

    make_paths(&p, "full");
    specimen_write(p.a, specimen_study, &plain);
    specimen_write(p.b, specimen_study, &plain);
    specimen_write(p.out, specimen_study, &plain);
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, &err), ATT_E_ARG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not empty"));
    att_buffer_fini(&conflicts);
}

static void a_folder_without_a_journal_is_an_error(void)
{
    struct att_merge_report report;
    struct att_buffer conflicts = {0};
    struct att_error err = {0};
    struct paths p;

    make_paths(&p, "nothing");
    CU_ASSERT_EQUAL(merge_two(&p, &report, &conflicts, &err), ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "nothing-a"));
    att_buffer_fini(&conflicts);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"shards unite to the whole run", shards_unite_to_the_whole_run},
        {"rows that differ are named and nothing is written",
         rows_that_differ_are_named_and_nothing_is_written},
        {"rounding within the tolerance is no conflict",
         rounding_within_the_tolerance_is_no_conflict},
        {"the row with more lines stands, whatever the order",
         the_row_with_more_lines_stands_whatever_the_order},
        {"lines that differ are a conflict beside lines of one row",
         lines_that_differ_are_a_conflict_beside_lines_of_one_row},
        {"rows of which neither has all lines are refused",
         rows_of_which_neither_has_all_lines_are_refused},
        {"lines without an axis agree one by one",
         lines_without_an_axis_agree_one_by_one},
        {"a third row that has all lines settles it",
         a_third_row_that_has_all_lines_settles_it},
        {"a target with something in it is refused",
         a_target_with_something_in_it_is_refused},
        {"a folder without a journal is an error",
         a_folder_without_a_journal_is_an_error},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("merge", make, clean, tests);
}
