/* run_inputs.h - the input files of a study whose copy stands in a run folder.
 *
 * Paths in a study start where the study stood when it was run, and the copy in
 * the run folder stands elsewhere.  The journal knows where. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/record/journal.h"

/* Beside the copy, else where the study stood when it was run, the last run
 * first.
 * Fails: as att_inputs_read with the study's own folder. */
ATT_CHECKED att_status att_run_inputs(const struct att_study *study,
                                      const struct att_journal *journal,
                                      struct att_inputs **inputs,
                                      struct att_error *err);
