/* test_record_nomem.c - memory runs out at every single allocation of a lock,
 * a writer and a reader; nothing acknowledged is lost, nothing leaks. */
#include "fixture.h"
#include "scarce.h"

enum { MANY_STEPS = 10000, N_ROWS = 40 };

static const struct att_journal_note NOTE = {.kind = ATT_NOTE_TEXT,
                                             .text = "a note"};
static const struct att_journal_plan PLAN = {.study_text = "name: x",
                                             .n_study = 7};

/* Rows 0 .. N_ROWS - 1 as bytes, made while there is memory. */
static struct att_buffer encoded[N_ROWS];

static void encode_rows(void)
{
    for (uint64_t n = 0; n < N_ROWS; n++) {
        const struct fixture_row row = {
            .n = n, .status = ATT_DONE, .value = (double)n};

        fixture_encode(&row, &encoded[n]);
    }
}

static void forget_rows(void)
{
    for (uint64_t n = 0; n < N_ROWS; n++)
        att_buffer_fini(&encoded[n]);
}

/* Write a journal under lock as far as memory goes; how many rows were
 * acknowledged. */
static uint64_t write_rows(const char *dir, const char *path)
{
    const struct att_columns columns = fixture_columns(1);
    struct att_lock *lock = NULL;
    struct att_append *a = NULL;
    uint64_t n = 0;

    if (att_lock_acquire(dir, NULL, &lock, NULL) != ATT_OK)
        return 0;
    const struct att_append_options options = {.attest_version = "0.1.0",
                                               .lock = lock};

    if (att_append_open(path, &options, &a, NULL) == ATT_OK) {
        att_append_plan(a, &PLAN);
        att_append_columns(a, &columns);
        att_append_note(a, &NOTE);
        while (n < N_ROWS) {
            att_append_row(a, encoded[n].data, encoded[n].size);
            att_append_row(a, encoded[n + 1].data, encoded[n + 1].size);
            if (att_append_commit(a, NULL) != ATT_OK)
                break;
            n += 2;
        }
        (void)!att_append_close(a, NULL);
    }
    att_lock_release(lock);
    return n;
}

static void acknowledged_rows_survive_a_lack_of_memory_anywhere(void)
{
    bool ran_out = true;
    uint64_t step = 0;

    encode_rows();
    for (; ran_out && step < MANY_STEPS; step++) {
        struct scratch s;
        char path[SCRATCH_PATH];

        scratch_open(&s);
        (void)scratch_path(&s, "journal", path);
        fixture_close(fixture_open(path));
        scarce_begin(step);
        const uint64_t n = write_rows(s.dir, path);

        ran_out = scarce_end();
        struct att_journal *const journal = fixture_load(path);

        for (uint64_t i = 0; i < n; i++)
            CU_ASSERT_TRUE(fixture_holds_done(journal, i));
        CU_ASSERT(ran_out || n == N_ROWS);
        att_journal_destroy(journal);
        scratch_close(&s);
    }
    CU_ASSERT(step > 10 && step < MANY_STEPS);
    forget_rows();
}

static void a_reader_without_memory_says_so_and_leaves_nothing(void)
{
    struct scratch s;
    char path[SCRATCH_PATH];
    att_status status = ATT_E_NOMEM;
    uint64_t step = 0;

    encode_rows();
    scratch_open(&s);
    CU_ASSERT_EQUAL_FATAL(write_rows(s.dir, scratch_path(&s, "journal", path)),
                          N_ROWS);
    for (; status != ATT_OK && step < MANY_STEPS; step++) {
        struct att_journal *journal = NULL;
        struct att_error err = {0};

        scarce_begin(step);
        status = att_journal_load(path, &journal, &err);
        const bool ran_out = scarce_end();

        CU_ASSERT_EQUAL(status == ATT_OK, !ran_out);
        CU_ASSERT(status == ATT_OK || status == ATT_E_NOMEM);
        CU_ASSERT_EQUAL(err.status, status);
        CU_ASSERT_EQUAL(journal != NULL, status == ATT_OK);
        att_journal_destroy(journal);
    }
    CU_ASSERT(step > 5 && step < MANY_STEPS);
    scratch_close(&s);
    forget_rows();
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"acknowledged rows survive a lack of memory anywhere",
         acknowledged_rows_survive_a_lack_of_memory_anywhere},
        {"a reader without memory says so and leaves nothing",
         a_reader_without_memory_says_so_and_leaves_nothing},
        CU_TEST_INFO_NULL,
    };

    return unit_run("record without memory", tests);
}
