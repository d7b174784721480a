/* task_priv.h - what the parts of the room share. */
#pragma once

#include "attest/task/task.h"

struct att_task_env {
    struct att_plan *plan;
    const struct att_input_file *files;
    size_t n_files;
    char host[64], kernel[64];
    struct att_arena *columns;  /* the descriptions below */
    struct att_columns *column; /* one per sweep */
    uint32_t n_sweeps;
    struct att_arena *work;    /* the task's own, limited by task_memory */
    struct att_arena *results; /* what becomes the row; unlimited, so that a
                                  task that ran out of memory has one too */
};

/* Describe the columns of every sweep of the plan in env->columns.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_describe(struct att_task_env *env,
                                         struct att_error *err);

/* A workspace for the task with its seeds and files, and quiet hooks. */
void att_task_workspace(const struct att_task_env *env,
                        const struct att_task *task, struct att_workspace *ws);

/* Parameters, key, columns and names of a row, as far as the task gives them:
 * metrics missing, claims not applicable; in env->results.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_blank_row(struct att_task_env *env,
                                          const struct att_task *task,
                                          struct att_row *row,
                                          struct att_error *err);

/* The row as claims see it. */
struct att_row_view att_task_view(const struct att_task *task,
                                  const struct att_row *row);

/* Judge the row claims of a row into a new verdict array.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_judge(struct att_task_env *env,
                                      const struct att_task *task,
                                      struct att_row *row,
                                      struct att_error *err);

/* How a status of a construction's function shows in a row. */
enum att_outcome_status att_task_outcome(att_status status);
