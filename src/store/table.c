/* table.c - rows as claims, searches and people ask for them. */
#include "attest/store/table.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "schema_priv.h"

bool att_field_is_science(const struct att_field *field)
{
    switch (field->role) {
    case ATT_FIELD_PARAMETER:
    case ATT_FIELD_REPLICATE:
    case ATT_FIELD_STATUS:
        return true;
    case ATT_FIELD_METRIC:
    case ATT_FIELD_CLAIM:
    case ATT_FIELD_AXIS:
    case ATT_FIELD_OBSERVATION:
        return field->exactness != ATT_TIMING;
    case ATT_FIELD_TASK:
    case ATT_FIELD_KEY:
    case ATT_FIELD_RUNNER:
    case ATT_FIELD_LINE:
    case ATT_FIELD_TASK_INDEX:
    case ATT_FIELD_FINDING:
    case ATT_FIELD_ROLES:
        break;
    }
    return false;
}

int att_table_find(const struct att_table *table, const char *name)
{
    return att_frame_find(&table->rows, name);
}

enum att_outcome_status att_table_status(const struct att_table *table,
                                         size_t row)
{
    const int8_t status = table->rows.cells[table->status].tiny[row];

    return status >= 0 && status < ATT_OUTCOMES
               ? (enum att_outcome_status)status
               : ATT_FAILED;
}

static const char *key_text(const struct att_table *table, size_t row)
{
    return table->rows.cells[table->key].text[row];
}

struct att_key att_table_key(const struct att_table *table, size_t row)
{
    struct att_key key = {0, 0};

    (void)att_key_parse(key_text(table, row), &key);
    return key;
}

bool att_table_find_key(const struct att_table *table, const char *hex_prefix,
                        size_t *row, size_t *n_matches)
{
    const size_t n_digits = strlen(hex_prefix);

    *n_matches = 0;
    for (size_t i = 0; i < table->rows.n; i++) {
        if (strncmp(key_text(table, i), hex_prefix, n_digits) != 0)
            continue;
        if ((*n_matches)++ == 0)
            *row = i;
    }
    return *n_matches == 1;
}

bool att_table_find_task(const struct att_table *table, uint64_t number,
                         size_t *row)
{
    const int64_t *task = table->rows.cells[table->task].integer;
    size_t low = 0, high = table->rows.n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if ((uint64_t)task[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *row = low;
    return low < table->rows.n && (uint64_t)task[low] == number;
}

/* ---- rows as claims see them ------------------------------------------- */

/* Judges may compare a choice by its address in the schema. */
static struct att_value declared_choice(const struct att_param *param,
                                        struct att_value v)
{
    if (param->type != ATT_TYPE_CHOICE || v.kind != ATT_TEXT)
        return v;
    for (size_t i = 0; param->choices[i] != NULL; i++) {
        if (strcmp(param->choices[i], v.s) == 0)
            return att_text(param->choices[i]);
    }
    return v;
}

static struct att_value param_cell(const struct att_table *table, size_t row,
                                   uint32_t i)
{
    return declared_choice(
        att_construction_param(table->construction, i),
        att_frame_cell(&table->rows, row, table->param_field[i]));
}

static struct att_value metric_cell(const struct att_table *table, size_t row,
                                    uint32_t i)
{
    const uint32_t field = table->metric_field[i];

    return field == FIELD_ABSENT ? att_none()
                                 : att_frame_cell(&table->rows, row, field);
}

static bool view_lines(const struct att_table *table, size_t row,
                       struct att_arena *arena, struct att_lines *out)
{
    const uint32_t n_columns = table->construction->n_observations;

    *out = (struct att_lines){.n_columns = n_columns};
    if (table->line_first == NULL || n_columns == 0)
        return true;

    const uint64_t first = table->line_first[row];

    out->n_rows = table->line_first[row + 1] - first;

    double *cell = ATT_NEW(arena, double, out->n_rows *n_columns);

    if (cell == NULL)
        return false;
    for (size_t i = 0; i < out->n_rows; i++) {
        for (uint32_t k = 0; k < n_columns; k++) {
            const uint32_t field = table->observation_field[k];

            cell[i * n_columns + k] =
                field == FIELD_ABSENT
                    ? (double)NAN
                    : table->lines.cells[field].real[first + i];
        }
    }
    out->cell = cell;
    return true;
}

att_status att_table_view(const struct att_table *table, size_t row,
                          struct att_arena *arena, struct att_row_view *view,
                          struct att_error *err)
{
    const struct att_construction *c = table->construction;
    const uint32_t n_params = att_construction_n_params(c);
    struct att_value *param = ATT_NEW(arena, struct att_value, n_params);
    struct att_value *metric = ATT_NEW(arena, struct att_value, c->n_metrics);
    struct att_lines lines;

    if (param == NULL || metric == NULL ||
        !view_lines(table, row, arena, &lines))
        return att_arena_fail(arena, "a row of the table", err);
    for (uint32_t i = 0; i < n_params; i++)
        param[i] = param_cell(table, row, i);
    for (uint32_t i = 0; i < c->n_metrics; i++)
        metric[i] = metric_cell(table, row, i);
    *view = (struct att_row_view){
        .construction = c,
        .param = param,
        .metric = metric,
        .observations = lines,
        .replicate = table->rows.cells[table->replicate].integer[row],
        .status = att_table_status(table, row),
    };
    return ATT_OK;
}

/* ---- the judge's source ------------------------------------------------- */

static bool not_found(const struct att_table *table, size_t row)
{
    return table->found != FIELD_ABSENT &&
           att_table_status(table, row) == ATT_DONE &&
           att_frame_cell(&table->rows, row, table->found).kind == ATT_NONE;
}

bool att_table_censored(const struct att_table *table, size_t row)
{
    return not_found(table, row) ||
           att_outcome_stopped(att_table_status(table, row));
}

static struct att_row_label source_label(const void *context, size_t i)
{
    const struct att_table *table = context;

    return (struct att_row_label){
        .key = att_table_key(table, i),
        .replicate = table->rows.cells[table->replicate].integer[i],
        .status = att_table_status(table, i),
        .not_found = not_found(table, i),
    };
}

static struct att_value source_cell(const void *context, size_t i,
                                    uint32_t column)
{
    const struct att_table *table = context;
    const uint32_t n_params = att_construction_n_params(table->construction);

    return column < n_params ? param_cell(table, i, column)
                             : metric_cell(table, i, column - n_params);
}

static att_status source_row(const void *context, size_t i,
                             struct att_arena *arena, struct att_row_view *view,
                             struct att_error *err)
{
    return att_table_view(context, i, arena, view, err);
}

static int8_t source_verdict(const void *context, size_t i, uint32_t claim)
{
    const struct att_table *table = context;
    const uint32_t field = table->claim_field[claim];

    if (field == FIELD_ABSENT)
        return ATT_NOT_APPLICABLE;
    return table->rows.cells[field].tiny[i];
}

struct att_row_source att_table_source(const struct att_table *table)
{
    assert(table->construction != NULL); /* the header says so */
    return (struct att_row_source){
        .sweep = table->name,
        .construction = table->construction,
        .n = table->rows.n,
        .context = table,
        .label = source_label,
        .cell = source_cell,
        .row = source_row,
        .verdict = source_verdict,
    };
}
