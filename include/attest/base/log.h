/* log.h - one line per event, to a sink that cli sets once.
 *
 * The sink is the only mutable global of attest.  Lines carry a level and no
 * newline; without a sink they are dropped. */
#pragma once

#include "attest/base/status.h"

enum att_log_level { ATT_LOG_INFO, ATT_LOG_WARNING, ATT_LOG_ERROR };

typedef void (*att_log_fn)(void *context, enum att_log_level level,
                           const char *line);

void att_log_set(att_log_fn sink, void *context);
void att_log(enum att_log_level level, const char *fmt, ...) ATT_PRINTF(2, 3);
