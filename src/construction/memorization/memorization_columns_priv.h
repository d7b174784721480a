/* memorization_columns_priv.h - parameters, metrics and observations of the
 * construction `memorization`. */
#pragma once

#include "attest/construction/construction.h"
#include "attest/problem/token_labels.h"

enum {
    MEM_TIER = ATT_TL_PARAMS,
    MEM_GAIN,
    MEM_N_DIR,
    MEM_DTYPE,
    MEM_HEAD,
    MEM_READOUT,
    MEM_MASK,
    MEM_REPEATS,
    MEM_FFN,
    MEM_WINDOW,
    MEM_PARAMS
};

enum {
    MEM_M_M,
    MEM_M_T,
    MEM_M_EPS_DATA,
    MEM_M_R_MIN,
    MEM_M_R_MAX,
    MEM_M_LOGIT_SCALE,
    MEM_M_KAPPA,
    MEM_M_RHO,
    MEM_M_RHO_MULT,
    MEM_M_LOG2_LAMBDA_T2,
    MEM_M_MAX_LOGIT_T2,
    MEM_M_BITS_T2,
    MEM_M_LOG2_DELTA_T2,
    MEM_M_BITS_CERTIFIED,
    MEM_M_MIN_GAP,
    MEM_M_MAX_Z,
    MEM_M_BITS,
    MEM_M_BITS_LAW,
    MEM_M_SLACK,
    MEM_M_PAIR_SEQ_A,
    MEM_M_PAIR_TOK_A,
    MEM_M_PAIR_SEQ_B,
    MEM_M_PAIR_TOK_B,
    MEM_M_REFEREE,
    MEM_M_REFEREE_PAIRS,
    MEM_M_REFEREE_AGREES,
    MEM_M_IDS_RESOLVED,
    MEM_M_SAME_TOKEN_BITS,
    MEM_M_ORDER_VIOLATIONS,
    MEM_M_WIDE_BITS,
    MEM_M_GAP_DTYPE,
    MEM_M_E_BOUND,
    MEM_M_E_MEASURED,
    MEM_M_CERTIFIED,
    MEM_M_CERTIFICATE,
    MEM_M_ID_ACC,
    MEM_M_LABEL_ACC,
    MEM_M_SEQ_ACC,
    MEM_M_IDS_DISTINCT,
    MEM_M_COLLISIONS,
    MEM_M_HARDMAX_FLOOR,
    MEM_M_ORDER_NOISE,
    MEM_M_PARAMS_THEOREM,
    MEM_M_PARAMS_USED,
    MEM_M_PARAMS_ATTN,
    MEM_M_PARAMS_FFN,
    MEM_M_FFN_KIND,
    MEM_M_FFN_MAX_ERR,
    MEM_M_FFN_ERR_FAST,
    MEM_M_FFN_ERR_CLAMP,
    MEM_M_BITS_READOUT,
    MEM_M_V_DRAWS,
    MEM_M_V_TRIES,
    MEM_M_RADIUS,
    MEM_M_EXP_COUNT,
    MEM_M_EXP_COUNT_TABLE,
    MEM_M_EVAL_SPREAD,
    MEM_M_BIT_EQUIVARIANT,
    MEM_M_SCALE_EXACT,
    MEM_M_ERR_KIND,
    MEM_M_ERR_A,
    MEM_M_ERR_B,
    MEM_M_EXPECTED_KIND,
    MEM_M_EXPECTED_A,
    MEM_M_EXPECTED_B,
    MEM_M_FLOPS,
    MEM_M_BYTES,
    MEM_M_T_BUILD,
    MEM_M_T_SEARCH,
    MEM_M_T_ATTN,
    MEM_M_T_TABLE,
    MEM_M_T_FFN,
    MEM_METRICS
};

enum {
    MEM_O_KAPPA,
    MEM_O_COLLISIONS,
    MEM_O_GAP,
    MEM_O_BITS,
    MEM_OBSERVATIONS
};

extern const struct att_metric att_mem_metrics[MEM_METRICS];
extern const struct att_metric att_mem_observations[MEM_OBSERVATIONS];
