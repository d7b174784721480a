/* ledger.h - what the coordinator keeps: the lock, the journal, and which
 * tasks need no work.
 *
 * Only rank 0 opens one.  Rows go through cli_ledger_rows and are acknowledged
 * when it returned; everything else in the folder is derived. */
#pragma once

#include "attest/comm/comm.h"
#include "attest/record/append.h"
#include "attest/schedule/schedule.h"
#include "attest/store/index.h"
#include "attest/task/task.h"
#include "cli_priv.h"
#include "folder.h"
#include "kept.h"
#include "session.h"
#include "workload.h"

struct cli_ledger {
    const struct cli_folder *folder;
    const struct cli_session *session;
    struct att_task_env *env;
    struct att_lock *lock;
    struct att_append *append;
    struct cli_workload workload; /* tasks kept and tasks to compute */
    uint64_t n_unplanned;         /* rows that the study no longer plans */
    uint64_t n_reused;            /* rows taken from other runs */
    struct cli_kept_report kept;
    bool checkpoints;          /* the folder of checkpoints exists */
    struct att_buffer row;     /* scratch */
    struct cli_slices *slices; /* partial rows, by task */
};

/* Take the lock, read the journal, and record the plan.  The study's bytes
 * become DIR/study.yaml.
 * Fails: ATT_E_LOCKED, ATT_E_IO, ATT_E_VERSION, ATT_E_NOMEM. */
ATT_CHECKED att_status cli_ledger_open(struct cli_ledger *l,
                                       const struct cli_folder *folder,
                                       const struct cli_session *session,
                                       struct att_task_env *env,
                                       struct att_error *err);

/* What a run asks of the rows that are there. */
struct cli_wishes {
    const struct cli_words *reuse; /* other run folders to take rows from */
    enum cli_stale stale;
    uint32_t retry; /* bit s: outcome s is computed again */
    uint32_t shard, n_shards;
    double pilot;
    struct att_lanes *lanes; /* to check rows of changed code */
    const char *kernel;
};

/* Take rows of other runs, decide which rows stand, and give the schedule
 * every planned task, the kept ones as kept.
 * Fails: as cli_reuse, cli_keep and cli_workload_fill. */
ATT_CHECKED att_status cli_ledger_fill(struct cli_ledger *l,
                                       const struct cli_wishes *wishes,
                                       struct att_schedule *schedule,
                                       struct att_error *err);

/* Keep rows (comm's sink); make and keep the row of a lost unit (failed). */
ATT_CHECKED att_status cli_ledger_rows(struct cli_ledger *l,
                                       const struct att_comm_row *row, size_t n,
                                       struct att_error *err);
ATT_CHECKED att_status cli_ledger_lost(struct cli_ledger *l,
                                       const struct att_comm_loss *loss,
                                       struct att_error *err);

/* Keep a unit's checkpoint, replacing its last one; a failure is logged. */
void cli_ledger_checkpoint(struct cli_ledger *l, const struct att_unit *unit,
                           const void *bytes, size_t n);

/* Commit and sync what there is, waiting at most timeout_s. */
ATT_CHECKED att_status cli_ledger_sync(struct cli_ledger *l, double timeout_s,
                                       struct att_error *err);

/* Sync, close, give the lock back.  Fails: ATT_E_IO. */
ATT_CHECKED att_status cli_ledger_close(struct cli_ledger *l,
                                        struct att_error *err);

/* The file of a unit's checkpoint: DIR/checkpoints/<key>-<slice>.  False when
 * the number is no task. */
bool cli_checkpoint_path(const struct cli_folder *folder,
                         const struct cli_session *session,
                         const struct att_unit *unit, char out[CLI_PATH]);
