/* guard_priv.h - try something in a child process first.
 *
 * HDF5 trusts its metadata: a damaged file can make the library crash, loop
 * or ask for all memory.  Whatever reads a file that somebody else may have
 * written does so in a child once; what the child survives, the parent can do.
 *
 * The child runs `work` and nothing else: no output, no exit handlers. */
#pragma once

#include <stdbool.h>

#include "attest/base/status.h"

typedef att_status (*guard_fn)(void *context, struct att_error *err);

/* what: the path of the file that work reads.
 * work's own status and text when it returns; ATT_E_IO when the child dies:
 * "<what> is damaged: reading it ends with <signal>".
 * Fails also: ATT_E_IO when no child can be made. */
ATT_CHECKED att_status att_guard_run(const char *what, guard_fn work,
                                     void *context, struct att_error *err);
