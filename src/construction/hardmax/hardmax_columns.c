/* hardmax_columns.c - the metrics and observations of a hardmax row. */
#include "hardmax_columns_priv.h"

#define COUNT(name_, unit_, doc_)                                              \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }
#define COUNTED(name_, unit_, by_, doc_)                                       \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .predicted_by = (by_)                                                  \
    }
#define PREDICTED(name_, unit_, formula_, doc_)                                \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_EXACT,                    \
        .formula = (formula_)                                                  \
    }
#define REAL(name_, unit_, by_, doc_)                                          \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .predicted_by = (by_)                                                  \
    }
/* Depends on the BLAS's kernels: compared within a tolerance. */
#define BLAS_REAL(name_, unit_, tolerance_, doc_)                              \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = (tolerance_)                                              \
    }
#define LAW(name_, unit_, formula_, doc_)                                      \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_EXACT,                    \
        .formula = (formula_)                                                  \
    }
#define TIME(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "s", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_TIMING                     \
    }
#define WORD(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_TEXT,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }

const struct att_metric att_hm_metrics[HM_METRICS] = {
    [HM_M_N_DISTINCT] =
        COUNT("N_distinct", "1", "sequences left after merging equal sets"),
    [HM_M_LONGEST] = COUNT("L_max", "1", "tokens of the longest sequence"),
    [HM_M_TOTAL] = COUNT("S", "1", "tokens of all sequences"),
    [HM_M_LANDMARKS] =
        COUNT("landmarks", "1", "K, landmarks found: 1 or 2 on generic data"),
    [HM_M_LABEL_RUNS] =
        COUNT("label_runs", "1", "R, runs of equal labels in code order"),
    [HM_M_BLOCKS] =
        COUNTED("blocks", "1", "blocks_bound",
                "B, blocks of the network; K + N + 2 with peel = one"),
    [HM_M_PARAMS_USED] =
        COUNTED("params_used", "1", "params_bound",
                "numbers in the exported tensors (explicit factors)"),
    [HM_M_PARAMS_ARCH] =
        COUNT("params_arch", "1",
              "the same with four hidden units and rank one in every block"),
    [HM_M_PARAMS_DENSE] =
        COUNT("params_dense", "1", "the same with A and V as d x d matrices"),
    [HM_M_PARAMS_SHARED] = COUNT("params_shared", "1",
                                 "u and v kept once, and each block's scalars"),
    [HM_M_RANK_A] =
        COUNT("rank_A_max", "1", "largest rank of an active attention matrix"),
    [HM_M_RANK_V] = COUNT("rank_V_max", "1", "largest rank of a value matrix"),
    [HM_M_ACC_DENSE] =
        BLAS_REAL("acc_dense", "1", 0.0,
                  "share of right labels, dense evaluator; only where "
                  "N^2 L^2 d < 3e8"),
    [HM_M_ACC_LOWRANK] =
        REAL("acc_lowrank", "1", NULL,
             "share of right labels, ambient space with rank-one attention"),
    [HM_M_ACC_PLANE] =
        REAL("acc_plane", "1", NULL, "share of right labels, plane evaluator"),
    [HM_M_ACC_SORTED] = REAL("acc_sorted", "1", NULL,
                             "share of right labels, sorted evaluator"),
    [HM_M_OUT_ERR] = REAL("out_err_max", "1", NULL,
                          "largest |r - y| of the plane evaluator, in labels"),
    [HM_M_EVAL_SPREAD] =
        BLAS_REAL("eval_spread", "1", 1.0,
                  "largest difference of r between two evaluators, in labels"),
    [HM_M_LABELS_AGREE] =
        COUNT("labels_agree", "1",
              "1 if all evaluators give every sequence the same label"),
    [HM_M_SET_INVARIANT] =
        COUNT("set_invariant", "1",
              "1 if permuted and repeated tokens give the same bits in the "
              "plane and sorted evaluators"),
    [HM_M_CODE_GAP] = REAL("code_gap", "1", "gap_target",
                           "smallest distance of two codes (data span 0.75)"),
    [HM_M_PLAIN_GAP] = REAL("plain_gap", "1", NULL,
                            "smallest distance of two codes before balancing"),
    [HM_M_SCALE] = REAL("code_scale", "1", NULL,
                        "power of two that balanced codes are multiplied by"),
    [HM_M_SHIFT] = REAL("code_shift", "1", NULL,
                        "code that balanced codes are measured from"),
    [HM_M_CODE_MAX] = REAL("code_max", "1", NULL, "largest |code|"),
    [HM_M_LEADER_MARGIN] =
        REAL("leader_margin", "1", NULL,
             "second minus first distance to a landmark, smallest of all"),
    [HM_M_H_MIN] =
        REAL("h_min", "1", NULL, "smallest denominator of the peel stage"),
    [HM_M_W_MAX] = REAL("w_max", "1", NULL, "largest weight of the peel stage"),
    [HM_M_BQ] = REAL("Bq", "1", NULL, "resting place of finished clusters"),
    [HM_M_KAPPA] = REAL("kappa", "1", NULL,
                        "scale of the input projection, per token unit"),
    [HM_M_CODES_EXACT] =
        COUNT("codes_exact", "1",
              "codes equal to the exact sum of beta p, bit for bit"),
    [HM_M_ON_GRID] =
        COUNT("on_grid", "1",
              "1 if all beta are +-1 and all codes stayed in (-1.125, 2): "
              "then every sum is exact"),
    [HM_M_TOLERANCE] =
        REAL("tolerance", "1", NULL, "codes closer than this counted as one"),
    [HM_M_DIRECTION] = COUNT("direction", "1", "which random direction won"),
    [HM_M_MIN_BITS] =
        COUNT("min_bits", "bit",
              "fewest significant bits with all labels right there and at "
              "every larger observed size, for this network"),
    [HM_M_MIN_BITS_AWARE] = COUNT("min_bits_aware", "bit",
                                  "the same for networks built for each size"),
    [HM_M_TAU_STAR] =
        REAL("tau_star", "1", "tau_bound",
             "largest observed softmax temperature with all labels right at "
             "and below it, in score units"),
    [HM_M_NOISE_STAR] =
        REAL("noise_star", "1", "noise_bound",
             "largest observed noise with all labels right at and below it, "
             "in token units"),
    [HM_M_ERR_KIND] =
        WORD("err_kind", "why no network was built: equal_sets, no_margin, "
                         "not_separable; missing: it was"),
    [HM_M_ERR_I] = COUNT("err_i", "1", "first sequence that a refusal names"),
    [HM_M_ERR_J] = COUNT("err_j", "1", "second sequence that it names"),
    [HM_M_EXPECTED_KIND] =
        WORD("expected_err_kind", "the refusal that the data were made for"),
    [HM_M_EXPECTED_I] =
        COUNT("expected_i", "1", "first sequence that it should name"),
    [HM_M_EXPECTED_J] =
        COUNT("expected_j", "1", "second sequence that it should name"),
    [HM_M_T_BUILD] = TIME("t_build", "time to build"),
    [HM_M_T_DENSE] = TIME("t_eval_dense", "time of the dense evaluator"),
    [HM_M_T_LOWRANK] = TIME("t_eval_lowrank", "time of the low-rank evaluator"),
    [HM_M_T_PLANE] = TIME("t_eval_plane", "time of the plane evaluator"),
    [HM_M_T_SORTED] = TIME("t_eval_sorted", "time of the sorted evaluator"),
    [HM_M_FLOPS] =
        LAW("flops_model", "flop", NULL,
            "the sorted evaluator: 2 S d + 2 S log2 L + 4 N K log2 L + "
            "N log2 N"),
    [HM_M_BYTES] = LAW("bytes_model", "byte", NULL,
                       "what it reads and writes: 8 S d + 16 S"),
    [HM_M_BLOCKS_BOUND] =
        PREDICTED("blocks_bound", "1", "N == 1 and 4 or 2 * N + 1",
                  "bound on the blocks: 2 N + 1"),
    [HM_M_PARAMS_BOUND] =
        PREDICTED("params_bound", "1",
                  "N == 1 and 20 * d + 14 or 14 * N * d + 9 * N - 6 * d - 1",
                  "bound on the parameters: 14 N d + 9 N - 6 d - 1"),
    [HM_M_BLOCKS_REPORTED] =
        PREDICTED("blocks_reported", "1", "4 * N + 1",
                  "4 N + 1 blocks (reported, not verified): second-hand "
                  "count of the published construction"),
    [HM_M_GAP_TARGET] = LAW("gap_target", "1", "1 / (8 * N ^ 2)",
                            "code gap at which mode = adaptive stops"),
    [HM_M_TAU_BOUND] =
        LAW("tau_bound", "1", NULL, "leader_margin / ln(2 L_max / code_gap)"),
    [HM_M_NOISE_BOUND] = LAW("noise_bound", "1", NULL, "code_gap / (2 kappa)"),
};

#define AXIS(name_, unit_, doc_)                                               \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_AXIS, .exactness = ATT_EXACT                          \
    }

const struct att_metric att_hm_observations[HM_OBSERVATIONS] = {
    [HM_O_BITS] = AXIS("bits_unaware", "bit",
                       "this network evaluated with so many significant bits"),
    [HM_O_BITS_AWARE] =
        AXIS("bits_aware", "bit",
             "a network built for and evaluated with so many bits"),
    [HM_O_TAU] =
        AXIS("tau", "1", "softmax temperature of all attention, score units"),
    [HM_O_SIGMA] =
        AXIS("sigma", "1", "Gaussian noise on every token, token units"),
    [HM_O_ACC] = REAL("acc", "1", NULL,
                      "share of right labels (NaN: the builder refused)"),
    [HM_O_OUT_ERR] = REAL("out_err", "1", NULL, "largest |r - y|, in labels"),
};
