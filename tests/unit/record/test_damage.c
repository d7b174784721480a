/* test_damage.c - what a journal says survives whatever happens to its
 * bytes, record by record. */
#include "attest/base/rng.h"
#include "sample.h"

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

int main(void)
{
    CU_TestInfo tests[] = {
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
        CU_TEST_INFO_NULL,
    };

    return unit_run("damage", tests);
}
