/* patterns_certificate.c - gaps of all L^2 logits from one table.
 *
 *   fwht       k = 1, Hadamard keys: every logit of every permutation is an
 *              entry of h = FWHT(indicator J); gap = 1 - max h[x] / d over x > 0
 *              (max |h[x]| where rows have random signs)
 *   circulant  a pattern of offsets, Fourier keys: S is circulant, row 0 is
 *              every row
 *   coherence  any pattern, Hadamard keys: gap >= 1 - mu k / (1 - (k - 1) mu)
 *
 * O(L log L + k L) instead of k L^2.  The witness that is exported names the
 * columns (frequencies) and the gap; its verifier recomputes the table term by
 * term. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "patterns_interp_priv.h"

enum { CE_KEYS = PAT_OWN, CE_D, CE_GAP, CE_SIGNS, CE_FULL, CE_PARAMS };
enum { CE_C_PERMUTATION, CE_C_CIRCULANT, CE_CLAIMS };

static const char *const KEYS[] = {"hadamard", "fourier", NULL};
static const char *const SIGNS[] = {"plus", "random", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[CE_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(CE_KEYS) = ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "hadamard", KEYS,
                                    "family of the keys"),
    OWN(CE_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 24, 1, 1048576,
                                  "query and key dimension"),
    OWN(CE_GAP) = ATT_PARAM_REAL("gap", ATT_SEEDS_NOTHING, 0.0, 0.0, 1.0,
                                 "gap that is required at beta = 1"),
    OWN(CE_SIGNS) = ATT_PARAM_CHOICE("signs", ATT_SEEDS_NOTHING, "plus", SIGNS,
                                     "keys = hadamard: signs of the rows"),
    OWN(CE_FULL) =
        ATT_PARAM_CHOICE("full", ATT_SEEDS_NOTHING, "off", SWITCH,
                         "compare with the evaluation of all L^2 logits"),
};

static bool is_word(const struct att_value *p, uint32_t param, const char *word)
{
    return att_text_same(p[param].s, word);
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const size_t d = (size_t)p[CE_D].i;

    ATT_TRY(att_patterns_admit(p, err));
    if (!is_word(p, ATT_PAT_VALUES, "uniform")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "certificates speak of equal values: set values to "
                        "uniform");
    }
    if (is_word(p, CE_KEYS, "fourier") &&
        !is_word(p, ATT_PAT_DATA, "circulant") &&
        !is_word(p, ATT_PAT_DATA, "band")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = fourier certify band and circulant patterns "
                        "(got data = %s)",
                        p[ATT_PAT_DATA].s);
    }
    return att_pat_keys_admit(att_pat_family(p[CE_KEYS].s),
                              att_patterns_columns(p), d, err);
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)att_pat_power_of_two(att_patterns_columns(p));
    const double d = (double)p[CE_D].i;
    const double k = (double)p[ATT_PAT_K].i;
    const bool full = is_word(p, CE_FULL, "on");
    const bool fourier = is_word(p, CE_KEYS, "fourier");

    return (struct att_cost){.flops = n * log2(n + 1.0) +
                                      10.0 * att_patterns_nnz(p) +
                                      (fourier ? n * (d + 2.0 * k) : 0.0) +
                                      (full ? 8.0 * k * n * n : 0.0),
                             .bytes = att_patterns_bytes(p) + 64.0 * n +
                                      16.0 * k * k + 8.0 * d + 16384.0};
}

/* ---- certificates ---------------------------------------------------------------------- */

struct built {
    struct pat_gram gram;
    struct pat_query query; /* of row 0, circulant */
    const char *kind;
    double gap;
    int64_t offdiag; /* fwht: d (1 - gap) */
};

