/* averaging_columns.c - metrics and observations of the family. */
#include "averaging_columns_priv.h"

#include "attest/base/statistics.h"
#include "attest/base/text.h"

#define COUNT_AS(name_, unit_, how_, doc_)                                     \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT, .reduction = (how_) \
    }
#define COUNT(name_, doc_) COUNT_AS(name_, "1", ATT_REDUCE_SAME, doc_)
#define BITS(name_, doc_)  COUNT_AS(name_, "bit", ATT_REDUCE_SAME, doc_)
#define REAL(name_, unit_, how_, doc_)                                         \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = 1e-3, .reduction = (how_)                                 \
    }
#define MOST(name_, doc_)  REAL(name_, "1", ATT_REDUCE_MAX, doc_)
#define VALUE(name_, doc_) REAL(name_, "1", ATT_REDUCE_SAME, doc_)
#define LAW(name_, unit_, doc_)                                                \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_ROUNDED,                  \
        .tolerance = 1e-9                                                      \
    }
#define TIME(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "s", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_TIMING                     \
    }
#define BY(name_, law_, doc_)                                                  \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .predicted_by = (law_)                                                 \
    }

const struct att_metric att_avg_metrics[AVG_METRICS] = {
    [AM_D_MODEL] = COUNT("d_model", "token width dv + 2 d"),
    [AM_M] = COUNT("m", "inner dimension of the unit, max(d, dv)"),
    [AM_H] = COUNT("H", "heads"),
    [AM_N_PAIRS] = COUNT("n_pairs", "query-position scores inspected"),
    [AM_ALPHA] = LAW("alpha", "1",
                     "scale of the logits, ceil(2 ln(4 L/eps)) "
                     "times alpha_scale where there is one"),
    [AM_GAP] = VALUE("gap", "least value of the moment polynomial off the set"),
    [AM_ERR_MAX] = MOST("err_l1_max",
                        "worst-value error |P - 1_y/q|_1, largest row (2: not "
                        "a number, or no dual vector)"),
    [AM_ERR_P50] = VALUE("err_l1_p50", "worst-value error, median row"),
    [AM_ERR_PRODUCT] =
        MOST("err_l1_product", "worst-value error by the product form"),
    [AM_ERR_VALUE] = MOST("err_value", "largest l2 error for the values of one "
                                       "instance, a lower estimate"),
    [AM_OFF_MAX] = MOST("off_max", "largest score off a set"),
    [AM_OFF_UNROUNDED] =
        MOST("off_max_unrounded", "largest score off a set before rounding"),
    [AM_ON_DEV] = MOST("on_dev", "largest |score - 1| on a set"),
    [AM_OK] = COUNT_AS("ok", "1", ATT_REDUCE_MIN, "1 if err_l1_max <= eps"),
    [AM_FACES] = VALUE("face_share", "share of sets with off_max < 1"),
    [AM_HALVES] = VALUE("half_share", "share of sets with off_max <= 1/2"),
    [AM_M_HARD] =
        BY("m_hard", "m_pred_hard", "least grid d from which on off_max < 1"),
    [AM_M_ERR] =
        BY("m_err", "m_pred", "least grid d from which on err_l1_max <= eps"),
    [AM_M_HALF] = BY("m_half", "m_pred_half",
                     "least grid d from which on off_max <= 1/2"),
    [AM_M_ERR_FIRST] = COUNT("m_err_first", "first grid d with error <= eps"),
    [AM_PRED_HARD] = LAW("m_pred_hard", "1", "closed form with s* = 1"),
    [AM_PRED_ERR] =
        LAW("m_pred", "1", "closed form with s* = 1 - ln(2/(q eps))/alpha"),
    [AM_PRED_HALF] = LAW("m_pred_half", "1", "closed form with s* = 1/2"),
    [AM_PRED_FACE] = LAW("m_pred_face", "1", "the d of d = 2 q ln(L/d)"),
    [AM_P_BITS] = BITS("p_bits", "bits of a coordinate: integer bits, "
                                 "frac_bits and a sign"),
    [AM_FRAC] = BITS("frac_used", "fractional bits of a coordinate"),
    [AM_MSG_BITS] = BITS("msg_bits", "bits of a query, d times p_bits"),
    [AM_P_GUARANTEED] = {.name = "p_guaranteed",
                         .unit = "bit",
                         .doc = "bits that are enough: ceil(lg 8 alpha/eps) + "
                                "ceil(lg 2q) + 1",
                         .kind = ATT_INTEGER,
                         .role = ATT_ROLE_PREDICTED,
                         .exactness = ATT_EXACT},
    [AM_BETA_L1] = MOST("beta_l1", "largest |beta|_1 of a dual vector"),
    [AM_W_L1] = {.name = "w_l1_log2",
                 .unit = "bit",
                 .doc = "lg |w|_1, largest row",
                 .kind = ATT_REAL,
                 .role = ATT_ROLE_MEASURED,
                 .exactness = ATT_ROUNDED,
                 .tolerance = 1e-6,
                 .reduction = ATT_REDUCE_MAX,
                 .predicted_by = "w_l1_law"},
    [AM_W_L1_LAW] = LAW("w_l1_law", "bit", "2q lg(L/pi) + q - 2 lg q!"),
    [AM_BITS_NEEDED] =
        BITS("bits_needed", "least significand for an error within eps"),
    [AM_CT_ITERS] =
        COUNT_AS("ct_iters", "1", ATT_REDUCE_MAX, "corrections, largest row"),
    [AM_ACT_SIZE] = COUNT_AS("act_size", "1", ATT_REDUCE_MAX,
                             "active members, largest row"),
    [AM_GRAM_MIN] = REAL("gram_min_eig", "1", ATT_REDUCE_MIN,
                         "least eigenvalue of a set's Gram matrix"),
    [AM_DISTINCT] = COUNT("distinct_msgs", "different messages or states"),
    [AM_COLLISIONS] = COUNT("collisions", "inputs less distinct_msgs"),
    [AM_WRONG] = COUNT_AS("wrong", "1", ATT_REDUCE_SUM, "wrong answers"),
    [AM_CERT_ERR] = REAL("cert_err", "1", ATT_REDUCE_MAX,
                         "error that a witness proves for every weight"),
    [AM_RESIDUAL] = MOST("cert_residual", "largest failure of the identity "
                                          "behind the witness"),
    [AM_SEP_SHARE] = VALUE("sep_share", "share of q-subsets that a hyperplane "
                                        "separates"),
    [AM_WITNESS] = {.name = "witness",
                    .unit = "1",
                    .doc = "the witness of a bound in short; rebuild writes "
                           "it in full",
                    .kind = ATT_TEXT,
                    .role = ATT_ROLE_MEASURED,
                    .exactness = ATT_EXACT},
    [AM_SUCCESS] = VALUE("success_rate", "share of instances within eps"),
    [AM_WILSON_LO] = VALUE("wilson_lo", "95 % interval of success_rate"),
    [AM_WILSON_HI] = VALUE("wilson_hi", "95 % interval of success_rate"),
    [AM_STATE] = COUNT("state_size", "numbers that a recurrent net remembers"),
    [AM_SIZE] = COUNT("size", "what grows with L: the d or slots that reach "
                              "eps, the first width of a ReLU net, bits of a "
                              "memory"),
    [AM_SIZE_LAW] = LAW("size_law", "1",
                        "lower bound on it: (L - 1)/2 bits of a recurrent "
                        "state, L dv/2 of a first width"),
    [AM_PARAMS] = COUNT("params_used", "parameters of the exported network"),
    [AM_T_GRAM] = TIME("t_gram", "rows of the Gram matrix"),
    [AM_T_DUAL] = TIME("t_dual", "dual vectors and their scores"),
    [AM_T_LOGIT] = TIME("t_logit", "processor time of the scores of rounded "
                                   "queries"),
    [AM_T_EXP] = TIME("t_exp", "exponentials and errors"),
    [AM_T_VALUE] = TIME("t_value", "attention applied to the values of one "
                                   "instance"),
    [AM_FLOPS] = LAW("flops", "flop", "operations at the largest d"),
    [AM_BYTES] = LAW("bytes", "byte", "keys and rows held"),
};

