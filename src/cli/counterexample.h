/* counterexample.h - models of rows that violate a proved claim, so that
 * nobody has to take the verdict on trust. */
#pragma once

#include "attest/store/dataset.h"
#include "attest/task/task.h"
#include "folder.h"

enum { CLI_COUNTEREXAMPLES = 3 }; /* saved per run */

/* Remake the first rows (in task order) that violate a proved row claim and
 * write their models to DIR/counterexamples/<key>.h5; ones that are there are
 * left.  Says on stdout where they are; failures are warnings, since the rows
 * themselves are safe. */
void cli_save_counterexamples(const struct cli_folder *folder,
                              struct att_dataset *dataset,
                              struct att_task_env *env);
