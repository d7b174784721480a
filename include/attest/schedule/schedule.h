/* schedule.h - who gets which task when: a pure state machine.
 *
 * No clock, no messages, no files: it sees task numbers and costs, and every
 * time is passed in (seconds of any clock that does not run backwards).  The
 * coordinator drives it with real workers, att_simulate with pretended ones.
 *
 * Tasks of like cost share a bin; a bin holds runs of task numbers, 8 bytes a
 * run, so ten million tasks of one cost take a few bytes and fifty million of
 * scattered cost 400 MB at most.  Bins are ordered by predicted seconds per
 * unit, longest first, and put in order again as predictions improve; tasks
 * of one bin go out in ascending order.  What is in flight stands in a table
 * as large as what is in flight; nothing else is kept per task.
 *
 *   added --grant--> in flight --done--> counted
 *                        |--fail, give back, leave--> returned --grant--> ...
 *
 * The rules.  A worker with an idle lane is always served.  Beyond that it
 * is given, ahead of need, a few batches of small units per lane, or one
 * unit of up to a second; at the tail (what is left is short for all lanes)
 * the batches shrink and nothing is given ahead.  A unit goes to a node only
 * if the memory that the node's lanes can use at once stays within the
 * node's; a unit that is larger than its node runs alone there.  Only crashes
 * and lost workers are tried again.
 *
 * What a lost worker held without being known to run it is suspect: one of
 * these units may have taken the worker down as it began.  A suspect is tried
 * on a worker where nothing else has just begun, until it is known to run; so
 * the next loss is laid to it, and to nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/outcome.h"
#include "attest/base/status.h"

struct att_schedule; /* opaque */

enum {
    ATT_SCHEDULE_WORKERS = 1 << 20, /* worker numbers are below this */
    ATT_SCHEDULE_GRANT = 4096       /* no grant is larger (units per call) */
};

struct att_schedule_options {
    uint32_t n_classes;        /* kinds of cost (constructions), at least 1 */
    const double *ns_per_flop; /* n_classes first guesses, or NULL: 1 each */
    double batch_s;            /* small units travel in batches worth this,
                                  of which a lane has four; 0: 0.010 */
    double overhead_s;         /* the least that a unit costs; 0: 1e-5 */
};

/* Fails: ATT_E_ARG (no class), ATT_E_NOMEM. */
ATT_CHECKED att_status
att_schedule_create(const struct att_schedule_options *options,
                    struct att_schedule **schedule, struct att_error *err);
void att_schedule_destroy(struct att_schedule *schedule); /* NULL is allowed */

/* ---- what there is to do ---------------------------------------------- */

/* What the tasks of a run of numbers have in common. */
struct att_work {
    uint32_t class_id; /* < n_classes */
    uint32_t n_slices; /* units per task, at least 1 */
    double flops;      /* of the whole task, >= 0 */
    double bytes;      /* memory of one unit while it runs, >= 0 */
    bool first;        /* before everything else (a pilot sample) */
    bool always;       /* may start whatever time is left (it checkpoints) */
};

/* Tasks first .. first + count - 1.  Adding a number twice is an error of the
 * caller that is not noticed.  May be called while the run goes on.
 * Fails: ATT_E_ARG (class, slices, cost that is negative or not finite),
 *        ATT_E_NOMEM. */
ATT_CHECKED att_status att_schedule_add(struct att_schedule *schedule,
                                        uint64_t first, uint64_t count,
                                        const struct att_work *work,
                                        struct att_error *err);

/* `count` tasks are done already (their rows were kept): they count in shares
 * and totals, and are never granted.  Fails: as att_schedule_add. */
ATT_CHECKED att_status att_schedule_keep(struct att_schedule *schedule,
                                         uint64_t count,
                                         const struct att_work *work,
                                         struct att_error *err);

/* ---- who does it -------------------------------------------------------- */

struct att_schedule_worker {
    uint32_t n_lanes;    /* at least 1 */
    uint64_t node;       /* workers of equal node share memory_bytes */
    double memory_bytes; /* of the node, for lanes; 0: no limit */
};

/* A worker arrives (or comes back after it left).
 * Fails: ATT_E_ARG (number too large, no lane, already there), ATT_E_NOMEM. */
ATT_CHECKED att_status att_schedule_join(
    struct att_schedule *schedule, uint32_t worker,
    const struct att_schedule_worker *about, double now, struct att_error *err);

/* A worker is gone: all its units in flight go back, with no attempt counted.
 * A worker that is not there: nothing happens. */
void att_schedule_leave(struct att_schedule *schedule, uint32_t worker,
                        double now);

/* The same for a worker that was lost (call att_schedule_fail first for units
 * that are to pay): what it held and was not known to run is suspect. */
void att_schedule_lose(struct att_schedule *schedule, uint32_t worker,
                       double now);

/* The one unit to which the loss of a worker is laid: the suspect that was
 * tried there, or all that it held.  It is suspect from now on.  False when
 * there is no such unit: then what was running may be to blame. */
bool att_schedule_accuse(struct att_schedule *schedule, uint32_t worker,
                         struct att_unit *unit);

/* The worker is known to run the unit; one that it does not hold: nothing
 * happens. */
void att_schedule_started(struct att_schedule *schedule, uint32_t worker,
                          const struct att_unit *unit);

struct att_grant {
    struct att_unit unit;
    uint32_t attempt;   /* 1 on the first try */
    double predicted_s; /* on one lane */
    double bytes;       /* predicted memory */
};

/* The units that this worker should have now beyond those it has; often none.
 * They are in flight at once.  Returns how many were written to out.
 * capacity: at most ATT_SCHEDULE_GRANT is useful.  When memory runs out the
 * grant is cut short and nothing is lost. */
