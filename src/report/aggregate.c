/* aggregate.c - tables of rows, and of groups of rows. */
#include "attest/report/aggregate.h"

#include <math.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "report_priv.h"

static const char *const STAT_NAMES[ATT_STATS] = {
    [ATT_STAT_COUNT] = "count", [ATT_STAT_MIN] = "min",
    [ATT_STAT_Q1] = "q1",       [ATT_STAT_MEDIAN] = "median",
    [ATT_STAT_Q3] = "q3",       [ATT_STAT_MAX] = "max",
    [ATT_STAT_IQR] = "iqr",     [ATT_STAT_MEAN] = "mean",
    [ATT_STAT_SD] = "sd",
};

const char *att_stat_text(enum att_stat stat)
{
    return STAT_NAMES[stat];
}

att_status att_stat_parse(const char *text, enum att_stat *stat,
                          struct att_error *err)
{
    for (int i = 0; i < ATT_STATS; i++) {
        if (att_text_same(text, STAT_NAMES[i])) {
            *stat = (enum att_stat)i;
            return ATT_OK;
        }
    }
    const char *nearest = att_text_nearest(text, STAT_NAMES, ATT_STATS);

    return att_fail(err, ATT_E_ARG, "statistic '%s' is unknown, %s%s%s", text,
                    nearest != NULL ? "did you mean " : "try ",
                    nearest != NULL ? nearest
                                    : "count, min, q1, median, q3, max, iqr, "
                                      "mean or sd",
                    nearest != NULL ? "?" : "");
}

/* ---- rows as they are --------------------------------------------------- */

struct att_value att_shown_cell(const struct att_table *source, size_t row,
                                uint32_t field)
{
    const struct att_value v = att_frame_cell(&source->rows, row, field);

    if (v.kind != ATT_INTEGER)
        return v;
    if (field == source->status)
        return att_text(att_outcome_text((enum att_outcome_status)v.i));
    if (source->rows.field[field].role == ATT_FIELD_CLAIM)
        return att_text(att_verdict_text((enum att_verdict)v.i));
    return v;
}

struct att_text_column att_shown_column(const struct att_table *source,
                                        uint32_t field, uint32_t digits)
{
    const struct att_field *f = &source->rows.field[field];
    struct att_text_column column = {
        .name = f->name, .unit = f->unit, .digits = digits};

    if (f->role == ATT_FIELD_PARAMETER)
        column.digits = ATT_DIGITS_ALL; /* points are exact */
    if (field == source->status)
        column.tone = att_tone_status;
    if (f->role == ATT_FIELD_CLAIM)
        column.tone = att_tone_verdict;
    return column;
}

att_status att_select_rows(const struct att_table *source,
                           const struct att_selection *selection,
                           struct att_arena *arena, struct att_text_table *out,
                           struct att_error *err)
{
    const uint32_t n = selection->n_fields;
    struct att_text_column *column = ATT_NEW(arena, struct att_text_column, n);
    struct att_value *cell = ATT_NEW(arena, struct att_value, n);

    if (column == NULL || cell == NULL)
        return att_arena_fail(arena, "a table", err);
    for (uint32_t k = 0; k < n; k++) {
        column[k] =
            att_shown_column(source, selection->field[k], selection->digits);
    }
    att_text_table_init(out, arena, column, n);
    for (size_t i = 0; i < selection->n_rows; i++) {
        for (uint32_t k = 0; k < n; k++) {
            cell[k] =
                att_shown_cell(source, selection->row[i], selection->field[k]);
        }
        ATT_TRY(att_text_table_add(out, cell, err));
    }
    return ATT_OK;
}

/* ---- groups ---------------------------------------------------------------- */

static double statistic(const struct att_summary *s, enum att_stat stat)
{
    switch (stat) {
    case ATT_STAT_COUNT:
        return (double)s->n;
    case ATT_STAT_MIN:
        return s->min;
    case ATT_STAT_Q1:
        return s->q1;
    case ATT_STAT_MEDIAN:
        return s->median;
    case ATT_STAT_Q3:
        return s->q3;
    case ATT_STAT_MAX:
        return s->max;
    case ATT_STAT_IQR:
        return s->q3 - s->q1;
    case ATT_STAT_MEAN:
        return s->mean;
    case ATT_STAT_SD:
        return s->sd;
    case ATT_STATS:
        break;
    }
    return NAN;
}

/* "y median", or "y" when there is one statistic. */
static att_status statistic_column(const struct att_table *source,
                                   const struct att_aggregate *q, uint32_t k,
                                   struct att_arena *arena,
                                   struct att_text_column *column)
{
    const uint32_t field = q->field[k / q->n_stats];
    const char *stat = att_stat_text(q->stat[k % q->n_stats]);
    struct att_text_column c = att_shown_column(source, field, q->digits);

