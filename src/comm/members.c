/* members.c - ranks that arrive, live, and leave. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/hash.h"
#include "attest/base/log.h"
#include "coordinator_priv.h"

static att_status note_lanes(struct peer *p, uint32_t from, uint32_t n_lanes,
                             struct att_error *err)
{
    struct att_comm_lane *lane = calloc(n_lanes, sizeof *lane);

    if (lane == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %u lanes", n_lanes);
    for (uint32_t i = 0; i < n_lanes; i++) {
        lane[i].rank = from;
        lane[i].lane = i;
    }
    free(p->lane);
    p->lane = lane;
    p->about.n_lanes = n_lanes;
    return ATT_OK;
}

att_status att_coordinator_refuse(struct att_coordinator *c, uint32_t rank,
                                  const char *why, struct att_error *err)
{
    struct att_wire_text text = {{0}};

    att_log(ATT_LOG_ERROR, "%s", why);
    c->peer[rank].about.state = ATT_RANK_REFUSED;
    (void)snprintf(text.text, sizeof text.text, "%s", why);
    att_wire_begin(&c->out, ATT_WIRE_REFUSE);
    att_wire_put(&c->out, &text, sizeof text);
    return att_coordinator_send(c, rank, err);
}

static att_status refuse_plan(struct att_coordinator *c, uint32_t from,
                              struct att_key theirs, struct att_error *err)
{
    char mine_text[ATT_KEY_TEXT], theirs_text[ATT_KEY_TEXT];
    char why[ATT_ERROR_TEXT];

    (void)snprintf(why, sizeof why,
                   "rank %u on %s has another plan (%s, rank 0 has %s): every "
                   "rank must read the same study with the same attest",
                   from, c->peer[from].about.host,
                   att_key_text(theirs, theirs_text),
                   att_key_text(c->o.plan, mine_text));
    return att_coordinator_refuse(c, from, why, err);
}

static att_status join(struct att_coordinator *c, uint32_t from,
                       const struct att_wire_hello *hello,
                       struct att_error *err)
{
    struct peer *p = &c->peer[from];
    const struct att_schedule_worker about = {
        .n_lanes = hello->n_lanes,
        .node = att_hash64(p->about.host, strlen(p->about.host)),
        .memory_bytes = hello->memory_bytes,
    };

    if (hello->n_lanes == 0)
        return att_fail(err, ATT_E_COMM, "rank %u came without lanes", from);
    if (p->hello)
        att_schedule_leave(c->o.schedule, from, c->now);
    p->hello = false;
    ATT_TRY(note_lanes(p, from, hello->n_lanes, err));
    ATT_TRY(att_schedule_join(c->o.schedule, from, &about, c->now, err));
    if (p->about.state == ATT_RANK_LOST)
        att_log(ATT_LOG_WARNING, "rank %u on %s is back", from, p->about.host);
    p->about.state = ATT_RANK_HERE;
    p->hello = p->waits = true;
    p->reset = false;
    return ATT_OK;
}

att_status att_coordinator_hello(struct att_coordinator *c, uint32_t from,
                                 const struct att_wire_message *m,
                                 struct att_error *err)
{
    struct peer *p = &c->peer[from];
    struct att_wire_hello hello;

    att_wire_get(m, 0, &hello, sizeof hello);
    hello.host[sizeof hello.host - 1] = '\0';
    memcpy(p->about.host, hello.host, sizeof p->about.host);
    p->about.pid = hello.pid;
    const struct att_key theirs = {hello.plan_high, hello.plan_low};

    if (!att_key_equal(theirs, c->o.plan))
        return refuse_plan(c, from, theirs, err);
    return join(c, from, &hello, err);
}

att_status att_coordinator_heartbeat(struct att_coordinator *c, uint32_t from,
                                     const struct att_wire_message *m,
                                     struct att_error *err)
{
    struct peer *p = &c->peer[from];

    if (!p->hello)
        return ATT_OK;
    if (m->count != p->about.n_lanes) {
        return att_fail(err, ATT_E_COMM,
                        "rank %u speaks of %u lanes, it has %u", from, m->count,
                        p->about.n_lanes);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        struct att_wire_lane wire;
        struct att_comm_lane *lane = &p->lane[i];

        att_wire_get(m, i, &wire, sizeof wire);
        lane->running = wire.running != 0;
        lane->unit = att_wire_to_unit(&wire.unit);
        if (lane->running)
            att_schedule_started(c->o.schedule, from, &lane->unit);
        lane->elapsed_s = wire.elapsed_s;
        lane->done = wire.done;
        lane->rss_bytes = wire.rss_bytes;
        memcpy(lane->phase, wire.phase, sizeof lane->phase);
        lane->phase[sizeof lane->phase - 1] = '\0';
    }
    return ATT_OK;
}

/* A good-bye with a reason is a loss that was announced. */
att_status att_coordinator_bye(struct att_coordinator *c, uint32_t from,
                               const struct att_wire_message *m,
                               struct att_error *err)
{
    struct peer *p = &c->peer[from];
    struct att_wire_text text;

    att_wire_get(m, 0, &text, sizeof text);
    text.text[sizeof text.text - 1] = '\0';
    if (text.text[0] != '\0')
        ATT_TRY(att_coordinator_lose(c, from, text.text, err));
    if (p->hello)
        att_schedule_leave(c->o.schedule, from, c->now);
    p->hello = false;
    p->about.state = ATT_RANK_GONE;
    return ATT_OK;
}

/* Rank 0 hears itself in the same loop, or, dedicated, never; a rank that
 * reads a large study may come late. */
static double patience(const struct att_coordinator *c, uint32_t rank)
{
    if (rank == c->o.link->rank)
        return (double)INFINITY;
    switch (c->peer[rank].about.state) {
    case ATT_RANK_HERE:
    case ATT_RANK_REFUSED:
        return c->o.lost_after_s;
    case ATT_RANK_SILENT:
        return c->o.orphan_after_s;
    case ATT_RANK_LOST:
    case ATT_RANK_GONE:
        break;
    }
    return (double)INFINITY;
}

static att_status watch(struct att_coordinator *c, uint32_t rank,
                        struct att_error *err)
{
    struct peer *p = &c->peer[rank];
    const double silent_s = c->attention_s - p->heard_s;
    char why[64];

    p->about.silent_s = silent_s;
    if (silent_s > patience(c, rank)) {
        (void)snprintf(why, sizeof why, "not heard of for %.0f s", silent_s);
        return att_coordinator_lose(c, rank, why, err);
    }
    if (p->about.state != ATT_RANK_LOST && rank != c->o.link->rank &&
        c->now - p->sent_s >= c->o.heartbeat_s)
        return att_coordinator_send_empty(c, rank, ATT_WIRE_PING, err);
    return ATT_OK;
}

att_status att_coordinator_watch(struct att_coordinator *c,
                                 struct att_error *err)
{
    for (uint32_t i = 0; i < c->n_peers; i++)
        ATT_TRY(watch(c, i, err));
    return ATT_OK;
}
