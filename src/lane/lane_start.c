#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"
#include "lane_priv.h"

static const double START_S = 30; /* for the zygote to fork the first lanes */
static const double REAP_S = 10;  /* for what was killed to be reaped */

enum { MOST_LANES = 4096 };

/* ---- what rank and zygote share ----------------------------------------- */

static att_status open_lane(struct att_lane *lane, struct att_lane_seat *seat,
                            struct att_error *err)
{
    int ends[2];

    lane->shared = att_lane_map(sizeof *lane->shared);
    if (lane->shared == NULL)
        return att_fail_errno(err, "cannot share memory with a lane");
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return att_fail_errno(err, "cannot open a pipe to a lane");
    seat->shared = lane->shared;
    seat->pipe = ends[0];
    lane->pipe = ends[1];
    return ATT_OK;
}

static att_status open_all_lanes(struct att_lanes *lanes,
                                 struct att_lane_seat *seat,
                                 struct att_error *err)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        ATT_TRY(open_lane(&lanes->lane[i], &seat[i], err));
    return ATT_OK;
}

static bool listen_to(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static att_status open_bell(struct att_lanes *lanes, struct att_error *err)
{
    lanes->bell = att_lane_map(sizeof *lanes->bell);
    lanes->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    lanes->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    lanes->descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (lanes->bell == NULL || lanes->bell_fd < 0 || lanes->timer < 0 ||
        lanes->descriptor < 0 ||
        !listen_to(lanes->descriptor, lanes->bell_fd) ||
        !listen_to(lanes->descriptor, lanes->timer))
        return att_fail_errno(err, "cannot make a bell for the lanes");
    return ATT_OK;
}

static att_status open_control(struct att_lanes *lanes, int *other,
                               struct att_error *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return att_fail_errno(err, "cannot open a socket to the zygote");
    lanes->control = ends[0];
    *other = ends[1];
    if (!listen_to(lanes->descriptor, lanes->control))
        return att_fail_errno(err, "cannot listen to the zygote");
    return ATT_OK;
}

/* ---- forking ------------------------------------------------------------ */

/* Fork carries over one thread and the locks of all. */
static void warn_of_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    const struct dirent *entry = NULL;
    unsigned n = 0;

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL)
        n += entry->d_name[0] != '.';
    (void)closedir(dir);
    if (n > 1) {
        att_log(ATT_LOG_WARNING,
                "%u threads run before the lanes are forked: link the serial "
                "BLAS, or set OPENBLAS_NUM_THREADS=1",
                n);
    }
}

/* No signal is taken between the fork and the zygote's own settings.  Should
 * the zygote be killed, its lanes fall to this process, which reaps them. */
static att_status fork_zygote(struct att_lanes *lanes,
                              const struct att_zygote *z, struct att_error *err)
{
    const pid_t self = getpid();
    sigset_t all, before;

    warn_of_threads();
    (void)fflush(NULL);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    if (pid == 0)
        att_zygote_run(z, self);
    const int error = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    if (pid < 0)
        return att_fail_errno(err, "cannot fork a zygote for the lanes");
    lanes->zygote = pid;
    return ATT_OK;
}

static void ignore_event(void *context, const struct att_lane_event *event)
{
    (void)context;
    (void)event;
}

static bool any_fork_failed(const struct att_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++) {
        if (lanes->lane[i].failed_forks > 0)
            return true;
    }
    return false;
}

static att_status spawn_all(struct att_lanes *lanes, struct att_error *err)
{
    struct att_lane_post post = {.event = ignore_event};
    const double until = att_clock_s() + START_S;

    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        att_lane_spawn(lanes, i);
    while (lanes->n_unanswered > 0 && !lanes->gone && att_clock_s() < until) {
        (void)att_lanes_wait(lanes, until - att_clock_s());
        att_lanes_hear(lanes, &post);
    }
    if (lanes->gone || lanes->n_unanswered > 0) {
        return att_fail(err, ATT_E_IO, "the zygote did not start (%s)",
                        lanes->gone ? lanes->gone_text : "no answer");
    }
    if (any_fork_failed(lanes)) {
        return att_fail(err, ATT_E_IO,
                        "cannot fork %u lanes: too many processes (ulimit -u)?",
                        lanes->n_lanes);
    }
    return ATT_OK;
}

static void close_seats(const struct att_zygote *z, struct att_lane_seat *seat,
                        uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (seat[i].pipe >= 0)
            (void)close(seat[i].pipe);
    }
    if (z->control >= 0)
        (void)close(z->control);
    free(seat);
}

static struct att_lane_seat *new_seats(uint32_t n)
{
    struct att_lane_seat *seat = calloc(n, sizeof *seat);

    for (uint32_t i = 0; seat != NULL && i < n; i++)
        seat[i].pipe = -1;
    return seat;
}

/* The zygote and its lanes read options and context in their own copies of
 * this process's memory, so nothing of them is kept here. */
static att_status launch(struct att_lanes *lanes,
                         const struct att_lane_options *options,
                         struct att_error *err)
{
    struct att_lane_seat *seat = new_seats(lanes->n_lanes);
    struct att_zygote z = {.options = options, .seat = seat, .control = -1};

