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

/* The columns of a sweep: parameters, metrics, claims ("claim_blocks_bound")
 * and observations.  Lives as long as env.
 *
 * A row of a sweep with `find` describes the trial at one value of the searched
 * parameter: what was found, or, when nothing was, the last candidate that
 * might have been.  Behind the construction's metrics it has
 *
 *   found       the answer; missing when there is none in the range
 *   probes      how many candidates were tried
 *   first       the outermost accepted candidate that was tried
 *   stable      from where on all that were tried are accepted
 *   violations  neighbours among those tried that contradict monotony
 *   found_note  "not found up to 8192": the answer is censored, not missing;
 *               "holds at 2, the lower end of the range"; else ""
 *
 * and a line of observations for each probe: the candidate (for choices its
 * number), accepted, and the construction's numbers without timings; where it
 * observes along the searched parameter, its own observations instead; with a
 * share over replicates: share, share_lo, share_hi (Wilson, 95 %) and
 * n_replicates.  A name that the construction uses itself gets the prefix
 * find_.
 *
 * A trial that is too large, fails or runs out of memory ends the search with
 * its status; the row keeps the probes made so far.  Probes that take long are
 * checkpointed; the trials themselves cannot be. */
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
 * Fails (the runner's own trouble): ATT_E_ARG (no such task or slice),
 * ATT_E_NOMEM. */
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

/* Append the row of a task that lost a unit (whose other slices are of no use
 * then): parameters filled, metrics missing, claims not applicable.
 * Fails: as att_task_run. */
ATT_CHECKED att_status att_task_lost(struct att_task_env *env,
                                     const struct att_task_loss *loss,
                                     struct att_buffer *out,
                                     struct att_error *err);

/* Combine the encoded rows of all slices of one task (in slice order, each
 * bytes[i] of n_bytes[i]) by the declared reductions, judge its claims, and
 * append the row of the whole.
 *
 * Missing entries take no part in a reduction; a NaN among measured metrics
 * wins minimum and maximum, so that no order hides it.  Lines of observations
 * with equal axes become one line by the reductions of their columns; a
 * construction without axes has all its lines, slice after slice.  If slices
 * are not done, the row has the status and message of the worst (crashed, oom,
 * timeout, failed, skipped, infeasible; of equals the lowest slice).  Results
 * that do not fit together (ATT_REDUCE_SAME entries that differ, a sum of
 * integers beyond 64 bits) make a failed row.  Times add up; peaks are those of
 * the largest slice.
 *
 * Fails: ATT_E_PARSE, ATT_E_NOMEM, ATT_E_ARG (no such task), ATT_E_MISMATCH
 * (rows that are not the slices of one task). */
ATT_CHECKED att_status att_task_combine(struct att_task_env *env,
                                        const void *const *bytes,
                                        const size_t *n_bytes, size_t n,
                                        struct att_buffer *out,
                                        struct att_error *err);

/* What to remake, and where. */
struct att_task_remake {
    uint64_t number;
    /* The value of the searched parameter in the row of a `find`: the one that
     * the row's metrics belong to.  Not looked at elsewhere. */
    struct att_value searched;
    struct att_arena *arena; /* holds artifact and outcome */
};

/* Remake a task as an artifact: instance, network or witness, expected
 * outputs.  If outcome is not NULL the task is evaluated as well, for
 * comparison with its row.
 * Fails: ATT_E_INFEASIBLE, ATT_E_NOMEM, ATT_E_NUMERIC, ATT_E_ARG. */
ATT_CHECKED att_status att_task_artifact(struct att_task_env *env,
                                         const struct att_task_remake *what,
                                         struct att_artifact *artifact,
                                         struct att_outcome *outcome,
                                         struct att_error *err);
