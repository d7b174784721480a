/* plan.h - axes become task numbers; task numbers become points, keys, costs.
 *
 * A plan numbers every (sweep, point, replicate) of a study 0 .. size-1
 * without materialising anything: sweep after sweep, row-major over the axes
 * in the order they are written, replicate fastest.  Numbers of points that a
 * condition drops, and of points that an earlier sweep already computes, are
 * holes: att_plan_task says so.
 *
 * A condition is evaluated once, over only the axes that it names (through
 * derived axes too): one bit per point of that sub-grid is all that a plan
 * holds beside its study.
 *
 * A sweep with `find` numbers its points without the searched parameter; with
 * a `share` one task searches over all replicates, and the sweep has one
 * replicate number, 0. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/config/inputs.h"
#include "attest/config/study.h"
#include "attest/construction/construction.h"

enum { ATT_PLAN_PARAMS = 48 }; /* no construction has more parameters */

struct att_task {
    uint64_t number;
    uint32_t sweep;
    const struct att_construction *construction;
    /* All parameters, defaults filled; the one that `find` searches stands at
     * the middle of its range (att_plan_probe gives the others). */
    struct att_value p[ATT_PLAN_PARAMS];
    int64_t replicate;
};

enum att_task_state {
    ATT_TASK_PLANNED,
    ATT_TASK_DROPPED,   /* `where` says no */
    ATT_TASK_COINCIDES, /* an earlier sweep computes the same key */
    ATT_TASK_INVALID    /* a derived value is out of range; err says why */
};

struct att_plan; /* opaque; borrows study and inputs, which must outlive it */

/* Compile the expressions and evaluate the conditions.  Where the axes that
 * conditions and derived axes name span at most 10^6 points, every derived
 * value that is planned is checked here; beyond that a bad one is met as
 * ATT_TASK_INVALID.  inputs may be NULL when no path is named.
 * Fails: ATT_E_ARG ("s.yaml:9: where: ... (at N = 2, L = 8)"; a condition
 * over more than 10^8 points; two files with the same bytes on one axis),
 * ATT_E_NOMEM. */
ATT_CHECKED att_status att_plan_create(const struct att_study *study,
                                       const struct att_inputs *inputs,
                                       struct att_plan **plan,
                                       struct att_error *err);
void att_plan_destroy(struct att_plan *plan); /* NULL is allowed */

const struct att_study *att_plan_study(const struct att_plan *plan);
/* Hash of the study's bytes and of the files it names: equal on all ranks. */
struct att_key att_plan_digest(const struct att_plan *plan);

uint64_t att_plan_size(const struct att_plan *plan);
/* Numbers of one sweep are first .. first + count - 1. */
void att_plan_range(const struct att_plan *plan, uint32_t sweep,
                    uint64_t *first, uint64_t *count);
/* Does `where` drop every point of the sweep? */
bool att_plan_is_empty(const struct att_plan *plan, uint32_t sweep);
/* Replicate numbers of one sweep: 1 for a search with a share. */
uint32_t att_plan_replicates(const struct att_plan *plan, uint32_t sweep);

/* Decode a number < size.  task is filled but for the derived values of points
 * that are dropped or invalid.  Not reentrant for one plan (expressions run in
 * the plan's Lua state). */
enum att_task_state att_plan_task(struct att_plan *plan, uint64_t number,
                                  struct att_task *task, struct att_error *err);

/* The inverse grid: the number of a point and replicate in a sweep.
 * p holds every parameter; that of `find` is not looked at.  False when it is
 * off the grid or dropped. */
bool att_plan_number(struct att_plan *plan, uint32_t sweep,
                     const struct att_value *p, int64_t replicate,
                     uint64_t *number);

/* ---- names ----------------------------------------------------------- */

