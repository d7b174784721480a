/* dataset.h - open a run folder or a store, and read its sweeps.
 *
 * A run folder is read live: its study.yaml gives the plan and its journal
 * the rows, so that a command sees every acknowledged row while the run goes
 * on.  A store (results.h5, or a copy of it anywhere) brings its own schema
 * and needs neither the study nor the journal.
 *
 * Files may be damaged or hostile.  The first reading of a file happens in a
 * child process that checks every byte that will be used: what crashes the
 * HDF5 library ends the child and becomes an error here. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/store/table.h"

struct att_dataset; /* opaque */

/* path: a folder with a study.yaml and a journal, or an HDF5 file.
 * Fails: ATT_E_IO (missing, not a store, damaged), ATT_E_PARSE (a column of
 * the wrong type or shape; a study that no longer loads), ATT_E_VERSION. */
ATT_CHECKED att_status att_dataset_open(const char *path,
                                        struct att_dataset **dataset,
                                        struct att_error *err);
void att_dataset_close(struct att_dataset *ds); /* NULL is allowed */

/* Does the file start as every HDF5 file does?  A pipe is not asked: what it
 * says once it does not say again. */
bool att_dataset_is_store(const char *path);

const char *att_dataset_path(const struct att_dataset *ds);
/* Is it a run folder? */
bool att_dataset_is_live(const struct att_dataset *ds);
const char *att_dataset_name(const struct att_dataset *ds);
/* Of a run folder; NULL for a store.  Inputs are found as run_inputs.h says. */
const struct att_study *att_dataset_study(const struct att_dataset *ds);
const struct att_inputs *att_dataset_inputs(const struct att_dataset *ds);
struct att_plan *att_dataset_plan(struct att_dataset *ds);

/* Tasks of the plan; rows whose status is done; journal rows that the plan
 * no longer has (0 for a store). */
uint64_t att_dataset_n_planned(const struct att_dataset *ds);
uint64_t att_dataset_n_done(const struct att_dataset *ds);
uint64_t att_dataset_n_unplanned(const struct att_dataset *ds);

uint32_t att_dataset_n_sweeps(const struct att_dataset *ds);
/* Name, construction and columns (fields) of a sweep; rows may not be loaded
 * yet: n is right, cells are NULL until att_dataset_load. */
const struct att_table *att_dataset_sweep(const struct att_dataset *ds,
                                          uint32_t sweep);
/* -1 when there is none of that name. */
int att_dataset_find(const struct att_dataset *ds, const char *sweep);

/* Load the rows of a sweep, once; and its observations when asked.  The table
 * is the one of att_dataset_sweep and lives until close.
 * Fails: ATT_E_IO, ATT_E_PARSE, ATT_E_NOMEM. */
ATT_CHECKED att_status att_dataset_load(struct att_dataset *ds, uint32_t sweep,
                                        bool observations,
                                        const struct att_table **table,
                                        struct att_error *err);
/* Rows and observations of every sweep.  Fails: as att_dataset_load. */
ATT_CHECKED att_status att_dataset_load_all(struct att_dataset *ds,
                                            struct att_error *err);

/* The stored claims table (/claims); no rows for a run folder, whose claims
 * the caller judges.  Fails as att_dataset_load. */
ATT_CHECKED att_status att_dataset_claims(struct att_dataset *ds,
                                          const struct att_frame **claims,
                                          struct att_error *err);

/* A text of /provenance ("study", "plan", "argv", "git_commit", ...); of a
 * run folder only "study".  NULL when it was not recorded. */
const char *att_dataset_fact(const struct att_dataset *ds, const char *name);
