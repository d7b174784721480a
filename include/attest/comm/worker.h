/* worker.h - a rank that owns lanes: it takes grants, feeds lanes, and sends
 * what they leave to rank 0.
 *
 * The worker is a state machine like the schedule: messages are handed to it,
 * time is passed in, lanes are behind a small table of functions.  It holds
 * what was granted in a queue of its own, and keeps every lane supplied with
 * ten to twenty milliseconds of small units, or one unit that runs and, if that
 * is short, one that waits.  What waits can be taken back. */
#pragma once

#include "attest/comm/comm.h"
#include "attest/comm/link.h"
#include "attest/comm/wire.h"

/* The lanes as a worker sees them: att_lanes in earnest (lane/lane.h holds
 * the contracts), pretended ones in tests. */
struct att_lane_ops {
    att_status (*submit)(void *self, uint32_t lane,
                         const struct att_lane_job *job, size_t n,
                         struct att_error *err);
    att_status (*poll)(void *self, double timeout_s, att_lane_event_fn event,
                       void *context, size_t *n_events, struct att_error *err);
    size_t (*take_back)(void *self, uint32_t lane, struct att_lane_job *out);
    void (*state)(void *self, uint32_t lane, struct att_lane_state *state);
};

/* The table for struct att_lanes; self is the struct att_lanes. */
extern const struct att_lane_ops ATT_LANE_OPS;

struct att_worker_options {
    struct att_link *link;
    const struct att_lane_ops *ops;
    void *lanes; /* self of ops */
    const struct att_comm_calls *calls;
    struct att_wire_hello hello; /* as it is to be sent */
    double heartbeat_s, orphan_after_s;
};

struct att_worker; /* opaque; borrows what the options point to */

/* Says hello.  Fails: ATT_E_NOMEM, ATT_E_COMM. */
ATT_CHECKED att_status
att_worker_create(const struct att_worker_options *options, double now,
                  struct att_worker **worker, struct att_error *err);
void att_worker_destroy(struct att_worker *worker); /* NULL is allowed */

/* A message from rank 0.  Fails: ATT_E_COMM, ATT_E_NOMEM. */
ATT_CHECKED att_status att_worker_hear(struct att_worker *worker,
                                       const struct att_wire_message *message,
                                       double now, struct att_error *err);

/* One turn: collect events of the lanes (waiting for one at most wait_s), feed
 * the lanes, send what is due.  *busy: something happened.
 * Fails: ATT_E_COMM, ATT_E_NOMEM.  Lanes that fail are not a failure of the
 * turn: the worker says good-bye with the reason and is over in time. */
ATT_CHECKED att_status att_worker_turn(struct att_worker *worker, double now,
                                       double wait_s, bool *busy,
                                       struct att_error *err);

/* How long the lanes can do without a turn, 0 when one of them may run dry. */
double att_worker_leisure(const struct att_worker *worker);

/* Is a lane idle? */
bool att_worker_hungry(const struct att_worker *worker);

enum att_worker_state {
    ATT_WORKER_WORKS,
    ATT_WORKER_REFUSED, /* waits for the stop, idle */
    ATT_WORKER_LEFT,    /* said good-bye, waits for the exit */
    ATT_WORKER_OVER
};
enum att_worker_state att_worker_state(const struct att_worker *worker);

/* How it ended: what rank 0 decided, whether MPI_Finalize is safe, and the
 * failure (refused, lanes died, rank 0 silent) or ATT_OK. */
att_status att_worker_result(const struct att_worker *worker,
                             enum att_comm_end *end, bool *clean,
                             struct att_error *err);
