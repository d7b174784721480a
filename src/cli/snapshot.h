/* snapshot.h - results.h5 while a run goes on.
 *
 * A process of its own (`attest store`) writes it, so that neither the
 * coordinator's loop nor its memory has a part in it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct cli_snapshot {
    const char *dir;   /* the run folder, borrowed */
    const char *store; /* its results.h5, borrowed */
    double every_s;    /* 0: never */
    double next, started;
    pid_t writer; /* 0: none at work */
};

/* From now (att_clock_s) on, write every every_s seconds, or less often: what
 * writing took is less than a hundredth of the time between. */
void cli_snapshot_init(struct cli_snapshot *s, const char *dir,
                       const char *store, double every_s, double now);

/* Start a writer when it is time; see to the one at work. */
void cli_snapshot_tick(struct cli_snapshot *s, double now);

/* Stop a writer at work and remove what it left: the end of the run writes a
 * newer file. */
void cli_snapshot_end(struct cli_snapshot *s);
