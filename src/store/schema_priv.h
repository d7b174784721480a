/* schema_priv.h - which columns a sweep, its observations and the claims
 * have. */
#pragma once

#include "attest/record/row.h"
#include "attest/store/table.h"

#define FIELD_ABSENT UINT32_MAX

/* A growing list of columns; text and entries live in arena.  The first
 * failure sticks: whoever filled a list looks at its status once. */
struct field_list {
    struct att_arena *arena;
    struct att_field *field; /* n */
    uint32_t n;
    struct att_error *err;
    att_status status;
};

/* The column of a name, or NULL. */
struct att_field *att_field_find(const struct field_list *list,
                                 const char *name);
/* Append a copy; absent texts become "".
 * Fails: ATT_E_ARG when two columns would have one name, ATT_E_NOMEM. */
void att_field_add(struct field_list *list, const struct att_field *field);

/* A column that neither claims nor comparisons look at. */
struct plain_column {
    const char *name;
    enum att_kind kind;
    const char *unit, *doc;
};

/* The columns of a sweep's rows and of its observations: those of the
 * construction, in declared order, and such as only the n described rows
 * have (a search adds its own; another version had others).
 * Fails: ATT_E_ARG when a column has a name of the runner's. */
struct schema_source {
    const struct att_construction *construction;
    const struct att_columns *const *columns; /* n, borrowed */
    size_t n;
};
void att_schema_rows(const struct schema_source *source,
                     struct field_list *list);
/* No columns at all when there is nothing to observe. */
void att_schema_lines(const struct schema_source *source,
                      struct field_list *list);
/* The columns of /claims. */
void att_schema_claims(struct field_list *list);

/* The runner's columns, by their place in att_field.index. */
enum runner_column {
    RUNNER_MESSAGE,
    RUNNER_ATTEMPT,
    RUNNER_WALL,
    RUNNER_CPU,
    RUNNER_RSS,
    RUNNER_ARENA,
    RUNNER_LIMIT_TIME,
    RUNNER_LIMIT_MEMORY,
    RUNNER_RANK,
    RUNNER_LANE,
    RUNNER_HOST,
    RUNNER_KERNEL,
    RUNNER_CODE_ID,
    RUNNER_START_TIME,
    RUNNER_COLUMNS
};

/* The columns of /claims, by their place in att_field.index. */
enum claims_column {
    CLAIMS_LINE,
    CLAIMS_ID,
    CLAIMS_SWEEP,
    CLAIMS_SCOPE,
    CLAIMS_GROUP,
    CLAIMS_N,
    CLAIMS_N_CENSORED,
    CLAIMS_N_PLANNED,
    CLAIMS_STATISTIC,
    CLAIMS_LO,
    CLAIMS_HI,
    CLAIMS_PREDICTED,
    CLAIMS_VERDICT,
    CLAIMS_STANDING,
    CLAIMS_TIMING,
    CLAIMS_WORST_KEY,
    CLAIMS_NOTE,
    CLAIMS_STATEMENT,
    CLAIMS_SOURCE,
    CLAIMS_COLUMNS
};

/* Fill the lookup members of a table whose fields are known: the standard
 * columns, and where the construction's tables stand; sets construction to
 * NULL when its parameters are not all there.
 * Fails: ATT_E_PARSE when a standard column is missing, ATT_E_NOMEM. */
ATT_CHECKED att_status att_schema_link(struct att_table *table,
                                       struct att_arena *arena,
                                       struct att_error *err);

/* Spellings of enumerators in attributes, and back (-1 when unknown).  A
 * predicted metric has a word of its own: att_role_parse says
 * ROLE_PREDICTED. */
enum { ROLE_PREDICTED = ATT_FIELD_ROLES };
const char *att_role_text(const struct att_field *field);
int att_role_parse(const char *text);
int att_exactness_parse(const char *text);
int att_standing_parse(const char *text);
const char *att_kind_text(enum att_kind kind);
int att_kind_parse(const char *text);
