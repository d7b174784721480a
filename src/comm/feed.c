/* feed.c - which lane gets what waits in the rank's queue. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/log.h"
#include "worker_priv.h"

/* A lane with less small work than this is filled up to twice as much. */
static const double FEED_S = 0.010;

/* Behind a unit shorter than this a second one waits in the lane. */
static const double AHEAD_S = 0.1;

/* Units that wait this long behind another go to a lane that is idle. */
static const double UNEVEN_S = 0.005;

/* No submission is larger. */
enum { SUBMIT = 1024 };

static att_status scratch_reserve(struct att_worker *w, size_t n,
                                  struct att_error *err)
{
    if (n <= w->n_scratch)
        return ATT_OK;
    struct att_lane_job *wide = realloc(w->scratch, n * sizeof *wide);

    if (wide == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %zu units", n);
    w->scratch = wide;
    w->n_scratch = n;
    return ATT_OK;
}

/* limit_s 0: only what an idle lane needs. */
static bool wants_more(const struct lane *lane, double limit_s)
{
    if (lane->jobs.n == 0 || limit_s <= 0)
        return lane->jobs.n == 0;
    return lane->jobs.predicted_s < limit_s ||
           (lane->jobs.n == 1 && lane->jobs.predicted_s < AHEAD_S);
}

/* How much of the queue a lane may take now: its share while little is left,
 * so that the first lane does not take what others need. */
static double share_s(const struct att_worker *w)
{
    double total = w->queue.predicted_s;

    for (uint32_t i = 0; i < w->n_lanes; i++)
        total += w->lane[i].jobs.predicted_s;
    return fmin(2 * FEED_S, total / w->n_lanes);
}

/* Move units from the queue to the lane. */
static att_status fill(struct att_worker *w, uint32_t i, double limit_s,
                       struct att_error *err)
{
    struct lane *lane = &w->lane[i];
    size_t n = 0;

    ATT_TRY(scratch_reserve(w, SUBMIT, err));
    if (!att_jobs_reserve(&lane->jobs, SUBMIT))
        return att_fail(err, ATT_E_NOMEM, "no memory for a lane's units");
    if (lane->jobs.n == 0)
        lane->event_s = w->now;
    while (n < SUBMIT && w->queue.n > 0 && wants_more(lane, limit_s)) {
        const struct job job = att_jobs_pop(&w->queue);
        struct att_lane_job *to = &w->scratch[n++];

        *to = (struct att_lane_job){.unit = job.unit, .attempt = job.attempt};
        w->o.calls->limits(w->o.calls->context, job.unit.task, &to->limits);
        att_jobs_push(&lane->jobs, &job);
    }
    struct att_error lanes_err = {0};

    if (n > 0 &&
        w->o.ops->submit(w->o.lanes, i, w->scratch, n, &lanes_err) != ATT_OK)
        att_log(ATT_LOG_WARNING, "lane %u: %s", i, lanes_err.text);
    return ATT_OK;
}

/* Idle lanes first, one unit each; then all that run low. */
static att_status fill_all(struct att_worker *w, struct att_error *err)
{
    const double limit_s = share_s(w);

    for (uint32_t i = 0; i < w->n_lanes && w->queue.n > 0; i++) {
        if (w->lane[i].jobs.n == 0)
            ATT_TRY(fill(w, i, 0, err));
    }
    for (uint32_t i = 0; i < w->n_lanes && w->queue.n > 0; i++) {
        if (w->lane[i].jobs.n < 2 || w->lane[i].jobs.predicted_s < FEED_S)
            ATT_TRY(fill(w, i, limit_s, err));
    }
    return ATT_OK;
}

static att_status collect_lane(struct att_worker *w, struct lane *lane,
                               struct att_error *err)
{
    ATT_TRY(scratch_reserve(w, lane->jobs.n, err));
    if (!att_jobs_reserve(&w->queue, lane->jobs.n))
        return att_fail(err, ATT_E_NOMEM, "no memory for a rank's units");
    if (lane->jobs.n == 0)
        return ATT_OK;
    const size_t n =
        w->o.ops->take_back(w->o.lanes, (uint32_t)(lane - w->lane), w->scratch);

    for (size_t i = n; i-- > 0;) {
        struct job job;

        if (att_jobs_remove(&lane->jobs, &w->scratch[i].unit, &job))
            att_jobs_push_front(&w->queue, &job);
    }
    return ATT_OK;
}

att_status att_worker_collect(struct att_worker *w, struct att_error *err)
{
    for (uint32_t i = 0; i < w->n_lanes; i++)
        ATT_TRY(collect_lane(w, &w->lane[i], err));
    return ATT_OK;
}

/* How long units wait, or have waited, behind the one that runs. */
static double waits_s(const struct att_worker *w, const struct lane *lane)
{
    if (lane->jobs.n < 2)
        return 0;
    return fmax(lane->jobs.predicted_s * (1 - 1.0 / (double)lane->jobs.n),
                w->now - lane->event_s);
}

/* A lane is idle and nothing is queued: take back what waits elsewhere. */
static att_status even_out(struct att_worker *w, struct att_error *err)
{
    struct lane *from = NULL;
    double longest = UNEVEN_S;
    bool idle = false;

    for (uint32_t i = 0; i < w->n_lanes; i++) {
        const double seconds = waits_s(w, &w->lane[i]);

        idle |= w->lane[i].jobs.n == 0;
        if (seconds > longest) {
            longest = seconds;
            from = &w->lane[i];
        }
    }
    if (!idle || from == NULL)
        return ATT_OK;
    ATT_TRY(collect_lane(w, from, err));
    return fill_all(w, err);
}

att_status att_worker_feed(struct att_worker *w, struct att_error *err)
{
    ATT_TRY(fill_all(w, err));
    return w->queue.n == 0 && w->n_lanes > 1 ? even_out(w, err) : ATT_OK;
}

bool att_worker_hungry(const struct att_worker *w)
{
    for (uint32_t i = 0; i < w->n_lanes; i++) {
        if (w->lane[i].jobs.n == 0)
            return true;
    }
    return false;
}

/* A lane that holds few units wants a turn as soon as it reports; predictions
 * may be wrong by a factor of eight before a lane runs dry meanwhile. */
double att_worker_leisure(const struct att_worker *w)
{
    double least = FEED_S;

    for (uint32_t i = 0; i < w->n_lanes; i++) {
        const struct jobs *jobs = &w->lane[i].jobs;

        least = fmin(least, jobs->n < 8 ? 0 : jobs->predicted_s);
    }
    return least / 8;
}
