/* row.h - what a task leaves, and its bytes in messages and the journal.
 *
 * A row is self-contained: key, outcome, provenance, parameter values,
 * metrics, verdicts, observations.  The names of its columns stand once per
 * sweep in an att_columns record; a row refers to it by its 64-bit id, so a
 * journal can be read by a later version whose constructions have changed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/buffer.h"
#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/base/status.h"
#include "attest/base/value.h"

enum att_column_role {
    ATT_COLUMN_PARAM,
    ATT_COLUMN_METRIC,
    ATT_COLUMN_CLAIM,      /* kind ATT_INTEGER, stored as int8 */
    ATT_COLUMN_OBSERVATION /* kind ATT_REAL */
};

struct att_column {
    const char *name;
    enum att_column_role role;
    enum att_kind kind;
};

/* The columns of one sweep, in the order param, metric, claim, observation. */
struct att_columns {
    const char *construction;
    int32_t version;                 /* of the construction */
    const struct att_column *column; /* n_params + n_metrics + n_claims +
                                        n_observations */
    uint32_t n_params, n_metrics, n_claims, n_observations;
};

struct att_row {
    struct att_key key;
    uint64_t columns; /* att_columns_id */
    uint64_t task;    /* number in the plan of the run that made it: a hint */
    /* slice < n_slices; 0 of 1 in journals and stores: partial rows stay
     * between lane and coordinator */
    uint32_t slice, n_slices;
    int64_t replicate;
    enum att_outcome_status status;
    uint32_t attempt; /* 1 on the first try */
    uint32_t rank, lane;
    double start_time; /* seconds since 1970, UTC */
    double wall_s, cpu_s;
    uint64_t peak_rss_bytes, arena_bytes;
    double limit_time_s; /* limits it ran under, 0: none */
    uint64_t limit_memory_bytes;
    const char *host, *kernel, *code_id, *message; /* "" where none */
    const struct att_value *param;                 /* n_params */
    const struct att_value *metric;                /* n_metrics */
    const int8_t *verdict;                         /* n_claims */
    const double *observation; /* [n_observed, n_observations] */
    uint32_t n_params, n_metrics, n_claims, n_observations;
    uint32_t n_observed;
};

/* Hash of construction, version and every column's name, role and kind. */
uint64_t att_columns_id(const struct att_columns *c);

void att_columns_encode(const struct att_columns *c, struct att_buffer *out);
/* Everything decoded lives in arena.  Fails: ATT_E_PARSE (never reads past
 * bytes + n, whatever they hold), ATT_E_VERSION, ATT_E_NOMEM. */
ATT_CHECKED att_status att_columns_decode(const void *bytes, size_t n,
                                          struct att_arena *arena,
                                          struct att_columns *out,
                                          struct att_error *err);

/* The row's bytes, appended to out.  NULL texts count as "".
 * att_row_decode and att_row_peek fail with ATT_E_PARSE, ATT_E_VERSION (a
 * layout newer than this build's), ATT_E_NOMEM. */
void att_row_encode(const struct att_row *row, struct att_buffer *out);
ATT_CHECKED att_status att_row_decode(const void *bytes, size_t n,
                                      struct att_arena *arena,
                                      struct att_row *out,
                                      struct att_error *err);

/* The few fields that the coordinator needs of every row, read in place. */
struct att_row_head {
    struct att_key key;
    uint64_t columns;
    struct att_unit unit;
    enum att_outcome_status status;
    uint32_t attempt;
    double wall_s;
};
ATT_CHECKED att_status att_row_peek(const void *bytes, size_t n,
                                    struct att_row_head *out,
                                    struct att_error *err);

/* Stamp rank and lane into an encoded row (a lane does not know its rank). */
void att_row_stamp(void *bytes, size_t n, uint32_t rank, uint32_t lane);
