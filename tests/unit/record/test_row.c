/* test_row.c - rows and descriptions of columns survive their bytes, and
 * bytes that are neither are refused without being read past their end. */
#include <stdlib.h>
#include <string.h>

#include "attest/base/rng.h"
#include "attest/record/row.h"
#include "unit.h"

enum { MAX_VALUES = 40, MAX_CELLS = 4000, TEXT_POOL = 5000 };

/* A source of random choices: a stream and how far it has been used. */
struct dice {
    struct att_stream stream;
    uint64_t used;
};

static uint32_t below(struct dice *dice, uint32_t n)
{
    return att_stream_below(&dice->stream, dice->used++, n);
}

static uint64_t bits(struct dice *dice)
{
    const uint64_t high = att_stream_word(&dice->stream, dice->used++);

    return high << 32 | att_stream_word(&dice->stream, dice->used++);
}

/* A double with bits of any kind: NaN payloads, infinities, subnormals. */
static double any_double(struct dice *dice)
{
    static const double special[] = {0.0, -0.0, 1.0, -1.5, 1e308, 5e-324};
    const uint32_t kind = below(dice, 10);
    uint64_t b = bits(dice);
    double r;

    if (kind < 6)
        return special[kind];
    if (kind == 6)
        b |= UINT64_C(0x7FF8) << 48; /* a NaN with a payload */
    memcpy(&r, &b, sizeof r);
    return r;
}

/* Text from the end of a pool, so that its length is the choice. */
static const char *any_text(struct dice *dice)
{
    static char pool[TEXT_POOL + 1];
    static const uint32_t length[] = {0, 1, 7, 126, 127, 128, 300, TEXT_POOL};

    for (int i = 0; i < TEXT_POOL; i++)
        pool[i] = (char)(1 + i % 255);
    return pool + TEXT_POOL - length[below(dice, 8)];
}

static int64_t any_integer(struct dice *dice)
{
    static const int64_t special[] = {0,  -1,  1,         63,
                                      64, -65, INT64_MIN, INT64_MAX};
    const uint32_t kind = below(dice, 9);

    return kind < 8 ? special[kind] : (int64_t)bits(dice);
}

static struct att_value any_value(struct dice *dice)
{
    switch (below(dice, 4)) {
    case 0:
        return att_none();
    case 1:
        return att_int(any_integer(dice));
    case 2:
        return att_real(any_double(dice));
    default:
        return att_text(any_text(dice));
    }
}

struct any_row {
    struct att_row row;
    struct att_value value[2][MAX_VALUES];
    int8_t verdict[MAX_VALUES];
    double cell[MAX_CELLS];
};

static void fill_values(struct any_row *any, struct dice *dice)
{
    for (int i = 0; i < MAX_VALUES; i++) {
        any->value[0][i] = any_value(dice);
        any->value[1][i] = any_value(dice);
        any->verdict[i] = (int8_t)below(dice, 256);
    }
    for (int i = 0; i < MAX_CELLS; i++)
        any->cell[i] = any_double(dice);
}

static void fill_head(struct att_row *row, struct dice *dice)
{
    row->key = (struct att_key){bits(dice), bits(dice)};
    row->columns = bits(dice);
    row->task = bits(dice);
    row->n_slices = 1 + below(dice, 1000);
    row->slice = below(dice, row->n_slices);
    row->replicate = any_integer(dice);
    row->status = (enum att_outcome_status)below(dice, ATT_OUTCOMES);
    row->attempt = below(dice, 5);
    row->rank = below(dice, 4096);
    row->lane = below(dice, 64);
    row->start_time = any_double(dice);
    row->wall_s = any_double(dice);
    row->cpu_s = any_double(dice);
    row->peak_rss_bytes = bits(dice);
    row->arena_bytes = bits(dice);
    row->limit_time_s = any_double(dice);
    row->limit_memory_bytes = bits(dice);
}

static void make_row(struct any_row *any, uint32_t number)
{
    struct dice dice = {att_stream(7, 1, 0, number), 0};
    struct att_row *const row = &any->row;

    fill_values(any, &dice);
    fill_head(row, &dice);
    row->host = any_text(&dice);
    row->kernel = any_text(&dice);
    row->code_id = any_text(&dice);
    row->message = any_text(&dice);
    row->param = any->value[0];
    row->metric = any->value[1];
    row->verdict = any->verdict;
    row->observation = any->cell;
    row->n_params = below(&dice, MAX_VALUES + 1);
    row->n_metrics = below(&dice, MAX_VALUES + 1);
    row->n_claims = below(&dice, MAX_VALUES + 1);
    row->n_observations = below(&dice, 5);
    row->n_observed =
        row->n_observations == 0 ? 0 : below(&dice, MAX_CELLS / 5);
}

