/* judge_priv.h - rows of several sweeps as one list, and columns by number. */
#pragma once

#include "attest/judge/groups.h"

/* Beside the columns of att_row_source.cell. */
enum { ATT_COLUMN_REPLICATE = -2, ATT_COLUMN_NONE = -1 };

/* As att_source_column, and "replicate". */
int att_source_find(const struct att_row_source *source, const char *name);
struct att_value att_source_value(const struct att_row_source *source, size_t i,
                                  int column);

/* Order of values: missing, numbers by size, texts by character. */
int att_value_compare(struct att_value a, struct att_value b);

/* Order of rows a and b by columns, then replicate, then key. */
int att_source_compare(const struct att_row_source *source, size_t a, size_t b,
                       const int *column, uint32_t n_columns);

/* Is source[i] the first of its construction? */
bool att_source_first(const struct att_row_source *source, size_t i);

/* ---- which columns a claim holds fixed ---------------------------------- */

struct att_column_list {
    const char **name; /* n */
    bool *named;       /* n; false: came with "*" */
    uint32_t n;
};

/* Read "N,d", "*,!N" or "" for the claim's construction.
 * Fails: ATT_E_ARG naming the column, ATT_E_NOMEM. */
ATT_CHECKED att_status att_column_list(const struct att_construction *c,
                                       const struct att_claim *claim,
                                       const char *text,
                                       struct att_arena *arena,
                                       struct att_column_list *list,
                                       struct att_error *err);

bool att_column_listed(const struct att_column_list *list, const char *name);

/* ---- grouping ------------------------------------------------------------ */

/* A sweep that takes part, with the claim's columns as numbers. */
struct att_part {
    const struct att_row_source *source;
    uint32_t first;   /* row i of the sweep is number first + i */
    const int *fixed; /* one per held column */
    int *order;       /* n_order columns that sort the rows of a group */
    uint32_t n_order;
};

struct att_grouping {
    const struct att_part *part; /* n_parts >= 1 */
    uint32_t n_parts, n_fixed, n_rows;
    uint32_t *order;     /* row numbers, group by group, sorted */
    uint32_t *start;     /* group g is order[start[g] .. start[g + 1]) */
    uint32_t n_groups;   /* in the order of their held values */
    uint32_t *n_planned; /* n_groups: rows that belong, or might */
};

/* Group the rows of all parts by their held columns; everything in arena.
 * Fails: ATT_E_NOMEM, ATT_E_OVERFLOW (more than 2^30 rows). */
ATT_CHECKED att_status att_group_rows(struct att_grouping *grouping,
                                      struct att_arena *arena,
                                      struct att_error *err);

/* The part that row number `row` belongs to. */
const struct att_part *att_grouping_part(const struct att_grouping *grouping,
                                         uint32_t row);