#define SEEN(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED, .tolerance = 1e-3 \
    }

const struct att_metric att_avg_observations[AVG_OBSERVATIONS] = {
    [AO_D] = {.name = "d",
              .unit = "1",
              .doc = "query/key dimension of the nested pass",
              .kind = ATT_REAL,
              .role = ATT_ROLE_AXIS,
              .exactness = ATT_EXACT},
    [AO_C] = SEEN("c", "d / (q ln L)"),
    [AO_OFF_MAX] = SEEN("off", "off_max at this d"),
    [AO_ERR] = SEEN("err", "err_l1_max at this d"),
    [AO_ON_DEV] = SEEN("on", "on_dev at this d"),
    [AO_OK] = SEEN("success", "share of instances within eps at this d"),
    [AO_LO] = SEEN("success_lo", "95 % Wilson interval of success"),
    [AO_HI] = SEEN("success_hi", "95 % Wilson interval of success"),
    [AO_FACES] = SEEN("faces", "share of sets with off_max < 1"),
    [AO_HALVES] = SEEN("halves", "share of sets with off_max <= 1/2"),
};

/* ---- helpers ------------------------------------------------------------------- */

void att_avg_out_success(struct att_outcome *out, uint64_t n_good, uint64_t n)
{
    const struct att_interval i = att_wilson(n_good, n, 0.95);

    att_out_real(out, AM_SUCCESS, (double)n_good / (double)n);
    att_out_real(out, AM_WILSON_LO, i.lo);
    att_out_real(out, AM_WILSON_HI, i.hi);
}
