/* losses.c - a unit that did not come back, and a rank that did not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/log.h"
#include "coordinator_priv.h"

/* Tell the schedule; record the unit if that was its last attempt. */
static att_status fail_unit(struct att_coordinator *c,
                            const struct att_comm_loss *loss,
                            struct att_error *err)
{
    struct att_limits limits = {0};

    c->o.calls->limits(c->o.calls->context, loss->unit.task, &limits);
    const struct att_schedule_failure failure = {loss->status, limits.retries,
                                                 loss->wall_s};

    switch (att_schedule_fail(c->o.schedule, loss->rank, &loss->unit, &failure,
                              c->now)) {
    case ATT_SCHEDULE_STALE:
        return ATT_OK;
    case ATT_SCHEDULE_RETRY:
        att_log(ATT_LOG_WARNING,
                "task %" PRIu64 " on rank %u lane %u (%s): %s; attempt %u "
                "follows",
                loss->unit.task, loss->rank, loss->lane, loss->host,
                loss->message, loss->attempt + 1);
        return ATT_OK;
    case ATT_SCHEDULE_FINAL:
        c->finished_s = c->now;
        return c->o.calls->failed(c->o.calls->context, loss, err);
    }
    return ATT_OK;
}

att_status att_coordinator_lost_unit(struct att_coordinator *c, uint32_t from,
                                     const struct att_wire_message *m,
                                     struct att_error *err)
{
    struct att_wire_lost wire;
    char message[ATT_ERROR_TEXT];

    ATT_TRY(att_wire_get_lost(m, &wire, message, err));
    const struct att_comm_loss loss = {
        .unit = att_wire_to_unit(&wire.unit),
        .attempt = wire.attempt,
        .status = (enum att_outcome_status)wire.status,
        .wall_s = wire.wall_s,
        .cpu_s = wire.cpu_s,
        .peak_rss_bytes = wire.peak_rss_bytes,
        .rank = from,
        .lane = wire.lane,
        .host = c->peer[from].about.host,
        .message = message,
    };

    c->peer[from].waits = true;
    return fail_unit(c, &loss, err);
}

/* A unit that may be what took the rank down costs an attempt; lane is what
 * the rank's last heartbeat knew. */
static att_status fail_running(struct att_coordinator *c, uint32_t rank,
                               const struct att_comm_lane *lane,
                               const char *why, struct att_error *err)
{
    char message[ATT_ERROR_TEXT];
    const struct att_comm_loss loss = {
        .unit = lane->unit,
        .attempt = att_schedule_attempt(c->o.schedule, &lane->unit),
        .status = ATT_CRASHED,
        .wall_s = lane->elapsed_s,
        .peak_rss_bytes = lane->rss_bytes,
        .rank = rank,
        .lane = lane->lane,
        .host = c->peer[rank].about.host,
        .message = message,
    };

    (void)snprintf(message, sizeof message,
                   "crashed (rank %u was lost: %s) in phase %s", rank, why,
                   lane->phase[0] == '\0' ? "start" : lane->phase);
    return fail_unit(c, &loss, err);
}

/* What the last heartbeat knew of the lane that runs the unit; of a unit that
 * it did not know, nothing. */
static struct att_comm_lane last_known(const struct peer *p, uint32_t rank,
                                       const struct att_unit *unit)
{
    for (uint32_t i = 0; i < p->about.n_lanes; i++) {
        const struct att_comm_lane *lane = &p->lane[i];

        if (lane->running && lane->unit.task == unit->task &&
            lane->unit.slice == unit->slice)
            return *lane;
    }
    return (struct att_comm_lane){.rank = rank, .unit = *unit};
}

/* The schedule may know which unit it was; else all that were running pay. */
static att_status blame(struct att_coordinator *c, uint32_t rank,
                        const char *why, struct att_error *err)
{
    const struct peer *p = &c->peer[rank];
    struct att_unit unit;

    if (att_schedule_accuse(c->o.schedule, rank, &unit)) {
        const struct att_comm_lane lane = last_known(p, rank, &unit);

        return fail_running(c, rank, &lane, why, err);
    }
    for (uint32_t i = 0; i < p->about.n_lanes; i++) {
        if (p->lane[i].running)
            ATT_TRY(fail_running(c, rank, &p->lane[i], why, err));
    }
    return ATT_OK;
}

att_status att_coordinator_lose(struct att_coordinator *c, uint32_t rank,
                                const char *why, struct att_error *err)
{
    struct peer *p = &c->peer[rank];

    c->n_lost++;
    p->about.state = ATT_RANK_LOST;
    p->reset = false;
    att_log(ATT_LOG_ERROR, "rank %u on %s (pid %" PRId64 ") is lost: %s", rank,
            p->about.host[0] == '\0' ? "an unknown host" : p->about.host,
            p->about.pid, why);
    if (!p->hello)
        return ATT_OK;
    p->hello = false;
    ATT_TRY(blame(c, rank, why, err));
    for (uint32_t i = 0; i < p->about.n_lanes; i++)
        p->lane[i].running = false;
    att_schedule_lose(c->o.schedule, rank, c->now);
    return ATT_OK;
}
