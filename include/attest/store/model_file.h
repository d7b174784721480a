/* model_file.h - an artifact as an HDF5 file that any program can run.
 *
 *   /               construction, key, point ("N=64 d=8"), atol, rtol,
 *                   tolerance_reason, n_layers, schema_version
 *   /instance/<x>   inputs, labels, targets
 *   /layers/000/    attributes kind, and the layer's numbers and words
 *                   (residual, activation, ...); trainable ones are listed in
 *                   the attribute "parameters"
 *   /layers/000/<x> tensors, row-major
 *   /expected/<x>   what the network must give
 *   /witness/<x>    of an artifact that is no network
 *
 * Tensors are float64, float32, int64 or uint8 of up to four dimensions. */
#pragma once

#include "attest/construction/construction.h"

/* What the root says of an artifact; texts may be "". */
struct att_model_label {
    const char *construction, *key, *point;
};

/* Write (temporary name, close, sync, rename).
 * Fails: ATT_E_IO, ATT_E_ARG (a name that HDF5 cannot hold). */
ATT_CHECKED att_status att_model_file_write(const char *path,
                                            const struct att_artifact *a,
                                            const struct att_model_label *label,
                                            struct att_error *err);

/* Read one back; everything lives in arena.  The file may be damaged or
 * hostile: it is first read in a child process.
 * Fails: ATT_E_IO, ATT_E_PARSE (naming the object), ATT_E_NOMEM. */
ATT_CHECKED att_status att_model_file_read(const char *path,
                                           struct att_arena *arena,
                                           struct att_artifact *a,
                                           struct att_model_label *label,
                                           struct att_error *err);
