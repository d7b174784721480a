/* test_store.c - writing results.h5: what it counts, and how it fails. */
#include "attest/store/store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/buffer.h"
#include "attest/store/dataset.h"
#include "attest/store/index.h"
#include "scratch.h"
#include "specimen.h"
#include "unit.h"

static struct scratch scratch;
static char dir[SCRATCH_PATH], file[SCRATCH_PATH + 16];

static int make(void)
{
    const struct specimen_options holes = {.skip_every = 5, .fail_every = 7};

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "run", dir);
    (void)snprintf(file, sizeof file, "%s/results.h5", dir);
    specimen_write(dir, specimen_study, &holes);
    return 0;
}

static int clean(void)
{
    scratch_close(&scratch);
    return 0;
}

/* replaces: what must still stand at the path, or NULL. */
static att_status write_store_over(const char *path,
                                   const struct att_store_mark *replaces,
                                   struct att_store_summary *summary,
                                   struct att_error *err)
{
    struct specimen s;

    specimen_open(&s, dir);

    const struct att_store_input input = {
        .journal = s.journal,
        .study = att_study_of(s.file),
        .plan = s.plan,
        .replaces = replaces,
    };
    const att_status status = att_store_write(path, &input, summary, err);

    specimen_close(&s);
    return status;
}

static att_status write_store(const char *path,
                              struct att_store_summary *summary,
                              struct att_error *err)
{
    return write_store_over(path, NULL, summary, err);
}

