/* test_journal.c - what a journal says survives whatever happens to its
 * bytes, record by record. */
#include <unistd.h>

#include "attest/base/rng.h"
#include "fixture.h"

enum { N_ROWS = 6, N_RECORDS = N_ROWS + 1, MARKER = 8, HEAD = 40 };

/* A journal of a header and N_ROWS rows, as bytes, with the place of each
 * record and of the end. */
struct sample {
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_buffer bytes;
    size_t start[N_RECORDS + 1];
};

static size_t file_size(const char *path)
{
    struct att_buffer bytes = {0};

    fixture_read(path, &bytes);
    const size_t size = bytes.size;

    att_buffer_fini(&bytes);
    return size;
}

static void sample_open(struct sample *s)
{
    *s = (struct sample){0};
    scratch_open(&s->scratch);
    (void)scratch_path(&s->scratch, "journal", s->path);
    struct att_append *const a = fixture_open(s->path);

    s->start[1] = file_size(s->path);
    for (uint64_t n = 0; n < N_ROWS; n++) {
        fixture_done(a, n);
        fixture_commit(a);
        s->start[n + 2] = file_size(s->path);
    }
    fixture_close(a);
    fixture_read(s->path, &s->bytes);
}

static void sample_close(struct sample *s)
{
    att_buffer_fini(&s->bytes);
    scratch_close(&s->scratch);
}

/* Load the journal with the given bytes in place of its own. */
static struct att_journal *load_as(const struct sample *s, const void *bytes,
                                   size_t n)
{
    fixture_write(s->path, bytes, n);
    return fixture_load(s->path);
}

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

/* ---- damage ------------------------------------------------------------------ */

/* Every row but those of records lost[i] is there. */
static void check_rows(const struct att_journal *journal,
                       const bool lost[N_RECORDS])
{
    for (uint64_t n = 0; n < N_ROWS; n++)
        CU_ASSERT_EQUAL(fixture_holds_done(journal, n), !lost[n + 1]);
}

static void a_journal_cut_at_any_byte_keeps_its_whole_records(void)
{
    struct sample s;

    sample_open(&s);
    for (size_t cut = 0; cut <= s.bytes.size; cut++) {
        struct att_journal *const journal = load_as(&s, s.bytes.data, cut);
        const struct att_journal_report report = fixture_report(journal);
        bool lost[N_RECORDS];
        size_t whole = 0;

        for (size_t i = 0; i < N_RECORDS; i++) {
            lost[i] = s.start[i + 1] > cut;
            whole += !lost[i];
        }
        check_rows(journal, lost);
        CU_ASSERT_EQUAL(report.n_records, whole);
        CU_ASSERT_EQUAL(report.torn_bytes, cut - s.start[whole]);
        CU_ASSERT_EQUAL(report.skipped_bytes, 0);
        att_journal_destroy(journal);
    }
    sample_close(&s);
}

static void a_run_goes_on_behind_a_cut_at_any_byte(void)
{
    struct sample s;

    sample_open(&s);
    for (size_t cut = s.start[N_ROWS - 1]; cut <= s.bytes.size; cut++) {
        fixture_write(s.path, s.bytes.data, cut);
        struct att_append *const a = fixture_open(s.path);

        fixture_done(a, 100);
        fixture_close(a);
        struct att_journal *const journal = fixture_load(s.path);

        for (uint64_t n = 0; n < N_ROWS; n++)
            CU_ASSERT_EQUAL(fixture_holds_done(journal, n),
                            s.start[n + 2] <= cut);
        CU_ASSERT_TRUE(fixture_holds_done(journal, 100));
        att_journal_destroy(journal);
    }
    sample_close(&s);
}

