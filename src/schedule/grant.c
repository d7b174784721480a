/* grant.c - what a worker is given, and what it is asked to give back.
 *
 * An answer takes a millisecond where ranks sleep between looks, and ten where
 * they share their cores with lanes, so a worker holds more than it runs:
 * small units for four batches per lane, or one more unit of up to a second.
 * Longer units are not given ahead: waiting a millisecond for them costs
 * nothing, and whoever is free first should take the longest.  At the tail,
 * batches shrink with what is left, so that all lanes end together. */
#include <math.h>
#include <stdlib.h>

#include "schedule_priv.h"

/* Units longer than this are not given ahead of need. */
static const double AHEAD_S = 1.0;

/* Waiting units worth less than this are not asked back. */
static const double RECALL_S = 0.010;

double att_schedule_waiting_s(const struct att_schedule *s)
{
    double seconds = s->bins.waiting_s;

    for (size_t i = 0; i < s->n_returned; i++)
        seconds += s->bins.bin[s->returned[i].bin].predicted_s;
    return seconds;
}

/* What a lane should hold of small units: one batch that runs, and three on
 * the way to it or back; at the tail half of its share of what is left. */
static double hold_s(const struct att_schedule *s)
{
    return fmin(4 * s->batch_s, s->bins.waiting_s / (2.0 * s->crew.n_lanes));
}

/* Predictions are trusted as far as the worker has reported: each round may
 * hold three times what the last one brought back. */
static bool trusted(const struct worker *w)
{
    return w->n_held < 2 * (w->n_lanes + w->n_reported);
}

static bool wants_more(const struct att_schedule *s, const struct worker *w)
{
    const double per_lane = w->held_s / w->n_lanes;

    if (att_worker_idle(w))
        return true;
    if (att_schedule_waiting(s) <= s->crew.n_lanes)
        return false;
    if (w->n_held < 2 * w->n_lanes && per_lane < AHEAD_S)
        return true;
    return per_lane < hold_s(s) && trusted(w);
}

bool att_schedule_suits(const struct att_schedule *s, struct worker *w,
                        uint32_t bin)
{
    const struct bin *b = &s->bins.bin[bin];
    const double before = att_worker_idle(w) ? 0 : w->held_s / w->n_lanes;

    return att_schedule_in_time(s, b, s->now + before) &&
           att_crew_fits(&s->crew, w, att_bytes_level(b->bytes));
}

/* What came back goes first, and before it what is suspect. */
static bool pick_returned(struct att_schedule *s, struct worker *w,
                          bool suspects, struct returned *out)
{
    if ((suspects ? s->n_suspects : s->n_returned - s->n_suspects) == 0)
        return false;
    for (size_t i = s->n_returned; i-- > 0;) {
        if (s->returned[i].suspect == suspects &&
            att_schedule_suits(s, w, s->returned[i].bin)) {
            *out = s->returned[i];
            s->returned[i] = s->returned[--s->n_returned];
            s->n_suspects -= suspects;
            return true;
        }
    }
    return false;
}

/* The longest that suits.  Bins before *from did not suit this worker. */
static bool pick_bin(struct att_schedule *s, struct worker *w, size_t *from,
                     struct returned *out)
{
    struct bins *bins = &s->bins;

    while (bins->head < bins->n_order &&
           bins->bin[bins->order[bins->head].bin].n_waiting == 0)
        bins->head++;
    for (size_t i = *from > bins->head ? *from : bins->head; i < bins->n_order;
         i++) {
        const uint32_t bin = bins->order[i].bin;

        *from = i;
        if (bins->bin[bin].n_waiting > 0 && att_schedule_suits(s, w, bin)) {
            *out = (struct returned){.unit = att_bin_peek(&bins->bin[bin]),
                                     .bin = bin,
                                     .attempt = 1};
            att_bins_pop(bins, bin);
            return true;
        }
    }
    return false;
}

static bool pick(struct att_schedule *s, uint32_t worker, struct worker *w,
                 size_t *from, struct returned *out)
{
    if (att_trial_may_begin(s, worker, w) && pick_returned(s, w, true, out))
        return true;
    return pick_returned(s, w, false, out) || pick_bin(s, w, from, out);
}

