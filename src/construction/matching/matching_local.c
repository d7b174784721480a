/* matching_local.c - Match3Local and Match3Bigram by standard attention: C9 and
 * C10.
 *
 * match3local   step 1: one averaging unit (averaging C3) whose token i looks
 *               at the q = 2K + 1 positions around it, values (x_j / M) in the
 *               slot j mod q, eps' = 1/(4 q M); step 2: q M times the average,
 *               rounded, is x_j; step 3: token-wise search for a pair
 * match3bigram  step 1: the same with y_i = {i + 1}, q = 1; step 2: sums of
 *               neighbours; step 3: the unit of Match2 (C5) with those sums as
 *               keys, the last token looked at by none
 *
 * Differs: the second unit is evaluated by counted residues (`hist`); the
 * exported network runs it literally. */
#include <inttypes.h>

#include "attest/base/text.h"
#include "matching_local_priv.h"

static const char *const KINDS[] = {"match3local", "match3bigram", NULL};
static const char *const KEYS[] = {"sign", "gauss", "unit", "hadamard", NULL};
static const char *const DUALS[] = {"ls", "ct", "as", NULL};

static const struct att_param PARAMS[LP_PARAMS - ATT_MATCH_PARAMS] = {
    ATT_PARAM_CHOICE("kind", ATT_SEEDS_NOTHING, "match3local", KINDS,
                     "partners within K positions, or neighbours of each "
                     "other"),
    ATT_PARAM_INTEGER("K", ATT_SEEDS_NOTHING, 2, 0, 1024,
                      "match3local: window"),
    ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 128, 1, 65536,
                      "query/key dimension of the averaging unit (paper: m)"),
    ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "sign", KEYS,
                     "position embedding"),
    ATT_PARAM_CHOICE("dual", ATT_SEEDS_NOTHING, "ls", DUALS,
                     "query vectors: least norm, corrected, active set"),
};

static const struct att_metric METRICS[LOCAL_METRICS] = {
    [LM_Q] = MATCH_COUNT("q", ATT_REDUCE_SAME, "positions that a query asks"),
    [LM_DV] = MATCH_COUNT("dv", ATT_REDUCE_SAME, "value dimension: q slots"),
    [LM_D_MODEL] = MATCH_COUNT("d_model", ATT_REDUCE_SAME,
                               "width of the tokens of the first layer"),
    [LM_H] = MATCH_COUNT("H", ATT_REDUCE_SAME, "heads"),
    [LM_LAYERS] = MATCH_COUNT("layers", ATT_REDUCE_SAME, "attention layers"),
    [LM_EPS] = MATCH_REAL("eps", ATT_ROLE_PREDICTED, ATT_REDUCE_SAME,
                          "eps' = 1/(4 q M): allowed error of the averages"),
    [LM_ALPHA] = MATCH_REAL("alpha", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                            "scale of the logits, ceil(2 ln(4 L / eps'))"),
    [LM_GAP] = MATCH_REAL("gap", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                          "match3bigram: gap of the second layer"),
    [LM_C] = MATCH_REAL("c", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                        "match3bigram: scale of the second layer"),
    [LM_OFF_MAX] = MATCH_REAL("off_max", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                              "largest score outside a window"),
    [LM_ON_DEV] = MATCH_REAL("on_dev", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                             "largest deviation of a score inside from 1"),
    [LM_ERR] = MATCH_REAL("err_l1_max", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                          "worst-value error of the first layer"),
    [LM_SLOT_DEV] = MATCH_REAL("slot_dev", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                               "largest distance of q M times an average from "
                               "its residue; below 1/2 it rounds to it"),
    [LM_RECOVERED] = MATCH_COUNT("recovered", ATT_REDUCE_MIN,
                                 "1 when every window is read exactly"),
    [LM_M_MIN] = {.name = "m_min",
                  .unit = "1",
                  .doc = "d, where every window is read exactly: the least one "
                         "in a search for the smallest d",
                  .kind = ATT_INTEGER,
                  .role = ATT_ROLE_MEASURED,
                  .exactness = ATT_EXACT,
                  .reduction = ATT_REDUCE_MIN,
                  .predicted_by = "m_min_law"},
    [LM_M_LAW] = MATCH_REAL("m_min_law", ATT_ROLE_PREDICTED, ATT_REDUCE_SAME,
                            "4 q ln L: where half of the instances are read"),
    [LM_OUT_MIN] =
        MATCH_REAL("out_min_match", ATT_ROLE_MEASURED, ATT_REDUCE_MIN,
                   "smallest output where the truth is 1"),
    [LM_OUT_MAX] = MATCH_REAL("out_max_none", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                              "largest output where the truth is 0"),
    [LM_WRONG] =
        MATCH_COUNT("wrong", ATT_REDUCE_SUM, "tokens answered wrongly"),
    [LM_TOKENS] = MATCH_COUNT("tokens", ATT_REDUCE_SUM, "tokens answered"),
    [LM_MATCHES] =
        MATCH_COUNT("matches", ATT_REDUCE_SUM, "tokens whose truth is 1"),
    [LM_T_PATH] = MATCH_TIME("t_path", "time of the network"),
    [LM_T_TRUTH] = MATCH_TIME("t_truth", "time of the truth"),
    [LM_FLOPS] =
        MATCH_SIZE("flops", "flop", "operations of the network, closed form"),
    [LM_BYTES] = MATCH_SIZE("bytes", "byte", "memory, closed form"),
};

static bool is_bigram(const struct att_value *p)
{
    return att_match_says(p, LP_KIND, "match3bigram");
}

