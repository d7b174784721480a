/* write_sweep.c - one sweep: its rows in blocks, its observations as they
 * come. */
#include "write_priv.h"

/* Lines of observations on their way to the file.  The columns are created
 * when the first block is full, or at the end: only then is it known whether
 * there will be more. */
struct line_writer {
    hid_t group;
    const struct field_list *list;
    struct att_frame buffer;
    size_t n_buffered;
    struct h5_table table;
};

static att_status lines_flush(struct line_writer *w, bool last,
                              struct att_error *err)
{
    if (w->table.set == NULL) {
        const struct h5_table_layout layout = {
            .field = w->list->field,
            .n_fields = w->list->n,
            .n_rows = last ? w->n_buffered : 0,
            .growing = !last,
        };

        ATT_TRY(att_h5_table_create(w->group, &layout, &w->table, err));
    }

    const size_t n = w->n_buffered;

    w->n_buffered = 0;
    return att_h5_table_append(&w->table, &w->buffer, n, err);
}

static att_status take_line(void *context, const struct line_point *line,
                            struct att_error *err)
{
    struct line_writer *w = context;

    att_row_fill_line(&w->buffer, w->n_buffered++, line);
    return w->n_buffered < w->buffer.n ? ATT_OK : lines_flush(w, false, err);
}

static att_status lines_open(struct line_writer *w, hid_t sweep,
                             const struct field_list *list,
                             struct att_error *err)
{
    *w = (struct line_writer){.group = -1, .list = list};
    if (list->n == 0)
        return ATT_OK;
    ATT_TRY(att_h5_group_create(sweep, "observations", &w->group, err));
    ATT_TRY(
        att_frame_create(&w->buffer, list->field, list->n, H5_BLOCK_ROWS, err));
    return att_write_columns(w->group, list, err);
}

static att_status lines_finish(struct line_writer *w, struct att_error *err)
{
    return w->group < 0 ? ATT_OK : lines_flush(w, true, err);
}

static void lines_close(struct line_writer *w)
{
    att_h5_table_close(&w->table);
    att_frame_destroy(&w->buffer);
    att_h5_close(w->group);
}

/* ---- rows ----------------------------------------------------------------- */

struct row_writer {
    struct live_sweep *live;
    struct h5_table table;
    struct att_frame buffer;
    struct att_arena *texts; /* of one block */
    struct line_writer lines;
    struct host_set *hosts;
    int host_column;
    uint64_t n_done;
};

/* Neighbours mostly come from one host, whose text is then the same one. */
static bool note_hosts(const struct row_writer *w, size_t n)
{
    const char **host = w->buffer.cells[w->host_column].text;

    for (size_t i = 0; i < n; i++) {
        if ((i == 0 || host[i] != host[i - 1]) &&
            !att_hosts_add(w->hosts, host[i]))
            return false;
    }
    return true;
}

static att_status write_block(struct row_writer *w, struct live_block *block,
                              struct att_error *err)
{
    const struct att_arena_mark empty = {NULL, 0};
    struct text_pool pool;

    att_arena_rewind(w->texts, empty);
    att_pool_init(&pool, w->texts);
    block->pool = &pool;
    ATT_TRY(att_live_fill(w->live, block, err));
    if (!note_hosts(w, block->n))
        return att_arena_fail(w->hosts->arena, "the hosts", err);
    return att_h5_table_append(&w->table, &w->buffer, block->n, err);
}

static att_status write_rows(struct row_writer *w, struct att_error *err)
{
    const size_t n = w->live->roster->n;
    struct live_block block = {
        .frame = &w->buffer,
        .take = w->live->lines.n == 0 ? NULL : take_line,
        .context = &w->lines,
    };

    for (; block.first < n; block.first += block.n) {
        block.n =
            n - block.first < H5_BLOCK_ROWS ? n - block.first : H5_BLOCK_ROWS;
        ATT_TRY(write_block(w, &block, err));
    }
    w->n_done = block.n_done;
    return lines_finish(&w->lines, err);
}

