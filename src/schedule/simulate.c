/* simulate.c - pretended workers and a heap of what happens next. */
#include "attest/schedule/simulate.h"

#include <assert.h>
#include <stdlib.h>

enum event_kind { LANE_ENDS, ANSWER_COMES };

struct event {
    double at;
    uint64_t order; /* of making: ties go to the earlier */
    enum event_kind kind;
    uint32_t worker;
    double seconds; /* LANE_ENDS: how long the unit took */
    struct att_grant grant;
};

struct pretended {
    struct att_grant *queue; /* ring of room entries */
    size_t room, first, n;
    uint32_t n_free; /* lanes */
};

struct simulation {
    struct att_schedule *schedule;
    const struct att_simulation_options *options;
    struct pretended *worker; /* n_workers */
    struct event *heap;       /* n_events of room */
    size_t n_events, room;
    uint64_t n_made;
    double now, last_report;
    struct att_grant *grants; /* ATT_SCHEDULE_GRANT, scratch */
    struct att_unit *units;   /* the same */
    struct att_simulation result;
};

static bool before(const struct event *a, const struct event *b)
{
    if (a->at < b->at || a->at > b->at)
        return a->at < b->at;
    return a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
    const struct event c = *a;

    *a = *b;
    *b = c;
}

static att_status push(struct simulation *sim, struct event event,
                       struct att_error *err)
{
    if (sim->n_events == sim->room) {
        const size_t room = 2 * sim->room + 64;
        struct event *wide = realloc(sim->heap, room * sizeof *wide);

        if (wide == NULL)
            return att_fail(err, ATT_E_NOMEM, "no memory for %zu events", room);
        sim->heap = wide;
        sim->room = room;
    }
    event.order = sim->n_made++;
    size_t i = sim->n_events++;

    sim->heap[i] = event;
    for (; i > 0 && before(&sim->heap[i], &sim->heap[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(&sim->heap[i], &sim->heap[(i - 1) / 2]);
    return ATT_OK;
}

static struct event pop(struct simulation *sim)
{
    const struct event first = sim->heap[0];
    size_t i = 0;

    sim->heap[0] = sim->heap[--sim->n_events];
    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < sim->n_events &&
            before(&sim->heap[child + 1], &sim->heap[child]))
            child++;
        if (child >= sim->n_events || !before(&sim->heap[child], &sim->heap[i]))
            return first;
        swap(&sim->heap[i], &sim->heap[child]);
        i = child;
    }
}

/* ---- workers ---------------------------------------------------------------- */

static att_status queue_reserve(struct pretended *w, size_t n,
                                struct att_error *err)
{
    if (w->n + n <= w->room)
        return ATT_OK;
    const size_t room = 2 * (w->n + n);
    struct att_grant *wide = malloc(room * sizeof *wide);

    if (wide == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %zu units", room);
    for (size_t i = 0; i < w->n; i++)
        wide[i] = w->queue[(w->first + i) % w->room];
    free(w->queue);
    w->queue = wide;
    w->room = room;
    w->first = 0;
    return ATT_OK;
}

static double seconds_of(const struct simulation *sim,
                         const struct att_grant *grant)
{
    const struct att_simulation_options *o = sim->options;

    return o->seconds == NULL ? grant->predicted_s
                              : o->seconds(o->context, grant);
}

/* Free lanes take what waits, in order. */
static att_status start_lanes(struct simulation *sim, uint32_t worker,
                              struct att_error *err)
{
    struct pretended *w = &sim->worker[worker];

    while (w->n_free > 0 && w->n > 0) {
        const struct att_grant grant = w->queue[w->first];
        const double seconds = seconds_of(sim, &grant);

        w->first = (w->first + 1) % w->room;
        w->n--;
        w->n_free--;
        ATT_TRY(push(sim,
                     (struct event){.at = sim->now + seconds,
                                    .kind = LANE_ENDS,
                                    .worker = worker,
                                    .seconds = seconds,
                                    .grant = grant},
                     err));
    }
    return ATT_OK;
}

static att_status ask(struct simulation *sim, uint32_t worker,
                      struct att_error *err)
{
    struct pretended *w = &sim->worker[worker];
    const size_t n = att_schedule_grant(sim->schedule, worker, sim->now,
                                        sim->grants, ATT_SCHEDULE_GRANT);

