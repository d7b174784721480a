/* zygote_priv.h - the process between a rank and its lanes.
 *
 * The zygote knows no policy: it forks a lane when told to, kills one when
 * told to, and reports every end.  It is single-threaded and holds nothing
 * but the descriptors listed here, so that each lane starts clean.
 *
 *   rank --control--> SPAWN, KILL         (one message each, in order)
 *   rank <--control-- SPAWNED or NOT_SPAWNED, KILLED, ENDED
 *
 * SPAWN and KILL are answered at once; ENDED comes when a lane was reaped. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "lane_shared_priv.h"

enum att_zygote_order { ATT_ZYGOTE_SPAWN = 1, ATT_ZYGOTE_KILL };

struct att_zygote_command {
    uint32_t order, lane;
};

enum att_zygote_news {
    ATT_ZYGOTE_SPAWNED = 1,
    ATT_ZYGOTE_NOT_SPAWNED,
    ATT_ZYGOTE_KILLED,
    ATT_ZYGOTE_ENDED
};

struct att_zygote_report {
    uint32_t news, lane;
    int32_t pid;
    int32_t status; /* ENDED: as from wait; NOT_SPAWNED: errno */
    uint64_t peak_rss_bytes;
    double cpu_s;
};

/* What a lane inherits. */
struct att_lane_seat {
    struct att_lane_shared *shared;
    int pipe; /* read end: wakes the lane; ends it when the rank is gone */
};

struct att_zygote {
    const struct att_lane_options *options;
    const struct att_lane_seat *seat; /* n_lanes */
    struct att_lane_bell *bell;
    int bell_fd; /* an eventfd */
    int control; /* this side of the packet socket to the rank */
};

/* The life of a zygote; the caller has just forked with all signals blocked.
 * Ends when the rank closes control or dies, after killing its lanes. */
_Noreturn void att_zygote_run(const struct att_zygote *z, pid_t rank);

/* The life of a lane, likewise (lane_body.c). */
_Noreturn void att_lane_run(const struct att_zygote *z, uint32_t lane);
