/* selection.c - a one-layer transformer is trained to select tokens.
 *
 * V = W = 0; gradient descent on fresh samples of the square loss.  The models
 * are rungs of a ladder, each one the last one's limit or special case:
 *
 *   full        V and W, samples drawn whole
 *   posonly     V2 = Bx = 0: attention looks at positions alone
 *   rb          tokens integrated out in closed form (Rao-Blackwell)
 *   gram        the same through the Gram matrix of shared encodings
 *   population  what is left in expectation: alpha and gamma
 *   recursion   one-hot encodings: three numbers, no chance at all
 *
 * Notation: L tokens (the paper's T), de encoding dimension (d_e), batch B.
 *
 * Differs: a reconstruction; the paper's sizes, rates and optimiser are not
 * known (docs/theory/selection.md). */
#include <inttypes.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/model/run.h"
#include "selection_observe_priv.h"

static const char *const DECAYS[] = {"constant", "cosine", NULL};
static const char *const ATTENDED[] = {"tokens", "with_query", NULL};
static const char *const TEST_DATA[] = {"same", "gauss", NULL};
static const char *const SINGULAR[] = {"redraw", "least_norm", NULL};
static const char *const SIZES[] = {"q", "test", "any", NULL};

#define OWN(param) [(param)-ATT_SEL_PARAMS]

static const struct att_param PARAMS[SP_PARAMS - ATT_SEL_PARAMS] = {
    OWN(SP_MODEL) = ATT_PARAM_CHOICE(
        "model", ATT_SEEDS_NOTHING, "full", att_sel_model_name,
        "full; posonly; rb, gram: tokens integrated out; population: two "
        "numbers; recursion: one-hot encodings exactly"),
    OWN(SP_PE) = ATT_PARAM_CHOICE(
        "pe", ATT_SEEDS_NOTHING, "spe", att_sel_pe_name,
        "encodings: fresh signs for every sample or every step, fresh "
        "normals, fixed signs, unit vectors, sinusoids, some of a pool of "
        "fixed signs"),
    OWN(SP_QUERY) = ATT_PARAM_CHOICE(
        "query", ATT_SEEDS_NOTHING, "dual", att_sel_query_name,
        "combination of the selected encodings that the query is"),
    OWN(SP_DE) = ATT_PARAM_INTEGER("de", ATT_SEEDS_NOTHING, 64, 1, 8192,
                                   "encoding dimension (the paper's d_e)"),
    OWN(SP_DTYPE) = ATT_PARAM_CHOICE(
        "dtype", ATT_SEEDS_NOTHING, "f64", att_sel_dtype_name,
        "numbers of the training; bf16: what is stored is rounded, weights, "
        "tokens, queries, logits; bf16_mixed: weights have a copy in f32"),
    OWN(SP_OPT) =
        ATT_PARAM_CHOICE("opt", ATT_SEEDS_NOTHING, "sgd", att_sel_opt_name,
                         "optimiser; gd and sgd take the same step"),
    OWN(SP_ETA_V) = ATT_PARAM_REAL("eta_V", ATT_SEEDS_NOTHING, 1, 1e-6, 1e4,
                                   "step size of V"),
    OWN(SP_ETA_W) = ATT_PARAM_REAL("eta_W", ATT_SEEDS_NOTHING, 1, 1e-6, 1e4,
                                   "step size of W"),
    OWN(SP_WARM_UP) =
        ATT_PARAM_INTEGER("warm_up", ATT_SEEDS_NOTHING, 0, 0, 1000000,
                          "steps over which step sizes grow"),
    OWN(SP_DECAY) = ATT_PARAM_CHOICE("decay", ATT_SEEDS_NOTHING, "constant",
                                     DECAYS, "step sizes over the training"),
    OWN(SP_BATCH) = ATT_PARAM_INTEGER("batch", ATT_SEEDS_NOTHING, 256, 1, 65536,
                                      "fresh samples of a step (B)"),
    OWN(SP_STEPS) = ATT_PARAM_INTEGER("steps", ATT_SEEDS_NOTHING, 200, 1,
                                      10000000, "steps of the training"),
    OWN(SP_ATTEND) =
        ATT_PARAM_CHOICE("attend", ATT_SEEDS_NOTHING, "tokens", ATTENDED,
                         "the keys: tokens; the query [0; et] as well"),
    OWN(SP_SIZES) = ATT_PARAM_CHOICE(
        "sizes", ATT_SEEDS_NOTHING, "q", SIZES,
        "selected tokens of a sample: q; 1 .. q at random in tests; 1 .. q in "
        "tests and training"),
    OWN(SP_POOL) = ATT_PARAM_INTEGER(
        "pool", ATT_SEEDS_NOTHING, 256, 2, SEL_LARGEST_POOL,
        "encodings of pe = pool, of which a sample gets some at random"),
    OWN(SP_SINGULAR) = ATT_PARAM_CHOICE(
        "singular", ATT_SEEDS_NOTHING, "redraw", SINGULAR,
        "a dual query of dependent encodings: drawn again; the query of least "
        "norm, which also serves de < q"),
    OWN(SP_SYMMETRISE) = ATT_PARAM_CHOICE(
        "symmetrise", ATT_SEEDS_NOTHING, "none", att_sel_symmetrise_name,
        "after every step: nothing; C becomes gamma I; V too becomes alpha "
        "[I 0], Bx 0"),
    OWN(SP_TEST_DATA) =
        ATT_PARAM_CHOICE("test_data", ATT_SEEDS_NOTHING, "same", TEST_DATA,
                         "tokens of tests: those of the training, or "
                         "independent normals"),
};

