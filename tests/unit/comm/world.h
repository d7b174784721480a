/* world.h - ranks, lanes and time that are pretended.
 *
 * All ranks live in this process.  Messages go through rings, lanes "compute"
 * by letting the world's clock pass, and a step lets every rank take a turn.
 * Rank 0 keeps books of what reached its callbacks. */
#pragma once

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/log.h"
#include "attest/comm/coordinator.h"
#include "attest/comm/worker.h"

enum {
    WORLD_RANKS = 8,
    WORLD_LANES = 4,
    WORLD_JOBS = 4096,
    WORLD_TASKS = 20000,
    WORLD_LOG = 16384
};

struct world;

/* What a task does when it has run for its seconds. */
enum world_fate {
    FATE_ROW,
    FATE_CRASH,
    FATE_TIMEOUT,
    FATE_CHECKPOINT,
    FATE_GARBAGE, /* a row of another unit */
    FATE_NOISE    /* no row at all */
};

struct world_lane {
    struct att_lane_job job[WORLD_JOBS]; /* the first one runs */
    size_t n;
    double since;
    bool checkpointed;
};

struct world_rank {
    struct world *world;
    struct att_link link;
    struct att_post in;        /* messages, each behind its sender */
    uint32_t from[WORLD_JOBS]; /* a ring beside `in` */
    size_t from_first;
    struct world_lane lane[WORLD_LANES];
    struct att_worker *worker; /* NULL: dedicated */
    bool dead;                 /* takes no turn; messages to it vanish */
    bool asleep;               /* takes no turn */
    bool lanes_dead;           /* the next poll fails */
};

struct world {
    double now;
    uint32_t n_ranks, n_lanes;
    struct world_rank rank[WORLD_RANKS];
    struct att_schedule *schedule;
    struct att_coordinator *coordinator;
    struct att_comm_calls calls;
    struct att_error err; /* of the turn of rank 0 that failed */
    bool failed;

    double (*seconds)(const struct att_unit *unit);
    enum world_fate (*fate)(const struct att_lane_job *job);
    uint32_t retries;
    enum att_control control;
    uint64_t sink_fails_after; /* rows; 0: never */

    int seen[WORLD_TASKS], ended[WORLD_TASKS];
    uint64_t n_rows, n_failed, n_checkpoints, n_ticks;
    char last_failure[ATT_ERROR_TEXT];
    struct att_schedule_stats stats;
    uint32_t n_lost;
    char phase[24]; /* of a running lane, as the last tick showed it */
    char log[WORLD_LOG];
};

struct world_options {
    uint32_t n_ranks, n_lanes;
    uint64_t n_tasks;
    double seconds_guess; /* predicted */
    bool dedicated;
    int other_plan; /* rank, or 0 */
    double drain_grace_s;
};

/* ---- pretended links ---------------------------------------------------------- */

static att_status world_send(void *self, uint32_t to,
                             struct att_buffer *message, struct att_error *err)
{
    struct world_rank *me = self;
    struct world_rank *other = &me->world->rank[to];

    if (other->dead)
        return ATT_OK;
    if (other->in.n == WORLD_JOBS || !att_post_push(&other->in, message))
        return att_fail(err, ATT_E_NOMEM, "the world is full");
    other->from[(other->from_first + other->in.n - 1) % WORLD_JOBS] =
        me->link.rank;
    return ATT_OK;
}

static att_status world_receive(void *self, uint32_t *from,
                                struct att_buffer *out, bool *got,
                                struct att_error *err)
{
    struct world_rank *me = self;

    (void)err;
    *got = att_post_pop(&me->in, out);
    if (*got) {
        *from = me->from[me->from_first];
        me->from_first = (me->from_first + 1) % WORLD_JOBS;
    }
    return ATT_OK;
}

static const struct att_link_ops LINK_OPS = {world_send, world_receive};

/* ---- pretended lanes ------------------------------------------------------------ */

static att_status lane_submit(void *self, uint32_t lane,
                              const struct att_lane_job *job, size_t n,
                              struct att_error *err)
{
    struct world_rank *me = self;
    struct world_lane *l = &me->lane[lane];

    (void)err;
    CU_ASSERT_FATAL(l->n + n <= WORLD_JOBS);
    if (l->n == 0)
        l->since = me->world->now;
    memcpy(&l->job[l->n], job, n * sizeof *job);
    l->n += n;
    return ATT_OK;
}

