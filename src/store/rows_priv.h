/* rows_priv.h - rows of a journal, one at a time, and how they become cells. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/record/journal.h"
#include "attest/store/index.h"
#include "frame_priv.h"

/* Reads rows by their place; keeps one decoded row. */
struct row_reader {
    const struct att_journal *journal;
    struct att_arena *arena; /* rewound by each reading */
    struct att_buffer bytes;
    struct att_row row;                /* valid until the next reading */
    const struct att_columns *columns; /* of row; lives with the journal */
    /* where the parameters of the last construction asked for stand */
    const struct att_construction *known;
    const struct att_columns *known_columns;
    uint32_t param_at[ATT_PLAN_PARAMS];
};
ATT_CHECKED att_status att_row_reader_init(struct row_reader *reader,
                                           const struct att_journal *journal,
                                           struct att_error *err);
void att_row_reader_fini(struct row_reader *reader);

/* Decode the row at a place; *there is false for a forgotten key and for a
 * row that its description does not fit.  Fails: as att_journal_bytes. */
ATT_CHECKED att_status att_row_read(struct row_reader *reader, size_t place,
                                    bool *there, struct att_error *err);

/* The index of a column within its role's part of a row; UINT32_MAX when rows
 * of this description do not have it. */
uint32_t att_row_column(const struct att_columns *c, const char *name,
                        enum att_column_role role);

/* The parameters of reader->row in the order of the construction's schema:
 * by name, with the default for one that the row is too old to have.
 * p has ATT_PLAN_PARAMS entries.  False when a parameter cannot be. */
bool att_row_params(struct row_reader *reader, const struct att_construction *c,
                    struct att_value *p);

/* The construction of that name in the plan's study; NULL when no sweep has
 * it. */
const struct att_construction *att_planned_construction(
    const struct att_plan *plan, const char *name);

/* ---- rows become cells ------------------------------------------------- */

/* Where each column of a frame stands in rows of one description. */
struct row_map {
    const struct att_columns *columns;
    uint32_t *at; /* n_fields: index of a metric, claim or observation */
};
/* Maps made so far; a run has few descriptions. */
struct row_maps {
    const struct att_frame *frame;
    struct att_arena *arena;
    struct row_map *map; /* n */
    size_t n;
};
/* NULL when out of memory. */
const struct row_map *att_row_map_get(struct row_maps *maps,
                                      const struct att_columns *columns);

/* Write a row of the journal as row i of the frame. */
struct row_point {
    const struct att_construction *construction;
    struct row_reader *reader; /* its row */
    const struct row_map *map;
    uint64_t number; /* of the task */
};
ATT_CHECKED att_status att_row_fill(struct att_frame *frame, size_t i,
                                    const struct row_point *at,
                                    struct text_pool *pool,
                                    struct att_error *err);
/* Write a planned task that has no row. */
void att_row_fill_missing(struct att_frame *frame, size_t i,
                          const struct att_task *task, struct att_key key,
                          struct text_pool *pool);

/* Write one observation of a row as line i of the frame. */
struct line_point {
    const struct row_reader *reader; /* its row */
    const struct row_map *map;
    size_t line;         /* of the row's observations */
    uint64_t number;     /* of the line in the sweep */
    uint64_t task_index; /* of the row in the sweep */
};
void att_row_fill_line(struct att_frame *lines, size_t i,
                       const struct line_point *at);
