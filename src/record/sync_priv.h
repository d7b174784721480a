/* sync_priv.h - a helper thread that brings a file to its device.
 *
 * The caller counts what it wrote; the helper calls fdatasync when something
 * has waited for the interval, or when somebody waits for it.  A failed sync
 * is remembered for ever: what the system then still holds is unknown. */
#pragma once

#include <stdint.h>

#include "attest/base/status.h"

struct syncer; /* opaque */

/* interval_s: 0 syncs on demand only.  fd is borrowed.  All signals are
 * blocked in the helper.  Fails: ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status att_syncer_start(int fd, double interval_s,
                                        struct syncer **syncer,
                                        struct att_error *err);

/* Something was written.  Returns at once. */
void att_syncer_wrote(struct syncer *syncer);

/* errno of the first sync that failed, or 0.  Returns at once. */
int att_syncer_error(struct syncer *syncer);

/* Wait until everything written so far is on the device: 0, ETIMEDOUT, or the
 * errno of a failed sync.  timeout_s may be INFINITY. */
int att_syncer_wait(struct syncer *syncer, double timeout_s);

void att_syncer_count(struct syncer *syncer, uint64_t *n, double *seconds);

/* End the helper without a further sync; free.  NULL is allowed. */
void att_syncer_stop(struct syncer *syncer);