static void give_row(struct att_lane_event *e, struct att_buffer *bytes,
                     double wall_s)
{
    const struct att_row row = {
        .task = e->job.unit.task,
        .slice = e->job.unit.slice,
        .n_slices = e->job.unit.n_slices,
        .attempt = e->job.attempt,
        .wall_s = wall_s,
        .host = "",
        .kernel = "",
        .code_id = "",
        .message = "",
    };

    att_row_encode(&row, bytes);
    e->kind = ATT_LANE_ROW;
    e->bytes = bytes->data;
    e->n_bytes = bytes->size;
}

static void give_garbage(struct att_lane_event *e, struct att_buffer *bytes,
                         enum world_fate fate)
{
    const struct att_unit unit = e->job.unit;

    e->job.unit.task++;
    give_row(e, bytes, 1);
    e->job.unit = unit;
    if (fate == FATE_NOISE)
        e->n_bytes = 7;
}

static void give_loss(struct att_lane_event *e, enum world_fate fate,
                      double wall_s)
{
    e->kind = ATT_LANE_LOST;
    e->outcome = fate == FATE_CRASH ? ATT_CRASHED : ATT_TIMEOUT;
    e->message = fate == FATE_CRASH ? "crashed (SIGSEGV)" : "timeout";
    e->wall_s = wall_s;
}

/* The first job of the lane, if its time has come. */
static bool lane_ends_one(struct world_rank *me, uint32_t lane,
                          att_lane_event_fn event, void *context)
{
    struct world_lane *l = &me->lane[lane];
    struct world *w = me->world;

    if (l->n == 0 || w->now < l->since + w->seconds(&l->job[0].unit))
        return false;
    struct att_lane_event e = {.lane = lane, .job = l->job[0]};
    const enum world_fate fate = w->fate(&l->job[0]);
    const double wall_s = w->seconds(&l->job[0].unit);
    struct att_buffer bytes = {0};

    if (fate == FATE_CHECKPOINT && !l->checkpointed) {
        l->checkpointed = true;
        e.kind = ATT_LANE_CHECKPOINT;
        e.bytes = "half";
        e.n_bytes = 4;
        event(context, &e);
        return true;
    }
    l->since += wall_s;
    l->checkpointed = false;
    memmove(&l->job[0], &l->job[1], --l->n * sizeof l->job[0]);
    if (fate == FATE_CRASH || fate == FATE_TIMEOUT)
        give_loss(&e, fate, wall_s);
    else if (fate == FATE_GARBAGE || fate == FATE_NOISE)
        give_garbage(&e, &bytes, fate);
    else
        give_row(&e, &bytes, wall_s);
    event(context, &e);
    att_buffer_fini(&bytes);
    return true;
}

/* The zygote is gone: all is lost, then the poll fails. */
static att_status lanes_die(struct world_rank *me, att_lane_event_fn event,
                            void *context, struct att_error *err)
{
    for (uint32_t i = 0; i < me->world->n_lanes; i++) {
        for (size_t k = 0; k < me->lane[i].n; k++) {
            struct att_lane_event e = {.lane = i, .job = me->lane[i].job[k]};

            give_loss(&e, FATE_CRASH, 0);
            event(context, &e);
        }
        me->lane[i].n = 0;
    }
    return att_fail(err, ATT_E_IO, "the zygote died");
}

static att_status lane_poll(void *self, double timeout_s,
                            att_lane_event_fn event, void *context,
                            size_t *n_events, struct att_error *err)
{
    struct world_rank *me = self;

    (void)timeout_s;
    *n_events = 0;
    if (me->lanes_dead)
        return lanes_die(me, event, context, err);
    for (uint32_t i = 0; i < me->world->n_lanes; i++) {
        while (lane_ends_one(me, i, event, context))
            (*n_events)++;
    }
    return ATT_OK;
}

static size_t lane_take_back(void *self, uint32_t lane,
                             struct att_lane_job *out)
{
    struct world_rank *me = self;
    struct world_lane *l = &me->lane[lane];

    if (l->n < 2)
        return 0;
    const size_t n = l->n - 1;

    memcpy(out, &l->job[1], n * sizeof *out);
    l->n = 1;
    return n;
}

static void lane_state(void *self, uint32_t lane, struct att_lane_state *state)
{
    const struct world_rank *me = self;
    const struct world_lane *l = &me->lane[lane];

    *state = (struct att_lane_state){.running = l->n > 0};
    if (l->n == 0)
        return;
    state->unit = l->job[0].unit;
    state->since = l->since;
    (void)snprintf(state->phase, sizeof state->phase, "build");
}

