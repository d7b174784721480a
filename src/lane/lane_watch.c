#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/resident.h"
#include "lane_priv.h"

static const double LOOK_EVERY_S = 0.01;
static const double WEIGH_EVERY_S = 0.05;
static const double KILLS_EVERY_S = 2;

/* A rank that does not look for longer stood still itself (the job was
 * suspended, the node was swapping): such time is charged to nobody. */
static const double LONGEST_STEP_S = 1;

/* An idle lane takes a job within a millisecond; this is long enough for the
 * most crowded node.  The same goes for the zygote's answers. */
static const double STALL_S = 5;
static const double SILENCE_S = 30;

/* ---- the kernel's out-of-memory killer ---------------------------------- */

/* The counter oom_kill of /proc/vmstat; 0 when it is not there. */
static uint64_t count_kernel_kills(void)
{
    FILE *file = fopen("/proc/vmstat", "re");
    char line[128];
    uint64_t n = 0;

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "oom_kill ", 9) == 0)
            n = strtoull(line + 9, NULL, 10);
    }
    (void)fclose(file);
    return n;
}

/* Compared with a count that is at least KILLS_EVERY_S old where possible: it
 * takes a moment from the kill until its report arrives. */
bool att_lanes_kernel_killed(struct att_lanes *lanes)
{
    return count_kernel_kills() > lanes->kills_before;
}

static void watch_kernel(struct att_lanes *lanes, double now)
{
    if (now - lanes->kills_at < KILLS_EVERY_S)
        return;
    lanes->kills_before = lanes->kills;
    lanes->kills = count_kernel_kills();
    lanes->kills_at = now;
}

/* ---- one lane ----------------------------------------------------------- */

/* Charge the time that passed in what the lane is at. */
static void charge(struct att_lane *lane, uint64_t running, double since,
                   double step)
{
    if (lane->watched != running) {
        lane->watched = running;
        lane->charged_s = 0;
        lane->weighed_at = 0;
    }
    lane->charged_s += fmax(fmin(step, since), 0);
}

static void watch_time(struct att_lanes *lanes, uint32_t i,
                       const struct att_lane_job *job)
{
    const struct att_lane *lane = &lanes->lane[i];
    const double limit = job->limits.task_time_s;

    if (limit > 0 && lane->charged_s > limit + lanes->kill_grace_s) {
        att_lane_kill(lanes, i, ATT_DOOM_TIME, (uint32_t)(lane->watched - 1));
    }
}

static void watch_memory(struct att_lanes *lanes, uint32_t i, double now,
                         const struct att_lane_job *job)
{
    struct att_lane *lane = &lanes->lane[i];
    const uint64_t base = atomic_load(&lane->shared->base_bytes);
    const uint64_t limit = job->limits.task_memory_bytes;
    struct att_resident held;

    if (now - lane->weighed_at < WEIGH_EVERY_S || lane->statm < 0 ||
        !att_resident_read(lane->statm, &held))
        return;
    lane->weighed_at = now;
    if (held.rss_bytes == 0)
        att_lanes_nudge(lanes, i);
    lane->rss_bytes = held.rss_bytes > base ? held.rss_bytes - base : 0;
    if (limit > 0 && lane->rss_bytes > limit) {
        att_lane_kill(lanes, i, ATT_DOOM_MEMORY, (uint32_t)(lane->watched - 1));
    }
}

static void watch_idle(struct att_lanes *lanes, uint32_t i, double step)
{
    struct att_lane *lane = &lanes->lane[i];

    charge(lane, 0, step, step);
    if (lane->queue.n == 0) {
        lane->charged_s = 0;
    } else if (lane->charged_s > STALL_S + lanes->kill_grace_s) {
        att_lane_kill(lanes, i, ATT_DOOM_STALL, 0);
    }
}

static void watch_lane(struct att_lanes *lanes, uint32_t i, double now,
                       double step)
{
    struct att_lane *lane = &lanes->lane[i];
    struct att_lane_page page;

    if (!lane->exists) {
        if (lane->queue.n > 0 && now >= lane->fork_again_at)
            att_lane_spawn(lanes, i);
        return;
    }
    if (lane->doom != ATT_DOOM_NONE)
        return;
    const struct att_lane_job *job = att_lane_running_job(lane, &page);
    if (job == NULL) {
        watch_idle(lanes, i, step);
        return;
    }
    charge(lane, page.running, now - page.since, step);
    watch_time(lanes, i, job);
    if (lane->doom == ATT_DOOM_NONE)
        watch_memory(lanes, i, now, job);
}

/* ---- the zygote --------------------------------------------------------- */

static void watch_zygote(struct att_lanes *lanes, double step)
{
    if (lanes->n_unanswered == 0 || lanes->zygote <= 0)
        return;
    lanes->silent_s += step;
    if (lanes->silent_s > SILENCE_S)
        (void)kill(lanes->zygote, SIGKILL);
}

void att_lanes_watch_begin(struct att_lanes *lanes)
{
    lanes->watched_at = lanes->kills_at = att_clock_s();
    lanes->kills_before = lanes->kills = count_kernel_kills();
}

void att_lanes_watch(struct att_lanes *lanes, double now)
{
    const double passed = now - lanes->watched_at;

    if (passed < LOOK_EVERY_S)
        return;
    const double step = fmin(passed, LONGEST_STEP_S);
    lanes->watched_at = now;
    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        watch_lane(lanes, i, now, step);
    watch_zygote(lanes, step);
    watch_kernel(lanes, now);
}
