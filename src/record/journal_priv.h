/* journal_priv.h - a journal as it is being read. */
#pragma once

#include <sys/types.h>

#include "attest/record/journal.h"

#include "frame_priv.h"
#include "keytable_priv.h"
#include "scan_priv.h"

/* A growing list of pointers into the view's arena. */
struct list {
    const void **item; /* n */
    size_t n, capacity;
};

/* One id of columns; description is NULL until its record was read. */
struct described {
    uint64_t id;
    const struct att_columns *description;
};

struct att_journal {
    char *path;
    int fd;
    struct scan scan;
    uint64_t epoch, sequence; /* of the last accepted record */
    struct keytable table;
    struct att_arena *arena;     /* everything below */
    struct described *described; /* n_described, heap */
    size_t n_described, described_capacity;
    struct list plans, notes;
    const char *version;
    struct att_journal_report report; /* what is not in scan and table */
};

/* Take note of one valid record at offset.
 * Fails: ATT_E_VERSION, ATT_E_NOMEM, ATT_E_OVERFLOW. */
ATT_CHECKED att_status att_journal_accept(struct att_journal *journal,
                                          const struct frame *frame,
                                          uint64_t offset,
                                          struct att_error *err);
