/* stream.h - the rows of a run folder's sweep as the judge reads them, a block
 * at a time.
 *
 * A table holds every cell of a sweep in memory, some 300 bytes per row.  Who
 * goes through the rows in order and looks back at one of them, as counting
 * the verdicts of row claims does, needs two blocks of rows and no table. */
#pragma once

#include "attest/store/dataset.h"

struct att_row_stream; /* opaque */

/* dataset: a run folder (att_dataset_is_live), which must outlive the stream;
 * one stream or one att_dataset_load of a sweep at a time.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_row_stream_open(struct att_dataset *dataset,
                                           uint32_t sweep,
                                           struct att_row_stream **stream,
                                           struct att_error *err);

/* Rows without their observations.  Texts of cells and of rows stay valid
 * until rows of two other blocks have been read: unlike those of other
 * sources.  A row that cannot be read is like a planned task without a row,
 * and closing tells. */
struct att_row_source att_row_stream_source(
    const struct att_row_stream *stream);

/* Fails with what the first failed reading said: ATT_E_IO, ATT_E_NOMEM,
 * ATT_E_MISMATCH.  NULL is allowed. */
ATT_CHECKED att_status att_row_stream_close(struct att_row_stream *stream,
                                            struct att_error *err);
