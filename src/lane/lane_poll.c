#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/hash.h"
#include "lane_priv.h"

/* Forks fail when the node has too many processes: try again, and after so
 * many times let a job go, so that the run ends. */
static const double FORK_AGAIN_S = 0.25;
enum { FORK_TRIES = 40 };

static const double ORPHANS_S = 5;

static const uint64_t LARGEST_MESSAGE = UINT64_C(1) << 40;

/* A buffer that held a large checkpoint gives its memory back. */
static const size_t KEEP_BYTES = (size_t)4 << 20;

static void post_event(struct att_lane_post *post,
                       const struct att_lane_event *event)
{
    post->n++;
    post->event(post->context, event);
}

/* ---- rows --------------------------------------------------------------- */

static void damaged(struct att_lanes *lanes, uint32_t i)
{
    att_lane_kill(lanes, i, ATT_DOOM_DAMAGE, lanes->lane[i].received);
}

static bool makes_sense(const struct att_lane *lane,
                        const struct att_lane_frame *frame)
{
    return frame->job == lane->received && att_lane_in_flight(lane) > 0 &&
           frame->n_bytes <= LARGEST_MESSAGE &&
           (frame->message == ATT_LANE_MESSAGE_ROW ||
            frame->message == ATT_LANE_MESSAGE_CHECKPOINT ||
            frame->message == ATT_LANE_MESSAGE_FAULT);
}

/* The message at position `at`, if all of it has arrived and it is sound. */
static bool next_message(struct att_lanes *lanes, uint32_t i, size_t at,
                         struct att_lane_frame *frame)
{
    const struct att_lane *lane = &lanes->lane[i];
    const size_t left = lane->in.size - at;

    if (lane->doom == ATT_DOOM_DAMAGE || left < sizeof *frame)
        return false;
    memcpy(frame, lane->in.data + at, sizeof *frame);
    if (!makes_sense(lane, frame)) {
        damaged(lanes, i);
        return false;
    }
    if (left - sizeof *frame < frame->n_bytes)
        return false;
    if (att_hash64(lane->in.data + at + sizeof *frame,
                   (size_t)frame->n_bytes) == frame->hash)
        return true;
    damaged(lanes, i);
    return false;
}

static void take_message(struct att_lanes *lanes, uint32_t i,
                         const struct att_lane_frame *frame, const char *bytes,
                         struct att_lane_post *post)
{
    struct att_lane *lane = &lanes->lane[i];
    struct att_lane_event event = {
        .lane = i, .bytes = bytes, .n_bytes = (size_t)frame->n_bytes};

    if (frame->message == ATT_LANE_MESSAGE_FAULT) {
        (void)snprintf(lane->fault, sizeof lane->fault, "%.*s",
                       (int)fmin((double)frame->n_bytes, ATT_ERROR_TEXT),
                       bytes);
        return;
    }
    if (frame->message == ATT_LANE_MESSAGE_ROW) {
        event.kind = ATT_LANE_ROW;
        event.job = att_lane_pop(lane);
        lane->received++;
    } else {
        event.kind = ATT_LANE_CHECKPOINT;
        event.job = *att_lane_queue_at(&lane->queue, 0);
    }
    post_event(post, &event);
}

static void drop_read(struct att_buffer *in, size_t n)
{
    att_buffer_drop(in, n);
    if (in->size == 0 && in->capacity > KEEP_BYTES)
        att_buffer_fini(in);
}

/* Deliver everything that the process has written. */
static void collect(struct att_lanes *lanes, uint32_t i,
                    struct att_lane_post *post)
{
    struct att_lane *lane = &lanes->lane[i];
    const uint64_t before = lane->consumed;
    struct att_lane_frame frame;
    size_t at = 0;

    if (!lane->exists || lane->doom == ATT_DOOM_DAMAGE)
        return;
    if (!att_lane_drain(lane->shared, &lane->consumed, &lane->in))
        damaged(lanes, i);
    if (lane->consumed == before)
        return;
    att_lane_wake(lane->shared, lane->pipe);
    while (next_message(lanes, i, at, &frame)) {
        at += sizeof frame;
        take_message(lanes, i, &frame, lane->in.data + at, post);
        at += (size_t)frame.n_bytes;
    }
    drop_read(&lane->in, at);
    att_lane_feed(lane);
}

static void collect_all(struct att_lanes *lanes, struct att_lane_post *post)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        collect(lanes, i, post);
}

