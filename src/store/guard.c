/* guard.c - a child that reads first. */
#include "guard_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/child.h"

/* Processor time for a file: HDF5 1.10 goes round for ever where a damaged heap
 * has an object of size zero.  Whole files take less than a tenth of this. */
enum { CPU_SECONDS = 5, BYTES_PER_CPU_SECOND = 1 << 19 };

/* Address space beside that of the columns themselves; files above the size
 * may take what the machine has. */
enum { SMALL_FILE = 16 << 20, UNPACK_FACTOR = 2 * 1100 };
static const rlim_t MEMORY_BYTES = (rlim_t)4 << 30;
static const rlim_t SANITIZER_BYTES = (rlim_t)1 << 40;

/* A child that crashes does so quietly and leaves no core behind. */
static void make_quiet(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    const struct rlimit no_core = {0, 0};
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        (void)signal(crashes[i], SIG_DFL);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (null >= 0) {
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
    }
}

/* Bytes of address space in use; 0 when the system does not say. */
static rlim_t address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";

    if (file != NULL) {
        if (fgets(line, sizeof line, file) == NULL)
            line[0] = '\0';
        (void)fclose(file);
    }
    return (rlim_t)strtoull(line, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Memory for what the file could unpack to, and some: a file that asks for
 * more is lying.  A sanitizer reserves so much that no limit makes sense. */
static void limit_memory(const char *path)
{
    const rlim_t used = address_space();
    struct stat info;
    struct rlimit space;

    if (used == 0 || used > SANITIZER_BYTES || stat(path, &info) != 0 ||
        info.st_size > SMALL_FILE)
        return;
    space.rlim_cur = used + MEMORY_BYTES + (rlim_t)info.st_size * UNPACK_FACTOR;
    space.rlim_max = space.rlim_cur;
    (void)setrlimit(RLIMIT_AS, &space);
}

static void limit_time(const char *path)
{
    struct stat info;
    struct rlimit time;

    if (stat(path, &info) != 0)
        return;
    time.rlim_cur = CPU_SECONDS + (rlim_t)info.st_size / BYTES_PER_CPU_SECOND;
    time.rlim_max = time.rlim_cur;
    (void)setrlimit(RLIMIT_CPU, &time);
}

_Noreturn static void child(int out, guard_fn work, void *context)
{
    struct att_error err = {0};

    make_quiet();

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

static att_status judge(const char *what, bool reported, int code,
                        const struct att_error *report, struct att_error *err)
{
    if (reported && report->status == ATT_OK)
        return ATT_OK;
    if (reported)
        return att_fail(err, report->status, "%s", report->text);
    if (code > ATT_CHILD_SIGNAL) {
        return att_fail(err, ATT_E_IO,
                        "'%s' is damaged: reading it ends with %s", what,
                        strsignal(code - ATT_CHILD_SIGNAL));
    }
    return att_fail(err, ATT_E_IO, "'%s' is damaged: reading it fails", what);
}

att_status att_guard_run(const char *what, guard_fn work, void *context,
                         struct att_error *err)
{
    struct att_error report = {0};
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return att_fail_errno(err, "cannot make a pipe to read '%s'", what);

    const pid_t pid = fork();

    if (pid == 0) {
        limit_memory(what);
        limit_time(what);
        child(ends[1], work, context);
    }
    if (pid < 0)
        (void)att_fail_errno(err, "cannot fork to read '%s'", what);
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return ATT_E_IO;
    }

    const bool reported = receive(ends[0], &report);

    (void)close(ends[0]);
    return judge(what, reported, att_child_wait(pid), &report, err);
}
