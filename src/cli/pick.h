/* pick.h - which rows and which columns: --where, --by, COLUMN... */
#pragma once

#include "attest/base/arena.h"
#include "attest/store/dataset.h"

enum { CLI_MAX_COLUMNS = 64 };

/* A list of column numbers of a table. */
struct cli_columns {
    uint32_t field[CLI_MAX_COLUMNS]; /* n */
    uint32_t n;
};

/* Is there a sweep of this name (NULL: none was asked for)?
 * Fails: ATT_E_ARG naming the nearest one, or all. */
ATT_CHECKED att_status cli_check_sweep(const struct att_dataset *dataset,
                                       const char *name, struct att_error *err);

/* Append "N,d" or "N d", each column once.  Fails: ATT_E_ARG naming the
 * nearest column. */
ATT_CHECKED att_status cli_add_columns(const struct att_table *table,
                                       const char *list,
                                       struct cli_columns *out,
                                       struct att_error *err);

/* Row numbers, ascending, in an arena. */
struct cli_rows {
    size_t *row; /* n */
    size_t n;
};

/* Rows that meet the conditions of select.h; NULL: all rows.
 * Fails: ATT_E_ARG, ATT_E_NOMEM. */
ATT_CHECKED att_status cli_pick_rows(const struct att_table *table,
                                     const char *where, struct att_arena *arena,
                                     struct cli_rows *out,
                                     struct att_error *err);
