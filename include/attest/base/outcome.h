/* outcome.h - how a task ended, and what names a piece of work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Stored as int8 and in this order; only append. */
enum att_outcome_status {
    ATT_DONE,
    ATT_FAILED, /* numerics, or an error that the theory does not foresee */
    ATT_TIMEOUT,
    ATT_OOM,
    ATT_CRASHED,
    ATT_SKIPPED,    /* too large for the limits */
    ATT_INFEASIBLE, /* the theorem does not cover the point */
    ATT_NOT_RUN,
    ATT_OUTCOMES
};

/* "done", "failed", "timeout", "oom", ...; "unknown" for other numbers. */
const char *att_outcome_text(enum att_outcome_status s);

/* Stopped by a limit, so that a larger one might have let it end: timeout,
 * oom, skipped. */
bool att_outcome_stopped(enum att_outcome_status s);

/* What travels between ranks and lanes: a task number of the plan, and which
 * of its slices (index 0 of 1 for a task in one piece). */
struct att_unit {
    uint64_t task;
    uint32_t slice, n_slices;
};

/* The limits a unit runs under. */
struct att_limits {
    double task_time_s;         /* 0: none */
    uint64_t task_memory_bytes; /* 0: none */
    uint32_t retries;           /* further attempts after a crash */
};
