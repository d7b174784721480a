#include "reporter.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/size.h"
#include "cli_priv.h"
#include "json.h"

static const double LINE_EVERY_S = 30;
static const double LIVE_EVERY_S = 0.2;

static bool on_network(const char *dir)
{
    /* statfs(2) names file systems by these numbers */
    static const unsigned long remote[] = {
        0x6969,     /* NFS */
        0xFF534D42, /* CIFS */
        0x0BD00BD0, /* Lustre */
        0x47504653, /* GPFS */
        0x19830326, /* BeeGFS */
        0x65735546, /* FUSE */
    };
    struct statfs fs;

    if (statfs(dir, &fs) != 0)
        return true;
    for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++) {
        if ((unsigned long)fs.f_type == remote[i])
            return true;
    }
    return false;
}

void cli_reporter_init(struct cli_reporter *r,
                       const struct cli_session *session, const char *dir,
                       const char *status_path, enum cli_progress mode)
{
    *r = (struct cli_reporter){
        .session = session,
        .status_path = status_path,
        .run_dir = dir,
        .mode = mode,
        .started = att_clock_wall_s(),
        .status_every_s = on_network(dir) ? 5 : 1,
        .next_line = att_clock_s() + LINE_EVERY_S,
    };
    if (mode == CLI_PROGRESS_AUTO) {
        r->mode =
            isatty(STDERR_FILENO) == 1 ? CLI_PROGRESS_LIVE : CLI_PROGRESS_PLAIN;
    }
}

/* Tasks that ended badly: not skipped, not infeasible. */
static uint64_t count_failed(const struct att_schedule_stats *s)
{
    return s->n_by[ATT_FAILED] + s->n_by[ATT_TIMEOUT] + s->n_by[ATT_OOM] +
           s->n_by[ATT_CRASHED];
}

static void eta_text(const struct att_schedule_stats *s, const char *before,
                     struct att_buffer *out)
{
    char low[ATT_HUMAN_TEXT];
    char high[ATT_HUMAN_TEXT];

    if (!isfinite(s->eta_low_s) || !isfinite(s->eta_high_s))
        return;
    (void)att_seconds_text(s->eta_low_s, low);
    (void)att_seconds_text(s->eta_high_s, high);
    att_buffer_printf(out, "%sETA %s", before, low);
    if (strcmp(low, high) != 0)
        att_buffer_printf(out, " to %s", high);
}

/* What has been computing for longest. */
static void slowest_text(const struct cli_reporter *r,
                         const struct att_progress *p, struct att_buffer *out)
{
    const struct att_comm_lane *slowest = NULL;
    char time[ATT_HUMAN_TEXT];

    for (size_t i = 0; i < p->n_lanes; i++) {
        if (p->lane[i].running &&
            (slowest == NULL || p->lane[i].elapsed_s > slowest->elapsed_s))
            slowest = &p->lane[i];
    }
    if (slowest == NULL || slowest->elapsed_s < 1)
        return;
    att_buffer_text(out, "  slowest ");
    cli_point_text(r->session, slowest->unit.task, out);
    att_buffer_printf(out, " (%s)", att_seconds_text(slowest->elapsed_s, time));
}

/* Over the last seconds; of a short run, over all of it. */
static double rate_of(const struct att_progress *p)
{
    if (p->elapsed_s > 10 || !(p->elapsed_s > 0))
        return p->stats.tasks_per_s;
    return (double)p->stats.n_over / p->elapsed_s;
}

static void line_text(const struct cli_reporter *r,
                      const struct att_progress *p, struct att_buffer *out)
{
    const struct att_schedule_stats *s = &p->stats;
    const double share = s->cost_s > 0 ? s->cost_done_s / s->cost_s : 1;
    char rate[ATT_HUMAN_TEXT];

    att_buffer_printf(out,
                      "done %" PRIu64 "/%" PRIu64 " (%.0f %% of cost)  failed "
                      "%" PRIu64 "  %s tasks/s",
                      s->n_kept + s->n_over, s->n_tasks, 100 * share,
                      count_failed(s), att_count_text(rate_of(p), rate));
    if (isfinite(s->efficiency))
        att_buffer_printf(out, "  efficiency %.0f %%", 100 * s->efficiency);
    if (s->draining) {
        att_buffer_text(out, "  draining");
    } else {
        eta_text(s, "  ", out);
    }
    slowest_text(r, p, out);
}

void cli_progress_text(const struct att_progress *progress,
                       struct att_buffer *out)
{
    const struct att_schedule_stats *s = &progress->stats;

    att_buffer_printf(out, "done %" PRIu64 "/%" PRIu64 ", %" PRIu64 " failed",
                      s->n_kept + s->n_over, s->n_tasks, count_failed(s));
    if (s->draining) {
        att_buffer_text(out, ", draining");
    } else if (s->n_kept + s->n_over < s->n_tasks) {
        eta_text(s, ", ", out);
    }
}

/* Overwrite the line, and blank what the last one had beyond. */
static void show_live(struct cli_reporter *r, const struct att_buffer *line)
{
    const size_t width = line->size < 160 ? line->size : 160;
    const size_t pad = r->shown > width ? r->shown - width : 0;

    (void)fprintf(stderr, "\r%.*s%*s", (int)width, line->data, (int)pad, "");
    (void)fflush(stderr);
    r->shown = width;
}

static void show_line(struct cli_reporter *r, const struct att_progress *p)
{
    struct att_buffer line = {0};

    line_text(r, p, &line);
    if (att_buffer_ok(&line) && r->mode == CLI_PROGRESS_LIVE) {
        show_live(r, &line);
    } else if (att_buffer_ok(&line)) {
        (void)fprintf(stderr, "%s\n", line.data);
    }
    att_buffer_fini(&line);
}

