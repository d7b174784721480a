/* lanes.c - the lanes of this process, as a worker sees them. */
#include "attest/comm/worker.h"

static att_status submit(void *self, uint32_t lane,
                         const struct att_lane_job *job, size_t n,
                         struct att_error *err)
{
    return att_lanes_submit(self, lane, job, n, err);
}

static att_status poll(void *self, double timeout_s, att_lane_event_fn event,
                       void *context, size_t *n_events, struct att_error *err)
{
    return att_lanes_poll(self, timeout_s, event, context, n_events, err);
}

static size_t take_back(void *self, uint32_t lane, struct att_lane_job *out)
{
    return att_lanes_take_back(self, lane, out);
}

static void state(void *self, uint32_t lane, struct att_lane_state *out)
{
    att_lanes_state(self, lane, out);
}

const struct att_lane_ops ATT_LANE_OPS = {submit, poll, take_back, state};
