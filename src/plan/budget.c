/* budget.c - what a task costs and may use; what a search asks. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "plan_priv.h"

/* ---- searches ------------------------------------------------------------------ */

/* Integers from 1 on are searched over their orders of magnitude. */
struct att_value att_budget_middle(const struct att_find *find)
{
    const struct att_axis *range = &find->range;
    uint64_t middle = range->n / 2;

    if (range->value == NULL && range->from >= 1) {
        const double low = (double)range->from;
        const double high = low + (double)(range->n - 1) * (double)range->step;
        const double steps =
            floor((sqrt(low) * sqrt(high) - low) / (double)range->step);

        middle = steps < (double)range->n ? (uint64_t)fmax(steps, 0) : middle;
    }
    return att_axis_value(range, middle, 0);
}

const struct att_find *att_plan_find(const struct att_plan *plan,
                                     const struct att_task *task)
{
    const struct att_find *find = &plan->grid[task->sweep].sweep->find;

    return find->present ? find : NULL;
}

struct att_value att_plan_probe(const struct att_plan *plan,
                                const struct att_task *task, uint64_t i)
{
    const struct att_find *find = att_plan_find(plan, task);

    assert(find != NULL && i < find->range.n);
    return att_axis_value(&find->range, i, 0);
}

enum { CRITERION_NAMES = ATT_PLAN_PARAMS + ATT_PLAN_COLUMNS };

/* The values of all names that a criterion may use. */
static void criterion_values(const struct grid *g, const struct att_task *task,
                             const struct att_value *metric,
                             const double *observation,
                             struct att_value v[CRITERION_NAMES])
{
    const struct att_construction *c = g->construction;
    uint32_t n = g->n_params;

    assert(g->such_that != NULL &&
           c->n_metrics + c->n_observations <= ATT_PLAN_COLUMNS);
    memcpy(v, task->p, n * sizeof *v);
    for (uint32_t i = 0; i < c->n_metrics; i++) {
        const int column =
            observation == NULL
                ? -1
                : att_construction_find_observation(c, c->metrics[i].name);

        v[n++] = column < 0 ? metric[i] : att_real(observation[column]);
    }
    for (uint32_t i = 0; i < c->n_observations; i++)
        v[n++] = observation == NULL ? att_none() : att_real(observation[i]);
}

att_status att_plan_accepts(struct att_plan *plan, const struct att_task *task,
                            const struct att_value *metric,
                            const double *observation, bool *accept,
                            struct att_error *err)
{
    const struct grid *g = &plan->grid[task->sweep];
    struct att_value v[CRITERION_NAMES];

    criterion_values(g, task, metric, observation, v);
    return att_expr_test(g->such_that, v, accept, err);
}

bool att_plan_lacks(const struct att_plan *plan, const struct att_task *task,
                    const struct att_value *metric, const double *observation)
{
    const struct grid *g = &plan->grid[task->sweep];
    struct att_value v[CRITERION_NAMES];
    uint32_t n = 0, i = 0;
    const uint32_t *used = att_expr_used(g->such_that, &n);

    criterion_values(g, task, metric, observation, v);
    while (i < n && v[used[i]].kind != ATT_NONE)
        i++;
    return i < n;
}

/* ---- costs ----------------------------------------------------------------------- */

/* Bisection of n candidates, and the two neighbours of what it finds. */
static double count_probes(uint64_t n)
{
    return fmin((double)n, 2 + ceil(log2((double)n)));
}

struct att_cost att_plan_cost(const struct att_plan *plan,
                              const struct att_task *task)
{
    const struct grid *g = &plan->grid[task->sweep];
    const struct att_find *find = &g->sweep->find;
    struct att_cost cost = g->construction->cost(task->p);

    if (find->present)
        cost.flops *= count_probes(find->range.n);
    if (find->share > 0)
        cost.flops *= (double)g->sweep->replicates;
    return cost;
}

/* ---- limits ------------------------------------------------------------------------ */

static att_status evaluate(const struct att_plan *plan, const struct grid *g,
                           uint32_t which, const struct att_task *task,
                           double *out, struct att_error *err)
{
    static const char *const names[PLAN_LIMITS] = {"task_time", "task_memory",
                                                   "retries"};
    const struct att_sweep_limits *limits = &g->sweep->limits;
    const struct att_limit *limit[PLAN_LIMITS] = {
        &limits->task_time_s, &limits->task_memory_bytes, &limits->retries};
    struct att_error why = {0};
    struct att_error named = {0};

    *out = limit[which]->value;
    if (g->limit[which] == NULL)
        return ATT_OK;
    if (att_expr_number(g->limit[which], task->p, out, &why) == ATT_OK) {
        char text[ATT_NUMBER_TEXT];

        if (*out >= 0 && *out < 0x1p63)
            return ATT_OK;
        (void)att_fail(&why, ATT_E_ARG, "%s is no limit",
                       att_real_text(*out, text));
    }
    (void)att_fail(&named, ATT_E_ARG, "%s: %s", names[which], why.text);
    return att_grid_fail(plan, g, limit[which]->line, task->p, &named, err);
}

att_status att_plan_limits(struct att_plan *plan, const struct att_task *task,
                           struct att_limits *limits, struct att_error *err)
{
    const struct grid *g = &plan->grid[task->sweep];
    double value[PLAN_LIMITS];

    for (uint32_t i = 0; i < PLAN_LIMITS; i++)
        ATT_TRY(evaluate(plan, g, i, task, &value[i], err));
    limits->task_time_s = value[0];
    limits->task_memory_bytes = (uint64_t)value[1];
    limits->retries = (uint32_t)fmin(value[2], 1000);
    return ATT_OK;
}