static void any_flipped_byte_costs_its_record_and_no_other(void)
{
    static const unsigned char flip[] = {0x01, 0x80, 0xFF};
    struct sample s;

    sample_open(&s);
    for (size_t at = 0; at < 3 * s.bytes.size; at++) {
        const size_t byte = at / 3;
        bool lost[N_RECORDS] = {false};

        s.bytes.data[byte] = (char)(s.bytes.data[byte] ^ flip[at % 3]);
        struct att_journal *const journal =
            load_as(&s, s.bytes.data, s.bytes.size);
        const struct att_journal_report report = fixture_report(journal);

        for (size_t i = 0; i < N_RECORDS; i++)
            lost[i] = s.start[i] <= byte && byte < s.start[i + 1];
        check_rows(journal, lost);
        CU_ASSERT_TRUE(att_journal_damaged(&report));
        CU_ASSERT_EQUAL(report.n_records, N_RECORDS - 1);
        CU_ASSERT_EQUAL(report.n_lost + lost[N_RECORDS - 1], 1);
        att_journal_destroy(journal);
        s.bytes.data[byte] = (char)(s.bytes.data[byte] ^ flip[at % 3]);
    }
    sample_close(&s);
}

/* Does record r differ? (A hole may fall on bytes that are zero anyway.) */
static bool changed(const struct sample *s, const struct att_buffer *b,
                    size_t r)
{
    return memcmp(s->bytes.data + s->start[r], b->data + s->start[r],
                  s->start[r + 1] - s->start[r]) != 0;
}

static void a_hole_of_zeros_costs_the_records_it_touches(void)
{
    struct sample s;

    sample_open(&s);
    for (size_t from = 0; from < s.bytes.size; from += 7) {
        const size_t to = from + 300 < s.bytes.size ? from + 300 : s.bytes.size;
        struct att_buffer holed = {0};
        bool lost[N_RECORDS];

        att_buffer_append(&holed, s.bytes.data, s.bytes.size);
        memset(holed.data + from, 0, to - from);
        struct att_journal *const journal = load_as(&s, holed.data, holed.size);

        for (size_t i = 0; i < N_RECORDS; i++)
            lost[i] = changed(&s, &holed, i);
        check_rows(journal, lost);
        att_journal_destroy(journal);
        att_buffer_fini(&holed);
    }
    sample_close(&s);
}

static void a_duplicated_tail_changes_nothing(void)
{
    struct sample s;

    sample_open(&s);
    for (size_t from = 0; from < N_RECORDS; from++) {
        struct att_buffer twice = {0};
        const bool lost[N_RECORDS] = {false};

        att_buffer_append(&twice, s.bytes.data, s.bytes.size);
        att_buffer_append(&twice, s.bytes.data + s.start[from],
                          s.bytes.size - s.start[from]);
        struct att_journal *const journal = load_as(&s, twice.data, twice.size);
        const struct att_journal_report report = fixture_report(journal);

        check_rows(journal, lost);
        CU_ASSERT_EQUAL(report.n_duplicates, N_RECORDS - from);
        CU_ASSERT_EQUAL(report.n_keys, N_ROWS);
        CU_ASSERT_EQUAL(report.n_lost, 0);
        att_journal_destroy(journal);
        att_buffer_fini(&twice);
    }
    sample_close(&s);
}

static void a_length_that_points_beyond_the_file_hides_nothing_behind_it(void)
{
    struct sample s;
    bool lost[N_RECORDS] = {false};

    sample_open(&s);
    lost[2] = true;
    memset(s.bytes.data + s.start[2] + 16, 0x7F, 1);
    memset(s.bytes.data + s.start[2] + 18, 0x03, 1);
    struct att_journal *const journal = load_as(&s, s.bytes.data, s.bytes.size);

    check_rows(journal, lost);
    att_journal_destroy(journal);
    sample_close(&s);
}

/* One random wound: which bytes it touched. */
static void wound(struct att_buffer *b, const struct att_stream *stream,
                  uint64_t *word, size_t *from, size_t *to)
{
    const uint32_t kind = att_stream_below(stream, (*word)++, 3);
    const uint32_t size = (uint32_t)b->size;

    *from = att_stream_below(stream, (*word)++, size);
    *to = *from + 1 + att_stream_below(stream, (*word)++, 60);
    if (*to > b->size)
        *to = b->size;
    if (kind == 0)
        *to = *from + 1;
    unsigned char *const at = (unsigned char *)b->data;

    for (size_t i = *from; i < *to; i++) {
        const uint32_t noise = att_stream_word(stream, (*word)++);

        at[i] = kind == 1 ? 0 : (unsigned char)(at[i] ^ noise);
    }
}