static bool same_bits(const void *a, const void *b, size_t n)
{
    return n == 0 || memcmp(a, b, n) == 0;
}

static bool same_double(double a, double b)
{
    return same_bits(&a, &b, sizeof a);
}

static bool same_values(const struct att_value *a, const struct att_value *b,
                        uint32_t n)
{
    uint32_t i = 0;

    while (i < n && att_value_equal(a[i], b[i]))
        i++;
    return i == n;
}

static void check_same_head(const struct att_row *a, const struct att_row *b)
{
    CU_ASSERT(att_key_equal(a->key, b->key));
    CU_ASSERT_EQUAL(a->columns, b->columns);
    CU_ASSERT_EQUAL(a->task, b->task);
    CU_ASSERT_EQUAL(a->slice, b->slice);
    CU_ASSERT_EQUAL(a->n_slices, b->n_slices);
    CU_ASSERT_EQUAL(a->replicate, b->replicate);
    CU_ASSERT_EQUAL(a->status, b->status);
    CU_ASSERT_EQUAL(a->attempt, b->attempt);
    CU_ASSERT_EQUAL(a->rank, b->rank);
    CU_ASSERT_EQUAL(a->lane, b->lane);
    CU_ASSERT(same_double(a->start_time, b->start_time));
    CU_ASSERT(same_double(a->wall_s, b->wall_s));
    CU_ASSERT(same_double(a->cpu_s, b->cpu_s));
    CU_ASSERT_EQUAL(a->peak_rss_bytes, b->peak_rss_bytes);
    CU_ASSERT_EQUAL(a->arena_bytes, b->arena_bytes);
    CU_ASSERT(same_double(a->limit_time_s, b->limit_time_s));
    CU_ASSERT_EQUAL(a->limit_memory_bytes, b->limit_memory_bytes);
}

static void check_same_row(const struct att_row *a, const struct att_row *b)
{
    check_same_head(a, b);
    CU_ASSERT_STRING_EQUAL(a->host, b->host);
    CU_ASSERT_STRING_EQUAL(a->kernel, b->kernel);
    CU_ASSERT_STRING_EQUAL(a->code_id, b->code_id);
    CU_ASSERT_STRING_EQUAL(a->message, b->message);
    CU_ASSERT_EQUAL_FATAL(a->n_params, b->n_params);
    CU_ASSERT_EQUAL_FATAL(a->n_metrics, b->n_metrics);
    CU_ASSERT_EQUAL_FATAL(a->n_claims, b->n_claims);
    CU_ASSERT_EQUAL_FATAL(a->n_observations, b->n_observations);
    CU_ASSERT_EQUAL_FATAL(a->n_observed, b->n_observed);
    CU_ASSERT(same_values(a->param, b->param, a->n_params));
    CU_ASSERT(same_values(a->metric, b->metric, a->n_metrics));
    CU_ASSERT(same_bits(a->verdict, b->verdict, a->n_claims));
    CU_ASSERT(
        same_bits(a->observation, b->observation,
                  (size_t)a->n_observed * a->n_observations * sizeof(double)));
}

static void decoding_inverts_encoding_of_any_row(void)
{
    static struct any_row any;
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};

    for (uint32_t i = 0; i < 300; i++) {
        struct att_row back;

        make_row(&any, i);
        att_buffer_clear(&bytes);
        att_row_encode(&any.row, &bytes);
        CU_ASSERT_TRUE_FATAL(att_buffer_ok(&bytes));
        CU_ASSERT_EQUAL_FATAL(
            att_row_decode(bytes.data, bytes.size, arena, &back, NULL), ATT_OK);
        check_same_row(&any.row, &back);
        att_arena_reset(arena, 0);
    }
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

/* A row of the size that sweeps of small tasks have. */
static const struct att_value PARAM[] = {{.kind = ATT_INTEGER, .i = 64},
                                         {.kind = ATT_TEXT, .s = "gauss"}};
static const struct att_value METRIC[] = {{.kind = ATT_REAL, .r = -0.0},
                                          {.kind = ATT_NONE},
                                          {.kind = ATT_TEXT, .s = ""}};
static const int8_t VERDICT[] = {1, -9};
static const double CELL[] = {1, 0.5, 2, 0.25};

static struct att_row small_row(void)
{
    return (struct att_row){.key = {3, 4},
                            .columns = 5,
                            .task = 6,
                            .n_slices = 1,
                            .status = ATT_FAILED,
                            .attempt = 2,
                            .wall_s = 0.25,
                            .host = "node1",
                            .kernel = "",
                            .code_id = "0123",
                            .message = "sum is not finite",
                            .param = PARAM,
                            .metric = METRIC,
                            .verdict = VERDICT,
                            .observation = CELL,
                            .n_params = 2,
                            .n_metrics = 3,
                            .n_claims = 2,
                            .n_observations = 2,
                            .n_observed = 2};
}

