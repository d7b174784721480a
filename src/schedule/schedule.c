/* schedule.c - the life of a unit, from added to counted. */
#include "attest/schedule/schedule.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "schedule_priv.h"

/* ---- life ---------------------------------------------------------------- */

att_status att_schedule_create(const struct att_schedule_options *options,
                               struct att_schedule **schedule,
                               struct att_error *err)
{
    if (options->n_classes == 0)
        return att_fail(err, ATT_E_ARG, "a schedule needs a class of costs");
    struct att_schedule *s = calloc(1, sizeof *s);

    if (s == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for the schedule");
    const att_status status = att_bins_init(&s->bins, options, err);

    if (status != ATT_OK) {
        att_schedule_destroy(s);
        return status;
    }
    s->batch_s = options->batch_s > 0 ? options->batch_s : 0.010;
    s->deadline = INFINITY;
    s->ward = NO_WARD;
    *schedule = s;
    return ATT_OK;
}

void att_schedule_destroy(struct att_schedule *s)
{
    if (s == NULL)
        return;
    att_bins_fini(&s->bins);
    att_flights_fini(&s->flights);
    att_crew_fini(&s->crew);
    free(s->returned);
    free(s);
}

/* ---- what there is to do -------------------------------------------------- */

static att_status check_work(const struct att_schedule *s,
                             const struct att_work *work, struct att_error *err)
{
    if (work->class_id >= s->bins.n_classes) {
        return att_fail(err, ATT_E_ARG, "class %u of %u", work->class_id,
                        s->bins.n_classes);
    }
    if (work->n_slices == 0)
        return att_fail(err, ATT_E_ARG, "a task of 0 slices");
    if (!isfinite(work->flops) || work->flops < 0 || !isfinite(work->bytes) ||
        work->bytes < 0) {
        return att_fail(err, ATT_E_ARG, "a task of %g flop and %g byte",
                        work->flops, work->bytes);
    }
    return ATT_OK;
}

/* Numbers that share their high 32 bits go into one bin, in runs that fit. */
static att_status add_piece(struct att_schedule *s, uint64_t first,
                            uint32_t count, const struct att_work *work,
                            struct att_error *err)
{
    uint32_t bin = 0;

    ATT_TRY(att_bins_place(&s->bins, first, work, &bin, err));
    att_bins_count(&s->bins, bin, count, work);
    ATT_TRY(att_bins_append(&s->bins, bin, (uint32_t)first, count, err));
    s->tally.n_tasks += count;
    return ATT_OK;
}

att_status att_schedule_add(struct att_schedule *s, uint64_t first,
                            uint64_t count, const struct att_work *work,
                            struct att_error *err)
{
    ATT_TRY(check_work(s, work, err));
    while (count > 0) {
        const uint64_t room = (UINT64_C(1) << 32) - (uint32_t)first;
        uint64_t n = count < room ? count : room;

        n = n < UINT32_MAX ? n : UINT32_MAX;
        ATT_TRY(add_piece(s, first, (uint32_t)n, work, err));
        first += n;
        count -= n;
    }
    return ATT_OK;
}

att_status att_schedule_keep(struct att_schedule *s, uint64_t count,
                             const struct att_work *work, struct att_error *err)
{
    uint32_t bin = 0;

    ATT_TRY(check_work(s, work, err));
    ATT_TRY(att_bins_place(&s->bins, 0, work, &bin, err));
    att_bins_count(&s->bins, bin, count, work);
    s->bins.bin[bin].units_over += count * work->n_slices;
    s->tally.n_tasks += count;
    s->tally.n_kept += count;
    return ATT_OK;
}

att_status att_schedule_learn(struct att_schedule *s,
                              const struct att_work *work, double wall_s,
                              struct att_error *err)
{
    uint32_t bin = 0;

