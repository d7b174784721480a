/* selection_explicit.c - the network that training finds, written down:
 *
 *   V = [I 0],  Bx = 0,  C = gamma I,  query et = dual vector of the selected
 *
 * so that selected tokens all have the logit gamma and the others gamma
 * <e_i, et>.  At omega = max off y of <e_i, et> < 1 the mass off y is at most
 * delta = ((L - q)/q) exp(-gamma (1 - omega)) and rel_err <= delta^2 L/(L - q).
 *
 * Source: section 4.1 of the reconstruction, docs/theory/selection.md. */
#include "selection_explicit_priv.h"

#include <inttypes.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "attest/linalg/vector.h"
#include "attest/model/run.h"

#define OWN(param) [(param)-ATT_SEL_PARAMS]

static const struct att_param PARAMS[SE_PARAMS - ATT_SEL_PARAMS] = {
    OWN(SE_PE) = ATT_PARAM_CHOICE("pe", ATT_SEEDS_NOTHING, "spe",
                                  att_sel_pe_name, "encodings"),
    OWN(SE_QUERY) = ATT_PARAM_CHOICE(
        "query", ATT_SEEDS_NOTHING, "dual", att_sel_query_name,
        "combination of the selected encodings that the query is"),
    OWN(SE_DE) = ATT_PARAM_INTEGER("de", ATT_SEEDS_NOTHING, 64, 1, 8192,
                                   "encoding dimension (the paper's d_e)"),
    OWN(SE_SCALE) = ATT_PARAM_REAL("logit_scale", ATT_SEEDS_NOTHING, 8, 0, 1000,
                                   "gamma, the scale of the logits"),
    OWN(SE_EPS) = ATT_PARAM_REAL("eps", ATT_SEEDS_NOTHING, 1e-3, 1e-12, 1,
                                 "rel_err asked for, of the width law"),
};

#define COUNT(name_, doc_)                                                     \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }
#define REAL_BY(name_, by_, doc_)                                              \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = 1e-6, .predicted_by = (by_)                               \
    }
#define REAL(name_, doc_) REAL_BY(name_, NULL, doc_)
#define LAW(name_, doc_, formula_)                                             \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_ROUNDED,                  \
        .tolerance = 1e-6, .formula = (formula_)                               \
    }

static const struct att_metric METRICS[SEL_EXPLICIT_METRICS] = {
    [SEM_LOSS] = REAL("loss", "E |f - g|^2 / 2, tokens integrated out"),
    [SEM_REL_ERR] = REAL_BY("rel_err", "rel_pred_annealed",
                            "E |f - g|^2 over d/q; 1: the trivial predictor"),
    [SEM_MEDIAN] = REAL("rel_err_median", "median over encodings"),
    [SEM_P99] = REAL("rel_err_p99", "99 % quantile over encodings"),
    [SEM_DRAWS] = COUNT("n_draws", "draws of encodings and subsets"),
    [SEM_MASS] = REAL("mass_in", "attention on y, mean"),
    [SEM_MASS_MIN] = REAL("mass_in_min", "attention on y, least"),
    [SEM_CV] = REAL("within_y_cv", "std/mean of the attention within y"),
    [SEM_EXACT] = REAL("topq_exact", "share of draws whose q largest logits "
                                     "are y"),
    [SEM_HARD] = REAL("rel_err_hard", "of the mean of the q largest logits"),
    [SEM_REFIT] = REAL("rel_err_refit", "after the best factor on f"),
    [SEM_MARGIN] = REAL("margin", "worst margin of the logits"),
    [SEM_OVERLAP] = REAL("max_out_overlap", "largest <e_i, et> off y"),
    [SEM_REDRAW] = COUNT("n_redraw", "draws refused for a singular Gram "
                                     "matrix"),
    [SEM_PARAMS] = COUNT("params_used", "parameters of the exported network"),
    [SEM_MIN] = REAL_BY("rel_err_min", "floor_pred",
                        "least rel_err over logit scales 1/2 .. max(64, 2 "
                        "gamma*)"),
    [SEM_BEST] = REAL_BY("gamma_best", "gamma_star", "where that is"),
    [SEM_AT_32] = REAL("rel_err_32", "rel_err at logit scale 32"),
    [SEM_BOUND] = LAW("rel_bound_expr",
                      "mean of delta^2 L/(L - q): no larger rel_err", NULL),
    [SEM_ANNEALED] =
        LAW("rel_pred_annealed", "annealed formula at logit_scale", NULL),
    [SEM_FLOOR] = LAW("floor_pred", "((L - q)/q) exp(-de/(2q))",
                      "(L - q) / q * exp(-de / (2 * q))"),
    [SEM_BEST_PRED] = LAW("gamma_star", "de/(2q)", "de / (2 * q)"),
    [SEM_DE_PRED] =
        LAW("de_pred", "2q ln(L/(q eps))", "2 * q * ln(L / (q * eps))"),
};

