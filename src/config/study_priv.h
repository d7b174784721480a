/* study_priv.h - the parts of the study parser.
 *
 * yaml.c makes a tree; scalar, range, list and zip read the values of axes
 * from it; sweep, find, observe and limits read the sections of a sweep;
 * study_check.c compiles and tries the expressions; study.c reads the top
 * level and owns the result.  Every reader returns false after it has said
 * why, and the caller goes on with the next thing. */
#pragma once

#include "attest/base/arena.h"
#include "attest/config/expr.h"
#include "attest/config/study.h"
#include "yaml_priv.h"

struct parser {
    struct diagnostics d;
    struct att_arena *arena;
    struct att_engine *engine;
    uint64_t n_values; /* written out so far */
    bool no_memory;
};

/* Memory that lives as long as the study; NULL sets p->no_memory. */
void *att_parser_alloc(struct parser *p, size_t n, size_t size);
#define PARSER_NEW(p, type, n) ((type *)att_parser_alloc(p, n, sizeof(type)))

/* ---- values ---------------------------------------------------------------- */

/* A scalar as a value of a parameter; diagnoses what is none. */
bool att_scalar_read(struct parser *p, const struct yaml_node *node,
                     const struct att_param *param, struct att_value *out);
/* A whole number in min..max. */
bool att_scalar_count(struct parser *p, const struct yaml_node *node,
                      const char *what, uint64_t min, uint64_t max,
                      uint64_t *out);
/* One of a few words; *out is its index. */
bool att_scalar_word(struct parser *p, const struct yaml_node *node,
                     const char *what, struct names words, uint32_t *out);
/* A text that is neither empty nor a list or map. */
bool att_scalar_text(struct parser *p, const struct yaml_node *node,
                     const char *what, const char **out);

/* ---- axes ------------------------------------------------------------------- */

enum {
    MAX_AXIS_VALUES = 1 << 20, /* written out; integers with a step are not */
    MAX_STUDY_VALUES = 1 << 22 /* of all axes together */
};

/* Values of one parameter as they are written, repetitions included. */
struct values {
    struct att_value *item; /* n; NULL: integers from + i * step */
    uint64_t n;
    int64_t from, step;
};

/* Room for n values written at a node. */
struct att_value *att_values_alloc(struct parser *p,
                                   const struct yaml_node *node, uint64_t n);
/* From a scalar, a list or a range (no expression). */
bool att_values_read(struct parser *p, const struct yaml_node *node,
                     const struct att_param *param, struct values *out);
/* {from, to, step | factor | points}; node is a map. */
bool att_range_read(struct parser *p, const struct yaml_node *node,
                    const struct att_param *param, struct values *out);
/* Make v the axis's tuples of axis->n_params values: drops repeated ones. */
bool att_values_settle(struct parser *p, const struct values *v,
                       struct att_axis *axis);

/* ---- sweeps ------------------------------------------------------------------ */

enum { LIMIT_TIME, LIMIT_MEMORY, LIMIT_RETRIES, N_LIMITS };

/* A sweep while it is read. */
struct draft {
    struct att_sweep sweep;
    uint32_t n_params;
    struct att_value *fixed;         /* n_params; becomes sweep.fixed */
    struct att_axis *axis;           /* room for n_params; becomes sweep.axis */
    const struct yaml_node **set_by; /* n_params: the key that sets it */
    const char **name;               /* n_params: of the schema */
    /* Where the expressions stand in the file. */
    struct place *expr_at; /* of each axis */
    struct place where_at, such_that_at, limit_at[N_LIMITS];
};

/* The section readers: node is the section's value. */
bool att_sweep_read_grid(struct parser *p, const struct yaml_node *node,
                         struct draft *draft);
bool att_sweep_read_zip(struct parser *p, const struct yaml_node *node,
                        struct draft *draft);
bool att_sweep_read_find(struct parser *p, const struct yaml_node *node,
                         struct draft *draft);
bool att_sweep_read_observe(struct parser *p, const struct yaml_node *node,
                            struct draft *draft);
/* Index of the parameter that a key (or a word) names, marked as set; false
 * when it is unknown or set before. */
bool att_sweep_claim_param(struct parser *p, struct draft *draft,
                           const struct yaml_node *key, uint32_t *param);

/* Read what is written; places of what is not stay as they are. */
bool att_limits_read(struct parser *p, const struct yaml_node *node,
                     struct att_sweep_limits *limits,
                     struct place at[N_LIMITS]);
struct att_limit *att_limits_at(struct att_sweep_limits *limits,
                                uint32_t which);
const char *att_limits_name(uint32_t which);

/* Compile every expression and order the derived axes; with `try` run all of
 * them at the first point of the grid. */
bool att_sweep_check_expressions(struct parser *p, struct draft *draft,
                                 bool try);

enum { MAX_REPLICATES = 1000000000, MAX_SWEEPS = 1000 };

/* What sweeps take over from the top of the study. */
struct defaults {
    uint32_t replicates;
    struct att_sweep_limits limits;
    struct place limit_at[N_LIMITS];
};

/* One item of `sweeps`. */
bool att_sweep_read(struct parser *p, const struct yaml_node *node,
                    const struct defaults *defaults, struct att_sweep *out);
