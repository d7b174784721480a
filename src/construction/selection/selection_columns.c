/* selection_columns.c - metrics and observations of trained networks. */
#include "selection_columns_priv.h"

#define COUNT(name_, doc_)                                                     \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }
/* Another processor rounds a training differently, and steps add up. */
#define REAL_BY(name_, by_, doc_)                                              \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = 1e-2, .predicted_by = (by_)                               \
    }
#define REAL(name_, doc_) REAL_BY(name_, NULL, doc_)
#define LAW(name_, doc_, formula_)                                             \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_ROUNDED,                  \
        .tolerance = 1e-2, .formula = (formula_)                               \
    }

const struct att_metric att_sel_metrics[SEL_METRICS] = {
    [SM_LOSS] = REAL_BY("loss", "L_pred_rate",
                        "E |f - g|^2 / 2 on fresh samples at length L"),
    [SM_REL_ERR] = REAL_BY("rel_err", "rel_pred_annealed",
                           "E |f - g|^2 over d/q; 1: the trivial predictor"),
    [SM_REL_BATCH] = REAL("rel_err_batch", "the same of the last batch"),
    [SM_MEDIAN] = REAL("rel_err_median", "median over samples"),
    [SM_P99] = REAL("rel_err_p99", "99 % quantile over samples"),
    [SM_DRAWS] = COUNT("n_draws", "fresh samples behind these"),
    [SM_ALPHA] = REAL_BY("alpha", "alpha_pred", "tr V1 / d"),
    [SM_GAMMA] = REAL_BY("gamma", "gamma_pred",
                         "tr C / de, the scale of the logits; onehot: mean "
                         "diagonal less mean off it"),
    [SM_ALPHA_MAX] = REAL("alpha_max", "largest alpha of all steps"),
    [SM_COS_V] = REAL("cosV", "cosine of V with [I 0]"),
    [SM_COS_W] = REAL_BY("cosW", "cosW_pred", "cosine of W with [0; I]"),
    [SM_V2] = REAL("V2_fro", "Frobenius norm of V2"),
    [SM_BX] = REAL("Bx_fro", "Frobenius norm of Bx"),
    [SM_COFF] = REAL("Coff_fro", "Frobenius norm of C - (tr C/de) I"),
    [SM_MASS] = REAL("mass_in", "attention on y, mean over samples"),
    [SM_MASS_MIN] = REAL("mass_in_min", "attention on y, least"),
    [SM_CV] = REAL("within_y_cv", "std/mean of the attention within y"),
    [SM_EXACT] =
        REAL("topq_exact", "share of samples whose q largest logits are y"),
    [SM_HARD] = REAL("rel_err_hard",
                     "rel_err of the mean of the q largest logits' tokens"),
    [SM_REFIT] = REAL("rel_err_refit", "rel_err after the best factor on f"),
    [SM_MARGIN] = REAL("margin", "least logit of y less largest off it, worst"),
    [SM_OVERLAP] = REAL("max_out_overlap", "largest <e_i, et> off y"),
    [SM_T_GAMMA1] = REAL_BY("t_gamma1", "t0_pred",
                            "first step at which gamma is 1 or more"),
    [SM_LOSS_MC] = REAL("loss_mc", "loss with tokens drawn, at the weights "
                                   "trained without them"),
    [SM_LOSS_MC_SE] = REAL("loss_mc_se", "standard error of loss_mc - loss, "
                                         "samples paired"),
    [SM_NOISE_GAIN] = REAL_BY("noise_gain", "noise_pred",
                              "what noisy targets add to the loss"),
    [SM_NOISE_GAIN_SE] = REAL("noise_gain_se", "its standard error"),
    [SM_NOISE_PRED] =
        LAW("noise_pred", "d noise_sd^2 / 2", "d * noise_sd * noise_sd / 2"),
    [SM_REDRAW] = COUNT("n_redraw", "samples with a singular Gram matrix, "
                                    "drawn again (or of least norm)"),
    [SM_GNORM_V] = REAL("gnorm_V", "norm of the gradient of V, last step"),
    [SM_GNORM_W] = REAL("gnorm_W", "norm of the gradient of W, last step"),
    [SM_GNORM_W0] = REAL("gnorm_W0", "norm of the gradient of W at step 0"),
    [SM_PAIR_GAP] = REAL("pair_gap", "relative difference of the gradient's "
                                     "trace and that of two numbers"),
    [SM_MIRROR_GAP] = REAL("mirror_gap", "relative change of the loss under a "
                                         "signed permutation of encodings and "
                                         "weights"),
    [SM_PREFIX] =
        COUNT("prefix_same", "1 if longer samples begin with shorter ones"),
    [SM_PARAMS] = COUNT("params_used", "parameters of the exported network"),
    [SM_FLOPS] = {.name = "flops",
                  .unit = "flop",
                  .doc = "work of the training, by the cost formula",
                  .kind = ATT_REAL,
                  .role = ATT_ROLE_MEASURED,
                  .exactness = ATT_EXACT},
    [SM_NORMALS] = REAL("normals", "normal numbers drawn for tokens"),
    [SM_NORMALS_PER_S] = {.name = "normals_per_s",
                          .unit = "s-1",
                          .doc = "normals over the seconds of training",
                          .kind = ATT_REAL,
                          .role = ATT_ROLE_MEASURED,
                          .exactness = ATT_TIMING},
    [SM_ANNEALED] = LAW("rel_pred_annealed",
                        "rel_err by the annealed formula at the measured "
                        "alpha, gamma",
                        NULL),
    [SM_L_PRED] = LAW("L_pred_rate", "de / (eta_W kappa^2 (t - t0))", NULL),
    [SM_T0_PRED] = LAW("t0_pred", "L / eta_V + de L / (eta_W d)", NULL),
    [SM_ALPHA_PRED] = LAW("alpha_pred", "two-number dynamics", NULL),
    [SM_GAMMA_PRED] = LAW("gamma_pred", "two-number dynamics", NULL),
    [SM_COS_W_PRED] =
        LAW("cosW_pred", "n encodings drawn once, n < de: sqrt(n/de); else 1",
            NULL),
    [SM_FLOOR_PRED] = LAW("floor_pred", "((L - q)/q) exp(-de/(2q))",
                          "(L - q) / q * exp(-de / (2 * q))"),
};

