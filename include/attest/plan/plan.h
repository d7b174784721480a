/* plan.h - axes become task numbers; task numbers become points, keys, costs.
 *
 * A plan numbers every (sweep, point, replicate) of a study 0 .. size-1
 * without materialising anything: sweep after sweep, row-major over the axes
 * in the order they are written, replicate fastest.  Numbers of points that a
 * condition drops, and of points that an earlier sweep already computes, are
 * holes: att_plan_task says so. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/config/study.h"
#include "attest/construction/construction.h"

enum { ATT_PLAN_PARAMS = 48 }; /* no construction has more parameters */

struct att_task {
    uint64_t number;
    uint32_t sweep;
    const struct att_construction *construction;
    struct att_value p[ATT_PLAN_PARAMS]; /* all parameters, defaults filled */
    int64_t replicate;
};

enum att_task_state {
    ATT_TASK_PLANNED,
    ATT_TASK_DROPPED,   /* `where` says no */
    ATT_TASK_COINCIDES, /* an earlier sweep computes the same key */
    ATT_TASK_INVALID    /* a derived value is out of range; err says why */
};

struct att_plan; /* opaque; borrows the study, which must outlive it */

ATT_CHECKED att_status att_plan_create(const struct att_study *study,
                                       struct att_plan **plan,
                                       struct att_error *err);
void att_plan_destroy(struct att_plan *plan);

uint64_t att_plan_size(const struct att_plan *plan);
/* Numbers of one sweep are first .. first + count - 1. */
void att_plan_range(const struct att_plan *plan, uint32_t sweep,
                    uint64_t *first, uint64_t *count);

/* Decode a number.  task is filled for every state but INVALID.  Not
 * reentrant for one plan (expressions run in the plan's Lua state). */
enum att_task_state att_plan_task(struct att_plan *plan, uint64_t number,
                                  struct att_task *task, struct att_error *err);

/* The inverse grid: the number of a point and replicate in a sweep.
 * False when it is off the grid or dropped. */
bool att_plan_number(struct att_plan *plan, uint32_t sweep,
                     const struct att_value *p, int64_t replicate,
                     uint64_t *number);

/* The lasting name of a task (docs/architecture.md, "Keys"). */
struct att_key att_plan_key(const struct att_plan *plan,
                            const struct att_task *task);
/* The canonical text that is hashed, for `show` and tests. */
void att_plan_key_text(const struct att_plan *plan, const struct att_task *task,
                       struct att_buffer *out);

/* Seeds of the instance and of the builder (workspace.h). */
void att_plan_seeds(const struct att_plan *plan, const struct att_task *task,
                    uint64_t *instance_seed, uint64_t *builder_seed);

/* The construction's closed form; limits after expressions. */
struct att_cost att_plan_cost(const struct att_plan *plan,
                              const struct att_task *task);
ATT_CHECKED att_status att_plan_limits(struct att_plan *plan,
                                       const struct att_task *task,
                                       struct att_limits *limits,
                                       struct att_error *err);

/* Find the sweep and number of a journal row by its values: tries every sweep
 * of the construction.  False when no sweep plans it. */
bool att_plan_locate(struct att_plan *plan, const char *construction,
                     const struct att_value *p, int64_t replicate,
                     uint32_t *sweep, uint64_t *number);
