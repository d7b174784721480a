/* patterns_code.c - deterministic keys: binary codes, E8, the circle.
 *
 *   code    y_l = +-1 bits of l, d = ceil(log2 L): unit gap 2 / d for L = 2^d
 *   e8      the first L of the 240 shortest vectors of the lattice, d = 8:
 *           products of different ones are integers <= 1 of norm 2, gap 1/2
 *   circle  angles 2 pi j / L, d = 2; the query stands in the middle of its
 *           row's columns (band patterns): gap 1 - cos(2 pi / L) for k = 1
 *
 * patterns C5.  New here. */
#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "patterns_explicit_priv.h"

enum { CO_KEYS = PAT_OWN, CO_PARAMS };
enum { CO_C_CODE, CO_CLAIMS };
enum { E8_KEYS = 240, MOST_L = 4096 };

static const char *const KEYS[] = {"code", "e8", "circle", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[CO_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(CO_KEYS) = ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "code", KEYS,
                                    "which deterministic keys"),
};

static bool is_keys(const struct att_value *p, const char *word)
{
    return att_text_same(p[CO_KEYS].s, word);
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const size_t n = att_patterns_columns(p);

    ATT_TRY(att_patterns_admit(p, err));
    if (n > (is_keys(p, "e8") ? (size_t)E8_KEYS : (size_t)MOST_L)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = %s serve L <= %d (got %zu)", p[CO_KEYS].s,
                        is_keys(p, "e8") ? E8_KEYS : MOST_L, n);
    }
    if (!att_text_same(p[ATT_PAT_VALUES].s, "uniform") ||
        att_text_same(p[ATT_PAT_DATA].s, "file")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "codes serve equal values: set values to uniform");
    }
    if (p[ATT_PAT_K].i > 1 &&
        !(is_keys(p, "circle") && att_text_same(p[ATT_PAT_DATA].s, "band"))) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "codes serve k = 1, and the circle bands (got data = "
                        "%s)",
                        p[ATT_PAT_DATA].s);
    }
    if (att_text_same(p[ATT_PAT_DATA].s, "singles")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "codes serve one column per row: singles has a dense "
                        "one");
    }
    return ATT_OK;
}

static size_t dimension(const struct att_value *p)
{
    const size_t n = att_patterns_columns(p);
    size_t d = 1;

    if (is_keys(p, "circle"))
        return 2;
    if (is_keys(p, "e8"))
        return 8;
    while (((size_t)1 << d) < n)
        d++;
    return d;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_PAT_L].i;
    const double d = (double)dimension(p);

    return (struct att_cost){.flops = 4.0 * n * n * (d + 4.0),
                             .bytes = att_patterns_bytes(p) +
                                      n * (48.0 * d + 24.0) + 8192.0};
}

/* ---- keys ------------------------------------------------------------------------------ */

/* Twice a shortest vector: 112 of two entries +-2, 128 of eight entries +-1
 * with an even number of minus signs. */
static void e8_key(size_t l, int y[8])
{
    size_t pair = l / 4;
    size_t a = 0;

    for (size_t m = 0; m < 8; m++)
        y[m] = 0;
    if (l >= 112) {
        for (size_t m = 0; m < 7; m++)
            y[m] = ((l - 112) >> m & 1) != 0 ? -1 : 1;
        y[7] = __builtin_parityll(l - 112) != 0 ? -1 : 1;
        return;
    }
    while (pair >= 7 - a)
        pair -= 7 - a++;
    y[a] = (l & 1) != 0 ? -2 : 2;
    y[a + 1 + pair] = (l & 2) != 0 ? -2 : 2;
}

/* Unit keys. */
static void put_key(const struct att_value *p, size_t j, size_t d,
                    long double *y)
{
    int e8[8];

    if (is_keys(p, "circle")) {
        const long double t = 2.0L * acosl(-1.0L) * (long double)j /
                              (long double)att_patterns_columns(p);

        y[0] = cosl(t);
        y[1] = sinl(t);
    } else if (is_keys(p, "e8")) {
        e8_key(j, e8);
        for (size_t m = 0; m < d; m++)
            y[m] = (long double)e8[m] / sqrtl(8.0L);
    } else {
        for (size_t m = 0; m < d; m++) {
            y[m] = ((j >> m & 1) != 0 ? 1.0L : -1.0L) / sqrtl((long double)d);
        }
    }
}

