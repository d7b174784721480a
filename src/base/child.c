#include "attest/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int put_stream(posix_spawn_file_actions_t *files, int from, int to)
{
    if (from == to)
        return 0;
    return from == ATT_CHILD_NULL
               ? posix_spawn_file_actions_addopen(files, to, "/dev/null",
                                                  O_RDWR, 0)
               : posix_spawn_file_actions_adddup2(files, from, to);
}

static int put_streams(const struct att_child *child,
                       posix_spawn_file_actions_t *files)
{
    int code = put_stream(files, child->in, STDIN_FILENO);

    if (code == 0)
        code = put_stream(files, child->out, STDOUT_FILENO);
    if (code == 0)
        code = put_stream(files, child->err, STDERR_FILENO);
    return code;
}

/* A run blocks signals and reads them from a descriptor. */
static int unblock_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;

    (void)sigemptyset(&none);
    const int code = posix_spawnattr_setsigmask(attributes, &none);

    return code != 0
               ? code
               : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

/* 0 or an error number, as posix_spawn(3) has it. */
static int start(const struct att_child *child, char *const *argv, pid_t *pid)
{
    const char *program = child->program != NULL ? child->program : argv[0];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&files);

    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = put_streams(child, &files);
        if (code == 0)
            code = unblock_signals(&attributes);
        if (code == 0) {
            code =
                posix_spawnp(pid, program, &files, &attributes, argv, environ);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return code;
}

att_status att_child_start(const struct att_child *child, pid_t *pid,
                           struct att_error *err)
{
    char *argv[ATT_CHILD_WORDS] = {NULL};
    size_t n = 0;

    while (n < ATT_CHILD_WORDS && child->words[n] != NULL)
        n++;
    if (n == 0 || n == ATT_CHILD_WORDS)
        return att_fail(err, ATT_E_ARG, "a command of %zu words", n);
    memcpy(argv, child->words, n * sizeof *argv); /* none is written to */
    errno = start(child, argv, pid);
    if (errno == ENOENT) {
        return att_fail(err, ATT_E_UNSUPPORTED,
                        "there is no program %s on this machine", argv[0]);
    }
    return errno == 0 ? ATT_OK
                      : att_fail_errno(err, "cannot start %s", argv[0]);
}

static int code_of(int status)
{
    return WIFSIGNALED(status) ? ATT_CHILD_SIGNAL + WTERMSIG(status)
                               : WEXITSTATUS(status);
}

int att_child_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return code_of(status);
}

bool att_child_over(pid_t pid, int *code)
{
    int status = 0;
    const pid_t ended = waitpid(pid, &status, WNOHANG);

    if (ended == 0)
        return false;
    *code = ended == pid ? code_of(status) : -1;
    return true;
}

void att_child_kill(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)att_child_wait(pid);
}