static void certify_fwht(struct built *b)
{
    int32_t most = INT32_MIN;

    for (size_t x = 1; x < b->gram.size; x++) {
        const int32_t h =
            b->gram.sign != NULL ? abs(b->gram.h[x]) : b->gram.h[x];

        most = h > most ? h : most;
    }
    b->kind = "fwht";
    b->offdiag = most;
    b->gap = b->gram.size > 1 ? 1.0 - most / (double)b->gram.spec.d
                              : (double)INFINITY;
}

static void certify_coherence(struct built *b, size_t k)
{
    const double mu = b->gram.mu;
    const double left = 1.0 - (double)(k - 1) * mu;

    b->kind = "coherence";
    b->gap = left > 0.0 ? 1.0 - mu * (double)k / left : -1.0;
}

/* Largest logit of row 0 on its zeros. */
static att_status certify_circulant(struct built *b,
                                    const struct att_pattern *a,
                                    struct att_arena *arena,
                                    struct att_error *err)
{
    struct pat_interp e = {.gram = &b->gram, .a = a};

    b->kind = "circulant";
    ATT_TRY(att_pat_interp_rows(&e, 0, 1, arena, err));
    b->gap = e.worst.gap;
    ATT_TRY(att_pat_query_init(&b->query, a->k_row, arena, err));
    (void)att_pat_query_solve(&b->query, &b->gram, a, 0);
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    const struct pat_key_spec spec = {.family = att_pat_family(c->p[CE_KEYS].s),
                                      .n = a->n_cols,
                                      .d = (size_t)c->p[CE_D].i,
                                      .plus = is_word(c->p, CE_SIGNS, "plus")};

    if (b == NULL)
        return att_arena_fail(ws->arena, "the certificate", err);
    ATT_TRY(att_pat_gram_init(ws, &spec, &b->gram, err));
    if (b->gram.shift != NULL) {
        ATT_TRY(certify_circulant(b, a, ws->arena, err));
    } else if (a->k_row == 1) {
        certify_fwht(b);
    } else {
        certify_coherence(b, a->k_row);
    }
    *built = b;
    return ATT_OK;
}

/* ---- evaluate ---------------------------------------------------------------------------- */

/* gap_unit beside the certificate: that of all rows; cross_err: how far they
 * differ (a bound may only lie below). */
static att_status out_full(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const bool bound =
        b->gram.shift == NULL &&
        (a->k_row > 1 || b->gram.sign != NULL || b->gram.size != a->n_cols);
    struct pat_interp e = {
        .gram = &b->gram, .a = a, .tolerance = att_pat_tolerance(c->p)};

    ATT_TRY(att_pat_interp_rows(&e, 0, a->n_rows, ws->arena, err));
    const double more = e.worst.gap - b->gap;

    att_out_finite(out, PM_CROSS_ERR, bound ? fmax(0.0, -more) : fabs(more));
    att_out_text(out, PM_GRAPH, bound ? "bound" : "equal");
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const struct pat_tolerance t = att_pat_tolerance(c->p);
    const struct pat_point x = att_pat_point(c->p, a);

    att_pat_out_shape(out, a, b->gram.spec.d);
    att_out_text(out, PM_CERTIFICATE, b->kind);
    att_out_finite(out, PM_GAP_UNIT, b->gap);
    att_out_int(out, PM_ACCEPT, b->gap > 0.0 && b->gap >= c->p[CE_GAP].r);
    att_out_finite(out, PM_MU, b->gram.mu);
    if (a->k_row == 1 && b->gram.h != NULL && b->gram.size > 1)
        att_out_int(out, PM_MAX_OFFDIAG, b->offdiag);
    if (b->gap > 0.0)
        att_out_finite(out, PM_BETA, t.t2 / b->gap);
    if (c->p[CE_GAP].r < 1.0) {
        att_out_finite(out, PM_D_SHARP,
                       att_pat_d_sharp_interp(&x, c->p[CE_GAP].r));
    }
    return is_word(c->p, CE_FULL, "on") ? out_full(ws, c, out, err) : ATT_OK;
}