static int64_t set_size(const struct att_value *p)
{
    return is_bigram(p) ? 1 : 2 * p[LP_K].i + 1;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    if (set_size(p) > p[ATT_MATCH_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "a window of 2K + 1 = %" PRId64
                        " positions is longer than L = %" PRId64 ": lower K",
                        set_size(p), p[ATT_MATCH_L].i);
    }
    if (is_bigram(p) && p[ATT_MATCH_L].i < 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "L = 1 has no neighbours: raise L");
    }
    return ATT_OK;
}

/* ---- cost ---------------------------------------------------------------------------- */

struct att_cost att_match_local_cost(const struct att_value *p)
{
    const double L = (double)p[ATT_MATCH_L].i;
    const double q = (double)set_size(p);
    const double d = (double)p[LP_D].i;
    const double samples = (double)p[ATT_MATCH_SAMPLES].i;
    const double signs = att_match_says(p, LP_KEYS, "sign") ||
                         att_match_says(p, LP_KEYS, "hadamard");
    const double rows = q * L * (signs != 0.0 ? d / 16.0 + 4.0 : 2.0 * d);
    const double per_token = rows + 2.0 * q * L + 20.0 * L + q * q * q / 3.0 +
                             samples * (2.0 * L + 20.0 * q * log2(q + 1.0));

    return (struct att_cost){.flops = L * per_token,
                             .bytes = 8.0 * samples * L * (q + 1.0) +
                                      8.0 * L * (q + d + 8.0)};
}

static struct att_cost cost(const struct att_value *p)
{
    const double q = (double)set_size(p);
    const double L = (double)p[ATT_MATCH_L].i;
    const double d = (double)p[LP_D].i;
    const double rounds = att_match_says(p, LP_DUAL, "ls") ? 1.0 : 6.0;
    const double room = (double)att_avg_dual_rows(
        att_avg_dual(p[LP_DUAL].s), (size_t)q, (size_t)d, (size_t)L);
    struct att_cost c = att_match_local_cost(p);

    c.flops *= rounds;
    c.bytes += 8.0 * room * (L + room) + 16.0 * L * q + 65536.0;
    return c;
}

/* A slice is worth some seconds; the second layer needs all of the first. */
static uint32_t slices(const struct att_value *p)
{
    const double n = fmin(ceil(cost(p).flops / 2e10), (double)p[ATT_MATCH_L].i);

    if (is_bigram(p))
        return 1;
    return n < 64.0 ? (uint32_t)fmax(n, 1.0) : 64;
}

/* ---- build ----------------------------------------------------------------------------- */

/* q positions from clip(i - K, 0, n - q) on, or i + 1 (the last token, which
 * nobody asks, itself). */
static void put_sets(const struct att_value *p, size_t n, size_t q, uint32_t *y)
{
    const size_t K = (size_t)p[LP_K].i;

    for (size_t i = 0; i < n; i++) {
        size_t first = i < K ? 0 : i - K;

        if (is_bigram(p))
            first = i + 1;
        if (first > n - q)
            first = n - q;
        for (size_t k = 0; k < q; k++)
            y[i * q + k] = (uint32_t)(first + k);
    }
}

static att_status build_layer(struct att_workspace *ws,
                              const struct att_case *c, struct match_layer *out,
                              struct att_error *err)
{
    const struct att_matching *a = c->instance;
    const size_t q = (size_t)set_size(c->p);
    const size_t d = (size_t)c->p[LP_D].i;
    struct avg_key_spec spec = {.kind = att_avg_kind(c->p[LP_KEYS].s),
                                .n = a->L};
    uint32_t *y = ATT_NEW(ws->arena, uint32_t, a->L * q);

    if (y == NULL)
        return att_arena_fail(ws->arena, "the windows", err);
    put_sets(c->p, a->L, q, y);
    *out = (struct match_layer){.n = a->L,
                                .q = q,
                                .d = d,
                                .y = y,
                                .eps = 1.0 / (4.0 * (double)q * (double)a->M),
                                .dual = att_avg_dual(c->p[LP_DUAL].s)};
    out->alpha = att_avg_alpha((double)a->L, out->eps);
    ATT_TRY(att_nested_grid(c, d, false, ws->arena, &spec.grid, err));
    return att_avg_keys_draw(ws, &spec, 0, &out->keys, err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_matching *a = c->instance;
    struct match_local *x = ATT_NEW0(ws->arena, struct match_local, 1);

    if (x == NULL)
        return att_arena_fail(ws->arena, "the network", err);
    x->K = (size_t)c->p[LP_K].i;
    x->bigram = is_bigram(c->p);
    x->unit = att_match_unit((struct att_match_input){a->x, a->L, a->M}, 2);
    ATT_TRY(build_layer(ws, c, &x->layer, err));
    *built = x;
    return ATT_OK;
}

const struct att_construction att_construction_matching_local = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "matching_local",
    .family = "matching",
    .source = SANFORD_SOURCE,
    .summary = "triples within a window, or with neighbours, by standard "
               "attention",
    .version = 1,
    .problem = &att_problem_matching,
    .bibtex = SANFORD_BIBTEX,
    .params = PARAMS,
    .n_params = LP_PARAMS - ATT_MATCH_PARAMS,
    .metrics = METRICS,
    .n_metrics = LOCAL_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = att_match_local_claims,
    .n_claims = LOCAL_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = slices,
    .build = build,
    .evaluate = att_match_local_evaluate,
    .export_artifact = att_match_local_export,
    .check = att_artifact_check,
};
