/* patterns_small.c - what very few dimensions can do, decided exactly.
 *
 *   d = 1   every support is a prefix or a suffix of one order of the columns
 *   d = 2   k = 2: the rows are edges of a Hamiltonian cycle; keys on a circle
 *   d = 3   k = 2: the rows are edges of a planar graph; keys are the corners
 *           of a stacked polytope.  The complete graph on five columns has
 *           Q <= 1/3 whatever the keys are, by Radon's theorem
 *
 * patterns T4, T6, T7. */
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "patterns_small_priv.h"

enum { SM_D = PAT_OWN, SM_TRIALS, SM_PARAMS };
enum { SM_C_D1, SM_C_SMALL, SM_C_RANK, SM_C_HARD, SM_CLAIMS };
enum { MOST_L = 64, MOST_COUNT = 5, KEY_TAG = 9 };

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[SM_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(SM_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 1, 1, 3,
                                  "query and key dimension"),
    OWN(SM_TRIALS) = ATT_PARAM_INTEGER(
        "trials", ATT_SEEDS_NOTHING, 1000, 1, 1000000,
        "data = complete, d = 3: random sets of five keys that are refuted"),
};

static bool is_data(const struct att_value *p, const char *word)
{
    return att_text_same(p[ATT_PAT_DATA].s, word);
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_patterns_admit(p, err));
    if (p[ATT_PAT_L].i > MOST_L || is_data(p, "file") ||
        !att_text_same(p[ATT_PAT_VALUES].s, "uniform")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "exact decisions are made for L <= %d and equal values",
                        MOST_L);
    }
    if (p[SM_D].i > 1 && p[ATT_PAT_K].i != 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "d = 2 and 3 are decided for k = 2");
    }
    if (p[SM_D].i == 3 && !(is_data(p, "planar") && p[ATT_PAT_L].i % 3 == 0) &&
        !(is_data(p, "complete") && p[ATT_PAT_L].i == 10)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "d = 3 is decided for data = planar with L a multiple "
                        "of 3 and for data = complete with L = 10");
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_PAT_L].i;

    return (struct att_cost){
        .flops = 1e5 + 1e3 * n * n + 200.0 * (double)p[SM_TRIALS].i,
        .bytes = att_patterns_bytes(p) + 2000.0 * n + 16384.0};
}

/* ---- build ------------------------------------------------------------------------------ */

struct built {
    struct pat_explicit e; /* d 0: nothing was built */
    bool decided;          /* exact ratios exist */
    const char *graph;
    double q_bound;         /* of five keys; NaN */
    uint32_t order[MOST_L]; /* that serves all, d = 1 and decided */
    double worst[5][3];     /* the keys whose bound is largest, and their */
    double weight[5];       /* affine dependence */
};

static void decide_order(struct built *b, const struct att_pattern *a)
{
    uint64_t support[MOST_L] = {0};

    for (size_t i = 0; i < a->n_rows; i++) {
        for (size_t e = a->first[i]; e < a->first[i + 1]; e++)
            support[i] |= UINT64_C(1) << a->column[e];
    }
    b->decided = att_pat_order_find(support, a->n_rows, a->n_cols, b->order);
    b->graph = "order";
}

/* Keys on a circle in the order of the cycle; the query stands between its two
 * columns. */
static att_status build_cycle(struct built *b, const struct att_pattern *a,
                              struct att_arena *arena, struct att_error *err)
{
    uint32_t *order = ATT_NEW(arena, uint32_t, a->n_cols);
    long double *x1 = ATT_NEW0(arena, long double, 2 * a->n_rows);
    long double *x2 = ATT_NEW0(arena, long double, 2 * a->n_cols);
    const long double turn = 2.0L * acosl(-1.0L) / (long double)a->n_cols;

