/* slices.h - partial rows that wait for the rest of their task. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/base/outcome.h"
#include "attest/base/status.h"

struct cli_slices; /* opaque */

struct cli_slices *cli_slices_create(void);    /* NULL when out of memory */
void cli_slices_destroy(struct cli_slices *s); /* NULL is allowed */

/* Keep the encoded row of one slice (a later one replaces an earlier one).
 * *whole: with it the task is complete.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status cli_slices_add(struct cli_slices *s,
                                      const struct att_unit *unit,
                                      const void *bytes, size_t n, bool *whole,
                                      struct att_error *err);

/* The slices of a complete task in order: n_slices pointers and lengths,
 * valid until the task is dropped; none of an unknown task. */
void cli_slices_get(const struct cli_slices *s, uint64_t task,
                    const void *const **bytes, const size_t **n_bytes,
                    size_t *n);

/* Forget a task (combined, or lost); unknown ones are ignored. */
void cli_slices_drop(struct cli_slices *s, uint64_t task);
