#include "snapshot.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/log.h"
#include "attest/store/store.h"
#include "cli_priv.h"
#include "folder.h"

static const double SHARE = 0.01; /* of the time, for writing */

void cli_snapshot_init(struct cli_snapshot *s, const char *dir,
                       const char *store, double every_s, double now)
{
    *s = (struct cli_snapshot){
        .dir = dir, .store = store, .every_s = every_s, .next = now + every_s};
}

/* Signals are blocked here and read from a descriptor; the writer takes them
 * as they come.  It says nothing. */
static int spawn_quietly(const char *dir, pid_t *pid)
{
    char program[] = "attest", command[] = "store", folder[CLI_PATH];
    char *const argv[] = {program, command, folder, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;

    (void)snprintf(folder, sizeof folder, "%s", dir);
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawnattr_init(&attributes);
    int failed = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO,
                                                  "/dev/null", O_WRONLY, 0);

    if (failed == 0)
        failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (failed == 0)
        failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (failed == 0) {
        failed = posix_spawn(pid, "/proc/self/exe", &files, &attributes, argv,
                             environ);
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return failed;
}

static void start(struct cli_snapshot *s, double now)
{
    s->started = now;
    if (spawn_quietly(s->dir, &s->writer) == 0)
        return;
    att_log(ATT_LOG_WARNING, "results.h5 cannot be written while the run goes "
                             "on: no process");
    s->writer = 0;
    s->every_s = 0;
}

static void see_to(struct cli_snapshot *s, double now)
{
    int status = 0;

    if (waitpid(s->writer, &status, WNOHANG) == 0)
        return;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != CLI_DONE) {
        att_log(ATT_LOG_WARNING, "results.h5 was not written while the run "
                                 "goes on: attest store says why");
    }
    s->writer = 0;
    s->next = now + fmax(s->every_s, (now - s->started) / SHARE);
}

void cli_snapshot_tick(struct cli_snapshot *s, double now)
{
    if (s->every_s <= 0)
        return;
    if (s->writer > 0) {
        see_to(s, now);
    } else if (now >= s->next) {
        start(s, now);
    }
}

void cli_snapshot_end(struct cli_snapshot *s)
{
    if (s->writer <= 0)
        return;
    (void)kill(s->writer, SIGKILL);
    (void)waitpid(s->writer, NULL, 0);
    att_store_clear(s->store, s->writer);
    s->writer = 0;
}