    if (order == NULL || x1 == NULL || x2 == NULL)
        return att_arena_fail(arena, "the circle", err);
    ATT_TRY(att_pat_cycle(a, arena, order, &b->decided, err));
    b->graph = b->decided ? "cycle" : "other";
    if (!b->decided)
        return ATT_OK;
    for (size_t v = 0; v < a->n_cols; v++) {
        x2[2 * (size_t)order[v]] = cosl(turn * (long double)v);
        x2[2 * (size_t)order[v] + 1] = sinl(turn * (long double)v);
    }
    for (size_t e = 0; e < a->nnz; e++) {
        for (size_t m = 0; m < 2; m++)
            x1[e / 2 * 2 + m] += x2[2 * (size_t)a->column[e] + m];
    }
    b->e = (struct pat_explicit){
        .a = a, .d = 2, .x1 = x1, .x2 = x2, .real = PAT_REAL_X80};
    return ATT_OK;
}

static att_status build_stack(struct built *b, const struct att_pattern *a,
                              struct att_arena *arena, struct att_error *err)
{
    long double *x1 = ATT_NEW0(arena, long double, 3 * a->n_rows);
    long double *x2 = ATT_NEW0(arena, long double, 3 * a->n_cols);

    if (x1 == NULL || x2 == NULL)
        return att_arena_fail(arena, "the polytope", err);
    ATT_TRY(att_pat_stack(a, arena, x1, x2, err));
    b->decided = true;
    b->graph = "planar";
    b->e = (struct pat_explicit){
        .a = a, .d = 3, .x1 = x1, .x2 = x2, .real = PAT_REAL_X80};
    return ATT_OK;
}

/* The best of many sets of five random keys: none comes above 1/3. */
static void refute_k5(struct built *b, const struct att_workspace *ws,
                      int64_t trials)
{
    b->graph = "complete";
    b->q_bound = -1.0;
    for (int64_t t = 0; t < trials; t++) {
        const struct att_stream s =
            att_builder_stream(ws, KEY_TAG, 0, (uint32_t)t);
        double y[5][3];
        double w[5];

        att_stream_normals(&s, 0, 15, &y[0][0]);
        att_pat_radon_weights((const double(*)[3])y, w);
        const double q = att_pat_radon_bound(w);

        if (q > b->q_bound) {
            b->q_bound = q;
            memcpy(b->worst, y, sizeof y);
            memcpy(b->weight, w, sizeof w);
        }
    }
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the decision", err);
    b->q_bound = (double)NAN;
    *built = b;
    if (c->p[SM_D].i == 1) {
        decide_order(b, a);
        return ATT_OK;
    }
    if (c->p[SM_D].i == 2)
        return build_cycle(b, a, ws->arena, err);
    if (is_data(c->p, "planar"))
        return build_stack(b, a, ws->arena, err);
    refute_k5(b, ws, c->p[SM_TRIALS].i);
    return ATT_OK;
}

/* ---- evaluate ---------------------------------------------------------------------------- */

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const size_t n = (size_t)c->p[ATT_PAT_L].i;
    struct pat_explicit e = b->e;
    const struct pat_tolerance t = att_pat_tolerance(c->p);

    att_pat_out_shape(out, a, (size_t)c->p[SM_D].i);
    if (e.d > 0) {
        ATT_TRY(att_pat_explicit(&e, ws->arena, err));
        att_pat_out_explicit(out, &e, &t);
    } else {
        att_out_text(out, PM_CERTIFICATE,
                     isnan(b->q_bound) ? "order" : "radon");
        att_out_int(out, PM_ACCEPT, b->decided);
    }
    att_out_text(out, PM_GRAPH, b->graph);
    att_out_finite(out, PM_Q_BOUND, b->q_bound);
    att_out_int(out, PM_FEASIBLE, b->decided);
    if (c->p[SM_D].i == 1 && n >= 2 && n <= MOST_COUNT) {
        att_out_int(out, PM_N_SERVED,
                    att_pat_count_orders(n, att_pat_order_exists));
        att_out_int(out, PM_FEASIBLE_CHECK,
                    att_pat_count_orders(n, att_pat_order_search));
    }
    return ATT_OK;
}

