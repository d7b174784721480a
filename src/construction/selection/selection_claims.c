/* selection_claims.c - the claims of trained networks. */
#include "selection_judge_priv.h"

#define HERE   "docs/theory/selection.md"
#define SECOND "arXiv 2406.06893 as described by later work; " HERE

#define ROW(id_, standing_, source_, judge_, statement_)                       \
    {                                                                          \
        .id = "selection." id_, .statement = (statement_),                     \
        .source = (source_), .standing = (standing_), .scope = ATT_SCOPE_ROW,  \
        .group_by = "", .pool = "", .judge = (judge_)                          \
    }

const struct att_claim att_sel_claims[SEL_CLAIMS] = {
    [SC_RATE] = ROW("rate", ATT_EMPIRICAL, HERE, att_sel_judge_rate,
                    "loss = de / (eta_W kappa^2 (t - t0)) within [0.7, 1.5] "
                    "from t = 2 t0 on"),
    [SC_T0] = ROW("t0", ATT_EMPIRICAL, HERE, att_sel_judge_t0,
                  "gamma passes 1 at L/eta_V + de L/(eta_W d), within a factor "
                  "of 2"),
    [SC_TWO_PARAM] = ROW("two-param", ATT_PROVED, HERE, att_sel_judge_two_param,
                         "at V = alpha [I 0], C = gamma I the gradient's trace "
                         "is the step of two numbers"),
    [SC_TWO_PARAM_LAW] =
        ROW("two-param-law", ATT_EMPIRICAL, HERE, att_sel_judge_two_param_law,
            "alpha and gamma of a training follow the "
            "two-number dynamics within 5 %"),
    [SC_SYMMETRY] = ROW("symmetry", ATT_PROVED, HERE, att_sel_judge_symmetry,
                        "a signed permutation of encodings and weights leaves "
                        "the loss alone"),
    [SC_SYMMETRY_LAW] =
        ROW("symmetry-law", ATT_SECOND_HAND, SECOND, att_sel_judge_symmetry_law,
            "random encodings: cosV, cosW >= 0.99 at the last "
            "step; attention by position is learned"),
    [SC_ZERO_GRAD] = ROW("zero-grad", ATT_PROVED, HERE, att_sel_judge_zero_grad,
                         "from V = W = 0 the first gradient of W is 0"),
    [SC_GAMMA_LOG] =
        ROW("gamma-log", ATT_EMPIRICAL, HERE, att_sel_judge_gamma_log,
            "gamma grows like ln(t - t0) / kappa"),
    [SC_OVERSHOOT] =
        ROW("alpha-overshoot", ATT_EMPIRICAL, HERE, att_sel_judge_overshoot,
            "alpha rises above 1 and comes back towards it"),
    [SC_RB] = ROW("rb", ATT_PROVED, HERE, att_sel_judge_rb,
                  "loss without tokens = mean loss over tokens, within 4 s.e."),
    [SC_ANNEALED] = ROW("annealed", ATT_EMPIRICAL, HERE, att_sel_judge_annealed,
                        "rel_err at L_test = annealed formula within [0.75, "
                        "1.33] while gamma < de/(2q)"),
    [SC_SELECTOR] =
        ROW("selector", ATT_SECOND_HAND, SECOND, att_sel_judge_selector,
            "random encodings: topq_exact >= 0.99 at every L_test "
            "with de >= 2q ln(100 L_test/q)"),
    [SC_FIXED_FAILS] =
        ROW("fixed-fails", ATT_EMPIRICAL, HERE, att_sel_judge_fixed_fails,
            "fixed encodings: topq_exact >= C(L,q)/C(L_test,q), "
            "and <= 0.6 at 2 L"),
    [SC_HARD_ERROR] = ROW("hard-error", ATT_PROVED, HERE, att_sel_judge_hard,
                          "topq_exact = 1: rel_err_hard = (alpha - 1)^2"),
    [SC_TEMPERATURE] =
        ROW("temperature", ATT_EMPIRICAL, HERE, att_sel_judge_temperature,
            "rel_err_temp = annealed formula at gamma_temp "
            "within [0.75, 1.33]"),
    [SC_TRANSFER] =
        ROW("transfer-q", ATT_EMPIRICAL, HERE, att_sel_judge_transfer,
            "rel_err at q_test = annealed formula within [0.67, "
            "1.5]"),
    [SC_COS_W_FIXED] =
        ROW("cosw-fixed", ATT_EMPIRICAL, HERE, att_sel_judge_cos_w_fixed,
            "n encodings drawn once, n < de (fixed: n = L; pool: n = pool): "
            "cosW = sqrt(n/de) within 5 %"),
    [SC_POSONLY] = {.id = "selection.posonly",
                    .statement = "models full and posonly agree in rel_err at "
                                 "every L_test within 25 %",
                    .source = "sources conflict; " HERE,
                    .standing = ATT_EMPIRICAL,
                    .scope = ATT_SCOPE_GROUP,
                    .group_by = "*, !model",
                    .pool = "replicate",
                    .judge = att_sel_judge_posonly},
    [SC_NOISE] = ROW("label-noise", ATT_PROVED, HERE, att_sel_judge_noise,
                     "noisy targets add d noise_sd^2/2 to the loss, within 4 "
                     "s.e."),
    [SC_PREFIX] =
        ROW("prefix", ATT_PROVED, HERE, att_sel_judge_prefix,
            "tokens and encodings of a longer sample begin with those "
            "of a shorter one, bit for bit"),
    [SC_SYMMETRISED] = {.id = "selection.symmetrised",
                        .statement =
                            "put back on V = alpha [I 0], C = gamma I after "
                            "every step, a training ends nearer to the two "
                            "numbers (|ln alpha ratio| + |ln gamma ratio|)",
                        .source = HERE,
                        .standing = ATT_EMPIRICAL,
                        .scope = ATT_SCOPE_GROUP,
                        .group_by = "*, !symmetrise",
                        .pool = "replicate",
                        .judge = att_sel_judge_symmetrised},
    [SC_POOL] = ROW("pool", ATT_EMPIRICAL, HERE, att_sel_judge_pool,
                    "encodings from a pool of de or more: topq_exact >= 0.99 "
                    "at every L_test <= pool with de >= 2q ln(100 L_test/q)"),
    [SC_ROUNDED] =
        ROW("rounded-logits", ATT_PROVED, HERE, att_sel_judge_rounded,
            "logits moved by at most h: root rel_err grows by at "
            "most (e^2h - 1) alpha root(q E|s|^2)"),
};
