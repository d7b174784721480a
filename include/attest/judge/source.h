/* source.h - the rows of one sweep as the judge reads them.
 *
 * Rows may be columns of an HDF5 file, records of a journal or views in
 * memory; up to 10^7 of them, so nothing asks for all of them at once.  The
 * judge counts the verdicts of row claims in one pass; it groups by single
 * cells and then asks for whole rows one group at a time. */
#pragma once

#include "attest/base/hash.h"
#include "attest/construction/construction.h"

/* What is known of every planned task, run or not. */
struct att_row_label {
    struct att_key key;
    int64_t replicate;
    enum att_outcome_status status; /* ATT_NOT_RUN: planned, no row yet */
    bool not_found; /* a search that is done and found no value: its metrics
                       are those of the last value it tried */
};

struct att_row_source {
    const char *sweep; /* borrowed, as is everything here */
    const struct att_construction *construction;
    size_t n; /* planned rows: those with a row and those without */
    const void *context;

    struct att_row_label (*label)(const void *context, size_t i);

    /* A single cell: parameters 0 .. P-1 (problem's first), then metrics
     * P .. P + n_metrics - 1.  Parameters are known for every planned row;
     * metrics are ATT_NONE where missing.  Text stays valid while the source
     * does. */
    struct att_value (*cell)(const void *context, size_t i, uint32_t column);

    /* The whole row; pointers live in arena or in the source.  Only asked
     * for rows whose status is done, timeout, oom or skipped.
     * Fails: ATT_E_NOMEM, ATT_E_IO. */
    att_status (*row)(const void *context, size_t i, struct att_arena *arena,
                      struct att_row_view *view, struct att_error *err);

    /* The verdict that was stored with the row (enum att_verdict). */
    int8_t (*verdict)(const void *context, size_t i, uint32_t claim);
};

/* Index for cell(): a parameter, else a metric, else -1. */
int att_source_column(const struct att_row_source *source, const char *name);

/* Rows that are already views, as tests and `run` have them.  key and view
 * have n entries; verdict is [n, n_claims], or NULL: row claims are then
 * not applicable. */
struct att_view_rows {
    const struct att_row_view *view;
    const struct att_key *key;
    const int8_t *verdict;
    uint32_t n_claims;
};

/* A source over rows, which must outlive it. */
struct att_row_source att_view_source(
    const char *sweep, const struct att_construction *construction,
    const struct att_view_rows *rows, size_t n);
