/* inputs.h - the files that path parameters of a study name.
 *
 * They are read once, before lanes exist, and reach constructions as bytes in
 * the workspace; the hash of the bytes, not the path, enters keys and seeds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "attest/base/hash.h"
#include "attest/base/workspace.h"
#include "attest/config/study.h"

struct att_inputs; /* owns the bytes; borrows paths from the study */

/* Read every file that some sweep names, each once.  Relative paths start at
 * `folder`; NULL: the folder of the study file.
 * Fails: ATT_E_IO (names path, sweep and parameter), ATT_E_NOMEM. */
ATT_CHECKED att_status att_inputs_read(const struct att_study *study,
                                       const char *folder,
                                       struct att_inputs **inputs,
                                       struct att_error *err);
void att_inputs_destroy(struct att_inputs *inputs); /* NULL is allowed */

/* For att_workspace: *n files with the paths as the study writes them. */
const struct att_input_file *att_inputs_files(const struct att_inputs *inputs,
                                              size_t *n);
/* The hash of a file's bytes; false when the study does not name the path. */
bool att_inputs_hash(const struct att_inputs *inputs, const char *path,
                     struct att_key *hash);
