/* test_verify.c - a sound folder is sound; every kind of damage is found. */
#include "attest/store/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "specimen.h"
#include "unit.h"

static struct scratch scratch;
static const struct specimen_options PLAIN = {
    .skip_every = 6, .fail_every = 5, .start_time = 10};

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

static void make_run(const char *name, const struct specimen_options *options,
                     char dir[SCRATCH_PATH])
{
    (void)scratch_path(&scratch, name, dir);
    specimen_write(dir, specimen_study, options);
    specimen_store(dir);
}

static void verify(const char *dir, struct att_verify_report *report,
                   struct att_buffer *findings)
{
    struct att_error err = {0};

    if (att_verify(dir, report, findings, &err) != ATT_OK)
        (void)puts(err.text);
    CU_ASSERT_EQUAL_FATAL(err.status, ATT_OK);
}

static void a_sound_folder_is_sound(void)
{
    struct att_verify_report report;
    struct att_buffer findings = {0};
    char dir[SCRATCH_PATH];

    make_run("sound", &PLAIN, dir);
    verify(dir, &report, &findings);
    CU_ASSERT_TRUE(report.sound);
    CU_ASSERT_EQUAL(findings.size, 0);
    CU_ASSERT_TRUE(report.has_store);
    CU_ASSERT_EQUAL(report.n_keys_checked, report.journal.n_keys);
    CU_ASSERT_EQUAL(report.n_store_rows, report.journal.n_keys);
    CU_ASSERT_TRUE(report.n_store_cells > 20 * report.n_store_rows);
    CU_ASSERT_EQUAL(report.n_cells_wrong + report.n_rows_stray +
                        report.n_rows_newer + report.n_keys_wrong +
                        report.n_keys_unchecked,
                    0);
    att_buffer_fini(&findings);
}

static void flip(const char *dir, const char *name, long at_end)
{
    char path[SCRATCH_PATH + 16];
    unsigned char byte = 0;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);

    FILE *file = fopen(path, "r+b");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fseek(file, -at_end, SEEK_END), 0);
    CU_ASSERT_EQUAL(fread(&byte, 1, 1, file), 1);
    byte ^= 0x10;
    CU_ASSERT_EQUAL(fseek(file, -at_end, SEEK_END), 0);
    CU_ASSERT_EQUAL(fwrite(&byte, 1, 1, file), 1);
    (void)fclose(file);
}

static void a_flipped_bit_of_the_journal_is_found(void)
{
    struct att_verify_report report;
    struct att_buffer findings = {0};
    char dir[SCRATCH_PATH];

    make_run("journal", &PLAIN, dir);
    flip(dir, "journal", 1000);
    verify(dir, &report, &findings);
    CU_ASSERT_FALSE(report.sound);
    CU_ASSERT_EQUAL(report.journal.n_regions, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.data, "journal: "));
    /* the row is in results.h5 and no longer in the journal */
    CU_ASSERT_EQUAL(report.n_rows_stray, 1);
    att_buffer_fini(&findings);
}

/* The store of one run beside the journal of another. */
static void copy_store(const char *from, const char *to)
{
    struct att_buffer bytes = {0};
    char path[SCRATCH_PATH + 16];

    (void)snprintf(path, sizeof path, "%s/results.h5", from);
    CU_ASSERT_EQUAL_FATAL(att_file_read(path, &bytes, NULL), ATT_OK);
    (void)snprintf(path, sizeof path, "%s/results.h5", to);
    CU_ASSERT_EQUAL_FATAL(
        att_file_replace(path, bytes.data, bytes.size, false, NULL), ATT_OK);
    att_buffer_fini(&bytes);
}

static void a_cell_that_differs_is_found(void)
{
    struct specimen_options other = PLAIN;
    struct att_verify_report report;
    struct att_buffer findings = {0};
    char dir[SCRATCH_PATH], from[SCRATCH_PATH];

    other.shift = 1e-15; /* within every tolerance: bits count here */
    make_run("cell", &PLAIN, dir);
    make_run("cell-other", &other, from);
    copy_store(from, dir);
    verify(dir, &report, &findings);
    CU_ASSERT_FALSE(report.sound);
    CU_ASSERT_TRUE(report.n_cells_wrong > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.data, "err of k"));
    att_buffer_fini(&findings);
}

