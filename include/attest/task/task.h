/* task.h - a number becomes a point, an instance, a network, a row.
 *
 * One environment per process: a lane runs tasks in it, the coordinator makes
 * rows of lost tasks and combines slices in it, `rebuild` remakes one task as
 * an artifact.  An environment is not reentrant. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/outcome.h"
#include "attest/base/workspace.h"
#include "attest/plan/plan.h"
#include "attest/record/row.h"

struct att_task_env; /* opaque */

struct att_task_setup {
    struct att_plan *plan;              /* borrowed; outlives the environment */
    const struct att_input_file *files; /* n_files, borrowed */
    size_t n_files;
    const char *host;   /* "" where unknown; copied */
    const char *kernel; /* instruction set and BLAS core; copied */
};

ATT_CHECKED att_status att_task_env_create(const struct att_task_setup *setup,
                                           struct att_task_env **env,
                                           struct att_error *err);
void att_task_env_destroy(struct att_task_env *env); /* NULL is allowed */

/* The columns of a sweep: parameters, metrics, claims (as claim_<id with '_'>)
 * and observations; a sweep with `find` adds its own.  Lives as long as env. */
const struct att_columns *att_task_columns(const struct att_task_env *env,
                                           uint32_t sweep);

/* What one run of a unit is given beside its number. */
struct att_task_run {
    struct att_unit unit;
    uint32_t attempt;
    struct att_limits limits;
    /* Hooks of the lane; NULL ones do nothing (workspace.h). */
    void *context;
    void (*progress)(void *context, const char *phase, double done);
    void (*checkpoint)(void *context, const void *bytes, size_t n);
    /* What the last checkpoint of this unit held; NULL / 0 if there is none. */
    const void *saved;
    size_t saved_bytes;
};

/* Run one unit and append its encoded row to out: a row comes out whatever
 * happens to the task.  A point that `admit` refuses is infeasible, one that
 * is predicted above its memory limit is skipped ("needs 12 GiB > 4 GiB"), a
 * refused allocation is oom, numerics and surprises are failed.
 * Fails (the runner's own trouble): ATT_E_ARG (no such task), ATT_E_NOMEM. */
ATT_CHECKED att_status att_task_run(struct att_task_env *env,
                                    const struct att_task_run *run,
                                    struct att_buffer *out,
                                    struct att_error *err);

/* A unit that did not come back: what is known of its end. */
struct att_task_loss {
    struct att_unit unit;
    uint32_t attempt;
    struct att_limits limits;
    enum att_outcome_status status; /* crashed, timeout, oom */
    double wall_s;
    uint64_t peak_rss_bytes;
    uint32_t rank, lane;
    const char *host, *message;
};

/* Append the row of a lost unit: parameters filled, metrics missing, claims
 * not applicable.  Fails: as att_task_run. */
ATT_CHECKED att_status att_task_lost(struct att_task_env *env,
                                     const struct att_task_loss *loss,
                                     struct att_buffer *out,
                                     struct att_error *err);

/* Combine the encoded rows of all slices of one task (in slice order, each
 * bytes[i] of n_bytes[i]) by the declared reductions, judge its claims, and
 * append the row of the whole.  The worst slice's status is the row's.
 * Fails: ATT_E_PARSE, ATT_E_NOMEM, ATT_E_MISMATCH (ATT_REDUCE_SAME metrics
 * that are not the same). */
ATT_CHECKED att_status att_task_combine(struct att_task_env *env,
                                        const void *const *bytes,
                                        const size_t *n_bytes, size_t n,
                                        struct att_buffer *out,
                                        struct att_error *err);

/* Remake a task as an artifact (instance, network or witness, expected
 * outputs), which lives in arena.  If outcome is not NULL the task is
 * evaluated as well, for comparison with its row.
 * Fails: ATT_E_INFEASIBLE, ATT_E_NOMEM, ATT_E_NUMERIC, ATT_E_ARG. */
ATT_CHECKED att_status att_task_artifact(struct att_task_env *env,
                                         uint64_t number,
                                         struct att_arena *arena,
                                         struct att_artifact *artifact,
                                         struct att_outcome *outcome,
                                         struct att_error *err);
