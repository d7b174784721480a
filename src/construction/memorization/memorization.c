/* memorization.c - one layer of softmax attention with a single head and
 * weights of rank one gives every token of N labelled sequences an id of its
 * own, and a feed-forward layer reads the labels off the ids.
 *
 * Differs: statements and constants are a reconstruction; the ramps of the
 * plateau network are powers of two; the rounding bound counts sums as they
 * are taken here.  See docs/theory/memorization.md. */
#include <math.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/model/run.h"
#include "memorization_claims_priv.h"
#include "memorization_config_priv.h"

/* ---- can it exist, what does it cost ----------------------------------------- */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_token_labels_admit(p, err));
    if (att_text_same(p[MEM_MASK].s, "causal") &&
        !att_text_same(p[MEM_TIER].s, "search")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "mask = causal has sets of different sizes, which the "
                        "theorem does not cover: set tier = search");
    }
    return ATT_OK;
}

/* Pairs (query, key) of one pass. */
static double pairs(const struct att_value *p)
{
    const double n = (double)p[ATT_TL_N].i, l = (double)p[ATT_TL_L].i;

    return att_text_same(p[MEM_MASK].s, "causal") ? n * l * (l + 1.0) / 2.0
                                                  : n * l * l;
}

static double dtype_factor(const char *dtype)
{
    if (att_text_same(dtype, "dd"))
        return 3000.0;
    return att_text_same(dtype, "f64") || att_text_same(dtype, "f32") ? 20.0
                                                                      : 100.0;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_TL_N].i, l = (double)p[ATT_TL_L].i;
    const double d = (double)p[ATT_TL_D].i, t = n * l;
    const double d_out = (double)p[ATT_TL_D_OUT].i;
    const double m = att_token_labels_vocabulary(p), work = pairs(p);
    const double draws = p[ATT_TL_D].i == 1 ? 1.0 : (double)p[MEM_N_DIR].i;
    const double passes = draws * 7.0 + 8.0 * (double)p[MEM_READOUT].i;
    const double table = fmin(m * m * 2.0, work);
    const double sorts = (draws * 28.0 + 20.0) * t * 40.0;
    const bool window = att_text_same(p[MEM_WINDOW].s, "on");
    const double members = att_text_same(p[MEM_MASK].s, "causal") ? work : t;
    const double mirrored = 2.0 * fmin((double)p[ATT_TL_N].i, 64.0) * l;

    return (struct att_cost){
        .flops = t * d * 40.0 + passes * 4.0 * work + sorts +
                 2.0 * work * dtype_factor(p[MEM_DTYPE].s) +
                 fmin(work, 4e5) * 6000.0 * (window ? 20.0 : 1.0) +
                 fmin(t * t * d_out, 3e7) * 20.0,
        .bytes = 8.0 * (2.0 * t * d + 4.0 * t * d_out + 2.0 * table) +
                 (200.0 + 24.0 * d_out) * t + 20.0 * members +
                 mirrored * (16.0 * d + 8.0 * d_out + 120.0) +
                 8.0 * 32.0 * (m + d) * (passes + 4.0) / 4.0 + 24.0 * l * l +
                 1e5,
    };
}

/* ---- build, evaluate ---------------------------------------------------------------- */

static void refuse_close(struct mem_built *b)
{
    b->refusal = (struct mem_refusal){
        .kind = MEM_TOO_CLOSE,
        .text = "vocabulary too close: 1000 directions give two tokens equal "
                "projections, or one token none"};
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const double start = att_clock_s();
    struct mem_built *b = ATT_NEW0(ws->arena, struct mem_built, 1);
    bool found = false;

    if (b == NULL)
        return att_arena_fail(ws->arena, "the build", err);
    *built = b;
    att_mem_config_read(c->p, &b->config);
    ATT_TRY(att_mem_ingest(c->instance, &b->config.rules, ws->arena, &b->data,
                           &b->refusal, err));
    if (b->refusal.kind != MEM_BUILT)
        return ATT_OK;
    const double searching = att_clock_s();

    ATT_TRY(
        att_mem_scale(ws, &b->data, &b->config.plan, &b->build, &found, err));
    b->search_s = att_clock_s() - searching;
    if (!found) {
        refuse_close(b);
        return ATT_OK;
    }
    ATT_TRY(att_mem_certify(&b->data.ids, &b->build, ws->arena, &b->certificate,
                            err));
    b->build_s = att_clock_s() - start;
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    struct mem_trial t = {.ws = ws, .c = c, .b = c->built, .out = out};

    return att_mem_evaluate(&t, err);
}