    ATT_TRY(check_work(s, work, err));
    ATT_TRY(att_bins_place(&s->bins, 0, work, &bin, err));
    att_bins_measure(&s->bins, bin, work->flops / work->n_slices, wall_s, true);
    return ATT_OK;
}

/* ---- time ------------------------------------------------------------------ */

uint64_t att_schedule_waiting(const struct att_schedule *s)
{
    return s->bins.n_waiting + s->n_returned;
}

void att_tally_pass(struct tally *t, const struct crew *crew, double dt)
{
    t->lane_s += dt * crew->n_lanes;
    t->tail_s += dt * (crew->n_lanes - crew->n_busy);
}

void att_schedule_advance(struct att_schedule *s, double now)
{
    if (now <= s->now)
        return;
    if (s->started)
        att_tally_pass(&s->tally, &s->crew, now - s->now);
    s->now = now;
}

void att_schedule_until(struct att_schedule *s, double deadline)
{
    s->deadline = deadline;
}

void att_schedule_drain(struct att_schedule *s)
{
    s->draining = true;
}

bool att_schedule_in_time(const struct att_schedule *s, const struct bin *bin,
                          double start)
{
    return (bin->key.flags & BIN_ALWAYS) ||
           start + bin->predicted_s <= s->deadline;
}

/* Is there something left that could start now on an empty worker? */
static bool anything_in_time(const struct att_schedule *s, double now)
{
    if (isinf(s->deadline))
        return att_schedule_waiting(s) > 0;
    for (size_t i = 0; i < s->n_returned; i++) {
        if (att_schedule_in_time(s, &s->bins.bin[s->returned[i].bin], now))
            return true;
    }
    for (size_t i = 0; i < s->bins.n_bins; i++) {
        if (s->bins.bin[i].n_waiting > 0 &&
            att_schedule_in_time(s, &s->bins.bin[i], now))
            return true;
    }
    return false;
}

bool att_schedule_over(const struct att_schedule *s, double now)
{
    return s->n_in_flight == 0 && (s->draining || !anything_in_time(s, now));
}

bool att_schedule_hopeful(const struct att_schedule *s, double now,
                          double deadline)
{
    if (now >= deadline)
        return false;
    for (size_t i = 0; i < s->flights.room; i++) {
        const struct flight *at = &s->flights.place[i];

        if (att_flight_is_unit(at) &&
            at->since + at->predicted_s / 2 <= deadline)
            return true;
    }
    return false;
}

/* ---- workers --------------------------------------------------------------- */

att_status att_schedule_join(struct att_schedule *s, uint32_t worker,
                             const struct att_schedule_worker *about,
                             double now, struct att_error *err)
{
    att_schedule_advance(s, now);
    return att_crew_join(&s->crew, worker, about, now, err);
}

/* Take a unit out of flight.  The worker is free of it. */
static struct flight take(struct att_schedule *s, struct flight *at)
{
    const struct flight gone = *at;
    struct worker *w = att_crew_find(&s->crew, gone.worker);

    att_flights_remove(&s->flights, at);
    s->n_in_flight--;
    if (w == NULL)
        return gone;
    att_crew_release(&s->crew, w, gone.bytes_level, gone.predicted_s);
    w->n_started -= gone.started;
    w->on_trial = w->on_trial && (gone.started || !gone.suspect);
    return gone;
}

static void put_back(struct att_schedule *s, const struct flight *gone,
                     uint32_t attempt)
{
    assert(s->n_returned < s->returned_room);
    s->returned[s->n_returned++] =
        (struct returned){gone->unit, gone->bin, attempt, gone->suspect};
    s->n_suspects += gone->suspect;
}

/* Remove what is in flight of a worker; entries may move while we look. */
static void depart(struct att_schedule *s, uint32_t worker, bool lost,
                   double now)
{
    struct worker *w = att_crew_find(&s->crew, worker);

    if (w == NULL)
        return;
    att_schedule_advance(s, now);
    for (size_t i = 0; w->n_held > 0 && i < s->flights.room;) {
        struct flight *at = &s->flights.place[i];

        if (att_flight_is_unit(at) && at->worker == worker) {
            struct flight gone = take(s, at);

            gone.suspect = gone.suspect || (lost && !gone.started);
            put_back(s, &gone, gone.attempt);
        } else {
            i++;
        }
    }
    att_crew_leave(&s->crew, w);
}

void att_schedule_leave(struct att_schedule *s, uint32_t worker, double now)
{
    depart(s, worker, false, now);
}

void att_schedule_lose(struct att_schedule *s, uint32_t worker, double now)
{
    depart(s, worker, true, now);
}

/* ---- reports ---------------------------------------------------------------- */

struct flight *att_schedule_held_by(const struct att_schedule *s,
                                    uint32_t worker,
                                    const struct att_unit *unit)
{
    struct flight *at = att_flights_find(&s->flights, unit->task, unit->slice);

    return at != NULL && at->worker == worker &&
                   unit->slice != (uint32_t)FLIGHT_TASK
               ? at
               : NULL;
}

bool att_schedule_holds(const struct att_schedule *s, uint32_t worker,
                        const struct att_unit *unit)
{
    return att_schedule_held_by(s, worker, unit) != NULL;
}

bool att_schedule_claim(struct att_schedule *s, uint32_t worker,
                        const struct att_unit *unit)
{
    struct flight *at = att_schedule_held_by(s, worker, unit);

    if (at == NULL || at->claimed)
        return false;
    at->claimed = true;
    return true;
}

uint32_t att_schedule_attempt(const struct att_schedule *s,
                              const struct att_unit *unit)
{
    const struct flight *at =
        att_flights_find(&s->flights, unit->task, unit->slice);

    return at == NULL ? 0 : at->attempt;
}

/* The worker reported on a unit that it no longer holds. */
static void reported(struct att_schedule *s, uint32_t worker, double wall_s)
{
    struct worker *w = att_crew_find(&s->crew, worker);

    s->tally.busy_s += wall_s;
    if (w == NULL)
        return;
    w->event_s = s->now;
    w->n_reported++;
}

static void count_task(struct att_schedule *s, enum att_outcome_status status)
{
    s->tally.n_over++;
    if ((unsigned)status < ATT_OUTCOMES)
        s->tally.n_by[status]++;
}

/* One slice of a task came.  The first that is not done names the task. */
static bool slice_came(struct att_schedule *s, const struct flight *gone,
                       enum att_outcome_status status)
{
    struct flight *task =
        att_flights_find(&s->flights, gone->unit.task, (uint32_t)FLIGHT_TASK);

