/* scan_priv.h - record after record of a journal file, damage passed over. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/status.h"

#include "frame_priv.h"

struct journal_file {
    int fd;
    const char *path; /* for messages */
};

/* Read n bytes at offset, fewer at the end of the file; *got says how many.
 * Fails: ATT_E_IO. */
ATT_CHECKED att_status att_file_at(const struct journal_file *file,
                                   uint64_t offset, void *bytes, size_t n,
                                   size_t *got, struct att_error *err);

struct scan {
    struct journal_file file; /* borrowed */
    uint64_t pos;             /* everything before it has been dealt with */
    uint64_t size;            /* of the file, as of att_scan_look_again */
    uint64_t searched; /* no complete record begins in pos+1 .. searched-1 */
    uint64_t n_regions, skipped_bytes;
    struct att_buffer window; /* bytes base .. base+window.size of the file */
    uint64_t base;
    struct att_error failure; /* of the reading below; stops everything */
};

/* Start at the beginning of an open file; att_scan_fini frees the window. */
void att_scan_init(struct scan *s, struct journal_file file);
void att_scan_fini(struct scan *s);

/* Take note of the file's present length.  Fails: ATT_E_IO. */
ATT_CHECKED att_status att_scan_look_again(struct scan *s,
                                           struct att_error *err);

/* The next valid record before `size`, and where it stands; *found is false
 * when there is none (an unfinished one may be at pos).  frame->payload is
 * valid until the next call.  Fails: ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status att_scan_next(struct scan *s, struct frame *frame,
                                     uint64_t *offset, bool *found,
                                     struct att_error *err);
