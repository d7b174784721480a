/* artifact.c - a task once more, as plain tensors. */
#include "task_priv.h"

static att_status remake(struct att_task_env *env, const struct att_task *task,
                         struct att_workspace *ws,
                         struct att_artifact *artifact,
                         struct att_outcome *outcome, struct att_error *err)
{
    const struct att_construction *c = task->construction;
    struct att_case the_case = {
        .p = task->p,
        .slice = {0, 1},
        .observe = att_plan_observe(env->plan, task),
    };
    void *instance = NULL;
    void *built = NULL;

    ATT_TRY(c->admit(task->p, err));
    ATT_TRY(c->problem->generate(ws, task->p, &instance, err));
    the_case.instance = instance;
    ATT_TRY(c->build(ws, &the_case, &built, err));
    the_case.built = built;
    ATT_TRY(c->problem->export_instance(task->p, instance, &artifact->instance,
                                        err));
    if (outcome != NULL)
        ATT_TRY(c->evaluate(ws, &the_case, outcome, err));
    return c->export_artifact(ws, &the_case, artifact, err);
}

att_status att_task_artifact(struct att_task_env *env, uint64_t number,
                             struct att_arena *arena,
                             struct att_artifact *artifact,
                             struct att_outcome *outcome, struct att_error *err)
{
    struct att_task task;
    struct att_workspace ws;

    if (att_plan_task(env->plan, number, &task, err) != ATT_TASK_PLANNED)
        return att_fail(err, ATT_E_ARG, "that number is no task of the plan");
    att_task_workspace(env, &task, &ws);
    ws.arena = arena;
    att_artifact_init(artifact, arena);
    if (outcome != NULL)
        ATT_TRY(att_outcome_init(outcome, task.construction, arena, err));
    ATT_TRY(remake(env, &task, &ws, artifact, outcome, err));
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the artifact", err);
    return ATT_OK;
}
