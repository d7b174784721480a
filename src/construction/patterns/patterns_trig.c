/* patterns_trig.c - d = 2 k for every L and every pattern of at most k
 * nonzeros per row, on the trigonometric moment curve.
 *
 *   step 1  y_j = (cos m t_j, sin m t_j), m = 1 .. k, t_j = 2 pi j / L
 *   step 2  row i: p_i(t) = -c_i prod over N(i) of (1 - cos(t - t_l)): 0 on
 *           the support, below elsewhere
 *   step 3  c_i = 1.1 t2 / min of the product over zeros (1.1 for rounding)
 *   step 4  x_i = Fourier coefficients 1 .. k of p_i; the constant term is a
 *           shift of the row and is dropped
 *
 * dtype = dd: steps 1, 2 and 4 in double-double, patterns_trig_dd.c.
 *
 * patterns C6, equal values.  Logits spread over (L^2 / pi^2)^k / k!^2: dimension is paid
 * for in precision.  ZERO is judged with a slack of 0.1 %. */
#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "patterns_explicit_priv.h"
#include "patterns_trig_priv.h"

enum { TR_DTYPE = PAT_OWN, TR_SLACK, TR_PARAMS };
enum { TR_C_TRIG, TR_C_WALL, TR_C_INFO, TR_CLAIMS };
enum { MOST_L = 16384, MOST_K = 16 };

static const double WALL_HOLDS = 0.24, WALL_BREAKS = 0.42;

static const char *const DTYPES[] = {"f64", "f32", "bf16", "x80", "dd", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[TR_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(TR_DTYPE) =
        ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                         "storage of X; sums are in it too (bf16: in f32; dd: "
                         "double-double)"),
    OWN(TR_SLACK) = ATT_PARAM_REAL("slack", ATT_SEEDS_NOTHING, 1.1, 1.0, 10.0,
                                   "factor on c_i, an allowance for rounding"),
};

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_patterns_admit(p, err));
    if (!att_text_same(p[ATT_PAT_VALUES].s, "uniform") ||
        att_text_same(p[ATT_PAT_DATA].s, "file") ||
        att_text_same(p[ATT_PAT_DATA].s, "singles")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the moment curve serves equal values and at most k "
                        "nonzeros per row: set values to uniform");
    }
    if (p[ATT_PAT_L].i > MOST_L || p[ATT_PAT_K].i > MOST_K) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "logits of about (L^2 / 10)^k / k!^2 leave every "
                        "arithmetic "
                        "here: keep L <= %d, k <= %d",
                        MOST_L, MOST_K);
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_PAT_L].i;
    const double k = (double)p[ATT_PAT_K].i;
    const bool dd = att_text_same(p[TR_DTYPE].s, "dd");

    return (struct att_cost){
        .flops = n * n * (20.0 * k + 10.0) * (dd ? 4.0 : 1.0),
        .bytes = att_patterns_bytes(p) + n * (120.0 * k + 40.0) +
                 (dd ? n * (64.0 * k + 80.0) : 0.0) + 8192.0};
}

/* ---- build ------------------------------------------------------------------------------ */

struct row {
    const struct att_pattern *a;
    size_t i;
    long double turn; /* 2 pi / columns */
};

/* prod over N(i) of (1 - cos(t - t_l)) = 2^k prod sin^2((t - t_l) / 2): small
 * factors keep their digits. */
static long double product(const struct row *r, long double t)
{
    long double x = 1.0L;

    for (size_t e = r->a->first[r->i]; e < r->a->first[r->i + 1]; e++) {
        const long double s =
            sinl((t - r->turn * (long double)r->a->column[e]) / 2.0L);

        x *= 2.0L * s * s;
    }
    return x;
}

static long double least_product(const struct row *r)
{
    long double least = INFINITY;

    for (size_t j = 0; j < r->a->n_cols; j++) {
        if (att_pat_is_zero(r->a, r->i, j))
            least = fminl(least, product(r, r->turn * (long double)j));
    }
    return least;
}

/* Coefficients 1 .. k of -c product, by 2 k + 2 equidistant values. */
static void put_query(const struct row *r, size_t k, long double c,
                      long double *x)
{
    const size_t n = 2 * k + 2;
    const long double step = 2.0L * acosl(-1.0L) / (long double)n;

    for (size_t v = 0; v < n; v++) {
        const long double t = step * (long double)v;
        const long double p = -c * product(r, t) * 2.0L / (long double)n;

        for (size_t m = 1; m <= k; m++) {
            const long double angle = step * (long double)(m * v % n);

            x[2 * m - 2] += p * cosl(angle);
            x[2 * m - 1] += p * sinl(angle);
        }
    }
}

static void put_keys(const struct att_pattern *a, size_t k, long double *y)
{
    const long double turn = 2.0L * acosl(-1.0L) / (long double)a->n_cols;

    for (size_t j = 0; j < a->n_cols; j++) {
        for (size_t m = 1; m <= k; m++) {
            const long double t = turn * (long double)(m * j % a->n_cols);

            y[j * 2 * k + 2 * m - 2] = cosl(t);
            y[j * 2 * k + 2 * m - 1] = sinl(t);
        }
    }
}