    if (seat == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory starting lanes");
    att_status status = open_all_lanes(lanes, seat, err);
    if (status == ATT_OK)
        status = open_bell(lanes, err);
    if (status == ATT_OK)
        status = open_control(lanes, &z.control, err);
    z.bell = lanes->bell;
    z.bell_fd = lanes->bell_fd;
    if (status == ATT_OK)
        status = fork_zygote(lanes, &z, err);
    close_seats(&z, seat, lanes->n_lanes);
    att_lanes_watch_begin(lanes);
    if (status == ATT_OK)
        status = spawn_all(lanes, err);
    return status;
}

static struct att_lanes *new_lanes(const struct att_lane_options *options)
{
    struct att_lanes *lanes = calloc(1, sizeof *lanes);

    if (lanes == NULL)
        return NULL;
    lanes->lane = calloc(options->n_lanes, sizeof *lanes->lane);
    if (lanes->lane == NULL) {
        free(lanes);
        return NULL;
    }
    (void)prctl(PR_GET_CHILD_SUBREAPER, &lanes->subreaper);
    lanes->n_lanes = options->n_lanes;
    lanes->kill_grace_s = options->kill_grace_s;
    lanes->control = lanes->timer = lanes->bell_fd = lanes->descriptor = -1;
    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        lanes->lane[i].pipe = lanes->lane[i].statm = -1;
    return lanes;
}

att_status att_lanes_start(const struct att_lane_options *options,
                           struct att_lanes **out, struct att_error *err)
{
    if (options->n_lanes < 1 || options->n_lanes > MOST_LANES) {
        return att_fail(err, ATT_E_ARG, "%u lanes is outside 1..%d",
                        options->n_lanes, MOST_LANES);
    }
    struct att_lanes *lanes = new_lanes(options);
    if (lanes == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory starting lanes");
    const att_status status = launch(lanes, options, err);
    if (status != ATT_OK) {
        att_lanes_stop(lanes, 0);
    } else {
        *out = lanes;
    }
    return status;
}

/* ---- stop --------------------------------------------------------------- */

/* Nothing more to do, and the end of the pipe: an idle lane ends at once, a
 * busy one after its job. */
static void dismiss(struct att_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++) {
        struct att_lane *lane = &lanes->lane[i];

        if (lane->exists)
            (void)att_lane_unpublish(lane->shared);
        lane->queue.n = 0;
        if (lane->pipe >= 0)
            (void)close(lane->pipe);
        lane->pipe = -1;
    }
}

static bool any_exists(const struct att_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++) {
        if (lanes->lane[i].exists)
            return true;
    }
    return false;
}

/* Reports are read here and not by att_lanes_hear, which would fork anew. */
static void await_ends(struct att_lanes *lanes, double seconds)
{
    const double until = att_clock_s() + seconds;
    struct att_zygote_report report;

    while (!lanes->gone && any_exists(lanes)) {
        const ssize_t got =
            recv(lanes->control, &report, sizeof report, MSG_DONTWAIT);

        if (got == 0)
            return;
        if (got == (ssize_t)sizeof report) {
            if (report.news == ATT_ZYGOTE_ENDED ||
                report.news == ATT_ZYGOTE_NOT_SPAWNED)
                lanes->lane[report.lane].exists = false;
        } else if (att_clock_s() >= until) {
            return;
        } else {
            (void)att_lanes_wait(lanes, until - att_clock_s());
        }
    }
}

static void kill_lanes(struct att_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        att_lane_kill(lanes, i, ATT_DOOM_STALL, 0);
}

/* The zygote ends when its control socket does, after its lanes. */
static void reap_zygote(struct att_lanes *lanes)
{
    const double until = att_clock_s() + REAP_S;

    if (lanes->control >= 0)
        (void)close(lanes->control);
    lanes->control = -1;
    while (lanes->zygote > 0) {
        if (waitpid(lanes->zygote, NULL, WNOHANG) != 0) {
            lanes->zygote = 0;
        } else if (att_clock_s() < until) {
            att_sleep_s(0.001);
        } else {
            (void)kill(lanes->zygote, SIGKILL);
        }
    }
}

static void close_fd(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

static void free_lane(struct att_lane *lane)
{
    close_fd(lane->pipe);
    close_fd(lane->statm);
    att_lane_unmap(lane->shared, sizeof *lane->shared);
    att_lane_queue_fini(&lane->queue);
    att_buffer_fini(&lane->in);
}

static void free_lanes(struct att_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->n_lanes; i++)
        free_lane(&lanes->lane[i]);
    close_fd(lanes->descriptor);
    close_fd(lanes->timer);
    close_fd(lanes->bell_fd);
    att_lane_unmap(lanes->bell, sizeof *lanes->bell);
    free(lanes->lane);
    free(lanes);
}

void att_lanes_stop(struct att_lanes *lanes, double grace_s)
{
    if (lanes == NULL)
        return;
    dismiss(lanes);
    await_ends(lanes, grace_s);
    kill_lanes(lanes);
    await_ends(lanes, REAP_S);
    reap_zygote(lanes);
    (void)prctl(PR_SET_CHILD_SUBREAPER, lanes->subreaper);
    free_lanes(lanes);
}