/* ---- admit, cost ------------------------------------------------------------------------ */

static att_status admit_encodings(const struct att_value *p,
                                  struct att_error *err)
{
    const enum sel_pe pe = att_sel_pe(p[SP_PE].s);
    const bool recursion = att_sel_model(p[SP_MODEL].s) == SEL_RECURSION;
    const int64_t de = p[SP_DE].i;

    if (recursion && pe != SEL_ONEHOT) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the recursion is about one-hot encodings: pe = onehot "
                        "(got %s)",
                        p[SP_PE].s);
    }
    if (pe == SEL_ONEHOT && !recursion && de < p[ATT_SEL_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "de = %" PRId64 " unit vectors for L = %" PRId64
                        " tokens: take de >= L",
                        de, p[ATT_SEL_L].i);
    }
    if (recursion && !(att_text_same(p[SP_ATTEND].s, "tokens") &&
                       att_text_same(p[SP_SIZES].s, "q") &&
                       att_text_same(p[SP_SYMMETRISE].s, "none"))) {
        return att_fail(
            err, ATT_E_INFEASIBLE,
            "the recursion is about q selected tokens, no other keys "
            "and its own symmetry: attend = tokens, sizes = q, "
            "symmetrise = none (got %s, %s, %s)",
            p[SP_ATTEND].s, p[SP_SIZES].s, p[SP_SYMMETRISE].s);
    }
    if (pe == SEL_SINUSOID && de < 2)
        return att_fail(err, ATT_E_INFEASIBLE, "sinusoids need de >= 2");
    if (pe == SEL_POOL && p[SP_POOL].i < p[ATT_SEL_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "a pool of %" PRId64 " encodings for L = %" PRId64
                        " tokens: take pool >= L",
                        p[SP_POOL].i, p[ATT_SEL_L].i);
    }
    if (att_sel_query(p[SP_QUERY].s) == SEL_DUAL && !recursion &&
        att_text_same(p[SP_SINGULAR].s, "redraw") && de < p[ATT_SEL_Q].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "q = %" PRId64 " encodings of de = %" PRId64
                        " coordinates have no dual: take de >= q, or singular "
                        "= least_norm",
                        p[ATT_SEL_Q].i, de);
    }
    return ATT_OK;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const enum sel_model m = att_sel_model(p[SP_MODEL].s);

    ATT_TRY(att_selection_admit(p, err));
    if (m == SEL_RECURSION && att_text_same(p[ATT_SEL_DATA].s, "ar1")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the recursion is about independent tokens: take "
                        "another model for ar1");
    }
    if (m == SEL_GRAM && att_sel_is_own(att_sel_pe(p[SP_PE].s))) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the Gram trick needs encodings that a batch shares: "
                        "pe = spe_step or fixed (got %s)",
                        p[SP_PE].s);
    }
    return admit_encodings(p, err);
}