static const struct att_metric OBSERVATIONS[SEL_EXPLICIT_OBSERVATIONS] = {
    [SEO_SCALE] = {.name = "logit_scale",
                   .unit = "1",
                   .doc = "gamma, on the same draws",
                   .kind = ATT_REAL,
                   .role = ATT_ROLE_AXIS,
                   .exactness = ATT_EXACT},
    [SEO_REL_ERR] = REAL("rel_err", "mean over encodings"),
    [SEO_MEDIAN] = REAL("rel_err_median", "median over encodings"),
    [SEO_P99] = REAL("rel_err_p99", "99 % quantile over encodings"),
    [SEO_ANNEALED] = LAW("rel_pred_annealed", "annealed formula", NULL),
};

/* ---- admit, cost -------------------------------------------------------------------- */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const enum sel_pe pe = att_sel_pe(p[SE_PE].s);
    const int64_t de = p[SE_DE].i;

    ATT_TRY(att_selection_admit(p, err));
    if (!att_text_same(p[ATT_SEL_DATA].s, "gauss")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "normal tokens are integrated out: data = gauss (got "
                        "%s)",
                        p[ATT_SEL_DATA].s);
    }
    if (pe == SEL_POOL) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "pe = pool is about trainings: without one its "
                        "encodings are those of spe");
    }
    if (pe == SEL_ONEHOT && de < p[ATT_SEL_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "de = %" PRId64 " unit vectors for L = %" PRId64
                        " tokens: take de >= L",
                        de, p[ATT_SEL_L].i);
    }
    if (pe == SEL_SINUSOID && de < 2)
        return att_fail(err, ATT_E_INFEASIBLE, "sinusoids need de >= 2");
    if (att_sel_query(p[SE_QUERY].s) == SEL_DUAL && de < p[ATT_SEL_Q].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "q = %" PRId64 " encodings of de = %" PRId64
                        " coordinates have no dual: take de >= q",
                        p[ATT_SEL_Q].i, de);
    }
    return ATT_OK;
}

enum { SCAN = 40 }; /* most scales of a scan, three an octave */

static struct att_cost cost(const struct att_value *p)
{
    const double L = (double)p[ATT_SEL_L].i, de = (double)p[SE_DE].i;
    const double n = (double)p[ATT_SEL_SAMPLES].i;
    const double d = (double)p[ATT_SEL_D].i, q = (double)p[ATT_SEL_Q].i;
    const enum sel_pe pe = att_sel_pe(p[SE_PE].s);

    return (struct att_cost){
        .flops = n * (L * (de / 2.0 + SCAN * 12.0 + 60.0) + 60.0 * de * SCAN),
        .bytes = 8.0 * de * de + 2.0 * att_sel_batch_bytes(pe, 1, L, de, q) +
                 8.0 * n * (SCAN + 20.0) + 8.0 * L * (d + 8.0) + 24.0 * de +
                 65536.0};
}

/* ---- build: the network --------------------------------------------------------------- */

struct built {
    struct sel_law law;
    struct sel_net net;
};

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_selection *task = c->instance;
    const size_t de = (size_t)c->p[SE_DE].i;
    struct built *b = ATT_NEW(ws->arena, struct built, 1);
    const struct att_mat W = att_mat_new(ws->arena, de, de);

    if (b == NULL || W.data == NULL)
        return att_arena_fail(ws->arena, "the network", err);
    for (size_t j = 0; j < de; j++)
        att_mat_row(W, j)[j] = c->p[SE_SCALE].r;
    *b = (struct built){
        .law = {.task = *task,
                .pe = att_sel_pe(c->p[SE_PE].s),
                .query = att_sel_query(c->p[SE_QUERY].s),
                .de = de,
                .seed = ws->builder_seed},
        .net = {.d = task->d, .de = de, .out = true, .alpha = 1.0, .W = W}};
    if (b->law.pe == SEL_SPE_STEP)
        b->law.pe = SEL_SPE; /* one step: the samples' own encodings */
    *built = b;
    return ATT_OK;
}

