/* dataset_priv.h - what the two kinds of data sets share. */
#pragma once

#include <hdf5.h>

#include "attest/store/dataset.h"
#include "live_priv.h"

/* One sweep of a data set; the columns stand in the data set's arena. */
struct dataset_sweep {
    struct att_table table;
    bool has_rows, has_lines; /* loaded */
    uint64_t *line_first;
    struct live_sweep live; /* of a run folder */
};

struct att_dataset {
    char *path;
    struct att_arena *arena; /* names, columns, texts */
    struct text_pool pool;
    const char *name;
    struct dataset_sweep *sweep; /* n_sweeps */
    uint32_t n_sweeps;
    uint64_t n_planned, n_done, n_unplanned;
    struct att_frame claims;
    bool has_claims;

    /* a run folder */
    struct att_study_file *study_file;
    struct att_inputs *inputs;
    struct att_plan *plan;
    struct att_journal *journal;
    struct roster roster;

    /* a store; -1 when it is none */
    hid_t file;
};

/* Fill everything but rows; the data set is closed by the caller on failure.
 * Fails: as att_dataset_open. */
ATT_CHECKED att_status att_folder_open(struct att_dataset *ds,
                                       struct att_error *err);
ATT_CHECKED att_status att_store_open(struct att_dataset *ds,
                                      struct att_error *err);
void att_folder_close(struct att_dataset *ds);
void att_store_close(struct att_dataset *ds);

ATT_CHECKED att_status att_folder_load(struct att_dataset *ds, uint32_t sweep,
                                       bool lines, struct att_error *err);
ATT_CHECKED att_status att_store_load_rows(struct att_dataset *ds,
                                           uint32_t sweep,
                                           struct att_error *err);
ATT_CHECKED att_status att_store_load_lines(struct att_dataset *ds,
                                            uint32_t sweep,
                                            struct att_error *err);
/* Read some rows (lines) of a store into the first ones of a frame. */
struct store_block {
    uint64_t first;
    size_t n;
    struct att_frame *frame;
    struct text_pool *pool;
};
ATT_CHECKED att_status att_store_read(struct att_dataset *ds, uint32_t sweep,
                                      bool lines,
                                      const struct store_block *block,
                                      struct att_error *err);
ATT_CHECKED att_status att_store_load_claims(struct att_dataset *ds,
                                             struct att_error *err);
ATT_CHECKED att_status att_store_fact(const struct att_dataset *ds,
                                      const char *name, const char **text,
                                      struct att_error *err);
