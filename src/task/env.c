/* env.c - what all tasks of a process share, and the row before it is filled.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "attest/construction/registry.h"
#include "attest/judge/verdict.h"
#include "task_priv.h"

static att_status fill_env(struct att_task_env *env,
                           const struct att_task_setup *setup,
                           struct att_error *err)
{
    env->plan = setup->plan;
    env->files = setup->files;
    env->n_files = setup->n_files;
    (void)snprintf(env->host, sizeof env->host, "%s", setup->host);
    (void)snprintf(env->kernel, sizeof env->kernel, "%s", setup->kernel);
    env->lasting = att_arena_create(0);
    env->work = att_arena_create(0);
    env->results = att_arena_create(0);
    if (env->lasting == NULL || env->work == NULL || env->results == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to run tasks");
    return att_task_describe(env, err);
}

att_status att_task_env_create(const struct att_task_setup *setup,
                               struct att_task_env **env, struct att_error *err)
{
    struct att_task_env *const e = calloc(1, sizeof *e);

    if (e == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to run tasks");
    const att_status status = fill_env(e, setup, err);

    if (status != ATT_OK) {
        att_task_env_destroy(e);
        return status;
    }
    *env = e;
    return ATT_OK;
}

void att_task_env_destroy(struct att_task_env *env)
{
    if (env == NULL)
        return;
    att_arena_destroy(env->lasting);
    att_arena_destroy(env->work);
    att_arena_destroy(env->results);
    free(env);
}

att_status att_task_decode(struct att_task_env *env, uint64_t number,
                           struct att_task *task, struct att_error *err)
{
    const char *why = "is beyond the plan";

    if (number < att_plan_size(env->plan)) {
        switch (att_plan_task(env->plan, number, task, err)) {
        case ATT_TASK_PLANNED:
            return ATT_OK;
        case ATT_TASK_DROPPED:
            why = "is dropped by the condition of its sweep";
            break;
        case ATT_TASK_COINCIDES:
            why = "is computed by an earlier sweep";
            break;
        case ATT_TASK_INVALID:
            return ATT_E_ARG; /* err says why */
        }
    }
    return att_fail(err, ATT_E_ARG, "task %" PRIu64 " %s", number, why);
}

void att_task_workspace(const struct att_task_env *env,
                        const struct att_task *task, struct att_arena *arena,
                        struct att_workspace *ws)
{
    uint64_t instance_seed = 0, builder_seed = 0;

    att_plan_seeds(env->plan, task, &instance_seed, &builder_seed);
    att_workspace_init(ws, arena, instance_seed, builder_seed);
    ws->files = env->files;
    ws->n_files = env->n_files;
}

static const struct att_value *blank_metrics(struct att_arena *arena,
                                             uint32_t n)
{
    struct att_value *const metric = ATT_NEW(arena, struct att_value, n);

    for (uint32_t i = 0; metric != NULL && i < n; i++)
        metric[i] = att_none();
    return metric;
}

static int8_t *blank_verdicts(struct att_arena *arena, uint32_t n)
{
    int8_t *const verdict = ATT_NEW(arena, int8_t, n);

    for (uint32_t i = 0; verdict != NULL && i < n; i++)
        verdict[i] = ATT_NOT_APPLICABLE;
    return verdict;
}

att_status att_task_blank_row(struct att_task_env *env,
                              const struct att_task *task, struct att_row *row,
                              struct att_error *err)
{
    const struct sweep_facts *const facts = &env->sweep[task->sweep];
    const struct att_columns *const c = &facts->columns;

    *row = (struct att_row){
        .key = att_plan_key(env->plan, task),
        .columns = facts->columns_id,
        .task = task->number,
        .n_slices = 1,
        .replicate = task->replicate,
        .host = env->host,
        .kernel = env->kernel,
        .code_id = att_construction_code_id(task->construction),
        .message = "",
        .param = task->p,
        .metric = blank_metrics(env->results, c->n_metrics),
        .verdict = blank_verdicts(env->results, c->n_claims),
        .n_params = c->n_params,
        .n_metrics = c->n_metrics,
        .n_claims = c->n_claims,
        .n_observations = c->n_observations,
    };
    if (row->metric == NULL || row->verdict == NULL)
        return att_arena_fail(env->results, "a row", err);
    return ATT_OK;
}

/* The row as claims see it: a search's own columns stand behind the metrics
 * that the construction declares, and its probes are no observations of it. */
static struct att_row_view view_of(const struct att_task_env *env,
                                   const struct att_task *task,
                                   const struct att_row *row)
{
    const bool searched = env->sweep[task->sweep].find != NULL;
    struct att_row_view view = {
        .construction = task->construction,
        .param = row->param,
        .metric = row->metric,
        .observations = {.n_columns = task->construction->n_observations},
        .replicate = row->replicate,
        .status = row->status,
    };

    if (!searched) {
        view.observations.cell = row->observation;
        view.observations.n_rows = row->n_observed;
    }
    return view;
}

att_status att_task_judge(struct att_task_env *env, const struct att_task *task,
                          struct att_row *row, struct att_error *err)
{
    const struct att_row_view view = view_of(env, task, row);
    int8_t *const verdict = blank_verdicts(env->results, row->n_claims);

    if (verdict == NULL)
        return att_arena_fail(env->results, "the verdicts of a row", err);
    att_judge_row(&view, env->results, verdict);
    row->verdict = verdict;
    return ATT_OK;
}

att_status att_task_emit(const struct att_row *row, struct att_buffer *out,
                         struct att_error *err)
{
    att_row_encode(row, out);
    if (!att_buffer_ok(out))
        return att_fail(err, ATT_E_NOMEM, "no memory to encode a row");
    return ATT_OK;
}
