/* memorization_evaluate.c - the columns of a row: sizes, theory, certificate,
 * counts, and the measurements of the other files. */
#include "memorization_config_priv.h"

#include <math.h>

#include "attest/base/text.h"

/* ---- the arithmetic of the row ------------------------------------------------ */

static void project_typed(const struct mem_trial *t, struct att_dd *p)
{
    const struct mem_built *b = t->b;

    for (size_t i = 0; i < b->data.ids.n_tokens; i++) {
        p[i] = b->config.dtype == MEM_F64
                   ? att_dd_from(b->build.at.p[i])
                   : att_mem_typed_dot(b->config.dtype, b->build.at.v,
                                       b->data.vocab + i * b->data.in->d,
                                       b->data.in->d);
    }
}

att_status att_mem_trial_init(struct mem_trial *t, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct mem_ids *ids = &t->b->data.ids;
    struct att_dd *p = ATT_NEW(arena, struct att_dd, ids->n_tokens);
    struct att_dd *z = ATT_NEW(arena, struct att_dd, ids->n);
    struct att_dd *row = ATT_NEW(arena, struct att_dd, ids->longest);
    const enum mem_dtype dtype = t->b->config.dtype;

    if (p == NULL || z == NULL || row == NULL)
        return att_arena_fail(arena, "the ids in dtype", err);
    t->typed = (struct mem_typed){
        dtype, att_mem_typed_round(dtype, att_dd_from(t->b->build.lambda)),
        att_mem_typed_round(dtype, att_dd_from(t->b->build.rho))};
    project_typed(t, p);
    t->p = p;
    const struct mem_walk walk = {&t->typed, ids, p, row};

    att_mem_typed_ids(&walk, att_mem_typed_z, z);
    t->z = z;
    return att_mem_lookup_make(dtype, z, ids->n, arena, &t->lookup, err);
}

/* ---- columns that need no evaluation ------------------------------------------- */

static void report_refusal(const struct mem_trial *t)
{
    const struct mem_refusal *r = &t->b->refusal;
    const struct att_token_labels *in = t->c->instance;

    att_out_text(t->out, MEM_M_ERR_KIND, att_mem_refusal_text(r->kind));
    if (r->kind != MEM_BUILT) {
        att_out_int(t->out, MEM_M_ERR_A, (int64_t)r->a);
        att_out_int(t->out, MEM_M_ERR_B, (int64_t)r->b);
        att_out_text(t->out, MEM_M_CERTIFICATE, r->text);
    }
    att_out_text(t->out, MEM_M_EXPECTED_KIND, in->planted);
    if (in->planted[0] != '\0') {
        att_out_int(t->out, MEM_M_EXPECTED_A, (int64_t)in->planted_a);
        att_out_int(t->out, MEM_M_EXPECTED_B, (int64_t)in->planted_b);
    }
}

static void report_theory(const struct mem_trial *t)
{
    const struct mem_data *data = &t->b->data;
    const struct mem_extent e = {data->in->l, data->in->d, data->ids.n_tokens,
                                 data->eps,   data->r_min, data->r_max};
    const struct mem_theory theory = att_mem_theory(&e, false);
    const double n = (double)data->in->n, l = (double)data->in->l;

    att_out_real(t->out, MEM_M_BITS_LAW, 2.022 * log2(n * l) - 2.617);
    att_out_finite(t->out, MEM_M_LOG2_LAMBDA_T2, theory.log2_lambda);
    att_out_finite(t->out, MEM_M_MAX_LOGIT_T2, theory.max_logit);
    att_out_finite(t->out, MEM_M_LOG2_DELTA_T2, theory.log2_delta);
    att_out_finite(t->out, MEM_M_BITS_T2, log2(theory.r) - theory.log2_delta);
}

static void report_data(const struct mem_trial *t)
{
    const struct mem_data *data = &t->b->data;

    att_out_int(t->out, MEM_M_M, (int64_t)data->ids.n_tokens);
    att_out_int(t->out, MEM_M_T, (int64_t)data->ids.n);
    att_out_finite(t->out, MEM_M_EPS_DATA, data->eps);
    att_out_real(t->out, MEM_M_R_MIN, data->r_min);
    att_out_real(t->out, MEM_M_R_MAX, data->r_max);
}

static void report_build(const struct mem_trial *t)
{
    const struct mem_build *b = &t->b->build;

    att_out_real(t->out, MEM_M_LOGIT_SCALE, b->lambda);
    att_out_real(t->out, MEM_M_KAPPA, b->kappa);
    att_out_real(t->out, MEM_M_RHO, b->rho);
    att_out_finite(t->out, MEM_M_RHO_MULT, b->rho_mult);
    att_out_finite(t->out, MEM_M_BITS_CERTIFIED, b->bits_certified);
    att_out_real(t->out, MEM_M_MAX_Z, b->max_z);
    att_out_int(t->out, MEM_M_V_DRAWS, (int64_t)b->n_draws);
    if (b->v_tries > 0)
        att_out_int(t->out, MEM_M_V_TRIES, (int64_t)b->v_tries);
    att_out_real(t->out, MEM_M_T_BUILD, t->b->build_s);
    att_out_real(t->out, MEM_M_T_SEARCH, t->b->search_s);
}

