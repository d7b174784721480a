/* coordinator.h - rank 0: hands out what the schedule says, keeps what comes
 * back, notices who is gone, and ends the run.
 *
 * A state machine like the worker: messages are handed to it, time is passed
 * in.  It does not know whether a worker is in its own process.
 *
 *   runs --over, drain, quit--> stops (waits for good-byes) --> ended
 *
 * Rows are collected over a turn and go through the sink together, before any
 * other message of that turn is looked at. */
#pragma once

#include "attest/comm/comm.h"
#include "attest/comm/link.h"
#include "attest/comm/wire.h"

struct att_coordinator_options {
    struct att_link *link;
    struct att_schedule *schedule;
    const struct att_comm_calls *calls;
    struct att_key plan;
    bool dedicated; /* no worker on rank 0 */
    double heartbeat_s, lost_after_s, orphan_after_s, quiet_s, drain_grace_s;
};

struct att_coordinator; /* opaque; borrows what the options point to */

ATT_CHECKED att_status att_coordinator_create(
    const struct att_coordinator_options *options, double now,
    struct att_coordinator **coordinator, struct att_error *err);
void att_coordinator_destroy(struct att_coordinator *c); /* NULL is allowed */

/* A message of a worker.  bytes is stolen when rows in it must be kept until
 * the end of the turn.
 * Fails: what a callback returned, ATT_E_COMM (damaged), ATT_E_NOMEM. */
ATT_CHECKED att_status att_coordinator_hear(struct att_coordinator *c,
                                            uint32_t from,
                                            struct att_buffer *bytes,
                                            double now, struct att_error *err);

/* One turn: keep rows, serve workers, look at the time.  *busy: something was
 * kept or granted.  Fails: as att_coordinator_hear. */
ATT_CHECKED att_status att_coordinator_turn(struct att_coordinator *c,
                                            double now, bool *busy,
                                            struct att_error *err);

/* The run failed: tell all ranks to stop, and wait for nobody. */
void att_coordinator_abandon(struct att_coordinator *c);

bool att_coordinator_ended(const struct att_coordinator *c);
enum att_comm_end att_coordinator_end(const struct att_coordinator *c);
/* Every rank said good-bye: MPI_Finalize is safe. */
bool att_coordinator_clean(const struct att_coordinator *c);
