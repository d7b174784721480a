/* buffer.h - bytes or text that grow on the heap.
 *
 * Allocation failure makes a buffer sticky-bad: appends become no-ops and
 * att_buffer_ok says false, so a writer checks once at its end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/status.h"

struct att_buffer {
    char *data;      /* size bytes, followed by a zero byte once non-empty */
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
    bool failed;
};

void att_buffer_fini(struct att_buffer *b); /* leaves an empty, usable buffer */
void att_buffer_clear(struct att_buffer *b); /* keeps the memory */
bool att_buffer_ok(const struct att_buffer *b);
void att_buffer_append(struct att_buffer *b, const void *bytes, size_t n);
void att_buffer_text(struct att_buffer *b, const char *text);
void att_buffer_printf(struct att_buffer *b, const char *fmt, ...)
    ATT_PRINTF(2, 3);
/* Grow by n bytes and return where they start; NULL when out of memory. */
void *att_buffer_grow(struct att_buffer *b, size_t n);
/* Remove n <= size bytes from the front. */
void att_buffer_drop(struct att_buffer *b, size_t n);

/* Read a whole file (write one: temporary name, then rename; synced when
 * sync is true).  Fails: ATT_E_IO with the path, ATT_E_NOMEM. */
ATT_CHECKED att_status att_file_read(const char *path, struct att_buffer *out,
                                     struct att_error *err);
/* The same, but no more than the first `most` bytes. */
ATT_CHECKED att_status att_file_read_upto(const char *path, size_t most,
                                          struct att_buffer *out,
                                          struct att_error *err);
ATT_CHECKED att_status att_file_replace(const char *path, const void *bytes,
                                        size_t n, bool sync,
                                        struct att_error *err);
