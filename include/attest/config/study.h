/* study.h - a checked study: what a YAML file means.
 *
 * att_study_load turns YAML into these structs or into a list of diagnostics
 * with file, line, column, source line, caret and the nearest valid name. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/base/value.h"
#include "attest/construction/construction.h"

/* Values of one parameter, or of several zipped together, or derived. */
struct att_axis {
    uint32_t n_params;
    const uint32_t *param; /* n_params indices into the construction's schema */
    uint64_t n;            /* positions; 1 for a derived axis */
    /* Explicit: value[i * n_params + k].  NULL for arithmetic ranges of
     * integers (from + i * step, never materialised) and derived axes. */
    const struct att_value *value;
    int64_t from, step;
    const char *expr;      /* derived: a Lua expression, one parameter */
    uint64_t n_duplicates; /* values written twice, kept once */
    uint32_t line;         /* in the study file */
};

/* A limit: a constant, or a Lua expression over the parameters. */
struct att_limit {
    double value; /* seconds, bytes or a count; used when expr == NULL */
    const char *expr;
};

struct att_sweep_limits {
    struct att_limit task_time_s, task_memory_bytes, retries;
};

/* `find`: the smallest (largest) value of one parameter such that. */
struct att_find {
    bool present, largest;
    uint32_t param;
    const char *such_that; /* Lua over metrics and parameters */
    struct att_axis range; /* between (integers) or among */
    double share;          /* 0: each replicate; else the success share */
};

struct att_observe_spec {
    const struct att_observe_axis *axis; /* n, named and checked */
    uint32_t n;
};

struct att_sweep {
    const char *name; /* unique identifier; the HDF5 group */
    const struct att_construction *construction;
    const struct att_axis *axis; /* n_axes, in the order they are written */
    uint32_t n_axes;
    const struct att_value *fixed; /* every parameter's value where no axis
                                      sets it (defaults filled in) */
    const char *where;             /* Lua, or NULL */
    struct att_find find;
    struct att_observe_spec observe;
    struct att_sweep_limits limits;
    uint32_t replicates;
    uint32_t line;
};

struct att_study {
    const char *name;
    uint64_t seed;
    bool independent; /* coupling: independent - every parameter seeds */
    const struct att_sweep *sweep; /* n_sweeps */
    uint32_t n_sweeps;
    const char *path; /* as given */
    const char *text; /* the bytes of the file, n_text */
    size_t n_text;
    struct att_key digest; /* of the bytes */
};

struct att_study_file; /* owns everything above */

/* Read a study.  Diagnostics (up to 20, each of several lines, ready to be
 * printed to a terminal without colour) go to `diagnostics`.
 * Fails: ATT_E_IO, ATT_E_PARSE (err holds a one-line summary). */
ATT_CHECKED att_status att_study_load(const char *path,
                                      struct att_study_file **file,
                                      struct att_buffer *diagnostics,
                                      struct att_error *err);
/* As att_study_load for bytes in memory; path only appears in messages. */
ATT_CHECKED att_status att_study_parse(const char *path, const char *text,
                                       size_t n, struct att_study_file **file,
                                       struct att_buffer *diagnostics,
                                       struct att_error *err);
const struct att_study *att_study_of(const struct att_study_file *file);
void att_study_destroy(struct att_study_file *file);
