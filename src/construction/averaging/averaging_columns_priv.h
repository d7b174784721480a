/* averaging_columns_priv.h - the metrics that every construction of the family
 * shares (one that does not apply stays missing), observations, claims. */
#pragma once

#include "averaging_paper_priv.h"
#include "averaging_priv.h"

enum {
    AM_D_MODEL,
    AM_M,
    AM_H,
    AM_N_PAIRS,
    AM_ALPHA,
    AM_GAP,
    AM_ERR_MAX,
    AM_ERR_P50,
    AM_ERR_PRODUCT,
    AM_ERR_VALUE,
    AM_OFF_MAX,
    AM_OFF_UNROUNDED,
    AM_ON_DEV,
    AM_OK,
    AM_FACES,
    AM_HALVES,
    AM_M_HARD,
    AM_M_ERR,
    AM_M_HALF,
    AM_M_ERR_FIRST,
    AM_PRED_HARD,
    AM_PRED_ERR,
    AM_PRED_HALF,
    AM_PRED_FACE,
    AM_P_BITS,
    AM_FRAC,
    AM_MSG_BITS,
    AM_P_GUARANTEED,
    AM_BETA_L1,
    AM_W_L1,
    AM_W_L1_LAW,
    AM_BITS_NEEDED,
    AM_CT_ITERS,
    AM_ACT_SIZE,
    AM_GRAM_MIN,
    AM_DISTINCT,
    AM_COLLISIONS,
    AM_WRONG,
    AM_CERT_ERR,
    AM_RESIDUAL,
    AM_SEP_SHARE,
    AM_WITNESS,
    AM_SUCCESS,
    AM_WILSON_LO,
    AM_WILSON_HI,
    AM_STATE,
    AM_SIZE,
    AM_SIZE_LAW,
    AM_PARAMS,
    AM_T_GRAM,
    AM_T_DUAL,
    AM_T_LOGIT,
    AM_T_EXP,
    AM_T_VALUE,
    AM_FLOPS,
    AM_BYTES,
    AVG_METRICS
};

extern const struct att_metric att_avg_metrics[AVG_METRICS];

/* Observations of a nested pass. */
enum {
    AO_D,
    AO_C,
    AO_OFF_MAX,
    AO_ERR,
    AO_ON_DEV,
    AO_OK,
    AO_LO,
    AO_HI,
    AO_FACES,
    AO_HALVES,
    AVG_OBSERVATIONS
};
extern const struct att_metric att_avg_observations[AVG_OBSERVATIONS];

/* Success rate and its Wilson interval: n_good of n instances. */
void att_avg_out_success(struct att_outcome *out, uint64_t n_good, uint64_t n);

#define AVG_HERE "reconstruction, proved in docs/theory/averaging.md"
#define AVG_LAW  "empirical law, docs/theory/averaging.md"

#define AVG_ROW_CLAIM(id_, standing_, source_, judge_, statement_)             \
    {                                                                          \
        .id = "averaging." id_, .statement = (statement_),                     \
        .source = (source_), .standing = (standing_), .scope = ATT_SCOPE_ROW,  \
        .group_by = "", .pool = "", .judge = (judge_)                          \
    }
#define AVG_GROUP_CLAIM(id_, standing_, source_, judge_, by_, statement_)      \
    {                                                                          \
        .id = "averaging." id_, .statement = (statement_),                     \
        .source = (source_), .standing = (standing_),                          \
        .scope = ATT_SCOPE_GROUP, .group_by = (by_), .pool = "",               \
        .judge = (judge_)                                                      \
    }
