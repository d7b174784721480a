/* lock.c - taking, keeping and giving back the lock of a run folder.
 *
 * The file is replaced as a whole by whoever takes the lock and changed in
 * place, through a descriptor, by whoever holds it: what a former holder still
 * writes goes into a file that has lost its name.
 *
 * Taking: read the lock; may it be taken?  Create the claim of the next epoch
 * exclusively; read the lock again under the claim; write the claim; rename it
 * to the lock.  Only one process can hold the claim of an epoch, so only one
 * replaces a given lock.  Who dies between claim and rename leaves a claim
 * behind, which counts as nothing once it is as old as a stale lock. */
#include "attest/record/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/hash.h"
#include "attest/base/size.h"

#include "lock_priv.h"

enum { LOCK_FILE_MAX = 4096, PATH_TEXT = 4096, TAKEN_TEXT = 400 };
enum { DESCRIBED = 320 };

/* Others who take the same lock are done after a moment. */
enum { TRIES = 50 };
static const double TRY_AGAIN_S = 0.02;

struct att_lock {
    char dir[PATH_TEXT - 128]; /* leaves room for the names in it */
    int fd;                    /* of our own file, whatever its name is now */
    struct att_lock_info info;
    char taken[TAKEN_TEXT];
    double last_beat; /* att_clock_s */
};

/* What a look at DIR/lock found. */
struct sight {
    bool exists, readable;
    struct att_lock_info info; /* zero unless readable; beat if it exists */
};

/* ---- reading --------------------------------------------------------------- */

static double mtime_s(const struct stat *st)
{
    return (double)st->st_mtim.tv_sec + 1e-9 * (double)st->st_mtim.tv_nsec;
}

/* Read what fd leads to.  False with errno on failure. */
static bool read_open(int fd, struct sight *sight)
{
    char text[LOCK_FILE_MAX];
    struct stat st;
    const ssize_t n = pread(fd, text, sizeof text - 1, 0);

    if (n < 0 || fstat(fd, &st) != 0)
        return false;
    text[n] = '\0';
    sight->exists = true;
    sight->readable = att_lock_parse(text, &sight->info);
    sight->info.beat = mtime_s(&st);
    return true;
}

/* Opening, on a network file system, asks the server; so does every sight. */
static bool try_sight(const char *path, struct sight *sight)
{
    *sight = (struct sight){0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT;
    const bool read = read_open(fd, sight);
    const int error = errno;

    (void)close(fd);
    errno = error;
    return read;
}

/* A file that is replaced while it is open may go stale under NFS: look again.
 */
static att_status look_at(const char *dir, struct sight *sight,
                          struct att_error *err)
{
    char path[PATH_TEXT];
    bool seen = false;

    (void)snprintf(path, sizeof path, "%s/lock", dir);
    for (int i = 0; i < TRIES && !seen; i++) {
        seen = try_sight(path, sight);
        if (!seen && errno != ESTALE)
            break;
    }
    return seen ? ATT_OK : att_fail_errno(err, "cannot read %s", path);
}

att_status att_lock_read(const char *dir, struct att_lock_info *info,
                         struct att_error *err)
{
    struct sight sight;

    ATT_TRY(look_at(dir, &sight, err));
    if (sight.exists && !sight.readable) {
        return att_fail(err, ATT_E_PARSE,
                        "%s/lock is no lock file: remove it if nothing runs",
                        dir);
    }
    *info = sight.info;
    return ATT_OK;
}

static bool same_sight(const struct sight *a, const struct sight *b)
{
    return a->exists == b->exists && a->readable == b->readable &&
           a->info.epoch == b->info.epoch && a->info.held == b->info.held &&
           a->info.token == b->info.token;
}

/* ---- may it be taken? ------------------------------------------------------ */

/* The time by the clock that stamps files in dir, which may be a server's. */
static att_status server_time(const char *dir,
                              const struct att_lock_holder *self, double *now,
                              struct att_error *err)
{
    char path[PATH_TEXT];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/lock.probe.%.64s.%" PRId64, dir,
                   self->host, self->pid);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0)
        return att_fail_errno(err, "cannot write into %s", dir);
    const bool written = write(fd, "\n", 1) == 1 && fstat(fd, &st) == 0;
    const int error = errno;

    (void)close(fd);
    (void)unlink(path);
    errno = error;
    if (!written)
        return att_fail_errno(err, "cannot write into %s", dir);
    *now = mtime_s(&st);
    return ATT_OK;
}

static bool was_restarted(const struct att_lock_holder *h,
                          const struct att_lock_holder *self)
{
    return h->job != 0 && h->job == self->job && h->restart < self->restart &&
           strcmp(h->cluster, self->cluster) == 0;
}

/* Why the lock may be taken, or NULL; age_s is that of its heartbeat. */
static const char *reason(const struct sight *sight,
                          const struct att_lock_holder *self, double age_s)
{
    if (!sight->exists || (sight->readable && !sight->info.held))
        return "it was free";
    if (att_holder_gone(&sight->info.holder, self))
        return "its process is gone";
    if (was_restarted(&sight->info.holder, self))
        return "its job was restarted";
    if (age_s > ATT_LOCK_STALE_S)
        return "it gave no sign of life";
    return NULL;
}