/* ---- the certificate ------------------------------------------------------------ */

static void report_pair(const struct mem_trial *t)
{
    const struct mem_certificate *cert = &t->b->certificate;
    const size_t l = t->b->data.in->l;
    const size_t a = t->b->data.place[cert->pair_a];
    const size_t b = t->b->data.place[cert->pair_b];

    att_out_int(t->out, MEM_M_PAIR_SEQ_A, (int64_t)(a / l));
    att_out_int(t->out, MEM_M_PAIR_TOK_A, (int64_t)(a % l));
    att_out_int(t->out, MEM_M_PAIR_SEQ_B, (int64_t)(b / l));
    att_out_int(t->out, MEM_M_PAIR_TOK_B, (int64_t)(b % l));
    att_out_real(t->out, MEM_M_MIN_GAP, cert->gap);
    if (cert->gap > 0.0) {
        const double bits = -log2(cert->gap / t->b->build.max_z);

        att_out_real(t->out, MEM_M_BITS, bits);
        att_out_real(t->out, MEM_M_SLACK,
                     (double)att_mem_dtype_bits(t->b->config.dtype) - bits);
    }
}

/* Input perturbations: |dz| <= |dx| (1 + rho (1 + lambda max|p| range / 2 +
 * lambda range^2 / 4)) to first order, the weights moving s by its spread. */
static double lipschitz(const struct mem_build *b)
{
    const double range = b->at.p_max - b->at.p_min;

    return 1.0 + b->rho * (1.0 + b->lambda * range *
                                     (b->at.high / 2.0 + range / 4.0));
}

/* Smallest distance of neighbouring ids in dtype; 0 with a NaN among them. */
static double typed_gap(const struct mem_lookup *l)
{
    double gap = (double)INFINITY;

    for (size_t j = 0; j + 1 < l->n; j++) {
        const double d = att_dd_sub(l->code[j + 1].z, l->code[j].z).hi;

        gap = isnan(d) ? 0.0 : fmin(gap, d);
    }
    return l->n > 0 && isnan(l->code[l->n - 1].z.hi) ? 0.0 : gap;
}

static size_t count_distinct(const struct mem_lookup *l)
{
    size_t n = 0;

    for (size_t j = 0; j < l->n && !isnan(l->code[j].z.hi); j++)
        n += j == 0 || att_dd_compare(l->code[j].z, l->code[j - 1].z) != 0;
    return n;
}

static double error_bound(const struct mem_trial *t)
{
    const struct mem_noise noise = {
        ldexp(1.0, -att_mem_dtype_bits(t->b->config.dtype)),
        t->b->build.kappa,
        t->b->build.rho,
        t->b->build.at.high,
        t->b->build.max_z,
        att_mem_depth_plain(t->b->data.ids.longest)};

    return att_mem_error_bound(&noise);
}

static void report_sentence(const struct mem_trial *t, double gap, double e)
{
    const struct mem_certificate *cert = &t->b->certificate;
    const size_t l = t->b->data.in->l;
    const size_t a = t->b->data.place[cert->pair_a];
    const size_t b = t->b->data.place[cert->pair_b];
    const char *why = gap < 4.0 * e ? "<"
                                    : "and the referee sees another "
                                      "order, in spite of";

    att_out_text(t->out, MEM_M_CERTIFICATE,
                 att_arena_printf(t->ws->arena,
                                  "context ids not separated: (seq %zu,tok "
                                  "%zu) and (seq %zu,tok %zu), gap %.3g %s 4E "
                                  "= %.3g",
                                  a / l, a % l, b / l, b % l, gap, why,
                                  4.0 * e));
}

static void report_certificate(const struct mem_trial *t)
{
    const struct mem_certificate *cert = &t->b->certificate;
    const double e = error_bound(t), gap = typed_gap(&t->lookup);
    const bool certified = gap >= 4.0 * e && cert->agrees;

    att_out_text(t->out, MEM_M_REFEREE, cert->referee);
    att_out_int(t->out, MEM_M_REFEREE_PAIRS, (int64_t)cert->n_checked);
    att_out_int(t->out, MEM_M_REFEREE_AGREES, cert->agrees);
    att_out_int(t->out, MEM_M_IDS_RESOLVED, (int64_t)cert->n_resolved);
    att_out_int(t->out, MEM_M_IDS_DISTINCT,
                (int64_t)count_distinct(&t->lookup));
    att_out_real(t->out, MEM_M_E_BOUND, e);
    att_out_int(t->out, MEM_M_CERTIFIED, certified);
    if (t->b->data.ids.n < 2) {
        att_out_text(t->out, MEM_M_CERTIFICATE, "");
        return;
    }
    att_out_real(t->out, MEM_M_GAP_DTYPE, gap);
    report_pair(t);
    att_out_real(t->out, MEM_M_RADIUS,
                 fmax(0.0, cert->gap) / (2.0 * lipschitz(&t->b->build)));
    if (certified) {
        att_out_text(t->out, MEM_M_CERTIFICATE, "");
    } else {
        report_sentence(t, gap < cert->gap ? gap : cert->gap, e);
    }
}