#define AXIS(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_AXIS, .exactness = ATT_EXACT                          \
    }

const struct att_metric att_sel_observations[SEL_OBSERVATIONS] = {
    [SO_STEP] = AXIS("step", "steps taken"),
    [SO_L_TEST] = AXIS("L_test", "tokens of a test sample (paper: T')"),
    [SO_Q_TEST] = AXIS("q_test", "selected tokens of a test sample"),
    [SO_LOSS] = REAL("loss", "E |f - g|^2 / 2 on fresh samples"),
    [SO_REL_ERR] = REAL("rel_err", "E |f - g|^2 over d/q"),
    [SO_REL_BATCH] = REAL("rel_err_batch", "of the batch of that step"),
    [SO_MEDIAN] = REAL("rel_err_median", "median over samples"),
    [SO_ALPHA] = REAL("alpha", "tr V1 / d"),
    [SO_GAMMA] = REAL("gamma", "tr C / de"),
    [SO_COS_V] = REAL("cosV", "cosine of V with [I 0]"),
    [SO_COS_W] = REAL("cosW", "cosine of W with [0; I]"),
    [SO_V2] = REAL("V2_fro", "Frobenius norm of V2"),
    [SO_BX] = REAL("Bx_fro", "Frobenius norm of Bx"),
    [SO_COFF] = REAL("Coff_fro", "Frobenius norm of C - (tr C/de) I"),
    [SO_GNORM_V] = REAL("gnorm_V", "norm of the gradient of V"),
    [SO_GNORM_W] = REAL("gnorm_W", "norm of the gradient of W"),
    [SO_MASS] = REAL("mass_in", "attention on y"),
    [SO_EXACT] = REAL("topq_exact", "share of samples with exact top-q"),
    [SO_HARD] = REAL("rel_err_hard", "of the mean of the q largest logits"),
    [SO_REFIT] = REAL("rel_err_refit", "after the best factor on f"),
    [SO_MARGIN] = REAL("margin", "worst margin of the logits"),
    [SO_TEMP] = REAL("rel_err_temp", "rel_err with the logits' scale raised by "
                                     "ln((L_test - q)/(L - q))"),
    [SO_ANNEALED] = LAW("rel_pred_annealed", "annealed formula", NULL),
    [SO_TEMP_PRED] =
        LAW("rel_pred_temp", "annealed formula at gamma_temp", NULL),
    [SO_GAMMA_TEMP] = REAL("gamma_temp", "the raised scale"),
    [SO_EXACT_LOW] = LAW("topq_lower", "C(L, q)/C(L_test, q)", NULL),
    [SO_L_PRED] = LAW("L_pred_rate", "de / (eta_W kappa^2 (step - t0))", NULL),
    [SO_ALPHA_PRED] = LAW("alpha_pred", "two-number dynamics", NULL),
    [SO_GAMMA_PRED] = LAW("gamma_pred", "two-number dynamics", NULL),
    [SO_BF16] = REAL_BY("rel_err_bf16", "rel_bound_bf16",
                        "rel_err with logits rounded to bfloat16"),
    [SO_INT8] = REAL_BY("rel_err_int8", "rel_bound_int8",
                        "rel_err with logits in steps of max |a| / 127"),
    [SO_BF16_BOUND] =
        LAW("rel_bound_bf16",
            "largest rel_err that logits moved by as much allow", NULL),
    [SO_INT8_BOUND] = LAW("rel_bound_int8", "the same", NULL),
};

void att_sel_out(struct att_outcome *out, uint32_t metric, double x)
{
    if (isfinite(x))
        att_out_real(out, metric, x);
}
