#include "spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The signals are reset because they are blocked here and read from a
 * descriptor. */
static bool prepare(posix_spawn_file_actions_t *files,
                    posix_spawnattr_t *attributes)
{
    sigset_t none;

    (void)sigemptyset(&none);
    return posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null",
                                            O_WRONLY, 0) == 0 &&
           posix_spawn_file_actions_adddup2(files, STDOUT_FILENO,
                                            STDERR_FILENO) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK) == 0;
}

bool cli_spawn(const char *program, const char *const *words, pid_t *pid)
{
    char *argv[CLI_SPAWN_WORDS] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    size_t n = 0;

    while (words[n] != NULL && n + 1 < CLI_SPAWN_WORDS)
        n++;
    if (n == 0)
        return false;
    memcpy(argv, words, n * sizeof *argv); /* posix_spawn writes to no word */
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawnattr_init(&attributes);
    const bool good = prepare(&files, &attributes) &&
                      posix_spawnp(pid, program != NULL ? program : words[0],
                                   &files, &attributes, argv, environ) == 0;
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return good;
}

bool cli_spawn_over(pid_t pid, bool *good)
{
    int status = 0;

    if (waitpid(pid, &status, WNOHANG) == 0)
        return false;
    *good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return true;
}
