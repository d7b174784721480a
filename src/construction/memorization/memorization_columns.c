/* memorization_columns.c - parameters, metrics and observations of a row. */
#include "memorization_config_priv.h"

#include "attest/base/text.h"
#include "memorization_metric_priv.h"

static const char *const TIERS[] = {"search", "instance", "theorem", NULL};
static const char *const GAIN_CHOICES[] = {"tier", "search", "banded",
                                           "theorem", NULL};
static const char *const MASKS[] = {"none", "causal", NULL};
static const char *const REPEATS[] = {"auto", "refuse", "allow", NULL};
static const char *const FFNS[] = {"plateau", "interp", NULL};
static const char *const WINDOWS[] = {"off", "on", NULL};

#define OWN(param) [(param)-ATT_TL_PARAMS]

const struct att_param att_mem_params[MEM_PARAMS - ATT_TL_PARAMS] = {
    OWN(MEM_TIER) = ATT_PARAM_CHOICE(
        "tier", ATT_SEEDS_NOTHING, "search", TIERS,
        "how the logit scale is chosen: searched; from the projected data; "
        "from the reconstructed theorem"),
    OWN(MEM_GAIN) = ATT_PARAM_CHOICE(
        "gain", ATT_SEEDS_NOTHING, "tier", GAIN_CHOICES,
        "residual gain rho: of the tier (theorem and instance: eps/(4 r_max)), "
        "range(p)/range(s), provably disjoint bands, or eps/(4 r_max)"),
    OWN(MEM_N_DIR) = ATT_PARAM_INTEGER("n_dir", ATT_SEEDS_NOTHING, 4, 1, 256,
                                       "directions that the search tries"),
    OWN(MEM_DTYPE) = ATT_PARAM_CHOICE(
        "dtype", ATT_SEEDS_NOTHING, "f64", att_mem_dtypes,
        "arithmetic of the attention and of the ids; x80 is long double, dd "
        "double-double"),
    OWN(MEM_HEAD) = ATT_PARAM_INTEGER("head", ATT_SEEDS_NOTHING, 1, 1, 4096,
                                      "head size (the paper's s)"),
    OWN(MEM_READOUT) = ATT_PARAM_INTEGER(
        "readout", ATT_SEEDS_NOTHING, 1, 1, 4,
        "read-out dimension m of bits_readout: ids are points of R^m"),
    OWN(MEM_MASK) =
        ATT_PARAM_CHOICE("mask", ATT_SEEDS_NOTHING, "none", MASKS,
                         "causal: a query sees the tokens up to its own"),
    OWN(MEM_REPEATS) = ATT_PARAM_CHOICE(
        "repeats", ATT_SEEDS_NOTHING, "auto", REPEATS,
        "duplicate tokens in a sequence: a fault, or allowed (auto: allowed "
        "where data = multiset)"),
    OWN(MEM_FFN) = ATT_PARAM_CHOICE(
        "ffn", ATT_SEEDS_NOTHING, "plateau", FFNS,
        "feed-forward network: constant around every id, or the theorem's "
        "piecewise linear interpolator"),
    OWN(MEM_WINDOW) = ATT_PARAM_CHOICE(
        "window", ATT_SEEDS_NOTHING, "off", WINDOWS,
        "on: observe kappa = 2^-20, 2^-18, ..., 2^16 (asking for at_kappa "
        "does so as well)"),
};

void att_mem_config_read(const struct att_value *p, struct mem_config *out)
{
    const char *tier = p[MEM_TIER].s, *gain = p[MEM_GAIN].s;
    const char *repeats = p[MEM_REPEATS].s;
    int g = 0;

    while (!att_text_same(GAIN_CHOICES[g], gain))
        g++;
    *out = (struct mem_config){
        .plan = {.tier = att_text_same(tier, "search")     ? MEM_SEARCH
                         : att_text_same(tier, "instance") ? MEM_INSTANCE
                                                           : MEM_THEOREM,
                 .gain = (enum mem_gain)g,
                 .n_dir = (uint32_t)p[MEM_N_DIR].i},
        .rules = {.causal = att_text_same(p[MEM_MASK].s, "causal"),
                  .repeats = att_text_same(repeats, "allow") ||
                             (att_text_same(repeats, "auto") &&
                              att_text_same(p[ATT_TL_DATA].s, "multiset"))},
        .dtype = att_mem_dtype(p[MEM_DTYPE].s),
        .ffn = att_text_same(p[MEM_FFN].s, "interp") ? MEM_INTERP : MEM_PLATEAU,
        .head = (size_t)p[MEM_HEAD].i,
        .readout = (size_t)p[MEM_READOUT].i,
        .window = att_text_same(p[MEM_WINDOW].s, "on"),
    };
}