static const char *const STATES[] = {
    [CLI_STATE_RUNNING] = "running", [CLI_STATE_FINISHED] = "finished",
    [CLI_STATE_DRAINED] = "drained", [CLI_STATE_ENDED] = "ended by a signal",
    [CLI_STATE_TROUBLE] = "trouble",
};

static json_t *lanes_json(const struct cli_reporter *r,
                          const struct att_progress *p)
{
    json_t *array = json_array();

    for (size_t i = 0; i < p->n_lanes; i++) {
        const struct att_comm_lane *lane = &p->lane[i];
        struct att_buffer point = {0};

        if (lane->running)
            cli_point_text(r->session, lane->unit.task, &point);
        json_array_append_new(
            array, json_pack("{s:i, s:i, s:s?, s:s, s:f, s:f}", "rank",
                             (int)lane->rank, "lane", (int)lane->lane, "task",
                             lane->running ? point.data : NULL, "phase",
                             lane->running ? lane->phase : "idle", "elapsed_s",
                             lane->running ? lane->elapsed_s : 0.0, "done",
                             lane->running ? lane->done : 0.0));
        att_buffer_fini(&point);
    }
    return array;
}

static json_t *ranks_json(const struct att_progress *p)
{
    static const char *const states[] = {
        [ATT_RANK_SILENT] = "starting", [ATT_RANK_HERE] = "here",
        [ATT_RANK_LOST] = "lost",       [ATT_RANK_REFUSED] = "refused",
        [ATT_RANK_GONE] = "ended",
    };
    json_t *array = json_array();

    for (uint32_t i = 0; i < p->n_ranks; i++) {
        const struct att_comm_peer *peer = &p->peer[i];

        json_array_append_new(
            array, json_pack("{s:s, s:i, s:i, s:s}", "host", peer->host, "pid",
                             (int)peer->pid, "lanes", (int)peer->n_lanes,
                             "state", states[peer->state]));
    }
    return array;
}

static json_t *counts_json(const struct att_schedule_stats *s)
{
    json_t *by = json_object();

    for (int i = 0; i < ATT_OUTCOMES; i++) {
        json_object_set_new(by, att_outcome_text((enum att_outcome_status)i),
                            json_integer((json_int_t)s->n_by[i]));
    }
    return by;
}

static json_t *status_json(const struct cli_reporter *r,
                           const struct att_progress *p,
                           enum cli_run_state state)
{
    const struct att_schedule_stats *s = &p->stats;
    json_t *root = cli_json_begin("status");
    char time[ATT_TIME_TEXT];

    json_object_set_new(root, "name", json_string(r->session->study->name));
    json_object_set_new(root, "state", json_string(STATES[state]));
    json_object_set_new(root, "started",
                        json_string(att_time_text(r->started, time)));
    json_object_set_new(root, "heard_at", json_real(att_clock_wall_s()));
    json_object_set_new(root, "tasks", json_integer((json_int_t)s->n_tasks));
    json_object_set_new(root, "kept", json_integer((json_int_t)s->n_kept));
    json_object_set_new(root, "over", json_integer((json_int_t)s->n_over));
    json_object_set_new(root, "failed",
                        json_integer((json_int_t)count_failed(s)));
    json_object_set_new(root, "by_status", counts_json(s));
    json_object_set_new(
        root, "cost_share",
        att_json_real(s->cost_s > 0 ? s->cost_done_s / s->cost_s : 1));
    json_object_set_new(root, "tasks_per_s", att_json_real(rate_of(p)));
    json_object_set_new(root, "efficiency", att_json_real(s->efficiency));
    json_object_set_new(root, "idle_tail_s", att_json_real(s->idle_tail_s));
    json_object_set_new(root, "eta_low_s", att_json_real(s->eta_low_s));
    json_object_set_new(root, "eta_high_s", att_json_real(s->eta_high_s));
    json_object_set_new(root, "elapsed_s", att_json_real(p->elapsed_s));
    json_object_set_new(root, "lost_ranks", json_integer((int)p->n_lost));
    json_object_set_new(root, "ranks", ranks_json(p));
    json_object_set_new(root, "lanes", lanes_json(r, p));
    return root;
}

static void write_status(struct cli_reporter *r, json_t *root)
{
    char *text = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER);

    /* A status file that cannot be written (a full disk) costs nobody a row:
     * the journal reports its own trouble. */
    if (text != NULL) {
        (void)!att_file_replace(r->status_path, text, strlen(text), false,
                                NULL);
    }
    free(text);
    json_decref(root);
}

void cli_reporter_tick(struct cli_reporter *r,
                       const struct att_progress *progress)
{
    const double now = att_clock_s();

    if (now >= r->next_status) {
        write_status(r, status_json(r, progress, CLI_STATE_RUNNING));
        r->next_status = now + r->status_every_s;
    }
    if (r->mode == CLI_PROGRESS_NONE)
        return;
    if (r->mode == CLI_PROGRESS_LIVE || now >= r->next_line) {
        show_line(r, progress);
        r->next_line =
            now + (r->mode == CLI_PROGRESS_LIVE ? LIVE_EVERY_S : LINE_EVERY_S);
    }
}

void cli_reporter_end(struct cli_reporter *r,
                      const struct att_progress *progress,
                      enum cli_run_state state, int exit_code)
{
    json_t *root = status_json(r, progress, state);

    json_object_set_new(root, "exit_code", json_integer(exit_code));
    write_status(r, root);
    if (r->mode == CLI_PROGRESS_NONE)
        return;
    show_line(r, progress);
    if (r->mode == CLI_PROGRESS_LIVE)
        (void)fputc('\n', stderr);
}
