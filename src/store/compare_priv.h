/* compare_priv.h - rows of a data set by key, and a comparison under way. */
#pragma once

#include "attest/store/compare.h"

struct keyed_row {
    struct att_key key;
    const struct att_table *table;
    size_t at; /* row of the table */
};

struct keyed_rows {
    struct keyed_row *row; /* n, by key */
    size_t n;
};

/* Every row with a result.  Fails: ATT_E_NOMEM, and as att_dataset_load. */
ATT_CHECKED att_status att_keyed_rows_load(struct att_dataset *ds,
                                           struct keyed_rows *rows,
                                           struct att_error *err);
void att_keyed_rows_fini(struct keyed_rows *rows);

/* Columns of two frames with one name, and where they are counted. */
struct column_pair {
    uint32_t a, b;
    size_t column; /* of the diff */
};
struct column_pairs {
    struct column_pair *pair; /* n */
    size_t n;
};

/* Two sweeps of one construction. */
struct table_pair {
    const struct att_table *a, *b;
    struct column_pairs rows, lines;
};

struct comparison {
    struct att_diff *diff;
    size_t capacity;         /* of diff->column */
    struct table_pair *pair; /* n_pairs */
    size_t n_pairs;
    struct att_key key;  /* of the rows being compared ... */
    bool verdicts_agree; /* ... and whether their claims agree */
};