/* ---- the network ------------------------------------------------------------------- */

/* Units of literal sums that are worth their time. */
enum { MOST_RELU_WORK = 30000000 };

static void report_ffn(const struct mem_trial *t, const struct mem_knots *k)
{
    const enum mem_dtype dtype = t->b->config.dtype;
    const enum mem_ffn_kind kind = t->b->config.ffn;
    const double work = (double)k->n * (double)k->n * (double)k->d_out;

    if ((dtype == MEM_F64 || dtype == MEM_F32) && work < MOST_RELU_WORK) {
        att_out_finite(t->out, MEM_M_FFN_MAX_ERR,
                       att_mem_relu_error(k, kind, dtype == MEM_F32));
    }
    att_out_finite(t->out, MEM_M_FFN_ERR_FAST, att_mem_fast_error(k, kind));
    if (kind == MEM_PLATEAU)
        att_out_finite(t->out, MEM_M_FFN_ERR_CLAMP, att_mem_clamp_error(k));
}

static att_status report_network(const struct mem_trial *t,
                                 struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(t->ws->arena);
    struct mem_exported exported;
    struct mem_knots k;
    struct att_artifact a;
    const char *kind = "";
    const struct att_value *p = t->c->p;
    const int64_t d = p[ATT_TL_D].i;

    att_artifact_init(&a, t->ws->arena);
    ATT_TRY(att_mem_knots_label(t->b, &t->lookup, t->ws->arena, &k, err));
    if (k.n > 0) {
        ATT_TRY(att_mem_export_layers(t->b, &k, &a.model, &exported, err));
        const uint64_t attn = att_layer_parameters(&a.model.layer[0]);
        const uint64_t ffn = att_layer_parameters(&a.model.layer[1]);
        const char *act =
            att_layer_get_text(&a.model.layer[1], "activation", "relu");

        att_out_int(t->out, MEM_M_PARAMS_ATTN, (int64_t)attn);
        att_out_int(t->out, MEM_M_PARAMS_FFN, (int64_t)ffn);
        att_out_int(t->out, MEM_M_PARAMS_USED, (int64_t)(attn + ffn));
        kind = t->b->config.ffn == MEM_INTERP ? "interp" : "plateau";
        if (att_text_same(act, "clamp"))
            kind = "plateau_clamp";
        report_ffn(t, &k);
    }
    att_out_int(t->out, MEM_M_PARAMS_THEOREM,
                4 * (p[MEM_HEAD].i + d) +
                    d * (2 * p[ATT_TL_N].i * p[ATT_TL_L].i + d));
    att_arena_rewind(t->ws->arena, mark);
    att_out_text(t->out, MEM_M_FFN_KIND, kind); /* a copy in the arena */
    return ATT_OK;
}

static void report_work(const struct mem_trial *t)
{
    const struct mem_ids *ids = &t->b->data.ids;
    const double m = (double)ids->n_tokens, d = (double)t->b->data.in->d;
    const double pairs = (double)ids->n_pairs, n = (double)ids->n;

    att_out_real(t->out, MEM_M_FLOPS,
                 2.0 * m * d + 6.0 * pairs + n * log2(fmax(n, 2.0)));
    att_out_real(t->out, MEM_M_BYTES,
                 8.0 * m * d + 4.0 * (double)ids->start[ids->n_contexts] +
                     16.0 * n);
}

att_status att_mem_evaluate(struct mem_trial *t, struct att_error *err)
{
    report_refusal(t);
    if (t->b->refusal.kind != MEM_BUILT)
        return ATT_OK;
    report_data(t);
    report_theory(t);
    report_build(t);
    report_work(t);
    ATT_TRY(att_mem_trial_init(t, err));
    report_certificate(t);
    ATT_TRY(report_network(t, err));
    t->ws->progress(t->ws->context, "recall", 0.3);
    ATT_TRY(att_mem_measure_recall(t, err));
    ATT_TRY(att_mem_measure_evaluators(t, err));
    ATT_TRY(att_mem_measure_invariance(t, err));
    ATT_TRY(att_mem_measure_same_token(t, err));
    ATT_TRY(att_mem_measure_readout(t, err));
    t->ws->progress(t->ws->context, "window", 0.8);
    return att_mem_observe_window(t, err);
}