    ATT_TRY(queue_reserve(w, n, err));
    for (size_t i = 0; i < n; i++)
        w->queue[(w->first + w->n++) % w->room] = sim->grants[i];
    return start_lanes(sim, worker, err);
}

static att_status ask_all(struct simulation *sim, uint32_t first, uint32_t n,
                          struct att_error *err)
{
    for (uint32_t i = first; i < first + n && i < sim->options->n_workers; i++)
        ATT_TRY(ask(sim, i, err));
    return ATT_OK;
}

/* The tail: what waits behind running units goes to whoever is free. */
static att_status spread(struct simulation *sim, struct att_error *err)
{
    uint32_t number = 0;

    while (att_schedule_recall(sim->schedule, sim->now, &number)) {
        struct pretended *w = &sim->worker[number];
        size_t n = 0;

        while (w->n > 0 && n < ATT_SCHEDULE_GRANT) {
            sim->units[n++] = w->queue[w->first].unit;
            w->first = (w->first + 1) % w->room;
            w->n--;
        }
        att_schedule_give_back(sim->schedule, number, sim->units, n, sim->now);
        ATT_TRY(ask_all(sim, 0, sim->options->n_workers, err));
        if (n == 0)
            break;
    }
    return ATT_OK;
}

/* A node's memory is shared: when one worker is done, another may be served. */
static att_status answer(struct simulation *sim, uint32_t worker,
                         struct att_error *err)
{
    const struct att_simulation_options *o = sim->options;

    ATT_TRY(ask(sim, worker, err));
    if (o->memory_bytes > 0) {
        ATT_TRY(ask_all(sim, worker - worker % o->workers_per_node,
                        o->workers_per_node, err));
    }
    return spread(sim, err);
}

static att_status lane_ends(struct simulation *sim, const struct event *event,
                            struct att_error *err)
{
    const uint32_t worker = event->worker;

    (void)att_schedule_done(sim->schedule, worker, &event->grant.unit, ATT_DONE,
                            event->seconds, sim->now);
    sim->result.n_units++;
    sim->result.busy_s += event->seconds;
    sim->last_report = sim->now;
    sim->worker[worker].n_free++;
    ATT_TRY(start_lanes(sim, worker, err));
    if (sim->options->latency_s <= 0)
        return answer(sim, worker, err);
    return push(sim,
                (struct event){.at = sim->now + sim->options->latency_s,
                               .kind = ANSWER_COMES,
                               .worker = worker},
                err);
}

/* ---- a run ------------------------------------------------------------------ */

static att_status arrive(struct simulation *sim, struct att_error *err)
{
    const struct att_simulation_options *o = sim->options;

    for (uint32_t i = 0; i < o->n_workers; i++) {
        const struct att_schedule_worker about = {
            .n_lanes = o->lanes_per_worker,
            .node = i / o->workers_per_node,
            .memory_bytes = o->memory_bytes,
        };

        sim->worker[i].n_free = o->lanes_per_worker;
        ATT_TRY(att_schedule_join(sim->schedule, i, &about, 0, err));
    }
    return ask_all(sim, 0, o->n_workers, err);
}

static att_status run(struct simulation *sim, struct att_error *err)
{
    ATT_TRY(arrive(sim, err));
    while (sim->n_events > 0) {
        const struct event event = pop(sim);

        assert(event.at >= sim->now);
        sim->now = event.at;
        ATT_TRY(event.kind == LANE_ENDS ? lane_ends(sim, &event, err)
                                        : answer(sim, event.worker, err));
    }
    return ATT_OK;
}

static void summarise(struct simulation *sim)
{
    const struct att_simulation_options *o = sim->options;
    const double lanes = (double)o->n_workers * o->lanes_per_worker;
    struct att_schedule_stats stats;

    att_schedule_stats(sim->schedule, sim->last_report, &stats);
    sim->result.makespan_s = sim->last_report;
    sim->result.efficiency =
        sim->last_report > 0 ? sim->result.busy_s / (lanes * sim->last_report)
                             : 1;
    sim->result.idle_tail_s = stats.idle_tail_s;
    sim->result.finished = stats.n_waiting == 0 && stats.n_in_flight == 0;
}

static att_status allocate(struct simulation *sim, struct att_error *err)
{
    sim->worker = calloc(sim->options->n_workers, sizeof *sim->worker);
    sim->grants = malloc(ATT_SCHEDULE_GRANT * sizeof *sim->grants);
    sim->units = malloc(ATT_SCHEDULE_GRANT * sizeof *sim->units);
    if (sim->worker == NULL || sim->grants == NULL || sim->units == NULL) {
        return att_fail(err, ATT_E_NOMEM, "no memory for %u pretended workers",
                        sim->options->n_workers);
    }
    return ATT_OK;
}

static void release(struct simulation *sim)
{
    for (uint32_t i = 0; sim->worker != NULL && i < sim->options->n_workers;
         i++)
        free(sim->worker[i].queue);
    free(sim->worker);
    free(sim->grants);
    free(sim->units);
    free(sim->heap);
}

att_status att_simulate(struct att_schedule *schedule,
                        const struct att_simulation_options *options,
                        struct att_simulation *out, struct att_error *err)
{
    struct simulation sim = {.schedule = schedule, .options = options};

    if (options->n_workers == 0 || options->lanes_per_worker == 0 ||
        options->workers_per_node == 0) {
        return att_fail(err, ATT_E_ARG,
                        "a simulation needs workers, lanes and nodes");
    }
    att_status status = allocate(&sim, err);

    if (status == ATT_OK)
        status = run(&sim, err);
    if (status == ATT_OK) {
        summarise(&sim);
        *out = sim.result;
    }
    release(&sim);
    return status;
}
