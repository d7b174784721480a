/* test_stream.c - rows read in passing are the rows of the table. */
#include "attest/store/stream.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "specimen.h"
#include "unit.h"

/* Three blocks of rows, the last one not full. */
enum { ROWS = 20000 };
static const char study[] = "name: long\n"
                            "seed: 7\n"
                            "sweeps:\n"
                            "  - construction: alpha\n"
                            "    grid: {N: {from: 1, to: 20000, step: 1}}\n"
                            "    replicates: 1\n";

static const struct specimen_options HOLES = {.skip_every = 5, .fail_every = 7};

static struct scratch scratch;
static char dir[SCRATCH_PATH];
static struct att_dataset *with_table, *streamed;
static struct att_row_source table;

static int make(void)
{
    const struct att_table *rows = NULL;

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "run", dir);
    specimen_write(dir, study, &HOLES);
    if (att_dataset_open(dir, &with_table, NULL) != ATT_OK ||
        att_dataset_load(with_table, 0, false, &rows, NULL) != ATT_OK ||
        att_dataset_open(dir, &streamed, NULL) != ATT_OK)
        return 1;
    table = att_table_source(rows);
    return 0;
}

static int clean(void)
{
    att_dataset_close(with_table);
    att_dataset_close(streamed);
    scratch_close(&scratch);
    return 0;
}

static bool same_label(const struct att_row_source *s, size_t i)
{
    const struct att_row_label a = s->label(s->context, i);
    const struct att_row_label b = table.label(table.context, i);

    return att_key_compare(a.key, b.key) == 0 && a.replicate == b.replicate &&
           a.status == b.status;
}

static bool same_verdicts(const struct att_row_source *s, size_t i)
{
    for (uint32_t k = 0; k < s->construction->n_claims; k++) {
        if (s->verdict(s->context, i, k) != table.verdict(table.context, i, k))
            return false;
    }
    return true;
}

static bool same_cells(const struct att_row_source *s, size_t i)
{
    const uint32_t n =
        att_construction_n_params(s->construction) + s->construction->n_metrics;

    for (uint32_t k = 0; k < n; k++) {
        if (!att_value_equal(s->cell(s->context, i, k),
                             table.cell(table.context, i, k)))
            return false;
    }
    return true;
}

static bool same_row(const struct att_row_source *s, size_t i,
                     struct att_arena *arena)
{
    struct att_row_view a, b;

    if (s->row(s->context, i, arena, &a, NULL) != ATT_OK ||
        table.row(table.context, i, arena, &b, NULL) != ATT_OK)
        return false;
    return a.status == b.status && a.replicate == b.replicate &&
           att_value_equal(a.param[SPECIMEN_N], b.param[SPECIMEN_N]) &&
           att_value_equal(a.metric[SPECIMEN_ERR], b.metric[SPECIMEN_ERR]);
}

static struct att_row_stream *open_stream(void)
{
    struct att_row_stream *stream = NULL;

    CU_ASSERT_EQUAL_FATAL(att_row_stream_open(streamed, 0, &stream, NULL),
                          ATT_OK);
    return stream;
}

/* Forwards, backwards, and by strides that change blocks at every step. */
static void rows_in_any_order_are_the_table_s(void)
{
    static const size_t strides[] = {1, ROWS - 1, 8192, 9001};
    struct att_row_stream *stream = open_stream();
    const struct att_row_source s = att_row_stream_source(stream);
    struct att_arena *arena = att_arena_create(0);
    size_t n_apart = 0;

    CU_ASSERT_EQUAL_FATAL(s.n, ROWS);
    CU_ASSERT_EQUAL(s.n, table.n);
    for (size_t k = 0; k < sizeof strides / sizeof *strides; k++) {
        const size_t n = strides[k] == 1 ? ROWS : 200;
        size_t i = 0;

        for (size_t step = 0; step < n; step++) {
            n_apart += !(same_label(&s, i) && same_verdicts(&s, i) &&
                         same_cells(&s, i) && same_row(&s, i, arena));
            i = (i + strides[k]) % ROWS;
        }
    }
    CU_ASSERT_EQUAL(n_apart, 0);
    att_arena_destroy(arena);
    CU_ASSERT_EQUAL(att_row_stream_close(stream, NULL), ATT_OK);
}

/* Two blocks are kept: texts of a row outlive a look at another block. */
static void a_row_outlives_a_look_at_another_block(void)
{
    struct att_row_stream *stream = open_stream();
    const struct att_row_source s = att_row_stream_source(stream);
    const int data = att_source_column(&s, "data");

    CU_ASSERT_TRUE_FATAL(data >= 0);
    const struct att_value near = s.cell(s.context, 0, (uint32_t)data);
    const struct att_value far = s.cell(s.context, ROWS - 1, (uint32_t)data);

    CU_ASSERT_STRING_EQUAL(near.s, far.s);
    CU_ASSERT_STRING_EQUAL(near.s, "gauss");
    CU_ASSERT_EQUAL(att_row_stream_close(stream, NULL), ATT_OK);
}

/* A journal that is cut while it is read. */
static void a_reading_that_fails_is_told_at_the_end(void)
{
    struct att_row_stream *stream = open_stream();
    const struct att_row_source s = att_row_stream_source(stream);
    struct att_error err = {0};
    char journal[SCRATCH_PATH + 16];
    struct att_arena *arena = att_arena_create(0);
    struct att_row_view view;

    (void)snprintf(journal, sizeof journal, "%s/journal", dir);
    CU_ASSERT_EQUAL_FATAL(truncate(journal, 4096), 0);
    CU_ASSERT_EQUAL(s.label(s.context, ROWS - 1).status, ATT_NOT_RUN);
    CU_ASSERT_EQUAL(s.cell(s.context, ROWS - 1, 0).kind, ATT_NONE);
    CU_ASSERT_EQUAL(s.verdict(s.context, ROWS - 1, 0), ATT_NOT_APPLICABLE);
    CU_ASSERT_NOT_EQUAL(s.row(s.context, ROWS - 1, arena, &view, NULL), ATT_OK);
    CU_ASSERT_NOT_EQUAL(att_row_stream_close(stream, &err), ATT_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "journal"));
    att_arena_destroy(arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"rows in any order are the table's",
         rows_in_any_order_are_the_table_s},
        {"a row outlives a look at another block",
         a_row_outlives_a_look_at_another_block},
        {"a reading that fails is told at the end",
         a_reading_that_fails_is_told_at_the_end},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("stream", make, clean, tests);
}
