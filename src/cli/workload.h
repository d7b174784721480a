/* workload.h - the tasks of a plan, handed to a schedule. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/schedule/schedule.h"
#include "attest/store/index.h"

struct cli_workload {
    uint64_t n_kept;   /* planned tasks whose rows are there */
    uint64_t n_failed; /* of the kept ones: failed, timeout, oom, crashed */
    uint64_t n_new;    /* planned tasks to compute */
};

/* Which tasks a run takes, and in which order it hands them out. */
struct cli_choosing {
    const struct att_index *kept; /* tasks that need no work; NULL: none */
    uint32_t shard, n_shards;     /* shard < n_shards; 0 of 1: all tasks */
    double pilot;                 /* share of tasks that go first; 0: none */
};

/* What a task costs, as the schedule wants it.  Its class is its sweep; a
 * search goes through its probes in one lane. */
struct att_work cli_work_of(struct att_plan *plan, const struct att_task *task);

/* Give the schedule every planned task of the shard; those that stand in
 * `kept` as kept.  Shards and pilots are chosen by a hash of the task number:
 * spread evenly, and the same on every machine.  The class of a task is its
 * sweep.  Neighbours of equal cost travel as one run, so a grid of cheap tasks
 * takes no memory.
 * Fails: ATT_E_NOMEM, ATT_E_ARG. */
ATT_CHECKED att_status cli_workload_fill(struct att_plan *plan,
                                         const struct cli_choosing *choosing,
                                         struct att_schedule *schedule,
                                         struct cli_workload *out,
                                         struct att_error *err);
