/* schema.h - how problems and constructions declare their columns.
 *
 * A parameter goes in, a metric or observation comes out.  The declarations
 * feed config checks, `attest list` and `describe`, the row codec, HDF5
 * columns and attributes, and the contract tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/value.h"

/* What a parameter holds; stored as ATT_INTEGER, ATT_REAL or ATT_TEXT. */
enum att_type {
    ATT_TYPE_INTEGER,
    ATT_TYPE_REAL,
    ATT_TYPE_CHOICE,
    ATT_TYPE_PATH
};

/* Which random streams a parameter's value enters.  Extents, precision,
 * evaluators and modes seed nothing, so that comparisons are paired; kinds of
 * data seed the instance; kinds of keys seed the builder. */
enum att_seeds { ATT_SEEDS_NOTHING, ATT_SEEDS_INSTANCE, ATT_SEEDS_BUILDER };

struct att_param {
    const char *name; /* unique in its construction; spelt alike everywhere */
    const char *doc;  /* one sentence, with the paper's letter if it differs */
    const char *unit; /* CF unit, "1" where there is none */
    enum att_type type;
    enum att_seeds seeds;
    int64_t i_min, i_max, i_default; /* ATT_TYPE_INTEGER, inclusive */
    double r_min, r_max, r_default;  /* ATT_TYPE_REAL, inclusive */
    const char *const *choices;      /* ATT_TYPE_CHOICE, NULL-terminated */
    const char *s_default;           /* a choice, or "" for a path */
    /* 0: there from the first release of its construction.  n: added in its
     * version n; enters keys and seeds only where it is off its default, so
     * that rows computed before it existed keep their keys. */
    int32_t since;
};

#define ATT_PARAM_INTEGER(name_, seeds_, default_, min_, max_, doc_)           \
    {                                                                          \
        .name = (name_), .doc = (doc_), .unit = "1", .type = ATT_TYPE_INTEGER, \
        .seeds = (seeds_), .i_min = (min_), .i_max = (max_),                   \
        .i_default = (default_)                                                \
    }
#define ATT_PARAM_REAL(name_, seeds_, default_, min_, max_, doc_)              \
    {                                                                          \
        .name = (name_), .doc = (doc_), .unit = "1", .type = ATT_TYPE_REAL,    \
        .seeds = (seeds_), .r_min = (min_), .r_max = (max_),                   \
        .r_default = (default_)                                                \
    }
#define ATT_PARAM_CHOICE(name_, seeds_, default_, choices_, doc_)              \
    {                                                                          \
        .name = (name_), .doc = (doc_), .unit = "1", .type = ATT_TYPE_CHOICE,  \
        .seeds = (seeds_), .choices = (choices_), .s_default = (default_)      \
    }
#define ATT_PARAM_PATH(name_, seeds_, doc_)                                    \
    {                                                                          \
        .name = (name_), .doc = (doc_), .unit = "1", .type = ATT_TYPE_PATH,    \
        .seeds = (seeds_), .s_default = ""                                     \
    }

enum att_role {
    ATT_ROLE_MEASURED,  /* came out of the build or the evaluation */
    ATT_ROLE_PREDICTED, /* what theory says at this point */
    ATT_ROLE_AXIS       /* observations only: a coordinate (step, L_test, d) */
};

/* How closely a repetition must agree. */
enum att_exactness {
    ATT_EXACT,   /* bit for bit on one CPU type */
    ATT_ROUNDED, /* within tolerance (relative) across CPU types */
    ATT_TIMING   /* depends on the machine's mood; never compared */
};

/* "exact", "rounded", "timing" */
const char *att_exactness_text(enum att_exactness exactness);

/* How partial results of slices are combined (att_construction.slices). */
enum att_reduction {
    ATT_REDUCE_SAME, /* equal in every slice */
    ATT_REDUCE_SUM,
    ATT_REDUCE_MIN,
    ATT_REDUCE_MAX,
    /* The value that stands beside the winning entry of the metric named by
     * `place_of` (ATT_REDUCE_MIN or _MAX; ties: the lowest slice). */
    ATT_REDUCE_PLACE
};

struct att_metric {
    const char *name;
    const char *unit; /* CF unit: "1", "bit", "flop", "byte", "s" */
    const char *doc;
    enum att_kind kind; /* ATT_INTEGER, ATT_REAL or ATT_TEXT */
    enum att_role role;
    enum att_exactness exactness;
    enum att_reduction reduction;
    double tolerance;         /* relative; ATT_ROUNDED only */
    const char *formula;      /* Lua over parameters, or NULL */
    const char *predicted_by; /* name of the predicted column, or NULL */
    const char *place_of;     /* ATT_REDUCE_PLACE only */
};

/* The default of a parameter as a value. */
struct att_value att_param_default(const struct att_param *param);

/* Is v a legal value (type, range, choice)?  An integral ATT_REAL is not
 * silently made an integer: see att_param_coerce.
 * Fails: ATT_E_ARG, "N = 0 is outside 1..4096", naming the nearest choice. */
ATT_CHECKED att_status att_param_check(const struct att_param *param,
                                       struct att_value v,
                                       struct att_error *err);

/* Bring v to the parameter's kind without changing its meaning: 32.0 becomes
 * 32, 32 becomes 32.0, "gauss" becomes the pointer in choices; 32.5 for an
 * integer fails.  Then as att_param_check. */
ATT_CHECKED att_status att_param_coerce(const struct att_param *param,
                                        struct att_value *v,
                                        struct att_error *err);
