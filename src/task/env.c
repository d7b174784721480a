/* env.c - what all tasks of a process share, and the blank row. */
#include <stdio.h>
#include <stdlib.h>

#include "attest/construction/registry.h"
#include "attest/judge/verdict.h"
#include "task_priv.h"

static bool has_arenas(const struct att_task_env *env)
{
    return env->columns != NULL && env->work != NULL && env->results != NULL;
}

att_status att_task_env_create(const struct att_task_setup *setup,
                               struct att_task_env **out, struct att_error *err)
{
    struct att_task_env *env = calloc(1, sizeof *env);
    att_status status = ATT_OK;

    if (env == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for tasks");
    env->plan = setup->plan;
    env->files = setup->files;
    env->n_files = setup->n_files;
    (void)snprintf(env->host, sizeof env->host, "%s", setup->host);
    (void)snprintf(env->kernel, sizeof env->kernel, "%s", setup->kernel);
    env->columns = att_arena_create(0);
    env->work = att_arena_create(0);
    env->results = att_arena_create(0);
    if (!has_arenas(env)) {
        status = att_fail(err, ATT_E_NOMEM, "out of memory for tasks");
    } else {
        status = att_task_describe(env, err);
    }
    if (status != ATT_OK) {
        att_task_env_destroy(env);
        return status;
    }
    *out = env;
    return ATT_OK;
}

void att_task_env_destroy(struct att_task_env *env)
{
    if (env == NULL)
        return;
    att_arena_destroy(env->columns);
    att_arena_destroy(env->work);
    att_arena_destroy(env->results);
    free(env);
}

void att_task_workspace(const struct att_task_env *env,
                        const struct att_task *task, struct att_workspace *ws)
{
    uint64_t instance_seed = 0;
    uint64_t builder_seed = 0;

    att_plan_seeds(env->plan, task, &instance_seed, &builder_seed);
    att_workspace_init(ws, env->work, instance_seed, builder_seed);
    ws->files = env->files;
    ws->n_files = env->n_files;
}

static struct att_value *blank_metrics(struct att_arena *arena, uint32_t n)
{
    struct att_value *metric = ATT_NEW(arena, struct att_value, n);

    for (uint32_t i = 0; metric != NULL && i < n; i++)
        metric[i] = att_none();
    return metric;
}

static int8_t *blank_verdicts(struct att_arena *arena, uint32_t n)
{
    int8_t *verdict = ATT_NEW(arena, int8_t, n);

    for (uint32_t i = 0; verdict != NULL && i < n; i++)
        verdict[i] = ATT_NOT_APPLICABLE;
    return verdict;
}

att_status att_task_blank_row(struct att_task_env *env,
                              const struct att_task *task, struct att_row *row,
                              struct att_error *err)
{
    const struct att_construction *c = task->construction;

    *row = (struct att_row){
        .key = att_plan_key(env->plan, task),
        .columns = att_columns_id(att_task_columns(env, task->sweep)),
        .task = task->number,
        .n_slices = 1,
        .replicate = task->replicate,
        .host = env->host,
        .kernel = env->kernel,
        .code_id = att_construction_code_id(c),
        .message = "",
        .param = task->p,
        .metric = blank_metrics(env->results, c->n_metrics),
        .verdict = blank_verdicts(env->results, c->n_claims),
        .n_params = att_construction_n_params(c),
        .n_metrics = c->n_metrics,
        .n_claims = c->n_claims,
        .n_observations = c->n_observations,
    };
    if (row->metric == NULL || row->verdict == NULL)
        return att_arena_fail(env->results, "a row", err);
    return ATT_OK;
}

struct att_row_view att_task_view(const struct att_task *task,
                                  const struct att_row *row)
{
    return (struct att_row_view){
        .construction = task->construction,
        .param = row->param,
        .metric = row->metric,
        .observations = {row->observation, row->n_observed,
                         row->n_observations},
        .replicate = row->replicate,
        .status = row->status,
    };
}

att_status att_task_judge(struct att_task_env *env, const struct att_task *task,
                          struct att_row *row, struct att_error *err)
{
    const struct att_row_view view = att_task_view(task, row);
    int8_t *verdict = blank_verdicts(env->results, row->n_claims);

    if (verdict == NULL)
        return att_arena_fail(env->results, "the verdicts of a row", err);
    att_judge_row(&view, env->results, verdict);
    row->verdict = verdict;
    return ATT_OK;
}

enum att_outcome_status att_task_outcome(att_status status)
{
    if (status == ATT_OK)
        return ATT_DONE;
    if (status == ATT_E_INFEASIBLE)
        return ATT_INFEASIBLE;
    return status == ATT_E_NOMEM ? ATT_OOM : ATT_FAILED;
}
