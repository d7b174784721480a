/* index.h - which rows of a journal are tasks of a plan.
 *
 * Rows are kept by key, so a study may change between runs: a row belongs to
 * a task when some sweep of its construction has its point and replicate and
 * the task's key is the row's.  `run` takes the tasks that need no work from
 * here, the store its order. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/record/journal.h"

enum { ATT_CODE_ID = 20 }; /* bytes of a code id, the closing zero included */

/* What computed rows: told apart by construction, version and code id. */
struct att_row_origin {
    const struct att_construction *construction;
    int32_t version;
    char code_id[ATT_CODE_ID];
    uint64_t n_rows;
};

struct att_placed {
    uint64_t number; /* of the task */
    size_t place;    /* of the row (att_journal_row) */
    enum att_outcome_status status;
    uint32_t origin; /* index into att_index.origin */
    bool partial;    /* done, but lacks observation points asked for now */
};

struct att_index {
    struct att_placed *placed; /* n, sorted by number, each number once */
    size_t n;
    uint64_t n_unplanned;          /* winning rows that no sweep plans */
    struct att_row_origin *origin; /* n_origins */
    uint32_t n_origins;
};

/* Place every winning row of the journal.  Fails: ATT_E_NOMEM, ATT_E_IO. */
ATT_CHECKED att_status att_index_build(const struct att_journal *journal,
                                       struct att_plan *plan,
                                       struct att_index *index,
                                       struct att_error *err);
void att_index_fini(struct att_index *index);
