#include "snapshot.h"

#include <math.h>

#include "attest/base/child.h"
#include "attest/base/log.h"
#include "attest/store/store.h"

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
    const struct att_child attest = {
        .words = words,
        .program = "/proc/self/exe",
        .in = ATT_CHILD_NULL,
        .out = ATT_CHILD_NULL,
        .err = ATT_CHILD_NULL,
    };
    struct att_error err = {0};

    s->started = now;
    if (att_child_start(&attest, &s->writer, &err) == ATT_OK)
        return;
    att_log(ATT_LOG_WARNING,
            "results.h5 cannot be written while the run goes on: %s", err.text);
    s->writer = 0;
    s->every_s = 0;
}

static void see_to(struct cli_snapshot *s, double now)
{
    int code = 0;

    if (!att_child_over(s->writer, &code))
        return;
    if (code != 0) {
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
    att_child_kill(s->writer);
    att_store_clear(s->store, s->writer);
    s->writer = 0;
}
