/* test_journal.c - what is put into a journal is read back, and which of its
 * rows count. */
#include "sample.h"

/* ---- what is written is read ------------------------------------------------ */

static void everything_put_into_a_journal_is_read_back(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    const struct att_columns columns = fixture_columns(2);
    const struct att_journal_code code[] = {{"toy", "00ff", 2}};
    const struct att_journal_plan plan = {.study_path = "study.yaml",
                                          .study_text = "name: x\n",
                                          .n_study = 8,
                                          .digest = {1, 2},
                                          .start_time = 1e9,
                                          .host = "node1",
                                          .code = code,
                                          .n_code = 1};
    const struct att_journal_note note = {.kind = ATT_NOTE_CHECKED,
                                          .time = 2e9,
                                          .subject = "toy",
                                          .from = "00fe",
                                          .to = "00ff",
                                          .text = "20 rows agree"};

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    att_append_plan(a, &plan);
    att_append_columns(a, &columns);
    att_append_note(a, &note);
    fixture_put(a, &(struct fixture_row){
                       .n = 1, .version = 2, .status = ATT_DONE, .value = 0.5});
    fixture_close(a);

    struct att_journal *const journal = fixture_load(path);
    const struct att_journal_report report = fixture_report(journal);
    struct att_journal_row row;

    CU_ASSERT_STRING_EQUAL(att_journal_version(journal), "0.1.0");
    CU_ASSERT_EQUAL_FATAL(att_journal_n_plans(journal), 1);
    CU_ASSERT_STRING_EQUAL(att_journal_plan(journal, 0)->study_text,
                           "name: x\n");
    CU_ASSERT_STRING_EQUAL(att_journal_plan(journal, 0)->code[0].code_id,
                           "00ff");
    CU_ASSERT_EQUAL_FATAL(att_journal_n_notes(journal), 1);
    CU_ASSERT_STRING_EQUAL(att_journal_note(journal, 0)->text, "20 rows agree");
    CU_ASSERT_EQUAL_FATAL(att_journal_n_columns(journal), 1);
    CU_ASSERT_TRUE_FATAL(att_journal_find(journal, fixture_key(1), &row));
    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT_STRING_EQUAL(
        att_journal_columns(journal, row.columns)->column[1].name, "error");
    CU_ASSERT_EQUAL(report.n_records, 5);
    CU_ASSERT_EQUAL(report.n_rows, 1);
    CU_ASSERT_EQUAL(report.n_keys, 1);
    CU_ASSERT_FALSE(att_journal_damaged(&report));
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

static uint64_t little(const struct att_buffer *b, size_t at, int width)
{
    uint64_t v = 0;

    for (int i = 0; i < width; i++)
        v |= (uint64_t)(unsigned char)b->data[at + (size_t)i] << (8 * i);
    return v;
}

/* Golden: the forty bytes that every later version must keep. */
static void a_record_begins_with_the_documented_bytes(void)
{
    struct sample s;

    sample_open(&s);
    for (size_t i = 0; i < N_RECORDS; i++) {
        const size_t at = s.start[i], length = s.start[i + 1] - at;

        CU_ASSERT_EQUAL(memcmp(s.bytes.data + at,
                               "\xA7"
                               "ttest"
                               "\x1E\x0A",
                               8),
                        0);
        CU_ASSERT_EQUAL(little(&s.bytes, at + 8, 8),
                        att_hash64(s.bytes.data + at + 16, length - 16));
        CU_ASSERT_EQUAL(little(&s.bytes, at + 16, 4), length - HEAD);
        CU_ASSERT_EQUAL(little(&s.bytes, at + 20, 2),
                        i == 0 ? ATT_RECORD_HEADER : ATT_RECORD_ROW);
        CU_ASSERT_EQUAL(little(&s.bytes, at + 22, 2), ATT_JOURNAL_FORMAT);
        CU_ASSERT_EQUAL(little(&s.bytes, at + 24, 8), 1);
        CU_ASSERT_EQUAL(little(&s.bytes, at + 32, 8), i + 1);
    }
    sample_close(&s);
}

/* Enough keys for the table to grow a few times. */
static void every_key_of_many_is_found(void)
{
    enum { MANY = 20000 };
    struct scratch scratch;
    char path[SCRATCH_PATH];
    size_t n_found = 0;

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    for (uint64_t n = 0; n < MANY; n++)
        fixture_done(a, n);
    fixture_close(a);
    struct att_journal *const journal = fixture_load(path);

    for (uint64_t n = 0; n < MANY; n++)
        n_found += fixture_holds_done(journal, n);
    struct att_journal_row row;

    CU_ASSERT_EQUAL(n_found, MANY);
    CU_ASSERT_EQUAL(att_journal_places(journal), MANY);
    CU_ASSERT_FALSE(att_journal_find(journal, fixture_key(MANY), &row));
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

/* ---- which row counts ---------------------------------------------------------- */

static void the_better_then_the_later_row_of_a_key_counts(void)
{
    static const struct {
        struct fixture_row first, second;
        bool second_counts;
    } CASE[] = {
        {{1, 1, ATT_DONE, 1, ""}, {1, 1, ATT_DONE, 2, ""}, true},
        {{1, 1, ATT_DONE, 1, ""}, {1, 1, ATT_TIMEOUT, 2, ""}, false},
        {{1, 1, ATT_TIMEOUT, 1, ""}, {1, 1, ATT_DONE, 2, ""}, true},
        {{1, 1, ATT_TIMEOUT, 1, ""}, {1, 1, ATT_OOM, 2, ""}, true},
        {{1, 1, ATT_SKIPPED, 1, ""}, {1, 1, ATT_CRASHED, 2, ""}, true},
        {{1, 1, ATT_INFEASIBLE, 1, ""}, {1, 1, ATT_FAILED, 2, ""}, false},
        {{1, 1, ATT_INFEASIBLE, 1, ""}, {1, 1, ATT_DONE, 2, ""}, true},
        {{1, 1, ATT_FAILED, 1, ""}, {1, 1, ATT_NOT_RUN, 2, ""}, false},
        {{1, 1, ATT_DONE, 1, ""}, {1, 2, ATT_FAILED, 2, ""}, true},
        {{1, 2, ATT_FAILED, 1, ""}, {1, 1, ATT_DONE, 2, ""}, false},
    };
    const struct att_columns v1 = fixture_columns(1), v2 = fixture_columns(2);

    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        struct scratch scratch;
        char path[SCRATCH_PATH];

        scratch_open(&scratch);
        struct att_append *const a =
            fixture_open(scratch_path(&scratch, "journal", path));

        att_append_columns(a, &v1);
        att_append_columns(a, &v2);
        fixture_put(a, &CASE[i].first);
        fixture_put(a, &CASE[i].second);
        fixture_close(a);
        struct att_journal *const journal = fixture_load(path);

        CU_ASSERT_EQUAL(fixture_holds(journal, &CASE[i].second),
                        CASE[i].second_counts);
        CU_ASSERT_EQUAL(fixture_holds(journal, &CASE[i].first),
                        !CASE[i].second_counts);
        CU_ASSERT_EQUAL(fixture_report(journal).n_keys, 1);
        att_journal_destroy(journal);
        scratch_close(&scratch);
    }
}

static void a_tombstone_removes_the_rows_before_it(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    const struct att_journal_note forget = {.kind = ATT_NOTE_FORGET,
                                            .key = fixture_key(1)};
    const struct fixture_row again = {.n = 1, .status = ATT_FAILED};
    struct att_journal_row row;

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    fixture_done(a, 0);
    fixture_done(a, 1);
    att_append_note(a, &forget);
    fixture_commit(a);
    struct att_journal *const journal = fixture_load(path);

    CU_ASSERT_FALSE(att_journal_find(journal, fixture_key(1), &row));
    CU_ASSERT_FALSE(att_journal_row(journal, 1, &row));
    CU_ASSERT_TRUE(att_journal_row(journal, 0, &row));
    CU_ASSERT_EQUAL(fixture_report(journal).n_keys, 1);
    CU_ASSERT_EQUAL(fixture_report(journal).n_forgotten, 1);
    CU_ASSERT_EQUAL(att_journal_n_notes(journal), 0);

    fixture_put(a, &again); /* a failure counts now */
    fixture_close(a);
    CU_ASSERT_EQUAL(att_journal_refresh(journal, NULL, NULL), ATT_OK);
    CU_ASSERT_TRUE(fixture_holds(journal, &again));
    CU_ASSERT_EQUAL(fixture_report(journal).n_keys, 2);
    CU_ASSERT_EQUAL(att_journal_places(journal), 2);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

static void rows_are_decoded_by_place(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};
    struct att_error err = {0};
    struct att_row row;

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    fixture_done(a, 5);
    fixture_done(a, 7);
    att_append_note(a, &(struct att_journal_note){.kind = ATT_NOTE_FORGET,
                                                  .key = fixture_key(5)});
    fixture_close(a);
    struct att_journal *const journal = fixture_load(path);

    att_buffer_text(&bytes, "of another row");
    CU_ASSERT_EQUAL(att_journal_decode(journal, 1, &bytes, arena, &row, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(row.task, 7);
    CU_ASSERT_EQUAL(row.metric[0].r, 7.0);
    CU_ASSERT_EQUAL(att_journal_decode(journal, 0, &bytes, arena, &row, &err),
                    ATT_E_MISMATCH);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 0 is gone from"));
    CU_ASSERT_EQUAL(row.task, 7);
    att_journal_destroy(journal);
    att_arena_destroy(arena);
    att_buffer_fini(&bytes);
    scratch_close(&scratch);
}

static void a_part_of_a_task_is_no_row(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    const struct att_row part = {
        .key = fixture_key(1), .slice = 1, .n_slices = 4};
    struct att_buffer bytes = {0};

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    att_row_encode(&part, &bytes);
    att_append_row(a, bytes.data, bytes.size);
    fixture_close(a);
    struct att_journal *const journal = fixture_load(path);

    CU_ASSERT_EQUAL(fixture_report(journal).n_rows, 1);
    CU_ASSERT_EQUAL(fixture_report(journal).n_keys, 0);
    att_journal_destroy(journal);
    att_buffer_fini(&bytes);
    scratch_close(&scratch);
}

/* ---- several writers ------------------------------------------------------------ */

static void records_of_a_writer_that_was_replaced_are_ignored(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    struct att_append *const old =
        fixture_open(scratch_path(&scratch, "journal", path));

    fixture_done(old, 1);
    fixture_commit(old);
    struct att_append *const new = fixture_open(path);

    fixture_done(old, 2);
    fixture_commit(old);
    fixture_done(new, 3);
    fixture_close(new);
    fixture_done(old, 4);
    fixture_close(old);
    struct att_journal *const journal = fixture_load(path);

    CU_ASSERT_TRUE(fixture_holds_done(journal, 1));
    CU_ASSERT_FALSE(fixture_holds_done(journal, 2));
    CU_ASSERT_TRUE(fixture_holds_done(journal, 3));
    CU_ASSERT_FALSE(fixture_holds_done(journal, 4));
    CU_ASSERT_EQUAL(fixture_report(journal).n_stale, 2);
    CU_ASSERT_EQUAL(fixture_report(journal).n_lost, 0);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

/* ---- other versions ---------------------------------------------------------------- */

/* Set two bytes of record r and make its checksum right again. */
static void forge(struct sample *s, size_t r, size_t field, uint16_t value)
{
    char *const at = s->bytes.data + s->start[r];
    const size_t length = s->start[r + 1] - s->start[r];

    at[field] = (char)(value & 0xFF);
    at[field + 1] = (char)(value >> 8);
    const uint64_t sum = att_hash64(at + 16, length - 16);

    for (int i = 0; i < 8; i++)
        at[8 + i] = (char)(sum >> (8 * i));
}

static void a_newer_format_is_refused(void)
{
    struct sample s;
    struct att_journal *journal = NULL;
    struct att_error err = {0};

    sample_open(&s);
    forge(&s, 3, 22, ATT_JOURNAL_FORMAT + 1);
    fixture_write(s.path, s.bytes.data, s.bytes.size);
    CU_ASSERT_EQUAL(att_journal_load(s.path, &journal, &err), ATT_E_VERSION);
    CU_ASSERT_PTR_NULL(journal);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.text, "journal format 2, newer than 1: use a newer attest"));
    sample_close(&s);
}

static void records_that_are_not_understood_are_counted_and_passed(void)
{
    struct sample s;
    const bool lost[N_RECORDS] = {false, false, true, false, true};

    sample_open(&s);
    forge(&s, 2, 20, 999);             /* no such type */
    forge(&s, 4, 20, ATT_RECORD_NOTE); /* the payload is no note */
    struct att_journal *const journal = load_as(&s, s.bytes.data, s.bytes.size);

    check_rows(journal, lost);
    CU_ASSERT_EQUAL(fixture_report(journal).n_unreadable, 2);
    CU_ASSERT_EQUAL(fixture_report(journal).n_lost, 0);
    att_journal_destroy(journal);
    sample_close(&s);
}

static void a_missing_journal_is_named(void)
{
    struct att_journal *journal = NULL;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_journal_load("/nonexistent/journal", &journal, &err),
                    ATT_E_IO);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "cannot open the journal /nonexistent/journal: No "
                           "such file or directory");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"everything put into a journal is read back",
         everything_put_into_a_journal_is_read_back},
        {"a record begins with the documented bytes",
         a_record_begins_with_the_documented_bytes},
        {"every key of many is found", every_key_of_many_is_found},
        {"the better, then the later row of a key counts",
         the_better_then_the_later_row_of_a_key_counts},
        {"a tombstone removes the rows before it",
         a_tombstone_removes_the_rows_before_it},
        {"rows are decoded by place", rows_are_decoded_by_place},
        {"a part of a task is no row", a_part_of_a_task_is_no_row},
        {"records of a writer that was replaced are ignored",
         records_of_a_writer_that_was_replaced_are_ignored},
        {"a newer format is refused", a_newer_format_is_refused},
        {"records that are not understood are counted and passed",
         records_that_are_not_understood_are_counted_and_passed},
        {"a missing journal is named", a_missing_journal_is_named},
        CU_TEST_INFO_NULL,
    };

    return unit_run("journal", tests);
}
