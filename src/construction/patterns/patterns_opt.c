/* patterns_opt.c - queries and keys found together by descent: an upper bound
 * on what small d can do (patterns C8).
 *
 *   loss   over rows i, with c_i the mean of S - lam over N(i):
 *          sum over N(i) (S - lam - c_i)^2 + sum over zeros max(0, S - c_i +
 *          1.2 t2)^2
 *   step   Adam on X1 and X2, all entries at once, from normal numbers
 *
 * It stops at the first step that ACCEPT passes.  A failure proves nothing. */
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "patterns_explicit_priv.h"

enum { OP_D = PAT_OWN, OP_STEPS, OP_RATE, OP_PARAMS };
enum { MOST_L = 256, LOOK = 50, X1_TAG = 11, X2_TAG };

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[OP_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(OP_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 4, 1, 64,
                                  "query and key dimension"),
    OWN(OP_STEPS) = ATT_PARAM_INTEGER("steps", ATT_SEEDS_NOTHING, 4000, 1,
                                      1000000, "most steps of Adam"),
    OWN(OP_RATE) = ATT_PARAM_REAL("rate", ATT_SEEDS_NOTHING, 0.05, 1e-6, 10.0,
                                  "learning rate, falling to a tenth"),
};

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_patterns_admit(p, err));
    if (p[ATT_PAT_L].i > MOST_L) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "descent over all L^2 logits: keep L <= %d", MOST_L);
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_PAT_L].i;
    const double d = (double)p[OP_D].i;

    return (struct att_cost){.flops = (double)p[OP_STEPS].i * n * n *
                                      (6.0 * d + 10.0),
                             .bytes = att_patterns_bytes(p) + 17.0 * n * n +
                                      160.0 * n * d + 32.0 * n + 16384.0};
}

/* ---- descent --------------------------------------------------------------------------- */

/* One matrix under Adam. */
struct unknown {
    struct att_mat x, gradient;
    double *first, *second; /* moments */
};

struct descent {
    const struct att_pattern *a;
    double t2;
    struct unknown q, k; /* X1 [n_rows, d], X2 [n_cols, d] */
    struct att_mat s;    /* logits, then the loss's derivatives */
    bool *in;            /* [n_cols] scratch, all false between rows */
};

static att_status unknown_init(struct unknown *u, size_t rows, size_t d,
                               const struct att_workspace *ws, uint32_t tag,
                               struct att_error *err)
{
    u->x = att_mat_new(ws->arena, rows, d);
    u->gradient = att_mat_new(ws->arena, rows, d);
    u->first = ATT_NEW0(ws->arena, double, rows *d);
    u->second = ATT_NEW0(ws->arena, double, rows *d);
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "queries and keys", err);
    for (size_t i = 0; i < rows; i++) {
        const struct att_stream s = att_builder_stream(ws, tag, 0, (uint32_t)i);

        att_stream_normals(&s, 0, d, att_mat_row(u->x, i));
    }
    return ATT_OK;
}

/* beta1 = 0.9, beta2 = 0.999 (Kingma and Ba 2015). */
static void unknown_step(struct unknown *u, int64_t step, double rate)
{
    const double scale = rate * sqrt(1.0 - pow(0.999, (double)step)) /
                         (1.0 - pow(0.9, (double)step));

    for (size_t e = 0; e < u->x.rows * u->x.cols; e++) {
        const double g = u->gradient.data[e];

        u->first[e] = 0.9 * u->first[e] + 0.1 * g;
        u->second[e] = 0.999 * u->second[e] + 0.001 * g * g;
        u->x.data[e] -= scale * u->first[e] / (sqrt(u->second[e]) + 1e-8);
    }
}

/* s := derivatives of row i's loss; c moves with the mean of its support. */
static void row_loss(struct descent *o, size_t i, double *s)
{
    const struct att_pattern *a = o->a;
    const size_t begin = a->first[i];
    const size_t end = a->first[i + 1];
    const double k = (double)(end - begin);
    double c = 0.0;
    double pull = 0.0; /* of the zeros on c */

    for (size_t e = begin; e < end; e++) {
        o->in[a->column[e]] = true;
        c += (s[a->column[e]] - (a->lam != NULL ? a->lam[e] : 0.0)) / k;
    }
    for (size_t j = 0; j < a->n_cols; j++) {
        if (o->in[j])
            continue;
        s[j] = 2.0 * fmax(0.0, s[j] - c + 1.2 * o->t2);
        pull += s[j];
    }
    for (size_t e = begin; e < end; e++) {
        double *x = &s[a->column[e]];

        *x = 2.0 * (*x - (a->lam != NULL ? a->lam[e] : 0.0) - c) - pull / k;
        o->in[a->column[e]] = false;
    }
}

