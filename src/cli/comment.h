/* comment.h - the comment of a Slurm job says how far its run is, so that
 * `squeue -o '%i %T %k'` is enough. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct cli_comment {
    char job[64]; /* "": not under Slurm, or nobody to tell */
    double next;
    pid_t writer; /* 0: none at work */
};

/* Under Slurm the first comment is due soon after `now` (att_clock_s), then
 * one a minute: the controller serves everybody. */
void cli_comment_init(struct cli_comment *c, double now);
bool cli_comment_due(const struct cli_comment *c, double now);
void cli_comment_set(struct cli_comment *c, const char *text, double now);

/* The last comment; waits for it for a moment, as the step's end ends it. */
void cli_comment_end(struct cli_comment *c, const char *text);
