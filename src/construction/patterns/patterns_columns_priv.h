/* patterns_columns_priv.h - the metrics that every construction of the family
 * shares (one that does not apply stays missing), observations, parameters. */
#pragma once

#include "patterns_priv.h"

enum {
    PM_NNZ,
    PM_K_ROW,
    PM_K_COL,
    PM_D_USED,
    PM_D_MODEL,
    PM_N_GRID,
    PM_BETA,
    PM_BETA_LO,
    PM_BETA_HI,
    PM_DEV,
    PM_DEV_ROW,
    PM_GAP,
    PM_GAP_ROW,
    PM_GAP_UNIT,
    PM_Q,
    PM_ACCEPT,
    PM_D_MIN,
    PM_D_FIRST,
    PM_RATIO_ERR,
    PM_ZERO_RATIO,
    PM_MASS_MAX,
    PM_MASS_MEAN,
    PM_MASS_LAW,
    PM_KL,
    PM_LOGIT,
    PM_RANGE,
    PM_NORM_Q,
    PM_NORM_K,
    PM_MARGIN_EFF,
    PM_CERTIFICATE,
    PM_COND,
    PM_MAX_OFFDIAG,
    PM_MU,
    PM_GAP_MU,
    PM_CROSS_ERR,
    PM_N_SERVED,
    PM_N_FAILED,
    PM_GRAPH,
    PM_Q_BOUND,
    PM_FEASIBLE,
    PM_FEASIBLE_CHECK,
    PM_RANGE_LAW,
    PM_BITS,
    PM_D_JL,
    PM_D_SHARP,
    PM_VACUOUS,
    PM_P_SUCCESS,
    PM_INFO_BITS,
    PM_FLOPS,
    PM_BYTES,
    PM_KERNEL_S,
    PM_GFLOPS,
    PAT_METRICS
};

extern const struct att_metric att_pat_metrics[PAT_METRICS];

/* Observations of a nested pass. */
enum { PO_D, PO_ACCEPT, PO_DEV, PO_GAP, PO_LO, PO_HI, PAT_OBSERVATIONS };
extern const struct att_metric att_pat_observations[PAT_OBSERVATIONS];

/* What a nested pass finds on its way up the grid. */
struct pat_walk {
    int64_t d_min;   /* start of the last run of accepted d; 0: none */
    int64_t d_first; /* first accepted d; 0: none */
    size_t n;        /* dimensions looked at */
};
void att_pat_walk_add(struct pat_walk *walk, int64_t d, bool accept);
/* The metrics of a walk that has ended. */
void att_pat_out_walk(struct att_outcome *out, const struct pat_walk *walk);
/* The line of d; known: dev and gap are (a range of beta has none). */
void att_pat_observe(struct att_outcome *out, double d,
                     const struct pat_worst *w, const struct pat_verdict *v,
                     bool known);

/* The construction's own parameters start with these two. */
enum { PAT_EPS1 = ATT_PAT_PARAMS, PAT_EPS2, PAT_OWN };
#define PAT_EPS1_PARAM                                                         \
    ATT_PARAM_REAL("eps1", ATT_SEEDS_NOTHING, 0.5, 1e-3, 10.0,                 \
                   "ratios of nonzeros may be off by a factor 1 + eps1")
#define PAT_EPS2_PARAM                                                         \
    ATT_PARAM_REAL("eps2", ATT_SEEDS_NOTHING, 0.1, 1e-12, 0.99,                \
                   "a zero may weigh eps2 times a nonzero of its row")

struct pat_tolerance att_pat_tolerance(const struct att_value *p);
/* The theory's point of an instance. */
struct pat_point att_pat_point(const struct att_value *p,
                               const struct att_pattern *a);

/* Metrics that follow from the instance and d. */
void att_pat_out_shape(struct att_outcome *out, const struct att_pattern *a,
                       size_t d);
/* Metrics of a verdict and of the worst row behind it. */
void att_pat_out_verdict(struct att_outcome *out, const struct pat_worst *w,
                         const struct pat_verdict *v);

#define PAT_BIBTEX                                                             \
    "@article{likhosherstov2021expressive,\n"                                  \
    "  author = {Valerii Likhosherstov and Krzysztof Choromanski and Adrian "  \
    "Weller},\n"                                                               \
    "  title = {On the Expressive Power of Self-Attention Matrices},\n"        \
    "  year = {2021},\n"                                                       \
    "  note = {arXiv:2106.03764; AAAI 2023}\n"                                 \
    "}\n"
#define PAT_SOURCE                                                             \
    "Likhosherstov, Choromanski, Weller 2021, arXiv 2106.03764 "               \
    "(reconstruction)"

/* Claims. */

/* "With probability 1/2 or more", k of n > 0 trials: violated when Wilson's 95 %
 * interval lies below 1/2, inconclusive when only the share does. */
void att_pat_judge_half(struct att_finding *f, uint64_t k, uint64_t n);

#define PAT_ROW_CLAIM(id_, standing_, source_, judge_, statement_)             \
    {                                                                          \
        .id = "patterns." id_, .statement = (statement_), .source = (source_), \
        .standing = (standing_), .scope = ATT_SCOPE_ROW, .group_by = "",       \
        .pool = "", .judge = (judge_)                                          \
    }
#define PAT_GROUP_CLAIM(id_, standing_, source_, judge_, by_, statement_)      \
    {                                                                          \
        .id = "patterns." id_, .statement = (statement_), .source = (source_), \
        .standing = (standing_), .scope = ATT_SCOPE_GROUP, .group_by = (by_),  \
        .pool = "", .judge = (judge_)                                          \
    }
#define PAT_HERE "reconstruction, proved in docs/theory/patterns.md"
#define PAT_LAW  "empirical law, docs/theory/patterns.md"
