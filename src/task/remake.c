/* remake.c - a task once more, as plain tensors. */
#include "task_priv.h"

/* The outcome first: what evaluates and what is exported is the same thing. */
static att_status remake_case(struct att_workspace *ws,
                              const struct att_task *task,
                              const struct att_observe *observe,
                              struct att_artifact *artifact,
                              struct att_outcome *outcome,
                              struct att_error *err)
{
    const struct att_construction *const c = task->construction;
    struct att_case the_case = {
        .p = task->p, .slice = {0, 1}, .observe = *observe};
    void *instance = NULL, *built = NULL;

    ATT_TRY(c->admit(task->p, err));
    ATT_TRY(c->problem->generate(ws, task->p, &instance, err));
    the_case.instance = instance;
    ATT_TRY(c->build(ws, &the_case, &built, err));
    the_case.built = built;
    if (outcome != NULL)
        ATT_TRY(c->evaluate(ws, &the_case, outcome, err));
    ATT_TRY(c->problem->export_instance(task->p, instance, &artifact->instance,
                                        err));
    return c->export_artifact(ws, &the_case, artifact, err);
}

att_status att_task_artifact(struct att_task_env *env,
                             const struct att_task_remake *what,
                             struct att_artifact *artifact,
                             struct att_outcome *outcome, struct att_error *err)
{
    struct att_arena *const arena = what->arena;
    const double number = att_value_number(what->searched);
    struct att_workspace ws;
    struct att_observe observe;
    struct att_task task;

    ATT_TRY(att_task_decode(env, what->number, &task, err));
    att_arena_reset(env->results, 0);
    if (env->sweep[task.sweep].find != NULL)
        task.p[env->sweep[task.sweep].find->param] = what->searched;
    ATT_TRY(att_find_observe(env, &task, &number, 1, &observe, err));
    att_task_workspace(env, &task, arena, &ws);
    att_artifact_init(artifact, arena);
    if (outcome != NULL)
        ATT_TRY(att_outcome_init(outcome, task.construction, arena, err));
    ATT_TRY(remake_case(&ws, &task, &observe, artifact, outcome, err));
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the artifact", err);
    return ATT_OK;
}
