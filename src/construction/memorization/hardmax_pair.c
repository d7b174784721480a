/* hardmax_pair.c - a certificate of impossibility: two sets of tokens on a
 * line, {1, 3, 6, 8} and {1, 4, 5, 8} times a vector, that no layer of hardmax
 * heads tells apart at the tokens 1 and 8, whatever its weights.
 *
 * A head sees a token b at logit a b c for query a, so it returns the largest,
 * the smallest, or (c = 0) the mean of the set: all three agree.  The heads
 * drawn here have small integer weights: every product and sum is exact, and
 * equal outputs are equal bits.  The last head has no query: c = 0.
 *
 * The statement is public (reconstruction of its wording), the proof ours:
 * docs/theory/memorization.md. */
#include <math.h>
#include <string.h>

#include "attest/construction/construction.h"
#include "attest/construction/finding.h"
#include "attest/linalg/vector.h"
#include "attest/model/run.h"
#include "attest/problem/nothing.h"
#include "memorization_metric_priv.h"
#include "memorization_priv.h"

enum { HP_D, HP_HEADS, HP_LAMBDA, HP_PARAMS };

static const struct att_param PARAMS[HP_PARAMS] = {
    [HP_D] = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 8, 1, 4096,
                               "coordinates of a token"),
    [HP_HEADS] = ATT_PARAM_INTEGER("heads", ATT_SEEDS_NOTHING, 4, 1, 256,
                                   "hardmax heads of size 1"),
    [HP_LAMBDA] = ATT_PARAM_REAL(
        "lambda", ATT_SEEDS_NOTHING, 0.05, -8.0, 8.0,
        "logit scale of the softmax that is compared, per squared token unit"),
};

enum {
    HP_COLLISIONS,
    HP_S1_FIRST,
    HP_S1_SECOND,
    HP_S8_FIRST,
    HP_S8_SECOND,
    HP_SOFTMAX_GAP,
    HP_METRICS
};

static const struct att_metric METRICS[HP_METRICS] = {
    [HP_COLLISIONS] =
        MEM_COUNT("collisions_same_token", "1", NULL,
                  "tokens (of 1 and 8) with equal hardmax outputs in both "
                  "sets"),
    [HP_S1_FIRST] = MEM_REAL("s1_first", "1", NULL,
                             "softmax average of token 1 in {1, 3, 6, 8}"),
    [HP_S1_SECOND] = MEM_REAL("s1_second", "1", NULL,
                              "softmax average of token 1 in {1, 4, 5, 8}"),
    [HP_S8_FIRST] = MEM_REAL("s8_first", "1", NULL,
                             "softmax average of token 8 in {1, 3, 6, 8}"),
    [HP_S8_SECOND] = MEM_REAL("s8_second", "1", NULL,
                              "softmax average of token 8 in {1, 4, 5, 8}"),
    [HP_SOFTMAX_GAP] = MEM_REAL("softmax_gap", "1", NULL,
                                "the smaller difference of the two pairs"),
};

static void judge(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_value *m = &rows->row[0].metric[HP_COLLISIONS];

    att_finding_equal(f, att_value_number(*m), 2.0);
}

static const struct att_claim CLAIMS[] = {
    {.id = "memorization.hardmax-fails",
     .statement = "hardmax heads with any weights: collisions_same_token = 2",
     .source = "derived here; statement in public sources",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge},
};

/* ---- the layer ---------------------------------------------------------------- */

enum { SETS = 2, MEMBERS = 4, TOKENS = SETS * MEMBERS };
static const double LINE[SETS][MEMBERS] = {{1, 3, 6, 8}, {1, 4, 5, 8}};

struct layer {
    size_t d, heads;
    double *token;     /* [8, d]: both sets along a vector of signs */
    double *q, *k, *v; /* [heads, d] */
    double *o;         /* [d, heads] */
};

enum tag { HP_DIRECTION, HP_WEIGHTS };

/* Integers -3 .. 3. */
static void draw_weights(const struct att_workspace *ws, uint32_t which,
                         double *out, size_t n)
{
    const struct att_stream s = att_builder_stream(ws, HP_WEIGHTS, which, 0);

    for (size_t i = 0; i < n; i++)
        out[i] = (double)att_stream_below(&s, i, 7) - 3.0;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct att_arena *arena = ws->arena;
    const size_t d = (size_t)c->p[HP_D].i, h = (size_t)c->p[HP_HEADS].i;
    struct layer *out = ATT_NEW(arena, struct layer, 1);
    const struct att_stream s = att_builder_stream(ws, HP_DIRECTION, 0, 0);

    if (out == NULL)
        return att_arena_fail(arena, "the layer", err);
    *out = (struct layer){d,
                          h,
                          ATT_NEW(arena, double, TOKENS *d),
                          ATT_NEW(arena, double, h *d),
                          ATT_NEW(arena, double, h *d),
                          ATT_NEW(arena, double, h *d),
                          ATT_NEW(arena, double, h *d)};
    if (out->token == NULL || out->q == NULL || out->k == NULL ||
        out->v == NULL || out->o == NULL)
        return att_arena_fail(arena, "the layer", err);
    for (size_t i = 0; i < TOKENS * d; i++) {
        const double sign = att_stream_below(&s, i % d, 2) == 0 ? -1.0 : 1.0;

        out->token[i] = sign * LINE[i / d / MEMBERS][i / d % MEMBERS];
    }
    draw_weights(ws, 0, out->q, h * d);
    draw_weights(ws, 1, out->k, h * d);
    draw_weights(ws, 2, out->v, h * d);
    draw_weights(ws, 3, out->o, h * d);
    memset(out->q + (h - 1) * d, 0, d * sizeof *out->q);
    *built = out;
    return ATT_OK;
}

