/* settle.c - a done row gets what it was asked for, and its verdicts. */
#include <math.h>
#include <string.h>

#include "task_priv.h"

/* The row's lines with room for more behind them. */
struct lines {
    double *cell;
    size_t n;
    uint32_t width;
};

static bool has_value(const struct lines *l, uint32_t column, double value)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->cell[i * l->width + column] == value)
            return true;
    }
    return false;
}

static void add_line(struct lines *l, uint32_t column, double value)
{
    double *const cell = l->cell + l->n++ * l->width;

    for (uint32_t i = 0; i < l->width; i++)
        cell[i] = i == column ? value : (double)NAN;
}

static void answer_axis(const struct att_construction *c,
                        const struct att_observe_axis *axis, struct lines *l)
{
    const int column = att_construction_find_observation(c, axis->name);

    for (size_t i = 0; column >= 0 && i < axis->n; i++) {
        if (!has_value(l, (uint32_t)column, axis->value[i]))
            add_line(l, (uint32_t)column, axis->value[i]);
    }
}

static att_status answer(struct att_task_env *env, const struct att_task *task,
                         struct att_row *row, struct att_error *err)
{
    struct att_observe asked;
    struct lines l = {.n = row->n_observed, .width = row->n_observations};
    size_t most = l.n;

    ATT_TRY(att_plan_observe(env->plan, task, env->results, &asked, err));
    for (size_t a = 0; a < asked.n; a++)
        most += asked.axis[a].n;
    if (most == l.n)
        return ATT_OK;
    l.cell = ATT_NEW(env->results, double, most *l.width);
    if (l.cell == NULL)
        return att_arena_fail(env->results, "the observations of a row", err);
    if (l.n > 0)
        memcpy(l.cell, row->observation, l.n * l.width * sizeof *l.cell);
    for (size_t a = 0; a < asked.n; a++)
        answer_axis(task->construction, &asked.axis[a], &l);
    row->observation = l.cell;
    row->n_observed = (uint32_t)l.n;
    return ATT_OK;
}

att_status att_task_settle(struct att_task_env *env,
                           const struct att_task *task, struct att_row *row,
                           struct att_error *err)
{
    ATT_TRY(answer(env, task, row, err));
    return att_task_judge(env, task, row, err);
}