const struct att_metric att_mem_metrics[MEM_METRICS] = {
    [MEM_M_M] = MEM_COUNT("M", "1", NULL, "distinct tokens"),
    [MEM_M_T] = MEM_COUNT("T", "1", NULL,
                          "distinct ids (context, token): N L when all sets "
                          "differ"),
    [MEM_M_EPS_DATA] = MEM_REAL("eps_data", "1", NULL,
                                "smallest distance of two distinct tokens"),
    [MEM_M_R_MIN] = MEM_REAL("r_min", "1", NULL, "smallest norm of a token"),
    [MEM_M_R_MAX] = MEM_REAL("r_max", "1", NULL, "largest norm of a token"),
    [MEM_M_LOGIT_SCALE] =
        MEM_REAL("logit_scale", "1", NULL, "lambda, per squared token unit"),
    [MEM_M_KAPPA] = MEM_REAL("kappa", "1", NULL, "lambda max p^2"),
    [MEM_M_RHO] = MEM_REAL("rho", "1", NULL, "residual gain"),
    [MEM_M_RHO_MULT] = MEM_REAL("rho_mult", "1", NULL,
                                "q of the search: rho = q range(p) / range(s)"),
    [MEM_M_LOG2_LAMBDA_T2] =
        MEM_LAW("log2_lambda_T2", "bit", NULL,
                "log2 of the reconstructed theorem's logit scale"),
    [MEM_M_MAX_LOGIT_T2] =
        MEM_LAW("max_logit_T2", "1", NULL, "largest logit at that scale"),
    [MEM_M_BITS_T2] = MEM_LAW("bits_T2", "bit", NULL,
                              "log2(r / delta) of the reconstructed theorem"),
    [MEM_M_LOG2_DELTA_T2] =
        MEM_LAW("log2_delta_T2", "bit", NULL,
                "log2 of the distance that the reconstructed theorem promises"),
    [MEM_M_BITS_CERTIFIED] =
        MEM_LAW("bits_certified", "bit", NULL,
                "tier instance: -log2 of rho times the certified gap of s, a "
                "distance in R^d as same_token_bits"),
    [MEM_M_MIN_GAP] =
        MEM_REAL("min_gap", "1", NULL,
                 "smallest distance of two ids z, seen by the referee"),
    [MEM_M_MAX_Z] = MEM_REAL("max_z", "1", NULL, "largest |z|"),
    [MEM_M_BITS] = MEM_REAL("bits", "bit", "bits_law",
                            "-log2(min_gap / max_z); missing when the gap is "
                            "0: infinitely many"),
    [MEM_M_BITS_LAW] = MEM_LAW("bits_law", "bit", "2.022 * log2(N * L) - 2.617",
                               "empirical law of searched builds"),
    [MEM_M_SLACK] =
        MEM_REAL("slack", "bit", NULL, "significant bits of dtype less bits"),
    [MEM_M_PAIR_SEQ_A] =
        MEM_COUNT("pair_seq_a", "1", NULL, "closest pair: first sequence"),
    [MEM_M_PAIR_TOK_A] =
        MEM_COUNT("pair_tok_a", "1", NULL, "closest pair: token of it"),
    [MEM_M_PAIR_SEQ_B] =
        MEM_COUNT("pair_seq_b", "1", NULL, "closest pair: second sequence"),
    [MEM_M_PAIR_TOK_B] =
        MEM_COUNT("pair_tok_b", "1", NULL, "closest pair: token of it"),
    [MEM_M_REFEREE] = MEM_WORD("referee", "who measured min_gap: dd or mpfr"),
    [MEM_M_REFEREE_PAIRS] = MEM_COUNT("referee_pairs", "1", NULL,
                                      "neighbouring ids that it looked at"),
    [MEM_M_REFEREE_AGREES] =
        MEM_COUNT("referee_agrees", "1", NULL,
                  "1 if it gives them the order that f64 gave"),
    [MEM_M_IDS_RESOLVED] =
        MEM_COUNT("ids_resolved", "1", NULL,
                  "ids when those closer than 4 E (f64) count as one: below T "
                  "distinct floats prove nothing"),
    [MEM_M_SAME_TOKEN_BITS] =
        MEM_REAL("same_token_bits", "bit", NULL,
                 "-log2 of the smallest distance in R^d of two ids of one "
                 "token, rho |s - s'|; missing where 12 * 2^20 / (M^2 + T) "
                 "bits do not tell them apart"),
    [MEM_M_ORDER_VIOLATIONS] =
        MEM_COUNT("order_violations", "1", NULL,
                  "pairs of ids of one token whose order in MPFR is not the "
                  "lexicographic one (tiers instance and theorem)"),
    [MEM_M_WIDE_BITS] = MEM_COUNT("wide_bits", "bit", NULL,
                                  "MPFR precision that resolved all of them"),
    [MEM_M_GAP_DTYPE] =
        MEM_REAL("gap_dtype", "1", NULL,
                 "smallest distance of two different ids as dtype has them"),
    [MEM_M_E_BOUND] =
        MEM_LAW("E_bound", "1", NULL, "bound of the rounding of z in dtype"),
    [MEM_M_E_MEASURED] =
        MEM_REAL("E_measured", "1", "E_bound",
                 "largest rounding of z seen over fresh token orders"),
    [MEM_M_CERTIFIED] =
        MEM_COUNT("certified", "1", NULL,
                  "1 if gap_dtype >= 4 E_bound and the referee agrees"),
    [MEM_M_CERTIFICATE] =
        MEM_WORD("certificate", "why it is not certified, empty if it is"),
    [MEM_M_ID_ACC] = MEM_REAL("id_acc", "1", NULL,
                              "share of positions whose id is recalled after a "
                              "fresh permutation of the tokens"),
    [MEM_M_LABEL_ACC] =
        MEM_REAL("label_acc", "1", NULL, "share of positions labelled right"),
    [MEM_M_SEQ_ACC] = MEM_REAL("seq_acc", "1", NULL,
                               "share of sequences with all labels right"),
    [MEM_M_IDS_DISTINCT] =
        MEM_COUNT("ids_distinct", "1", NULL, "different ids in dtype"),
    [MEM_M_COLLISIONS] =
        MEM_COUNT("collisions_same_token", "1", NULL,
                  "pairs of contexts that give one token equal ids in dtype"),
    [MEM_M_HARDMAX_FLOOR] =
        MEM_COUNT("hardmax_floor", "1", NULL, "the same count with hardmax"),
    [MEM_M_ORDER_NOISE] =
        MEM_REAL("order_noise_ulp", "1", NULL,
                 "largest |z - z(permuted)| in units of u max|z|"),
    [MEM_M_PARAMS_THEOREM] = MEM_COUNT_LAW(
        "params_theorem", "1", "4 * (head + d) + d * (2 * N * L + d)",
        "parameters as the theorem counts them (its labels are vectors of "
        "R^d)"),
    [MEM_M_PARAMS_USED] =
        MEM_COUNT("params_used", "1", NULL, "numbers in the exported tensors"),
    [MEM_M_PARAMS_ATTN] =
        MEM_COUNT("params_attn", "1", NULL, "those of the attention layer"),
    [MEM_M_PARAMS_FFN] =
        MEM_COUNT("params_ffn", "1", NULL, "those of the feed-forward layer"),
    [MEM_M_FFN_KIND] =
        MEM_WORD("ffn_kind", "network that was exported: interp, "
                             "plateau, or plateau_clamp where "
                             "ReLU pairs would cancel"),
    [MEM_M_FFN_MAX_ERR] =
        MEM_REAL("ffn_max_err", "1", NULL,
                 "largest |f(z_j) - y_j|, the sum of ReLU units in dtype (f64 "
                 "and f32)"),
    [MEM_M_FFN_ERR_FAST] =
        MEM_REAL("ffn_err_fast", "1", NULL, "the same by bisection"),
    [MEM_M_FFN_ERR_CLAMP] = MEM_REAL("ffn_err_clamp", "1", NULL,
                                     "the same by clamped ramps (plateau)"),
    [MEM_M_BITS_READOUT] =
        MEM_REAL("bits_readout", "bit", NULL,
                 "bits of the ids as points of R^m: median of eight choices, "
                 "none searched"),
    [MEM_M_V_DRAWS] =
        MEM_COUNT("v_draws", "1", NULL, "directions that were searched"),
    [MEM_M_V_TRIES] = MEM_COUNT("v_tries", "1", NULL,
                                "draws until one satisfies the projection "
                                "lemma (tiers instance and theorem)"),
    [MEM_M_RADIUS] =
        MEM_REAL("radius", "1", NULL,
                 "perturbation of every token, in R^d, that to first order "
                 "changes no label: min_gap / 2 over a Lipschitz bound of z"),
    [MEM_M_EXP_COUNT] =
        MEM_COUNT("exp_count", "1", NULL, "exponentials of the fast evaluator"),
    [MEM_M_EXP_COUNT_TABLE] =
        MEM_COUNT("exp_count_table", "1", NULL, "those of the table"),
    [MEM_M_EVAL_SPREAD] =
        MEM_BLAS("eval_spread", "1", 1.0,
                 "largest difference of z between two evaluators (fast, table, "
                 "dense), f64"),
    [MEM_M_BIT_EQUIVARIANT] =
        MEM_COUNT("bit_equivariant", "1", NULL,
                  "1 if permuted tokens give the same bits (sorted sums)"),
    [MEM_M_SCALE_EXACT] =
        MEM_COUNT("scale_exact", "1", NULL,
                  "1 if 4 X with lambda / 16 gives exactly 4 s"),
    [MEM_M_ERR_KIND] = MEM_WORD("err_kind", "why nothing was built: duplicate, "
                                            "non_finite, inconsistent, "
                                            "vocabulary_close; empty: built"),
    [MEM_M_ERR_A] = MEM_COUNT("err_a", "1", NULL,
                              "position (sequence L + token) that it names"),
    [MEM_M_ERR_B] = MEM_COUNT("err_b", "1", NULL,
                              "the other position; the coordinate of a "
                              "non-finite number"),
    [MEM_M_EXPECTED_KIND] = MEM_WORD("expected_kind", "the fault that was "
                                                      "planted, empty: none"),
    [MEM_M_EXPECTED_A] =
        MEM_COUNT("expected_a", "1", NULL, "where it was planted"),
    [MEM_M_EXPECTED_B] =
        MEM_COUNT("expected_b", "1", NULL, "where it was planted"),
    [MEM_M_FLOPS] = MEM_REAL("flops", "flop", NULL,
                             "of the fast evaluator: projection, exponentials "
                             "as one, sums, bisection"),
    [MEM_M_BYTES] = MEM_REAL("bytes", "byte", NULL,
                             "that it reads: vocabulary, members, ids"),
    [MEM_M_T_BUILD] = MEM_TIME("t_build", "ingest, search and certificate"),
    [MEM_M_T_SEARCH] = MEM_TIME("t_search", "the scale alone"),
    [MEM_M_T_ATTN] = MEM_TIME("t_attn", "fast evaluator"),
    [MEM_M_T_TABLE] = MEM_TIME("t_table", "table evaluator"),
    [MEM_M_T_FFN] = MEM_TIME("t_ffn", "look-up of all positions"),
};

const struct att_metric att_mem_observations[MEM_OBSERVATIONS] = {
    [MEM_O_KAPPA] = MEM_AXIS("at_kappa", "kappa of this evaluation"),
    [MEM_O_COLLISIONS] =
        MEM_COUNT("collisions_at", "1", NULL,
                  "pairs of contexts that give one token equal s in dtype at "
                  "this kappa"),
    [MEM_O_GAP] = MEM_REAL("log2_gap_at", "bit", NULL,
                           "log2 of the smallest same-token distance of s over "
                           "max|s|, in double-double where that is affordable"),
    [MEM_O_BITS] = MEM_REAL("bits_at", "bit", NULL,
                            "-log2(min gap / max|z|) in f64, rho = range(p) / "
                            "range(s)"),
};
