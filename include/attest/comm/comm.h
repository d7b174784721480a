/* comm.h - coordinator and workers: the only room with MPI.
 *
 * Every rank calls, in this order:
 *
 *   att_launch_environment()      before anything forks
 *   att_lanes_start()             the zygote is forked before MPI_Init
 *   att_comm_init()               MPI_Init under a launcher; else one rank
 *   att_comm_run()                rank 0 coordinates, all ranks work
 *   att_lanes_stop()
 *   att_comm_fini()               MPI_Finalize, if att_comm_clean()
 *
 * Rank 0 coordinates and, unless `dedicated`, owns lanes like any other: it
 * runs the same worker loop, and its messages to itself go through memory.
 * Without MPI (or with one rank) the same loop runs in process.
 *
 * Rows reach rank 0 in batches, go through `sink`, and are counted as done
 * only after it returned.  A worker that is silent for lost_after_s is given
 * up: its units go back to the schedule, what it computed meanwhile is
 * dropped, and it may come back.  A peer that is gone must not hang
 * MPI_Finalize: then att_comm_clean() is false and the caller ends with _exit
 * after its files are closed.
 *
 * Silence is measured in time during which this process itself was running:
 * a suspended job finds all its peers alive when it is continued. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/base/status.h"
#include "attest/comm/launch.h"
#include "attest/comm/node.h"
#include "attest/lane/lane.h"
#include "attest/record/row.h"
#include "attest/schedule/schedule.h"

struct att_comm; /* opaque */

enum { ATT_COMM_CHECKPOINT = 1 << 30 }; /* larger checkpoints are not kept */

struct att_comm_options {
    struct att_launch launch;
    struct att_node node;
    struct att_key plan;   /* digest: all ranks must have read the same plan */
    uint32_t n_lanes;      /* of this rank; on rank 0 ignored if dedicated */
    bool dedicated;        /* rank 0 coordinates only (when there are others) */
    double heartbeat_s;    /* 0: 1 */
    double lost_after_s;   /* a silent worker is lost; 0: 30 */
    double orphan_after_s; /* a silent coordinator is dead; 0: 120 */
    double quiet_s;        /* nothing finished for max(this, 3 x the longest
                              estimate): say what lanes do; 0: 300 */
};

/* Collective under a launcher.  Fails: ATT_E_COMM (MPI failed, or Slurm says
 * several tasks and MPI says one), ATT_E_NOMEM. */
ATT_CHECKED att_status att_comm_init(const struct att_comm_options *options,
                                     struct att_comm **comm,
                                     struct att_error *err);
uint32_t att_comm_rank(const struct att_comm *comm);
uint32_t att_comm_size(const struct att_comm *comm);
/* The library's name and version, "none" without MPI. */
const char *att_comm_library(const struct att_comm *comm);

/* ---- what the caller hands over ------------------------------------------ */

enum att_control {
    ATT_CONTROL_RUN,
    ATT_CONTROL_DRAIN, /* end grants, wait for what fits the grace, put the
                          rest back, return */
    ATT_CONTROL_QUIT   /* return at once (what must be synced is synced) */
};

/* A row as it arrived, stamped with its rank and lane. */
struct att_comm_row {
    struct att_row_head head;
    const void *bytes; /* n encoded bytes, valid until the callback returns */
    size_t n;
};

/* A unit that ended without a row and will not be tried again. */
struct att_comm_loss {
    struct att_unit unit;
    uint32_t attempt;
    enum att_outcome_status status; /* crashed, timeout, oom */
    double wall_s, cpu_s;
    uint64_t peak_rss_bytes;
    uint32_t rank, lane;
    const char *host, *message; /* "crashed (SIGSEGV) in phase build" */
};

/* What one lane does, as of its rank's last heartbeat. */
struct att_comm_lane {
    uint32_t rank, lane;
    bool running;
    struct att_unit unit;
    double elapsed_s; /* since the unit started */
    double done;      /* 0..1 as reported by the task */
    char phase[24];
    uint64_t rss_bytes;
};

enum att_comm_rank_state {
    ATT_RANK_SILENT, /* never heard of yet */
    ATT_RANK_HERE,
    ATT_RANK_LOST,
    ATT_RANK_REFUSED, /* it has another plan or another attest */
    ATT_RANK_GONE     /* said good-bye */
};

struct att_comm_peer {
    enum att_comm_rank_state state;
    char host[ATT_HOST_TEXT];
    int64_t pid;
    uint32_t n_lanes;
    double silent_s; /* since last heard */
};

struct att_progress {
    struct att_schedule_stats stats;
    double now, elapsed_s;            /* att_clock_s; since att_comm_run */
    const struct att_comm_peer *peer; /* [n_ranks], by rank */
    uint32_t n_ranks, n_lost;         /* n_lost: losses so far */
    const struct att_comm_lane *lane; /* [n_lanes], by rank and lane */
    size_t n_lanes;
};

/* `context` is handed to each.  On ranks other than 0 only limits and control
 * are called.  A callback that fails ends the run with its status. */
struct att_comm_calls {
    void *context;
    /* The limits a task runs under.  Every rank; cheap: once per unit. */
    void (*limits)(void *context, uint64_t task, struct att_limits *out);
    /* Polled in every turn of the loop, at least every 50 ms.  On ranks other
     * than 0 DRAIN means nothing and QUIT ends the rank. */
    enum att_control (*control)(void *context);
    /* Keep the rows; they are acknowledged when this returned ATT_OK.  Rows of
     * slices come one by one, in any order; none comes after its task was
     * handed to `failed`. */
    att_status (*sink)(void *context, const struct att_comm_row *row, size_t n,
                       struct att_error *err);
    /* Make and keep the row of a unit that did not come back. */
    att_status (*failed)(void *context, const struct att_comm_loss *loss,
                         struct att_error *err);
    /* Keep bytes so that a killed task can go on from here. */
    void (*checkpoint)(void *context, const struct att_unit *unit,
                       const void *bytes, size_t n);
    /* About once a second, and once at the end. */
    void (*tick)(void *context, const struct att_progress *progress);
};

struct att_comm_job {
    struct att_lanes *lanes;       /* NULL on a dedicated coordinator */
    struct att_schedule *schedule; /* rank 0; NULL elsewhere */
    const struct att_comm_calls *calls;
    double drain_grace_s; /* how long a drain waits for running units */
};

enum att_comm_end {
    ATT_COMM_FINISHED, /* every task is over */
    ATT_COMM_DRAINED,  /* asked to drain, or nothing left fits the time */
    ATT_COMM_QUIT,     /* control said so */
    ATT_COMM_DESERTED  /* work is left but no rank with lanes is */
};

/* Collective.  On rank 0 returns when the run is over; elsewhere when rank 0
 * says so.  end is filled on every rank (what rank 0 decided).
 * Fails: ATT_E_COMM (this rank was refused, or rank 0 is dead, or a message
 *        is damaged), ATT_E_IO (the zygote died), what a callback returned. */
ATT_CHECKED att_status att_comm_run(struct att_comm *comm,
                                    const struct att_comm_job *job,
                                    enum att_comm_end *end,
                                    struct att_error *err);

/* May MPI_Finalize be called?  False after a peer was lost, the run was quit
 * or failed: then close files and _exit. */
bool att_comm_clean(const struct att_comm *comm);

/* Collective if clean: MPI_Finalize.  Otherwise only frees memory.  NULL is
 * allowed. */
void att_comm_fini(struct att_comm *comm);