size_t att_schedule_grant(struct att_schedule *schedule, uint32_t worker,
                          double now, struct att_grant *out, size_t capacity);

/* Is the unit in flight at this worker?  Rows that come late, or from a
 * worker that had been given up, are not: they must be dropped. */
bool att_schedule_holds(const struct att_schedule *schedule, uint32_t worker,
                        const struct att_unit *unit);

/* The row of a unit is here and about to be kept: true once while the unit is
 * in flight at this worker, so that a row that came twice is kept once. */
bool att_schedule_claim(struct att_schedule *schedule, uint32_t worker,
                        const struct att_unit *unit);

/* The unit came back with a row of any status, computed in wall_s.  Returns
 * true when with it the last unit of its task came.  A unit that is not held:
 * nothing happens, false. */
bool att_schedule_done(struct att_schedule *schedule, uint32_t worker,
                       const struct att_unit *unit,
                       enum att_outcome_status status, double wall_s,
                       double now);

enum att_schedule_verdict {
    ATT_SCHEDULE_STALE, /* not in flight there: ignore the report */
    ATT_SCHEDULE_RETRY, /* it will be granted again, attempt + 1 */
    ATT_SCHEDULE_FINAL  /* the task is over and counted under `status`; the
                           caller records it, other slices are called off */
};

struct att_schedule_failure {
    enum att_outcome_status status; /* crashed, timeout, oom */
    uint32_t retries;               /* further attempts after a crash */
    double wall_s;                  /* how long it had run */
};

/* The unit did not come back with a row.  Crashes are tried again until
 * attempt == retries + 1. */
enum att_schedule_verdict att_schedule_fail(
    struct att_schedule *schedule, uint32_t worker, const struct att_unit *unit,
    const struct att_schedule_failure *failure, double now);

/* The attempt under which a unit is in flight; 0 when it is not. */
uint32_t att_schedule_attempt(const struct att_schedule *schedule,
                              const struct att_unit *unit);

/* Units that the worker had not started come back; others are ignored. */
void att_schedule_give_back(struct att_schedule *schedule, uint32_t worker,
                            const struct att_unit *unit, size_t n, double now);

/* At the tail: a worker whose waiting units should be asked back because
 * another worker has an idle lane and nothing is left to grant.  False when
 * there is none.  The same worker is not named again before it gave back. */
bool att_schedule_recall(struct att_schedule *schedule, double now,
                         uint32_t *worker);

/* True when some worker has an idle lane. */
bool att_schedule_hungry(const struct att_schedule *schedule);

/* Units that were not granted. */
uint64_t att_schedule_waiting(const struct att_schedule *schedule);

/* ---- ends ---------------------------------------------------------------- */

/* Grant nothing that is not predicted to end before deadline (INFINITY: no
 * deadline, the default), except work marked `always`. */
void att_schedule_until(struct att_schedule *schedule, double deadline);

/* Grant nothing any more. */
void att_schedule_drain(struct att_schedule *schedule);

/* Nothing is in flight and nothing will be granted: everything is done, or
 * the schedule drains, or nothing left fits the time. */
bool att_schedule_over(const struct att_schedule *schedule, double now);

/* Could some unit in flight end before deadline, even if predictions are twice
 * too long?  Otherwise a drain need not wait for its grace to pass. */
bool att_schedule_hopeful(const struct att_schedule *schedule, double now,
                          double deadline);

/* ---- what is known -------------------------------------------------------- */

/* A unit of such work took wall_s in an earlier run: predictions start from
 * what is known instead of from a guess.  Fails: as att_schedule_add. */
ATT_CHECKED att_status att_schedule_learn(struct att_schedule *schedule,
                                          const struct att_work *work,
                                          double wall_s, struct att_error *err);

/* Put predictions and order in line with what was measured, and sample the
 * rate.  Call about once a second. */
void att_schedule_tick(struct att_schedule *schedule, double now);

/* Predicted seconds of one unit of such work, as of now. */
double att_schedule_seconds(const struct att_schedule *schedule,
                            const struct att_work *work);

/* What was measured of a class: ns_per_flop (the guess while n == 0). */
struct att_schedule_rate {
    double ns_per_flop;
    uint64_t n; /* done units it rests on */
};
struct att_schedule_rate att_schedule_rate(const struct att_schedule *schedule,
                                           uint32_t class_id);

struct att_schedule_stats {
    uint64_t n_tasks;             /* added and kept */
    uint64_t n_kept;              /* of these, done in an earlier run */
    uint64_t n_over;              /* tasks that ended in this run */
    uint64_t n_by[ATT_OUTCOMES];  /* the same by status (a sliced task: its
                                       worst slice) */
    uint64_t n_in_flight;         /* units */
    uint64_t n_waiting;           /* units not granted */
    uint64_t n_retried;           /* attempts beyond the first */
    uint32_t n_workers, n_lanes;  /* there now */
    double cost_s, cost_done_s;   /* predicted lane-seconds: all, done (kept
                                       included); share = done / all */
    double longest_s;             /* predicted, of units in flight */
    double tasks_per_s;           /* over the last ten seconds or so */
    double eta_low_s, eta_high_s; /* until all is done; NAN without lanes */
    double busy_s, lane_s;        /* lane-seconds at work, there */
    double efficiency;            /* busy_s / lane_s; NAN at the start */
    double idle_tail_s;           /* lane-seconds idle since the last unit
                                       was granted, per lane */
    bool draining;
};
void att_schedule_stats(const struct att_schedule *schedule, double now,
                        struct att_schedule_stats *out);

/* Bytes on the heap, now. */
size_t att_schedule_memory(const struct att_schedule *schedule);
