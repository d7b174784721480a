/* hardmax_cost.c - what a task costs, in closed form.
 *
 * One unit is one addition of the plane evaluator, about a nanosecond; the
 * factors are measured, the terms are those of the algorithms: passes over
 * the tokens, leader tables, candidates of the greedy search, evaluators. */
#include <math.h>

#include "attest/base/text.h"
#include "hardmax_evaluate_priv.h"

static bool is(const struct att_value *p, uint32_t param, const char *choice)
{
    return att_text_same(p[param].s, choice);
}

/* Landmarks to expect: N - 1 where the theorem's bound is reached, as many as
 * tokens or their logarithm where sequences share them, one or two else. */
static double expected_landmarks(const struct att_value *p)
{
    const double n = (double)p[ATT_SEQ_N].i;

    if (n <= 2.0)
        return 1.0;
    if (is(p, ATT_SEQ_DATA, "sub1") || is(p, HM_MODE, "full"))
        return n - 1.0;
    if (is(p, ATT_SEQ_DATA, "nested"))
        return 0.5 * n;
    if (is(p, ATT_SEQ_DATA, "near"))
        return fmin(n - 1.0, 1.5 * (double)p[ATT_SEQ_L].i);
    if (is(p, ATT_SEQ_DATA, "vocab") || is(p, ATT_SEQ_DATA, "powerset"))
        return fmin(n - 1.0, 1.5 * log2(n) + 1.0);
    return 1.3;
}

/* Directions tried, over all rungs of the ladder. */
static double directions(const struct att_value *p)
{
    const double tried =
        is(p, HM_DIRECTIONS, "first") ? 1.2 : (double)p[HM_N_DIR].i;
    const bool climbs =
        is(p, ATT_SEQ_DATA, "near") || is(p, ATT_SEQ_DATA, "sub1");

    return is(p, HM_LADDER, "on") && climbs ? 2.0 * tried : tried;
}

/* Bytes of a token's copy in an arithmetic: none in f64. */
static double copy_bytes(const struct att_value *p, uint32_t param)
{
    if (param == HM_BUILD_DTYPE && is(p, param, "dtype"))
        param = HM_DTYPE;
    if (is(p, param, "f64"))
        return 0.0;
    return is(p, param, "f32") ? 4.0 : 8.0;
}

/* Every operation is a call in the rounded arithmetics. */
static double rounding_factor(const struct att_value *p, uint32_t param)
{
    return copy_bytes(p, param) > 4.0 ? 30.0 : 0.0;
}

static double build_flops(const struct att_value *p, double k)
{
    const double n = (double)p[ATT_SEQ_N].i;
    const double total = att_sequences_tokens(p);
    const double numbers = total * (double)p[ATT_SEQ_D].i;
    const double log_l = log2((double)p[ATT_SEQ_L].i + 1.0);
    /* A candidate's codes come in few ascending runs, unless landmarks pile up
     * on data that share no tokens. */
    const bool scattered =
        is(p, HM_MODE, "full") && !is(p, ATT_SEQ_DATA, "sub1");
    const double candidate = 480.0 * n * k * (scattered ? 28.0 : 3.1);
    const double pool = 240.0 * n * 4.5 * (log_l + 4.0);

    return directions(p) *
           ((2.4 + rounding_factor(p, HM_BUILD_DTYPE)) * numbers +
            140.0 * total + pool + candidate);
}

static double evaluate_flops(const struct att_value *p, double k)
{
    const double n = (double)p[ATT_SEQ_N].i, d = (double)p[ATT_SEQ_D].i;
    const double l = (double)p[ATT_SEQ_L].i;
    const double total = att_sequences_tokens(p);
    const double slow = rounding_factor(p, HM_DTYPE);
    double flops = total * d * (29.0 + slow) + 134.0 * n * n;

    if (att_hm_lowrank_allowed(total * d, k, n * n * d))
        flops += (k + 1.0) * total * (180.0 + 2.0 * slow * d);
    if (!att_hm_dense_allowed(n, l, d))
        return flops;
    if (slow > 0.0) { /* products by hand: 8 ns for a product and a sum */
        return flops + 8.0 * (k + 1.0) * n * l * (2.0 * d * d + l * d) +
               8.0 * total * (n + k) * 4.0 * (d + 16.0);
    }
    return flops +
           (k + 1.0) * n * l * (0.15 * d * d + 0.043 * l * d + 2.3 * l) +
           total * (n + k) * (9.5 + 0.45 * d);
}

static double bytes(const struct att_value *p, double k)
{
    const double n = (double)p[ATT_SEQ_N].i, d = (double)p[ATT_SEQ_D].i;
    const double l = (double)p[ATT_SEQ_L].i;
    const double total = att_sequences_tokens(p);
    /* the tokens, their copies in both arithmetics, and two copies more,
     * shuffled with a third of them repeated, or in an ambient evaluator */
    const double copies = 8.0 + copy_bytes(p, HM_BUILD_DTYPE) +
                          3.5 * copy_bytes(p, HM_DTYPE) + 11.0;
    const double table = 12.0 * 244.0 + 400.0; /* leaders of one set */

    return total * d * copies + 100.0 * total + n * table +
           (k + n + 2.0) * (100.0 * d + 2600.0) +
           (double)p[HM_N_DIR].i * (16.0 * n + 24.0 * d) +
           (att_hm_dense_allowed(n, l, d)
                ? 8.0 * fmin(l * l, 131072.0 + 32.0 * l) + 32.0 * d * d
                : 0.0) +
           1.3e6;
}

struct att_cost att_hm_cost(const struct att_value *p)
{
    const double k = expected_landmarks(p);

    return (struct att_cost){
        .flops = 3.4e4 + build_flops(p, k) + evaluate_flops(p, k),
        .bytes = bytes(p, k),
    };
}
