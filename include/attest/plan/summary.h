/* summary.h - what a plan amounts to, before anything runs.
 *
 * Counts of points and dropped points are exact.  Costs have no closed sum, so
 * every kept point is asked while a sweep keeps at most 2^18 of them; beyond
 * that a deterministic stratified sample of 2^18 kept points stands for all
 * (one at a hashed place in each of 2^18 equal stretches), and the largest
 * values are also looked for at the corners of the grid.  n_asked and exact
 * say which it was.  Coinciding tasks are counted exactly while this sweep, or
 * each earlier sweep that it may share points with, keeps at most 2^18 (2^20)
 * points; coinciding_exact says so. */
#pragma once

#include "attest/plan/plan.h"

struct att_sweep_summary {
    uint64_t n_points;     /* product of the axes */
    uint64_t n_dropped;    /* points that `where` says no to */
    uint64_t n_tasks;      /* kept points times replicates, less coinciding */
    uint64_t n_coinciding; /* tasks that an earlier sweep computes */
    uint64_t n_duplicates; /* values written twice on an axis, kept once */

    uint64_t n_asked;      /* points whose cost was asked */
    bool exact;            /* all kept points were */
    bool coinciding_exact; /* false: estimated from the sample, and so is
                              n_tasks */
    double n_infeasible;   /* tasks that `admit` refuses */
    double n_too_large;    /* tasks that need more than task_memory */
    double n_invalid;      /* tasks with a derived value out of range */
    double flops;          /* of all tasks that can run */
    double max_flops;      /* of one task that can run */
    double max_bytes;
};

struct att_summary {
    struct att_sweep_summary *sweep; /* study->n_sweeps */
    struct att_sweep_summary total;
};

/* Fails: ATT_E_NOMEM, ATT_E_ARG (an expression of a limit). */
ATT_CHECKED att_status att_summary_create(struct att_plan *plan,
                                          struct att_summary **summary,
                                          struct att_error *err);
void att_summary_destroy(struct att_summary *summary); /* NULL is allowed */

/* Time on `cores` cores when a sweep's flop takes ns_per_flop[sweep]: no
 * schedule ends before low_s, and one that never leaves a core idle ends by
 * high_s (Graham 1966: work / cores + (1 - 1 / cores) longest). */
struct att_makespan {
    double core_s; /* work of all tasks */
    double longest_s;
    double low_s, high_s;
};
struct att_makespan att_summary_makespan(const struct att_summary *summary,
                                         uint32_t n_sweeps,
                                         const double *ns_per_flop,
                                         uint32_t cores);
