/* hardmax_columns_priv.h - the columns of a hardmax row. */
#pragma once

#include "attest/construction/construction.h"
#include "hardmax_priv.h"

enum {
    HM_M_N_DISTINCT,
    HM_M_LONGEST,
    HM_M_TOTAL,
    HM_M_LANDMARKS,
    HM_M_LABEL_RUNS,
    HM_M_BLOCKS,
    HM_M_PARAMS_USED,
    HM_M_PARAMS_ARCH,
    HM_M_PARAMS_DENSE,
    HM_M_PARAMS_SHARED,
    HM_M_RANK_A,
    HM_M_RANK_V,
    HM_M_ACC_DENSE,
    HM_M_ACC_LOWRANK,
    HM_M_ACC_PLANE,
    HM_M_ACC_SORTED,
    HM_M_OUT_ERR,
    HM_M_EVAL_SPREAD,
    HM_M_LABELS_AGREE,
    HM_M_SET_INVARIANT,
    HM_M_CODE_GAP,
    HM_M_PLAIN_GAP,
    HM_M_SCALE,
    HM_M_SHIFT,
    HM_M_CODE_MAX,
    HM_M_LEADER_MARGIN,
    HM_M_H_MIN,
    HM_M_W_MAX,
    HM_M_BQ,
    HM_M_KAPPA,
    HM_M_CODES_EXACT,
    HM_M_ON_GRID,
    HM_M_TOLERANCE,
    HM_M_DIRECTION,
    HM_M_MIN_BITS,
    HM_M_MIN_BITS_AWARE,
    HM_M_TAU_STAR,
    HM_M_NOISE_STAR,
    HM_M_ERR_KIND,
    HM_M_ERR_I,
    HM_M_ERR_J,
    HM_M_EXPECTED_KIND,
    HM_M_EXPECTED_I,
    HM_M_EXPECTED_J,
    HM_M_T_BUILD,
    HM_M_T_DENSE,
    HM_M_T_LOWRANK,
    HM_M_T_PLANE,
    HM_M_T_SORTED,
    HM_M_FLOPS,
    HM_M_BYTES,
    HM_M_BLOCKS_BOUND,
    HM_M_PARAMS_BOUND,
    HM_M_BLOCKS_REPORTED,
    HM_M_GAP_TARGET,
    HM_M_TAU_BOUND,
    HM_M_NOISE_BOUND,
    HM_METRICS
};

/* Observations: one line per probed value of one axis. */
enum {
    HM_O_BITS, /* axes: NaN but for one */
    HM_O_BITS_AWARE,
    HM_O_TAU,
    HM_O_SIGMA,
    HM_O_ACC,
    HM_O_OUT_ERR,
    HM_OBSERVATIONS
};

extern const struct att_metric att_hm_metrics[HM_METRICS];
extern const struct att_metric att_hm_observations[HM_OBSERVATIONS];
