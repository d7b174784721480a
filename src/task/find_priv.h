/* find_priv.h - one search while it runs. */
#pragma once

#include "attest/task/search.h"

#include "task_priv.h"

enum {
    FIND_PROFILE_LINES = 256, /* values asked of one trial at most */
    FIND_PROFILE_STRIDE = 64  /* candidates in the first stride of profiles */
};

/* One line of the row's observations: a candidate and what it gave. */
struct find_line {
    uint64_t index;
    size_t order; /* of the trials */
    double *cell; /* n_observations of the sweep */
};

struct hunt {
    struct att_task_env *env;
    const struct att_task_run *run;
    struct att_task *task;
    const struct sweep_facts *facts;
    const struct att_construction *c;
    struct att_search search;
    struct find_line *line; /* n_lines, in the order of trials */
    size_t n_lines, lines_capacity;
    bool any_feasible;

    /* Metrics of the last trial at exactly one value, in env->results. */
    struct att_value *metric;
    uint64_t metric_index;
    bool has_metric;

    /* Set when the search cannot go on. */
    enum att_outcome_status stopped; /* ATT_DONE: it goes on */
    uint64_t stopped_index;
    struct att_error why; /* or why the first infeasible point is so */
};

/* ---- find_lines.c: candidates and what is shown of them -------------------- */

struct att_value att_find_candidate(const struct hunt *h, uint64_t index);
/* The number that a line shows: the value, or the place of a choice. */
double att_find_number(const struct hunt *h, uint64_t index);
/* Put the candidate into the task's point. */
void att_find_set(struct hunt *h, uint64_t index);
/* Replicates that one search with a share spans. */
uint64_t att_find_replicates(const struct hunt *h);

/* A new line of a candidate, all missing. */
ATT_CHECKED att_status att_find_add_line(struct hunt *h, uint64_t index,
                                         double **cell, struct att_error *err);
/* Value, accepted, and the construction's numbers (metric: NULL if none). */
ATT_CHECKED att_status att_find_add_metrics(struct hunt *h, uint64_t index,
                                            bool accepted,
                                            const struct att_value *metric,
                                            struct att_error *err);
/* The trial's lines that speak of the candidate, and whether it was accepted;
 * one line that only says so when there are none. */
ATT_CHECKED att_status att_find_add_profile(struct hunt *h, uint64_t index,
                                            bool accepted,
                                            const struct att_outcome *out,
                                            struct att_error *err);
/* Value, accepted, and how many of the replicates held. */
ATT_CHECKED att_status att_find_add_share(struct hunt *h, uint64_t index,
                                          bool accepted, uint64_t n_held,
                                          struct att_error *err);
/* The lines, by candidate and then by order, as the row's observations. */
ATT_CHECKED att_status att_find_lines(struct hunt *h, struct att_row *row,
                                      struct att_error *err);

/* ---- find_state.c: what is kept outside of the lane -------------------------- */

/* Hand all lines to the run's checkpoint hook, as far as memory allows. */
void att_find_save(struct hunt *h);
/* Know again what the run's saved state says, if it is one of this search.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_find_restore(struct hunt *h, struct att_error *err);

/* ---- find_trial.c: trials and what they say --------------------------------- */

/* Try one candidate alone; it becomes known, and h->metric is its own.  Sets
 * h->stopped when the trial ends the search.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_find_try(struct hunt *h, uint64_t index,
                                    struct att_error *err);
/* One trial at the largest candidate of a stride for many in it.  What the
 * construction does not observe stays unknown. */
ATT_CHECKED att_status att_find_try_stride(struct hunt *h,
                                           const struct att_search_next *next,
                                           struct att_error *err);
