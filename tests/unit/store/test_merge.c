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
        {"a target with something in it is refused",
         a_target_with_something_in_it_is_refused},
        {"a folder without a journal is an error",
         a_folder_without_a_journal_is_an_error},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("merge", make, clean, tests);
}
