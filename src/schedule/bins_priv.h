/* bins_priv.h - tasks of like cost, and what is known about their cost.
 *
 *   bin 0   class 2, about 3.1e9 flop     run 4000 +5, run 8000 +5
 *   bin 1   class 2, about 7.7e8 flop     run 3000 +5, run 7000 +5
 *
 * A run is a stretch of consecutive task numbers.  Costs are quantised to an
 * eighth of an octave (flops) and a quarter of one (bytes); a bin keeps exact
 * sums beside them.  Numbers are split: the high 32 bits belong to the bin. */
#pragma once

#include "attest/schedule/schedule.h"

struct bin_key {
    uint32_t class_id, n_slices, base; /* base: number >> 32 */
    uint32_t flags;
    int32_t flops_level, bytes_level; /* -1: of any size, see RUNS_MAX */
};

enum { BIN_FIRST = 1, BIN_ALWAYS = 2 };

struct run {
    uint32_t first, count;
};

struct bin {
    struct bin_key key;
    struct run *run; /* n_runs in use of room; the first `head` are used up */
    size_t n_runs, room, head;
    uint32_t next_slice; /* of the first task that waits */
    uint64_t n_waiting;  /* tasks, one of which may be granted in part */
    uint64_t n_total;    /* tasks ever, kept ones included */
    uint64_t units_over;
    double flops;  /* sum over n_total tasks */
    double bytes;  /* the largest */
    double wall_s; /* measured, over n_measured units */
    uint64_t n_measured;
    double predicted_s; /* of one unit */
};

struct class_cost {
    double guess; /* ns per flop */
    double wall_s, flops;
    uint64_t n;
    uint64_t learn_at; /* predictions are renewed when n gets here */
};

struct slot {
    double seconds; /* predicted, of one unit */
    uint32_t bin;
    bool first;
};

struct bins {
    struct bin *bin; /* n_bins of room */
    size_t n_bins, room;
    uint32_t *index; /* index_room, a power of two: bin + 1, or 0 */
    size_t index_room;
    struct slot *order; /* n_order of room: bins with waiting units */
    size_t n_order, head;
    bool stale;      /* order and predictions are to be made anew */
    uint32_t last;   /* the bin found last */
    uint64_t n_runs; /* in all bins, ever */
    struct class_cost *class_cost; /* n_classes */
    uint32_t n_classes;
    double overhead_s;
    uint64_t n_waiting; /* units */
    double waiting_s;   /* predicted */
};

ATT_CHECKED att_status att_bins_init(struct bins *bins,
                                     const struct att_schedule_options *options,
                                     struct att_error *err);
void att_bins_fini(struct bins *bins);

/* The bin of such work at such numbers, made when there is none. */
ATT_CHECKED att_status att_bins_place(struct bins *bins, uint64_t number,
                                      const struct att_work *work,
                                      uint32_t *bin, struct att_error *err);

/* Count tasks into a bin; append the run that waits. */
void att_bins_count(struct bins *bins, uint32_t bin, uint64_t count,
                    const struct att_work *work);
ATT_CHECKED att_status att_bins_append(struct bins *bins, uint32_t bin,
                                       uint32_t first, uint32_t count,
                                       struct att_error *err);

/* Units that wait in the bin. */
uint64_t att_bin_units(const struct bin *bin);
/* Mean flops of a unit. */
double att_bin_flops(const struct bin *bin);
/* The unit that bins_pop would take; the bin must have one. */
struct att_unit att_bin_peek(const struct bin *bin);
void att_bins_pop(struct bins *bins, uint32_t bin);
/* Call off what is left of a task that was granted in part; returns units. */
uint32_t att_bins_cut(struct bins *bins, uint32_t bin, uint64_t task);

/* A unit of the bin, with so many flops, took wall_s; rated: it says something
 * of its class. */
void att_bins_measure(struct bins *bins, uint32_t bin, double flops,
                      double wall_s, bool rated);

/* Renew predictions and order if there is reason to. */
void att_bins_renew(struct bins *bins);

double att_bins_predict(const struct bins *bins, const struct att_work *work);
struct att_schedule_rate att_class_rate(const struct class_cost *c);

/* 0 for nothing, else 1 + ceil(4 log2 bytes), at most BYTES_LEVELS - 1. */
enum { BYTES_LEVELS = 256 };
int32_t att_bytes_level(double bytes);
double att_level_bytes(int32_t level);
