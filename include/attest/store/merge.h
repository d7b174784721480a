/* merge.h - the union of run folders, again a run folder.
 *
 * Rows are united by key.  Of two rows with one key the better outcome wins
 * (done, infeasible, the failures), then the one with more lines of
 * observations, then the first folder named.  Two done rows must agree in
 * every science column: bit for bit where the column is exact, within the
 * declared tolerance where it is rounded.  The row that is kept must have
 * every line of the others: the same values of its axes, in the same order. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/status.h"

struct att_merge_report {
    uint64_t n_folders;
    uint64_t n_rows;      /* in the merged journal */
    uint64_t n_shared;    /* keys that more than one folder had */
    uint64_t n_replaced;  /* failures that another folder's success beat */
    uint64_t n_conflicts; /* done rows that do not agree */
    uint64_t n_studies;   /* distinct study files; the first one is kept */
};

/* Merge n >= 1 run folders into target, which must not exist or be empty:
 * study.yaml of the first folder, a journal with all rows, descriptions,
 * plans and notes.  results.h5 is left to the caller.  Conflicts are
 * appended to conflicts, a line each that names the row, the column and both
 * values (at most 20), and nothing is written.
 * Fails: ATT_E_MISMATCH (conflicts), ATT_E_ARG (the target is not empty),
 * ATT_E_IO, ATT_E_VERSION, ATT_E_NOMEM. */
ATT_CHECKED att_status att_merge(const char *const *dir, size_t n,
                                 const char *target,
                                 struct att_merge_report *report,
                                 struct att_buffer *conflicts,
                                 struct att_error *err);
