/* stats.c - how far, how fast, how long still. */
#include <math.h>

#include "schedule_priv.h"

/* Weight of the newest unit in the moving mean of prediction errors. */
static const double RATIO_WEIGHT = 0.05;

void att_tally_ratio(struct tally *t, double predicted_s, double wall_s)
{
    if (predicted_s <= 0 || wall_s <= 0)
        return;
    const double x = log(wall_s / predicted_s);
    const double a = fmax(RATIO_WEIGHT, 1.0 / (double)(t->n_ratios + 1));
    const double off = x - t->log_ratio;

    t->log_ratio += a * off;
    t->log_spread = (1 - a) * (t->log_spread + a * off * off);
    t->n_ratios++;
}

void att_schedule_tick(struct att_schedule *s, double now)
{
    struct tally *t = &s->tally;

    att_schedule_advance(s, now);
    att_bins_renew(&s->bins);
    t->sample[t->n_samples % SCHEDULE_SAMPLES].at = now;
    t->sample[t->n_samples % SCHEDULE_SAMPLES].n_over = t->n_over;
    t->n_samples++;
}

double att_schedule_seconds(const struct att_schedule *s,
                            const struct att_work *work)
{
    return att_bins_predict(&s->bins, work);
}

struct att_schedule_rate att_schedule_rate(const struct att_schedule *s,
                                           uint32_t class_id)
{
    return att_class_rate(&s->bins.class_cost[class_id]);
}

/* Tasks per second since the oldest sample. */
static double rate_of(const struct att_schedule *s, double now)
{
    const struct tally *t = &s->tally;

    if (t->n_samples == 0)
        return 0;
    const uint64_t oldest = t->n_samples < SCHEDULE_SAMPLES ? 0 : t->n_samples;
    const double dt = now - t->sample[oldest % SCHEDULE_SAMPLES].at;
    const uint64_t before = t->sample[oldest % SCHEDULE_SAMPLES].n_over;

    return dt > 0 ? (double)(t->n_over - before) / dt : 0;
}

static void add_costs(const struct att_schedule *s,
                      struct att_schedule_stats *out)
{
    for (size_t i = 0; i < s->bins.n_bins; i++) {
        const struct bin *b = &s->bins.bin[i];
        const double units = (double)b->n_total * b->key.n_slices;

        out->cost_s += units * b->predicted_s;
        out->cost_done_s += (double)b->units_over * b->predicted_s;
    }
}

/* What workers still have before them, and how long their lanes have been at
 * what they run. */
struct ahead {
    double remaining_s, running_s;
    double longest_s; /* on one lane */
};

static struct ahead look_ahead(const struct att_schedule *s, double now)
{
    struct ahead a = {0};

    for (uint32_t i = 0; i < s->crew.n_workers; i++) {
        const struct worker *w = s->crew.worker[i];

        if (w == NULL || !w->here || w->n_held == 0)
            continue;
        const uint32_t busy = w->n_held < w->n_lanes ? w->n_held : w->n_lanes;
        const double ran = busy * fmax(0, now - w->event_s);
        const double left = fmax(0, w->held_s - ran);

        a.running_s += ran;
        a.remaining_s += left;
        a.longest_s = fmax(a.longest_s, left / busy);
    }
    return a;
}

static double longest_in_flight(const struct att_schedule *s)
{
    double longest = 0;

    for (size_t i = 0; i < s->flights.room; i++) {
        if (att_flight_is_unit(&s->flights.place[i]))
            longest = fmax(longest, s->flights.place[i].predicted_s);
    }
    return longest;
}

/* How wrong the sum of predictions may be, as a factor: two standard errors of
 * the mean over up to 50 units, 3 % at least; a factor of 2 before anything
 * was measured. */
static double doubt(const struct tally *t)
{
    if (t->n_ratios == 0)
        return 2;
    const double n = fmin((double)t->n_ratios, 50);

    return exp(fmax(0.03, 2 * sqrt(t->log_spread / n)));
}

/* Lanes cannot end before the longest unit; at worst it starts last. */
static void predict_end(const struct att_schedule *s, const struct ahead *a,
                        struct att_schedule_stats *out)
{
    if (s->crew.n_lanes == 0) {
        out->eta_low_s = out->eta_high_s = NAN;
        return;
    }
    const struct bins *bins = &s->bins;
    const double last = bins->head < bins->n_order
                            ? bins->bin[bins->order[bins->head].bin].predicted_s
                            : 0;
    const double share =
        (a->remaining_s + att_schedule_waiting_s(s)) / s->crew.n_lanes;
    const double longest =
        fmax(a->longest_s, att_schedule_waiting(s) ? last : 0);

    out->eta_low_s = fmax(share, longest) / doubt(&s->tally);
    out->eta_high_s =
        fmax(share + longest * (1 - 1.0 / s->crew.n_lanes), longest) *
        doubt(&s->tally);
}

void att_schedule_stats(const struct att_schedule *s, double now,
                        struct att_schedule_stats *out)
{
    const struct ahead ahead = look_ahead(s, now);
    struct tally then = s->tally;
    const struct tally *t = &then;

    if (s->started && now > s->now)
        att_tally_pass(&then, &s->crew, now - s->now);
    *out = (struct att_schedule_stats){
        .n_tasks = t->n_tasks,
        .n_kept = t->n_kept,
        .n_over = t->n_over,
        .n_in_flight = s->n_in_flight,
        .n_waiting = att_schedule_waiting(s),
        .n_retried = t->n_retried,
        .n_workers = s->crew.n_here,
        .n_lanes = s->crew.n_lanes,
        .longest_s = longest_in_flight(s),
        .tasks_per_s = rate_of(s, now),
        .busy_s = t->busy_s + ahead.running_s,
        .lane_s = t->lane_s,
        .efficiency = t->lane_s > 0
                          ? fmin(1, (t->busy_s + ahead.running_s) / t->lane_s)
                          : (double)NAN,
        .idle_tail_s =
            s->crew.n_lanes_most > 0 ? t->tail_s / s->crew.n_lanes_most : 0,
        .draining = s->draining,
    };
    for (int i = 0; i < ATT_OUTCOMES; i++)
        out->n_by[i] = t->n_by[i];
    add_costs(s, out);
    predict_end(s, &ahead, out);
}

size_t att_schedule_memory(const struct att_schedule *s)
{
    const struct bins *b = &s->bins;
    const struct crew *c = &s->crew;
    size_t bytes = sizeof *s + b->room * (sizeof *b->bin + sizeof *b->order) +
                   b->index_room * sizeof *b->index +
                   b->n_classes * sizeof *b->class_cost +
                   s->flights.room * sizeof *s->flights.place +
                   s->returned_room * sizeof *s->returned +
                   c->n_workers * sizeof(struct worker *) +
                   c->n_nodes * sizeof *c->node;

    for (size_t i = 0; i < b->n_bins; i++)
        bytes += b->bin[i].room * sizeof(struct run);
    for (uint32_t i = 0; i < c->n_workers; i++)
        bytes += c->worker[i] == NULL ? 0 : sizeof(struct worker);
    return bytes;
}
