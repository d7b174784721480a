/* run_priv.h - the parts of `attest run`. */
#pragma once

#include "attest/comm/comm.h"
#include "attest/task/task.h"
#include "cli_priv.h"
#include "comment.h"
#include "folder.h"
#include "ledger.h"
#include "logfile.h"
#include "reporter.h"
#include "session.h"
#include "signals.h"
#include "snapshot.h"

struct cli_run_options {
    const char *study;      /* STUDY or DIR, as given */
    const char *dir;        /* -o; NULL: runs/<name> */
    const char *kernel;     /* --kernel; NULL: the best */
    int64_t lanes;          /* 0: decide */
    bool dedicated;         /* --coordinator dedicated */
    double until_s;         /* --until: seconds from now; 0: none */
    struct cli_words reuse; /* --reuse: other run folders */
    enum cli_stale stale;
    uint32_t retry;           /* bit s: rows of outcome s again */
    uint32_t shard, n_shards; /* --shard i/n */
    double pilot;             /* --pilot: share of tasks that go first */
    double task_time_s;       /* limits for this run; 0: the study's */
    uint64_t task_memory_bytes;
    double grace_s;       /* how long a drain waits */
    double lost_after_s;  /* silence after which a rank is lost; 0: default */
    double store_every_s; /* results.h5 while it goes on; 0: at the end */
    enum cli_progress progress;
};

struct cli_run {
    struct cli_run_options options;
    int argc;
    char **argv;
    struct att_launch launch;
    struct att_node node;
    uint32_t rank;
    struct cli_folder folder;
    struct cli_session session;
    struct att_task_env *env;
    struct att_lanes *lanes;
    struct att_comm *comm;
    struct att_schedule *schedule; /* rank 0 */
    struct cli_ledger ledger;      /* rank 0 */
    struct cli_reporter reporter;  /* rank 0 */
    struct cli_snapshot snapshot;  /* rank 0 */
    struct cli_comment comment;    /* rank 0 */
    struct cli_signals signals;
    struct cli_logfile log;
    bool opened;          /* rank 0: ledger and reporter are ready */
    bool had_checkpoints; /* when the lanes were forked */
    double next_stop_check;
    struct att_progress last; /* of the last tick; arrays are not kept */
    char kernel[64], library[256];
};

/* Everything that every rank needs before lanes are forked.  Returns an exit
 * code; what is wrong is said by rank 0. */
int cli_run_prepare(struct cli_run *r);

/* Fork the lanes (run_lane.c).  Returns an exit code. */
int cli_run_start_lanes(struct cli_run *r);
uint32_t cli_run_n_lanes(const struct cli_run *r);

/* What the coordinator calls back (run_calls.c). */
struct att_comm_calls cli_run_calls(struct cli_run *r);

/* The command line of `run` (run_options.c).  Returns CLI_GO, or what to
 * return (CLI_PARSED_EXIT). */
enum cli_parsed cli_run_parse(int argc, char **argv, struct cli_run_options *o);

/* Prepare, compute, finish; for `run` and `retry`.  Returns an exit code. */
int cli_run(struct cli_run *r);
