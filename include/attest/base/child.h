/* child.h - other programs, started and seen to. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "attest/base/status.h"

enum {
    ATT_CHILD_WORDS = 16,
    ATT_CHILD_NULL = -1,   /* a stream: /dev/null */
    ATT_CHILD_SIGNAL = 128 /* + n: ended by signal n */
};

struct att_child {
    /* Name first, NULL last, at most ATT_CHILD_WORDS with it; a name without a
     * slash is looked up in PATH. */
    const char *const *words;
    const char *program; /* the file to run instead of words[0]; NULL */
    /* Descriptors that become its standard streams, or ATT_CHILD_NULL.  Of 0,
     * 1 and 2 each may stand for its own stream only. */
    int in, out, err;
};

/* Start it; the signals that this process blocks reach the child.
 * Fails: ATT_E_UNSUPPORTED (there is no such program), ATT_E_IO, ATT_E_ARG
 * (no words, or too many). */
ATT_CHECKED att_status att_child_start(const struct att_child *child,
                                       pid_t *pid, struct att_error *err);

/* Wait for a child, however it was made; its exit code, or ATT_CHILD_SIGNAL +
 * the signal; -1 when there is no such child. */
int att_child_wait(pid_t pid);

/* Has it ended?  Then *code is what att_child_wait returns. */
bool att_child_over(pid_t pid, int *code);

/* Kill it and wait for its end. */
void att_child_kill(pid_t pid);
