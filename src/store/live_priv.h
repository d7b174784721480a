/* live_priv.h - a sweep of a run folder as rows in the order of its plan. */
#pragma once

#include "roster_priv.h"
#include "rows_priv.h"
#include "schema_priv.h"

struct live_sweep {
    const struct att_sweep *sweep;
    struct att_plan *plan;
    const struct roster_sweep *roster;
    struct field_list rows, lines; /* columns; in arena */
    struct row_maps row_maps, line_maps;
    struct row_reader reader;
    struct att_arena *arena;
    struct att_frame row_schema, line_schema; /* fields without cells */
};

/* Fails: ATT_E_NOMEM, ATT_E_ARG (names of columns); nothing is open then. */
ATT_CHECKED att_status att_live_open(struct live_sweep *live,
                                     const struct att_journal *journal,
                                     struct att_plan *plan, uint32_t sweep,
                                     const struct roster_sweep *roster,
                                     struct att_error *err);
void att_live_close(struct live_sweep *live);

/* "N d dtype replicate": parameters of axes with more than one position, in
 * the order they are written, then replicate.  Derived axes are functions of
 * the others and left out.  NULL when out of memory. */
const char *att_live_axes(const struct att_sweep *sweep,
                          struct att_arena *arena);

/* Put rows first .. first + n - 1 of the roster into the frame; each line of
 * their observations goes to take.  n_done counts rows whose status is done.
 * Fails: as att_row_read and take. */
struct live_block {
    size_t first, n;
    struct att_frame *frame;
    struct text_pool *pool;
    att_status (*take)(void *context, const struct line_point *line,
                       struct att_error *err);
    void *context;
    uint64_t n_lines; /* before the block; counted on */
    uint64_t n_done;
};
ATT_CHECKED att_status att_live_fill(struct live_sweep *live,
                                     struct live_block *block,
                                     struct att_error *err);