/* X1, X2 and the factors c_i, all in long double. */
static void put_curve(const struct att_pattern *a, double level,
                      long double *x1, long double *x2, long double *factor)
{
    put_keys(a, a->k_row, x2);
    for (size_t i = 0; i < a->n_rows; i++) {
        const struct row r = {a, i,
                              2.0L * acosl(-1.0L) / (long double)a->n_cols};
        const long double least = least_product(&r);

        factor[i] = isfinite(least) ? (long double)level / least : 0.0L;
        put_query(&r, a->k_row, factor[i], x1 + i * 2 * a->k_row);
    }
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    const size_t d = 2 * a->k_row;
    struct pat_explicit *e = ATT_NEW0(ws->arena, struct pat_explicit, 1);
    long double *x1 = ATT_NEW0(ws->arena, long double, a->n_rows *d);
    long double *x2 = ATT_NEW0(ws->arena, long double, a->n_cols *d);
    long double *factor = ATT_NEW(ws->arena, long double, a->n_rows);

    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the curve", err);
    put_curve(a, c->p[TR_SLACK].r * att_pat_tolerance(c->p).t2, x1, x2, factor);
    *e = (struct pat_explicit){.a = a,
                               .d = d,
                               .x1 = x1,
                               .x2 = x2,
                               .real = att_pat_real(c->p[TR_DTYPE].s),
                               .margin = 1e-3};
    *built = e;
    return e->real == PAT_REAL_DD ? att_pat_trig_dd(e, factor, ws->arena, err)
                                  : ATT_OK;
}

/* ---- evaluate ---------------------------------------------------------------------------- */

static double range_law(const struct att_value *p, const struct att_pattern *a)
{
    const double n = (double)a->n_cols;
    const double k = (double)a->k_row;
    const double pi = acos(-1.0);

    return p[TR_SLACK].r * att_pat_tolerance(p).t2 *
           exp(k * log(n * n / (pi * pi)) - 2.0 * lgamma(k + 1.0));
}

/* The queries carry their scale: beta = 1. */
static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct pat_explicit *b = c->built;
    struct pat_explicit e = *b;
    struct pat_tolerance t = att_pat_tolerance(c->p);

    t.beta = 1.0;
    ATT_TRY(att_pat_explicit(&e, ws->arena, err));
    att_pat_out_explicit(out, &e, &t);
    if (att_text_same(c->p[ATT_PAT_DATA].s, "band"))
        att_out_finite(out, PM_RANGE_LAW, range_law(c->p, e.a));
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

/* ---- claims -------------------------------------------------------------------------------- */

static double wall(const struct att_row_view *row)
{
    return att_row_metric(row, PM_RANGE) *
           att_pat_real_u(att_pat_real(row->param[TR_DTYPE].s));
}

/* Largest error of the difference of two logits: 4 d + 16 roundings of numbers
 * up to |x| |y|, those of the builder counted, in each. */
static double rounding(const struct att_row_view *row)
{
    const double d = att_row_metric(row, PM_D_USED);
    const double u = att_pat_real_u(att_pat_real(row->param[TR_DTYPE].s));

    return 2.0 * (4.0 * d + 16.0) * u * att_row_metric(row, PM_NORM_Q) *
           att_row_metric(row, PM_NORM_K);
}

/* Proved where rounding cannot reach RATIO's d1 nor the slack of ZERO. */
static void judge_trig(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const struct pat_tolerance t = att_pat_tolerance(row->param);
    const double room = fmin(t.d1, (row->param[TR_SLACK].r - 1.0) * t.t2);

    att_finding_blank(f);
    if (rounding(row) < room)
        att_finding_equal(f, (double)row->metric[PM_ACCEPT].i, 1.0);
}

static void judge_wall(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double x = wall(row);

    att_finding_blank(f);
    f->statistic = x;
    if (x < WALL_HOLDS || x > WALL_BREAKS) {
        f->verdict = (row->metric[PM_ACCEPT].i == 1) == (x < WALL_HOLDS)
                         ? ATT_HOLDS
                         : ATT_VIOLATED;
    }
}

/* d b >= (k/2) log2(L/k), up to k bits per row of pattern count. */
static void judge_info(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double need =
        att_row_metric(row, PM_INFO_BITS) - (double)row->param[ATT_PAT_K].i;

    att_finding_blank(f);
    if (!att_row_says(row, ATT_PAT_DATA, "rand") ||
        row->metric[PM_ACCEPT].i != 1)
        return;
    att_finding_at_least(
        f, att_row_metric(row, PM_D_USED) * att_row_metric(row, PM_BITS), need);
}

static const struct att_claim CLAIMS[TR_CLAIMS] = {
    [TR_C_TRIG] = PAT_ROW_CLAIM(
        "trig", ATT_PROVED, PAT_HERE, judge_trig,
        "d = 2 k is accepted for every L and pattern where 8 (d + 4) u |x| |y| "
        "roundings fit into d1 and the slack"),
    [TR_C_WALL] = PAT_ROW_CLAIM(
        "trig-wall", ATT_EMPIRICAL, PAT_LAW, judge_wall,
        "accepted while logit_range u < 0.24, rejected above 0.42"),
    [TR_C_INFO] = PAT_ROW_CLAIM(
        "info", ATT_PROVED, PAT_HERE, judge_info,
        "an accepted scheme for all patterns has d b >= (k/2) log2(L/k) - k"),
};

const struct att_construction att_construction_patterns_trig = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_trig",
    .family = "patterns",
    .source = "classical neighbourly polytope, used here; "
              "docs/theory/patterns.md",
    .summary = "d = 2 k for every L on the trigonometric moment curve, paid "
               "for in precision",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = TR_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = TR_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