struct built {
    struct pat_explicit e;
    int64_t offdiag;
};

/* The sum of a row's keys points to their middle; length 1. */
static void put_query(const struct pat_explicit *e, size_t i, long double *x)
{
    const struct att_pattern *a = e->a;
    long double square = 0.0L;

    for (size_t c = a->first[i]; c < a->first[i + 1]; c++) {
        for (size_t m = 0; m < e->d; m++)
            x[m] += e->x2[a->column[c] * e->d + m];
    }
    for (size_t m = 0; m < e->d; m++)
        square += x[m] * x[m];
    for (size_t m = 0; m < e->d && square > 0.0L; m++)
        x[m] /= sqrtl(square);
}

/* Largest integer product of different keys: in units of 1 for codes, of 1
 * with norm 2 for E8. */
static int64_t largest_product(const struct att_value *p, size_t n, size_t d)
{
    int64_t most = INT64_MIN;

    for (size_t l = 0; l < n; l++) {
        for (size_t j = 0; j < l; j++) {
            int64_t s = 0;

            if (is_keys(p, "e8")) {
                int a[8];
                int b[8];

                e8_key(l, a);
                e8_key(j, b);
                for (size_t m = 0; m < 8; m++)
                    s += (int64_t)a[m] * b[m];
                s /= 4;
            } else {
                s = (int64_t)d - INT64_C(2) * __builtin_popcountll(l ^ j);
            }
            most = s > most ? s : most;
        }
    }
    return most;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    const size_t d = dimension(c->p);
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    long double *x1 = ATT_NEW0(ws->arena, long double, a->n_rows *d);
    long double *x2 = ATT_NEW0(ws->arena, long double, a->n_cols *d);

    if (b == NULL || x1 == NULL || x2 == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    b->e = (struct pat_explicit){.a = a, .d = d, .x1 = x1, .x2 = x2};
    for (size_t j = 0; j < a->n_cols; j++)
        put_key(c->p, j, d, x2 + j * d);
    for (size_t i = 0; i < a->n_rows; i++)
        put_query(&b->e, i, x1 + i * d);
    if (!is_keys(c->p, "circle") && a->n_cols > 1)
        b->offdiag = largest_product(c->p, a->n_cols, d);
    *built = b;
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    struct pat_explicit e = b->e;
    const struct pat_tolerance t = att_pat_tolerance(c->p);

    ATT_TRY(att_pat_explicit(&e, ws->arena, err));
    att_pat_out_explicit(out, &e, &t);
    if (!is_keys(c->p, "circle") && e.a->n_cols > 1)
        att_out_int(out, PM_MAX_OFFDIAG, b->offdiag);
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

static void judge_code(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const int64_t n = row->param[ATT_PAT_L].i;

    att_finding_blank(f);
    if (!att_row_says(row, CO_KEYS, "code") || (n & (n - 1)) != 0 ||
        !att_row_has(row, PM_MAX_OFFDIAG))
        return;
    att_finding_equal(f, (double)row->metric[PM_MAX_OFFDIAG].i,
                      (double)row->metric[PM_D_USED].i - 2.0);
}

static const struct att_claim CLAIMS[CO_CLAIMS] = {
    [CO_C_CODE] = PAT_ROW_CLAIM("code", ATT_PROVED, PAT_HERE, judge_code,
                                "L = 2^d codes: largest product d - 2, unit "
                                "gap 2 / d, d = log2 L"),
};

const struct att_construction att_construction_patterns_code = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_code",
    .family = "patterns",
    .source = "new here, after arXiv 2106.03764; docs/theory/patterns.md",
    .summary = "deterministic keys for k = 1: binary codes at d = log2 L, E8, "
               "the circle",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = CO_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = CO_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