static void encode_small_row(struct att_buffer *bytes)
{
    const struct att_row row = small_row();

    att_row_encode(&row, bytes);
    CU_ASSERT_TRUE_FATAL(att_buffer_ok(bytes));
}

static void the_head_is_read_in_place(void)
{
    struct att_buffer bytes = {0};
    struct att_row_head head;

    encode_small_row(&bytes);
    CU_ASSERT_EQUAL_FATAL(att_row_peek(bytes.data, bytes.size, &head, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(head.key.high, 3);
    CU_ASSERT_EQUAL(head.key.low, 4);
    CU_ASSERT_EQUAL(head.columns, 5);
    CU_ASSERT_EQUAL(head.unit.task, 6);
    CU_ASSERT_EQUAL(head.unit.slice, 0);
    CU_ASSERT_EQUAL(head.unit.n_slices, 1);
    CU_ASSERT_EQUAL(head.status, ATT_FAILED);
    CU_ASSERT_EQUAL(head.attempt, 2);
    CU_ASSERT_EQUAL(head.wall_s, 0.25);
    att_buffer_fini(&bytes);
}

static void a_stamp_changes_rank_and_lane_only(void)
{
    struct att_arena *const arena = att_arena_create(0);
    struct att_row expected = small_row();
    struct att_buffer bytes = {0};
    struct att_row row;

    encode_small_row(&bytes);
    att_row_stamp(bytes.data, bytes.size, 70000, 5);
    CU_ASSERT_EQUAL_FATAL(
        att_row_decode(bytes.data, bytes.size, arena, &row, NULL), ATT_OK);
    expected.rank = 70000;
    expected.lane = 5;
    check_same_row(&expected, &row);
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

static void missing_texts_count_as_empty(void)
{
    struct att_arena *const arena = att_arena_create(0);
    const struct att_row row = {.n_slices = 1};
    struct att_buffer bytes = {0};
    struct att_row back;

    att_row_encode(&row, &bytes);
    CU_ASSERT_EQUAL_FATAL(
        att_row_decode(bytes.data, bytes.size, arena, &back, NULL), ATT_OK);
    CU_ASSERT_STRING_EQUAL(back.host, "");
    CU_ASSERT_STRING_EQUAL(back.message, "");
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

typedef att_status (*decode_fn)(const void *bytes, size_t n,
                                struct att_arena *arena);

static att_status decode_row(const void *bytes, size_t n,
                             struct att_arena *arena)
{
    struct att_row row;

    return att_row_decode(bytes, n, arena, &row, NULL);
}

static att_status decode_columns(const void *bytes, size_t n,
                                 struct att_arena *arena)
{
    struct att_columns columns;

    return att_columns_decode(bytes, n, arena, &columns, NULL);
}

/* Decode a copy that ends where its memory ends, so that the address
 * sanitizer sees a read past it. */
static att_status decode_copy(decode_fn decode, const char *bytes, size_t n)
{
    struct att_arena *const arena = att_arena_create(1 << 20);
    char *const copy = malloc(n > 0 ? n : 1);
    att_status status = ATT_E_NOMEM;

    if (arena != NULL && copy != NULL) {
        memcpy(copy, bytes, n);
        status = decode(copy, n, arena);
    }
    free(copy);
    att_arena_destroy(arena);
    return status;
}

static void a_row_cut_at_any_byte_is_refused(void)
{
    struct att_buffer bytes = {0};

    encode_small_row(&bytes);
    for (size_t n = 0; n < bytes.size; n++)
        CU_ASSERT_EQUAL(decode_copy(decode_row, bytes.data, n), ATT_E_PARSE);
    CU_ASSERT_EQUAL(decode_copy(decode_row, bytes.data, bytes.size), ATT_OK);
    att_buffer_append(&bytes, "", 1);
    CU_ASSERT_EQUAL(decode_copy(decode_row, bytes.data, bytes.size),
                    ATT_E_PARSE);
    att_buffer_fini(&bytes);
}

/* The journal's checksum catches damage; the codec only has to stay inside
 * the bytes and inside its memory, whatever a byte says. */
static void a_row_with_any_byte_changed_is_read_within_bounds(void)
{
    struct att_buffer bytes = {0};
    size_t n_refused = 0;

    encode_small_row(&bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        for (int change = 1; change < 256; change++) {
            const char right = bytes.data[i];

            bytes.data[i] = (char)(right ^ change);
            n_refused +=
                decode_copy(decode_row, bytes.data, bytes.size) != ATT_OK;
            bytes.data[i] = right;
        }
    }
    CU_ASSERT(n_refused > 0);
    att_buffer_fini(&bytes);
}

static void a_newer_layout_says_so(void)
{
    struct att_buffer bytes = {0};
    struct att_error err = {0};
    struct att_row_head head;

    encode_small_row(&bytes);
    bytes.data[0] = 2;
    CU_ASSERT_EQUAL(att_row_peek(bytes.data, bytes.size, &head, &err),
                    ATT_E_VERSION);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "row layout 2 is newer than 1: use a newer attest");
    att_buffer_fini(&bytes);
}

/* ---- columns ------------------------------------------------------------ */

static const struct att_column COLUMN[] = {
    {"N", ATT_COLUMN_PARAM, ATT_INTEGER},
    {"data", ATT_COLUMN_PARAM, ATT_TEXT},
    {"accuracy", ATT_COLUMN_METRIC, ATT_REAL},
    {"claim_exact", ATT_COLUMN_CLAIM, ATT_INTEGER},
    {"step", ATT_COLUMN_OBSERVATION, ATT_REAL},
};
static const struct att_columns COLUMNS = {.construction = "hardmax",
                                           .version = -3,
                                           .column = COLUMN,
                                           .n_params = 2,
                                           .n_metrics = 1,
                                           .n_claims = 1,
                                           .n_observations = 1};

static void decoding_inverts_encoding_of_columns(void)
{
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};
    struct att_columns back = {0};

    att_columns_encode(&COLUMNS, &bytes);
    CU_ASSERT_EQUAL_FATAL(
        att_columns_decode(bytes.data, bytes.size, arena, &back, NULL), ATT_OK);
    CU_ASSERT_STRING_EQUAL(back.construction, "hardmax");
    CU_ASSERT_EQUAL(back.version, -3);
    CU_ASSERT_EQUAL(back.n_params, 2);
    CU_ASSERT_EQUAL(back.n_metrics, 1);
    CU_ASSERT_EQUAL(back.n_claims, 1);
    CU_ASSERT_EQUAL(back.n_observations, 1);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_STRING_EQUAL(back.column[i].name, COLUMN[i].name);
        CU_ASSERT_EQUAL(back.column[i].role, COLUMN[i].role);
        CU_ASSERT_EQUAL(back.column[i].kind, COLUMN[i].kind);
    }
    CU_ASSERT_EQUAL(att_columns_id(&back), att_columns_id(&COLUMNS));
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

static void columns_cut_at_any_byte_are_refused(void)
{
    struct att_buffer bytes = {0};

    att_columns_encode(&COLUMNS, &bytes);
    for (size_t n = 0; n < bytes.size; n++)
        CU_ASSERT_EQUAL(decode_copy(decode_columns, bytes.data, n),
                        ATT_E_PARSE);
    CU_ASSERT_EQUAL(decode_copy(decode_columns, bytes.data, bytes.size),
                    ATT_OK);
    att_buffer_fini(&bytes);
}

static void any_change_of_a_column_changes_the_id(void)
{
    const uint64_t id = att_columns_id(&COLUMNS);
    struct att_column column[5];
    struct att_columns c = COLUMNS;

    c.column = column;
    for (int i = 0; i < 5; i++) {
        memcpy(column, COLUMN, sizeof column);
        column[i].name = "other";
        CU_ASSERT_NOT_EQUAL(att_columns_id(&c), id);
        column[i] = COLUMN[i];
        CU_ASSERT_EQUAL(att_columns_id(&c), id);
        column[i].kind = column[i].kind == ATT_REAL ? ATT_TEXT : ATT_REAL;
        CU_ASSERT_NOT_EQUAL(att_columns_id(&c), id);
    }
    c = COLUMNS;
    c.version = 4;
    CU_ASSERT_NOT_EQUAL(att_columns_id(&c), id);
    c = COLUMNS;
    c.construction = "hardmax_pair";
    CU_ASSERT_NOT_EQUAL(att_columns_id(&c), id);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"decoding inverts encoding of any row",
         decoding_inverts_encoding_of_any_row},
        {"the head is read in place", the_head_is_read_in_place},
        {"a stamp changes rank and lane only",
         a_stamp_changes_rank_and_lane_only},
        {"missing texts count as empty", missing_texts_count_as_empty},
        {"a row cut at any byte is refused", a_row_cut_at_any_byte_is_refused},
        {"a row with any byte changed is read within bounds",
         a_row_with_any_byte_changed_is_read_within_bounds},
        {"a newer layout says so", a_newer_layout_says_so},
        {"decoding inverts encoding of columns",
         decoding_inverts_encoding_of_columns},
        {"columns cut at any byte are refused",
         columns_cut_at_any_byte_are_refused},
        {"any change of a column changes the id",
         any_change_of_a_column_changes_the_id},
        CU_TEST_INFO_NULL,
    };

    return unit_run("row", tests);
}
