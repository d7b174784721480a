#include "snapshot.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "attest/base/log.h"
#include "attest/store/store.h"
#include "spawn.h"

static const double SHARE = 0.01; /* of the time, for writing */

void cli_snapshot_init(struct cli_snapshot *s, const char *dir,
                       const char *store, double every_s, double now)
{
    *s = (struct cli_snapshot){
        .dir = dir, .store = store, .every_s = every_s, .next = now + every_s};
}

static void start(struct cli_snapshot *s, double now)
{
    const char *const words[] = {"attest", "store", s->dir, NULL};

    s->started = now;
    if (cli_spawn("/proc/self/exe", words, &s->writer))
        return;
    att_log(ATT_LOG_WARNING, "results.h5 cannot be written while the run goes "
                             "on: no process");
    s->writer = 0;
    s->every_s = 0;
}

static void see_to(struct cli_snapshot *s, double now)
{
    bool good = false;

    if (!cli_spawn_over(s->writer, &good))
        return;
    if (!good) {
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
