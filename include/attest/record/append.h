/* append.h - the one writer of a journal.
 *
 * Records are put into a batch in memory; a commit checks that the lock is
 * still held and hands the batch to the system in one write(2).  What a
 * commit returned ATT_OK for is acknowledged: it survives the death of every
 * process.  A helper thread calls fdatasync once per interval while there is
 * something to sync, so that a power cut costs at most that much; it starts
 * with the first commit and never blocks the caller. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/status.h"
#include "attest/record/journal.h"
#include "attest/record/lock.h"

struct att_append; /* opaque */

struct att_append_options {
    const char *attest_version;
    struct att_lock *lock;    /* checked before each write; borrowed, outlives
                                 the writer.  NULL: nobody else can write */
    struct att_journal *view; /* of the same file, refreshed here; NULL: the
                                 file is read once to find its end */
    double sync_every_s;      /* 0: only att_append_sync and close sync */
};

/* Open, or create, the journal at path.  The epoch becomes higher than any in
 * the file and not lower than the lock's, which is raised to it.  A header
 * record is written at once.  Existing bytes are never changed.
 * Fails: ATT_E_IO, ATT_E_VERSION, ATT_E_LOCKED, ATT_E_NOMEM. */
ATT_CHECKED att_status att_append_open(const char *path,
                                       const struct att_append_options *options,
                                       struct att_append **append,
                                       struct att_error *err);

/* Put a record into the batch.  A lack of memory, or a record above 256 MiB
 * (which is left out), is reported by the commit. */
void att_append_row(struct att_append *a, const void *bytes, size_t n);
/* NULL (a description that was lost, see att_journal_columns) puts nothing. */
void att_append_columns(struct att_append *a, const struct att_columns *c);
void att_append_plan(struct att_append *a, const struct att_journal_plan *p);
void att_append_note(struct att_append *a, const struct att_journal_note *note);

/* Write the batch.  On failure nothing of it is acknowledged, the journal
 * stays valid, and what is not in the file stays in the batch, so that the
 * commit can be tried again.
 * Fails: ATT_E_IO (the disk is full, the last sync failed, ...), ATT_E_LOCKED
 * (another process took the run over: stop), ATT_E_NOMEM, ATT_E_OVERFLOW. */
ATT_CHECKED att_status att_append_commit(struct att_append *a,
                                         struct att_error *err);

/* Wait until all that is committed is on the device, at most timeout_s.
 * Fails: ATT_E_IO (the sync failed, or was not done in time). */
ATT_CHECKED att_status att_append_sync(struct att_append *a, double timeout_s,
                                       struct att_error *err);

struct att_append_stats {
    uint64_t epoch, sequence;               /* of the last record put */
    uint64_t n_records, n_bytes, n_commits; /* acknowledged */
    uint64_t n_syncs;
    double sync_s; /* time spent in them, by the helper */
};
void att_append_stats(const struct att_append *a,
                      struct att_append_stats *stats);

/* Commit, sync, stop the helper, close, free; a is gone also on failure.
 * NULL is allowed.  Fails: as att_append_commit and att_append_sync. */
ATT_CHECKED att_status att_append_close(struct att_append *a,
                                        struct att_error *err);
