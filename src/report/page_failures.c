/* page_failures.c - rows without a result, by cause. */
#include <inttypes.h>

#include "attest/report/aggregate.h"
#include "page_priv.h"
#include "report_priv.h"

enum { CAUSES_SHOWN = 12 };

enum { C_SWEEP, C_STATUS, C_ROWS, C_MESSAGE, C_FIRST, N_C };

static const struct att_text_column COLUMNS[N_C] = {
    [C_SWEEP] = {.name = "sweep"},     [C_STATUS] = {.name = "status"},
    [C_ROWS] = {.name = "rows"},       [C_MESSAGE] = {.name = "what it said"},
    [C_FIRST] = {.name = "first row"},
};

static size_t rows_without_result(const struct att_table *t, size_t *row)
{
    size_t n = 0;

    for (size_t i = 0; i < t->rows.n; i++) {
        if (att_table_status(t, i) != ATT_DONE)
            row[n++] = i;
    }
    return n;
}

static att_status add_cause(const struct att_table *t, int message,
                            const struct att_row_groups *groups, size_t g,
                            struct att_text_table *out, struct att_error *err)
{
    const size_t row = groups->row[groups->start[g]];
    const size_t n = groups->start[g + 1] - groups->start[g];
    char key[ATT_KEY_TEXT];
    const struct att_value cells[N_C] = {
        [C_SWEEP] = att_text(t->name),
        [C_STATUS] = att_text(att_outcome_text(att_table_status(t, row))),
        [C_ROWS] = att_int((int64_t)n),
        [C_MESSAGE] = message < 0
                          ? att_none()
                          : att_frame_cell(&t->rows, row, (uint32_t)message),
        [C_FIRST] = att_text(att_arena_printf(
            out->arena, "k%.12s", att_key_text(att_table_key(t, row), key))),
    };

    if (cells[C_FIRST].s == NULL)
        return att_arena_fail(out->arena, "the causes of failures", err);
    return att_text_table_add(out, cells, err);
}

static att_status add_sweep(struct att_page_out *o, const struct att_table *t,
                            struct att_text_table *out, size_t *n_more,
                            struct att_error *err)
{
    const int message = att_table_find(t, "message");
    const uint32_t by[2] = {t->status, message < 0 ? 0 : (uint32_t)message};
    size_t *row = ATT_NEW(o->arena, size_t, t->rows.n);
    struct att_row_groups groups = {0};

    if (row == NULL)
        return att_arena_fail(o->arena, "the causes of failures", err);
    const struct att_row_query query = {row, rows_without_result(t, row), by,
                                        message < 0 ? 1 : 2};
    if (att_group_by(t, &query, o->arena, &groups) != ATT_OK)
        return att_arena_fail(o->arena, "the causes of failures", err);
    for (size_t g = 0; g < groups.n_groups && g < CAUSES_SHOWN; g++)
        ATT_TRY(add_cause(t, message, &groups, g, out, err));
    if (groups.n_groups > CAUSES_SHOWN)
        *n_more += groups.n_groups - CAUSES_SHOWN;
    return ATT_OK;
}

att_status att_page_failures(struct att_page_out *o, struct att_error *err)
{
    struct att_dataset *ds = o->page->dataset;
    struct att_text_table t = {0};
    size_t n_more = 0;

    att_text_table_init(&t, o->arena, COLUMNS, N_C);
    for (uint32_t i = 0; i < att_dataset_n_sweeps(ds); i++)
        ATT_TRY(add_sweep(o, att_dataset_sweep(ds, i), &t, &n_more, err));
    att_buffer_text(o->html, "<h2 id=failures>Rows without a result</h2>\n");
    if (t.n_rows == 0) {
        att_buffer_text(o->html, "<p>None: every planned row is done.</p>\n");
        return ATT_OK;
    }
    att_buffer_text(o->html,
                    "<p class=dim>Infeasible rows are those that the theorem "
                    "does not cover, skipped ones were too large for the "
                    "limits; neither is a failure.</p>\n");
    att_html_table(o->html, &t);
    if (n_more > 0) {
        att_buffer_printf(o->html, "<p class=dim>%zu causes more.</p>\n",
                          n_more);
    }
    return ATT_OK;
}
