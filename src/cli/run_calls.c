/* run_calls.c - what the coordinator's loop calls back. */
#include "run_priv.h"

#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"

static void limits(void *context, uint64_t number, struct att_limits *out)
{
    struct cli_run *r = context;
    struct att_task task;
    struct att_error err = {0};

    *out = (struct att_limits){0};
    if (att_plan_task(r->session.plan, number, &task, &err) ==
            ATT_TASK_INVALID ||
        att_plan_limits(r->session.plan, &task, out, &err) != ATT_OK)
        att_log(ATT_LOG_WARNING, "limits of task: %s", err.text);
    if (r->options.task_time_s > 0)
        out->task_time_s = r->options.task_time_s;
    if (r->options.task_memory_bytes > 0)
        out->task_memory_bytes = r->options.task_memory_bytes;
}

/* A request to drain left by `attest stop`; looked for once a second. */
static bool stop_asked(struct cli_run *r)
{
    const double now = att_clock_s();

    if (now < r->next_stop_check)
        return false;
    r->next_stop_check = now + 1;
    return access(r->folder.stop, F_OK) == 0;
}

static enum att_control control(void *context)
{
    struct cli_run *r = context;
    const enum att_control before = r->signals.control;
    enum att_control now = cli_signals_poll(&r->signals);

    if (r->rank != 0 || now == ATT_CONTROL_QUIT)
        return now;
    if (now == ATT_CONTROL_RUN && stop_asked(r)) {
        att_log(ATT_LOG_WARNING, "drain asked for by %s", r->folder.stop);
        (void)unlink(r->folder.stop);
        r->signals.control = now = ATT_CONTROL_DRAIN;
    } else if (now != before && now == ATT_CONTROL_DRAIN) {
        att_log(ATT_LOG_WARNING, "drain asked for by a signal; once more to "
                                 "stop at once");
    }
    return now;
}

static att_status sink(void *context, const struct att_comm_row *row, size_t n,
                       struct att_error *err)
{
    struct cli_run *r = context;

    return cli_ledger_rows(&r->ledger, row, n, err);
}

static att_status failed(void *context, const struct att_comm_loss *loss,
                         struct att_error *err)
{
    struct cli_run *r = context;
    struct att_buffer point = {0};

    cli_point_text(&r->session, loss->unit.task, &point);
    att_log(ATT_LOG_WARNING, "%s: %s", att_buffer_ok(&point) ? point.data : "",
            loss->message);
    att_buffer_fini(&point);
    return cli_ledger_lost(&r->ledger, loss, err);
}

static void checkpoint(void *context, const struct att_unit *unit,
                       const void *bytes, size_t n)
{
    struct cli_run *r = context;

    cli_ledger_checkpoint(&r->ledger, unit, bytes, n);
}

static void comment(struct cli_run *r, double now)
{
    struct att_buffer text = {0};

    if (!cli_comment_due(&r->comment, now))
        return;
    cli_progress_text(&r->last, &text);
    if (att_buffer_ok(&text))
        cli_comment_set(&r->comment, text.data, now);
    att_buffer_fini(&text);
}

static void tick(void *context, const struct att_progress *progress)
{
    struct cli_run *r = context;
    struct att_error err = {0};

    if (!r->opened)
        return; /* the run could not be opened: nothing to tell */
    r->last = *progress;
    r->last.peer = NULL;
    r->last.n_ranks = 0;
    r->last.lane = NULL;
    r->last.n_lanes = 0;
    if (att_lock_beat(r->ledger.lock, &err) != ATT_OK)
        att_log(ATT_LOG_WARNING, "lock: %s", err.text);
    cli_reporter_tick(&r->reporter, progress);
    cli_snapshot_tick(&r->snapshot, att_clock_s());
    comment(r, att_clock_s());
}

struct att_comm_calls cli_run_calls(struct cli_run *r)
{
    return (struct att_comm_calls){
        .context = r,
        .limits = limits,
        .control = control,
        .sink = sink,
        .failed = failed,
        .checkpoint = checkpoint,
        .tick = tick,
    };
}
