/* coordinator.c - the turn of rank 0, and how a run ends. */
#include "attest/comm/coordinator.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "attest/base/log.h"
#include "coordinator_priv.h"

static const double TICK_S = 1.0;

/* Idle workers are offered work anew at most so often. */
static const double SWEEP_S = 0.001;

/* See worker.c: absence of our own is not silence of others. */
static const double ATTENTION_S = 1.0;

/* ---- life -------------------------------------------------------------------- */

static att_status allocate(struct att_coordinator *c, struct att_error *err)
{
    c->peer = calloc(c->n_peers, sizeof *c->peer);
    c->peer_view = calloc(c->n_peers, sizeof *c->peer_view);
    c->grant = calloc(ATT_SCHEDULE_GRANT, sizeof *c->grant);
    c->pending = calloc(1, sizeof *c->pending);
    if (c->peer == NULL || c->peer_view == NULL || c->grant == NULL ||
        c->pending == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %u ranks", c->n_peers);
    return ATT_OK;
}

att_status att_coordinator_create(const struct att_coordinator_options *options,
                                  double now,
                                  struct att_coordinator **coordinator,
                                  struct att_error *err)
{
    struct att_coordinator *c = calloc(1, sizeof *c);

    if (c == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a coordinator");
    c->o = *options;
    c->n_peers = options->link->size;
    c->started_s = c->now = c->finished_s = c->said_s = now;
    c->tick_s = now + TICK_S;
    c->end = ATT_COMM_QUIT;
    const att_status status = allocate(c, err);

    if (status != ATT_OK) {
        att_coordinator_destroy(c);
        return status;
    }
    *coordinator = c;
    return ATT_OK;
}

void att_coordinator_destroy(struct att_coordinator *c)
{
    if (c == NULL)
        return;
    for (uint32_t i = 0; c->peer != NULL && i < c->n_peers; i++)
        free(c->peer[i].lane);
    if (c->pending != NULL)
        att_post_fini(&c->pending->messages);
    free(c->pending);
    free(c->peer);
    free(c->peer_view);
    free(c->lane_view);
    free(c->grant);
    att_buffer_fini(&c->out);
    free(c);
}

bool att_coordinator_ended(const struct att_coordinator *c)
{
    return c->phase == ENDED;
}

enum att_comm_end att_coordinator_end(const struct att_coordinator *c)
{
    return c->end;
}

bool att_coordinator_clean(const struct att_coordinator *c)
{
    return c->clean;
}

/* ---- sending ------------------------------------------------------------------ */

att_status att_coordinator_send(struct att_coordinator *c, uint32_t to,
                                struct att_error *err)
{
    c->peer[to].sent_s = c->now;
    return att_link_send(c->o.link, to, &c->out, err);
}

att_status att_coordinator_send_empty(struct att_coordinator *c, uint32_t to,
                                      enum att_wire_kind kind,
                                      struct att_error *err)
{
    att_wire_begin(&c->out, kind);
    return att_coordinator_send(c, to, err);
}

att_status att_coordinator_send_word(struct att_coordinator *c, uint32_t to,
                                     enum att_wire_kind kind, uint64_t word,
                                     struct att_error *err)
{
    const struct att_wire_word wire = {word};

    att_wire_begin(&c->out, kind);
    att_wire_put(&c->out, &wire, sizeof wire);
    return att_coordinator_send(c, to, err);
}

/* ---- hearing ------------------------------------------------------------------- */

static void listen_longer(struct att_coordinator *c, double now)
{
    c->attention_s += fmin(fmax(0, now - c->now), ATTENTION_S);
    c->now = fmax(c->now, now);
}

/* A rank that had been given up is heard again: it starts anew, and what it
 * computed meanwhile is not looked at. */
static att_status hear_lost(struct att_coordinator *c, uint32_t from,
                            struct att_error *err)
{
    struct peer *p = &c->peer[from];

    if (p->reset)
        return ATT_OK;
    p->reset = true;
    return att_coordinator_send_empty(c, from, ATT_WIRE_RESET, err);
}

static att_status hear_give_back(struct att_coordinator *c, uint32_t from,
                                 const struct att_wire_message *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        struct att_wire_unit wire;

        att_wire_get(m, i, &wire, sizeof wire);
        const struct att_unit unit = att_wire_to_unit(&wire);

        att_schedule_give_back(c->o.schedule, from, &unit, 1, c->now);
    }
    att_schedule_give_back(c->o.schedule, from, NULL, 0, c->now);
    c->peer[from].waits = true;
    return ATT_OK;
}

static att_status hear_checkpoint(struct att_coordinator *c, uint32_t from,
                                  const struct att_wire_message *m,
                                  struct att_error *err)
{
    struct att_unit unit;
    const unsigned char *bytes = NULL;
    size_t n = 0;

    ATT_TRY(att_wire_get_checkpoint(m, &unit, &bytes, &n, err));
    if (att_schedule_holds(c->o.schedule, from, &unit))
        c->o.calls->checkpoint(c->o.calls->context, &unit, bytes, n);
    return ATT_OK;
}

static att_status hear_other(struct att_coordinator *c, uint32_t from,
                             const struct att_wire_message *m,
                             struct att_error *err)
{
    switch ((int)m->kind) {
    case ATT_WIRE_HELLO:
        return att_coordinator_hello(c, from, m, err);
    case ATT_WIRE_LOST:
        return att_coordinator_lost_unit(c, from, m, err);
    case ATT_WIRE_GIVE_BACK:
        return hear_give_back(c, from, m);
    case ATT_WIRE_HEARTBEAT:
        return att_coordinator_heartbeat(c, from, m, err);
    case ATT_WIRE_CHECKPOINT:
        return hear_checkpoint(c, from, m, err);
    case ATT_WIRE_BYE:
        return att_coordinator_bye(c, from, m, err);
    default:
        return att_fail(err, ATT_E_COMM,
                        "rank %u sent a message of kind %d to rank 0", from,
                        (int)m->kind);
    }
}

/* The first word of a rank may be of another protocol: then it is refused. */
static att_status read_message(struct att_coordinator *c, uint32_t from,
                               const struct att_buffer *bytes,
                               struct att_wire_message *m, bool *readable,
                               struct att_error *err)
{
    struct att_error why = {0};
    char text[ATT_ERROR_TEXT];

    *readable = att_wire_read(bytes->data, bytes->size, m, &why) == ATT_OK;
    if (*readable)
        return ATT_OK;
    (void)snprintf(text, sizeof text, "rank %u: %.400s", from, why.text);
    if (c->peer[from].about.state == ATT_RANK_SILENT)
        return att_coordinator_refuse(c, from, text, err);
    return att_fail(err, ATT_E_COMM, "%s", text);
}

att_status att_coordinator_hear(struct att_coordinator *c, uint32_t from,
                                struct att_buffer *bytes, double now,
                                struct att_error *err)
{
    struct peer *p = &c->peer[from];
    struct att_wire_message m = {0};
    bool readable = false;

    listen_longer(c, now);
    p->heard_s = c->attention_s;
    ATT_TRY(read_message(c, from, bytes, &m, &readable, err));
    if (!readable)
        return ATT_OK;
    if (p->about.state == ATT_RANK_LOST && m.kind != ATT_WIRE_HELLO &&
        m.kind != ATT_WIRE_BYE)
        return hear_lost(c, from, err);
    if (m.kind == ATT_WIRE_ROWS)
        return att_coordinator_rows(c, from, &m, bytes, err);
    if (m.kind != ATT_WIRE_HEARTBEAT)
        ATT_TRY(att_coordinator_flush(c, err));
    return hear_other(c, from, &m, err);
}

/* ---- serving --------------------------------------------------------------------- */

static att_status serve(struct att_coordinator *c, uint32_t rank, bool *busy,
                        struct att_error *err)
{
    const size_t n = att_schedule_grant(c->o.schedule, rank, c->now, c->grant,
                                        ATT_SCHEDULE_GRANT);

    c->peer[rank].waits = false;
    if (n == 0)
        return ATT_OK;
    *busy = true;
    att_wire_begin(&c->out, ATT_WIRE_GRANT);
    for (size_t i = 0; i < n; i++) {
        const struct att_wire_grant wire = {
            .unit = att_wire_from_unit(&c->grant[i].unit),
            .predicted_s = c->grant[i].predicted_s,
            .attempt = c->grant[i].attempt,
        };

        att_wire_put(&c->out, &wire, sizeof wire);
    }
    return att_coordinator_send(c, rank, err);
}

/* Units that came back, or memory that came free, may suit somebody who was
 * turned away: now and then everybody is offered work. */
static bool sweep_due(struct att_coordinator *c)
{
    if (c->now < c->sweep_s || !att_schedule_hungry(c->o.schedule) ||
        att_schedule_waiting(c->o.schedule) == 0)
        return false;
    c->sweep_s = c->now + SWEEP_S;
    return true;
}

static att_status serve_all(struct att_coordinator *c, bool *busy,
                            struct att_error *err)
{
    const bool sweep = sweep_due(c);
    uint32_t rank = 0;

    for (uint32_t i = 0; i < c->n_peers; i++) {
        if (c->peer[i].hello && (c->peer[i].waits || sweep))
            ATT_TRY(serve(c, i, busy, err));
    }
    while (att_schedule_recall(c->o.schedule, c->now, &rank))
        ATT_TRY(att_coordinator_send_empty(c, rank, ATT_WIRE_RECALL, err));
    return ATT_OK;
}

/* ---- ending ------------------------------------------------------------------------ */

static att_status begin_drain(struct att_coordinator *c, struct att_error *err)
{
    c->draining = true;
    c->drain_until_s = c->now + c->o.drain_grace_s;
    att_schedule_drain(c->o.schedule);
    att_log(ATT_LOG_INFO, "draining: no task starts any more");
    for (uint32_t i = 0; i < c->n_peers; i++) {
        if (c->peer[i].hello)
            ATT_TRY(att_coordinator_send_empty(c, i, ATT_WIRE_RECALL, err));
    }
    return ATT_OK;
}

static att_status begin_stop(struct att_coordinator *c, enum att_comm_end end,
                             struct att_error *err)
{
    c->phase = STOPS;
    c->end = end;
    c->stop_until_s = c->now + c->o.lost_after_s;
    for (uint32_t i = 0; i < c->n_peers; i++) {
        ATT_TRY(
            att_coordinator_send_word(c, i, ATT_WIRE_STOP, (uint64_t)end, err));
    }
    return ATT_OK;
}

/* Nobody is there to work, and nobody is expected. */
static bool deserted(const struct att_coordinator *c)
{
    for (uint32_t i = 0; i < c->n_peers; i++) {
        const struct peer *p = &c->peer[i];

        if (p->hello || (p->about.state == ATT_RANK_SILENT &&
                         (i != c->o.link->rank || !c->o.dedicated)))
            return false;
    }
    return true;
}

/* What runs will not end before the grace does. */
static bool drain_is_hopeless(struct att_coordinator *c)
{
    if (!c->draining || c->now < c->hope_s)
        return false;
    c->hope_s = c->now + 0.1;
    return !att_schedule_hopeful(c->o.schedule, c->now, c->drain_until_s);
}

static att_status look_for_end(struct att_coordinator *c, struct att_error *err)
{
    if (att_schedule_over(c->o.schedule, c->now)) {
        return begin_stop(c,
                          att_schedule_waiting(c->o.schedule) > 0
                              ? ATT_COMM_DRAINED
                              : ATT_COMM_FINISHED,
                          err);
    }
    if (drain_is_hopeless(c))
        return begin_stop(c, ATT_COMM_DRAINED, err);
    return deserted(c) ? begin_stop(c, ATT_COMM_DESERTED, err) : ATT_OK;
}

void att_coordinator_abandon(struct att_coordinator *c)
{
    c->end = ATT_COMM_QUIT;
    for (uint32_t i = 0; i < c->n_peers; i++) {
        (void)!att_coordinator_send_word(c, i, ATT_WIRE_STOP, ATT_COMM_QUIT,
                                         NULL);
        (void)!att_coordinator_send_word(c, i, ATT_WIRE_EXIT, 0, NULL);
    }
    c->phase = ENDED;
}

static att_status obey(struct att_coordinator *c, struct att_error *err)
{
    const enum att_control control = c->o.calls->control(c->o.calls->context);

    if (control == ATT_CONTROL_QUIT)
        att_coordinator_abandon(c);
    if (control == ATT_CONTROL_DRAIN && !c->draining && c->phase == RUNS)
        return begin_drain(c, err);
    return ATT_OK;
}

/* Is a good-bye to be waited for?  A lost rank may never answer. */
static bool will_answer(const struct peer *p)
{
    return p->about.state == ATT_RANK_HERE ||
           p->about.state == ATT_RANK_REFUSED ||
           p->about.state == ATT_RANK_SILENT;
}

/* All that can have said good-bye, or their time is up. */
static att_status look_for_byes(struct att_coordinator *c,
                                struct att_error *err)
{
    uint32_t n_waited = 0, n_missing = 0;

    for (uint32_t i = 0; i < c->n_peers; i++) {
        const bool self = i == c->o.link->rank && c->o.dedicated;

        n_waited += !self && will_answer(&c->peer[i]);
        n_missing += !self && c->peer[i].about.state != ATT_RANK_GONE;
    }
    if (n_waited > 0 && c->now < c->stop_until_s)
        return ATT_OK;
    c->clean = n_missing == 0;
    if (!c->clean)
        att_log(ATT_LOG_WARNING, "%u ranks did not say good-bye", n_missing);
    for (uint32_t i = 0; i < c->n_peers; i++) {
        ATT_TRY(att_coordinator_send_word(c, i, ATT_WIRE_EXIT, c->clean, err));
    }
    c->phase = ENDED;
    return ATT_OK;
}

static att_status look_at_time(struct att_coordinator *c, struct att_error *err)
{
    if (c->now < c->tick_s && c->phase != ENDED)
        return ATT_OK;
    c->tick_s = c->now + TICK_S;
    ATT_TRY(att_coordinator_watch(c, err));
    return att_coordinator_tick(c, err);
}

att_status att_coordinator_turn(struct att_coordinator *c, double now,
                                bool *busy, struct att_error *err)
{
    listen_longer(c, now);
    *busy = c->pending->n > 0;
    ATT_TRY(att_coordinator_flush(c, err));
    ATT_TRY(obey(c, err));
    if (c->phase == RUNS) {
        ATT_TRY(serve_all(c, busy, err));
        ATT_TRY(look_for_end(c, err));
    } else if (c->phase == STOPS) {
        ATT_TRY(look_for_byes(c, err));
    }
    return look_at_time(c, err);
}
