/* task.c - a unit comes in, a row goes out. */
#include "attest/task/task.h"

#include "attest/base/clock.h"
#include "attest/base/resident.h"
#include "task_priv.h"

/* What a trial left becomes the row's; one that is not done leaves nothing. */
static att_status take_trial(struct att_task_env *env,
                             const struct att_task *task,
                             const struct trial_end *end, struct att_row *row,
                             struct att_error *err)
{
    row->status = end->status;
    row->message = att_arena_strdup(env->results, end->why.text);
    if (row->message == NULL)
        return att_arena_fail(env->results, "the message of a row", err);
    if (end->status != ATT_DONE)
        return ATT_OK;
    row->metric = end->out.metric;
    row->observation = end->out.observation;
    row->n_observed = (uint32_t)end->out.n_observed;
    return row->n_slices == 1 ? att_task_settle(env, task, row, err) : ATT_OK;
}

static att_status run_once(struct att_task_env *env,
                           const struct att_task_run *run,
                           const struct att_task *task, struct att_row *row,
                           struct att_error *err)
{
    struct trial trial = {
        .task = task,
        .run = run,
        .slice = {run->unit.slice, run->unit.n_slices},
    };
    struct trial_end end;

    ATT_TRY(
        att_plan_observe(env->plan, task, env->results, &trial.observe, err));
    att_trial_run(env, &trial, &end);
    return take_trial(env, task, &end, row, err);
}

static att_status run_task(struct att_task_env *env,
                           const struct att_task_run *run,
                           struct att_task *task, struct att_row *row,
                           struct att_error *err)
{
    const double wall = att_clock_s(), cpu = att_clock_cpu_s();

    row->slice = run->unit.slice;
    row->n_slices = run->unit.n_slices;
    row->attempt = run->attempt;
    row->limit_time_s = run->limits.task_time_s;
    row->limit_memory_bytes = run->limits.task_memory_bytes;
    row->start_time = att_clock_wall_s();
    (void)att_resident_forget(); /* where it cannot, the peak is the lane's */
    const att_status status = env->sweep[task->sweep].find == NULL
                                  ? run_once(env, run, task, row, err)
                                  : att_task_find(env, run, task, row, err);

    row->wall_s = att_clock_s() - wall;
    row->cpu_s = att_clock_cpu_s() - cpu;
    row->arena_bytes = att_arena_peak(env->work);
    row->peak_rss_bytes = att_resident_peak();
    return status;
}

/* Slices that a unit names must be slices that its task may have. */
static att_status check_slices(const struct att_task_env *env,
                               const struct att_task_run *run,
                               const struct att_task *task,
                               struct att_error *err)
{
    const struct att_unit *const u = &run->unit;
    const bool whole = u->n_slices == 1 && u->slice == 0;

    if (whole ||
        (u->slice < u->n_slices && env->sweep[task->sweep].find == NULL &&
         u->n_slices == task->construction->slices(task->p)))
        return ATT_OK;
    return att_fail(err, ATT_E_ARG, "task %llu has no slice %u of %u",
                    (unsigned long long)u->task, u->slice, u->n_slices);
}

att_status att_task_run(struct att_task_env *env,
                        const struct att_task_run *run, struct att_buffer *out,
                        struct att_error *err)
{
    struct att_task task;
    struct att_row row;

    ATT_TRY(att_task_decode(env, run->unit.task, &task, err));
    ATT_TRY(check_slices(env, run, &task, err));
    att_arena_reset(env->results, 0);
    att_arena_reset(env->work, run->limits.task_memory_bytes);
    ATT_TRY(att_task_blank_row(env, &task, &row, err));
    ATT_TRY(run_task(env, run, &task, &row, err));
    return att_task_emit(&row, out, err);
}

att_status att_task_lost(struct att_task_env *env,
                         const struct att_task_loss *loss,
                         struct att_buffer *out, struct att_error *err)
{
    struct att_task task;
    struct att_row row;

    ATT_TRY(att_task_decode(env, loss->unit.task, &task, err));
    att_arena_reset(env->results, 0);
    ATT_TRY(att_task_blank_row(env, &task, &row, err));
    row.status = loss->status;
    row.attempt = loss->attempt;
    row.rank = loss->rank;
    row.lane = loss->lane;
    row.start_time = att_clock_wall_s() - loss->wall_s;
    row.wall_s = loss->wall_s;
    row.peak_rss_bytes = loss->peak_rss_bytes;
    row.limit_time_s = loss->limits.task_time_s;
    row.limit_memory_bytes = loss->limits.task_memory_bytes;
    row.host = loss->host;
    row.message = loss->message;
    return att_task_emit(&row, out, err);
}
