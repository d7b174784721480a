/* stream.c - two windows over the rows of a sweep. */
#include "attest/store/stream.h"

#include <stdlib.h>

#include "dataset_priv.h"
#include "h5_table_priv.h"

enum { WINDOWS = 2 };

/* A block of rows; its table is the sweep's, but for the rows it holds. */
struct window {
    struct att_table table;
    struct att_arena *texts;
    size_t first;      /* row of the sweep that the block begins with */
    uint64_t last_use; /* 0: nothing read yet */
};

struct windows {
    struct dataset_sweep *sweep;
    struct window window[WINDOWS];
    uint64_t uses;
    struct att_error err; /* of the first reading that failed */
};

/* What the judge borrows is const, the windows behind it move. */
struct att_row_stream {
    struct windows *windows;
};

static att_status open_window(struct window *w,
                              const struct dataset_sweep *sweep,
                              struct att_error *err)
{
    const struct field_list *list = &sweep->live.rows;

    w->table = sweep->table;
    w->table.line_first = NULL;
    w->table.rows = (struct att_frame){0};
    w->texts = att_arena_create(0);
    if (w->texts == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to read rows");
    return att_frame_create(&w->table.rows, list->field, list->n, H5_BLOCK_ROWS,
                            err);
}

static void destroy(struct att_row_stream *stream)
{
    for (int i = 0; stream->windows != NULL && i < WINDOWS; i++) {
        att_frame_destroy(&stream->windows->window[i].table.rows);
        att_arena_destroy(stream->windows->window[i].texts);
    }
    free(stream->windows);
    free(stream);
}

att_status att_row_stream_open(struct att_dataset *dataset, uint32_t sweep,
                               struct att_row_stream **stream,
                               struct att_error *err)
{
    struct att_row_stream *s = calloc(1, sizeof *s);
    att_status status = ATT_OK;

    if (s == NULL || (s->windows = calloc(1, sizeof *s->windows)) == NULL) {
        free(s);
        return att_fail(err, ATT_E_NOMEM, "no memory to read rows");
    }
    s->windows->sweep = &dataset->sweep[sweep];
    for (int i = 0; status == ATT_OK && i < WINDOWS; i++)
        status = open_window(&s->windows->window[i], s->windows->sweep, err);
    if (status == ATT_OK) {
        *stream = s;
    } else {
        destroy(s);
    }
    return status;
}

att_status att_row_stream_close(struct att_row_stream *stream,
                                struct att_error *err)
{
    if (stream == NULL)
        return ATT_OK;

    const struct att_error failure = stream->windows->err;

    destroy(stream);
    if (failure.status != ATT_OK && err != NULL)
        *err = failure;
    return failure.status;
}

/* ---- windows -------------------------------------------------------------- */

static void read_block(struct windows *w, struct window *window, size_t first)
{
    const struct att_arena_mark empty = {NULL, 0};
    const size_t left = w->sweep->live.roster->n - first;
    struct text_pool pool;
    struct live_block block = {
        .first = first,
        .n = left < H5_BLOCK_ROWS ? left : H5_BLOCK_ROWS,
        .frame = &window->table.rows,
        .pool = &pool,
    };
    struct att_error err = {0};

    att_arena_rewind(window->texts, empty);
    att_pool_init(&pool, window->texts);
    window->first = first;
    if (att_live_fill(&w->sweep->live, &block, &err) != ATT_OK &&
        w->err.status == ATT_OK)
        w->err = err;
}

/* The window that shows row i: the one that has it, else the one that was
 * not used for longer, moved there. */
static struct window *window_at(struct windows *w, size_t i)
{
    const size_t first = i - i % H5_BLOCK_ROWS;
    struct window *oldest = &w->window[0];

    w->uses++;
    for (int k = 0; k < WINDOWS; k++) {
        struct window *window = &w->window[k];

        if (window->last_use > 0 && window->first == first) {
            window->last_use = w->uses;
            return window;
        }
        if (window->last_use < oldest->last_use)
            oldest = window;
    }
    read_block(w, oldest, first);
    oldest->last_use = w->uses;
    return oldest;
}

/* ---- the source ------------------------------------------------------------- */

/* Row i as a row of a table; false once a reading has failed. */
static bool look(const void *context, size_t i, struct att_row_source *block,
                 size_t *row)
{
    const struct att_row_stream *stream = context;
    const struct window *window = window_at(stream->windows, i);

    *block = att_table_source(&window->table);
    *row = i - window->first;
    return stream->windows->err.status == ATT_OK;
}

static struct att_row_label stream_label(const void *context, size_t i)
{
    struct att_row_source block;
    size_t row = 0;

    if (!look(context, i, &block, &row))
        return (struct att_row_label){.status = ATT_NOT_RUN};
    return block.label(block.context, row);
}

static struct att_value stream_cell(const void *context, size_t i,
                                    uint32_t column)
{
    struct att_row_source block;
    size_t row = 0;

    return look(context, i, &block, &row)
               ? block.cell(block.context, row, column)
               : att_none();
}

static att_status stream_row(const void *context, size_t i,
                             struct att_arena *arena, struct att_row_view *view,
                             struct att_error *err)
{
    const struct att_row_stream *stream = context;
    struct att_row_source block;
    size_t row = 0;

    if (!look(context, i, &block, &row)) {
        if (err != NULL)
            *err = stream->windows->err;
        return stream->windows->err.status;
    }
    return block.row(block.context, row, arena, view, err);
}

static int8_t stream_verdict(const void *context, size_t i, uint32_t claim)
{
    struct att_row_source block;
    size_t row = 0;

    if (!look(context, i, &block, &row))
        return ATT_NOT_APPLICABLE;
    return block.verdict(block.context, row, claim);
}

struct att_row_source att_row_stream_source(const struct att_row_stream *stream)
{
    const struct dataset_sweep *sweep = stream->windows->sweep;

    return (struct att_row_source){
        .sweep = sweep->table.name,
        .construction = sweep->table.construction,
        .n = sweep->live.roster->n,
        .context = stream,
        .label = stream_label,
        .cell = stream_cell,
        .row = stream_row,
        .verdict = stream_verdict,
    };
}
