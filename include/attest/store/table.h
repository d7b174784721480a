/* table.h - the rows of one sweep in memory, column by column.
 *
 * A table is what every reading command works on, whether its rows came live
 * from a journal or from an HDF5 store: typed columns in declared order, one
 * row per planned task sorted by task number, and the observations as a
 * second tidy table whose lines are grouped by row.
 *
 * Missing numbers are NaN and missing texts "": the status of the row says
 * why.  Parameters, replicate, task and key are never missing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/hash.h"
#include "attest/base/schema.h"
#include "attest/construction/construction.h"
#include "attest/judge/source.h"

/* How a cell is stored, in memory and in HDF5. */
enum att_cell_type { ATT_CELL_F64, ATT_CELL_I64, ATT_CELL_I8, ATT_CELL_TEXT };

enum att_field_role {
    ATT_FIELD_TASK, /* task number: the dimension scale */
    ATT_FIELD_KEY,  /* 32 hex digits */
    ATT_FIELD_PARAMETER,
    ATT_FIELD_REPLICATE,
    ATT_FIELD_METRIC,
    ATT_FIELD_CLAIM,  /* enum att_verdict of a row claim */
    ATT_FIELD_STATUS, /* enum att_outcome_status */
    ATT_FIELD_RUNNER, /* message, attempt, wall_s, ..., start_time */
    /* columns of the observations and of the claims table */
    ATT_FIELD_LINE,       /* 0, 1, 2, ...: the dimension scale */
    ATT_FIELD_TASK_INDEX, /* the row, 0-based, that a line belongs to */
    ATT_FIELD_AXIS,       /* an observation's coordinate */
    ATT_FIELD_OBSERVATION,
    ATT_FIELD_FINDING, /* columns of /claims */
    ATT_FIELD_ROLES
};

/* One column.  All text lives as long as the table; "" where there is none. */
struct att_field {
    const char *name; /* in HDF5 and on the command line */
    const char *id;   /* of a claim ("hardmax.blocks-bound"); else the name */
    enum att_field_role role;
    enum att_cell_type type;
    enum att_kind kind; /* what a cell means: integer metrics are ATT_INTEGER
                           though they are stored as float64 */
    const char *unit, *doc;
    enum att_role metric_role; /* measured, predicted, axis */
    enum att_exactness exactness;
    double tolerance; /* relative; ATT_ROUNDED only */
    const char *formula, *predicted_by;
    const char *statement, *source; /* claims */
    enum att_standing standing;     /* claims */
    uint32_t index; /* in the construction's table of params, metrics, claims
                       or observations; else 0 */
};

/* Is the column compared when two runs are (diff, merge, verify)?  Task
 * numbers, runner columns and timing metrics are not. */
bool att_field_is_science(const struct att_field *field);

union att_cells {
    double *real;      /* ATT_CELL_F64 */
    int64_t *integer;  /* ATT_CELL_I64 */
    int8_t *tiny;      /* ATT_CELL_I8 */
    const char **text; /* ATT_CELL_TEXT; never NULL entries */
};

/* Columns of equal length. */
struct att_frame {
    const struct att_field *field; /* n_fields */
    union att_cells *cells;        /* n_fields, each n long */
    uint32_t n_fields;
    size_t n;
};

/* Index of the column, or -1. */
int att_frame_find(const struct att_frame *frame, const char *name);
/* The cell by its meaning: ATT_NONE where missing (a metric's "" too); text
 * is borrowed. */
struct att_value att_frame_cell(const struct att_frame *frame, size_t i,
                                uint32_t field);
/* The cell as a number; NaN for text and missing. */
double att_frame_number(const struct att_frame *frame, size_t i,
                        uint32_t field);

struct att_table {
    const char *name;              /* of the sweep */
    const char *construction_name; /* as written in the file */
    /* NULL when this build does not know the construction, or knows one of
     * other parameters: the table can be shown but not judged. */
    const struct att_construction *construction;
    const char *axes; /* "N d dtype replicate": what tells rows apart */
    struct att_frame rows;
    struct att_frame lines; /* observations; n_fields 0 if there are none */
    /* Lines of row i are line_first[i] .. line_first[i + 1] - 1. */
    const uint64_t *line_first; /* rows.n + 1; NULL until lines are loaded */
    uint64_t n_planned;         /* tasks of the sweep in the plan */
    uint64_t n_done;
    /* Columns of the standard roles, so that nobody searches for them. */
    uint32_t task, key, replicate, status;
    uint32_t found; /* what a search asked for; UINT32_MAX: no search */
    /* Where the construction's tables stand among the columns; UINT32_MAX: a
     * claim of another scope, or a metric this file does not have.  NULL when
     * construction is. */
    const uint32_t *param_field, *metric_field, *claim_field;
    const uint32_t *observation_field; /* columns of lines */
};

int att_table_find(const struct att_table *table, const char *name);
enum att_outcome_status att_table_status(const struct att_table *table,
                                         size_t row);
/* Is the row's value unknown, not absent: stopped by a limit, or a search that
 * is done and found nothing? */
bool att_table_censored(const struct att_table *table, size_t row);
struct att_key att_table_key(const struct att_table *table, size_t row);
/* False when no row has this key (prefix of n_digits hex digits), or when
 * several rows share the prefix: *n_matches says how many. */
bool att_table_find_key(const struct att_table *table, const char *hex_prefix,
                        size_t *row, size_t *n_matches);
bool att_table_find_task(const struct att_table *table, uint64_t number,
                         size_t *row);

/* A row as claims see it; arrays live in arena, text in the table.  Needs
 * table->construction.  Observations are empty unless lines are loaded.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_table_view(const struct att_table *table, size_t row,
                                      struct att_arena *arena,
                                      struct att_row_view *view,
                                      struct att_error *err);

/* The table as the judge reads it (judge/source.h).  Needs
 * table->construction; borrows the table. */
struct att_row_source att_table_source(const struct att_table *table);