/* Property: whatever is done to some bytes, the rows of all other records are
 * there, and no row has other values than it was given. */
static void random_wounds_cost_only_the_records_they_touch(void)
{
    struct sample s;

    sample_open(&s);
    for (uint32_t round = 0; round < 500; round++) {
        const struct att_stream stream = att_stream(11, 2, 0, round);
        struct att_buffer b = {0};
        bool lost[N_RECORDS] = {false};
        uint64_t word = 0;

        att_buffer_append(&b, s.bytes.data, s.bytes.size);
        for (int i = 0; i < 3; i++) {
            size_t from = 0, to = 0;

            wound(&b, &stream, &word, &from, &to);
            for (size_t r = 0; r < N_RECORDS; r++)
                lost[r] |= from < s.start[r + 1] && s.start[r] < to;
        }
        struct att_journal *const journal = load_as(&s, b.data, b.size);

        for (uint64_t n = 0; n < N_ROWS; n++) {
            struct att_journal_row row;
            const bool holds = fixture_holds_done(journal, n);

            CU_ASSERT_TRUE(holds || lost[n + 1]);
            CU_ASSERT_EQUAL(att_journal_find(journal, fixture_key(n), &row),
                            holds);
        }
        att_journal_destroy(journal);
        att_buffer_fini(&b);
    }
    sample_close(&s);
}

static void the_report_is_told_in_a_sentence(void)
{
    const struct att_journal_report none = {.n_records = 5};
    const struct att_journal_report some = {
        .n_regions = 2, .skipped_bytes = 412, .n_lost = 3, .torn_bytes = 17};
    struct att_buffer text = {0};

    att_journal_report_text(&none, &text);
    CU_ASSERT_STRING_EQUAL(text.data, "no damage");
    att_buffer_clear(&text);
    att_journal_report_text(&some, &text);
    CU_ASSERT_STRING_EQUAL(
        text.data, "2 damaged regions (412 bytes passed over); 3 records lost: "
                   "their tasks run again; 17 bytes of an unfinished record at "
                   "the end");
    att_buffer_fini(&text);
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

/* ---- live ------------------------------------------------------------------------ */

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
        {"a journal cut at any byte keeps its whole records",
         a_journal_cut_at_any_byte_keeps_its_whole_records},
        {"a run goes on behind a cut at any byte",
         a_run_goes_on_behind_a_cut_at_any_byte},
        {"any flipped byte costs its record and no other",
         any_flipped_byte_costs_its_record_and_no_other},
        {"a hole of zeros costs the records it touches",
         a_hole_of_zeros_costs_the_records_it_touches},
        {"a duplicated tail changes nothing",
         a_duplicated_tail_changes_nothing},
        {"a length that points beyond the file hides nothing behind it",
         a_length_that_points_beyond_the_file_hides_nothing_behind_it},
        {"random wounds cost only the records they touch",
         random_wounds_cost_only_the_records_they_touch},
        {"the report is told in a sentence", the_report_is_told_in_a_sentence},
        {"the better, then the later row of a key counts",
         the_better_then_the_later_row_of_a_key_counts},
        {"a tombstone removes the rows before it",
         a_tombstone_removes_the_rows_before_it},
        {"rows are decoded by place", rows_are_decoded_by_place},
        {"a part of a task is no row", a_part_of_a_task_is_no_row},
        {"records of a writer that was replaced are ignored",
         records_of_a_writer_that_was_replaced_are_ignored},
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
        {"a newer format is refused", a_newer_format_is_refused},
        {"records that are not understood are counted and passed",
         records_that_are_not_understood_are_counted_and_passed},
        {"a missing journal is named", a_missing_journal_is_named},
        CU_TEST_INFO_NULL,
    };

    return unit_run("journal", tests);
}
