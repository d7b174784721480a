/* selection_fcn_columns.c - parameters, metrics and observations of
 * selection_fcn. */
#include "attest/base/text.h"
#include "selection_fcn_priv.h"

static const char *const KINDS[FCN_KINDS + 1] = {
    [FCN_TRAINED] = "trained",
    [FCN_EXPLICIT] = "explicit",
    [FCN_MEAN] = "mean",
    [FCN_RANDOM] = "random",
};
static const char *const DTYPES[] = {"f64", "f32", NULL};

enum fcn_kind att_fcn_kind(const struct att_value *p)
{
    return (enum fcn_kind)att_text_choice(p[FCN_NET].s, KINDS);
}

#define AT(name_) [(name_) - (int) ATT_SEL_PARAMS]

const struct att_param att_fcn_params[FCN_PARAMS - ATT_SEL_PARAMS] = {
    AT(FCN_WIDTH) = ATT_PARAM_INTEGER(
        "width", ATT_SEEDS_NOTHING, 100, 1, 65536,
        "units m of the first hidden layer; explicit nets have 2 L d"),
    AT(FCN_DEPTH) =
        ATT_PARAM_INTEGER("depth", ATT_SEEDS_NOTHING, 1, 1, 3, "hidden layers"),
    AT(FCN_HIDDEN) =
        ATT_PARAM_INTEGER("hidden", ATT_SEEDS_NOTHING, 128, 1, 65536,
                          "later hidden layers have max(width, hidden) units"),
    AT(FCN_NET) = ATT_PARAM_CHOICE(
        "net", ATT_SEEDS_NOTHING, "trained", KINDS,
        "trained by Adam; explicit: gates on every coordinate; mean, random: "
        "the best net on a first layer of the d mean directions and normal "
        "rows, or of normal rows alone"),
    AT(FCN_GATE) = ATT_PARAM_REAL("gate", ATT_SEEDS_NOTHING, 4, 0.25, 12,
                                  "explicit: logit margin M of the gates"),
    AT(FCN_STEPS) = ATT_PARAM_INTEGER("steps", ATT_SEEDS_NOTHING, 1000, 1,
                                      1000000000, "trained: optimiser steps"),
    AT(FCN_BATCH) = ATT_PARAM_INTEGER("batch", ATT_SEEDS_NOTHING, 256, 1, 65536,
                                      "samples of a step"),
    AT(FCN_ETA) = ATT_PARAM_REAL("eta", ATT_SEEDS_NOTHING, 2e-3, 0, 1e3,
                                 "trained: largest step size"),
    AT(FCN_WARM_UP) =
        ATT_PARAM_INTEGER("warm_up", ATT_SEEDS_NOTHING, 100, 0, 1000000000,
                          "trained: steps of linear growth, before a cosine "
                          "that ends at 1 %"),
    AT(FCN_DTYPE) = ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                                     "arithmetic of the net"),
    AT(FCN_GAIN) = ATT_PARAM_REAL(
        "gain", ATT_SEEDS_NOTHING, 1, 1e-6, 1e3,
        "trained: variance of the read-out's first weights, over 1 / fan-in; "
        "2 is He's"),
};

/* Rounding grows along a training: two processors, whose products add in
 * another order, arrive at nets that differ in the third digit of the error. */
#define MEASURED(name_, unit_, doc_, law_)                                     \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = 0.05, .predicted_by = (law_)                              \
    }
#define LAW(name_, unit_, doc_, formula_)                                      \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_ROUNDED,                  \
        .tolerance = 1e-9, .formula = (formula_)                               \
    }
#define COUNT(name_, doc_)                                                     \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }

