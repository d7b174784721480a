/* store.h - generate results.h5 from a journal.
 *
 * The file is written under a temporary name beside the target, closed,
 * synced and renamed: a reader sees the old file or the new one, both whole.
 * Nothing is kept between calls and no state is global, so the coordinator
 * may call it in a forked child, or in a thread with a plan and a journal view
 * of its own. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "attest/judge/groups.h"
#include "attest/plan/plan.h"
#include "attest/record/journal.h"
#include "attest/store/dataset.h"
#include "attest/store/provenance.h"

enum { ATT_STORE_SCHEMA_VERSION = 1 };

struct roster; /* private to the store */

/* Which file stood at a path. */
struct att_store_mark {
    bool exists;
    uint64_t device, inode;
    int64_t changed_s, changed_ns;
};

void att_store_look(const char *path, struct att_store_mark *mark);

struct att_store_input {
    const struct att_journal *journal; /* a view of its own */
    const struct att_study *study;
    struct att_plan *plan;                   /* of study */
    const struct att_claim_results *claims;  /* NULL: an empty table */
    const struct att_provenance *provenance; /* NULL: none */
    const char *history; /* one line per command that made the file; "" */
    /* Which rows belong to which sweep; NULL: found out from the journal. */
    const struct roster *roster;
    /* What stood at the path before the journal was read: a store that came
     * since is newer than ours may be, and stays.  NULL: replace any. */
    const struct att_store_mark *replaces;
};

/* Fill in journal, study, plan and roster of an open run folder, which must
 * outlive the input: nothing is read or listed twice. */
void att_store_input_of(const struct att_dataset *dataset,
                        struct att_store_input *input);

struct att_store_summary {
    uint64_t n_planned;    /* tasks, over all sweeps */
    uint64_t n_results;    /* of them have a row, whatever its status */
    uint64_t n_done;       /* of them are done */
    uint64_t n_rows;       /* rows written, not_run ones included */
    uint64_t n_not_listed; /* planned tasks without a row that are not listed,
                              because there are more than 10^6 */
    uint64_t n_unplanned;  /* journal rows that the plan no longer has */
    uint64_t n_bytes;      /* of the file */
};

/* Write everything of design 5.1 to `path`.  Memory stays bounded: rows are
 * decoded and written in blocks; 32 bytes per journal row remain.
 * Fails: ATT_E_IO (with HDF5's reason; the old file stays), ATT_E_NOMEM,
 * ATT_E_ARG (a column named like one of the runner's), ATT_E_VERSION and
 * ATT_E_PARSE from the journal. */
ATT_CHECKED att_status att_store_write(const char *path,
                                       const struct att_store_input *input,
                                       struct att_store_summary *summary,
                                       struct att_error *err);

/* Remove what a writer of that path that was killed left beside it. */
void att_store_clear(const char *path, pid_t writer);

/* May a sweep or a column be called so?  Columns of the runner and the groups
 * "claims" and "provenance" are taken. */
bool att_store_reserved(const char *name);