static struct att_cost cost(const struct att_value *p)
{
    const bool recursion = att_sel_model(p[SP_MODEL].s) == SEL_RECURSION;
    const double L = (double)p[ATT_SEL_L].i, d = (double)p[ATT_SEL_D].i;
    const double de = recursion ? L : (double)p[SP_DE].i;
    const double n = (double)p[ATT_SEL_SAMPLES].i;
    const double test = fmax(L, fmin(SEL_LONGEST * L, SEL_LONGEST_TOKENS));
    const enum sel_pe pe = att_sel_pe(p[SP_PE].s);

    return (struct att_cost){
        .flops = (double)p[SP_STEPS].i * att_sel_step_flops(p) +
                 n * 1.5 * test * (de / 4.0 + 40.0 * d + 80.0) +
                 4.0 * n * de * 60.0,
        .bytes = att_sel_train_bytes(p) + att_sel_codes_bytes(pe, test, de) +
                 8.0 * test * (d + 5.0) + 12.0 * n +
                 /* an audit's four samples and weights, as numbers */
                 4.0 * (att_sel_codes_bytes(pe, L, de) + 20.0 * L * de) +
                 40.0 * (d + de) * (d + de)};
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct sel_trained *t = NULL;

    ATT_TRY(att_sel_train(ws, c, &t, err));
    *built = t;
    return ATT_OK;
}

/* ---- metrics ------------------------------------------------------------------------------- */

static void out_training(const struct att_case *c, const struct sel_trained *t,
                         struct att_outcome *out)
{
    const struct sel_line *last = &t->last;

    att_sel_out(out, SM_REL_BATCH, att_sel_over_unit(t, last->batch.loss));
    att_sel_out(out, SM_ALPHA, last->gauges.alpha);
    att_sel_out(out, SM_GAMMA, last->gauges.gamma);
    att_sel_out(out, SM_ALPHA_MAX, t->alpha_max);
    att_sel_out(out, SM_COS_V, last->gauges.cosV);
    att_sel_out(out, SM_COS_W, last->gauges.cosW);
    att_sel_out(out, SM_V2, last->gauges.V2);
    att_sel_out(out, SM_BX, last->gauges.Bx);
    att_sel_out(out, SM_COFF, last->gauges.Coff);
    att_sel_out(out, SM_T_GAMMA1, t->t_gamma1);
    att_sel_out(out, SM_GNORM_V, last->batch.gnorm_V);
    att_sel_out(out, SM_GNORM_W, last->batch.gnorm_W);
    att_sel_out(out, SM_GNORM_W0, t->first.batch.gnorm_W);
    att_sel_out(out, SM_FLOPS,
                (double)c->p[SP_STEPS].i * att_sel_step_flops(c->p));
    att_sel_out(out, SM_NORMALS, t->normals);
    if (t->seconds > 0.0)
        att_sel_out(out, SM_NORMALS_PER_S, t->normals / t->seconds);
}

static void out_predictions(const struct att_case *c,
                            const struct sel_trained *t,
                            struct att_outcome *out)
{
    const struct att_selection *task = &t->law.task;
    const double L = (double)task->L, q = (double)task->q;
    const double de = (double)t->law.de, own_de = (double)c->p[SP_DE].i;
    const double noise = (double)task->d * task->noise_sd * task->noise_sd;

    att_sel_out(out, SM_T0_PRED, att_sel_t0(c, t));
    att_sel_out(
        out, SM_L_PRED,
        att_sel_predicted_loss(c, t, t->last.step, t->last.gauges.gamma));
    att_sel_out(out, SM_ALPHA_PRED, t->last.predicted.alpha);
    att_sel_out(out, SM_GAMMA_PRED, t->last.predicted.gamma);
    att_sel_out(out, SM_COS_W_PRED,
                fmin(1.0, sqrt(att_sel_rows(&t->law) / de)));
    att_sel_out(out, SM_FLOOR_PRED, (L - q) / q * exp(-own_de / (2.0 * q)));
    att_sel_out(out, SM_NOISE_PRED, 0.5 * noise);
}