    assert(task != NULL);
    if (task->status == ATT_DONE)
        task->status = (uint8_t)status;
    if (--task->left > 0)
        return false;
    count_task(s, task->status);
    att_flights_remove(&s->flights, task);
    return true;
}

bool att_schedule_done(struct att_schedule *s, uint32_t worker,
                       const struct att_unit *unit,
                       enum att_outcome_status status, double wall_s,
                       double now)
{
    struct flight *at = att_schedule_held_by(s, worker, unit);

    if (at == NULL)
        return false;
    att_schedule_advance(s, now);
    const struct flight gone = take(s, at);
    struct bin *bin = &s->bins.bin[gone.bin];

    reported(s, worker, wall_s);
    att_tally_ratio(&s->tally, gone.predicted_s, wall_s);
    att_bins_measure(&s->bins, gone.bin, att_bin_flops(bin), wall_s,
                     status == ATT_DONE);
    bin->units_over++;
    if (gone.unit.n_slices > 1)
        return slice_came(s, &gone, status);
    count_task(s, status);
    return true;
}

/* ---- what does not come back with a row ------------------------------------- */

static uint32_t forget_flights(struct att_schedule *s, uint64_t task)
{
    uint32_t n = 0;

    for (size_t i = 0; i < s->flights.room;) {
        struct flight *at = &s->flights.place[i];

        if (att_flight_is_unit(at) && at->unit.task == task) {
            (void)take(s, at);
            n++;
        } else {
            i++;
        }
    }
    return n;
}

static uint32_t forget_returned(struct att_schedule *s, uint64_t task)
{
    const size_t before = s->n_returned;
    size_t n = 0;

    for (size_t i = 0; i < before; i++) {
        if (s->returned[i].unit.task != task) {
            s->returned[n++] = s->returned[i];
        } else {
            s->n_suspects -= s->returned[i].suspect;
        }
    }
    s->n_returned = n;
    return (uint32_t)(before - n);
}

/* The task ends with this unit; whatever else there is of it is called off. */
static void close_task(struct att_schedule *s, const struct flight *gone,
                       enum att_outcome_status status)
{
    const uint64_t task = gone->unit.task;
    uint64_t n_units = 1;

    if (gone->unit.n_slices > 1) {
        n_units += forget_flights(s, task);
        n_units += forget_returned(s, task);
        n_units += att_bins_cut(&s->bins, gone->bin, task);
        att_flights_remove(
            &s->flights,
            att_flights_find(&s->flights, task, (uint32_t)FLIGHT_TASK));
    }
    s->bins.bin[gone->bin].units_over += n_units;
    count_task(s, status);
}

enum att_schedule_verdict att_schedule_fail(
    struct att_schedule *s, uint32_t worker, const struct att_unit *unit,
    const struct att_schedule_failure *failure, double now)
{
    struct flight *at = att_schedule_held_by(s, worker, unit);

    if (at == NULL)
        return ATT_SCHEDULE_STALE;
    att_schedule_advance(s, now);
    const struct flight gone = take(s, at);

    reported(s, worker, failure->wall_s);
    if (failure->status == ATT_CRASHED && gone.attempt <= failure->retries) {
        put_back(s, &gone, gone.attempt + 1);
        s->tally.n_retried++;
        return ATT_SCHEDULE_RETRY;
    }
    close_task(s, &gone, failure->status);
    return ATT_SCHEDULE_FINAL;
}

void att_schedule_give_back(struct att_schedule *s, uint32_t worker,
                            const struct att_unit *unit, size_t n, double now)
{
    struct worker *w = att_crew_find(&s->crew, worker);

    att_schedule_advance(s, now);
    for (size_t i = 0; i < n; i++) {
        struct flight *at = att_schedule_held_by(s, worker, &unit[i]);

        if (at == NULL)
            continue;
        const struct flight gone = take(s, at);

        put_back(s, &gone, gone.attempt);
    }
    if (w != NULL)
        w->recalled = false;
}
