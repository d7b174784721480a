/* reuse.h - rows of other runs that are tasks of this one. */
#pragma once

#include "attest/record/append.h"
#include "attest/store/index.h"
#include "session.h"

/* Copy into the journal every row of the folder's journal that is done, is a
 * task of the plan, and has no row here yet (here: a view of the own journal).
 * *n says how many.  Rows keep their keys, code ids and provenance.
 * Fails: ATT_E_IO, ATT_E_VERSION, ATT_E_NOMEM. */
ATT_CHECKED att_status cli_reuse(const struct cli_session *session,
                                 const char *folder,
                                 const struct att_journal *here,
                                 struct att_append *append, uint64_t *n,
                                 struct att_error *err);
