/* writer.h - a file that appears whole or not at all, written bit by bit.
 *
 * Bytes go to PATH.PID.tmp, which finishing renames to PATH: a reader finds
 * the old file or the new one, and a writer that fails leaves the old one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "attest/base/buffer.h"
#include "attest/base/status.h"

struct att_writer {
    struct att_buffer path, name; /* what it will be called; is called now */
    int fd;                       /* -1: not open */
};

/* Fails: ATT_E_IO with the path, ATT_E_NOMEM; nothing is open then. */
ATT_CHECKED att_status att_writer_open(const char *path,
                                       struct att_writer *writer,
                                       struct att_error *err);
/* Fails: ATT_E_IO. */
ATT_CHECKED att_status att_writer_put(struct att_writer *writer,
                                      const void *bytes, size_t n,
                                      struct att_error *err);
/* Close and rename (synced before when sync is true).  On failure nothing is
 * left but the old file.  Fails: ATT_E_IO. */
ATT_CHECKED att_status att_writer_finish(struct att_writer *writer, bool sync,
                                         struct att_error *err);
/* Give up: nothing is left but the old file.  Allowed after finishing, and on
 * a writer that is all zero or was never opened. */
void att_writer_drop(struct att_writer *writer);
