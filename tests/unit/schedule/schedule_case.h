/* schedule_case.h - a schedule of two classes, workers, and what they ask for. */
#pragma once

#include "attest/schedule/schedule.h"

#include "unit.h"

/* What the last worker that asked was given. */
static struct att_grant grant[ATT_SCHEDULE_GRANT];

static inline struct att_schedule *make(void)
{
    const struct att_schedule_options options = {.n_classes = 2};
    struct att_schedule *s = NULL;

    CU_ASSERT_EQUAL_FATAL(att_schedule_create(&options, &s, NULL), ATT_OK);
    return s;
}

static inline void join(struct att_schedule *s, uint32_t worker,
                        uint32_t n_lanes)
{
    const struct att_schedule_worker about = {.n_lanes = n_lanes,
                                              .node = worker};

    CU_ASSERT_EQUAL_FATAL(att_schedule_join(s, worker, &about, 0, NULL),
                          ATT_OK);
}

static inline size_t ask(struct att_schedule *s, uint32_t worker, double now)
{
    return att_schedule_grant(s, worker, now, grant, ATT_SCHEDULE_GRANT);
}
