/* patterns_svd.c - the symmetric split of B, projected or cut off.
 *
 *   step 1  B as in patterns C1, at beta = 1; B = U Sigma V^T
 *   step 2  keys G [L, d] (normals, signs): X1 = U Sigma^1/2 G / sqrt(d),
 *           X2 = V Sigma^1/2 G / sqrt(d), unbiased too (patterns C2)
 *           truncated: the first d columns of U Sigma^1/2, V Sigma^1/2
 *           (patterns C9; d = L is exact)
 *
 * Row norms are bounded by sqrt(|B|), which is where a bound on the columns of
 * a pattern enters.  Logits at d are running sums: every d in one pass.  O(L^3)
 * for the decomposition: L <= 2048. */
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "attest/linalg/blas.h"
#include "patterns_explicit_priv.h"

enum { SV_KEYS = PAT_OWN, SV_MODE, SV_D, SV_PARAMS };
enum { SV_C_EXACT, SV_CLAIMS };
enum { MOST_L = 2048 };

static const char *const KEYS[] = {"gauss", "sign", "truncated", NULL};
static const char *const MODES[] = {"free", "fixed", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[SV_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(SV_KEYS) = ATT_PARAM_CHOICE(
        "keys", ATT_SEEDS_BUILDER, "gauss", KEYS,
        "what the singular vectors are projected with; truncated: nothing"),
    OWN(SV_MODE) = ATT_PARAM_CHOICE("mode", ATT_SEEDS_NOTHING, "free", MODES,
                                    "beta = t2 + d1, or any that serves"),
    OWN(SV_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 64, 1, 65536,
                                  "query and key dimension; a nested pass "
                                  "looks at smaller ones too"),
};

static bool is_truncated(const struct att_value *p)
{
    return att_text_same(p[SV_KEYS].s, "truncated");
}

static size_t n_singular(const struct att_value *p)
{
    const size_t n = att_patterns_columns(p);
    const size_t rows = (size_t)p[ATT_PAT_L].i;

    return n < rows ? n : rows;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_patterns_admit(p, err));
    if (p[ATT_PAT_L].i > MOST_L || att_text_same(p[ATT_PAT_DATA].s, "file") ||
        !att_text_same(p[ATT_PAT_VALUES].s, "uniform")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the singular value split is made for L <= %d and "
                        "equal values",
                        MOST_L);
    }
    if (is_truncated(p) && (size_t)p[SV_D].i > n_singular(p)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "there are %zu singular vectors (got d = %d)",
                        n_singular(p), (int)p[SV_D].i);
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_PAT_L].i;
    const double d = (double)p[SV_D].i;

    return (struct att_cost){.flops = 20.0 * n * n * n + 6.0 * n * n * d,
                             .bytes = att_patterns_bytes(p) +
                                      8.0 * (12.0 * n * n + 4.0 * n * d) +
                                      50000.0};
}

/* ---- build ------------------------------------------------------------------------------ */

struct built {
    struct att_nested grid;
    struct att_mat x1, x2; /* [n_rows, d], [n_cols, d], not divided by d */
};

/* u := U Sigma^1/2 [n_rows, r], v := V Sigma^1/2 [n_cols, r]. */
static att_status split(const struct att_pattern *a, struct att_arena *arena,
                        struct att_mat u, struct att_mat v,
                        struct att_error *err)
{
    struct att_mat b = att_mat_new(arena, a->n_rows, a->n_cols);
    struct att_mat vt = att_mat_new(arena, u.cols, a->n_cols);
    double *s = ATT_NEW(arena, double, u.cols);

    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the matrix B", err);
    for (size_t i = 0; i < a->n_rows; i++) {
        for (size_t e = a->first[i]; e < a->first[i + 1]; e++)
            att_mat_row(b, i)[a->column[e]] = 1.0;
    }
    ATT_TRY(att_svd(b, u, s, vt, arena, err));
    for (size_t r = 0; r < u.cols; r++) {
        for (size_t i = 0; i < a->n_rows; i++)
            att_mat_row(u, i)[r] *= sqrt(s[r]);
        for (size_t j = 0; j < a->n_cols; j++)
            att_mat_row(v, j)[r] = att_mat_row(vt, r)[j] * sqrt(s[r]);
    }
    return ATT_OK;
}

/* *g [n, d]: the keys of `patterns`, one a row. */
static att_status draw(const struct att_workspace *ws,
                       const struct pat_key_spec *spec, struct att_mat *g,
                       struct att_error *err)
{
    struct pat_keys keys;

    ATT_TRY(att_pat_keys_draw_whole(ws, spec, &keys, err));
    *g = keys.y;
    if (keys.y.data != NULL)
        return ATT_OK;
    *g = att_mat_new(ws->arena, spec->n, spec->d);
    if (g->data == NULL)
        return att_arena_fail(ws->arena, "the projection", err);
    att_pat_keys_write(&keys, 1.0, *g);
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    const size_t d = (size_t)c->p[SV_D].i;
    const size_t r = a->n_rows < a->n_cols ? a->n_rows : a->n_cols;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    struct att_mat u = att_mat_new(ws->arena, a->n_rows, r);
    struct att_mat v = att_mat_new(ws->arena, a->n_cols, r);

    if (b == NULL || u.data == NULL || v.data == NULL)
        return att_arena_fail(ws->arena, "the singular vectors", err);
    ATT_TRY(att_nested_grid(c, d, true, ws->arena, &b->grid, err));
    ATT_TRY(split(a, ws->arena, u, v, err));
    *built = b;
    b->x1 = u;
    b->x2 = v;
    if (is_truncated(c->p))
        return ATT_OK;
    const struct pat_key_spec spec = {
        .family = att_pat_family(c->p[SV_KEYS].s), .n = r, .d = d};
    struct att_mat g;

