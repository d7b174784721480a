/* show_task.h - one row in full. */
#pragma once

#include "attest/store/dataset.h"

/* Print everything that is known of one task: parameters, metrics, verdicts
 * with their reasons, observations, provenance.  Returns an exit code. */
int cli_show_task(struct att_dataset *dataset, const char *task, bool json);
