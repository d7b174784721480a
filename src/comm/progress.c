/* progress.c - what the caller and the log learn about once a second. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "attest/base/log.h"
#include "coordinator_priv.h"

enum { LINE_LANES = 16 }; /* a line names no more lanes */

static att_status lane_reserve(struct att_coordinator *c, size_t n,
                               struct att_error *err)
{
    if (n <= c->lane_view_room)
        return ATT_OK;
    struct att_comm_lane *wide = realloc(c->lane_view, n * sizeof *wide);

    if (wide == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %zu lanes", n);
    c->lane_view = wide;
    c->lane_view_room = n;
    return ATT_OK;
}

/* One array of peers and one of lanes, as of now. */
static att_status flatten(struct att_coordinator *c, struct att_error *err)
{
    size_t n = 0;

    for (uint32_t i = 0; i < c->n_peers; i++)
        n += c->peer[i].hello ? c->peer[i].about.n_lanes : 0;
    ATT_TRY(lane_reserve(c, n, err));
    c->n_lane_view = 0;
    for (uint32_t i = 0; i < c->n_peers; i++) {
        const struct peer *p = &c->peer[i];

        c->peer_view[i] = p->about;
        for (uint32_t k = 0; p->hello && k < p->about.n_lanes; k++)
            c->lane_view[c->n_lane_view++] = p->lane[k];
    }
    return ATT_OK;
}

static void say_lane(const struct att_coordinator *c,
                     const struct att_comm_lane *lane, struct att_buffer *line)
{
    att_buffer_printf(line, "; rank %u lane %u on %s: ", lane->rank, lane->lane,
                      c->peer[lane->rank].about.host);
    if (!lane->running) {
        att_buffer_text(line, "idle");
        return;
    }
    att_buffer_printf(line, "task %" PRIu64, lane->unit.task);
    if (lane->unit.n_slices > 1)
        att_buffer_printf(line, " slice %u", lane->unit.slice);
    att_buffer_printf(line, " in phase %s (%.0f %%) for %.0f s, %.0f MiB",
                      lane->phase[0] == '\0' ? "start" : lane->phase,
                      100 * lane->done, lane->elapsed_s,
                      (double)lane->rss_bytes / 1048576.0);
}

/* Nothing finished for long: one line says what each lane does. */
static void break_silence(struct att_coordinator *c,
                          const struct att_schedule_stats *stats)
{
    const double limit_s = fmax(c->o.quiet_s, 3 * stats->longest_s);
    struct att_buffer line = {0};

    if (c->now - fmax(c->finished_s, c->said_s) < limit_s)
        return;
    c->said_s = c->now;
    for (size_t i = 0; i < c->n_lane_view && i < LINE_LANES; i++)
        say_lane(c, &c->lane_view[i], &line);
    if (c->n_lane_view > LINE_LANES) {
        att_buffer_printf(&line, "; and %zu lanes more",
                          c->n_lane_view - LINE_LANES);
    }
    att_log(ATT_LOG_WARNING, "nothing finished for %.0f s%s",
            c->now - c->finished_s, line.data == NULL ? "" : line.data);
    att_buffer_fini(&line);
}

att_status att_coordinator_tick(struct att_coordinator *c,
                                struct att_error *err)
{
    struct att_progress progress = {
        .now = c->now,
        .elapsed_s = c->now - c->started_s,
        .n_ranks = c->n_peers,
        .n_lost = c->n_lost,
    };

    att_schedule_tick(c->o.schedule, c->now);
    att_schedule_stats(c->o.schedule, c->now, &progress.stats);
    ATT_TRY(flatten(c, err));
    progress.peer = c->peer_view;
    progress.lane = c->lane_view;
    progress.n_lanes = c->n_lane_view;
    c->o.calls->tick(c->o.calls->context, &progress);
    if (c->phase == RUNS)
        break_silence(c, &progress.stats);
    return ATT_OK;
}