/* ---- scales --------------------------------------------------------------------------- */

/* Errors of every draw at several scales. */
struct scan {
    const struct sel_law *law;
    const double *scale; /* [n_scales] */
    size_t n_scales, n;
    double *error; /* [n_scales, n], sorted afterwards */
    double *mean;  /* [n_scales] */
};

/* rel_err of overlaps rho at a scale; s is scratch [L]. */
static double error_at(const struct sel_law *law, const uint32_t *y,
                       const double *rho, double scale, double *s)
{
    const size_t L = law->task.L, q = law->task.q;
    const double u = 1.0 / (double)q;
    const double most = scale * att_max(L, rho);
    double error = 0.0;
    size_t next = 0;

    for (size_t i = 0; i < L; i++)
        s[i] = scale * rho[i] - most;
    att_vexp(L, s, s);
    const double by = 1.0 / att_sum(L, s);

    for (size_t i = 0; i < L; i++) {
        const bool in = next < q && y[next] == i;
        const double off = by * s[i] - (in ? u : 0.0);

        error += off * off;
        next += in;
    }
    return (double)q * error;
}

static att_status run_scan(struct scan *x, struct att_arena *arena,
                           struct att_error *err)
{
    const struct sel_law *law = x->law;
    struct sel_batch batch;
    double *rho = ATT_NEW(arena, double, law->task.L);
    double *s = ATT_NEW(arena, double, law->task.L);
    double *et = ATT_NEW(arena, double, law->de);

    x->error = ATT_NEW(arena, double, x->n_scales * x->n);
    x->mean = ATT_NEW0(arena, double, x->n_scales);
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a scan of scales", err);
    ATT_TRY(att_sel_batch_new(law, 1, law->task.L, arena, &batch, err));
    for (uint32_t b = 0; b < x->n; b++) {
        ATT_TRY(att_sel_batch_draw(law, ATT_SELECTION_FRESH, b, &batch, err));
        att_sel_batch_query(law, &batch, 0, et);
        att_sel_codes_apply(&batch.codes[0], et, rho);
        for (size_t k = 0; k < x->n_scales; k++) {
            const double e = error_at(law, batch.y, rho, x->scale[k], s);

            x->error[k * x->n + b] = e;
            x->mean[k] += e / (double)x->n;
        }
    }
    for (size_t k = 0; k < x->n_scales; k++)
        (void)att_sort(x->error + k * x->n, x->n);
    return ATT_OK;
}

/* 1/2 .. max(64, 2 gamma*), three an octave. */
static size_t own_scales(double best, double *out)
{
    const double most = fmax(64.0, 2.0 * best) * (1.0 + 1e-9);
    size_t n = 0;

    while (n < SCAN && 0.5 * exp2((double)n / 3.0) <= most) {
        out[n] = 0.5 * exp2((double)n / 3.0);
        n++;
    }
    return n;
}

static att_status predict(const struct sel_law *law, double scale,
                          struct att_arena *arena, double *out,
                          struct att_error *err)
{
    const struct sel_annealed x = {law, law->task.samples, arena};

    *out = (double)NAN;
    if (law->pe != SEL_SPE || law->query != SEL_DUAL)
        return ATT_OK;
    return att_sel_annealed(&x, (struct sel_pair){1.0, scale},
                            (double)law->task.L, out, err);
}

