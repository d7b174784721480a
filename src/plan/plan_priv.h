/* plan_priv.h - a sweep as the plan sees it.
 *
 * plan.c numbers and owns; grid.c turns point numbers into values and back;
 * condition.c tabulates `where` and guards derived values; overlap.c knows what
 * earlier sweeps compute; observe.c what all of them ask for; name.c makes keys
 * and seeds; budget.c has costs, limits and searches; summary.c adds up. */
#pragma once

#include "attest/base/arena.h"
#include "attest/config/expr.h"
#include "attest/plan/plan.h"

enum {
    PLAN_LIMITS = 3,       /* time, memory, retries */
    ATT_PLAN_COLUMNS = 256 /* metrics and observations of a construction */
};

/* One bit per point of the sub-grid that a condition depends on. */
struct condition {
    uint32_t *axis; /* n_axes, in the order of the sweep */
    uint32_t n_axes;
    uint64_t n; /* points of the sub-grid */
    uint8_t *keep;
    uint64_t n_kept;
};

struct grid {
    const struct att_sweep *sweep;
    const struct att_construction *construction;
    uint32_t n_params;
    uint32_t replicates;    /* replicate numbers: 1 for a share */
    uint64_t n_points;      /* product of the axes */
    uint64_t first;         /* task number of point 0, replicate 0 */
    struct att_value *base; /* fixed values, the searched one in the middle */
    struct att_expr **derived;  /* of sweep->derived[i] */
    struct att_expr *where;     /* NULL: keep all */
    struct att_expr *such_that; /* NULL: no search */
    struct att_expr *limit[PLAN_LIMITS];
    struct condition condition; /* of `where` */
    uint32_t *sorted;           /* n_params: by name, for keys */
    const char *search_key;     /* canonical lines of `find`, "" without */
    uint32_t *earlier;          /* n_earlier sweeps that may hold its points */
    uint32_t n_earlier;
    uint32_t *later; /* n_later sweeps whose points it may hold */
    uint32_t n_later;
};

/* Positions on the axes; derived ones stay 0. */
struct position {
    uint64_t at[ATT_PLAN_PARAMS];
};

struct att_plan {
    const struct att_study *study;
    const struct att_inputs *inputs; /* may be NULL */
    struct att_arena *arena;
    struct att_engine *engine;
    struct grid *grid; /* study->n_sweeps */
    uint64_t n_tasks;
    struct att_key digest;
};

/* ---- grid.c ----------------------------------------------------------------- */

/* Read point < n_points as a mixed-radix number, last axis fastest. */
void att_grid_position(const struct grid *g, uint64_t point,
                       struct position *out);
uint64_t att_grid_point(const struct grid *g, const struct position *at);
/* Base values and explicit axes. */
void att_grid_fill(const struct grid *g, const struct position *at,
                   struct att_value *p);
/* The first derived axis whose value its parameter does not take, and why;
 * n_axes when there is none. */
struct refusal {
    uint32_t axis;
    struct att_error why;
};

/* Derived values, as conditions see them: of the parameter's type where they
 * can be.  only: by axis, NULL for all.  Fails: ATT_E_ARG, Lua's reason. */
ATT_CHECKED att_status att_grid_derive(const struct grid *g, const bool *only,
                                       struct att_value *p,
                                       struct refusal *refusal,
                                       struct att_error *err);
/* The same value for keys: equal, or files with the same bytes. */
bool att_grid_same(const struct att_plan *plan, const struct grid *g,
                   uint32_t param, struct att_value a, struct att_value b);
/* The point with the values p, dropped or not; false when off the grid. */
bool att_grid_find(const struct att_plan *plan, const struct grid *g,
                   const struct att_value *p, struct position *at);
/* "s.yaml:9: <what> (at N = 2, L = 8)" */
att_status att_grid_fail(const struct att_plan *plan, const struct grid *g,
                         uint32_t line, const struct att_value *p,
                         const struct att_error *why, struct att_error *err);
/* Values of a point: planned, dropped or invalid. */
enum att_task_state att_grid_decode(const struct att_plan *plan,
                                    const struct grid *g,
                                    const struct position *at,
                                    struct att_value *p, struct att_error *err);

/* ---- condition.c ------------------------------------------------------------- */

ATT_CHECKED att_status att_condition_make(struct att_plan *plan, struct grid *g,
                                          struct att_error *err);
bool att_condition_keeps(const struct grid *g, const struct position *at);
/* Refuse a planned derived value that its parameter does not take. */
ATT_CHECKED att_status att_condition_guard(struct att_plan *plan,
                                           const struct grid *g,
                                           struct att_error *err);

/* ---- name.c -------------------------------------------------------------------- */

ATT_CHECKED att_status att_name_prepare(struct att_plan *plan, struct grid *g,
                                        struct att_error *err);

/* ---- budget.c ------------------------------------------------------------------- */

/* The middle candidate of a search. */
struct att_value att_budget_middle(const struct att_find *find);

/* ---- overlap.c ----------------------------------------------------------------- */

/* Fill in the earlier sweeps that may hold points of a sweep, and the sweep
 * into theirs as a later one. */
void att_overlap_find(struct att_plan *plan, uint32_t sweep);
/* Does a sweep plan this point? */
bool att_overlap_holds(const struct att_plan *plan, const struct grid *g,
                       const struct att_value *p);
/* How many replicates of a point do the first n of them compute? */
uint32_t att_overlap_covered(const struct att_plan *plan, uint32_t sweep,
                             uint32_t n, const struct att_value *p);
