/* hardmax.c - exact classification of sequences, read as sets, by hardmax
 * transformers with rank-one attention: at most 2 N + 1 blocks and
 * 14 N d + 9 N - 6 d - 1 parameters, whatever the lengths.
 *
 * The claim is public (arXiv 2502.02270); the parameters, counts and proofs
 * are a reconstruction, docs/theory/hardmax.md.  Differs: classification
 * only, fewer blocks than reported of the published construction (4 N + 1,
 * second-hand, not verified). */
#include "attest/model/run.h"
#include "hardmax_claims_priv.h"
#include "hardmax_evaluate_priv.h"
#include "hardmax_layers_priv.h"

/* ---- build, evaluate ------------------------------------------------------------- */

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct hm_built *out = ATT_NEW0(ws->arena, struct hm_built, 1);
    struct hm_config config;

    if (out == NULL)
        return att_arena_fail(ws->arena, "the network", err);
    ATT_TRY(att_hm_config_read(c->p, &config, err));
    ATT_TRY(att_hm_build(ws, c->instance, &config, out, err));
    *built = out;
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    struct hm_config config;
    const struct hm_trial trial = {ws, c, &config, c->built, c->instance, out};

    ATT_TRY(att_hm_config_read(c->p, &config, err));
    return att_hm_evaluate(&trial, err);
}

/* ---- export ------------------------------------------------------------------------ */

/* Every token of a sequence ends at r u + q v. */
static att_status export_outputs(const struct hm_built *built,
                                 const struct att_sequences *s,
                                 struct att_arena *arena, double *x,
                                 struct att_error *err)
{
    const struct hm_net *net = &built->net;
    const struct hm_outputs out = {ATT_NEW(arena, double, s->n),
                                   ATT_NEW(arena, double, s->n)};
    struct hm_tokens tokens;

    if (out.r == NULL || out.q == NULL)
        return att_arena_fail(arena, "the outputs", err);
    ATT_TRY(att_hm_tokens_make(s, &net->a, arena, &tokens, err));
    const struct hm_batch batch = {&tokens, NULL, s->n};

    ATT_TRY(att_hm_eval_plane(net, &batch, out, arena, err));
    for (size_t j = 0; j < s->n; j++) {
        for (size_t i = s->offset[j]; i < s->offset[j + 1]; i++) {
            for (size_t k = 0; k < s->d; k++) {
                x[i * s->d + k] = out.r[j] * net->u[k] + out.q[j] * net->v[k];
            }
        }
    }
    return ATT_OK;
}

static const char *arithmetic_name(struct att_arena *arena,
                                   const struct att_arithmetic *a)
{
    if (a->kind == ATT_ARITHMETIC_F64)
        return "f64";
    if (a->kind == ATT_ARITHMETIC_F32)
        return "f32";
    if (a->e_max < 1023)
        return a->bits == 11 ? "f16" : "bf16";
    return att_arena_printf(arena, "bits:%d", a->bits);
}

/* A refusal is handed over as a witness: its kind and the two sequences. */
static void export_refusal(const struct hm_verdict *v, struct att_bundle *out)
{
    att_bundle_scalar(out, "err_kind", (double)v->kind);
    att_bundle_scalar(out, "err_i", (double)v->i);
    att_bundle_scalar(out, "err_j", (double)v->j);
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct hm_built *built = c->built;
    const struct att_sequences *s = c->instance;
    const uint64_t shape[] = {s->total, s->d};

    if (built->verdict.kind != HM_BUILT) {
        export_refusal(&built->verdict, &out->witness);
        return ATT_OK;
    }
    ATT_TRY(att_hm_export_layers(&built->net, &out->model, err));
    double *x = att_bundle_add(&out->expected, "outputs", ATT_F64, 2, shape);

    if (x == NULL)
        return att_arena_fail(ws->arena, "the expected outputs", err);
    ATT_TRY(export_outputs(built, s, ws->arena, x, err));
    out->arithmetic = arithmetic_name(ws->arena, &built->net.a);
    out->atol = 16.0 * (double)s->d * att_hm_ulp(&built->net.a) *
                ((double)s->n_classes + built->net.Bq) / built->h_min;
    out->rtol = 0.0;
    out->tolerance_reason =
        "16 d ulp (C + Bq) / h_min: d roundings of an inner product, magnified "
        "by the largest peel weight";
    return ATT_OK;
}

const struct att_construction att_construction_hardmax = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "hardmax",
    .family = "hardmax",
    .source = "Alcalde, Fantuzzi, Zuazua 2025, arXiv 2502.02270 "
              "(reconstruction)",
    .summary = "labels N sequences exactly with at most 2 N + 1 hardmax blocks",
    .version = 1,
    .problem = &att_problem_sequences,
    .bibtex = "@article{alcalde2026exact,\n"
              "  author = {Albert Alcalde and Giovanni Fantuzzi and Enrique "
              "Zuazua},\n"
              "  title = {Exact Sequence Interpolation with Transformers},\n"
              "  journal = {Mathematical Foundations of Machine Learning},\n"
              "  year = {2026},\n"
              "  doi = {10.1007/s44439-026-00005-y},\n"
              "  note = {arXiv:2502.02270}\n"
              "}\n",
    .params = att_hm_params,
    .n_params = HM_PARAMS - ATT_SEQ_PARAMS,
    .metrics = att_hm_metrics,
    .n_metrics = HM_METRICS,
    .observations = att_hm_observations,
    .n_observations = HM_OBSERVATIONS,
    .claims = att_hm_claims,
    .n_claims = HM_CLAIMS,
    .admit = att_sequences_admit,
    .cost = att_hm_cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
