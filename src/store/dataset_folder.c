/* dataset_folder.c - a run folder, read live. */
#include <stdlib.h>
#include <string.h>

#include "attest/store/run_inputs.h"
#include "attest/store/store.h"
#include "dataset_priv.h"
#include "folder_priv.h"

static att_status load_study(struct att_dataset *ds, struct att_error *err)
{
    struct att_buffer diagnostics = {0};
    char *path = NULL;

    ATT_TRY(att_folder_study(ds->path, &path, err));

    const att_status status =
        att_study_load(path, &ds->study_file, &diagnostics, err);

    att_buffer_fini(&diagnostics);
    free(path);
    return status;
}

static att_status load_journal(struct att_dataset *ds, struct att_error *err)
{
    char *path = att_folder_path(ds->path, "journal");

    if (path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to open '%s'", ds->path);

    const att_status status = att_journal_load(path, &ds->journal, err);

    free(path);
    return status;
}

static uint64_t count_done(const struct att_dataset *ds,
                           const struct roster_sweep *roster)
{
    uint64_t n = 0;

    for (size_t i = 0; i < roster->n; i++) {
        struct att_journal_row row;

        n += roster->entry[i].place != ROSTER_NO_ROW &&
             att_journal_row(ds->journal, roster->entry[i].place, &row) &&
             row.status == ATT_DONE;
    }
    return n;
}

static att_status describe_sweep(struct att_dataset *ds, uint32_t s,
                                 struct att_error *err)
{
    struct dataset_sweep *sweep = &ds->sweep[s];
    const struct roster_sweep *roster = &ds->roster.sweep[s];
    struct att_table *table = &sweep->table;

    ATT_TRY(att_live_open(&sweep->live, ds->journal, ds->plan, s, roster, err));
    table->name = sweep->live.sweep->name;
    table->construction = sweep->live.sweep->construction;
    table->construction_name = table->construction->name;
    table->axes = att_live_axes(sweep->live.sweep, ds->arena);
    if (table->axes == NULL)
        return att_arena_fail(ds->arena, "the axes", err);
    table->rows = sweep->live.row_schema;
    table->rows.n = roster->n;
    table->lines = sweep->live.line_schema;
    table->n_planned = roster->n_planned;
    table->n_done = count_done(ds, roster);
    ds->n_done += table->n_done;
    return att_schema_link(table, ds->arena, err);
}

static att_status describe(struct att_dataset *ds, struct att_error *err)
{
    ds->n_planned = ds->roster.n_planned;
    ds->n_unplanned = ds->roster.n_unplanned;
    ds->sweep = ATT_NEW0(ds->arena, struct dataset_sweep, ds->roster.n_sweeps);
    if (ds->sweep == NULL)
        return att_arena_fail(ds->arena, "the sweeps", err);
    ds->n_sweeps = ds->roster.n_sweeps;
    for (uint32_t s = 0; s < ds->n_sweeps; s++)
        ATT_TRY(describe_sweep(ds, s, err));
    return ATT_OK;
}

att_status att_folder_open(struct att_dataset *ds, struct att_error *err)
{
    ATT_TRY(load_study(ds, err));
    ATT_TRY(load_journal(ds, err));
    ATT_TRY(
        att_run_inputs(att_dataset_study(ds), ds->journal, &ds->inputs, err));
    ATT_TRY(att_plan_create(att_dataset_study(ds), ds->inputs, &ds->plan, err));
    ATT_TRY(att_roster_build(ds->journal, ds->plan, &ds->roster, err));
    ds->name = att_dataset_study(ds)->name;
    return describe(ds, err);
}

void att_folder_close(struct att_dataset *ds)
{
    for (uint32_t s = 0; ds->plan != NULL && s < ds->n_sweeps; s++)
        att_live_close(&ds->sweep[s].live);
    att_roster_fini(&ds->roster);
    att_journal_destroy(ds->journal);
    att_plan_destroy(ds->plan);
    att_inputs_destroy(ds->inputs);
    att_study_destroy(ds->study_file);
}

void att_store_input_of(const struct att_dataset *dataset,
                        struct att_store_input *input)
{
    input->journal = dataset->journal;
    input->study = att_dataset_study(dataset);
    input->plan = dataset->plan;
    input->roster = &dataset->roster;
}

/* ---- rows ----------------------------------------------------------------- */

/* Lines grow the frame as they come; n counts the ones that are filled. */
struct line_collector {
    struct att_frame *frame;
    size_t n;
};

static att_status collect_line(void *context, const struct line_point *line,
                               struct att_error *err)
{
    struct line_collector *c = context;

    if (c->n == c->frame->n)
        ATT_TRY(att_frame_resize(c->frame, c->n == 0 ? 1024 : 2 * c->n, err));
    att_row_fill_line(c->frame, c->n++, line);
    return ATT_OK;
}

static att_status make_frames(struct dataset_sweep *sweep,
                              struct att_error *err)
{
    struct att_table *table = &sweep->table;
    const size_t n = sweep->live.roster->n;

    att_frame_destroy(&table->rows);
    att_frame_destroy(&table->lines);
    ATT_TRY(att_frame_create(&table->rows, sweep->live.rows.field,
                             sweep->live.rows.n, n, err));
    return att_frame_create(&table->lines, sweep->live.lines.field,
                            sweep->live.lines.n, 0, err);
}

att_status att_folder_load(struct att_dataset *ds, uint32_t s, bool lines,
                           struct att_error *err)
{
    struct dataset_sweep *sweep = &ds->sweep[s];
    struct line_collector collector = {.frame = &sweep->table.lines};
    struct live_block block = {
        .n = sweep->live.roster->n,
        .frame = &sweep->table.rows,
        .pool = &ds->pool,
        .take = lines && sweep->live.lines.n > 0 ? collect_line : NULL,
        .context = &collector,
    };

    ATT_TRY(make_frames(sweep, err));
    ATT_TRY(att_live_fill(&sweep->live, &block, err));
    sweep->table.lines.n = collector.n;
    return ATT_OK;
}