    b->x1 = att_mat_new(ws->arena, a->n_rows, d);
    b->x2 = att_mat_new(ws->arena, a->n_cols, d);
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the projection", err);
    ATT_TRY(draw(ws, &spec, &g, err));
    att_gemm(u, false, g, false, 0.0, b->x1);
    att_gemm(v, false, g, false, 0.0, b->x2);
    return ATT_OK;
}

/* ---- evaluate ---------------------------------------------------------------------------- */

static double scale_of(const struct att_value *p, double d)
{
    return is_truncated(p) ? 1.0 : 1.0 / d;
}

static void scan_row(struct pat_worst *w, const struct att_pattern *a, size_t i,
                     const double *s)
{
    double most = -INFINITY;
    double least = INFINITY;
    double zero = -INFINITY;

    for (size_t j = 0; j < a->n_cols; j++) {
        if (att_pat_is_zero(a, i, j)) {
            zero = fmax(zero, s[j]);
        } else {
            most = fmax(most, s[j]);
            least = fmin(least, s[j]);
        }
    }
    att_pat_worst_add(w, i, most - least, least - zero);
}

static struct att_mat columns_of(struct att_mat m, size_t from, size_t to)
{
    m.data += from;
    m.cols = to - from;
    return m;
}

/* s += the segment's product, then its worst row. */
static void scan_segment(const struct built *b, const struct att_pattern *a,
                         size_t g, struct att_mat s, struct pat_worst *w)
{
    const size_t from = g == 0 ? 0 : b->grid.d[g - 1];

    att_gemm(columns_of(b->x1, from, b->grid.d[g]), false,
             columns_of(b->x2, from, b->grid.d[g]), true, 1.0, s);
    att_pat_worst_init(w);
    for (size_t i = 0; i < a->n_rows; i++)
        scan_row(w, a, i, att_mat_row(s, i));
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const struct pat_point x = att_pat_point(c->p, a);
    struct pat_tolerance t = att_pat_tolerance(c->p);
    struct att_mat s = att_mat_new(ws->arena, a->n_rows, a->n_cols);
    struct pat_worst w = {0};
    struct pat_verdict v = {0};
    struct pat_walk walk = {0};

    if (s.data == NULL)
        return att_arena_fail(ws->arena, "the logits", err);
    t.beta = att_text_same(c->p[SV_MODE].s, "fixed") ? t.t2 + t.d1 : 0.0;
    for (size_t g = 0; g < b->grid.n; g++) {
        const int64_t d = b->grid.d[g];

        scan_segment(b, a, g, s, &w);
        w.dev *= scale_of(c->p, (double)d);
        w.gap *= scale_of(c->p, (double)d);
        v = att_pat_judge(&w, true, &t);
        if (b->grid.asked[g])
            att_pat_observe(out, (double)d, &w, &v, true);
        att_pat_walk_add(&walk, d, v.accept);
    }
    att_pat_out_shape(out, a, (size_t)c->p[SV_D].i);
    att_pat_out_verdict(out, &w, &v);
    att_out_finite(out, PM_GAP_UNIT, w.gap);
    att_pat_out_walk(out, &walk);
    att_out_finite(out, PM_D_JL, att_pat_d_jl(&x, 0.5, true));
    att_out_int(out, PM_VACUOUS, att_pat_d_jl(&x, 0.5, true) > x.L);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const size_t d = (size_t)c->p[SV_D].i;
    const double root = sqrt(scale_of(c->p, (double)d));
    long double *x1 = ATT_NEW(ws->arena, long double, a->n_rows *d);
    long double *x2 = ATT_NEW(ws->arena, long double, a->n_cols *d);

    if (x1 == NULL || x2 == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    for (size_t m = 0; m < a->n_rows * d; m++)
        x1[m] = (long double)(att_mat_row(b->x1, m / d)[m % d] * root);
    for (size_t m = 0; m < a->n_cols * d; m++)
        x2[m] = (long double)(att_mat_row(b->x2, m / d)[m % d] * root);
    const struct pat_explicit e = {.a = a, .d = d, .x1 = x1, .x2 = x2};

    return att_pat_export_explicit(&e, ws->arena, out, err);
}

/* All singular vectors give B back, up to the roundings of the SVD. */
static void judge_exact(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (is_truncated(row->param) &&
        (size_t)row->param[SV_D].i == n_singular(row->param) &&
        att_row_has(row, PM_GAP_UNIT)) {
        att_finding_at_least(f, row->metric[PM_GAP_UNIT].r,
                             1.0 - 1e-12 * (double)row->param[ATT_PAT_L].i);
    }
}

static const struct att_claim CLAIMS[SV_CLAIMS] = {
    [SV_C_EXACT] =
        PAT_ROW_CLAIM("svd-exact", ATT_PROVED, PAT_HERE, judge_exact,
                      "all singular vectors: S = B, the gap at beta = 1 is 1"),
};

const struct att_construction att_construction_patterns_svd = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_svd",
    .family = "patterns",
    .source = PAT_SOURCE,
    .summary = "the symmetric split of B by singular values, projected or cut "
               "off, every d in one pass",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = SV_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = att_pat_observations,
    .n_observations = PAT_OBSERVATIONS,
    .claims = CLAIMS,
    .n_claims = SV_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
