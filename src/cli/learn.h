/* learn.h - what kept rows say of the time that tasks take. */
#pragma once

#include "attest/record/journal.h"
#include "attest/schedule/schedule.h"
#include "attest/store/index.h"

/* Tell the schedule how long a spread sample of the kept done rows took, so
 * that a resumed run starts from what was measured and not from a guess.  Rows
 * of several slices are left out: their time is of all their lanes.
 * Fails: ATT_E_NOMEM, ATT_E_IO. */
ATT_CHECKED att_status cli_learn(struct att_plan *plan,
                                 const struct att_journal *journal,
                                 const struct att_index *kept,
                                 struct att_schedule *schedule,
                                 struct att_error *err);
