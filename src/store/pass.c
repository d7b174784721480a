/* pass.c - blocks of a sweep, read and handed on. */
#include "attest/store/pass.h"

#include "dataset_priv.h"
#include "h5_table_priv.h"

/* table is the sweep's, but for the cells: of one block of rows, and of one of
 * lines, of which the first n_lines are filled. */
struct passing {
    struct att_dataset *dataset;
    uint32_t sweep;
    const struct att_pass *pass;
    struct att_table table;
    struct att_frame rows, lines;
    size_t n_lines;
    struct att_arena *texts; /* rewound by each block */
    struct text_pool pool;
};

static att_status make_room(struct passing *p, struct att_error *err)
{
    const struct att_table *whole = &p->dataset->sweep[p->sweep].table;

    p->table = *whole;
    p->table.line_first = NULL;
    p->texts = att_arena_create(0);
    if (p->texts == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to read rows");
    ATT_TRY(att_frame_create(&p->rows, whole->rows.field, whole->rows.n_fields,
                             H5_BLOCK_ROWS, err));
    return att_frame_create(&p->lines, whole->lines.field,
                            whole->lines.n_fields, H5_BLOCK_ROWS, err);
}

static void clear_texts(struct passing *p)
{
    const struct att_arena_mark empty = {NULL, 0};

    att_arena_rewind(p->texts, empty);
    att_pool_init(&p->pool, p->texts);
}

static att_status hand_rows(struct passing *p, size_t n, struct att_error *err)
{
    p->table.rows = p->rows;
    p->table.rows.n = n;
    p->table.lines.n = 0;
    return p->pass->rows(p->pass->context, &p->table, err);
}

static att_status hand_lines(struct passing *p, struct att_error *err)
{
    if (p->n_lines == 0)
        return ATT_OK;
    p->table.lines = p->lines;
    p->table.lines.n = p->n_lines;
    p->table.rows.n = 0;
    p->n_lines = 0;
    return p->pass->lines(p->pass->context, &p->table, err);
}

/* ---- a run folder: rows bring their lines ---------------------------------- */

static att_status take_line(void *context, const struct line_point *line,
                            struct att_error *err)
{
    struct passing *p = context;

    att_row_fill_line(&p->lines, p->n_lines++, line);
    return p->n_lines < p->lines.n ? ATT_OK : hand_lines(p, err);
}

static att_status pass_live(struct passing *p, struct att_error *err)
{
    struct live_sweep *live = &p->dataset->sweep[p->sweep].live;
    const size_t n = live->roster->n;
    struct live_block block = {
        .frame = &p->rows,
        .pool = &p->pool,
        .take = live->lines.n > 0 ? take_line : NULL,
        .context = p,
    };

    for (; block.first < n; block.first += H5_BLOCK_ROWS) {
        block.n = n - block.first;
        block.n = block.n < H5_BLOCK_ROWS ? block.n : H5_BLOCK_ROWS;
        clear_texts(p);
        ATT_TRY(att_live_fill(live, &block, err));
        ATT_TRY(hand_rows(p, block.n, err));
    }
    return hand_lines(p, err);
}

/* ---- a store: rows, then lines ----------------------------------------------- */

static att_status pass_part(struct passing *p, bool lines, size_t n_all,
                            struct att_error *err)
{
    struct store_block block = {
        .frame = lines ? &p->lines : &p->rows,
        .pool = &p->pool,
    };

    for (; block.first < n_all; block.first += H5_BLOCK_ROWS) {
        block.n = n_all - block.first;
        block.n = block.n < H5_BLOCK_ROWS ? block.n : H5_BLOCK_ROWS;
        clear_texts(p);
        ATT_TRY(att_store_read(p->dataset, p->sweep, lines, &block, err));
        p->n_lines = lines ? block.n : 0;
        ATT_TRY(lines ? hand_lines(p, err) : hand_rows(p, block.n, err));
    }
    return ATT_OK;
}

static att_status pass_store(struct passing *p, struct att_error *err)
{
    const struct att_table *whole = &p->dataset->sweep[p->sweep].table;

    ATT_TRY(pass_part(p, false, whole->rows.n, err));
    return whole->lines.n_fields == 0 ? ATT_OK
                                      : pass_part(p, true, whole->lines.n, err);
}

att_status att_dataset_pass(struct att_dataset *dataset, uint32_t sweep,
                            const struct att_pass *pass, struct att_error *err)
{
    struct passing p = {.dataset = dataset, .sweep = sweep, .pass = pass};
    att_status status = make_room(&p, err);

    if (status == ATT_OK) {
        status = att_dataset_is_live(dataset) ? pass_live(&p, err)
                                              : pass_store(&p, err);
    }
    att_frame_destroy(&p.rows);
    att_frame_destroy(&p.lines);
    att_arena_destroy(p.texts);
    return status;
}