static void descend(struct descent *o, int64_t step, double rate)
{
    att_gemm(o->q.x, false, o->k.x, true, 0.0, o->s);
    for (size_t i = 0; i < o->a->n_rows; i++)
        row_loss(o, i, att_mat_row(o->s, i));
    att_gemm(o->s, false, o->k.x, false, 0.0, o->q.gradient);
    att_gemm(o->s, true, o->q.x, false, 0.0, o->k.gradient);
    unknown_step(&o->q, step, rate);
    unknown_step(&o->k, step, rate);
}

/* ---- build, evaluate --------------------------------------------------------------------- */

static void copy_out(const struct descent *o, long double *x1, long double *x2)
{
    for (size_t e = 0; e < o->q.x.rows * o->q.x.cols; e++)
        x1[e] = (long double)o->q.x.data[e];
    for (size_t e = 0; e < o->k.x.rows * o->k.x.cols; e++)
        x2[e] = (long double)o->k.x.data[e];
}

/* Logits are judged as they are. */
static struct pat_tolerance tolerance_of(const struct att_value *p)
{
    struct pat_tolerance t = att_pat_tolerance(p);

    t.beta = 1.0;
    return t;
}

static att_status run(struct att_workspace *ws, const struct att_value *p,
                      struct descent *o, struct pat_explicit *e,
                      struct att_error *err)
{
    const struct pat_tolerance t = tolerance_of(p);
    const int64_t n_steps = p[OP_STEPS].i;
    long double *x1 = ATT_NEW(ws->arena, long double, e->a->n_rows * e->d);
    long double *x2 = ATT_NEW(ws->arena, long double, e->a->n_cols * e->d);

    if (x1 == NULL || x2 == NULL)
        return att_arena_fail(ws->arena, "queries and keys", err);
    e->x1 = x1;
    e->x2 = x2;
    for (int64_t step = 1; step <= n_steps; step++) {
        const double done = (double)step / (double)n_steps;

        descend(o, step, p[OP_RATE].r * pow(0.1, done));
        if (step % LOOK != 0 && step != n_steps)
            continue;
        const struct att_arena_mark mark = att_arena_mark(ws->arena);

        ws->progress(ws->context, "descent", done);
        copy_out(o, x1, x2);
        ATT_TRY(att_pat_explicit(e, ws->arena, err));
        att_arena_rewind(ws->arena, mark);
        if (att_pat_judge(&e->worst, e->a->lam == NULL, &t).accept)
            return ATT_OK;
    }
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    const size_t d = (size_t)c->p[OP_D].i;
    struct pat_explicit *e = ATT_NEW0(ws->arena, struct pat_explicit, 1);
    struct descent o = {.a = a, .t2 = att_pat_tolerance(c->p).t2};

    if (e == NULL)
        return att_arena_fail(ws->arena, "the network", err);
    *e = (struct pat_explicit){.a = a, .d = d};
    ATT_TRY(unknown_init(&o.q, a->n_rows, d, ws, X1_TAG, err));
    ATT_TRY(unknown_init(&o.k, a->n_cols, d, ws, X2_TAG, err));
    o.s = att_mat_new(ws->arena, a->n_rows, a->n_cols);
    o.in = ATT_NEW0(ws->arena, bool, a->n_cols);
    if (o.s.data == NULL || o.in == NULL)
        return att_arena_fail(ws->arena, "the logits", err);
    ATT_TRY(run(ws, c->p, &o, e, err));
    *built = e;
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct pat_explicit *b = c->built;
    struct pat_explicit e = *b;
    const struct pat_tolerance t = tolerance_of(c->p);

    ATT_TRY(att_pat_explicit(&e, ws->arena, err));
    att_pat_out_explicit(out, &e, &t);
    att_out_text(out, PM_CERTIFICATE, "search");
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct pat_explicit *e = c->built;

    return att_pat_export_explicit(e, ws->arena, out, err);
}

const struct att_construction att_construction_patterns_opt = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_opt",
    .family = "patterns",
    .source = "new here, after arXiv 2106.03764; docs/theory/patterns.md",
    .summary = "queries and keys found together by descent: what small d can "
               "do, from above",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = OP_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = NULL,
    .n_claims = 0,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
