/* schedule_priv.h - the state, and the steps that its files share. */
#pragma once

#include "bins_priv.h"
#include "crew_priv.h"
#include "flight_priv.h"

/* A unit that came back without a row and waits to go out again. */
struct returned {
    struct att_unit unit;
    uint32_t bin, attempt;
    bool suspect;
};

enum { NO_WARD = ATT_SCHEDULE_WORKERS }; /* no number is that */

enum { SCHEDULE_SAMPLES = 16 };

struct tally {
    uint64_t n_tasks, n_kept, n_over, n_retried;
    uint64_t n_by[ATT_OUTCOMES];
    double busy_s, lane_s;
    double tail_s;                /* lane-seconds idle since the last grant */
    double log_ratio, log_spread; /* moving mean and variance of the logarithm
                                     of measured over predicted seconds */
    uint64_t n_ratios;
    struct {
        double at;
        uint64_t n_over;
    } sample[SCHEDULE_SAMPLES]; /* the last n_samples, a ring */
    uint64_t n_samples;
};

struct att_schedule {
    struct bins bins;
    struct flights flights;
    struct crew crew;
    struct returned *returned; /* n_returned of returned_room; always room for
                                  everything in flight */
    size_t n_returned, returned_room;
    size_t n_suspects; /* of the returned */
    uint32_t ward;     /* the worker that is kept free for them, or NO_WARD */
    uint64_t n_in_flight; /* units */
    double batch_s;
    double deadline;
    bool draining;
    bool started; /* something was granted */
    double now;   /* the latest time seen */
    struct tally tally;
};

/* Let time pass up to now: lane-seconds add up. */
void att_schedule_advance(struct att_schedule *s, double now);

/* Predicted seconds of the units that wait. */
double att_schedule_waiting_s(const struct att_schedule *s);

/* Could the worker run a unit of this bin in time, and is there memory? */
bool att_schedule_suits(const struct att_schedule *s, struct worker *w,
                        uint32_t bin);

/* May a unit of the bin that starts then end in time? */
bool att_schedule_in_time(const struct att_schedule *s, const struct bin *bin,
                          double start);

/* ---- trial.c ------------------------------------------------------------- */

/* Must the worker wait, for the suspect that it holds or is to get? */
bool att_trial_waits(struct att_schedule *s, uint32_t worker, struct worker *w);
/* May the worker get a suspect now? */
bool att_trial_may_begin(const struct att_schedule *s, uint32_t worker,
                         const struct worker *w);

/* schedule.c: the unit in flight at this worker, or NULL. */
struct flight *att_schedule_held_by(const struct att_schedule *s,
                                    uint32_t worker,
                                    const struct att_unit *unit);

void att_tally_pass(struct tally *t, const struct crew *crew, double dt);
/* A unit came back with a row: note how well it was predicted. */
void att_tally_ratio(struct tally *t, double predicted_s, double wall_s);
