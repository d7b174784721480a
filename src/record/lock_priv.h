/* lock_priv.h - the text of a lock file, and the processes it names. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/record/lock.h"

/* Where the two fields stand that their owner changes in place; both keep
 * their width. */
enum {
    LOCK_STATE_AT = 20, /* "held" or "free" */
    LOCK_STATE_WIDTH = 4,
    LOCK_EPOCH_AT = 31,
    LOCK_EPOCH_WIDTH = 20
};

/* The whole file. */
void att_lock_format(const struct att_lock_info *info, struct att_buffer *out);
/* Inverse; unknown lines are skipped.  False when it is no lock file. */
bool att_lock_parse(const char *text, struct att_lock_info *info);

/* "host node1, pid 77, Slurm job 12 (restart 1)" */
void att_holder_describe(const struct att_lock_holder *h,
                         struct att_buffer *out);

/* The process is known not to run any more: it ran in this boot and process
 * space, and its pid is free or belongs to another process. */
bool att_holder_gone(const struct att_lock_holder *h,
                     const struct att_lock_holder *self);
