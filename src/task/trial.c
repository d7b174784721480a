/* trial.c - one point: admit, generate, build, evaluate. */
#include "attest/base/size.h"

#include "task_priv.h"

/* Bytes that a closed form predicts; forms may well exceed 64 bits. */
static uint64_t bytes_of(double bytes)
{
    return bytes < 0x1p63 ? (uint64_t)bytes : UINT64_MAX;
}

static att_status screen(const struct trial *trial, struct att_error *why)
{
    const struct att_construction *const c = trial->task->construction;
    const uint64_t limit = trial->run->limits.task_memory_bytes;
    char needs[ATT_HUMAN_TEXT], allowed[ATT_HUMAN_TEXT];

    ATT_TRY(c->admit(trial->task->p, why));
    const double bytes = c->cost(trial->task->p).bytes;

    if (limit == 0 || bytes <= (double)limit)
        return ATT_OK;
    return att_fail(why, ATT_E_NOMEM, "needs %s > %s",
                    att_bytes_text(bytes_of(bytes), needs),
                    att_bytes_text(limit, allowed));
}

static void add_hooks(const struct att_task_run *run, struct att_workspace *ws)
{
    ws->context = run->context;
    if (run->progress != NULL)
        ws->progress = run->progress;
    if (run->checkpoint != NULL)
        ws->checkpoint = run->checkpoint;
    ws->saved = run->saved;
    ws->saved_bytes = run->saved_bytes;
}

static att_status compute(struct att_task_env *env, const struct trial *trial,
                          struct trial_end *end)
{
    const struct att_construction *const c = trial->task->construction;
    struct att_case the_case = {
        .p = trial->task->p, .slice = trial->slice, .observe = trial->observe};
    struct att_error *const why = &end->why;
    struct att_workspace ws;
    void *instance = NULL, *built = NULL;

    att_task_workspace(env, trial->task, env->work, &ws);
    add_hooks(trial->run, &ws);
    ATT_TRY(att_outcome_init(&end->out, c, env->work, why));
    ws.progress(ws.context, "instance", 0);
    ATT_TRY(c->problem->generate(&ws, the_case.p, &instance, why));
    the_case.instance = instance;
    ws.progress(ws.context, "build", 0);
    ATT_TRY(c->build(&ws, &the_case, &built, why));
    the_case.built = built;
    ws.progress(ws.context, "evaluate", 0);
    ATT_TRY(c->evaluate(&ws, &the_case, &end->out, why));
    if (att_arena_refused(env->work) != 0)
        return att_arena_fail(env->work, "the results of the task", why);
    return ATT_OK;
}

static enum att_outcome_status outcome_of(att_status status)
{
    if (status == ATT_OK)
        return ATT_DONE;
    if (status == ATT_E_INFEASIBLE)
        return ATT_INFEASIBLE;
    return status == ATT_E_NOMEM ? ATT_OOM : ATT_FAILED;
}

void att_trial_run(struct att_task_env *env, const struct trial *trial,
                   struct trial_end *end)
{
    *end = (struct trial_end){.status = ATT_SKIPPED};
    att_status status = screen(trial, &end->why);

    if (status == ATT_E_NOMEM)
        return;
    if (status == ATT_OK)
        status = compute(env, trial, end);
    end->status = outcome_of(status);
    if (status == ATT_OK) {
        end->why = (struct att_error){0};
    } else {
        (void)att_fail(&end->why, status, "%s", att_status_text(status));
    }
}