static void put_order(const struct built *b, size_t n_cols,
                      struct att_bundle *witness)
{
    const uint64_t n = n_cols;
    int64_t *order = att_bundle_add(witness, "order", ATT_I64, 1, &n);

    for (size_t j = 0; order != NULL && j < n_cols; j++)
        order[j] = b->order[j];
}

/* The decision and an order that proves it, or the five keys, their dependence
 * and their bound. */
static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;

    if (b->e.d > 0)
        return att_pat_export_explicit(&b->e, ws->arena, out, err);
    att_bundle_scalar(&out->witness, "decided", b->decided);
    if (!isnan(b->q_bound)) {
        att_bundle_f64(&out->witness, "keys", &b->worst[0][0], 5, 3);
        att_bundle_vector(&out->witness, "weights", b->weight, 5);
        att_bundle_scalar(&out->witness, "q_bound", b->q_bound);
    } else if (b->decided) {
        put_order(b, ((const struct att_pattern *)c->instance)->n_cols,
                  &out->witness);
    }
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the witness", err);
    return ATT_OK;
}

/* ---- check -------------------------------------------------------------------------------- */

static uint64_t count_of(const struct att_tensor *t)
{
    return t != NULL ? att_tensor_count(t) : 0;
}

/* No query can do better than the dependence of the keys allows. */
static bool bound_is_right(const struct att_artifact *a,
                           const struct att_tensor *keys)
{
    const struct att_tensor *weights = att_bundle_find(&a->witness, "weights");
    const struct att_tensor *bound = att_bundle_find(&a->witness, "q_bound");
    double y[5][3];
    double w[5];

    if (count_of(keys) != 15 || count_of(weights) != 5 || count_of(bound) != 1)
        return false;
    for (size_t i = 0; i < 15; i++)
        y[i / 3][i % 3] = att_tensor_get(keys, i);
    for (size_t i = 0; i < 5; i++)
        w[i] = att_tensor_get(weights, i);
    const double q = att_tensor_get(bound, 0);

    return att_pat_radon_is_dependence((const double(*)[3])y, w) &&
           q == att_pat_radon_bound(w) && q <= 1.0 / 3.0 + 1e-9;
}

static bool is_length(double n)
{
    return n >= 1.0 && n <= MOST_L;
}

struct supports {
    uint64_t mask[MOST_L];
    size_t n, n_cols;
};

/* The supports of the exported pattern; false when it is none. */
static bool read_supports(const struct att_artifact *a, struct supports *s)
{
    const struct att_tensor *first = att_bundle_find(&a->instance, "first");
    const struct att_tensor *column = att_bundle_find(&a->instance, "column");
    const struct att_tensor *shape = att_bundle_find(&a->instance, "shape");

    if (count_of(shape) != 2 || !is_length(att_tensor_get(shape, 0)) ||
        !is_length(att_tensor_get(shape, 1)))
        return false;
    *s = (struct supports){.n = (size_t)att_tensor_get(shape, 0),
                           .n_cols = (size_t)att_tensor_get(shape, 1)};
    if (count_of(first) != s->n + 1)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        const double from = att_tensor_get(first, i);
        const double to = att_tensor_get(first, i + 1);

        if (!(from >= 0.0 && to <= (double)count_of(column)))
            return false;
        for (uint64_t e = (uint64_t)from; (double)e < to; e++) {
            const double j = att_tensor_get(column, e);

            if (!(j >= 0.0 && j < (double)s->n_cols))
                return false;
            s->mask[i] |= UINT64_C(1) << (unsigned)j;
        }
    }
    return true;
}

/* An order proves itself; that there is none is decided anew, by trying all
 * where that can be done. */