/* What head h returns to token i of a set: the mean value over the tokens of
 * the largest score, <q, x_i> <k, x_j>. */
static double head_value(const struct layer *l, size_t h, size_t set, size_t i)
{
    const double *x = l->token + set * MEMBERS * l->d;
    const double query = att_dot(l->d, l->q + h * l->d, x + i * l->d);
    double score[MEMBERS], value[MEMBERS];
    double top = -(double)INFINITY, sum = 0.0, n = 0.0;

    for (size_t j = 0; j < MEMBERS; j++) {
        score[j] = query * att_dot(l->d, l->k + h * l->d, x + j * l->d);
        value[j] = att_dot(l->d, l->v + h * l->d, x + j * l->d);
        top = fmax(top, score[j]);
    }
    for (size_t j = 0; j < MEMBERS; j++) {
        sum += score[j] == top ? value[j] : 0.0;
        n += score[j] == top;
    }
    return sum / n; /* n is 1 or 4: exact */
}

/* out [d] = x_i + O (values of all heads) */
static void layer_output(const struct layer *l, size_t set, size_t i,
                         double *out)
{
    memcpy(out, l->token + (set * MEMBERS + i) * l->d, l->d * sizeof *out);
    for (size_t h = 0; h < l->heads; h++) {
        const double value = head_value(l, h, set, i);

        for (size_t k = 0; k < l->d; k++)
            out[k] += l->o[k * l->heads + h] * value;
    }
}

/* ---- evaluate -------------------------------------------------------------------- */

static double softmax_average(double lambda, size_t set, size_t i)
{
    const struct mem_typed t = {MEM_F64, att_dd_from(lambda), att_dd_from(1.0)};
    struct att_dd p[MEMBERS];

    for (size_t j = 0; j < MEMBERS; j++)
        p[j] = att_dd_from(LINE[set][j]);
    return att_mem_typed_s(&t, p, MEMBERS, p[i]).hi;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    static const size_t common[] = {0, MEMBERS - 1};
    const struct layer *l = c->built;
    const double lambda = c->p[HP_LAMBDA].r;
    double *first = ATT_NEW(ws->arena, double, l->d);
    double *second = ATT_NEW(ws->arena, double, l->d);
    double s[2][SETS];
    int64_t equal = 0;

    if (first == NULL || second == NULL)
        return att_arena_fail(ws->arena, "the outputs", err);
    for (size_t t = 0; t < 2; t++) {
        layer_output(l, 0, common[t], first);
        layer_output(l, 1, common[t], second);
        equal += memcmp(first, second, l->d * sizeof *first) == 0;
        for (size_t set = 0; set < SETS; set++)
            s[t][set] = softmax_average(lambda, set, common[t]);
    }
    att_out_int(out, HP_COLLISIONS, equal);
    att_out_real(out, HP_S1_FIRST, s[0][0]);
    att_out_real(out, HP_S1_SECOND, s[0][1]);
    att_out_real(out, HP_S8_FIRST, s[1][0]);
    att_out_real(out, HP_S8_SECOND, s[1][1]);
    att_out_real(out, HP_SOFTMAX_GAP,
                 fmin(fabs(s[0][0] - s[0][1]), fabs(s[1][0] - s[1][1])));
    return ATT_OK;
}

/* ---- export ------------------------------------------------------------------------- */

static void export_layer(const struct layer *l, struct att_layer *out)
{
    att_bundle_f64(&out->tensors, "Q", l->q, l->heads, l->d);
    att_bundle_f64(&out->tensors, "K", l->k, l->heads, l->d);
    att_bundle_f64(&out->tensors, "V", l->v, l->heads, l->d);
    att_bundle_f64(&out->tensors, "O", l->o, l->d, l->heads);
    att_layer_number(out, "heads", (double)l->heads);
    att_layer_number(out, "residual", 1.0);
    att_layer_text(out, "weights", "hardmax");
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    static const int64_t offsets[] = {0, MEMBERS, TOKENS};
    const struct layer *l = c->built;
    const uint64_t shape[] = {TOKENS, l->d};
    struct att_layer *layer = att_model_add(&out->model, ATT_LAYER_ATTENTION);
    double *y = att_bundle_add(&out->expected, "outputs", ATT_F64, 2, shape);

    if (layer == NULL || y == NULL)
        return att_arena_fail(ws->arena, "the exported layer", err);
    export_layer(l, layer);
    att_bundle_f64(&out->instance, "tokens", l->token, TOKENS, l->d);
    att_bundle_i64(&out->instance, "offsets", offsets, SETS + 1);
    for (size_t t = 0; t < TOKENS; t++)
        layer_output(l, t / MEMBERS, t % MEMBERS, y + t * l->d);
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported layer", err);
    out->atol = out->rtol = 0.0; /* integers: exact */
    out->tolerance_reason = "";
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double d = (double)p[HP_D].i, h = (double)p[HP_HEADS].i;

    return (struct att_cost){.flops = 100.0 * (d + 1.0) * (h + 1.0),
                             .bytes = 8.0 * (4.0 * d * h + 10.0 * d) + 4096.0};
}

const struct att_construction att_construction_hardmax_pair = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "hardmax_pair",
    .family = "memorization",
    .source = "Kajitsuka, Sato 2024, arXiv 2307.14023 (reconstruction)",
    .summary = "two sets that no layer of hardmax attention tells apart",
    .version = 1,
    .problem = &att_problem_nothing,
    .bibtex = ATT_MEM_BIBTEX,
    .params = PARAMS,
    .n_params = HP_PARAMS,
    .metrics = METRICS,
    .n_metrics = HP_METRICS,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = att_admit_all,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
