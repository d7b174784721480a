/* aggregate.h - tables of rows, and of rows summed up by groups, as in
 * `show --by N,d --stat median`.
 *
 * Every summary says how many rows it rests on: columns `done` (rows that have
 * a result) and `planned` (rows of the plan in the group) follow the group's
 * own. */
#pragma once

#include "attest/report/text_table.h"
#include "attest/store/table.h"

/* Which rows, and which of their fields. */
struct att_selection {
    const size_t *row; /* n_rows numbers of rows of the table */
    size_t n_rows;
    const uint32_t *field; /* n_fields */
    uint32_t n_fields;
    uint32_t digits; /* as in att_text_column; parameters are shown in full */
};

/* The rows as they are; statuses and verdicts as words.  Everything lives in
 * arena; texts in the source table.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_select_rows(const struct att_table *source,
                                       const struct att_selection *selection,
                                       struct att_arena *arena,
                                       struct att_text_table *out,
                                       struct att_error *err);

enum att_stat {
    ATT_STAT_COUNT, /* values that are not missing */
    ATT_STAT_MIN,
    ATT_STAT_Q1,
    ATT_STAT_MEDIAN,
    ATT_STAT_Q3,
    ATT_STAT_MAX,
    ATT_STAT_IQR,
    ATT_STAT_MEAN,
    ATT_STAT_SD,
    ATT_STATS
};

const char *att_stat_text(enum att_stat stat);
/* "median" and the like.  Fails: ATT_E_ARG with the nearest name. */
ATT_CHECKED att_status att_stat_parse(const char *text, enum att_stat *stat,
                                      struct att_error *err);

/* Which rows, grouped by what, which columns summed up how. */
struct att_aggregate {
    const size_t *row; /* n_rows numbers of rows of the table */
    size_t n_rows;
    const uint32_t *by; /* n_by fields held fixed */
    uint32_t n_by;
    const uint32_t *field; /* n_fields summed up */
    uint32_t n_fields;
    const enum att_stat *stat; /* n_stats, each of every field */
    uint32_t n_stats;
    uint32_t digits; /* of the statistics, as in att_text_column */
};

/* Groups in the order of their values.  Columns: by, done, planned, then field
 * after field its statistics ("y median", or "y" when there is one statistic).
 * Everything lives in arena; texts in the source table.
 * Fails: ATT_E_ARG (a text column cannot be summed up), ATT_E_NOMEM. */
ATT_CHECKED att_status att_aggregate_rows(const struct att_table *source,
                                          const struct att_aggregate *query,
                                          struct att_arena *arena,
                                          struct att_text_table *out,
                                          struct att_error *err);
