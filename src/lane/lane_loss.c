#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "attest/base/clock.h"
#include "lane_priv.h"

static const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } known[] = {
        {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
        {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},   {SIGKILL, "SIGKILL"},
        {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},   {SIGXCPU, "SIGXCPU"},
        {SIGXFSZ, "SIGXFSZ"}, {SIGQUIT, "SIGQUIT"}, {SIGALRM, "SIGALRM"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].number == number)
            return known[i].name;
    }
    return NULL;
}

const char *att_lane_end_text(int status, char out[ATT_HUMAN_TEXT])
{
    const char *name = WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : "";

    if (!WIFSIGNALED(status)) {
        (void)snprintf(out, ATT_HUMAN_TEXT, "exit status %d",
                       WEXITSTATUS(status));
    } else if (name == NULL) {
        (void)snprintf(out, ATT_HUMAN_TEXT, "signal %d", WTERMSIG(status));
    } else {
        (void)snprintf(out, ATT_HUMAN_TEXT, "%s", name);
    }
    return out;
}

/* ---- who is to blame ---------------------------------------------------- */

static bool ended_as_ordered(const struct att_lane *lane, int status)
{
    return lane->doom != ATT_DOOM_NONE && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGKILL;
}

/* Once everything that the process wrote has been read, at most one job is
 * started and not received. */
static bool is_intact(const struct att_lane *lane)
{
    const struct att_lane_turns turns = att_lane_turns(lane->shared);

    return lane->doom != ATT_DOOM_DAMAGE &&
           turns.published == lane->published &&
           turns.started - lane->received <= 1;
}

static bool runs_a_job(const struct att_lane *lane)
{
    return att_lane_turns(lane->shared).started != lane->received;
}

bool att_lane_was_ready(const struct att_lane *lane)
{
    return atomic_load(&lane->shared->base_bytes) != 0 || !is_intact(lane);
}

/* The order to kill may arrive when the guilty job is done and the next one
 * has begun: that one is innocent and runs again. */
static bool is_lost(const struct att_lane *lane, int status)
{
    if (!att_lane_was_ready(lane))
        return lane->queue.n > 0;
    if (!is_intact(lane))
        return att_lane_in_flight(lane) == 1;
    if (!runs_a_job(lane))
        return false;
    return !ended_as_ordered(lane, status) ||
           (lane->doom != ATT_DOOM_STALL && lane->doomed_job == lane->received);
}

/* ---- what is said ------------------------------------------------------- */

static void say_time(const struct att_lane *lane, char *text, size_t n)
{
    const struct att_limits *limits =
        &att_lane_queue_at(&lane->queue, 0)->limits;
    char limit[ATT_HUMAN_TEXT];

    (void)snprintf(text, n, "timeout after %s",
                   att_seconds_text(limits->task_time_s, limit));
}

static void say_memory(const struct att_lane *lane, char *text, size_t n)
{
    const struct att_limits *limits =
        &att_lane_queue_at(&lane->queue, 0)->limits;
    char held[ATT_HUMAN_TEXT], limit[ATT_HUMAN_TEXT];

    (void)snprintf(text, n, "out of memory: resident %s > %s",
                   att_bytes_text(lane->rss_bytes, held),
                   att_bytes_text(limits->task_memory_bytes, limit));
}

static enum att_outcome_status say_killed(struct att_lanes *lanes, int status,
                                          char *text, size_t n)
{
    char end[ATT_HUMAN_TEXT];

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
        att_lanes_kernel_killed(lanes)) {
        (void)snprintf(text, n, "out of memory: killed by the kernel");
        return ATT_OOM;
    }
    (void)snprintf(text, n, "crashed (%s)", att_lane_end_text(status, end));
    return ATT_CRASHED;
}

static enum att_outcome_status say_crash(const struct att_lane *lane,
                                         char *text, size_t n)
{
    if (lane->doom == ATT_DOOM_DAMAGE) {
        (void)snprintf(text, n, "crashed (it damaged its rows)");
    } else if (lane->doom == ATT_DOOM_STALL) {
        (void)snprintf(text, n, "crashed (stuck)");
    } else {
        (void)snprintf(text, n, "crashed: %s", lane->fault);
    }
    return ATT_CRASHED;
}

static enum att_outcome_status say_why(struct att_lanes *lanes,
                                       const struct att_lane *lane, int status,
                                       char *text, size_t n)
{
    const bool ordered = ended_as_ordered(lane, status);

    if (ordered && lane->doom == ATT_DOOM_TIME) {
        say_time(lane, text, n);
        return ATT_TIMEOUT;
    }
    if (ordered && lane->doom == ATT_DOOM_MEMORY) {
        say_memory(lane, text, n);
        return ATT_OOM;
    }
    if (ordered || lane->fault[0] != '\0')
        return say_crash(lane, text, n);
    return say_killed(lanes, status, text, n);
}

static void say_where(const struct att_lane *lane,
                      const struct att_lane_page *page, char *text, size_t n)
{
    const size_t used = strlen(text);

    if (!att_lane_was_ready(lane)) {
        (void)snprintf(text + used, n - used, " before its first job");
    } else if (is_intact(lane) && page->phase[0] != '\0') {
        (void)snprintf(text + used, n - used, " in phase %s", page->phase);
    }
}

bool att_lane_loss(struct att_lanes *lanes, const struct att_zygote_report *end,
                   struct att_lane_event *event, char text[ATT_LANE_LOSS_TEXT])
{
    struct att_lane *lane = &lanes->lane[end->lane];
    struct att_lane_page page;

    if (!is_lost(lane, end->status)) {
        if (!is_intact(lane))
            lane->careful = att_lane_in_flight(lane);
        return false;
    }
    att_lane_page_read(lane->shared, &page);
    const bool ran = page.running != 0 && is_intact(lane);
    *event = (struct att_lane_event){
        .kind = ATT_LANE_LOST,
        .lane = end->lane,
        .outcome = say_why(lanes, lane, end->status, text, ATT_LANE_LOSS_TEXT),
        .wall_s = ran ? fmax(att_clock_s() - page.since, 0) : 0,
        .cpu_s = ran ? fmax(end->cpu_s - page.cpu_before, 0) : 0,
        .peak_rss_bytes = end->peak_rss_bytes,
        .message = text,
    };
    say_where(lane, &page, text, ATT_LANE_LOSS_TEXT);
    return true;
}