static void an_older_store_is_no_damage(void)
{
    struct specimen_options later = PLAIN;
    struct att_verify_report report;
    struct att_buffer findings = {0};
    char dir[SCRATCH_PATH], from[SCRATCH_PATH];

    later.start_time = 20; /* run again ... */
    later.fail_every = 0;  /* ... with success ... */
    later.skip_every = 0;  /* ... and further */
    make_run("older", &later, dir);
    make_run("older-store", &PLAIN, from);
    copy_store(from, dir);
    verify(dir, &report, &findings);
    CU_ASSERT_TRUE(report.sound);
    CU_ASSERT_EQUAL(report.n_rows_newer, report.journal.n_keys);
    att_buffer_fini(&findings);
}

/* Rows under keys of another study's seed, and no record of that study. */
static void a_key_that_does_not_fit_its_values_is_found(void)
{
    struct att_verify_report report;
    struct att_buffer findings = {0}, text = {0}, journal = {0};
    char dir[SCRATCH_PATH], path[SCRATCH_PATH + 16];

    make_run("key", &PLAIN, dir);
    (void)snprintf(path, sizeof path, "%s/results.h5", dir);
    (void)unlink(path);
    /* the digit of the seed in study.yaml and in the journal's plan record
     * stays the same length; the plan record is then damaged */
    att_buffer_text(&text, specimen_study);
    *strstr(text.data, "20261121") = '3';
    (void)snprintf(path, sizeof path, "%s/study.yaml", dir);
    CU_ASSERT_EQUAL(att_file_replace(path, text.data, text.size, false, NULL),
                    ATT_OK);
    (void)snprintf(path, sizeof path, "%s/journal", dir);
    CU_ASSERT_EQUAL(att_file_read(path, &journal, NULL), ATT_OK);
    char *seed = memmem(journal.data, journal.size, "20261121", 8);

    CU_ASSERT_PTR_NOT_NULL(seed);
    if (seed != NULL)
        *seed = '3';
    CU_ASSERT_EQUAL(
        att_file_replace(path, journal.data, journal.size, false, NULL),
        ATT_OK);
    verify(dir, &report, &findings);
    CU_ASSERT_FALSE(report.sound);
    CU_ASSERT_EQUAL(report.n_keys_wrong, report.journal.n_keys);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.data, "give another key"));
    att_buffer_fini(&findings);
    att_buffer_fini(&text);
    att_buffer_fini(&journal);
}

static void rows_of_an_earlier_study_are_checked_against_it(void)
{
    static const char edited[] = "name: specimen\n"
                                 "seed: 7\n"
                                 "sweeps:\n"
                                 "  - construction: beta\n"
                                 "    grid: {N: [1, 2]}\n";
    struct att_verify_report report;
    struct att_buffer findings = {0};
    char dir[SCRATCH_PATH], path[SCRATCH_PATH + 16];

    make_run("edited", &PLAIN, dir);
    (void)snprintf(path, sizeof path, "%s/study.yaml", dir);
    CU_ASSERT_EQUAL(att_file_replace(path, edited, strlen(edited), false, NULL),
                    ATT_OK);
    (void)snprintf(path, sizeof path, "%s/results.h5", dir);
    (void)unlink(path);
    verify(dir, &report, &findings);
    CU_ASSERT_TRUE(report.sound);
    CU_ASSERT_FALSE(report.has_store);
    CU_ASSERT_EQUAL(report.n_keys_checked, report.journal.n_keys);
    att_buffer_fini(&findings);
}

static void a_store_that_cannot_be_read_is_a_finding(void)
{
    struct att_verify_report report;
    struct att_buffer findings = {0};
    char dir[SCRATCH_PATH], path[SCRATCH_PATH + 16];

    make_run("unreadable", &PLAIN, dir);
    (void)snprintf(path, sizeof path, "%s/results.h5", dir);
    CU_ASSERT_EQUAL(truncate(path, 3000), 0);
    verify(dir, &report, &findings);
    CU_ASSERT_FALSE(report.sound);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.data, "results.h5: "));
    att_buffer_fini(&findings);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a sound folder is sound", a_sound_folder_is_sound},
        {"a flipped bit of the journal is found",
         a_flipped_bit_of_the_journal_is_found},
        {"a cell that differs is found", a_cell_that_differs_is_found},
        {"an older store is no damage", an_older_store_is_no_damage},
        {"a key that does not fit its values is found",
         a_key_that_does_not_fit_its_values_is_found},
        {"rows of an earlier study are checked against it",
         rows_of_an_earlier_study_are_checked_against_it},
        {"a store that cannot be read is a finding",
         a_store_that_cannot_be_read_is_a_finding},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("verify", make, clean, tests);
}
