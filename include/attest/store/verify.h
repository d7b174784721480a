/* verify.h - does a run folder still say what it said?
 *
 * Three comparisons, each on its own: the journal's checksums; every row's key
 * against the hash of its parameter values; results.h5 against the journal,
 * cell by cell and bit by bit. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/record/journal.h"
#include "attest/store/table.h"

struct att_verify_report {
    struct att_journal_report journal;
    uint64_t n_keys_checked;   /* rows whose key was recomputed */
    uint64_t n_keys_wrong;     /* ... and differs */
    uint64_t n_keys_unchecked; /* rows of studies that no longer load */
    bool has_store;
    uint64_t n_store_rows;  /* rows of results.h5 with a result */
    uint64_t n_store_cells; /* cells compared */
    uint64_t n_cells_wrong;
    uint64_t n_rows_stray; /* in results.h5, not in the journal */
    uint64_t n_rows_newer; /* in the journal, not yet in results.h5: the
                                  store is older, which is no damage */
    bool sound;            /* nothing damaged, wrong or stray */
};

/* Verify a run folder.  Findings, a line each (at most 20 of a kind), are
 * appended to findings; they name keys and columns.
 * Fails only when verifying is impossible: ATT_E_IO, ATT_E_PARSE (the study
 * no longer loads), ATT_E_NOMEM.  A results.h5 that cannot be read is a
 * finding (sound = false). */
ATT_CHECKED att_status att_verify(const char *dir,
                                  struct att_verify_report *report,
                                  struct att_buffer *findings,
                                  struct att_error *err);