/* ---- witness ------------------------------------------------------------------------------ */

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const size_t d = b->gram.spec.d;
    const bool fourier = b->gram.shift != NULL;
    const uint64_t n = fourier ? d / 2 : d;
    const struct att_stream s = att_builder_stream(ws, PAT_FREQUENCY, 0, 0);
    int64_t *column = att_bundle_add(&out->witness, "columns", ATT_I64, 1, &n);
    uint32_t *drawn = ATT_NEW(ws->arena, uint32_t, b->gram.size + 1);

    if (column == NULL || drawn == NULL)
        return att_arena_fail(ws->arena, "the witness", err);
    if (!fourier)
        att_pat_columns(ws, b->gram.size, d, drawn);
    for (size_t m = 0; m < n; m++) {
        column[m] =
            fourier ? att_stream_below(&s, m, (uint32_t)a->n_cols) : drawn[m];
    }
    if (fourier) {
        att_bundle_vector(&out->witness, "weights", b->query.unit, a->k_row);
        att_bundle_scalar(&out->witness, "period", (double)a->n_cols);
    } else {
        att_bundle_scalar(&out->witness, "size", (double)b->gram.size);
        att_bundle_scalar(&out->witness, "k", (double)a->k_row);
        att_bundle_scalar(&out->witness, "plus", b->gram.sign == NULL);
    }
    att_bundle_scalar(&out->witness, "gap", isfinite(b->gap) ? b->gap : 0.0);
    return ATT_OK;
}

/* ---- check -------------------------------------------------------------------------------- */

/* A number of the witness; NaN when there is none of that name. */
static double scalar(const struct att_artifact *a, const char *name)
{
    const struct att_tensor *t = att_bundle_find(&a->witness, name);

    return t != NULL && att_tensor_count(t) == 1 ? att_tensor_get(t, 0)
                                                 : (double)NAN;
}

/* Is all there that a certificate of its kind needs? */
static bool is_complete(const struct att_artifact *a,
                        const struct att_tensor *weights)
{
    const struct att_tensor *at = att_bundle_find(&a->instance, "column");
    const double n = scalar(a, weights != NULL ? "period" : "size");

    if (!isfinite(scalar(a, "gap")) || !(n >= 1.0 && n <= 0x1p32))
        return false;
    if (weights == NULL)
        return isfinite(scalar(a, "k")) && isfinite(scalar(a, "plus"));
    return at != NULL && att_tensor_count(at) >= att_tensor_count(weights);
}

/* Largest inner product (magnitude) of different Hadamard keys, summed column
 * by column. */
static void scan_columns(const struct att_tensor *columns, size_t size,
                         double *most, double *magnitude)
{
    const uint64_t d = att_tensor_count(columns);
    const int64_t *column = columns->data;

    *most = -INFINITY;
    *magnitude = 0.0;
    for (size_t x = 1; x < size; x++) {
        int64_t h = 0;

        for (uint64_t m = 0; m < d; m++) {
            h += __builtin_parityll((unsigned long long)column[m] & x) != 0 ? -1
                                                                            : 1;
        }
        *most = fmax(*most, (double)h);
        *magnitude = fmax(*magnitude, fabs((double)h));
    }
}

static double hadamard_gap(const struct att_artifact *a,
                           const struct att_tensor *columns)
{
    const double d = (double)att_tensor_count(columns);
    const double k = scalar(a, "k");
    double most = 0.0;
    double magnitude = 0.0;

    scan_columns(columns, (size_t)scalar(a, "size"), &most, &magnitude);
    if (scalar(a, "size") <= 1.0)
        return 0.0;
    if (k <= 1.0)
        return 1.0 - (scalar(a, "plus") > 0.0 ? most : magnitude) / d;
    const double left = 1.0 - (k - 1.0) * magnitude / d;

    return left > 0.0 ? 1.0 - magnitude / d * k / left : -1.0;
}

