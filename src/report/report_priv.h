/* report_priv.h - what the files of this room share. */
#pragma once

#include "attest/report/text_table.h"
#include "attest/store/table.h"

/* A cell as text: its column's digits for reals. */
const char *att_cell_text(const struct att_text_table *t, size_t row,
                          uint32_t column, char out[ATT_NUMBER_TEXT]);

/* One field of CSV, quoted where RFC 4180 asks for it. */
void att_csv_field(struct att_buffer *out, const char *text);

/* Nothing to show: ATT_NONE, NaN, "". */
bool att_cell_missing(struct att_value v);

/* A cell of a store's table as people read it, and its column. */
struct att_value att_shown_cell(const struct att_table *source, size_t row,
                                uint32_t field);
struct att_text_column att_shown_column(const struct att_table *source,
                                        uint32_t field, uint32_t digits);

/* Texts by character, numbers by size, missing last. */
int att_compare_values(struct att_value a, struct att_value b);

/* Rows of a table, to be put in groups of equal fields. */
struct att_row_query {
    const size_t *row; /* n_rows row numbers */
    size_t n_rows;
    const uint32_t *by; /* n_by fields */
    uint32_t n_by;
};

struct att_row_groups {
    size_t *row;   /* row numbers, group by group, ascending within one */
    size_t *start; /* group g is row[start[g] .. start[g + 1]) */
    size_t n_groups;
};

/* Groups come in the order of their values (texts by character, missing
 * last).  Fails: ATT_E_NOMEM, without words. */
ATT_CHECKED att_status att_group_by(const struct att_table *source,
                                    const struct att_row_query *query,
                                    struct att_arena *arena,
                                    struct att_row_groups *out);