/* Who holds what was seen. */
static void describe(const struct sight *sight, char out[DESCRIBED])
{
    struct att_buffer who = {0};

    if (sight->readable)
        att_holder_describe(&sight->info.holder, &who);
    (void)snprintf(out, DESCRIBED, "%s",
                   who.data == NULL ? "an unreadable lock file" : who.data);
    att_buffer_fini(&who);
}

static att_status fail_held(const char *dir, const struct sight *sight,
                            double age_s, struct att_error *err)
{
    char who[DESCRIBED], since[ATT_TIME_TEXT], age[ATT_HUMAN_TEXT];

    describe(sight, who);
    return att_fail(
        err, ATT_E_LOCKED,
        "%s is held by %s since %s (last heartbeat %s ago): let it end, or "
        "drain it with 'attest stop %s'",
        dir, who, att_time_text(sight->info.since, since),
        att_seconds_text(fmax(age_s, 0), age), dir);
}

/* ---- taking ---------------------------------------------------------------- */

enum claim { CLAIMED, CLAIM_BUSY, CLAIM_FAILED };

static void claim_path(const char *dir, uint64_t epoch, char path[PATH_TEXT])
{
    (void)snprintf(path, PATH_TEXT, "%s/lock.%" PRIu64, dir, epoch);
}

/* Is the claim of somebody who died before the rename? */
static bool claim_is_stale(const char *path, double now)
{
    struct stat st;

    return stat(path, &st) == 0 && now - mtime_s(&st) > ATT_LOCK_STALE_S;
}

/* Create the claim of the first epoch above `before` that nobody died over. */
static enum claim claim_next(struct att_lock *lock, uint64_t before, double now)
{
    char path[PATH_TEXT];

    for (uint64_t epoch = before + 1;; epoch++) {
        claim_path(lock->dir, epoch, path);
        lock->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        lock->info.epoch = epoch;
        if (lock->fd >= 0)
            return CLAIMED;
        if (errno != EEXIST)
            return CLAIM_FAILED;
        if (!claim_is_stale(path, now))
            return CLAIM_BUSY;
    }
}

static void drop_claim(struct att_lock *lock)
{
    char path[PATH_TEXT];

    claim_path(lock->dir, lock->info.epoch, path);
    (void)unlink(path);
    (void)close(lock->fd);
    lock->fd = -1;
}

/* Claims that were skipped are older than the lock now. */
static void remove_claims(const struct att_lock *lock, uint64_t before)
{
    char path[PATH_TEXT];

    for (uint64_t epoch = before + 1; epoch < lock->info.epoch; epoch++) {
        claim_path(lock->dir, epoch, path);
        (void)unlink(path);
    }
}

/* A number that no other acquisition has: the process, and when. */
static uint64_t new_token(const struct att_lock *lock)
{
    const double now[] = {att_clock_s(), att_clock_wall_s()};
    const uint64_t holder =
        att_hash64(&lock->info.holder, sizeof lock->info.holder);

    return holder ^ att_hash64(now, sizeof now);
}

/* Fill the claim and make it the lock.  False with errno on failure. */
static bool install(struct att_lock *lock)
{
    char path[PATH_TEXT], claim[PATH_TEXT];
    struct att_buffer text = {0};

    lock->info.held = true;
    lock->info.since = att_clock_wall_s();
    lock->info.token = new_token(lock);
    att_lock_format(&lock->info, &text);
    (void)snprintf(path, sizeof path, "%s/lock", lock->dir);
    claim_path(lock->dir, lock->info.epoch, claim);
    errno = ENOMEM;
    const bool installed =
        att_buffer_ok(&text) &&
        write(lock->fd, text.data, text.size) == (ssize_t)text.size &&
        rename(claim, path) == 0;

    att_buffer_fini(&text);
    return installed;
}

static void say_taken(struct att_lock *lock, const struct sight *from,
                      const char *why)
{
    char who[DESCRIBED];

    if (!from->exists || (from->readable && !from->info.held))
        return;
    describe(from, who);
    (void)snprintf(lock->taken, sizeof lock->taken, "taken over from %s: %s",
                   who, why);
}

/* Under our claim: if the lock is still as it was judged, replace it. */
static att_status take_claimed(struct att_lock *lock, const struct sight *from,
                               const char *why, bool *taken,
                               struct att_error *err)
{
    struct sight again;
    att_status status = look_at(lock->dir, &again, err);

    if (status == ATT_OK && same_sight(from, &again)) {
        *taken = install(lock);
        if (!*taken) {
            status =
                att_fail_errno(err, "cannot write the lock of %s", lock->dir);
        }
    }
    if (!*taken) {
        drop_claim(lock);
        return status;
    }
    remove_claims(lock, from->info.epoch);
    say_taken(lock, from, why);
    lock->last_beat = att_clock_s();
    return ATT_OK;
}

