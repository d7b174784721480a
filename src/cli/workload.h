/* workload.h - the tasks of a plan, handed to a schedule. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/schedule/schedule.h"
#include "attest/store/index.h"

struct cli_workload {
    uint64_t n_kept; /* planned tasks whose rows are there */
    uint64_t n_new;  /* planned tasks to compute */
};

/* Give the schedule every planned task; those that stand in `kept` (may be
 * NULL) as kept.  The class of a task is its sweep.  Neighbours of equal cost
 * travel as one run, so a grid of cheap tasks takes no memory.
 * Fails: ATT_E_NOMEM, ATT_E_ARG. */
ATT_CHECKED att_status cli_workload_fill(struct att_plan *plan,
                                         const struct att_index *kept,
                                         struct att_schedule *schedule,
                                         struct cli_workload *out,
                                         struct att_error *err);
