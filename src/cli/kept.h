/* kept.h - which rows of a journal still stand for their tasks.
 *
 * A row is kept when its task is planned and nothing speaks against it:
 *   - its status was not named by `retry`;
 *   - it has every observation point that is asked for now;
 *   - it was computed by the code of this build, or by code that was checked
 *     to give the same bits, or `--stale keep` says so.
 *
 * When the code of a construction has changed (its code_id), up to 20 of its
 * rows, cheapest first, within 1 % of what they cost, are computed again on
 * the same kernel.  If their science columns agree bit for bit all its rows are
 * kept, with a note in the journal; else the run stops and shows the first
 * difference.  A new `version` of a construction redoes its rows. */
#pragma once

#include "attest/lane/lane.h"
#include "attest/record/append.h"
#include "attest/store/index.h"
#include "session.h"

enum cli_stale { CLI_STALE_CHECK, CLI_STALE_REDO, CLI_STALE_KEEP };

struct cli_keeping {
    const struct cli_session *session;
    const struct att_journal *journal; /* the view that index was built on */
    struct att_append *append;         /* takes the note */
    struct att_lanes *lanes;           /* computes the samples */
    const char *kernel;                /* of this process */
    enum cli_stale stale;
    uint32_t retry; /* bit s: rows of outcome s are computed again */
};

struct cli_kept_report {
    uint64_t n_retried, n_partial, n_redone;
};

/* Take out of the index what has to be computed again.
 * Fails: ATT_E_MISMATCH (changed code gives other rows: key, column and both
 * values in the text), ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status cli_keep(const struct cli_keeping *k,
                                struct att_index *index,
                                struct cli_kept_report *report,
                                struct att_error *err);
