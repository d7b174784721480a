/* run.c - one unit: admit, generate, build, evaluate, judge, encode. */
#include <sys/resource.h>

#include "attest/base/clock.h"
#include "attest/base/size.h"
#include "task_priv.h"

/* A unit while it runs. */
struct unit {
    struct att_task_env *env;
    const struct att_task_run *run;
    struct att_task task;
    struct att_outcome outcome;
};

/* Is the point one that the theorem covers and the limits allow?  *status is
 * ATT_DONE if so. */
static void screen(const struct unit *u, enum att_outcome_status *status,
                   struct att_error *why)
{
    const struct att_construction *c = u->task.construction;
    const struct att_cost cost = att_plan_cost(u->env->plan, &u->task);
    const double limit = (double)u->run->limits.task_memory_bytes;
    char needs[ATT_HUMAN_TEXT];
    char allowed[ATT_HUMAN_TEXT];

    *status = ATT_DONE;
    if (c->admit(u->task.p, why) != ATT_OK) {
        *status = att_task_outcome(why->status);
    } else if (limit > 0 && cost.bytes > limit) {
        *status = ATT_SKIPPED;
        (void)att_fail(
            why, ATT_E_NOMEM, "needs %s > %s",
            att_bytes_text(cost.bytes < 0x1p63 ? (uint64_t)cost.bytes
                                               : UINT64_MAX / 2,
                           needs),
            att_bytes_text(u->run->limits.task_memory_bytes, allowed));
    }
}

static void add_hooks(const struct att_task_run *run, struct att_workspace *ws)
{
    ws->saved = run->saved;
    ws->saved_bytes = run->saved_bytes;
    if (run->progress == NULL || run->checkpoint == NULL)
        return;
    ws->context = run->context;
    ws->progress = run->progress;
    ws->checkpoint = run->checkpoint;
}

/* Everything that uses the task's memory. */
static att_status compute(struct unit *u, struct att_error *why)
{
    const struct att_construction *c = u->task.construction;
    struct att_workspace ws;
    struct att_case the_case = {
        .p = u->task.p,
        .slice = {u->run->unit.slice, u->run->unit.n_slices},
        .observe = att_plan_observe(u->env->plan, &u->task),
    };
    void *instance = NULL;
    void *built = NULL;

    att_task_workspace(u->env, &u->task, &ws);
    add_hooks(u->run, &ws);
    ws.progress(ws.context, "instance", 0);
    ATT_TRY(c->problem->generate(&ws, u->task.p, &instance, why));
    the_case.instance = instance;
    ws.progress(ws.context, "build", 0);
    ATT_TRY(c->build(&ws, &the_case, &built, why));
    the_case.built = built;
    ws.progress(ws.context, "evaluate", 0);
    return c->evaluate(&ws, &the_case, &u->outcome, why);
}

static uint64_t peak_rss(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (uint64_t)usage.ru_maxrss * 1024;
}

/* What the task left becomes the row's; a failed task leaves no metrics. */
static att_status fill_row(struct unit *u, struct att_row *row,
                           struct att_error *err)
{
    row->slice = u->run->unit.slice;
    row->n_slices = u->run->unit.n_slices;
    row->attempt = u->run->attempt;
    row->limit_time_s = u->run->limits.task_time_s;
    row->limit_memory_bytes = u->run->limits.task_memory_bytes;
    row->arena_bytes = att_arena_peak(u->env->work);
    row->peak_rss_bytes = peak_rss();
    if (row->status != ATT_DONE)
        return ATT_OK;
    row->metric = u->outcome.metric;
    row->observation = u->outcome.observation;
    row->n_observed = (uint32_t)u->outcome.n_observed;
    return row->n_slices == 1 ? att_task_judge(u->env, &u->task, row, err)
                              : ATT_OK;
}

static att_status run_unit(struct unit *u, struct att_row *row,
                           struct att_error *err)
{
    struct att_error why = {0};

    ATT_TRY(att_task_blank_row(u->env, &u->task, row, err));
    ATT_TRY(att_outcome_init(&u->outcome, u->task.construction, u->env->results,
                             err));
    row->start_time = att_clock_wall_s();
    const double wall = att_clock_s();
    const double cpu = att_clock_cpu_s();
    screen(u, &row->status, &why);
    if (row->status == ATT_DONE)
        row->status = att_task_outcome(compute(u, &why));
    row->wall_s = att_clock_s() - wall;
    row->cpu_s = att_clock_cpu_s() - cpu;
    row->message = row->status == ATT_DONE
                       ? ""
                       : att_arena_strdup(u->env->results, why.text);
    if (row->message == NULL)
        row->message = att_status_text(why.status);
    return fill_row(u, row, err);
}

att_status att_task_run(struct att_task_env *env,
                        const struct att_task_run *run, struct att_buffer *out,
                        struct att_error *err)
{
    struct unit u = {.env = env, .run = run};
    struct att_row row;

    if (att_plan_task(env->plan, run->unit.task, &u.task, err) ==
        ATT_TASK_INVALID)
        return ATT_E_ARG;
    att_arena_reset(env->results, 0);
    att_arena_reset(env->work, run->limits.task_memory_bytes);
    ATT_TRY(run_unit(&u, &row, err));
    att_row_encode(&row, out);
    return att_buffer_ok(out)
               ? ATT_OK
               : att_fail(err, ATT_E_NOMEM, "out of memory encoding a row");
}

att_status att_task_lost(struct att_task_env *env,
                         const struct att_task_loss *loss,
                         struct att_buffer *out, struct att_error *err)
{
    struct att_task task;
    struct att_row row;

    if (att_plan_task(env->plan, loss->unit.task, &task, err) ==
        ATT_TASK_INVALID)
        return ATT_E_ARG;
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
    att_row_encode(&row, out);
    return att_buffer_ok(out)
               ? ATT_OK
               : att_fail(err, ATT_E_NOMEM, "out of memory encoding a row");
}
