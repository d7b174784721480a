/* patterns_lp.c - the best queries for given keys: one linear program per row.
 *
 * Row i is feasible iff there are x and c with <y_j, x> = c + lam_ij on N(i)
 * and <y_j, x> <= c - t2 on its zeros (patterns C7).  What is infeasible here
 * is so for these keys; what every subset of k columns passes is a
 * k-neighbourly set of keys, which needs d >= 2 k once L > d + 1.
 *
 * Needs CLP; a build without it refuses. */
#include "attest/base/subset.h"
#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "attest/linalg/lp.h"
#include "patterns_explicit_priv.h"

enum { LP_KEYS = PAT_OWN, LP_D, LP_SUBSETS, LP_PARAMS };
enum { LP_C_NEIGHBOURLY, LP_CLAIMS };
enum { MOST_L = 1024, MOST_D = 256, MOST_SUBSETS = 20000 };

static const char *const KEYS[] = {"gauss", "sign", "curve", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[LP_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(LP_KEYS) = ATT_PARAM_CHOICE(
        "keys", ATT_SEEDS_BUILDER, "gauss", KEYS,
        "normals, signs, or points of the trigonometric moment curve"),
    OWN(LP_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 12, 1, MOST_D,
                                  "query and key dimension"),
    OWN(LP_SUBSETS) = ATT_PARAM_CHOICE(
        "subsets", ATT_SEEDS_NOTHING, "off", SWITCH,
        "try every subset of k columns too: do the keys serve all patterns?"),
};

static double n_subsets(double n, double k)
{
    return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0));
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const double n = (double)att_patterns_columns(p);

    ATT_TRY(att_patterns_admit(p, err));
    if (p[ATT_PAT_L].i > MOST_L) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "a linear program per row: keep L <= %d", MOST_L);
    }
    if (att_text_same(p[LP_KEYS].s, "curve") && p[LP_D].i % 2 != 0) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the curve has an even d (got %d)", (int)p[LP_D].i);
    }
    if (att_text_same(p[LP_SUBSETS].s, "on") &&
        n_subsets(n, (double)p[ATT_PAT_K].i) > MOST_SUBSETS) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "subsets = on tries at most %d subsets: lower L or k",
                        MOST_SUBSETS);
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)att_patterns_columns(p);
    const double d = (double)p[LP_D].i;
    double rows = (double)p[ATT_PAT_L].i;

    if (att_text_same(p[LP_SUBSETS].s, "on"))
        rows += n_subsets(n, (double)p[ATT_PAT_K].i);
    return (struct att_cost){.flops = rows * (1e5 + 40.0 * n * d * d),
                             .bytes = att_patterns_bytes(p) +
                                      48.0 * (n + (double)p[ATT_PAT_L].i) * d +
                                      8.0 * n * d + att_lp_bytes(n, d + 1.0) +
                                      16384.0};
}

/* ---- one row -------------------------------------------------------------------------- */

struct program {
    size_t n, d;
    const long double *y; /* [n, d] */
    struct att_lp lp;     /* columns x and c, a row for each key */
    double t2;
};

static att_status program_init(struct program *p, struct att_arena *arena,
                               struct att_error *err)
{
    ATT_TRY(att_lp_init(&p->lp, p->n, p->d + 1, arena, err));
    for (size_t m = 0; m <= p->d; m++) {
        for (size_t j = 0; j < p->n; j++) {
            p->lp.a[m * p->n + j] =
                m < p->d ? (double)p->y[j * p->d + m] : -1.0;
        }
    }
    return ATT_OK;
}

/* Bounds: zeros at most -t2 below c, the support exactly lam above it. */
static void program_row(struct program *p, const uint32_t *column,
                        const double *lam, size_t k)
{
    for (size_t j = 0; j < p->n; j++) {
        p->lp.row_lower[j] = -ATT_LP_FREE;
        p->lp.row_upper[j] = -p->t2;
    }
    for (size_t q = 0; q < k; q++) {
        p->lp.row_lower[column[q]] = p->lp.row_upper[column[q]] =
            lam != NULL ? lam[q] : 0.0;
    }
}

/* Is the program feasible?  x [d] NULL: not wanted. */
static att_status program_solve(struct program *p, long double *x,
                                bool *feasible, struct att_error *err)
{
    ATT_TRY(att_lp_solve(&p->lp, err));
    *feasible = p->lp.end == ATT_LP_OPTIMAL;
    for (size_t m = 0; x != NULL && *feasible && m < p->d; m++)
        x[m] = (long double)p->lp.x[m];
    return ATT_OK;
}

/* ---- build ------------------------------------------------------------------------------ */

struct built {
    struct pat_explicit e;
    size_t n_feasible;
    int64_t n_failed; /* subsets; -1: not tried */
};

/* Coordinate m of point j of the curve.  What is 0 must be: a coefficient of
 * 1e-20 makes CLP call feasible programs infeasible. */