/* Room for one unit more in flight, its task's entry, and its way back. */
static bool reserve_one(struct att_schedule *s)
{
    const size_t need = s->n_returned + s->n_in_flight + 1;

    if (!att_flights_reserve(&s->flights, 2))
        return false;
    if (need <= s->returned_room)
        return true;
    struct returned *wide = realloc(s->returned, 2 * need * sizeof *wide);

    if (wide == NULL)
        return false;
    s->returned = wide;
    s->returned_room = 2 * need;
    return true;
}

static void open_task(struct att_schedule *s, const struct returned *r)
{
    if (r->unit.n_slices == 1 ||
        att_flights_find(&s->flights, r->unit.task, (uint32_t)FLIGHT_TASK) !=
            NULL)
        return;
    att_flights_add(
        &s->flights,
        &(struct flight){
            .unit = {r->unit.task, (uint32_t)FLIGHT_TASK, r->unit.n_slices},
            .bin = r->bin,
            .worker = UINT32_MAX,
            .attempt = 1,
            .left = r->unit.n_slices,
        });
}

static void hand_out(struct att_schedule *s, uint32_t number, struct worker *w,
                     const struct returned *r, struct att_grant *out)
{
    const struct bin *b = &s->bins.bin[r->bin];
    const struct flight f = {
        .unit = r->unit,
        .bin = r->bin,
        .worker = number,
        .attempt = r->attempt,
        .suspect = r->suspect,
        .bytes_level = att_bytes_level(b->bytes),
        .predicted_s = b->predicted_s,
        .since = s->now,
    };

    if (w->n_held == 0)
        w->event_s = s->now;
    open_task(s, r);
    att_flights_add(&s->flights, &f);
    s->n_in_flight++;
    att_crew_hold(&s->crew, w, f.bytes_level, f.predicted_s);
    w->on_trial = w->on_trial || f.suspect;
    *out = (struct att_grant){r->unit, r->attempt, b->predicted_s, b->bytes};
}

size_t att_schedule_grant(struct att_schedule *s, uint32_t worker, double now,
                          struct att_grant *out, size_t capacity)
{
    struct worker *w = att_crew_find(&s->crew, worker);
    size_t n = 0, from = 0;

    att_schedule_advance(s, now);
    if (s->draining || w == NULL || w->recalled)
        return 0;
    att_bins_renew(&s->bins);
    if (att_trial_waits(s, worker, w))
        return 0;
    while (n < capacity && !w->on_trial && wants_more(s, w) && reserve_one(s)) {
        struct returned r;

        if (!pick(s, worker, w, &from, &r))
            break;
        hand_out(s, worker, w, &r, &out[n++]);
    }
    if (n > 0) {
        s->started = true;
        s->tally.tail_s = 0;
    }
    return n;
}

bool att_schedule_hungry(const struct att_schedule *s)
{
    return s->crew.n_busy < s->crew.n_lanes;
}

/* Seconds of work that wait behind the running units of a worker: predicted,
 * or as long as the running one has kept them waiting. */
static double waits_s(const struct worker *w, double now)
{
    if (w->recalled || w->n_held <= w->n_lanes)
        return 0;
    const double predicted = w->held_s * (1 - (double)w->n_lanes / w->n_held);

    return fmax(predicted, now - w->event_s);
}

bool att_schedule_recall(struct att_schedule *s, double now, uint32_t *worker)
{
    double longest = RECALL_S;
    struct worker *found = NULL;

    if (s->draining || att_schedule_waiting(s) > 0 || !att_schedule_hungry(s))
        return false;
    for (uint32_t i = 0; i < s->crew.n_workers; i++) {
        struct worker *w = att_crew_find(&s->crew, i);
        const double seconds = w == NULL ? 0 : waits_s(w, now);

        if (seconds > longest) {
            longest = seconds;
            *worker = i;
            found = w;
        }
    }
    if (found == NULL)
        return false;
    found->recalled = true;
    return true;
}