/* ---- export -------------------------------------------------------------------------- */

/* A refusal is handed over as a witness: its kind and the places it names. */
static void export_refusal(const struct mem_refusal *r, struct att_bundle *out)
{
    att_bundle_scalar(out, "err_kind", (double)r->kind);
    att_bundle_scalar(out, "err_a", (double)r->a);
    att_bundle_scalar(out, "err_b", (double)r->b);
}

/* The labels, where rounding cannot change them. */
static att_status export_labels(const struct mem_built *b,
                                const struct mem_exported *x,
                                struct att_bundle *expected,
                                struct att_error *err)
{
    const struct att_token_labels *in = b->data.in;
    const uint64_t shape[] = {in->n * in->l, in->d_out};
    double *y = att_bundle_add(expected, "outputs", ATT_F64, 2, shape);

    if (y == NULL)
        return att_arena_fail(expected->arena, "the expected labels", err);
    for (size_t i = 0; i < shape[0] * shape[1]; i++) {
        y[i] = x->claimed[i / in->d_out] ? (double)in->label[i] : (double)NAN;
    }
    return ATT_OK;
}

static att_status export_network(struct mem_trial *t, struct att_artifact *out,
                                 struct att_error *err)
{
    struct mem_exported exported;
    struct mem_knots k;

    ATT_TRY(att_mem_trial_init(t, err));
    ATT_TRY(att_mem_knots_label(t->b, &t->lookup, t->ws->arena, &k, err));
    if (k.n == 0) {
        return att_fail(err, ATT_E_NUMERIC,
                        "no id is a number in %s: kappa = %g is too large",
                        att_mem_dtypes[t->b->config.dtype], t->b->build.kappa);
    }
    ATT_TRY(att_mem_export_layers(t->b, &k, &out->model, &exported, err));
    ATT_TRY(export_labels(t->b, &exported, &out->expected, err));
    out->arithmetic = t->b->config.dtype == MEM_DD
                          ? "x80"
                          : att_mem_dtypes[t->b->config.dtype];
    out->atol = exported.atol;
    out->rtol = 0.0;
    out->tolerance_reason =
        "8 u (2 max|z| / w + 1) 2 max|y| for every pair of ReLU units, u the "
        "unit roundoff: both round at the size of their argument";
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct mem_built *b = c->built;
    struct mem_trial t = {.ws = ws, .c = c, .b = b};

    if (b->refusal.kind != MEM_BUILT) {
        export_refusal(&b->refusal, &out->witness);
        return ATT_OK;
    }
    return export_network(&t, out, err);
}

const struct att_construction att_construction_memorization = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "memorization",
    .family = "memorization",
    .source = "Kajitsuka, Sato 2024, arXiv 2307.14023 (reconstruction)",
    .summary = "a label for every token from one layer of rank-one softmax "
               "attention",
    .version = 1,
    .problem = &att_problem_token_labels,
    .bibtex = ATT_MEM_BIBTEX,
    .params = att_mem_params,
    .n_params = MEM_PARAMS - ATT_TL_PARAMS,
    .metrics = att_mem_metrics,
    .n_metrics = MEM_METRICS,
    .observations = att_mem_observations,
    .n_observations = MEM_OBSERVATIONS,
    .claims = att_mem_claims,
    .n_claims = MEM_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