static bool order_is_right(const struct att_artifact *a, bool decided)
{
    enum { MOST_TRIED = 6 };
    const struct att_tensor *t = att_bundle_find(&a->witness, "order");
    uint32_t order[MOST_L];
    struct supports s;

    if (!read_supports(a, &s))
        return false;
    if (!decided) {
        return s.n_cols <= MOST_TRIED
                   ? !att_pat_order_search(s.mask, s.n, s.n_cols)
                   : !att_pat_order_exists(s.mask, s.n, s.n_cols);
    }
    if (count_of(t) != s.n_cols)
        return false;
    for (size_t j = 0; j < s.n_cols; j++) {
        const double at = att_tensor_get(t, j);

        if (!(at >= 0.0 && at < (double)s.n_cols))
            return false;
        order[j] = (uint32_t)at;
    }
    return att_pat_order_serves(s.mask, s.n, order, s.n_cols);
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    const struct att_tensor *decided = att_bundle_find(&a->witness, "decided");
    const struct att_tensor *keys = att_bundle_find(&a->witness, "keys");

    if (decided == NULL)
        return att_artifact_check(a, scratch, report, err);
    report->n_compared = 1;
    report->agrees = keys != NULL
                         ? bound_is_right(a, keys)
                         : order_is_right(a, att_tensor_get(decided, 0) == 1.0);
    if (!report->agrees) {
        (void)snprintf(report->note, sizeof report->note,
                       "the witness proves nothing of the kind");
    }
    return ATT_OK;
}

/* ---- claims -------------------------------------------------------------------------------- */

/* L + C(L, 2) (2^L - 2): maps with at most two targets. */
static void judge_d1(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double n = (double)row->param[ATT_PAT_L].i;

    att_finding_blank(f);
    if (!att_row_has(row, PM_FEASIBLE_CHECK))
        return;
    att_finding_equal(f, (double)row->metric[PM_N_SERVED].i,
                      n + n * (n - 1.0) / 2.0 * (pow(2.0, n) - 2.0));
    if (row->metric[PM_FEASIBLE_CHECK].i != row->metric[PM_N_SERVED].i)
        f->verdict = ATT_VIOLATED;
}

static void judge_small(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (row->param[SM_D].i == 1)
        return;
    if (att_row_has(row, PM_Q_BOUND)) {
        att_finding_at_most(f, att_row_metric(row, PM_Q_BOUND), 1.0 / 3.0);
    } else if (row->metric[PM_FEASIBLE].i == 1) {
        att_finding_equal(f, (double)row->metric[PM_ACCEPT].i, 1.0);
    }
}

/* A pattern that no order serves has sign rank 3 at least. */
static void judge_rank(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (row->param[SM_D].i == 1 || row->metric[PM_ACCEPT].i != 1)
        return;
    att_finding_at_least(f, (double)row->param[SM_D].i + 1.0, 3.0);
}

static void judge_never(const struct att_rows *rows, struct att_finding *f)
{
    (void)rows;
    att_finding_blank(f);
}

static const struct att_claim CLAIMS[SM_CLAIMS] = {
    [SM_C_D1] = PAT_ROW_CLAIM("d1", ATT_PROVED, PAT_HERE, judge_d1,
                              "d = 1: the order test finds L + C(L,2) (2^L - "
                              "2) feasible maps, as trying every order does"),
    [SM_C_SMALL] = PAT_ROW_CLAIM(
        "k2-small-d", ATT_PROVED, PAT_HERE, judge_small,
        "k = 2: cycles work at d = 2, planar graphs at d = 3, five columns "
        "joined to each other have Q <= 1/3 at d = 3"),
    [SM_C_RANK] =
        PAT_ROW_CLAIM("sign-rank", ATT_PROVED, PAT_HERE, judge_rank,
                      "an accepted pattern has d + 1 >= its sign rank"),
    [SM_C_HARD] =
        PAT_ROW_CLAIM("np-hard", ATT_PUBLIC,
                      "stated in public sources, arXiv 2106.03764", judge_never,
                      "deciding is NP-hard for every fixed d > 1 "
                      "(never judged)"),
};

const struct att_construction att_construction_patterns_small = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_small",
    .family = "patterns",
    .source = "Steinitz, Radon; docs/theory/patterns.md",
    .summary = "what d = 1, 2, 3 can do, decided exactly: orders, cycles, "
               "planar graphs, K5",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = SM_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = SM_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = check,
};
