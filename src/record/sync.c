/* sync.c - fdatasync on a timer, beside the caller. */
#include "sync_priv.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "attest/base/clock.h"

struct syncer {
    pthread_t thread;
    pthread_mutex_t mutex; /* guards everything below */
    pthread_cond_t work;   /* for the helper: written, wanted or stop changed */
    pthread_cond_t done;   /* for waiters: synced or error changed */
    int fd;
    double interval_s;
    uint64_t written; /* commits */
    uint64_t synced;  /* commits that are on the device */
    uint64_t wanted;  /* commits that somebody waits for */
    double oldest;    /* att_clock_s of the first commit not yet synced */
    int error;
    bool stop;
    uint64_t n_syncs;
    double sync_s;
};

/* The moment att_clock_s = at, which CLOCK_MONOTONIC counts. */
static struct timespec moment(double at)
{
    const double whole = floor(at);

    return (struct timespec){.tv_sec = (time_t)whole,
                             .tv_nsec = (long)((at - whole) * 1e9)};
}

static bool is_wanted(const struct syncer *s)
{
    return s->wanted > s->synced;
}

/* When the next sync is due by the timer; INFINITY when nothing waits. */
static double due_at(const struct syncer *s)
{
    if (s->written == s->synced || s->interval_s <= 0)
        return (double)INFINITY;
    return s->oldest + s->interval_s;
}

/* Wait, holding the mutex, until there is something to do. */
static void wait_for_work(struct syncer *s)
{
    while (!s->stop && (s->error != 0 || !is_wanted(s))) {
        const double due = s->error != 0 ? (double)INFINITY : due_at(s);

        if (isinf(due)) {
            (void)pthread_cond_wait(&s->work, &s->mutex);
        } else if (att_clock_s() < due) {
            const struct timespec until = moment(due);

            (void)pthread_cond_timedwait(&s->work, &s->mutex, &until);
        } else {
            return;
        }
    }
}

/* One fdatasync with the mutex released, so that writers go on meanwhile. */
static void sync_once(struct syncer *s)
{
    const uint64_t covered = s->written;
    const double start = att_clock_s();

    (void)pthread_mutex_unlock(&s->mutex);
    const int error = fdatasync(s->fd) == 0 ? 0 : errno;
    const double end = att_clock_s();

    (void)pthread_mutex_lock(&s->mutex);
    s->n_syncs++;
    s->sync_s += end - start;
    s->error = error;
    if (error == 0)
        s->synced = covered;
    s->oldest = start; /* what came meanwhile is younger than that */
    (void)pthread_cond_broadcast(&s->done);
}

static void *helper(void *context)
{
    struct syncer *const s = context;

    (void)pthread_mutex_lock(&s->mutex);
    for (;;) {
        wait_for_work(s);
        if (s->stop)
            break;
        sync_once(s);
    }
    (void)pthread_mutex_unlock(&s->mutex);
    return NULL;
}

/* Create the thread with all signals blocked: handlers belong to the caller. */
static int start_thread(struct syncer *s)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    const int masked = pthread_sigmask(SIG_SETMASK, &all, &before);

    if (masked != 0)
        return masked;
    const int error = pthread_create(&s->thread, NULL, helper, s);

    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int init_conditions(struct syncer *s)
{
    pthread_condattr_t attr;
    int error = pthread_condattr_init(&attr);

    if (error != 0)
        return error;
    error = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (error == 0)
        error = pthread_cond_init(&s->work, &attr);
    if (error == 0)
        error = pthread_cond_init(&s->done, &attr);
    (void)pthread_condattr_destroy(&attr);
    return error;
}

att_status att_syncer_start(int fd, double interval_s, struct syncer **syncer,
                            struct att_error *err)
{
    struct syncer *const s = calloc(1, sizeof *s);

    if (s == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for the sync helper");
    s->fd = fd;
    s->interval_s = interval_s;
    int error = pthread_mutex_init(&s->mutex, NULL);

    if (error == 0)
        error = init_conditions(s);
    if (error == 0)
        error = start_thread(s);
    if (error != 0) {
        free(s);
        errno = error;
        return att_fail_errno(err, "cannot start the sync helper");
    }
    *syncer = s;
    return ATT_OK;
}

void att_syncer_wrote(struct syncer *s)
{
    (void)pthread_mutex_lock(&s->mutex);
    if (s->written == s->synced) {
        s->oldest = att_clock_s();
        (void)pthread_cond_signal(&s->work);
    }
    s->written++;
    (void)pthread_mutex_unlock(&s->mutex);
}

int att_syncer_error(struct syncer *s)
{
    (void)pthread_mutex_lock(&s->mutex);
    const int error = s->error;

    (void)pthread_mutex_unlock(&s->mutex);
    return error;
}

int att_syncer_wait(struct syncer *s, double timeout_s)
{
    const double until = att_clock_s() + timeout_s;
    const struct timespec at = moment(isinf(until) ? 0 : until);
    int error = 0;

    (void)pthread_mutex_lock(&s->mutex);
    const uint64_t target = s->written;

    if (s->wanted < target)
        s->wanted = target;
    (void)pthread_cond_signal(&s->work);
    while (s->synced < target && s->error == 0 && error != ETIMEDOUT) {
        error = isinf(until) ? pthread_cond_wait(&s->done, &s->mutex)
                             : pthread_cond_timedwait(&s->done, &s->mutex, &at);
    }
    const int failed = s->error;
    const bool synced = s->synced >= target;

    (void)pthread_mutex_unlock(&s->mutex);
    if (failed != 0)
        return failed;
    return synced ? 0 : ETIMEDOUT;
}

void att_syncer_count(struct syncer *s, uint64_t *n, double *seconds)
{
    (void)pthread_mutex_lock(&s->mutex);
    *n = s->n_syncs;
    *seconds = s->sync_s;
    (void)pthread_mutex_unlock(&s->mutex);
}

void att_syncer_stop(struct syncer *s)
{
    if (s == NULL)
        return;
    (void)pthread_mutex_lock(&s->mutex);
    s->stop = true;
    (void)pthread_cond_signal(&s->work);
    (void)pthread_mutex_unlock(&s->mutex);
    (void)pthread_join(s->thread, NULL);
    (void)pthread_cond_destroy(&s->work);
    (void)pthread_cond_destroy(&s->done);
    (void)pthread_mutex_destroy(&s->mutex);
    free(s);
}