static const struct att_lane_ops LANE_OPS = {lane_submit, lane_poll,
                                             lane_take_back, lane_state};

/* ---- callbacks --------------------------------------------------------------------- */

static void call_limits(void *context, uint64_t task, struct att_limits *out)
{
    const struct world *w = context;

    (void)task;
    *out = (struct att_limits){.retries = w->retries};
}

static enum att_control call_control(void *context)
{
    const struct world *w = context;

    return w->control;
}

static att_status call_sink(void *context, const struct att_comm_row *row,
                            size_t n, struct att_error *err)
{
    struct world *w = context;

    if (w->sink_fails_after > 0 && w->n_rows >= w->sink_fails_after)
        return att_fail(err, ATT_E_IO, "the disk is full");
    for (size_t i = 0; i < n; i++)
        w->seen[row[i].head.unit.task]++;
    w->n_rows += n;
    return ATT_OK;
}

static att_status call_failed(void *context, const struct att_comm_loss *loss,
                              struct att_error *err)
{
    struct world *w = context;

    (void)err;
    w->ended[loss->unit.task]++;
    w->n_failed++;
    (void)snprintf(w->last_failure, sizeof w->last_failure,
                   "%s after %u attempts on %s", loss->message, loss->attempt,
                   loss->host);
    return ATT_OK;
}

static void call_checkpoint(void *context, const struct att_unit *unit,
                            const void *bytes, size_t n)
{
    struct world *w = context;

    CU_ASSERT_TRUE(unit->task < WORLD_TASKS);
    CU_ASSERT_TRUE(n == 4 && memcmp(bytes, "half", 4) == 0);
    w->n_checkpoints++;
}

static void call_tick(void *context, const struct att_progress *progress)
{
    struct world *w = context;

    w->n_ticks++;
    w->stats = progress->stats;
    w->n_lost = progress->n_lost;
    for (size_t i = 0; i < progress->n_lanes; i++) {
        if (progress->lane[i].running)
            memcpy(w->phase, progress->lane[i].phase, sizeof w->phase);
    }
}

static void call_log(void *context, enum att_log_level level, const char *line)
{
    struct world *w = context;
    const size_t used = strlen(w->log);

    (void)level;
    (void)snprintf(w->log + used, sizeof w->log - used, "%s\n", line);
}

/* ---- the world ------------------------------------------------------------------------ */

static double a_tenth(const struct att_unit *unit)
{
    (void)unit;
    return 0.1;
}

static enum world_fate always_row(const struct att_lane_job *job)
{
    (void)job;
    return FATE_ROW;
}

static void make_worker(struct world *w, uint32_t rank, uint64_t plan_low)
{
    struct world_rank *me = &w->rank[rank];
    struct att_worker_options options = {
        .link = &me->link,
        .ops = &LANE_OPS,
        .lanes = me,
        .calls = &w->calls,
        .hello = {.plan_high = 1,
                  .plan_low = plan_low,
                  .n_lanes = w->n_lanes,
                  .pid = 1000 + rank},
        .heartbeat_s = 1,
        .orphan_after_s = 60,
    };

    (void)snprintf(options.hello.host, sizeof options.hello.host, "node%u",
                   rank);
    CU_ASSERT_EQUAL_FATAL(
        att_worker_create(&options, w->now, &me->worker, NULL), ATT_OK);
}

static void make_coordinator(struct world *w, const struct world_options *o)
{
    const struct att_coordinator_options options = {
        .link = &w->rank[0].link,
        .schedule = w->schedule,
        .calls = &w->calls,
        .plan = {1, 2},
        .dedicated = o->dedicated,
        .heartbeat_s = 1,
        .lost_after_s = 10,
        .orphan_after_s = 60,
        .quiet_s = 30,
        .drain_grace_s = o->drain_grace_s,
    };

    CU_ASSERT_EQUAL_FATAL(
        att_coordinator_create(&options, w->now, &w->coordinator, NULL),
        ATT_OK);
}

