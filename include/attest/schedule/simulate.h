/* simulate.h - the schedule driven by a clock of its own.
 *
 * Predicts makespan and efficiency from the very state machine that runs
 * real jobs: pretended workers ask, compute for the predicted (or a given)
 * time, and report. */
#pragma once

#include "attest/schedule/schedule.h"

struct att_simulation_options {
    uint32_t n_workers;        /* at least 1 */
    uint32_t lanes_per_worker; /* at least 1 */
    uint32_t workers_per_node; /* at least 1: these share memory_bytes */
    double memory_bytes;       /* of a node; 0: no limit */
    double latency_s;          /* from a report to the grant that answers it */
    /* How long a unit really takes; NULL: what is predicted. */
    double (*seconds)(void *context, const struct att_grant *grant);
    void *context;
};

struct att_simulation {
    double makespan_s;  /* from the first grant to the last report */
    double efficiency;  /* busy lane-seconds / (lanes * makespan) */
    double busy_s;      /* lane-seconds */
    double idle_tail_s; /* per lane, after the last grant */
    uint64_t n_units;   /* computed */
    bool finished;      /* false: a deadline left work undone */
};

/* Run the schedule to its end; it is used up.  Deterministic.
 * Fails: ATT_E_ARG (a count is 0), ATT_E_NOMEM. */
ATT_CHECKED att_status att_simulate(
    struct att_schedule *schedule, const struct att_simulation_options *options,
    struct att_simulation *out, struct att_error *err);
