/* matching_columns_priv.h - parameters and metrics of the construction
 * `matching`, and how the family writes its columns and claims. */
#pragma once

#include "../averaging/averaging_paper_priv.h"
#include "attest/construction/finding.h"
#include "matching_priv.h"

enum {
    MP_KIND = ATT_MATCH_PARAMS,
    MP_PATH,
    MP_ORDER,
    MP_R,
    MP_DTYPE,
    MP_BITS,
    MP_SELF,
    MP_PROBE,
    MP_PARAMS
};

enum {
    MM_D,
    MM_DV,
    MM_H,
    MM_GAP,
    MM_C,
    MM_OUT_MIN,
    MM_OUT_MAX,
    MM_WRONG,
    MM_TOKENS,
    MM_P_BITS,
    MM_P_LAW,
    MM_M_MAX,
    MM_M_LAW,
    MM_PATH_DEV,
    MM_T_PATH,
    MM_T_TRUTH,
    MM_FLOPS,
    MM_BYTES,
    MATCH_METRICS
};

extern const struct att_param att_match_params[MP_PARAMS - ATT_MATCH_PARAMS];
extern const struct att_metric att_match_metrics[MATCH_METRICS];

enum { MATCH_CLAIMS = 10 };
extern const struct att_claim att_match_claims[MATCH_CLAIMS];

struct match_built {
    struct match_unit unit; /* of sample 0, every token */
    struct att_arithmetic arithmetic;
};

/* Does parameter i say this word? */
bool att_match_says(const struct att_value *p, uint32_t i, const char *word);
/* 2 (pairs), 3 (triples), or r. */
int att_match_order(const struct att_value *p);
/* The path that others are compared with, MATCH_PATHS when there is none. */
enum match_path att_match_reference(const struct att_value *p);
/* Cost of the path and its reference over all tokens of a sample. */
struct att_cost att_match_work(const struct att_value *p);

att_status att_match_evaluate(struct att_workspace *ws,
                              const struct att_case *c, struct att_outcome *out,
                              struct att_error *err);
att_status att_match_export(struct att_workspace *ws, const struct att_case *c,
                            struct att_artifact *out, struct att_error *err);
att_status att_match_check(const struct att_artifact *a,
                           struct att_arena *scratch,
                           struct att_check_report *report,
                           struct att_error *err);

/* ---- tables of the family --------------------------------------------------------- */

#define MATCH_COUNT(name_, reduction_, doc_)                                   \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .reduction = (reduction_)                                              \
    }
#define MATCH_BITS(name_, doc_, predicted_)                                    \
    {                                                                          \
        .name = (name_), .unit = "bit", .doc = (doc_), .kind = ATT_INTEGER,    \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .predicted_by = (predicted_)                                           \
    }
#define MATCH_REAL(name_, role_, reduction_, doc_)                             \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = (role_), .exactness = ATT_ROUNDED, .tolerance = 1e-6,          \
        .reduction = (reduction_)                                              \
    }
/* Closed forms: of operations ("flop") or memory ("byte"). */
#define MATCH_SIZE(name_, unit_, doc_)                                         \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_EXACT                     \
    }
#define MATCH_TIME(name_, doc_)                                                \
    {                                                                          \
        .name = (name_), .unit = "s", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_TIMING,                    \
        .reduction = ATT_REDUCE_SUM                                            \
    }

#define MATCH_CLAIM(id_, standing_, scope_, by_, judge_, source_, statement_)  \
    {                                                                          \
        .id = "matching." id_, .statement = (statement_), .source = (source_), \
        .standing = (standing_), .scope = (scope_), .group_by = (by_),         \
        .pool = "", .judge = (judge_)                                          \
    }
#define MATCH_HERE "reconstruction, proved in docs/theory/matching.md"
#define MATCH_LAW  "empirical law, docs/theory/matching.md"

/* ---- what evaluators share (matching_columns.c) -------------------------- */

/* Answers counted against the truth; what is not a number is wrong. */
struct match_tally {
    double out_min, out_max;
    int64_t wrong, tokens;
};
struct match_tally att_match_tally(void);
void att_match_count(struct match_tally *t, const double *out,
                     const uint8_t *truth, size_t from, size_t to);

/* A zero-filled tensor [rows, cols] of a layer; NULL when out of memory. */
double *att_match_put(struct att_layer *l, const char *name, uint64_t rows,
                      uint64_t cols);
/* ATT_OK, or that the arena refused something of `what`. */
att_status att_match_done(const struct att_arena *arena, const char *what,
                          struct att_error *err);
