/* worker.c - from grants to rows. */
#include "attest/comm/worker.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/log.h"
#include "worker_priv.h"

/* Rows wait for company this long, unless somebody waits for them. */
static const double FLUSH_S = 0.005;
enum { FLUSH_BYTES = 32 * 1024 };

/* Between turns at most so much time counts as silence: a process that was
 * stopped does not take its own absence for that of others. */
static const double ATTENTION_S = 1.0;

/* ---- life ------------------------------------------------------------------ */

static att_status say_hello(struct att_worker *w, struct att_error *err)
{
    att_wire_begin(&w->out, ATT_WIRE_HELLO);
    att_wire_put(&w->out, &w->o.hello, sizeof w->o.hello);
    return att_link_send(w->o.link, 0, &w->out, err);
}

att_status att_worker_create(const struct att_worker_options *options,
                             double now, struct att_worker **worker,
                             struct att_error *err)
{
    struct att_worker *w = calloc(1, sizeof *w);

    if (w == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a worker");
    w->o = *options;
    w->n_lanes = options->hello.n_lanes;
    w->lane = calloc(w->n_lanes, sizeof *w->lane);
    w->now = w->heartbeat_at = now;
    w->end = ATT_COMM_QUIT;
    const att_status status =
        w->lane == NULL
            ? att_fail(err, ATT_E_NOMEM, "no memory for %u lanes", w->n_lanes)
            : say_hello(w, err);

    if (status != ATT_OK) {
        att_worker_destroy(w);
        return status;
    }
    *worker = w;
    return ATT_OK;
}

void att_worker_destroy(struct att_worker *w)
{
    if (w == NULL)
        return;
    for (uint32_t i = 0; w->lane != NULL && i < w->n_lanes; i++)
        att_jobs_fini(&w->lane[i].jobs);
    free(w->lane);
    free(w->scratch);
    att_jobs_fini(&w->queue);
    att_buffer_fini(&w->rows);
    att_buffer_fini(&w->lost);
    att_buffer_fini(&w->out);
    free(w);
}

enum att_worker_state att_worker_state(const struct att_worker *w)
{
    return w->state;
}

att_status att_worker_result(const struct att_worker *w, enum att_comm_end *end,
                             bool *clean, struct att_error *err)
{
    *end = w->end;
    *clean = w->clean;
    if (w->why.status == ATT_OK)
        return ATT_OK;
    return att_fail(err, w->why.status, "%s", w->why.text);
}

/* ---- what lanes leave ------------------------------------------------------- */

/* Is it a row, and of this unit?  A lane that scribbled over its memory may
 * send anything. */
static bool is_sound(const struct att_lane_event *e)
{
    struct att_row_head head;

    return att_row_peek(e->bytes, e->n_bytes, &head, NULL) == ATT_OK &&
           head.unit.task == e->job.unit.task &&
           head.unit.slice == e->job.unit.slice &&
           head.unit.n_slices == e->job.unit.n_slices;
}

static void keep_row(struct att_worker *w, const struct att_lane_event *e)
{
    const struct att_wire_row row = {(uint32_t)e->n_bytes, e->lane};

    if (w->rows.size == 0) {
        att_wire_begin(&w->rows, ATT_WIRE_ROWS);
        w->rows_since = w->now;
    }
    att_wire_put(&w->rows, &row, sizeof row);
    const size_t at = w->rows.size;

    att_wire_pad(&w->rows, e->bytes, e->n_bytes);
    if (att_buffer_ok(&w->rows)) {
        att_row_stamp(w->rows.data + at, e->n_bytes, w->o.link->rank, e->lane);
    }
}

/* Losses wait for the end of the poll: when the zygote died everything is
 * reported as lost, and the good-bye says it better. */
static void keep_lost(struct att_worker *w, const struct att_lane_event *e)
{
    const struct att_wire_lost lost = {
        .unit = att_wire_from_unit(&e->job.unit),
        .wall_s = e->wall_s,
        .cpu_s = e->cpu_s,
        .peak_rss_bytes = e->peak_rss_bytes,
        .status = (uint32_t)e->outcome,
        .lane = e->lane,
        .attempt = e->job.attempt,
        .n_bytes = e->message == NULL ? 0 : (uint32_t)strlen(e->message),
    };

    att_buffer_append(&w->lost, &lost, sizeof lost);
    att_buffer_append(&w->lost, e->message, lost.n_bytes);
}

static void keep_damaged(struct att_worker *w, const struct att_lane_event *e)
{
    struct att_lane_event lost = *e;

    lost.kind = ATT_LANE_LOST;
    lost.outcome = ATT_CRASHED;
    lost.message = "crashed (it left a damaged row)";
    keep_lost(w, &lost);
}

static att_status send_lost(struct att_worker *w, struct att_error *err)
{
    for (size_t at = 0; at < w->lost.size;) {
        struct att_wire_lost lost;

        memcpy(&lost, w->lost.data + at, sizeof lost);
        at += sizeof lost;
        att_wire_begin(&w->out, ATT_WIRE_LOST);
        att_wire_put(&w->out, &lost, sizeof lost);
        att_wire_pad(&w->out, w->lost.data + at, lost.n_bytes);
        at += lost.n_bytes;
        ATT_TRY(att_link_send(w->o.link, 0, &w->out, err));
    }
    att_buffer_clear(&w->lost);
    return ATT_OK;
}

static void send_checkpoint(struct att_worker *w,
                            const struct att_lane_event *e)
{
    const struct att_wire_unit unit = att_wire_from_unit(&e->job.unit);
    const struct att_wire_row length = {(uint32_t)e->n_bytes, e->lane};
    struct att_error err = {0};

    if (e->n_bytes > ATT_COMM_CHECKPOINT) {
        att_log(ATT_LOG_WARNING,
                "task %" PRIu64 ": a checkpoint of %zu bytes is too large and "
                "was not kept",
                e->job.unit.task, e->n_bytes);
        return;
    }
    att_wire_begin(&w->out, ATT_WIRE_CHECKPOINT);
    att_wire_put(&w->out, &unit, sizeof unit);
    att_buffer_append(&w->out, &length, sizeof length);
    att_wire_pad(&w->out, e->bytes, e->n_bytes);
    if (att_link_send(w->o.link, 0, &w->out, &err) != ATT_OK)
        att_log(ATT_LOG_WARNING, "checkpoint not sent: %s", err.text);
}

static void hear_lane(void *context, const struct att_lane_event *e)
{
    struct att_worker *w = context;
    struct job job;

    if (e->kind == ATT_LANE_CHECKPOINT) {
        send_checkpoint(w, e);
        return;
    }
    (void)att_jobs_remove(&w->lane[e->lane].jobs, &e->job.unit, &job);
    w->lane[e->lane].event_s = w->now;
    if (e->kind == ATT_LANE_LOST) {
        keep_lost(w, e);
    } else if (is_sound(e)) {
        keep_row(w, e);
    } else {
        keep_damaged(w, e);
    }
}

/* ---- sending ----------------------------------------------------------------- */

static att_status flush_rows(struct att_worker *w, struct att_error *err)
{
    return w->rows.size == 0 ? ATT_OK
                             : att_link_send(w->o.link, 0, &w->rows, err);
}

/* Rows go when they are many, or old, or the answer is needed. */
static bool rows_due(const struct att_worker *w)
{
    return w->rows.size >= FLUSH_BYTES || w->queue.n == 0 ||
           w->now - w->rows_since >= FLUSH_S || w->o.link->rank == 0;
}

static void put_lane(struct att_worker *w, uint32_t i)
{
    struct att_lane_state state = {0};
    struct att_wire_lane wire = {0};

    w->o.ops->state(w->o.lanes, i, &state);
    if (state.running) {
        wire.unit = att_wire_from_unit(&state.unit);
        wire.elapsed_s = fmax(0, w->now - state.since);
        wire.done = state.done;
        memcpy(wire.phase, state.phase, sizeof wire.phase);
        wire.running = 1;
    }
    wire.rss_bytes = state.rss_bytes;
    att_wire_put(&w->out, &wire, sizeof wire);
}

static att_status beat(struct att_worker *w, struct att_error *err)
{
    if (w->now < w->heartbeat_at)
        return ATT_OK;
    w->heartbeat_at = w->now + w->o.heartbeat_s;
    att_wire_begin(&w->out, ATT_WIRE_HEARTBEAT);
    for (uint32_t i = 0; i < w->n_lanes; i++)
        put_lane(w, i);
    return att_link_send(w->o.link, 0, &w->out, err);
}

/* Say good-bye; why is empty when all is well. */
static att_status leave(struct att_worker *w, const char *why,
                        struct att_error *err)
{
    struct att_wire_text text = {{0}};