    c.digits = q->digits; /* also of a parameter's statistics */
    c.tone = NULL;
    if (q->n_stats > 1)
        c.name = att_arena_printf(arena, "%s %s", c.name, stat);
    *column = c;
    return c.name == NULL ? ATT_E_NOMEM : ATT_OK;
}

static att_status make_columns(const struct att_table *source,
                               const struct att_aggregate *q,
                               struct att_arena *arena,
                               struct att_text_table *out)
{
    const uint32_t n_statistics = q->n_fields * q->n_stats;
    const uint32_t n = q->n_by + 2 + n_statistics;
    struct att_text_column *column = ATT_NEW(arena, struct att_text_column, n);

    if (column == NULL)
        return ATT_E_NOMEM;
    for (uint32_t k = 0; k < q->n_by; k++)
        column[k] = att_shown_column(source, q->by[k], q->digits);
    column[q->n_by] = (struct att_text_column){.name = "done"};
    column[q->n_by + 1] = (struct att_text_column){.name = "planned"};
    for (uint32_t k = 0; k < n_statistics; k++) {
        ATT_TRY(
            statistic_column(source, q, k, arena, &column[q->n_by + 2 + k]));
    }
    att_text_table_init(out, arena, column, n);
    return ATT_OK;
}

/* The rows of one group, and room for their values. */
struct group {
    const size_t *row; /* n */
    size_t n;
    double *scratch; /* n */
};

static int64_t count_done(const struct att_table *source, const struct group *g)
{
    int64_t n = 0;

    for (size_t i = 0; i < g->n; i++)
        n += att_table_status(source, g->row[i]) == ATT_DONE;
    return n;
}

/* The statistics of one field; cell has n_stats entries. */
static void sum_up(const struct att_table *source,
                   const struct att_aggregate *q, uint32_t field,
                   const struct group *g, struct att_value *cell)
{
    for (size_t i = 0; i < g->n; i++)
        g->scratch[i] = att_frame_number(&source->rows, g->row[i], field);
    const struct att_summary summary = att_summarise(g->scratch, g->n);

    for (uint32_t s = 0; s < q->n_stats; s++) {
        cell[s] = q->stat[s] == ATT_STAT_COUNT
                      ? att_int((int64_t)summary.n)
                      : att_real(statistic(&summary, q->stat[s]));
    }
}

static void fill_row(const struct att_table *source,
                     const struct att_aggregate *q, const struct group *g,
                     struct att_value *cell)
{
    for (uint32_t k = 0; k < q->n_by; k++)
        *cell++ = att_shown_cell(source, g->row[0], q->by[k]);
    *cell++ = att_int(count_done(source, g));
    *cell++ = att_int((int64_t)g->n);
    for (uint32_t k = 0; k < q->n_fields; k++)
        sum_up(source, q, q->field[k], g, cell + (size_t)k * q->n_stats);
}

static att_status check_fields(const struct att_table *source,
                               const struct att_aggregate *q,
                               struct att_error *err)
{
    for (uint32_t k = 0; k < q->n_fields; k++) {
        const struct att_field *field = &source->rows.field[q->field[k]];

        if (field->type == ATT_CELL_TEXT) {
            return att_fail(err, ATT_E_ARG,
                            "column %s holds texts, which have no statistics",
                            field->name);
        }
    }
    return ATT_OK;
}

static att_status add_groups(const struct att_table *source,
                             const struct att_aggregate *q,
                             struct att_arena *arena,
                             struct att_text_table *out)
{
    struct att_row_groups groups = {0};
    double *scratch = ATT_NEW(arena, double, q->n_rows);
    struct att_value *cell = ATT_NEW(arena, struct att_value, out->n_columns);

    if (scratch == NULL || cell == NULL)
        return ATT_E_NOMEM;
    const struct att_row_query query = {q->row, q->n_rows, q->by, q->n_by};

    ATT_TRY(att_group_by(source, &query, arena, &groups));
    for (size_t g = 0; g < groups.n_groups; g++) {
        const struct group group = {
            .row = groups.row + groups.start[g],
            .n = groups.start[g + 1] - groups.start[g],
            .scratch = scratch,
        };

        fill_row(source, q, &group, cell);
        ATT_TRY(att_text_table_add(out, cell, NULL));
    }
    return ATT_OK;
}

att_status att_aggregate_rows(const struct att_table *source,
                              const struct att_aggregate *query,
                              struct att_arena *arena,
                              struct att_text_table *out, struct att_error *err)
{
    att_status status = check_fields(source, query, err);

    if (status != ATT_OK)
        return status;
    status = make_columns(source, query, arena, out);
    if (status == ATT_OK)
        status = add_groups(source, query, arena, out);
    if (status == ATT_E_NOMEM)
        return att_arena_fail(arena, "a table of groups", err);
    return status;
}
