/* select.h - which row is meant: TASK on the command line.
 *
 * A TASK is a number, a key (k and 8 or more of its hex digits, as tables
 * print them), or conditions "N=64 d=8 replicate=3" that exactly one row
 * meets. */
#pragma once

#include "attest/store/dataset.h"

struct cli_choice {
    const struct att_table *table;
    size_t row;
};

/* Find the one row.  Sweeps are loaded as needed (with observations).
 * Fails: ATT_E_ARG (malformed, unknown column, no row, several rows: the text
 * says how many and how to narrow it), and as att_dataset_load. */
ATT_CHECKED att_status cli_select(struct att_dataset *dataset, const char *task,
                                  struct cli_choice *choice,
                                  struct att_error *err);

/* Does a row meet "name=value name=value ..."?  Values compare as numbers
 * where both are numbers, else as text; besides = also != < <= > >=.
 * Fails: ATT_E_ARG (malformed, unknown column, with the nearest name). */
ATT_CHECKED att_status cli_row_meets(const struct att_table *table, size_t row,
                                     const char *conditions, bool *meets,
                                     struct att_error *err);

/* Is the word a number or a key, and so the name of a task? */
bool cli_is_task_name(const char *word);

/* ATT_E_ARG, naming the nearest column, or where observations are read. */
att_status cli_unknown_column(const struct att_table *table, const char *name,
                              struct att_error *err);