    (void)snprintf(text.text, sizeof text.text, "%s", why);
    w->state = ATT_WORKER_LEFT;
    att_jobs_clear(&w->queue);
    ATT_TRY(flush_rows(w, err));
    att_wire_begin(&w->out, ATT_WIRE_BYE);
    att_wire_put(&w->out, &text, sizeof text);
    return att_link_send(w->o.link, 0, &w->out, err);
}

/* ---- a turn ------------------------------------------------------------------- */

static att_status poll_lanes(struct att_worker *w, double wait_s, bool *busy,
                             struct att_error *err)
{
    struct att_error lanes_err = {0};
    size_t n = 0;
    const att_status status =
        w->o.ops->poll(w->o.lanes, wait_s, hear_lane, w, &n, &lanes_err);

    *busy = n > 0;
    if (status == ATT_OK)
        return send_lost(w, err);
    w->why = lanes_err;
    w->why.status = status;
    att_log(ATT_LOG_ERROR, "rank %u: %s", w->o.link->rank, lanes_err.text);
    att_buffer_clear(&w->lost);
    return leave(w, lanes_err.text, err);
}

/* Rank 0 is not silent to itself, although it says nothing to itself. */
static void listen_longer(struct att_worker *w, double now)
{
    if (w->o.link->rank != 0)
        w->silence_s += fmin(fmax(0, now - w->now), ATTENTION_S);
    w->now = fmax(w->now, now);
    if (w->silence_s < w->o.orphan_after_s || w->state == ATT_WORKER_OVER)
        return;
    if (w->why.status == ATT_OK) {
        (void)att_fail(&w->why, ATT_E_COMM,
                       "rank 0 was not heard of for %.0f s: it is dead, or "
                       "cut off",
                       w->silence_s);
    }
    w->state = ATT_WORKER_OVER;
}

att_status att_worker_turn(struct att_worker *w, double now, double wait_s,
                           bool *busy, struct att_error *err)
{
    *busy = false;
    listen_longer(w, now);
    if (w->state != ATT_WORKER_WORKS)
        return ATT_OK;
    ATT_TRY(poll_lanes(w, wait_s, busy, err));
    if (w->state != ATT_WORKER_WORKS)
        return ATT_OK;
    ATT_TRY(att_worker_feed(w, err));
    if (w->rows.size > 0 && rows_due(w))
        ATT_TRY(flush_rows(w, err));
    return beat(w, err);
}

/* ---- what rank 0 says ----------------------------------------------------------- */

static att_status hear_grant(struct att_worker *w,
                             const struct att_wire_message *m,
                             struct att_error *err)
{
    if (!att_jobs_reserve(&w->queue, m->count))
        return att_fail(err, ATT_E_NOMEM, "no memory for %u units", m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        struct att_wire_grant grant;

        att_wire_get(m, i, &grant, sizeof grant);
        att_jobs_push(&w->queue, &(struct job){
                                     .unit = att_wire_to_unit(&grant.unit),
                                     .attempt = grant.attempt,
                                     .predicted_s = grant.predicted_s,
                                 });
    }
    return ATT_OK;
}

static att_status hear_recall(struct att_worker *w, struct att_error *err)
{
    ATT_TRY(att_worker_collect(w, err));
    att_wire_begin(&w->out, ATT_WIRE_GIVE_BACK);
    while (w->queue.n > 0) {
        const struct job job = att_jobs_pop(&w->queue);
        const struct att_wire_unit unit = att_wire_from_unit(&job.unit);

        att_wire_put(&w->out, &unit, sizeof unit);
    }
    return att_link_send(w->o.link, 0, &w->out, err);
}

/* Rank 0 had given us up: what we hold is out again elsewhere. */
static att_status hear_reset(struct att_worker *w, struct att_error *err)
{
    att_log(ATT_LOG_WARNING, "rank %u had been given up and starts again",
            w->o.link->rank);
    ATT_TRY(att_worker_collect(w, err));
    att_jobs_clear(&w->queue);
    att_buffer_clear(&w->rows);
    return say_hello(w, err);
}

static att_status hear_work(struct att_worker *w,
                            const struct att_wire_message *m,
                            struct att_error *err)
{
    if (m->kind == ATT_WIRE_GRANT)
        return hear_grant(w, m, err);
    return m->kind == ATT_WIRE_RECALL ? hear_recall(w, err)
                                      : hear_reset(w, err);
}

static att_status hear_stop(struct att_worker *w,
                            const struct att_wire_message *m,
                            struct att_error *err)
{
    struct att_wire_word word;
    bool busy = false;

