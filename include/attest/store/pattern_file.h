/* pattern_file.h - patterns that a user gives as HDF5 files.
 *
 * What constructions read is Matrix Market text (problem/patterns.h); an HDF5
 * file is turned into it before lanes exist.  In the file's root,
 *
 *   A                          a matrix [rows, columns] of numbers, or
 *   data, indices, indptr      compressed rows as scipy.sparse has them, with
 *   shape                      (rows, columns), a dataset or an attribute
 *
 * Zeros are left out. */
#pragma once

#include "attest/base/arena.h"
#include "attest/base/workspace.h"

/* out [n]: the files, with the text of those that are HDF5 in arena.
 * Fails: ATT_E_PARSE naming file, entry and value: none of the two forms, a
 * value that is negative or not finite, an index outside the matrix, entries
 * that belong to no row, more elements than the file can hold; ATT_E_IO when
 * HDF5 cannot read the file; ATT_E_NOMEM. */
ATT_CHECKED att_status att_pattern_files(const struct att_input_file *files,
                                         size_t n, struct att_arena *arena,
                                         const struct att_input_file **out,
                                         struct att_error *err);