/* ---- what the zygote says ----------------------------------------------- */

static void let_go(struct att_lane *lane)
{
    if (lane->statm >= 0)
        (void)close(lane->statm);
    lane->statm = -1;
    lane->pid = 0;
    lane->exists = false;
    lane->rss_bytes = 0;
}

static void see_birth(struct att_lane *lane, pid_t pid)
{
    char path[32];

    (void)snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    lane->statm = open(path, O_RDONLY | O_CLOEXEC);
    lane->pid = pid;
    lane->failed_forks = 0;
}

/* A lane that died before it was ready and has nothing to do stays away until
 * it has: a lane that cannot start must not be forked for ever. */
static void see_end(struct att_lanes *lanes,
                    const struct att_zygote_report *end,
                    struct att_lane_post *post)
{
    struct att_lane *lane = &lanes->lane[end->lane];
    struct att_lane_event event;
    char text[ATT_LANE_LOSS_TEXT];

    collect(lanes, end->lane, post);
    const bool ready = att_lane_was_ready(lane);
    const bool lost = att_lane_loss(lanes, end, &event, text);
    if (lost)
        event.job = att_lane_pop(lane);
    let_go(lane);
    if (ready || lane->queue.n > 0)
        att_lane_spawn(lanes, end->lane);
    if (lost)
        post_event(post, &event);
}

static void see_no_birth(struct att_lanes *lanes, uint32_t i, int error,
                         struct att_lane_post *post)
{
    struct att_lane *lane = &lanes->lane[i];
    char text[ATT_LANE_LOSS_TEXT];

    let_go(lane);
    lane->fork_again_at = att_clock_s() + FORK_AGAIN_S;
    if (++lane->failed_forks < FORK_TRIES || lane->queue.n == 0)
        return;
    lane->failed_forks = 0;
    (void)snprintf(text, sizeof text, "crashed (no process for it: %s)",
                   strerror(error)); /* NOLINT(concurrency-mt-unsafe) */
    post_event(post, &(struct att_lane_event){
                         .kind = ATT_LANE_LOST,
                         .lane = i,
                         .job = att_lane_pop(lane),
                         .outcome = ATT_CRASHED,
                         .message = text,
                     });
}

static void hear_report(struct att_lanes *lanes,
                        const struct att_zygote_report *report,
                        struct att_lane_post *post)
{
    lanes->silent_s = 0;
    if (report->news != ATT_ZYGOTE_ENDED && lanes->n_unanswered > 0)
        lanes->n_unanswered--;
    if (report->lane >= lanes->n_lanes)
        return;
    if (report->news == ATT_ZYGOTE_SPAWNED) {
        see_birth(&lanes->lane[report->lane], report->pid);
    } else if (report->news == ATT_ZYGOTE_NOT_SPAWNED) {
        see_no_birth(lanes, report->lane, report->status, post);
    } else if (report->news == ATT_ZYGOTE_ENDED) {
        see_end(lanes, report, post);
    }
}

/* Its lanes are children of this process now, and about to die. */
static void reap_orphans(const struct att_lanes *lanes)
{
    const double until = att_clock_s() + ORPHANS_S;

    for (uint32_t i = 0; i < lanes->n_lanes; i++) {
        const pid_t pid = lanes->lane[i].pid;

        while (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0 &&
               att_clock_s() < until) {
            (void)kill(pid, SIGKILL);
            att_sleep_s(0.001);
        }
    }
}

static void see_zygote_gone(struct att_lanes *lanes)
{
    int status = 0;

    lanes->gone = true;
    (void)kill(lanes->zygote, SIGKILL);
    if (waitpid(lanes->zygote, &status, 0) == lanes->zygote) {
        (void)att_lane_end_text(status, lanes->gone_text);
    } else {
        (void)snprintf(lanes->gone_text, sizeof lanes->gone_text, "unknown");
    }
    lanes->zygote = 0;
    reap_orphans(lanes);
}

void att_lanes_hear(struct att_lanes *lanes, struct att_lane_post *post)
{
    struct att_zygote_report report;

    while (!lanes->gone) {
        const ssize_t got =
            recv(lanes->control, &report, sizeof report, MSG_DONTWAIT);

        if (got == (ssize_t)sizeof report) {
            hear_report(lanes, &report, post);
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else if (got >= 0 || errno != EINTR) {
            see_zygote_gone(lanes);
        }
    }
}

/* ---- waiting ------------------------------------------------------------ */

static bool anything_pending(const struct att_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++) {
        if (lanes->lane[i].queue.n > 0)
            return true;
    }
    return false;
}

