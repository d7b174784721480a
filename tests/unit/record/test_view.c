/* test_view.c - a view of a journal while others write it. */
#include <unistd.h>

#include "sample.h"

/* Append n bytes to a file that somebody views. */
static void grow(const char *path, const char *bytes, size_t n)
{
    FILE *const file = fopen(path, "ae");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, n, file), n);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void a_view_follows_a_file_that_grows_byte_by_byte(void)
{
    struct sample s;

    sample_open(&s);
    struct att_journal *const journal = load_as(&s, s.bytes.data, 0);
    size_t n_seen = 0;

    for (size_t size = 1; size <= s.bytes.size; size++) {
        uint64_t n_new = 0;

        grow(s.path, s.bytes.data + size - 1, 1);
        CU_ASSERT_EQUAL(att_journal_refresh(journal, &n_new, NULL), ATT_OK);
        n_seen += n_new;
        CU_ASSERT_EQUAL(n_new, s.start[n_seen] == size);
    }
    CU_ASSERT_EQUAL(n_seen, N_RECORDS);
    CU_ASSERT_EQUAL(fixture_report(journal).n_regions, 0);
    att_journal_destroy(journal);
    sample_close(&s);
}

/* Behind a damaged region, too, an unfinished record is waited for. */
static void a_view_finds_a_record_that_grows_behind_damage(void)
{
    struct sample s;
    static const char noise[] = "no record at all";

    sample_open(&s);
    struct att_journal *const journal = load_as(&s, s.bytes.data, s.start[3]);

    grow(s.path, noise, sizeof noise);
    for (size_t at = s.start[4]; at < s.start[5]; at++) {
        grow(s.path, s.bytes.data + at, 1);
        CU_ASSERT_EQUAL(att_journal_refresh(journal, NULL, NULL), ATT_OK);
        CU_ASSERT_EQUAL(fixture_holds_done(journal, 3), at + 1 == s.start[5]);
    }
    CU_ASSERT_EQUAL(fixture_report(journal).skipped_bytes, sizeof noise);
    CU_ASSERT_EQUAL(fixture_report(journal).n_regions, 1);
    att_journal_destroy(journal);
    sample_close(&s);
}

/* A writer whose disk was full cuts its torn record off and writes on. */
static void a_view_reads_what_replaced_a_torn_record(void)
{
    struct sample s;
    const size_t half = 60;

    sample_open(&s);
    struct att_journal *const journal =
        load_as(&s, s.bytes.data, s.start[3] + half);

    CU_ASSERT_EQUAL(fixture_report(journal).torn_bytes, half);
    CU_ASSERT_EQUAL(truncate(s.path, (off_t)s.start[3]), 0);
    grow(s.path, s.bytes.data + s.start[4], s.start[5] - s.start[4]);
    CU_ASSERT_EQUAL(att_journal_refresh(journal, NULL, NULL), ATT_OK);
    CU_ASSERT_TRUE(fixture_holds_done(journal, 3));
    CU_ASSERT_EQUAL(fixture_report(journal).n_regions, 0);
    CU_ASSERT_EQUAL(fixture_report(journal).torn_bytes, 0);
    att_journal_destroy(journal);
    sample_close(&s);
}

static void a_view_notices_that_its_file_was_cut_or_replaced(void)
{
    struct sample s;
    struct att_error err = {0};

    sample_open(&s);
    struct att_journal *journal = fixture_load(s.path);

    CU_ASSERT_EQUAL(truncate(s.path, (off_t)s.start[2]), 0);
    CU_ASSERT_EQUAL(att_journal_refresh(journal, NULL, &err), ATT_E_MISMATCH);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "was cut"));
    att_journal_destroy(journal);

    journal = fixture_load(s.path);
    fixture_write(s.path, s.bytes.data, s.bytes.size);
    err = (struct att_error){0};
    CU_ASSERT_EQUAL(att_journal_refresh(journal, NULL, &err), ATT_E_MISMATCH);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "was replaced"));
    att_journal_destroy(journal);
    sample_close(&s);
}

static void a_row_whose_bytes_changed_later_is_not_handed_out(void)
{
    struct sample s;
    struct att_journal_row row;
    struct att_buffer bytes = {0};

    sample_open(&s);
    struct att_journal *const journal = fixture_load(s.path);
    FILE *const file = fopen(s.path, "r+e");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fseek(file, (long)s.start[2] + HEAD + 4, SEEK_SET), 0);
    CU_ASSERT_EQUAL(fputc('x', file), 'x');
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT_TRUE_FATAL(att_journal_find(journal, fixture_key(1), &row));
    att_buffer_text(&bytes, "kept");
    CU_ASSERT_EQUAL(att_journal_bytes(journal, &row, &bytes, NULL),
                    ATT_E_MISMATCH);
    CU_ASSERT_STRING_EQUAL(bytes.data, "kept");
    att_journal_destroy(journal);
    att_buffer_fini(&bytes);
    sample_close(&s);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a view follows a file that grows byte by byte",
         a_view_follows_a_file_that_grows_byte_by_byte},
        {"a view finds a record that grows behind damage",
         a_view_finds_a_record_that_grows_behind_damage},
        {"a view reads what replaced a torn record",
         a_view_reads_what_replaced_a_torn_record},
        {"a view notices that its file was cut or replaced",
         a_view_notices_that_its_file_was_cut_or_replaced},
        {"a row whose bytes changed later is not handed out",
         a_row_whose_bytes_changed_later_is_not_handed_out},
        CU_TEST_INFO_NULL,
    };

    return unit_run("view", tests);
}
