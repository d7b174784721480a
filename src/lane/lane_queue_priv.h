/* lane_queue_priv.h - the jobs of a lane that have not been reported, in
 * order; the first is the oldest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "attest/lane/lane.h"

struct att_lane_queue {
    struct att_lane_job *job; /* capacity, a ring that begins at first */
    size_t capacity, first, n;
};

void att_lane_queue_fini(struct att_lane_queue *q);
/* Append n jobs; false, with the queue as it was, when out of memory. */
bool att_lane_queue_push(struct att_lane_queue *q,
                         const struct att_lane_job *job, size_t n);
/* The job at position i < n. */
const struct att_lane_job *att_lane_queue_at(const struct att_lane_queue *q,
                                             size_t i);
/* Remove the first of n > 0 jobs. */
struct att_lane_job att_lane_queue_pop(struct att_lane_queue *q);