/* Row 0 of S from the frequencies: least on the support minus largest off. */
static double circulant_gap(const struct att_artifact *a,
                            const struct att_tensor *columns)
{
    const struct att_tensor *w = att_bundle_find(&a->witness, "weights");
    const struct att_tensor *at = att_bundle_find(&a->instance, "column");
    const uint64_t n = (uint64_t)scalar(a, "period");
    const double turn = 2.0 * acos(-1.0) / (double)n;
    double least = INFINITY;
    double most = -INFINITY;

    for (uint64_t j = 0; j < n; j++) {
        double s = 0.0;
        bool support = false;

        for (uint64_t q = 0; q < att_tensor_count(w); q++) {
            const uint64_t l = (uint64_t)att_tensor_get(at, q);

            support = support || l == j;
            for (uint64_t m = 0; m < att_tensor_count(columns); m++) {
                const uint64_t f = (uint64_t)att_tensor_get(columns, m);

                s += att_tensor_get(w, q) *
                     cos(turn * (double)(f * (n + j - l) % n)) /
                     (double)att_tensor_count(columns);
            }
        }
        least = support ? fmin(least, s) : least;
        most = support ? most : fmax(most, s);
    }
    return most > -(double)INFINITY ? least - most : 0.0;
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    const struct att_tensor *columns = att_bundle_find(&a->witness, "columns");
    const struct att_tensor *weights = att_bundle_find(&a->witness, "weights");

    (void)scratch;
    if (columns == NULL || columns->dtype != ATT_I64)
        return att_fail(err, ATT_E_ARG, "the witness names no columns");
    if (!is_complete(a, weights)) {
        return att_fail(err, ATT_E_ARG,
                        "the witness lacks a number of its certificate");
    }
    const double gap =
        weights != NULL ? circulant_gap(a, columns) : hadamard_gap(a, columns);

    report->n_compared = 1;
    report->max_abs_error = fabs(gap - scalar(a, "gap"));
    /* Sums of d k terms of at most |c|_1 in another order. */
    report->agrees = report->max_abs_error <= 1e-9;
    if (!report->agrees) {
        (void)snprintf(report->note, sizeof report->note,
                       "the columns give a gap of %.12g", gap);
    }
    return ATT_OK;
}

/* ---- claims -------------------------------------------------------------------------------- */

static void judge_cross(const struct att_rows *rows, struct att_finding *f,
                        const char *kind, double tolerance)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!att_row_has(row, PM_CROSS_ERR) ||
        !att_text_same(row->metric[PM_CERTIFICATE].s, kind))
        return;
    att_finding_at_most(f, att_row_metric(row, PM_CROSS_ERR), tolerance);
}

/* Floats of integers over d, and a difference. */
static void judge_permutation(const struct att_rows *rows,
                              struct att_finding *f)
{
    judge_cross(rows, f, "fwht", 4.0 * 0x1p-24);
}

static void judge_circulant(const struct att_rows *rows, struct att_finding *f)
{
    judge_cross(rows, f, "circulant", 1e-9);
}

static const struct att_claim CLAIMS[CE_CLAIMS] = {
    [CE_C_PERMUTATION] = PAT_ROW_CLAIM(
        "perm-certificate", ATT_PROVED, PAT_HERE, judge_permutation,
        "one FWHT certifies the gap of every permutation"),
    [CE_C_CIRCULANT] = PAT_ROW_CLAIM(
        "circulant", ATT_PROVED, PAT_HERE, judge_circulant,
        "one row certifies all L^2 logits of a circulant pattern"),
};

const struct att_construction att_construction_patterns_certificate = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_certificate",
    .family = "patterns",
    .source = "new here, after arXiv 2106.03764; docs/theory/patterns.md",
    .summary = "gaps of all L^2 logits from one transform: permutations to L = "
               "2^24, circulants to 10^7",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = CE_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = CE_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = check,
};