static uint64_t size_of(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

/* wide plans tasks 0..35 less holes, zipped 36..44, beta 45..64. */
static void the_summary_counts_every_task(void)
{
    struct att_store_summary s = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL_FATAL(write_store(file, &s, &err), ATT_OK);
    CU_ASSERT_EQUAL(s.n_planned, 30 + 9 + 20);
    CU_ASSERT_EQUAL(s.n_rows, s.n_planned);
    CU_ASSERT_TRUE(s.n_results < s.n_planned);
    CU_ASSERT_TRUE(s.n_done < s.n_results);
    CU_ASSERT_EQUAL(s.n_not_listed, 0);
    CU_ASSERT_EQUAL(s.n_unplanned, 0);
    CU_ASSERT_EQUAL(s.n_bytes, size_of(file));
}

static void nothing_but_the_store_is_left_in_the_folder(void)
{
    char command[SCRATCH_PATH + 64];

    CU_ASSERT_EQUAL(write_store(file, NULL, NULL), ATT_OK);
    (void)snprintf(command, sizeof command, "test -z \"$(ls %s | grep tmp)\"",
                   dir);
    /* NOLINTNEXTLINE(cert-env33-c): the path is the test's own */
    CU_ASSERT_EQUAL(system(command), 0);
}

static void a_store_that_came_meanwhile_stays(void)
{
    static const char newer[] = "of another process";
    struct att_store_mark mark;

    (void)unlink(file);
    att_store_look(file, &mark);
    CU_ASSERT_EQUAL(write_store_over(file, &mark, NULL, NULL), ATT_OK);
    CU_ASSERT_TRUE(size_of(file) > sizeof newer); /* nobody came */
    CU_ASSERT_EQUAL(att_file_replace(file, newer, sizeof newer, false, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(write_store_over(file, &mark, NULL, NULL), ATT_OK);
    CU_ASSERT_EQUAL(size_of(file), sizeof newer);
    att_store_look(file, &mark);
    CU_ASSERT_EQUAL(write_store_over(file, &mark, NULL, NULL), ATT_OK);
    CU_ASSERT_TRUE(size_of(file) > sizeof newer);
    nothing_but_the_store_is_left_in_the_folder();
}

/* The limit on file sizes stands for a full disk: write(2) fails midway. */
static int write_on_a_full_disk(void)
{
    const struct rlimit small = {20000, 20000};
    struct att_error err = {0};

    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0)
        return 2;
    return write_store(file, NULL, &err) == ATT_E_IO && err.text[0] != '\0' ? 0
                                                                            : 1;
}

static void a_full_disk_leaves_the_old_store(void)
{
    struct att_dataset *ds = NULL;
    int ended = -1;

    CU_ASSERT_EQUAL_FATAL(write_store(file, NULL, NULL), ATT_OK);

    const uint64_t before = size_of(file);

    CU_ASSERT_TRUE(before > 20000);
    (void)fflush(NULL);

    const pid_t pid = fork();

    if (pid == 0)
        _exit(write_on_a_full_disk());
    CU_ASSERT_EQUAL(waitpid(pid, &ended, 0), pid);
    CU_ASSERT_EQUAL(ended, 0);
    CU_ASSERT_EQUAL(size_of(file), before);
    CU_ASSERT_EQUAL(att_dataset_open(file, &ds, NULL), ATT_OK);
    att_dataset_close(ds);
    nothing_but_the_store_is_left_in_the_folder();
}

static void a_folder_that_is_not_there_is_named(void)
{
    struct att_error err = {0};

    CU_ASSERT_EQUAL(write_store("/nonexistent/results.h5", NULL, &err),
                    ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/nonexistent/results.h5"));
}

/* The coordinator lets a child write while it goes on. */
static void a_forked_child_may_write(void)
{
    int ended = -1;

    (void)unlink(file);
    (void)fflush(NULL);

    const pid_t pid = fork();

    if (pid == 0)
        _exit(write_store(file, NULL, NULL) == ATT_OK ? 0 : 1);
    CU_ASSERT_EQUAL(waitpid(pid, &ended, 0), pid);
    CU_ASSERT_EQUAL(ended, 0);
    CU_ASSERT_TRUE(size_of(file) > 0);
}

static void names_of_the_runner_are_reserved(void)
{
    static const char *const taken[] = {"task",       "key",      "status",
                                        "claims",     "wall_s",   "provenance",
                                        "claim_that", "replicate"};
    static const char *const free_names[] = {"keys", "N", "time_s", "hardmax"};

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        CU_ASSERT_TRUE(att_store_reserved(taken[i]));
    for (size_t i = 0; i < sizeof free_names / sizeof *free_names; i++)
        CU_ASSERT_FALSE(att_store_reserved(free_names[i]));
}

static void the_index_places_every_row_once_and_in_order(void)
{
    struct att_index index = {0};
    struct att_store_summary summary = {0};
    struct specimen s;

    CU_ASSERT_EQUAL(write_store(file, &summary, NULL), ATT_OK);
    specimen_open(&s, dir);
    CU_ASSERT_EQUAL_FATAL(att_index_build(s.journal, s.plan, &index, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(index.n, summary.n_results);
    CU_ASSERT_EQUAL(index.n_unplanned, 0);
    for (size_t i = 0; i < index.n; i++) {
        struct att_journal_row row;
        struct att_task task;

        CU_ASSERT_TRUE(i == 0 ||
                       index.placed[i - 1].number < index.placed[i].number);
        CU_ASSERT_TRUE(att_journal_row(s.journal, index.placed[i].place, &row));
        CU_ASSERT_EQUAL(
            att_plan_task(s.plan, index.placed[i].number, &task, NULL),
            ATT_TASK_PLANNED);
        CU_ASSERT_TRUE(att_key_equal(att_plan_key(s.plan, &task), row.key));
    }
    att_index_fini(&index);
    specimen_close(&s);
}

/* 1.2 million planned tasks of which few have a row: those are listed. */
static void a_large_plan_lists_only_what_has_a_row(void)
{
    static const char study[] =
        "name: large\nseed: 1\nsweeps:\n  - construction: beta\n"
        "    grid: {N: {from: 1, to: 1200000, step: 1}}\n";
    struct specimen_options few = {.skip_every = 1};
    struct att_store_summary summary = {0};
    struct specimen s;
    char path[SCRATCH_PATH], store[SCRATCH_PATH + 16];

    (void)scratch_path(&scratch, "large", path);
    (void)snprintf(store, sizeof store, "%s/results.h5", path);
    specimen_write(path, study, &few);
    specimen_open(&s, path);

    const struct att_store_input input = {
        .journal = s.journal, .study = att_study_of(s.file), .plan = s.plan};

    CU_ASSERT_EQUAL(att_store_write(store, &input, &summary, NULL), ATT_OK);
    CU_ASSERT_EQUAL(summary.n_planned, 1200000);
    CU_ASSERT_EQUAL(summary.n_rows, 0);
    CU_ASSERT_EQUAL(summary.n_not_listed, 1200000);
    specimen_close(&s);

    struct att_dataset *ds = NULL;
    const struct att_table *table = NULL;

    CU_ASSERT_EQUAL_FATAL(att_dataset_open(store, &ds, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_dataset_n_planned(ds), 1200000);
    CU_ASSERT_EQUAL(att_dataset_load(ds, 0, true, &table, NULL), ATT_OK);
    CU_ASSERT_EQUAL(table->rows.n, 0);
    att_dataset_close(ds);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the summary counts every task", the_summary_counts_every_task},
        {"nothing but the store is left in the folder",
         nothing_but_the_store_is_left_in_the_folder},
        {"a store that came meanwhile stays",
         a_store_that_came_meanwhile_stays},
        {"a full disk leaves the old store", a_full_disk_leaves_the_old_store},
        {"a folder that is not there is named",
         a_folder_that_is_not_there_is_named},
        {"a forked child may write", a_forked_child_may_write},
        {"names of the runner are reserved", names_of_the_runner_are_reserved},
        {"the index places every row once and in order",
         the_index_places_every_row_once_and_in_order},
        {"a large plan lists only what has a row",
         a_large_plan_lists_only_what_has_a_row},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("store", make, clean, tests);
}
