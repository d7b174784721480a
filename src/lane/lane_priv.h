/* lane_priv.h - the rank's side: what it keeps of its lanes.
 *
 * Jobs are numbered from 0 in each process of a lane.  The queue holds jobs
 * `received`, `received` + 1, ...; those below `published` have been shown to
 * the process, and once everything that it wrote has been read, only number
 * `received` can be running.
 *
 * A process that scribbled over the shared memory may have destroyed rows of
 * units before the guilty one, so that nobody can be blamed.  Then everything
 * that had been shown runs again, one job at a time, until the guilty one
 * gives itself away.
 *
 *   lane.c        submit, take back, look
 *   lane_start.c  start, stop
 *   lane_poll.c   wait; read rows; hear the zygote; see to ended lanes
 *   lane_watch.c  limits of time and memory; lanes and zygotes that are stuck
 *   lane_loss.c   what to say of a job that did not come back */
#pragma once

#include <sys/types.h>

#include "attest/base/size.h"
#include "lane_queue_priv.h"
#include "lane_shared_priv.h"
#include "zygote_priv.h"

/* Why the rank ended a lane. */
enum att_lane_doom {
    ATT_DOOM_NONE,
    ATT_DOOM_TIME,   /* its job ran too long */
    ATT_DOOM_MEMORY, /* its job held too much */
    ATT_DOOM_STALL,  /* it starts no job although one waits */
    ATT_DOOM_DAMAGE  /* what it wrote makes no sense */
};

struct att_lane {
    struct att_lane_shared *shared;
    int pipe;    /* write end */
    bool exists; /* from the order to spawn until its end is heard of */
    pid_t pid;   /* once it is known, else 0 */
    int statm;   /* its /proc/PID/statm, or -1 */
    uint32_t failed_forks; /* in a row */
    double fork_again_at;  /* not before */

    struct att_lane_queue queue;
    uint32_t careful; /* so many jobs are shown one at a time */
    uint32_t received, published;
    uint64_t consumed; /* bytes of the ring */
    struct att_buffer in;
    char fault[ATT_ERROR_TEXT]; /* why the work function failed, or "" */
    enum att_lane_doom doom;
    uint32_t doomed_job;

    /* The watch: what the lane is at, and how long that is charged. */
    uint64_t watched; /* number + 1 of the job, 0: it should start one */
    double charged_s;
    double weighed_at;  /* when its memory was last read */
    uint64_t rss_bytes; /* then, beyond what a fresh lane holds */
};

/* How often the rank looks unasked while jobs are pending: for limits, and for
 * rows that a lane did not ring for because it had rung just before.  Without
 * recent events there are no such rows. */
enum att_lane_tick {
    ATT_TICK_NEVER = 0,
    ATT_TICK_OFTEN = 10, /* ms */
    ATT_TICK_SELDOM = 50
};

struct att_lanes {
    struct att_lane *lane; /* n_lanes */
    uint32_t n_lanes;
    double kill_grace_s;
    pid_t zygote;  /* 0 once it was reaped */
    int subreaper; /* of this process, as found: see fork_zygote */
    int control;
    int timer; /* a timerfd */
    enum att_lane_tick tick;
    double active_at; /* when events were last delivered */
    int bell_fd;      /* an eventfd */
    struct att_lane_bell *bell;
    int descriptor; /* an epoll of the three */
    double watched_at;
    uint32_t n_unanswered; /* orders to the zygote */
    double silent_s;       /* of the zygote with orders unanswered */
    bool gone;             /* the zygote is dead */
    char gone_text[64];    /* how it ended */
    /* Kernel's out-of-memory kills on this node, as of two recent moments. */
    uint64_t kills_before, kills;
    double kills_at;
};

/* Where events go during one poll. */
struct att_lane_post {
    att_lane_event_fn event;
    void *context;
    size_t n;
};

/* ---- lane.c ------------------------------------------------------------- */

/* Remove and return the oldest job: it is about to be reported. */
struct att_lane_job att_lane_pop(struct att_lane *lane);
/* Jobs shown to the process and not reported. */
uint32_t att_lane_in_flight(const struct att_lane *lane);
/* Read the page; the job that it says is running, NULL when none is. */
const struct att_lane_job *att_lane_running_job(const struct att_lane *lane,
                                                struct att_lane_page *page);
/* Show the process the jobs that fit; wake it if it sleeps. */
void att_lane_feed(struct att_lane *lane);
/* Order a process for a lane that has none, and feed it. */
void att_lane_spawn(struct att_lanes *lanes, uint32_t i);
/* Order the end of a lane, on account of job number (of STALL: any). */
void att_lane_kill(struct att_lanes *lanes, uint32_t i, enum att_lane_doom why,
                   uint32_t number);

/* The process has ended, but the zygote has not said so: see whether it still
 * answers. */
void att_lanes_nudge(struct att_lanes *lanes, uint32_t i);

/* ---- lane_poll.c -------------------------------------------------------- */

void att_lanes_tick(struct att_lanes *lanes, enum att_lane_tick tick);
/* Wait for at most timeout_s for news, rows or a tick; false when a signal
 * handler of this process ran. */
bool att_lanes_wait(struct att_lanes *lanes, double timeout_s);
/* Act on what the zygote reported; at its end sets lanes->gone. */
void att_lanes_hear(struct att_lanes *lanes, struct att_lane_post *post);

/* ---- lane_watch.c ------------------------------------------------------- */

void att_lanes_watch_begin(struct att_lanes *lanes);
/* Part of every poll; looks at most 100 times a second. */
void att_lanes_watch(struct att_lanes *lanes, double now);
/* Did the kernel kill processes for memory in the last seconds? */
bool att_lanes_kernel_killed(struct att_lanes *lanes);

/* ---- lane_loss.c -------------------------------------------------------- */

enum { ATT_LANE_LOSS_TEXT = ATT_ERROR_TEXT + 128 };

/* Did the process get as far as taking jobs? */
bool att_lane_was_ready(const struct att_lane *lane);
/* Is the first job of the queue lost with the process whose end is reported?
 * Then fill all of event but the job; the message is written to text.  When
 * one of the jobs is guilty but it is not known which, nobody is lost and the
 * lane becomes careful. */
bool att_lane_loss(struct att_lanes *lanes, const struct att_zygote_report *end,
                   struct att_lane_event *event, char text[ATT_LANE_LOSS_TEXT]);
/* "SIGSEGV", "exit status 3", from a status of wait. */
const char *att_lane_end_text(int status, char out[ATT_HUMAN_TEXT]);