/* The lasting name of a task: XXH3-128 of this text, lines ending in '\n':
 *
 *   attest key 1
 *   seed=20261121
 *   coupling=paired                     | independent
 *   construction=hardmax
 *   C=4                                 every parameter, sorted by bytes:
 *   N=64                                integers and shortest decimals,
 *   data=gauss                          choices as they are, files as
 *   file=xxh3:<32 hex digits>           the hash of their bytes ("" if none)
 *   find=smallest d                     searches only, d left out above:
 *   such_that=accept == 1               one space between tokens
 *   among=2:8192:1                      from:to:step, or values with commas
 *   share=0.9 of 20                     where one search spans replicates
 *   replicate=3
 *
 * A parameter with `since` above 0 is left out at its default.  The names of
 * study and sweep, the order of axes, the spelling of where and derived axes,
 * observations, limits and versions are no part of it. */
struct att_key att_plan_key(const struct att_plan *plan,
                            const struct att_task *task);
/* The canonical text that is hashed, for `show` and tests. */
void att_plan_key_text(const struct att_plan *plan, const struct att_task *task,
                       struct att_buffer *out);

/* Seeds of the instance and of the builder (workspace.h): XXH3-64 of
 *
 *   attest instance 1 / seed= / problem= / seeding parameters / replicate=
 *   attest builder 1 / instance=<16 hex digits> / construction= / seeding ones
 *
 * The problem's parameters with ATT_SEEDS_INSTANCE seed the instance, all with
 * ATT_SEEDS_BUILDER the builder; under `coupling: independent` all of the
 * problem's parameters seed the instance and all parameters the builder.  The
 * parameter that `find` searches never seeds: probes share their instances.
 * For a share, task->replicate counts through the sweep's replicates. */
void att_plan_seeds(const struct att_plan *plan, const struct att_task *task,
                    uint64_t *instance_seed, uint64_t *builder_seed);

/* A journal row looking for its task. */
struct att_row_name {
    const char *construction;
    const struct att_value *p; /* every parameter of that construction */
    int64_t replicate;
    struct att_key key;
};

/* Find the first sweep and number that plan a row: same point, same replicate,
 * same key.  False when no sweep does. */
bool att_plan_locate(struct att_plan *plan, const struct att_row_name *row,
                     uint32_t *sweep, uint64_t *number);

/* ---- what a task costs and may use ------------------------------------ */

/* The construction's closed form.  A search is reckoned as the probes of a
 * bisection, each at the middle of the range (geometric for integers). */
struct att_cost att_plan_cost(const struct att_plan *plan,
                              const struct att_task *task);
/* Limits after expressions.
 * Fails: ATT_E_ARG when one is negative, not finite or no number. */
ATT_CHECKED att_status att_plan_limits(struct att_plan *plan,
                                       const struct att_task *task,
                                       struct att_limits *limits,
                                       struct att_error *err);
/* The observation values that are asked of a task: by its sweep, and by later
 * sweeps that plan the same point and replicate, of which this task computes
 * the row.  Where one of them names values and another leaves the axis to the
 * construction, both hold (att_observe_axis.own).  Borrowed from the plan or in
 * arena.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_plan_observe(const struct att_plan *plan,
                                        const struct att_task *task,
                                        struct att_arena *arena,
                                        struct att_observe *observe,
                                        struct att_error *err);

/* ---- searches --------------------------------------------------------- */

/* The specification of a task's search; NULL when its sweep has none. */
const struct att_find *att_plan_find(const struct att_plan *plan,
                                     const struct att_task *task);
/* Candidate i < att_plan_find(...)->range.n, in ascending order. */
struct att_value att_plan_probe(const struct att_plan *plan,
                                const struct att_task *task, uint64_t i);
/* Does `such_that` hold at task->p (the searched parameter set to the probe)?
 * metric: the construction's metrics; observation: one line of its
 * observations, whose columns then stand before metrics of the same name, or
 * NULL (then columns that are no metrics are missing).
 * Fails: ATT_E_ARG with Lua's reason. */
ATT_CHECKED att_status att_plan_accepts(struct att_plan *plan,
                                        const struct att_task *task,
                                        const struct att_value *metric,
                                        const double *observation, bool *accept,
                                        struct att_error *err);
/* Is a value missing that `such_that` uses?  Then a failure of
 * att_plan_accepts is no fault of the expression. */
bool att_plan_lacks(const struct att_plan *plan, const struct att_task *task,
                    const struct att_value *metric, const double *observation);