    att_wire_get(m, 0, &word, sizeof word);
    w->end = (enum att_comm_end)word.word;
    if (w->state == ATT_WORKER_WORKS) {
        ATT_TRY(att_worker_collect(w, err));
        ATT_TRY(poll_lanes(w, 0, &busy, err));
    }
    return w->state == ATT_WORKER_LEFT ? ATT_OK : leave(w, "", err);
}

static att_status hear_exit(struct att_worker *w,
                            const struct att_wire_message *m)
{
    struct att_wire_word word;

    att_wire_get(m, 0, &word, sizeof word);
    w->clean = word.word == 1;
    w->state = ATT_WORKER_OVER;
    return ATT_OK;
}

static att_status hear_refuse(struct att_worker *w,
                              const struct att_wire_message *m)
{
    struct att_wire_text text;

    att_wire_get(m, 0, &text, sizeof text);
    text.text[sizeof text.text - 1] = '\0';
    (void)att_fail(&w->why, ATT_E_COMM, "%s", text.text);
    if (w->state == ATT_WORKER_WORKS)
        w->state = ATT_WORKER_REFUSED;
    return ATT_OK;
}

att_status att_worker_hear(struct att_worker *w,
                           const struct att_wire_message *m, double now,
                           struct att_error *err)
{
    listen_longer(w, now);
    w->silence_s = 0;
    if (w->state == ATT_WORKER_OVER)
        return ATT_OK;
    switch ((int)m->kind) {
    case ATT_WIRE_GRANT:
    case ATT_WIRE_RECALL:
    case ATT_WIRE_RESET:
        return w->state == ATT_WORKER_WORKS ? hear_work(w, m, err) : ATT_OK;
    case ATT_WIRE_PING:
        return ATT_OK;
    case ATT_WIRE_REFUSE:
        return hear_refuse(w, m);
    case ATT_WIRE_STOP:
        return hear_stop(w, m, err);
    case ATT_WIRE_EXIT:
        return hear_exit(w, m);
    default:
        return att_fail(err, ATT_E_COMM,
                        "rank 0 sent a message of kind %d to a worker",
                        (int)m->kind);
    }
}
