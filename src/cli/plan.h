/* plan.h - what `attest plan` prints and `run` writes to plan.json. */
#pragma once

#include <jansson.h>

#include "attest/plan/summary.h"
#include "session.h"

/* The plan as JSON: counts per axis and sweep, costs, the makespan on
 * `cores`.  NULL when out of memory or when an expression fails (err). */
json_t *cli_plan_json(const struct cli_session *session, uint32_t cores,
                      struct att_error *err);
