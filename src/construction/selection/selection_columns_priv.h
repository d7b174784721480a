/* selection_columns_priv.h - metrics and observations of trained networks. */
#pragma once

#include "selection_train_priv.h"

enum {
    SM_LOSS,
    SM_REL_ERR,
    SM_REL_BATCH,
    SM_MEDIAN,
    SM_P99,
    SM_DRAWS,
    SM_ALPHA,
    SM_GAMMA,
    SM_ALPHA_MAX,
    SM_COS_V,
    SM_COS_W,
    SM_V2,
    SM_BX,
    SM_COFF,
    SM_MASS,
    SM_MASS_MIN,
    SM_CV,
    SM_EXACT,
    SM_HARD,
    SM_REFIT,
    SM_MARGIN,
    SM_OVERLAP,
    SM_T_GAMMA1,
    SM_LOSS_MC,
    SM_LOSS_MC_SE,
    SM_NOISE_GAIN,
    SM_NOISE_GAIN_SE,
    SM_NOISE_PRED,
    SM_REDRAW,
    SM_GNORM_V,
    SM_GNORM_W,
    SM_GNORM_W0,
    SM_PAIR_GAP,
    SM_MIRROR_GAP,
    SM_PREFIX,
    SM_PARAMS,
    SM_FLOPS,
    SM_NORMALS,
    SM_NORMALS_PER_S,
    SM_ANNEALED,
    SM_L_PRED,
    SM_T0_PRED,
    SM_ALPHA_PRED,
    SM_GAMMA_PRED,
    SM_COS_W_PRED,
    SM_FLOOR_PRED,
    SEL_METRICS
};
extern const struct att_metric att_sel_metrics[SEL_METRICS];

enum {
    SO_STEP,
    SO_L_TEST,
    SO_Q_TEST,
    SO_LOSS,
    SO_REL_ERR,
    SO_REL_BATCH,
    SO_MEDIAN,
    SO_ALPHA,
    SO_GAMMA,
    SO_COS_V,
    SO_COS_W,
    SO_V2,
    SO_BX,
    SO_COFF,
    SO_GNORM_V,
    SO_GNORM_W,
    SO_MASS,
    SO_EXACT,
    SO_HARD,
    SO_REFIT,
    SO_MARGIN,
    SO_TEMP,
    SO_ANNEALED,
    SO_TEMP_PRED,
    SO_GAMMA_TEMP,
    SO_EXACT_LOW,
    SO_L_PRED,
    SO_ALPHA_PRED,
    SO_GAMMA_PRED,
    SO_BF16,
    SO_INT8,
    SO_BF16_BOUND,
    SO_INT8_BOUND,
    SEL_OBSERVATIONS
};
extern const struct att_metric att_sel_observations[SEL_OBSERVATIONS];

enum {
    SC_RATE,
    SC_T0,
    SC_TWO_PARAM,
    SC_TWO_PARAM_LAW,
    SC_SYMMETRY,
    SC_SYMMETRY_LAW,
    SC_ZERO_GRAD,
    SC_GAMMA_LOG,
    SC_OVERSHOOT,
    SC_RB,
    SC_ANNEALED,
    SC_SELECTOR,
    SC_FIXED_FAILS,
    SC_HARD_ERROR,
    SC_TEMPERATURE,
    SC_TRANSFER,
    SC_COS_W_FIXED,
    SC_POSONLY,
    SC_NOISE,
    SC_PREFIX,
    SC_SYMMETRISED,
    SC_POOL,
    SC_ROUNDED,
    SEL_CLAIMS
};
extern const struct att_claim att_sel_claims[SEL_CLAIMS];

/* Set a metric unless x is no finite number. */
void att_sel_out(struct att_outcome *out, uint32_t metric, double x);

/* What is proved of every network, checked on this one (selection_audit.c). */
struct sel_audit {
    double pair_gap;   /* |trace of RB's gradient - two numbers|, relative */
    double mirror_gap; /* change of the loss under a signed permutation of the
                          encoding coordinates, relative */
    bool prefix;       /* longer samples begin with shorter ones, bit for bit */
};
ATT_CHECKED att_status att_sel_audit(const struct sel_trained *t,
                                     struct att_arena *scratch,
                                     struct sel_audit *out,
                                     struct att_error *err);
/* Logit scale at which a test of length L_test sees the odds of training. */
double att_sel_tempered(double gamma, double L, double q, double L_test);