/* The least error of the own scan, and the error at 32. */
static att_status out_scan(const struct sel_law *law, struct att_arena *arena,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const double star = (double)law->de / (2.0 * (double)law->task.q);
    double scale[SCAN] = {0};
    struct scan x = {.law = law, .scale = scale, .n = law->task.samples};
    size_t best = 0;

    x.n_scales = own_scales(star, scale);
    ATT_TRY(run_scan(&x, arena, err));
    for (size_t k = 0; k < x.n_scales; k++) {
        if (x.mean[k] < x.mean[best])
            best = k;
        if (fabs(scale[k] - 32.0) < 1e-9)
            att_out_finite(out, SEM_AT_32, x.mean[k]);
    }
    att_out_finite(out, SEM_MIN, x.mean[best]);
    att_out_finite(out, SEM_BEST, scale[best]);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static att_status observe(const struct att_case *c, const struct sel_law *law,
                          struct att_arena *arena, struct att_outcome *out,
                          struct att_error *err)
{
    static const double OWN_LINES[] = {2, 4, 6, 8, 12, 16, 32};
    struct scan x = {.law = law, .n = law->task.samples};

    x.scale = att_case_observe_or(
        c, "logit_scale",
        (struct att_own_grid){OWN_LINES, sizeof OWN_LINES / sizeof *OWN_LINES},
        arena, &x.n_scales);
    if (x.scale == NULL)
        return att_arena_fail(arena, "the observed scales", err);
    ATT_TRY(run_scan(&x, arena, err));
    for (size_t k = 0; k < x.n_scales; k++) {
        const double *error = x.error + k * x.n;
        double line[SEL_EXPLICIT_OBSERVATIONS] = {
            [SEO_SCALE] = x.scale[k],
            [SEO_REL_ERR] = x.mean[k],
            [SEO_MEDIAN] = att_quantile(error, x.n, 0.5),
            [SEO_P99] = att_quantile(error, x.n, 0.99)};

        ATT_TRY(predict(law, x.scale[k], arena, &line[SEO_ANNEALED], err));
        att_out_observe(out, line);
    }
    return ATT_OK;
}

/* ---- evaluate --------------------------------------------------------------------------- */

static void out_scores(const struct sel_law *law, const struct sel_scores *r,
                       struct att_outcome *out)
{
    const size_t d = law->task.d, de = law->de;

    att_out_finite(out, SEM_LOSS, r->loss);
    att_out_finite(out, SEM_REL_ERR, r->rel_err);
    att_out_finite(out, SEM_MEDIAN, r->median);
    att_out_finite(out, SEM_P99, r->p99);
    att_out_int(out, SEM_DRAWS, (int64_t)law->task.samples);
    att_out_finite(out, SEM_MASS, r->mass_in);
    att_out_finite(out, SEM_MASS_MIN, r->mass_in_min);
    att_out_finite(out, SEM_CV, r->cv);
    att_out_finite(out, SEM_EXACT, r->exact);
    att_out_finite(out, SEM_HARD, r->rel_hard);
    att_out_finite(out, SEM_REFIT, r->rel_refit);
    att_out_finite(out, SEM_MARGIN, r->margin);
    att_out_finite(out, SEM_OVERLAP, r->overlap);
    att_out_int(out, SEM_REDRAW, r->n_redraw);
    att_out_int(out, SEM_PARAMS, (int64_t)(d * d + de * de));
    att_out_finite(out, SEM_BOUND, r->bound);
}

static void out_laws(const struct att_value *p, const struct sel_law *law,
                     struct att_outcome *out)
{
    const double L = (double)law->task.L, q = (double)law->task.q;
    const double de = (double)law->de;

    att_out_finite(out, SEM_FLOOR, (L - q) / q * exp(-de / (2.0 * q)));
    att_out_finite(out, SEM_BEST_PRED, de / (2.0 * q));
    att_out_finite(out, SEM_DE_PRED, 2.0 * q * log(L / (q * p[SE_EPS].r)));
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const double scale = c->p[SE_SCALE].r;
    const struct sel_probe probe = {.law = &b->law,
                                    .net = &b->net,
                                    .n = b->law.task.samples,
                                    .factor = 1.0,
                                    .gamma = scale};
    struct sel_scores r;
    double annealed;

    ATT_TRY(att_sel_probe(&probe, ws->arena, &r, err));
    out_scores(&b->law, &r, out);
    out_laws(c->p, &b->law, out);
    ATT_TRY(predict(&b->law, scale, ws->arena, &annealed, err));
    att_out_finite(out, SEM_ANNEALED, annealed);
    ATT_TRY(out_scan(&b->law, ws->arena, out, err));
    return observe(c, &b->law, ws->arena, out, err);
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;

    (void)ws;
    return att_sel_export(&b->law, &b->net, out, err);
}

const struct att_construction att_construction_selection_explicit = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "selection_explicit",
    .family = "selection",
    .source = "after Wang, Wei, Hsu, Lee 2024, arXiv 2406.06893 "
              "(reconstruction); docs/theory/selection.md",
    .summary = "the network that training finds, written down: every scale of "
               "its logits, and the width it needs",
    .version = 1,
    .problem = &att_problem_token_selection,
    .bibtex = SEL_BIBTEX,
    .params = PARAMS,
    .n_params = SE_PARAMS - ATT_SEL_PARAMS,
    .metrics = METRICS,
    .n_metrics = SEL_EXPLICIT_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = SEL_EXPLICIT_OBSERVATIONS,
    .claims = att_sel_explicit_claims,
    .n_claims = SEL_EXPLICIT_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
