/* study.h - a checked study: what a YAML file means.
 *
 * att_study_load turns YAML into these structs or into a list of diagnostics,
 * each with file, line, column, source line, caret and the nearest valid name:
 *
 *   wide.yaml:6:13: N = 32.5 is not an integer
 *       6 |       N: [2, 32.5]
 *         |              ^~~~
 *
 * What holds afterwards: every name is known, every value is of its
 * parameter's type and inside its range, every parameter is set once, every
 * expression compiles and runs at the first point of its grid, derived axes
 * have no cycle, and the tasks of all sweeps together are fewer than 2^63.
 *
 * Values of an axis: numbers are read as decimals, and ranges are computed in
 * decimal arithmetic, so {from: 0.1, to: 0.7, step: 0.1} holds the double
 * nearest to 0.3 and not 0.30000000000000004.  Where a decimal does not fit
 * (log scales, factors with many digits) interior points are rounded to 15
 * significant digits: the same on every machine. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/base/value.h"
#include "attest/config/axis.h"
#include "attest/construction/construction.h"

/* A limit: a constant, or a Lua expression over the parameters. */
struct att_limit {
    double value; /* seconds, bytes or a count; used when expr == NULL */
    const char *expr;
    uint32_t line; /* 0: not set in the file */
};

struct att_sweep_limits {
    struct att_limit task_time_s, task_memory_bytes, retries;
};

/* `find`: the smallest (largest) value of one parameter such that. */
struct att_find {
    bool present, largest;
    uint32_t param;
    const char *such_that; /* Lua over metrics, observations, parameters */
    struct att_axis range; /* between (integers) or among (numbers ascending,
                              choices in the order written) */
    double share;          /* 0: each replicate on its own; else one search
                              over all replicates, of which this share must
                              succeed */
    uint32_t line;
};

struct att_sweep {
    const char *name; /* unique identifier; the HDF5 group */
    const struct att_construction *construction;
    const struct att_axis *axis; /* n_axes, in the order they are written */
    uint32_t n_axes;
    const uint32_t *derived; /* n_derived axis indices, each after the derived
                                axes that its expression names */
    uint32_t n_derived;
    const struct att_value *fixed; /* every parameter's value where no axis
                                      sets it (defaults filled in) */
    const char *where;             /* Lua, or NULL */
    uint32_t where_line;
    struct att_find find;
    struct att_observe observe; /* named and checked */
    struct att_sweep_limits limits;
    uint32_t replicates; /* >= 1 */
    uint32_t line;
};

struct att_study {
    const char *name; /* letters, digits, '.', '_', '-'; names run folders */
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

/* What to parse: bytes in memory, and the constructions a study may name. */
struct att_study_source {
    const char *path; /* only appears in messages */
    const char *text; /* n bytes */
    size_t n;
    const struct att_construction *const *known;
    size_t n_known;
};

enum { ATT_STUDY_ERRORS = 20 }; /* diagnostics reported at once */

/* Read a study against all registered constructions.  Diagnostics (up to 20,
 * each of several lines, ready to be printed to a terminal without colour) go
 * to `diagnostics`.
 * Fails: ATT_E_IO, ATT_E_NOMEM, ATT_E_PARSE (err holds a one-line summary). */
ATT_CHECKED att_status att_study_load(const char *path,
                                      struct att_study_file **file,
                                      struct att_buffer *diagnostics,
                                      struct att_error *err);
/* As att_study_load for bytes in memory, which are copied. */
ATT_CHECKED att_status att_study_parse(const struct att_study_source *source,
                                       struct att_study_file **file,
                                       struct att_buffer *diagnostics,
                                       struct att_error *err);
const struct att_study *att_study_of(const struct att_study_file *file);
void att_study_destroy(struct att_study_file *file); /* NULL is allowed */