/* One attempt; OK without *taken means that somebody else was about it. */
static att_status try_take(struct att_lock *lock, struct sight *sight,
                           bool *taken, struct att_error *err)
{
    double now = 0;

    ATT_TRY(look_at(lock->dir, sight, err));
    ATT_TRY(server_time(lock->dir, &lock->info.holder, &now, err));
    const double age_s = now - sight->info.beat;
    const char *const why = reason(sight, &lock->info.holder, age_s);

    if (why == NULL)
        return fail_held(lock->dir, sight, age_s, err);
    switch (claim_next(lock, sight->info.epoch, now)) {
    case CLAIM_FAILED:
        return att_fail_errno(err, "cannot take the lock of %s", lock->dir);
    case CLAIM_BUSY:
        return ATT_OK;
    case CLAIMED:
        break;
    }
    return take_claimed(lock, sight, why, taken, err);
}

static att_status take(struct att_lock *lock, struct att_error *err)
{
    struct sight sight;
    bool taken = false;

    for (int i = 0; i < TRIES; i++) {
        ATT_TRY(try_take(lock, &sight, &taken, err));
        if (taken)
            return ATT_OK;
        att_sleep_s(TRY_AGAIN_S);
    }
    return att_fail(err, ATT_E_LOCKED,
                    "%s is being taken by another process: try again",
                    lock->dir);
}

att_status att_lock_acquire(const char *dir, const struct att_lock_holder *self,
                            struct att_lock **lock, struct att_error *err)
{
    struct att_lock *const l = calloc(1, sizeof *l);

    if (l == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to lock %s", dir);
    l->fd = -1;
    att_lock_self(&l->info.holder);
    if (self != NULL)
        l->info.holder = *self;
    att_status status = ATT_OK;

    if ((size_t)snprintf(l->dir, sizeof l->dir, "%s", dir) >= sizeof l->dir)
        status = att_fail(err, ATT_E_ARG, "the path %s is too long", dir);
    if (status == ATT_OK)
        status = take(l, err);
    if (status != ATT_OK) {
        free(l);
        return status;
    }
    *lock = l;
    return ATT_OK;
}

/* ---- holding --------------------------------------------------------------- */

const char *att_lock_taken(const struct att_lock *lock)
{
    return lock->taken;
}

uint64_t att_lock_epoch(const struct att_lock *lock)
{
    return lock->info.epoch;
}

static att_status fail_lost(const struct att_lock *lock,
                            const struct sight *sight, struct att_error *err)
{
    char who[DESCRIBED], since[ATT_TIME_TEXT];

    if (!sight->exists) {
        return att_fail(err, ATT_E_LOCKED,
                        "the lock of %s was removed: this process stops",
                        lock->dir);
    }
    describe(sight, who);
    return att_fail(err, ATT_E_LOCKED,
                    "%s was taken over by %s at %s: this process stops",
                    lock->dir, who, att_time_text(sight->info.since, since));
}

att_status att_lock_check(struct att_lock *lock, struct att_error *err)
{
    struct sight sight;

    ATT_TRY(look_at(lock->dir, &sight, err));
    if (sight.readable && sight.info.held &&
        sight.info.token == lock->info.token)
        return ATT_OK;
    return fail_lost(lock, &sight, err);
}

att_status att_lock_touch(struct att_lock *lock, struct att_error *err)
{
    ATT_TRY(att_lock_check(lock, err));
    if (futimens(lock->fd, NULL) != 0)
        return att_fail_errno(err, "cannot renew the lock of %s", lock->dir);
    lock->last_beat = att_clock_s();
    return ATT_OK;
}

att_status att_lock_beat(struct att_lock *lock, struct att_error *err)
{
    if (att_clock_s() - lock->last_beat < ATT_LOCK_BEAT_S)
        return ATT_OK;
    return att_lock_touch(lock, err);
}

att_status att_lock_raise(struct att_lock *lock, uint64_t epoch,
                          struct att_error *err)
{
    char text[LOCK_EPOCH_WIDTH + 1];

    ATT_TRY(att_lock_check(lock, err));
    if (epoch <= lock->info.epoch)
        return ATT_OK;
    (void)snprintf(text, sizeof text, "%0*" PRIu64, LOCK_EPOCH_WIDTH, epoch);
    if (pwrite(lock->fd, text, LOCK_EPOCH_WIDTH, LOCK_EPOCH_AT) !=
        LOCK_EPOCH_WIDTH)
        return att_fail_errno(err, "cannot raise the lock of %s", lock->dir);
    lock->info.epoch = epoch;
    return ATT_OK;
}

void att_lock_release(struct att_lock *lock)
{
    if (lock == NULL)
        return;
    const bool freed = pwrite(lock->fd, "free", LOCK_STATE_WIDTH,
                              LOCK_STATE_AT) == LOCK_STATE_WIDTH;

    (void)freed; /* if not: it goes stale, or our death is noticed */
    (void)close(lock->fd);
    free(lock);
}
