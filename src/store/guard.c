/* guard.c - a child that reads first. */
#include "guard_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* More processor time than any file that fits a disk needs to be read. */
enum { CPU_SECONDS = 600 };

/* A child that crashes does so quietly and leaves no core behind. */
static void make_quiet(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    const struct rlimit no_core = {0, 0};
    const struct rlimit time = {CPU_SECONDS, CPU_SECONDS};
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        (void)signal(crashes[i], SIG_DFL);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)setrlimit(RLIMIT_CPU, &time);
    if (null >= 0) {
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
    }
}

_Noreturn static void child(int out, guard_fn work, void *context)
{
    struct att_error err = {0};

    make_quiet();
    err.status = ATT_OK;

    const att_status status = work(context, &err);

    err.status = status;
    _exit(write(out, &err, sizeof err) == (ssize_t)sizeof err ? 0 : 1);
}

/* The child's report, or false when it ended before it could write one. */
static bool receive(int in, struct att_error *report)
{
    char *at = (char *)report;
    size_t left = sizeof *report;

    while (left > 0) {
        const ssize_t n = read(in, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        left -= (size_t)n;
    }
    report->text[sizeof report->text - 1] = '\0';
    return true;
}

static int reap(pid_t pid)
{
    int ended = 0;

    while (waitpid(pid, &ended, 0) < 0) {
        if (errno != EINTR)
            return 0;
    }
    return ended;
}

static att_status judge(const char *what, bool reported, int ended,
                        const struct att_error *report, struct att_error *err)
{
    if (reported && report->status == ATT_OK)
        return ATT_OK;
    if (reported)
        return att_fail(err, report->status, "%s", report->text);
    if (WIFSIGNALED(ended)) {
        return att_fail(err, ATT_E_IO,
                        "'%s' is damaged: reading it ends with %s", what,
                        strsignal(WTERMSIG(ended)));
    }
    return att_fail(err, ATT_E_IO, "'%s' is damaged: reading it fails", what);
}

att_status guard_run(const char *what, guard_fn work, void *context,
                     struct att_error *err)
{
    struct att_error report = {0};
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return att_fail_errno(err, "cannot make a pipe to read '%s'", what);

    const pid_t pid = fork();

    if (pid == 0)
        child(ends[1], work, context);
    (void)close(ends[1]);

    const bool reported = pid > 0 && receive(ends[0], &report);
    const int ended = pid > 0 ? reap(pid) : 0;

    (void)close(ends[0]);
    if (pid < 0)
        return att_fail_errno(err, "cannot fork to read '%s'", what);
    return judge(what, reported, ended, &report, err);
}
