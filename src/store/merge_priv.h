/* merge_priv.h - a merge under way. */
#pragma once

#include "attest/store/merge.h"
#include "rows_priv.h"

struct merge_folder {
    const char *dir;
    struct att_buffer study;
    struct att_journal *journal;
    struct row_reader reader;
};

struct merge_row {
    struct att_key key;
    enum att_outcome_status status;
    int32_t version; /* of the construction */
    uint32_t folder;
    size_t place;
};

struct merge {
    struct merge_folder *folder; /* n_folders */
    size_t n_folders;
    struct merge_row *row; /* n_rows */
    size_t n_rows;
    uint64_t n_incomplete; /* conflicts of rows that observe different values */
    struct att_merge_report *report;
    struct att_buffer *conflicts;
};

/* Do two rows of one key agree in every science column, and has a every
 * observation of b?  Rows that are not both done, or of different versions,
 * have nothing to agree on.  A conflict is counted and told.
 * Fails: as att_row_read. */
ATT_CHECKED att_status att_merge_compare(struct merge *m,
                                         const struct merge_row *a,
                                         const struct merge_row *b,
                                         struct att_error *err);

/* Write the rows that are left, with what describes them.
 * Fails: ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status att_merge_write_journal(struct merge *m,
                                               const char *path,
                                               struct att_error *err);
