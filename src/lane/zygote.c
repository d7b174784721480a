#include "zygote_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/log.h"

struct nursery {
    const struct att_zygote *z;
    pid_t *pid; /* per lane; 0: none */
    int deaths; /* a signalfd for SIGCHLD */
};

/* ---- becoming a zygote -------------------------------------------------- */

/* Launchers signal the whole process group, and it is the rank that decides
 * what a signal means.  Everything else is as in a fresh program: handlers of
 * the rank would act on a copy of its state. */
static void settle_signals(void)
{
    static const int ignored[] = {SIGUSR1, SIGUSR2, SIGTERM,
                                  SIGINT,  SIGHUP,  SIGPIPE};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;

    for (int s = 1; s < NSIG; s++)
        (void)sigaction(s, &action, NULL);
    action.sa_handler = SIG_IGN;
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)sigaction(ignored[i], &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_SETMASK, &set, NULL);
}

static bool is_ours(const struct att_zygote *z, int fd)
{
    if (fd <= STDERR_FILENO || fd == z->control || fd == z->bell_fd)
        return true;
    for (uint32_t i = 0; i < z->options->n_lanes; i++) {
        if (fd == z->seat[i].pipe)
            return true;
    }
    return false;
}

static void close_others(const struct att_zygote *z)
{
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry = NULL;

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        char *end = NULL;
        const long fd = strtol(entry->d_name, &end, 10);

        if (*end == '\0' && fd != dirfd(dir) && !is_ours(z, (int)fd))
            (void)close((int)fd);
    }
    (void)closedir(dir);
}

/* Nothing is read from the rank's input, what a library prints must not mix
 * with what the rank prints for programs, and the rank's log is closed. */
static void settle_descriptors(const struct att_zygote *z)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null >= 0)
        (void)dup2(null, STDIN_FILENO);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    att_log_set(NULL, NULL);
    close_others(z);
}

/* ---- its work ----------------------------------------------------------- */

static void report(const struct nursery *n,
                   const struct att_zygote_report *message)
{
    ssize_t sent = 0;

    do {
        sent = send(n->z->control, message, sizeof *message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
}

static _Noreturn void become_lane(const struct nursery *n, uint32_t lane,
                                  pid_t zygote)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != zygote)
        _exit(EXIT_FAILURE);
    (void)close(n->z->control);
    (void)close(n->deaths);
    free(n->pid);
    att_lane_run(n->z, lane);
}

static void spawn(struct nursery *n, uint32_t lane)
{
    const pid_t self = getpid();
    const pid_t pid = fork();

    if (pid == 0)
        become_lane(n, lane, self);
    const struct att_zygote_report message = {
        .news = pid > 0 ? ATT_ZYGOTE_SPAWNED : ATT_ZYGOTE_NOT_SPAWNED,
        .lane = lane,
        .pid = pid > 0 ? pid : 0,
        .status = pid > 0 ? 0 : errno,
    };
    n->pid[lane] = message.pid;
    report(n, &message);
}

static void slay(const struct nursery *n, uint32_t lane)
{
    const struct att_zygote_report message = {
        .news = ATT_ZYGOTE_KILLED, .lane = lane, .pid = n->pid[lane]};

    if (n->pid[lane] > 0)
        (void)kill(n->pid[lane], SIGKILL);
    report(n, &message);
}

/* False when the rank has closed its side. */
static bool obey(struct nursery *n)
{
    struct att_zygote_command command;
    const ssize_t got =
        recv(n->z->control, &command, sizeof command, MSG_DONTWAIT);

    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got != (ssize_t)sizeof command ||
        command.lane >= n->z->options->n_lanes)
        return false;
    if (command.order == ATT_ZYGOTE_SPAWN) {
        spawn(n, command.lane);
    } else {
        slay(n, command.lane);
    }
    return true;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

static void bury(struct nursery *n, pid_t pid, int status,
                 const struct rusage *use)
{
    for (uint32_t i = 0; i < n->z->options->n_lanes; i++) {
        if (n->pid[i] != pid)
            continue;
        n->pid[i] = 0;
        report(n, &(struct att_zygote_report){
                      .news = ATT_ZYGOTE_ENDED,
                      .lane = i,
                      .pid = pid,
                      .status = status,
                      .peak_rss_bytes = (uint64_t)use->ru_maxrss << 10,
                      .cpu_s = seconds(use->ru_utime) + seconds(use->ru_stime),
                  });
        return;
    }
}

static void reap(struct nursery *n)
{
    struct signalfd_siginfo seen;
    struct rusage use;
    int status = 0;
    pid_t pid = 0;

    while (read(n->deaths, &seen, sizeof seen) > 0)
        continue;
    while ((pid = wait4(-1, &status, WNOHANG, &use)) > 0)
        bury(n, pid, status, &use);
}

static void serve(struct nursery *n)
{
    struct pollfd fd[] = {{.fd = n->z->control, .events = POLLIN},
                          {.fd = n->deaths, .events = POLLIN}};

    for (;;) {
        if (poll(fd, 2, -1) < 0 && errno != EINTR)
            return;
        if (fd[1].revents != 0)
            reap(n);
        if (fd[0].revents != 0 && !obey(n))
            return;
    }
}

static void end_lanes(const struct nursery *n)
{
    for (uint32_t i = 0; i < n->z->options->n_lanes; i++) {
        if (n->pid[i] > 0)
            (void)kill(n->pid[i], SIGKILL);
    }
    while (wait(NULL) > 0)
        continue;
}

void att_zygote_run(const struct att_zygote *z, pid_t rank)
{
    struct nursery n = {.z = z};
    sigset_t child;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "attest-zygote");
    settle_signals();
    if (getppid() != rank)
        _exit(EXIT_FAILURE);
    settle_descriptors(z);
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    n.deaths = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    n.pid = calloc(z->options->n_lanes, sizeof *n.pid);
    if (n.deaths >= 0 && n.pid != NULL)
        serve(&n);
    if (n.pid != NULL)
        end_lanes(&n);
    _exit(EXIT_SUCCESS);
}
