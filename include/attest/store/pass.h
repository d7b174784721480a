/* pass.h - go through the rows of a sweep once, a block at a time.
 *
 * A table holds every cell of a sweep in memory, some 300 bytes per row.  Who
 * goes through all of it once, as writing it out does, needs one block of rows
 * and one of lines, however many there are. */
#pragma once

#include "attest/store/dataset.h"

/* Each is called with the sweep's table, of which rows (lines) are those of
 * the block only: valid until the next call.  Neither is called without rows
 * (lines). */
struct att_pass {
    att_status (*rows)(void *context, const struct att_table *block,
                       struct att_error *err);
    att_status (*lines)(void *context, const struct att_table *block,
                        struct att_error *err);
    void *context;
};

/* All rows and all lines, each in their order; calls of the two kinds come
 * between one another.  One pass, stream or att_dataset_load of a sweep at a
 * time.  Fails: as att_dataset_load, and with what a call returned. */
ATT_CHECKED att_status att_dataset_pass(struct att_dataset *dataset,
                                        uint32_t sweep,
                                        const struct att_pass *pass,
                                        struct att_error *err);
