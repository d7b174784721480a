/* lock.h - keeps two coordinators off one run folder.
 *
 * DIR/lock says who coordinates: host, process, Slurm job, since when.  Its
 * modification time is the heartbeat.  The file is only ever replaced as a
 * whole (rename), so it is read whole, also over a network file system; whose
 * turn it is to replace it is decided by exclusive creation of the claim file
 * DIR/lock.<epoch>, which then becomes the lock.  Each acquisition raises the
 * epoch; the file stays behind, marked as released.
 *
 * A lock is taken over when its process is known to be gone (it ran in this
 * boot and process space, and its pid is dead or belongs to a process that
 * started at another time), when the same Slurm job was restarted since, or
 * when its heartbeat is older than ATT_LOCK_STALE_S by the clock of the file
 * server.  The old holder notices at its next att_lock_check and stops. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/status.h"

#define ATT_LOCK_STALE_S 120.0 /* no heartbeat for so long: gone */
#define ATT_LOCK_BEAT_S  10.0  /* beats closer together are left out */

enum { ATT_LOCK_TEXT = 96 };

/* Who a process is, as written into the lock. */
struct att_lock_holder {
    char host[ATT_LOCK_TEXT];
    char space[ATT_LOCK_TEXT]; /* boot id and pid namespace; "" if unknown */
    int64_t pid;
    uint64_t start_ticks;        /* start of the process, ticks since boot */
    char cluster[ATT_LOCK_TEXT]; /* Slurm; "" and 0 outside of a job */
    uint64_t job, step;
    uint64_t restart; /* SLURM_RESTART_COUNT */
};

struct att_lock_info {
    struct att_lock_holder holder;
    uint64_t epoch;
    uint64_t token; /* tells acquisitions apart */
    bool held;      /* false: released, or never locked (epoch 0) */
    double since;   /* seconds since 1970, UTC, clock of the holder */
    double beat;    /* heartbeat, clock of the file server */
};

/* This process, from /proc and the environment. */
void att_lock_self(struct att_lock_holder *self);

/* Read DIR/lock; an absent file is a free lock of epoch 0.
 * Fails: ATT_E_IO, ATT_E_PARSE. */
ATT_CHECKED att_status att_lock_read(const char *dir,
                                     struct att_lock_info *info,
                                     struct att_error *err);

struct att_lock; /* opaque: a lock that this process holds */

/* Take the lock of a run folder for self (NULL: this process).
 * Fails: ATT_E_LOCKED naming the holder, since when, and its last heartbeat;
 * ATT_E_IO (a read-only folder, ...), ATT_E_NOMEM. */
ATT_CHECKED att_status att_lock_acquire(const char *dir,
                                        const struct att_lock_holder *self,
                                        struct att_lock **lock,
                                        struct att_error *err);

/* Why it could be taken from somebody: "taken over from host a, pid 12: its
 * process is gone"; "" when it was free.  Valid as long as the lock. */
const char *att_lock_taken(const struct att_lock *lock);
uint64_t att_lock_epoch(const struct att_lock *lock);

/* Read the file again: is it still ours?  Before every write that counts.
 * Fails: ATT_E_LOCKED naming the new holder, ATT_E_IO. */
ATT_CHECKED att_status att_lock_check(struct att_lock *lock,
                                      struct att_error *err);

/* Check the lock and renew its heartbeat; att_lock_beat does so at most once
 * per ATT_LOCK_BEAT_S: call it freely.  Fails: as att_lock_check. */
ATT_CHECKED att_status att_lock_touch(struct att_lock *lock,
                                      struct att_error *err);
ATT_CHECKED att_status att_lock_beat(struct att_lock *lock,
                                     struct att_error *err);

/* Make the epoch at least `epoch` (the journal may know of higher ones).
 * Fails: as att_lock_check. */
ATT_CHECKED att_status att_lock_raise(struct att_lock *lock, uint64_t epoch,
                                      struct att_error *err);

/* Mark the file as released if it is still ours; free.  NULL is allowed. */
void att_lock_release(struct att_lock *lock);
