/* worker_priv.h - what a worker holds, and the steps between its files. */
#pragma once

#include "attest/comm/worker.h"
#include "jobs_priv.h"

struct lane {
    struct jobs jobs; /* submitted, in order; the first one runs */
    double event_s;   /* when it last reported, or got work while idle */
};

struct att_worker {
    struct att_worker_options o;
    enum att_worker_state state;
    struct lane *lane; /* n_lanes */
    uint32_t n_lanes;
    struct jobs queue;            /* granted, not submitted */
    struct att_lane_job *scratch; /* n_scratch */
    size_t n_scratch;
    struct att_buffer rows; /* a message begun, or empty */
    struct att_buffer lost; /* losses of this poll */
    struct att_buffer out;
    double now, rows_since, heartbeat_at;
    double silence_s; /* of rank 0, while we listened */
    enum att_comm_end end;
    bool clean;
    struct att_error why;
};

/* Submit what the lanes should have, and even out among them.
 * Fails: ATT_E_NOMEM; lanes that fail are noticed by the next poll. */
ATT_CHECKED att_status att_worker_feed(struct att_worker *w,
                                       struct att_error *err);

/* Take back from the lanes, into the queue, all that has not started. */
ATT_CHECKED att_status att_worker_collect(struct att_worker *w,
                                          struct att_error *err);
