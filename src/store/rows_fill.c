/* rows_fill.c - a decoded row, or a task without one, becomes cells. */
#include <inttypes.h>
#include <math.h>

#include "rows_priv.h"
#include "schema_priv.h"

static struct att_value count_or_none(uint64_t count)
{
    return count == 0 ? att_none() : att_real((double)count);
}

static struct att_value runner_value(const struct att_row *row,
                                     enum runner_column column)
{
    switch (column) {
    case RUNNER_MESSAGE:
        return att_text(row->message);
    case RUNNER_ATTEMPT:
        return att_int(row->attempt);
    case RUNNER_WALL:
        return att_real(row->wall_s);
    case RUNNER_CPU:
        return att_real(row->cpu_s);
    case RUNNER_RSS:
        return att_real((double)row->peak_rss_bytes);
    case RUNNER_ARENA:
        return att_real((double)row->arena_bytes);
    case RUNNER_LIMIT_TIME:
        return row->limit_time_s > 0 ? att_real(row->limit_time_s) : att_none();
    case RUNNER_LIMIT_MEMORY:
        return count_or_none(row->limit_memory_bytes);
    case RUNNER_RANK:
        return att_int(row->rank);
    case RUNNER_LANE:
        return att_int(row->lane);
    case RUNNER_HOST:
        return att_text(row->host);
    case RUNNER_KERNEL:
        return att_text(row->kernel);
    case RUNNER_CODE_ID:
        return att_text(row->code_id);
    case RUNNER_START_TIME:
        return att_real(row->start_time);
    case RUNNER_COLUMNS:
        break;
    }
    return att_none();
}

static struct att_value claim_value(const struct att_row *row, uint32_t at)
{
    return att_int(at >= row->n_claims ? ATT_NOT_APPLICABLE : row->verdict[at]);
}

/* What the row's result says in a column. */
static struct att_value result_value(const struct att_row *row,
                                     const struct att_field *field, uint32_t at)
{
    if (field->role == ATT_FIELD_METRIC)
        return at >= row->n_metrics ? att_none() : row->metric[at];
    if (field->role == ATT_FIELD_CLAIM)
        return claim_value(row, at);
    if (field->role == ATT_FIELD_STATUS)
        return att_int(row->status);
    return runner_value(row, (enum runner_column)field->index);
}

/* The same of a task that has not run. */
static struct att_value missing_value(const struct att_field *field)
{
    if (field->role == ATT_FIELD_CLAIM)
        return att_int(ATT_NOT_APPLICABLE);
    if (field->role == ATT_FIELD_STATUS)
        return att_int(ATT_NOT_RUN);
    return att_none();
}

/* What names a row, with or without a result. */
struct named_point {
    uint64_t number;
    struct att_key key;
    const struct att_value *p; /* in schema order */
    int64_t replicate;
};

static bool names_rows(enum att_field_role role)
{
    return role == ATT_FIELD_TASK || role == ATT_FIELD_KEY ||
           role == ATT_FIELD_PARAMETER || role == ATT_FIELD_REPLICATE;
}

static void fill_name(struct att_frame *frame, size_t i, uint32_t f,
                      const struct named_point *point, struct text_pool *pool)
{
    const struct att_field *field = &frame->field[f];
    char key[ATT_KEY_TEXT];
    struct att_value v = att_int(point->replicate);

    if (field->role == ATT_FIELD_TASK) {
        v = att_int((int64_t)point->number);
    } else if (field->role == ATT_FIELD_KEY) {
        v = att_text(att_key_text(point->key, key));
    } else if (field->role == ATT_FIELD_PARAMETER) {
        v = point->p[field->index];
    }
    att_frame_set(frame, i, f, v, pool);
}

att_status att_row_fill(struct att_frame *frame, size_t i,
                        const struct row_point *at, struct text_pool *pool,
                        struct att_error *err)
{
    const struct att_row *row = &at->reader->row;
    struct att_value p[ATT_PLAN_PARAMS];
    const struct named_point point = {at->number, row->key, p, row->replicate};

    if (!att_row_params(at->reader, at->construction, p)) {
        return att_fail(err, ATT_E_MISMATCH,
                        "the row of task %" PRIu64 " is not one of %s",
                        at->number, at->construction->name);
    }
    for (uint32_t f = 0; f < frame->n_fields; f++) {
        const struct att_field *field = &frame->field[f];

        if (names_rows(field->role)) {
            fill_name(frame, i, f, &point, pool);
        } else {
            att_frame_set(frame, i, f, result_value(row, field, at->map->at[f]),
                          pool);
        }
    }
    return ATT_OK;
}

void att_row_fill_missing(struct att_frame *frame, size_t i,
                          const struct att_task *task, struct att_key key,
                          struct text_pool *pool)
{
    const struct named_point point = {task->number, key, task->p,
                                      task->replicate};

    for (uint32_t f = 0; f < frame->n_fields; f++) {
        if (names_rows(frame->field[f].role)) {
            fill_name(frame, i, f, &point, pool);
        } else {
            att_frame_set(frame, i, f, missing_value(&frame->field[f]), pool);
        }
    }
}

void att_row_fill_line(struct att_frame *lines, size_t i,
                       const struct line_point *at)
{
    const struct att_row *row = &at->reader->row;
    const double *cell = row->observation + at->line * row->n_observations;

    for (uint32_t f = 0; f < lines->n_fields; f++) {
        const uint32_t column = at->map->at[f];

        if (lines->field[f].role == ATT_FIELD_LINE) {
            lines->cells[f].integer[i] = (int64_t)at->number;
        } else if (lines->field[f].role == ATT_FIELD_TASK_INDEX) {
            lines->cells[f].integer[i] = (int64_t)at->task_index;
        } else {
            lines->cells[f].real[i] =
                column == FIELD_ABSENT ? (double)NAN : cell[column];
        }
    }
}