static long double curve_at(size_t j, size_t m, size_t n)
{
    struct att_dd at[2];

    att_dd_turn((m / 2 + 1) * j, n, &at[0], &at[1]);
    return (long double)at[m % 2].hi + (long double)at[m % 2].lo;
}

static void put_curve(size_t n, size_t d, long double *y)
{
    for (size_t j = 0; j < n; j++) {
        for (size_t m = 0; m < d; m++)
            y[j * d + m] = curve_at(j, m, n);
    }
}

/* y [n, d] := what its name says. */
static att_status put_keys(const struct att_workspace *ws, const char *family,
                           size_t n, size_t d, long double *y,
                           struct att_error *err)
{
    struct pat_keys keys;

    if (att_text_same(family, "curve")) {
        put_curve(n, d, y);
        return ATT_OK;
    }
    const struct pat_key_spec spec = {
        .family = att_pat_family(family), .n = n, .d = d};

    ATT_TRY(att_pat_keys_draw_whole(ws, &spec, &keys, err));
    for (size_t e = 0; e < n * d; e++)
        y[e] = (long double)att_pat_key_at(&keys, e / d, e % d);
    return ATT_OK;
}

static att_status solve_rows(struct built *b, struct program *lp,
                             long double *x1, struct att_error *err)
{
    const struct att_pattern *a = b->e.a;

    for (size_t i = 0; i < a->n_rows; i++) {
        const size_t begin = a->first[i];
        bool feasible = false;

        program_row(lp, a->column + begin,
                    a->lam != NULL ? a->lam + begin : NULL,
                    a->first[i + 1] - begin);
        ATT_TRY(program_solve(lp, x1 + i * lp->d, &feasible, err));
        b->n_feasible += feasible;
    }
    return ATT_OK;
}

static att_status solve_subsets(struct built *b, struct program *lp, size_t k,
                                struct att_error *err)
{
    uint32_t s[64];

    att_subset_first(s, k);
    b->n_failed = 0;
    do {
        bool feasible = false;

        program_row(lp, s, NULL, k);
        ATT_TRY(program_solve(lp, NULL, &feasible, err));
        b->n_failed += !feasible;
    } while (att_subset_next(s, k, lp->n));
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    const size_t d = (size_t)c->p[LP_D].i;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    long double *x1 = ATT_NEW0(ws->arena, long double, a->n_rows *d);
    long double *x2 = ATT_NEW0(ws->arena, long double, a->n_cols *d);
    struct program lp = {
        .n = a->n_cols, .d = d, .y = x2, .t2 = att_pat_tolerance(c->p).t2};

    if (b == NULL || x1 == NULL || x2 == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    ATT_TRY(put_keys(ws, c->p[LP_KEYS].s, a->n_cols, d, x2, err));
    ATT_TRY(program_init(&lp, ws->arena, err));
    /* CLP's primal tolerance is 1e-7. */
    b->e = (struct pat_explicit){
        .a = a, .d = d, .x1 = x1, .x2 = x2, .margin = 1e-6};
    b->n_failed = -1;
    ATT_TRY(solve_rows(b, &lp, x1, err));
    if (att_text_same(c->p[LP_SUBSETS].s, "on"))
        ATT_TRY(solve_subsets(b, &lp, (size_t)c->p[ATT_PAT_K].i, err));
    *built = b;
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    struct pat_explicit e = b->e;
    struct pat_tolerance t = att_pat_tolerance(c->p);
    const bool all = b->n_feasible == e.a->n_rows;

    t.beta = 1.0;
    ATT_TRY(att_pat_explicit(&e, ws->arena, err));
    att_pat_out_explicit(out, &e, &t);
    if (!all)
        att_out_int(out, PM_ACCEPT, 0);
    att_out_int(out, PM_FEASIBLE, all);
    if (b->n_failed >= 0)
        att_out_int(out, PM_N_FAILED, b->n_failed);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;

    return att_pat_export_explicit(&b->e, ws->arena, out, err);
}

static void judge_neighbourly(const struct att_rows *rows,
                              struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const int64_t d = row->param[LP_D].i;

    att_finding_blank(f);
    if (!att_row_has(row, PM_N_FAILED) || d >= 2 * row->param[ATT_PAT_K].i ||
        row->param[ATT_PAT_L].i <= d + 1)
        return;
    att_finding_at_least(f, (double)row->metric[PM_N_FAILED].i, 1.0);
}

static const struct att_claim CLAIMS[LP_CLAIMS] = {
    [LP_C_NEIGHBOURLY] = PAT_ROW_CLAIM(
        "neighbourly", ATT_PROVED, PAT_HERE, judge_neighbourly,
        "keys with d < 2 k and L > d + 1 fail some subset of k columns"),
};

const struct att_construction att_construction_patterns_lp = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_lp",
    .family = "patterns",
    .source = "new here, after arXiv 2106.03764; docs/theory/patterns.md",
    .summary = "the best queries for given keys, by a linear program per row",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = LP_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = LP_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
