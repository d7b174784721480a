/* remake.h - what a row of a table is, for those who remake it. */
#pragma once

#include "attest/task/task.h"
#include "select.h"

/* The task number of a row, and the value that its search had found. */
struct att_task_remake cli_remake_of(struct att_dataset *dataset,
                                     const struct cli_choice *choice,
                                     struct att_arena *arena);

/* "N=64 d=8 replicate=3": the axes of the sweep at the row, in arena; NULL when
 * out of memory. */
const char *cli_point_of(const struct cli_choice *choice,
                         struct att_arena *arena);
