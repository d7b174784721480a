/* hardmax_claims.c - the claims of the construction, one line each. */
#include "hardmax_claims_priv.h"

#define ROW_CLAIM(id_, standing_, source_, judge_, statement_)                 \
    {                                                                          \
        .id = "hardmax." id_, .statement = (statement_), .source = (source_),  \
        .standing = (standing_), .scope = ATT_SCOPE_ROW, .group_by = "",       \
        .pool = "", .judge = (judge_)                                          \
    }
#define HERE   "reconstruction, proved in docs/theory/hardmax.md"
#define PUBLIC HERE "; existence stated in arXiv 2502.02270"
#define LAW    "empirical law, docs/theory/hardmax.md"

const struct att_claim att_hm_claims[HM_CLAIMS] = {
    ROW_CLAIM("blocks", ATT_PROVED, PUBLIC, att_hm_judge_blocks,
              "blocks = landmarks + N + 2"),
    ROW_CLAIM("landmarks", ATT_PROVED, HERE, att_hm_judge_landmarks,
              "landmarks <= max(1, N - 1)"),
    ROW_CLAIM("blocks-bound", ATT_PROVED, HERE, att_hm_judge_blocks_bound,
              "blocks <= 2 N + 1 for N >= 2, with equality in mode = full"),
    ROW_CLAIM("params", ATT_PROVED, PUBLIC, att_hm_judge_params,
              "the four parameter counts equal their formulas in N, d and "
              "landmarks"),
    ROW_CLAIM("params-bound", ATT_PROVED, HERE, att_hm_judge_params_bound,
              "params_used <= 14 N d + 9 N - 6 d - 1, with equality when "
              "landmarks = N - 1"),
    ROW_CLAIM("exact", ATT_PROVED, PUBLIC, att_hm_judge_exact,
              "every evaluator labels every sequence rightly"),
    ROW_CLAIM("packed-blocks", ATT_PROVED, HERE, att_hm_judge_packed_blocks,
              "blocks = landmarks + 2 + R, ceil(R / 2), ceil(N / 4), N with "
              "peel = runs, steps, four, one"),
    ROW_CLAIM("packed-params", ATT_PROVED, HERE, att_hm_judge_packed_params,
              "params_used of those stages and of balanced codes equals its "
              "formula"),
    ROW_CLAIM("balanced", ATT_PROVED, HERE, att_hm_judge_balanced,
              "balanced codes: code_gap = code_scale plain_gap, bit for bit"),
    ROW_CLAIM("rank-one", ATT_PROVED, PUBLIC, att_hm_judge_rank_one,
              "every active attention matrix and every V has rank one"),
    ROW_CLAIM("grid-exact", ATT_PROVED, HERE, att_hm_judge_grid_exact,
              "with beta = +-1 and |q| < 2 all codes are exact sums"),
    ROW_CLAIM("sub1", ATT_PROVED, HERE, att_hm_judge_sub1,
              "data = sub1 needs landmarks = N - 1"),
    ROW_CLAIM("peel-scale", ATT_PROVED, HERE, att_hm_judge_peel_scale,
              "h_min = code_gap / 2 and w_max <= (C + Bq + max(2, code_max)) / "
              "h_min"),
    ROW_CLAIM("out-error", ATT_EMPIRICAL, LAW, att_hm_judge_out_error,
              "out_err_max <= 4 ulp K (C + Bq) / h_min on unaware builds"),
    ROW_CLAIM("bits", ATT_EMPIRICAL, LAW, att_hm_judge_bits,
              "min_bits - log2(1 / code_gap) lies in 2..5 on unaware builds"),
    ROW_CLAIM("tau", ATT_EMPIRICAL, LAW, att_hm_judge_tau,
              "tau_star >= leader_margin / ln(2 L_max / code_gap)"),
    ROW_CLAIM("noise", ATT_EMPIRICAL, LAW, att_hm_judge_noise,
              "noise_star <= code_gap / (2 kappa)"),
    ROW_CLAIM("reported-blocks", ATT_SECOND_HAND,
              "reported, not verified: second-hand summary of arXiv "
              "2502.02270v2",
              att_hm_judge_reported_blocks, "blocks <= 4 N + 1"),
    ROW_CLAIM("refusal", ATT_PROVED, HERE, att_hm_judge_refusal,
              "a planted fault is refused by its kind and sequences"),
    ROW_CLAIM("set-invariance", ATT_PROVED, HERE, att_hm_judge_set_invariance,
              "order and copies of tokens change no bit of the outputs"),
    ROW_CLAIM("evaluators-agree", ATT_EMPIRICAL, LAW,
              att_hm_judge_evaluators_agree,
              "labels equal and eval_spread <= 16e-16 d (C + Bq) / h_min in "
              "f64"),
    {.id = "hardmax.length-free",
     .statement = "blocks and all parameter counts depend on N, d and "
                  "landmarks only, not on lengths or classes",
     .source = PUBLIC,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "N_distinct,d,landmarks,peel,codes",
     .pool = "",
     .judge = att_hm_judge_length_free},
    {.id = "hardmax.gap-law",
     .statement = "median code_gap falls as N^-2 (slope in [-2.4, -1.8], "
                  "N >= 8, generic data, mode = adaptive)",
     .source = LAW,
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "*,!N",
     .pool = "",
     .judge = att_hm_judge_gap_law},
    {.id = "hardmax.margin-law",
     .statement = "median leader_margin ~ N^-1.21 L^-0.39 d^0.10 (exponents "
                  "within 0.3, L >= 8, generic data)",
     .source = LAW,
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "*,!N,!L,!d",
     .pool = "",
     .judge = att_hm_judge_margin_law},
    {.id = "hardmax.cost",
     .statement = "t_eval_sorted has slope 1 in S d and t_eval_dense slope 2 "
                  "in L_max over the largest decade (within 0.2)",
     .source = LAW,
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .timing = true,
     .group_by = "*,!L",
     .pool = "",
     .judge = att_hm_judge_cost},
};
