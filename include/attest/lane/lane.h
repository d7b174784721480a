/* lane.h - compute processes owned by a rank.
 *
 * The rank forks a zygote before MPI_Init; the zygote forks lanes, reaps
 * them, and reports signal and resource use.  A lane runs units one after
 * the other and never touches MPI or HDF5.  A lane that crashes, exceeds its
 * time or its memory costs one attempt of one unit; a fresh lane is forked.
 *
 * Every submitted job that is not taken back ends in exactly one event, a row
 * or a loss, in the order of submission to its lane.  A job may run again
 * unasked when its lane ended on account of another unit; only the row that
 * arrives counts.
 *
 * Zygote and lanes ignore USR1, USR2, TERM, INT and HUP, which launchers send
 * to whole process groups, and stay in the rank's group, so that nothing is
 * left behind.  They end when the rank does, however it ends.
 *
 * The room knows neither plans nor files: the caller hands it a work
 * function, which runs inside the lane. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/outcome.h"
#include "attest/base/status.h"

struct att_lane_job {
    struct att_unit unit;
    uint32_t attempt; /* 1 on the first try */
    struct att_limits limits;
};

/* Seconds between two checkpoints of a unit.  A thousand lanes then write some
 * hundred files a second. */
#define ATT_LANE_CHECKPOINT_S 5.0

/* What the work function may call back, inside the lane. */
struct att_lane_port {
    void *self;
    /* Publish phase and progress on the lane's shared page. */
    void (*progress)(void *self, const char *phase, double done);
    /* Send a checkpoint of the running unit to the rank: its first one, and
     * then one that comes ATT_LANE_CHECKPOINT_S or more after the last that
     * was sent, and later when it is large; those between are left out. */
    void (*checkpoint)(void *self, const void *bytes, size_t n);
};

/* Runs in the lane: do the job, append exactly one encoded row (record/row.h)
 * to out.  A failure status here is a bug of the runner, not of a task: the
 * lane ends and the unit counts as crashed with the text. */
typedef att_status (*att_lane_work_fn)(void *context,
                                       const struct att_lane_job *job,
                                       const struct att_lane_port *port,
                                       struct att_buffer *out,
                                       struct att_error *err);

/* Runs once in each fresh lane before its first job (may be NULL).  A lane
 * that ends in here costs an attempt of the first waiting unit. */
typedef void (*att_lane_enter_fn)(void *context, uint32_t lane);

struct att_lane_options {
    uint32_t n_lanes;
    att_lane_work_fn work;
    att_lane_enter_fn enter;
    void *context;       /* inherited by fork: a snapshot of the rank.  The
                            lane's input is empty, its output goes where
                            errors go, other descriptors are closed */
    const int *cpus;     /* n_cpus; lane i is bound to cpus[i mod n_cpus];
                            att_lane_cpus finds them */
    uint32_t n_cpus;     /* 0: no binding */
    double kill_grace_s; /* how long after its limit of time a lane is
                            killed; time in which the rank itself stood still
                            is not charged */
};

struct att_lanes; /* opaque */

/* Fork the zygote and its lanes.  Call before MPI_Init and before threads, in
 * a thread that lives as long as the process.  What options point to is only
 * read during the call.  Fails: ATT_E_ARG, ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status att_lanes_start(const struct att_lane_options *options,
                                       struct att_lanes **lanes,
                                       struct att_error *err);

/* Queue jobs on a lane; they run in order.  Several travel per message.
 * Fails: ATT_E_IO when the zygote is gone. */
ATT_CHECKED att_status att_lanes_submit(struct att_lanes *lanes, uint32_t lane,
                                        const struct att_lane_job *job,
                                        size_t n, struct att_error *err);

/* Jobs submitted to the lane and not yet reported by an event. */
size_t att_lanes_pending(const struct att_lanes *lanes, uint32_t lane);

enum att_lane_event_kind {
    ATT_LANE_ROW,       /* bytes: one encoded row */
    ATT_LANE_LOST,      /* the unit did not come back: outcome, message */
    ATT_LANE_CHECKPOINT /* bytes: the unit's state */
};

struct att_lane_event {
    enum att_lane_event_kind kind;
    uint32_t lane;
    struct att_lane_job job; /* of LOST and CHECKPOINT; of ROW as well */
    enum att_outcome_status outcome; /* LOST: crashed, timeout, oom */
    double wall_s;                   /* LOST: how long it had run */
    double cpu_s;                    /* LOST: processor time it had used */
    uint64_t peak_rss_bytes;         /* LOST: of the lane's process */
    const char *message; /* LOST: "crashed (SIGSEGV) in phase build" */
    const void *bytes;   /* valid until the callback returns */
    size_t n_bytes;
};

typedef void (*att_lane_event_fn)(void *context,
                                  const struct att_lane_event *event);

/* Deliver what has happened, enforce time and memory limits, wait at most
 * timeout_s for something to happen (0: do not wait; a signal that this
 * process handles ends the wait).  Gives the number of events, which may be 0.
 * The event function may submit, take back, and ask for states; it must not
 * poll or stop.  Fails: ATT_E_IO when the zygote died (everything pending is
 * then reported as lost first). */
ATT_CHECKED att_status att_lanes_poll(struct att_lanes *lanes, double timeout_s,
                                      att_lane_event_fn event, void *context,
                                      size_t *n_events, struct att_error *err);

/* Take back the jobs of a lane that have not started, in their order; returns
 * how many were written to out (capacity att_lanes_pending).  They will not
 * run and leave no event. */
size_t att_lanes_take_back(struct att_lanes *lanes, uint32_t lane,
                           struct att_lane_job *out);

/* What a lane does now, from its shared page. */
struct att_lane_state {
    bool running;
    struct att_unit unit;
    double since; /* att_clock_s of its start */
    double done;  /* 0..1 as reported by progress */
    char phase[24];
    uint64_t rss_bytes; /* beyond what a fresh lane holds, up to 50 ms ago */
};
void att_lanes_state(const struct att_lanes *lanes, uint32_t lane,
                     struct att_lane_state *state);

/* A descriptor that polls readable when att_lanes_poll has work. */
int att_lanes_descriptor(const struct att_lanes *lanes);

/* Drop what has not started, let running units end (killing their lanes after
 * grace_s), reap everything, free.  Rows that were not polled are dropped.
 * NULL is allowed. */
void att_lanes_stop(struct att_lanes *lanes, double grace_s);