static void out_scores(const struct sel_trained *t, const struct sel_scores *r,
                       struct att_outcome *out)
{
    att_sel_out(out, SM_LOSS, r->loss);
    att_sel_out(out, SM_REL_ERR, r->rel_err);
    att_sel_out(out, SM_MEDIAN, r->median);
    att_sel_out(out, SM_P99, r->p99);
    att_out_int(out, SM_DRAWS, (int64_t)t->law.task.samples);
    att_sel_out(out, SM_MASS, r->mass_in);
    att_sel_out(out, SM_MASS_MIN, r->mass_in_min);
    att_sel_out(out, SM_CV, r->cv);
    att_sel_out(out, SM_EXACT, r->exact);
    att_sel_out(out, SM_HARD, r->rel_hard);
    att_sel_out(out, SM_REFIT, r->rel_refit);
    att_sel_out(out, SM_MARGIN, r->margin);
    att_sel_out(out, SM_OVERLAP, r->overlap);
    att_out_int(out, SM_REDRAW, t->n_redraw + r->n_redraw);
    if (t->net.out) {
        att_sel_out(out, SM_LOSS_MC, r->loss_tokens);
        att_sel_out(out, SM_LOSS_MC_SE, r->loss_tokens_se);
    }
    if (t->law.task.noise_sd > 0.0) {
        att_sel_out(out, SM_NOISE_GAIN, r->noise_gain);
        att_sel_out(out, SM_NOISE_GAIN_SE, r->noise_gain_se);
    }
}

static att_status out_audit(const struct sel_trained *t,
                            struct att_arena *arena, struct att_outcome *out,
                            struct att_error *err)
{
    struct sel_audit a;

    ATT_TRY(att_sel_audit(t, arena, &a, err));
    att_sel_out(out, SM_PAIR_GAP, a.pair_gap);
    att_sel_out(out, SM_MIRROR_GAP, a.mirror_gap);
    att_out_int(out, SM_PREFIX, a.prefix);
    return ATT_OK;
}

static int64_t count_parameters(const struct sel_net *net)
{
    const size_t d = net->d, de = net->de, D = d + de;

    return (int64_t)(net->out ? d * d + de * de : d * D + D * de);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct sel_trained *t = c->built;
    struct sel_test x = {
        .c = c, .t = t, .arena = ws->arena, .law = att_sel_test_law(&t->law)};
    const struct sel_probe probe = {.law = &x.law,
                                    .net = &t->net,
                                    .n = x.law.task.samples,
                                    .factor = 1.0,
                                    .tokens = true};
    struct sel_scores r;
    double annealed = (double)NAN;

    out_training(c, t, out);
    out_predictions(c, t, out);
    ATT_TRY(att_sel_probe(&probe, ws->arena, &r, err));
    out_scores(t, &r, out);
    ATT_TRY(att_sel_predict(&x, t->last.gauges.gamma, &annealed, err));
    att_sel_out(out, SM_ANNEALED, annealed);
    att_out_int(out, SM_PARAMS, count_parameters(&t->net));
    ATT_TRY(out_audit(t, ws->arena, out, err));
    att_sel_observe_steps(c, t, out);
    ATT_TRY(att_sel_observe_lengths(&x, out, err));
    return att_sel_observe_sets(&x, out, err);
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct sel_trained *t = c->built;
    const struct sel_law law = att_sel_test_law(&t->law);

    (void)ws;
    return att_sel_export(&law, &t->net, out, err);
}

const struct att_construction att_construction_selection = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "selection",
    .family = "selection",
    .source = "Wang, Wei, Hsu, Lee 2024, arXiv 2406.06893 (reconstruction); "
              "docs/theory/selection.md",
    .summary = "one attention layer trained to average the tokens that its "
               "query names",
    .version = 1,
    .problem = &att_problem_token_selection,
    .bibtex = SEL_BIBTEX,
    .params = PARAMS,
    .n_params = SP_PARAMS - ATT_SEL_PARAMS,
    .metrics = att_sel_metrics,
    .n_metrics = SEL_METRICS,
    .observations = att_sel_observations,
    .n_observations = SEL_OBSERVATIONS,
    .claims = att_sel_claims,
    .n_claims = SEL_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