static att_status rows_open(struct row_writer *w, hid_t group,
                            struct att_error *err)
{
    const struct field_list *list = &w->live->rows;
    const struct h5_table_layout layout = {
        .field = list->field,
        .n_fields = list->n,
        .n_rows = w->live->roster->n,
    };

    w->texts = att_arena_create(0);
    if (w->texts == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for texts");
    ATT_TRY(
        att_frame_create(&w->buffer, list->field, list->n, H5_BLOCK_ROWS, err));
    w->host_column = att_frame_find(&w->buffer, "host");
    ATT_TRY(att_write_columns(group, list, err));
    ATT_TRY(att_h5_table_create(group, &layout, &w->table, err));
    return lines_open(&w->lines, group, &w->live->lines, err);
}

static void rows_close(struct row_writer *w)
{
    lines_close(&w->lines);
    att_h5_table_close(&w->table);
    att_frame_destroy(&w->buffer);
    att_arena_destroy(w->texts);
}

/* ---- the group -------------------------------------------------------------- */

att_status att_write_columns(hid_t group, const struct field_list *list,
                             struct att_error *err)
{
    struct h5_put put = {.object = group, .err = err};
    struct att_buffer names = {0};

    for (uint32_t f = 0; f < list->n; f++) {
        att_buffer_printf(&names, "%s%s", f == 0 ? "" : " ",
                          list->field[f].name);
    }
    if (att_buffer_ok(&names)) {
        att_h5_put_text(&put, "columns", names.data);
    } else {
        put.status = att_fail(err, ATT_E_NOMEM, "no memory for the columns");
    }
    att_buffer_fini(&names);
    return put.status;
}

static att_status put_sweep(hid_t group, const struct live_sweep *live,
                            struct att_error *err)
{
    const struct att_construction *c = live->sweep->construction;
    const char *axes = att_live_axes(live->sweep, live->arena);
    struct h5_put put = {.object = group, .err = err};

    if (axes == NULL)
        return att_arena_fail(live->arena, "the axes", err);
    att_h5_put_text(&put, "construction", c->name);
    att_h5_put_text(&put, "problem", c->problem->name);
    att_h5_put_text(&put, "source", c->source);
    att_h5_put_text(&put, "axes", axes);
    att_h5_put_i64(&put, "n_planned", (int64_t)live->roster->n_planned);
    return put.status;
}

static att_status put_done(hid_t group, uint64_t n_done, struct att_error *err)
{
    struct h5_put put = {.object = group, .err = err};

    att_h5_put_i64(&put, "n_done", (int64_t)n_done);
    return put.status;
}

static att_status write_group(hid_t root, struct live_sweep *live,
                              struct write_tally *tally, struct att_error *err)
{
    struct row_writer w = {
        .live = live, .lines = {.group = -1}, .hosts = &tally->hosts};
    hid_t group = -1;

    ATT_TRY(att_h5_group_create(root, live->sweep->name, &group, err));

    att_status status = put_sweep(group, live, err);

    if (status == ATT_OK)
        status = rows_open(&w, group, err);
    if (status == ATT_OK)
        status = write_rows(&w, err);
    if (status == ATT_OK)
        status = put_done(group, w.n_done, err);
    rows_close(&w);
    att_h5_close(group);
    tally->summary.n_done += w.n_done;
    return status;
}

static uint64_t count_results(const struct roster_sweep *roster)
{
    uint64_t n = 0;

    for (size_t i = 0; i < roster->n; i++)
        n += roster->entry[i].place != ROSTER_NO_ROW;
    return n;
}

att_status att_write_sweep(hid_t root, const struct att_store_input *input,
                           uint32_t sweep, const struct roster_sweep *roster,
                           struct write_tally *tally, struct att_error *err)
{
    const char *name = input->study->sweep[sweep].name;
    struct live_sweep live;

    if (att_store_reserved(name)) {
        return att_fail(err, ATT_E_ARG,
                        "a sweep cannot be called '%s': rename it", name);
    }
    ATT_TRY(
        att_live_open(&live, input->journal, input->plan, sweep, roster, err));

    const att_status status = write_group(root, &live, tally, err);

    att_live_close(&live);
    tally->summary.n_rows += roster->n;
    tally->summary.n_results += count_results(roster);
    return status;
}