const struct att_metric att_fcn_metrics[FCN_METRICS] = {
    [FM_REL_ERR] = MEASURED("rel_err", "1",
                            "E|f - g|^2 / (d/q) on fresh samples; 1: what the "
                            "zero output has",
                            "fcn_bound"),
    [FM_REL_ERR_SE] = MEASURED("rel_err_se", "1",
                               "standard error of rel_err over samples", NULL),
    [FM_REL_ERR_BATCH] =
        MEASURED("rel_err_batch", "1",
                 "the same ratio from the loss of the last training batch, "
                 "label noise included",
                 NULL),
    [FM_LOSS] =
        MEASURED("loss", "1", "(1/2) E|f - g|^2 on fresh samples", NULL),
    [FM_BOUND] = LAW("fcn_bound", "1",
                     "no net whose first layer has `width` units is better",
                     "max(0, 1 - width / (L * d)) * (L - q) / (L - 1)"),
    [FM_CERT] = MEASURED("fcn_cert", "1",
                         "least rel_err of any net on this very first layer",
                         "fcn_bound"),
    [FM_RANK] = COUNT("first_rank", "rank of the first layer on the tokens"),
    [FM_MEAN_LEFT] = MEASURED(
        "mean_left", "1",
        "share of the d mean directions outside the first layer's row space",
        NULL),
    [FM_DEFECT] = {.name = "basis_defect",
                   .unit = "1",
                   .doc = "largest entry of |Q Q^T - 1| of the certificate's "
                          "basis",
                   .kind = ATT_REAL,
                   .role = ATT_ROLE_MEASURED,
                   .exactness = ATT_TIMING},
    [FM_EXPLICIT] = LAW("fcn_explicit_pred", "1",
                        "explicit net: rel_err in closed form", NULL),
    [FM_EXPLICIT_SE] =
        LAW("fcn_explicit_se", "1",
            "explicit net: standard error of rel_err in closed form", NULL),
    [FM_N_EXCEED] = COUNT("n_exceed", "explicit net: unselected coordinates "
                                      "beyond the gates"),
    [FM_RATIO] = {.name = "width_ratio",
                  .unit = "1",
                  .doc = "units per coordinate of the tokens, m / (L d)",
                  .kind = ATT_REAL,
                  .role = ATT_ROLE_MEASURED,
                  .exactness = ATT_EXACT,
                  .predicted_by = "width_ratio_law"},
    [FM_RATIO_LAW] = LAW("width_ratio_law", "1",
                         "where rel_err falls below 0.2: 2 with one hidden "
                         "layer, 1 with more",
                         "max(1, 3 - depth)"),
    [FM_NOISE_GAP] =
        MEASURED("noise_gap", "1",
                 "what label noise adds to the loss against noisy targets",
                 "noise_gap_law"),
    [FM_NOISE_GAP_SE] =
        MEASURED("noise_gap_se", "1", "standard error of noise_gap", NULL),
    [FM_NOISE_LAW] =
        LAW("noise_gap_law", "1", "d noise_sd^2 / 2", "d * noise_sd^2 / 2"),
    [FM_PARAMS_USED] = COUNT("params_used", "weights and biases of the net"),
    [FM_FLOPS] = {.name = "flops",
                  .unit = "flop",
                  .doc = "products of the training: 6 a weight, sample and "
                         "step",
                  .kind = ATT_REAL,
                  .role = ATT_ROLE_PREDICTED,
                  .exactness = ATT_EXACT},
    [FM_RESUMED] = {.name = "resumed_at",
                    .unit = "1",
                    .doc = "step of the checkpoint that the training went on "
                           "from; 0: none",
                    .kind = ATT_INTEGER,
                    .role = ATT_ROLE_MEASURED,
                    .exactness = ATT_TIMING},
};

const struct att_metric att_fcn_observations[FCN_COLUMNS] = {
    [FCN_O_STEP] = {.name = "step",
                    .unit = "1",
                    .doc = "optimiser steps done",
                    .kind = ATT_REAL,
                    .role = ATT_ROLE_AXIS,
                    .exactness = ATT_EXACT},
    [FCN_O_ETA] = {.name = "eta_step",
                   .unit = "1",
                   .doc = "step size of the last step",
                   .kind = ATT_REAL,
                   .role = ATT_ROLE_MEASURED,
                   .exactness = ATT_ROUNDED,
                   .tolerance = 1e-9},
    [FCN_O_REL_ERR] =
        MEASURED("rel_err", "1", "as the metric, at this step", NULL),
    [FCN_O_REL_ERR_BATCH] =
        MEASURED("rel_err_batch", "1", "of the batch of the last step", NULL),
    [FCN_O_CERT] =
        MEASURED("fcn_cert", "1", "certificate of the first layer", NULL),
};
