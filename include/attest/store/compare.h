/* compare.h - two runs, column by column, rows matched by key.
 *
 * Four levels: bits equal; within the column's declared tolerance; apart, but
 * every claim of the row has the same verdict; different.  A column's level is
 * the worst of its rows. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/store/dataset.h"

enum att_level {
    ATT_LEVEL_EQUAL,    /* bits equal, or missing in both */
    ATT_LEVEL_WITHIN,   /* rounded columns: |a - b| <= tol max(|a|, |b|) */
    ATT_LEVEL_VERDICTS, /* apart, but the row's verdicts agree */
    ATT_LEVEL_DIFFERENT,
    ATT_LEVELS
};

/* "bits equal", "within tolerance", "same verdicts", "different". */
const char *att_level_text(enum att_level level);

struct att_diff_column {
    const char *construction, *column; /* observations: "observations/x" */
    enum att_level level;
    uint64_t count[ATT_LEVELS]; /* rows at each level */
    double worst;               /* largest relative difference; 0 for text */
    struct att_key worst_key;   /* of the first row at the worst level */
};

struct att_diff {
    struct att_diff_column *column; /* n_columns, in declared order */
    size_t n_columns;
    uint64_t n_common;               /* rows of both, compared */
    struct att_key *only_a, *only_b; /* rows with a result in one only */
    size_t n_only_a, n_only_b;
    enum att_level level; /* the worst of all columns */
    struct att_arena *arena;
};

/* Compare the science columns of all rows with a result.  Loads both data
 * sets.  Constructions are matched by name, columns by name; a column that
 * only one side has is left out.
 * Fails: ATT_E_NOMEM, and as att_dataset_load. */
ATT_CHECKED att_status att_diff(struct att_dataset *a, struct att_dataset *b,
                                struct att_diff **diff, struct att_error *err);
void att_diff_destroy(struct att_diff *diff); /* NULL is allowed */

/* The level of one pair of cells of the same field (verdicts are the
 * caller's: never ATT_LEVEL_VERDICTS); *distance is relative, 0 for text. */
enum att_level att_compare_cells(const struct att_field *field,
                                 struct att_value a, struct att_value b,
                                 double *distance);
