/* task_priv.h - what the parts of the room share. */
#pragma once

#include <stdbool.h>

#include "attest/task/task.h"

/* What a line of a search's observations says of a candidate. */
enum find_lines {
    FIND_LINES_METRICS, /* value, accepted, the construction's numbers */
    FIND_LINES_PROFILE, /* the construction's observations, accepted */
    FIND_LINES_SHARE    /* value, accepted, share, its interval, replicates */
};

/* What is known of a sweep before any of its tasks runs. */
struct sweep_facts {
    struct att_columns columns;
    uint64_t columns_id;
    const struct att_find *find; /* NULL: no search; lines, profile unused */
    enum find_lines lines;
    /* Index of the observation axis that is the searched parameter, so that
     * one evaluation answers for many values; -1: there is none. */
    int profile;
};

struct att_task_env {
    struct att_plan *plan;
    const struct att_input_file *files;
    size_t n_files;
    char host[64], kernel[64];
    struct att_arena *lasting; /* the facts below */
    struct sweep_facts *sweep; /* one per sweep of the plan */
    struct att_arena *work;    /* the task's own, limited by task_memory */
    struct att_arena *results; /* what becomes the row; unlimited, so that a
                                   task that ran out of memory has one too */
};

/* ---- sweep_columns.c ----------------------------------------------------- */

/* Describe every sweep of the plan in env->lasting.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_describe(struct att_task_env *env,
                                         struct att_error *err);

/* ---- env.c ---------------------------------------------------------------- */

/* Decode a number that is planned.
 * Fails: ATT_E_ARG (dropped, a coincidence, or beyond the plan). */
ATT_CHECKED att_status att_task_decode(struct att_task_env *env,
                                       uint64_t number, struct att_task *task,
                                       struct att_error *err);

/* A workspace in arena for the task, with its seeds and files and quiet
 * hooks. */
void att_task_workspace(const struct att_task_env *env,
                        const struct att_task *task, struct att_arena *arena,
                        struct att_workspace *ws);

/* Parameters, key, columns and names of a row, as far as the task gives them:
 * metrics missing, claims not applicable; in env->results.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_blank_row(struct att_task_env *env,
                                          const struct att_task *task,
                                          struct att_row *row,
                                          struct att_error *err);

/* A done row of a whole task: give every asked observation value a line (of NaN
 * where the construction had nothing to say), and judge.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_settle(struct att_task_env *env,
                                       const struct att_task *task,
                                       struct att_row *row,
                                       struct att_error *err);

/* Judge the row claims of a done row into a new verdict array.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_judge(struct att_task_env *env,
                                      const struct att_task *task,
                                      struct att_row *row,
                                      struct att_error *err);

/* Append the encoded row.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_emit(const struct att_row *row,
                                     struct att_buffer *out,
                                     struct att_error *err);

/* ---- trial.c --------------------------------------------------------------- */

/* One evaluation of a construction at one point. */
struct trial {
    const struct att_task *task;
    const struct att_task_run *run; /* limits, hooks, saved state */
    struct att_slice slice;
    struct att_observe observe;
};

/* How it ended.  out lives in env->work, as does all that the trial used; why
 * says why unless it is done. */
struct trial_end {
    enum att_outcome_status status;
    struct att_outcome out;
    struct att_error why;
};

/* Does the theorem cover the point, and do the limits allow it?  Then generate,
 * build and evaluate. */
void att_trial_run(struct att_task_env *env, const struct trial *trial,
                   struct trial_end *end);

/* ---- find.c ----------------------------------------------------------------- */

/* Run the search of a task and fill the row: status, message, metrics,
 * observations, and the searched parameter (*p is the row's own copy).
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_find(struct att_task_env *env,
                                     const struct att_task_run *run,
                                     struct att_task *task, struct att_row *row,
                                     struct att_error *err);

/* The observations of a trial: the sweep's own, and, where a search profiles,
 * those at the n values of the searched parameter (borrowed); in env->results.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_find_observe(struct att_task_env *env,
                                        const struct att_task *task,
                                        const double *value, size_t n,
                                        struct att_observe *observe,
                                        struct att_error *err);

/* Does a line of probes show the metric?  Texts and timings are left out. */
bool att_find_shows(const struct att_metric *metric);