static void make_schedule(struct world *w, const struct world_options *o)
{
    const struct att_schedule_options options = {.n_classes = 1};
    const struct att_work work = {.n_slices = 1,
                                  .flops = 1e9 * o->seconds_guess};

    CU_ASSERT_EQUAL_FATAL(att_schedule_create(&options, &w->schedule, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(
        att_schedule_add(w->schedule, 0, o->n_tasks, &work, NULL), ATT_OK);
}

static struct world *world_create(const struct world_options *o)
{
    struct world *w = calloc(1, sizeof *w);

    if (w == NULL)
        abort();
    w->now = 100;
    w->n_ranks = o->n_ranks;
    w->n_lanes = o->n_lanes;
    w->seconds = a_tenth;
    w->fate = always_row;
    w->retries = 1;
    w->calls = (struct att_comm_calls){w,         call_limits, call_control,
                                       call_sink, call_failed, call_checkpoint,
                                       call_tick};
    att_log_set(call_log, w);
    make_schedule(w, o);
    for (uint32_t i = 0; i < o->n_ranks; i++) {
        w->rank[i].world = w;
        w->rank[i].link = (struct att_link){.rank = i,
                                            .size = o->n_ranks,
                                            .ops = &LINK_OPS,
                                            .self = &w->rank[i]};
    }
    make_coordinator(w, o);
    for (uint32_t i = o->dedicated; i < o->n_ranks; i++)
        make_worker(w, i, (uint32_t)o->other_plan == i && i > 0 ? 3 : 2);
    return w;
}

static void world_destroy(struct world *w)
{
    att_log_set(NULL, NULL);
    att_coordinator_destroy(w->coordinator);
    att_schedule_destroy(w->schedule);
    for (uint32_t i = 0; i < w->n_ranks; i++) {
        att_worker_destroy(w->rank[i].worker);
        att_link_fini(&w->rank[i].link);
        att_post_fini(&w->rank[i].in);
    }
    free(w);
}

static att_status deliver(struct world *w, uint32_t to, uint32_t from,
                          struct att_buffer *bytes, struct att_error *err)
{
    struct att_wire_message m = {0};

    const bool readable =
        att_wire_read(bytes->data, bytes->size, &m, NULL) == ATT_OK;

    if (to == 0 && (!readable || m.kind < ATT_WIRE_GRANT))
        return att_coordinator_hear(w->coordinator, from, bytes, w->now, err);
    return w->rank[to].worker == NULL
               ? ATT_OK
               : att_worker_hear(w->rank[to].worker, &m, w->now, err);
}

static att_status take_turn(struct world *w, uint32_t rank,
                            struct att_error *err)
{
    struct world_rank *me = &w->rank[rank];
    struct att_buffer bytes = {0};
    att_status status = ATT_OK;
    bool got = true, busy = false;
    uint32_t from = 0;

    while (got && status == ATT_OK) {
        status = att_link_receive(&me->link, &from, &bytes, &got, err);
        if (got && status == ATT_OK)
            status = deliver(w, rank, from, &bytes, err);
    }
    att_buffer_fini(&bytes);
    if (status == ATT_OK && me->worker != NULL)
        status = att_worker_turn(me->worker, w->now, 0, &busy, err);
    if (status == ATT_OK && rank == 0 && !att_coordinator_ended(w->coordinator))
        status = att_coordinator_turn(w->coordinator, w->now, &busy, err);
    return status;
}

/* Let dt pass, then every rank that is neither dead nor asleep takes a turn. */
static void world_step(struct world *w, double dt)
{
    w->now += dt;
    for (uint32_t i = 0; i < w->n_ranks && !w->failed; i++) {
        if (w->rank[i].dead || w->rank[i].asleep)
            continue;
        if (take_turn(w, i, &w->err) != ATT_OK)
            w->failed = true;
    }
}

/* Steps of dt until rank 0 ended, failed, or `steps` were made. */
static void world_run(struct world *w, double dt, int steps)
{
    while (steps-- > 0 && !w->failed && !att_coordinator_ended(w->coordinator))
        world_step(w, dt);
}

/* Let the last messages arrive. */
static void world_settle(struct world *w)
{
    for (int i = 0; i < 10; i++)
        world_step(w, 0.01);
}

/* Has some task two rows, or a row and a failure? */
static bool world_doubled(const struct world *w, uint64_t n_tasks)
{
    for (uint64_t t = 0; t < n_tasks; t++) {
        if (w->seen[t] + w->ended[t] > 1)
            return true;
    }
    return false;
}

/* Has every task one row or one failure? */
static bool world_complete(const struct world *w, uint64_t n_tasks)
{
    for (uint64_t t = 0; t < n_tasks; t++) {
        if (w->seen[t] + w->ended[t] != 1)
            return false;
    }
    return true;
}

static enum att_comm_end end_of(const struct world *w)
{
    CU_ASSERT_TRUE(att_coordinator_ended(w->coordinator));
    return att_coordinator_end(w->coordinator);
}

static bool says(const struct world *w, const char *text)
{
    return strstr(w->log, text) != NULL;
}