void att_lanes_tick(struct att_lanes *lanes, enum att_lane_tick tick)
{
    const struct timespec step = {.tv_nsec = 1000000L * (long)tick};
    const struct itimerspec often = {.it_interval = step, .it_value = step};

    if (lanes->tick != tick &&
        timerfd_settime(lanes->timer, 0, &often, NULL) == 0)
        lanes->tick = tick;
}

static void adapt_tick(struct att_lanes *lanes)
{
    const double recent_s = 0.2;

    if (!anything_pending(lanes) && lanes->n_unanswered == 0) {
        att_lanes_tick(lanes, ATT_TICK_NEVER);
    } else if (att_clock_s() - lanes->active_at > recent_s) {
        att_lanes_tick(lanes, ATT_TICK_SELDOM);
    }
}

static void note_activity(struct att_lanes *lanes)
{
    lanes->active_at = att_clock_s();
    if (lanes->tick == ATT_TICK_SELDOM)
        att_lanes_tick(lanes, ATT_TICK_OFTEN);
}

static void empty_counter(int fd)
{
    uint64_t count = 0;
    const ssize_t got = read(fd, &count, sizeof count);

    (void)got;
}

/* The bell's descriptor is emptied before its flag is lowered: a lane that
 * rings in between is answered by the look that follows. */
bool att_lanes_wait(struct att_lanes *lanes, double timeout_s)
{
    struct pollfd fd[] = {{.fd = lanes->control, .events = POLLIN},
                          {.fd = lanes->bell_fd, .events = POLLIN},
                          {.fd = lanes->timer, .events = POLLIN}};
    const double wait_s = fmin(fmax(timeout_s, 0), 1e6);
    struct timespec t = {.tv_sec = (time_t)wait_s};

    t.tv_nsec = (long)((wait_s - floor(wait_s)) * 1e9);
    const int n = ppoll(fd, 3, &t, NULL);
    if (n > 0 && fd[1].revents != 0)
        empty_counter(lanes->bell_fd);
    if (n > 0 && fd[2].revents != 0) {
        empty_counter(lanes->timer);
        adapt_tick(lanes);
    }
    (void)atomic_exchange(&lanes->bell->rung, 0);
    return n >= 0 || errno != EINTR;
}

/* ---- poll --------------------------------------------------------------- */

static void report_all_lost(struct att_lanes *lanes, struct att_lane_post *post)
{
    char text[ATT_LANE_LOSS_TEXT];

    (void)snprintf(text, sizeof text,
                   "crashed (the zygote of its lane died: %s)",
                   lanes->gone_text);
    for (uint32_t i = 0; i < lanes->n_lanes; i++) {
        struct att_lane *lane = &lanes->lane[i];

        let_go(lane);
        while (lane->queue.n > 0) {
            post_event(post, &(struct att_lane_event){
                                 .kind = ATT_LANE_LOST,
                                 .lane = i,
                                 .job = att_lane_pop(lane),
                                 .outcome = ATT_CRASHED,
                                 .message = text,
                             });
        }
    }
}

static void serve(struct att_lanes *lanes, struct att_lane_post *post)
{
    collect_all(lanes, post);
    att_lanes_hear(lanes, post);
    if (lanes->gone) {
        collect_all(lanes, post);
        report_all_lost(lanes, post);
    } else {
        att_lanes_watch(lanes, att_clock_s());
    }
}

att_status att_lanes_poll(struct att_lanes *lanes, double timeout_s,
                          att_lane_event_fn event, void *context,
                          size_t *n_events, struct att_error *err)
{
    struct att_lane_post post = {.event = event, .context = context};
    const double until = att_clock_s() + timeout_s;
    double wait_s = 0;

    for (;;) {
        const bool undisturbed = lanes->gone || att_lanes_wait(lanes, wait_s);

        serve(lanes, &post);
        if (lanes->gone) {
            return att_fail(err, ATT_E_IO,
                            "the zygote of the lanes died (%s): start again, "
                            "finished rows are kept",
                            lanes->gone_text);
        }
        if (post.n > 0)
            note_activity(lanes);
        wait_s = until - att_clock_s();
        if (post.n > 0 || !undisturbed || wait_s <= 0)
            break;
    }
    *n_events = post.n;
    return ATT_OK;
}
