/* live.c - rows of a journal in the order of a plan. */
#include "live_priv.h"

#include <inttypes.h>

/* The descriptions that the sweep's rows refer to, each once. */
static const struct att_columns **used_columns(
    const struct live_sweep *live, const struct att_journal *journal, size_t *n)
{
    const size_t n_all = att_journal_n_columns(journal);
    const struct att_columns **used =
        ATT_NEW(live->arena, const struct att_columns *, n_all);
    bool *seen = ATT_NEW0(live->arena, bool, n_all);

    *n = 0;
    for (size_t i = 0; used != NULL && seen != NULL && i < live->roster->n;
         i++) {
        struct att_journal_row row;

        if (live->roster->entry[i].place == ROSTER_NO_ROW ||
            !att_journal_row(journal, live->roster->entry[i].place, &row) ||
            row.columns >= n_all || seen[row.columns])
            continue;
        seen[row.columns] = true;
        used[(*n)++] = att_journal_columns(journal, row.columns);
    }
    return seen == NULL ? NULL : used;
}

static att_status describe(struct live_sweep *live,
                           const struct att_journal *journal,
                           struct att_error *err)
{
    struct schema_source source = {.construction = live->sweep->construction};

    source.columns = used_columns(live, journal, &source.n);
    if (source.columns == NULL)
        return att_arena_fail(live->arena, "the columns", err);
    live->rows = (struct field_list){.arena = live->arena, .err = err};
    live->lines = live->rows;
    att_schema_rows(&source, &live->rows);
    att_schema_lines(&source, &live->lines);
    if (live->rows.status != ATT_OK)
        return live->rows.status;
    if (live->lines.status != ATT_OK)
        return live->lines.status;
    live->row_schema =
        (struct att_frame){.field = live->rows.field, .n_fields = live->rows.n};
    live->line_schema = (struct att_frame){.field = live->lines.field,
                                           .n_fields = live->lines.n};
    live->row_maps =
        (struct row_maps){.frame = &live->row_schema, .arena = live->arena};
    live->line_maps =
        (struct row_maps){.frame = &live->line_schema, .arena = live->arena};
    return ATT_OK;
}

att_status att_live_open(struct live_sweep *live,
                         const struct att_journal *journal,
                         struct att_plan *plan, uint32_t sweep,
                         const struct roster_sweep *roster,
                         struct att_error *err)
{
    *live = (struct live_sweep){
        .sweep = &att_plan_study(plan)->sweep[sweep],
        .plan = plan,
        .roster = roster,
        .arena = att_arena_create(0),
    };
    att_status status =
        live->arena == NULL
            ? att_fail(err, ATT_E_NOMEM, "no memory for the columns")
            : att_row_reader_init(&live->reader, journal, err);

    if (status == ATT_OK)
        status = describe(live, journal, err);
    if (status != ATT_OK)
        att_live_close(live);
    return status;
}

void att_live_close(struct live_sweep *live)
{
    att_row_reader_fini(&live->reader);
    att_arena_destroy(live->arena);
    *live = (struct live_sweep){0};
}

const char *att_live_axes(const struct att_sweep *sweep,
                          struct att_arena *arena)
{
    const char *axes = "";

    for (uint32_t a = 0; a < sweep->n_axes && axes != NULL; a++) {
        const struct att_axis *axis = &sweep->axis[a];

        for (uint32_t k = 0; k < axis->n_params && axis->n > 1 && axes != NULL;
             k++) {
            axes = att_arena_printf(
                arena, "%s%s ", axes,
                att_construction_param(sweep->construction, axis->param[k])
                    ->name);
        }
    }
    return axes == NULL ? NULL : att_arena_printf(arena, "%sreplicate", axes);
}

static att_status take_lines(struct live_sweep *live, struct live_block *block,
                             size_t i, struct att_error *err)
{
    struct line_point line = {
        .reader = &live->reader,
        .map = att_row_map_get(&live->line_maps, live->reader.columns),
        .task_index = block->first + i,
    };

    if (line.map == NULL)
        return att_arena_fail(live->arena, "the observations", err);
    for (; line.line < live->reader.row.n_observed; line.line++) {
        line.number = block->n_lines++;
        ATT_TRY(block->take(block->context, &line, err));
    }
    return ATT_OK;
}

static att_status fill_result(struct live_sweep *live, struct live_block *block,
                              size_t i, uint64_t number, struct att_error *err)
{
    const struct row_point at = {
        .construction = live->sweep->construction,
        .reader = &live->reader,
        .map = att_row_map_get(&live->row_maps, live->reader.columns),
        .number = number,
    };

    if (at.map == NULL)
        return att_arena_fail(live->arena, "the columns", err);
    block->n_done += live->reader.row.status == ATT_DONE;
    ATT_TRY(att_row_fill(block->frame, i, &at, block->pool, err));
    return block->take == NULL ? ATT_OK : take_lines(live, block, i, err);
}

static att_status fill_missing(struct live_sweep *live,
                               struct live_block *block, size_t i,
                               uint64_t number, struct att_error *err)
{
    struct att_task task;

    if (att_plan_task(live->plan, number, &task, err) == ATT_TASK_INVALID) {
        return att_fail(err, ATT_E_MISMATCH,
                        "task %" PRIu64 " has a row but no point", number);
    }
    att_row_fill_missing(block->frame, i, &task,
                         att_plan_key(live->plan, &task), block->pool);
    return ATT_OK;
}

static att_status fill_entry(struct live_sweep *live, struct live_block *block,
                             size_t i, struct att_error *err)
{
    const struct att_placed *entry = &live->roster->entry[block->first + i];
    bool there = false;

    if (entry->place != ROSTER_NO_ROW)
        ATT_TRY(att_row_read(&live->reader, entry->place, &there, err));
    return there ? fill_result(live, block, i, entry->number, err)
                 : fill_missing(live, block, i, entry->number, err);
}

att_status att_live_fill(struct live_sweep *live, struct live_block *block,
                         struct att_error *err)
{
    for (size_t i = 0; i < block->n; i++)
        ATT_TRY(fill_entry(live, block, i, err));
    if (att_arena_refused(block->pool->arena) != 0)
        return att_arena_fail(block->pool->arena, "the texts of rows", err);
    return ATT_OK;
}
