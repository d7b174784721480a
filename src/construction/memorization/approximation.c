/* approximation.c - universal approximation: quantise every coordinate to g
 * cells, give every multiset of cells its context ids, decode ids to the
 * target's values at cell centres.
 *
 * The multisets are those of the reconstructed theorem and, beyond it, those
 * with repeated cells; the error is reported with repeated cells kept and
 * dropped.  Differs: the exported quantiser and decoder are token-wise
 * functions ("cell", "step"), what the theorem's ReLU networks compute outside
 * their ramps; ramps of the quantiser are evaluated, not exported.  See
 * docs/theory/memorization.md. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/construction/construction.h"
#include "attest/construction/finding.h"
#include "attest/linalg/vector.h"
#include "attest/problem/functions.h"
#include "memorization_metric_priv.h"
#include "memorization_priv.h"

enum {
    UA_G = ATT_FN_PARAMS,
    UA_LP,
    UA_RAMP,
    UA_RAMP_ORDER,
    UA_N_DIR,
    UA_PARAMS
};

static const struct att_param PARAMS[UA_PARAMS - ATT_FN_PARAMS] = {
    [UA_G - ATT_FN_PARAMS] = ATT_PARAM_INTEGER("g", ATT_SEEDS_NOTHING, 8, 1,
                                               4096, "cells per coordinate"),
    [UA_LP - ATT_FN_PARAMS] = ATT_PARAM_REAL("lp", ATT_SEEDS_NOTHING, 2.0, 1.0,
                                             64.0, "exponent p of Lp_err"),
    [UA_RAMP - ATT_FN_PARAMS] =
        ATT_PARAM_REAL("ramp", ATT_SEEDS_NOTHING, 0.0, 0.0, 1.0,
                       "width of the quantiser's ramps in cells, at g = 1"),
    [UA_RAMP_ORDER - ATT_FN_PARAMS] =
        ATT_PARAM_REAL("ramp_order", ATT_SEEDS_NOTHING, 0.0, 0.0, 8.0,
                       "ramps are ramp / g^ramp_order of a cell wide"),
    [UA_N_DIR - ATT_FN_PARAMS] =
        ATT_PARAM_INTEGER("n_dir", ATT_SEEDS_NOTHING, 4, 1, 256,
                          "directions that the search tries (d > 1)"),
};

enum {
    UA_M_M,
    UA_M_MULTISETS,
    UA_M_T,
    UA_M_T_COUNT,
    UA_M_KAPPA,
    UA_M_RHO,
    UA_M_MIN_GAP,
    UA_M_BITS,
    UA_M_SLACK,
    UA_M_ID_ACC,
    UA_M_SUP,
    UA_M_SUP_BOUND,
    UA_M_LP_ERR,
    UA_M_SUP_DROPPED,
    UA_M_LP_DROPPED,
    UA_M_DUP,
    UA_M_DUP_LAW,
    UA_M_RAMP_FRAC,
    UA_M_T_BUILD,
    UA_METRICS
};

static const struct att_metric METRICS[UA_METRICS] = {
    [UA_M_M] = MEM_COUNT("M", "1", NULL, "cells, g^d"),
    [UA_M_MULTISETS] =
        MEM_COUNT("multisets", "1", NULL, "multisets of L cells"),
    [UA_M_T] = MEM_COUNT("T", "1", "T_count", "distinct ids"),
    [UA_M_T_COUNT] = MEM_LAW("T_count", "1", NULL, "g^d C(g^d + L - 2, L - 1)"),
    [UA_M_KAPPA] = MEM_REAL("kappa", "1", NULL, "lambda max p^2"),
    [UA_M_RHO] = MEM_REAL("rho", "1", NULL, "residual gain"),
    [UA_M_MIN_GAP] =
        MEM_REAL("min_gap", "1", NULL, "smallest distance of two ids"),
    [UA_M_BITS] = MEM_REAL("bits", "bit", NULL, "-log2(min_gap / max|z|)"),
    [UA_M_SLACK] = MEM_REAL("slack", "bit", NULL, "53 less bits"),
    [UA_M_ID_ACC] =
        MEM_REAL("id_acc", "1", NULL,
                 "share of test tokens whose cell and multiset are recalled "
                 "(inputs in no ramp)"),
    [UA_M_SUP] = MEM_REAL("sup_err", "1", "sup_bound",
                          "largest error, repeated cells kept"),
    [UA_M_SUP_BOUND] = MEM_LAW("sup_bound", "1", "1 / g - 1 / (4 * g * g)",
                               "supremum for target = xmax, d = 1"),
    [UA_M_LP_ERR] = MEM_REAL("Lp_err", "1", NULL,
                             "(mean over tokens and outputs of |error|^p)^"
                             "(1/p), repeated cells kept"),
    [UA_M_SUP_DROPPED] = MEM_REAL("sup_err_dropped", "1", NULL,
                                  "largest error, 0 for repeated cells"),
    [UA_M_LP_DROPPED] = MEM_REAL("Lp_err_dropped", "1", NULL,
                                 "Lp_err with 0 for repeated cells"),
    [UA_M_DUP] = MEM_REAL("dup_frac", "1", "dup_law",
                          "share of test sequences with a repeated cell"),
    [UA_M_DUP_LAW] =
        MEM_LAW("dup_law", "1", NULL, "1 - prod_{j < L} (1 - j g^-d)"),
    [UA_M_RAMP_FRAC] = MEM_REAL("ramp_frac", "1", NULL,
                                "share of test sequences with a coordinate in "
                                "a ramp"),
    [UA_M_T_BUILD] = MEM_TIME("t_build", "multisets, search, look-up table"),
};

/* ---- claims --------------------------------------------------------------------- */

static double number(const struct att_row_view *row, uint32_t m)
{
    return att_value_number(row->metric[m]);
}

static void blank(struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    f->statistic = f->predicted = (double)NAN;
}

static void judge_sup(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    blank(f);
    if (!att_text_same(row->param[ATT_FN_TARGET].s, "xmax") ||
        row->param[ATT_FN_D].i != 1 || number(row, UA_M_RAMP_FRAC) > 0.0)
        return;
    f->statistic = number(row, UA_M_SUP);
    f->predicted = number(row, UA_M_SUP_BOUND);
    f->verdict =
        f->statistic <= f->predicted + 1e-12 ? ATT_HOLDS : ATT_VIOLATED;
}

static void judge_dup(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double p = number(row, UA_M_DUP_LAW);
    const double n = (double)row->param[ATT_FN_SAMPLES].i;

    blank(f);
    f->statistic = number(row, UA_M_DUP);
    f->predicted = p;
    f->verdict = fabs(f->statistic - p) <= 4.0 * sqrt(p * (1.0 - p) / n) + 1e-12
                     ? ATT_HOLDS
                     : ATT_VIOLATED;
    if (f->verdict == ATT_VIOLATED && n * fmin(p, 1.0 - p) < 10.0)
        f->verdict = ATT_INCONCLUSIVE; /* no normal distribution yet */
}

static void judge_count(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_equal(f, number(&rows->row[0], UA_M_T),
                      number(&rows->row[0], UA_M_T_COUNT));
}

static void judge_duplicates(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    blank(f);
    f->statistic = number(row, UA_M_ID_ACC);
    f->predicted = 1.0;
    if (row->metric[UA_M_ID_ACC].kind == ATT_NONE)
        return;
    f->verdict = f->statistic >= 1.0 ? ATT_HOLDS : ATT_VIOLATED;
    if (f->statistic < 1.0 && !(number(row, UA_M_SLACK) >= 2.0))
        f->verdict = ATT_INCONCLUSIVE;
}

enum { LEAST_G = 4 };

/* Slope of log column in log g; NaN without a fit. */
static double slope(const struct att_rows *rows, uint32_t column)
{
    struct att_sample s;
    struct att_fit fit;

    if (!att_sample_init(&s, rows->scratch, rows->n, 1))
        return (double)NAN;
    for (size_t i = 0; i < rows->n; i++) {
        const double g = (double)rows->row[i].param[UA_G].i;

        (void)att_sample_add(&s, &g, number(&rows->row[i], column),
                             rows->row[i].replicate);
    }
    const struct att_points points = att_sample_points(&s);

    if (att_sample_distinct(&s, 0, rows->scratch) < LEAST_G ||
        att_fit_power(&points, ATT_FIT_MEDIANS, rows->scratch, &fit, NULL) !=
            ATT_OK)
        return (double)NAN;
    return fit.coef[1];
}

static void judge_lp(const struct att_rows *rows, struct att_finding *f)
{
    blank(f);
    f->verdict = ATT_INCONCLUSIVE;
    if (rows->n == 0)
        return;
    const struct att_value *p = rows->row[0].param;
    const double dropped_law = -fmin(1.0, (double)p[ATT_FN_D].i / p[UA_LP].r);

    if (att_text_same(p[ATT_FN_TARGET].s, "root"))
        f->verdict = ATT_NOT_APPLICABLE; /* not Lipschitz: another rate */
    if (p[UA_RAMP].r > 0.0 || f->verdict == ATT_NOT_APPLICABLE)
        return;
    const double kept = slope(rows, UA_M_LP_ERR);
    const double dropped = slope(rows, UA_M_LP_DROPPED);

    f->statistic = kept;
    f->predicted = -1.0;
    if (isnan(kept) || isnan(dropped))
        return;
    f->verdict = fabs(kept + 1.0) <= 0.2 && fabs(dropped - dropped_law) <= 0.2
                     ? ATT_HOLDS
                     : ATT_VIOLATED;
    (void)snprintf(f->note, sizeof f->note,
                   "kept %.3f (law -1), dropped %.3f (law %.3f)", kept, dropped,
                   dropped_law);
}

#define PROVED "derived here, docs/theory/memorization.md"

static const struct att_claim CLAIMS[] = {
    {.id = "memorization.ua-sup",
     .statement = "target xmax, d = 1: sup_err <= 1/g - 1/(4 g^2)",
     .source = PROVED,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_sup},
    {.id = "memorization.ua-lp",
     .statement = "Lp_err falls as g^-1, Lp_err_dropped as g^-min(1, d/p) "
                  "(within 0.2, Lipschitz targets, no ramps)",
     .source = "measured; rate derived here as a sketch",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "*,!g",
     .pool = "",
     .judge = judge_lp},
    {.id = "memorization.ua-dup",
     .statement = "dup_frac = 1 - prod_{j < L} (1 - j g^-d) within 4 standard "
                  "errors",
     .source = PROVED,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_dup},
    {.id = "memorization.ua-count",
     .statement = "T = g^d C(g^d + L - 2, L - 1)",
     .source = PROVED,
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_count},
    {.id = "memorization.duplicates",
     .statement = "multisets of one size: id_acc = 1 with slack >= 2",
     .source = "measured (sketch of a proof)",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_duplicates},
};

/* ---- which points exist -------------------------------------------------------------- */

static double choose(double n, int64_t k)
{
    double c = 1.0;

    for (int64_t i = 1; i <= k; i++)
        c *= (n - (double)(k - i)) / (double)i;
    return rint(c);
}

static double cells_of(const struct att_value *p)
{
    return pow((double)p[UA_G].i, (double)p[ATT_FN_D].i);
}

static double count_ids(const struct att_value *p)
{
    const int64_t l = p[ATT_FN_L].i;
    const double m = cells_of(p);

    return m * choose(m + (double)l - 2.0, l - 1);
}

static double count_members(const struct att_value *p)
{
    const int64_t l = p[ATT_FN_L].i;

    return (double)l * choose(cells_of(p) + (double)l - 1.0, l);
}

static const double MOST_IDS = 16777216.0; /* 2^24: about 4 GB of tables */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_functions_admit(p, err));
    if (!(count_ids(p) <= MOST_IDS) || !(count_members(p) <= 4.0 * MOST_IDS)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "%.3g ids of multisets of %" PRId64
                        " out of g^d = %.3g cells are too large for memory "
                        "(at most 2^24): lower g, d or L",
                        count_ids(p), p[ATT_FN_L].i, cells_of(p));
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double t = count_ids(p), members = count_members(p);
    const double l = (double)p[ATT_FN_L].i, d = (double)p[ATT_FN_D].i;
    const double m = cells_of(p), samples = (double)p[ATT_FN_SAMPLES].i;
    const double draws = p[ATT_FN_D].i == 1 ? 1.0 : (double)p[UA_N_DIR].i;

    return (struct att_cost){
        .flops = draws * (7.0 * 10.0 * t * l + 28.0 * 40.0 * t) +
                 t * (60.0 + 30.0 * log2(t + 2.0)) +
                 samples * l * (100.0 + 30.0 * l),
        .bytes = 4.0 * members + 8.0 * (members / l + 1.0) * 2.0 + 160.0 * t +
                 8.0 * m * (d + 4.0 * (draws + 2.0)) + 8.0 * samples * l * d +
                 32.0 * m * m * (m * m <= 2.0 * t * l ? 1.0 : 0.0) + 1e5};
}

/* ---- build --------------------------------------------------------------------------------- */

struct built {
    size_t g, d, l, d_out;
    double ramp;         /* width in x */
    struct att_mat cell; /* [M, d] centres */
    struct mem_ids ids;
    struct mem_build scale;
    struct mem_lookup lookup;
    double *value; /* [T, d_out] target at the centres */
    bool found;
    double build_s;
};

static double centre(size_t c, size_t g)
{
    return ((double)c + 0.5) / (double)g;
}

static att_status make_cells(struct built *b, struct att_arena *arena,
                             struct att_error *err)
{
    const size_t m = (size_t)rint(pow((double)b->g, (double)b->d));

    b->cell = att_mat_new(arena, m, b->d);
    if (b->cell.data == NULL)
        return att_arena_fail(arena, "the cells", err);
    for (size_t c = 0; c < m; c++) {
        size_t rest = c;

        for (size_t k = b->d; k-- > 0; rest /= b->g)
            att_mat_row(b->cell, c)[k] = centre(rest % b->g, b->g);
    }
    return ATT_OK;
}

/* The next ascending tuple below m in lexicographic order; false at the end. */
static bool next_multiset(uint32_t *x, size_t l, size_t m)
{
    size_t i = l;

    while (i > 0 && x[i - 1] + 1 == m)
        i--;
    if (i == 0)
        return false;
    x[i - 1]++;
    for (size_t j = i; j < l; j++)
        x[j] = x[i - 1];
    return true;
}

static att_status make_multisets(struct built *b, const struct att_value *p,
                                 struct att_arena *arena, struct att_error *err)
{
    const size_t total = (size_t)count_members(p), n = total / b->l;
    uint32_t *member = ATT_NEW0(arena, uint32_t, total + b->l);
    size_t *start = ATT_NEW(arena, size_t, n + 1);

    if (member == NULL || start == NULL)
        return att_arena_fail(arena, "the multisets", err);
    for (size_t c = 0; c < n; c++) {
        start[c] = c * b->l;
        if (c == 0)
            continue;
        memcpy(member + start[c], member + start[c - 1], b->l * sizeof *member);
        (void)next_multiset(member + start[c], b->l, b->cell.rows);
    }
    start[n] = total;
    b->ids = (struct mem_ids){.n_tokens = b->cell.rows,
                              .n_contexts = n,
                              .start = start,
                              .member = member};
    return att_mem_ids_number(&b->ids, arena, err);
}

static att_status make_lookup(struct built *b, struct att_arena *arena,
                              struct att_error *err)
{
    struct att_dd *z = ATT_NEW(arena, struct att_dd, b->ids.n);

    if (z == NULL)
        return att_arena_fail(arena, "the ids", err);
    for (size_t i = 0; i < b->ids.n; i++)
        z[i] = att_dd_from(b->scale.z[i]);
    return att_mem_lookup_make(MEM_F64, z, b->ids.n, arena, &b->lookup, err);
}

/* The target at the centres of every id's multiset, for its own cell. */
static att_status make_values(struct built *b, const struct att_function *f,
                              struct att_arena *arena, struct att_error *err)
{
    double *x = ATT_NEW(arena, double, b->l * b->d);

    b->value = ATT_NEW(arena, double, b->ids.n * b->d_out);
    if (x == NULL || b->value == NULL)
        return att_arena_fail(arena, "the values", err);
    for (size_t id = 0; id < b->ids.n; id++) {
        const uint32_t *set = b->ids.member + b->ids.start[b->ids.context[id]];
        size_t own = 0;

        for (size_t i = 0; i < b->l; i++) {
            memcpy(x + i * b->d, att_mat_row(b->cell, set[i]),
                   b->d * sizeof *x);
            own = set[i] == b->ids.token[id] ? i : own;
        }
        f->value(x, b->l, b->d, own, b->value + id * b->d_out);
    }
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const double start = att_clock_s();
    const struct att_functions *f = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the build", err);
    b->g = (size_t)c->p[UA_G].i;
    b->d = f->d;
    b->l = f->l;
    b->d_out = f->f->d_out;
    b->ramp = c->p[UA_RAMP].r / pow((double)b->g, 1.0 + c->p[UA_RAMP_ORDER].r);
    ATT_TRY(make_cells(b, ws->arena, err));
    ATT_TRY(make_multisets(b, c->p, ws->arena, err));
    const struct mem_search search = {ws, b->cell, &b->ids,
                                      (uint32_t)c->p[UA_N_DIR].i, false};

    b->scale.rho_mult = b->scale.bits_certified = (double)NAN;
    ATT_TRY(att_mem_search(&search, &b->scale, &b->found, err));
    if (!b->found) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "no direction separates the cells of a grid with g = "
                        "%zu, d = %zu",
                        b->g, b->d);
    }
    ATT_TRY(att_mem_finish(&b->ids, ws->arena, &b->scale, err));
    ATT_TRY(make_lookup(b, ws->arena, err));
    ATT_TRY(make_values(b, f->f, ws->arena, err));
    b->build_s = att_clock_s() - start;
    *built = b;
    return ATT_OK;
}

/* ---- evaluate ------------------------------------------------------------------------------- */

/* A sequence on its way through the three layers. */
struct passage {
    const struct built *b;
    double *q;          /* [L, d] quantised */
    double *p;          /* [L] */
    struct att_dd *row; /* [L] */
    uint32_t *cell;     /* [L] */
    uint32_t *sorted;   /* [L] */
    double *target;     /* [d_out] */
    bool repeated, in_ramp;
};

/* Sums of one row: errors to the power p, and counts. */
struct tally {
    double power;
    double sum_kept, sum_dropped, sup_kept, sup_dropped;
    uint64_t n, repeated, in_ramp, tokens, recalled;
};

static size_t cell_of(double x, size_t g)
{
    const double c = floor((double)g * x);

    return c < 0.0 ? 0 : c >= (double)g ? g - 1 : (size_t)c;
}

/* FFN1: the centre of the cell, with ramps across inner boundaries. */
static double quantise(const struct passage *t, double x, size_t *cell,
                       bool *in_ramp)
{
    const size_t g = t->b->g;
    const double half = 0.5 * t->b->ramp;
    const double below = rint((double)g * x); /* nearest boundary */
    const double away = x - below / (double)g;

    *cell = cell_of(x, g);
    if (fabs(away) >= half || below < 0.5 || below > (double)g - 0.5)
        return centre(*cell, g);
    *in_ramp = true;
    return below / (double)g + away / t->b->ramp / (double)g;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void enter(struct passage *t, const double *x)
{
    const struct built *b = t->b;

    t->in_ramp = t->repeated = false;
    for (size_t i = 0; i < b->l; i++) {
        size_t index = 0, cell = 0;

        for (size_t k = 0; k < b->d; k++) {
            t->q[i * b->d + k] =
                quantise(t, x[i * b->d + k], &cell, &t->in_ramp);
            index = index * b->g + cell;
        }
        t->cell[i] = t->sorted[i] = (uint32_t)index;
    }
    qsort(t->sorted, b->l, sizeof *t->sorted, by_number);
    for (size_t i = 1; i < b->l; i++)
        t->repeated = t->repeated || t->sorted[i] == t->sorted[i - 1];
    att_project(att_mat_view(t->q, b->l, b->d), b->scale.at.v, t->p);
    for (size_t i = 0; i < b->l; i++)
        t->row[i] = att_dd_from(t->p[i]);
}

static uint32_t recall(const struct passage *t, size_t i)
{
    const struct mem_typed f64 = {MEM_F64, att_dd_from(t->b->scale.lambda),
                                  att_dd_from(t->b->scale.rho)};

    return att_mem_lookup_find(
        &t->b->lookup, att_mem_typed_z(&f64, t->row, t->b->l, t->row[i]));
}

static bool is_right(const struct passage *t, size_t i, uint32_t id)
{
    const struct mem_ids *ids = &t->b->ids;

    return ids->token[id] == t->cell[i] &&
           memcmp(ids->member + ids->start[ids->context[id]], t->sorted,
                  t->b->l * sizeof *t->sorted) == 0;
}

static void add_errors(const struct passage *t, const double *value,
                       struct tally *sum)
{
    for (size_t c = 0; c < t->b->d_out; c++) {
        const double kept = fabs(value[c] - t->target[c]);
        const double dropped = t->repeated ? fabs(t->target[c]) : kept;

        sum->sum_kept += pow(kept, sum->power);
        sum->sum_dropped += pow(dropped, sum->power);
        sum->sup_kept = fmax(sum->sup_kept, kept);
        sum->sup_dropped = fmax(sum->sup_dropped, dropped);
        sum->n++;
    }
}

static void pass(struct passage *t, const struct att_functions *f,
                 const double *x, struct tally *sum)
{
    enter(t, x);
    sum->repeated += t->repeated;
    sum->in_ramp += t->in_ramp;
    for (size_t i = 0; i < f->l; i++) {
        const uint32_t id = recall(t, i);

        f->f->value(x, f->l, f->d, i, t->target);
        add_errors(t, t->b->value + id * t->b->d_out, sum);
        if (!t->in_ramp) {
            sum->tokens++;
            sum->recalled += is_right(t, i, id);
        }
    }
}

static att_status passage_init(const struct built *b, struct att_arena *arena,
                               struct passage *t, struct att_error *err)
{
    *t = (struct passage){.b = b,
                          .q = ATT_NEW(arena, double, b->l * b->d),
                          .p = ATT_NEW(arena, double, b->l),
                          .row = ATT_NEW(arena, struct att_dd, b->l),
                          .cell = ATT_NEW(arena, uint32_t, b->l),
                          .sorted = ATT_NEW(arena, uint32_t, b->l),
                          .target = ATT_NEW(arena, double, b->d_out)};
    if (t->q == NULL || t->p == NULL || t->row == NULL || t->cell == NULL ||
        t->sorted == NULL || t->target == NULL)
        return att_arena_fail(arena, "a sequence", err);
    return ATT_OK;
}

static void report_build(const struct built *b, const struct att_value *p,
                         struct att_outcome *out)
{
    const double m = (double)b->cell.rows;
    double distinct = 1.0;

    att_out_int(out, UA_M_M, (int64_t)b->cell.rows);
    att_out_int(out, UA_M_MULTISETS, (int64_t)b->ids.n_contexts);
    att_out_int(out, UA_M_T, (int64_t)b->ids.n);
    att_out_real(out, UA_M_T_COUNT, count_ids(p));
    att_out_real(out, UA_M_KAPPA, b->scale.kappa);
    att_out_real(out, UA_M_RHO, b->scale.rho);
    if (isfinite(b->scale.min_gap) && b->scale.min_gap > 0.0) {
        const double bits = -log2(b->scale.min_gap / b->scale.max_z);

        att_out_real(out, UA_M_MIN_GAP, b->scale.min_gap);
        att_out_real(out, UA_M_BITS, bits);
        att_out_real(out, UA_M_SLACK, 53.0 - bits);
    }
    for (size_t j = 1; j < b->l; j++)
        distinct *= fmax(0.0, 1.0 - (double)j / m);
    att_out_real(out, UA_M_DUP_LAW, 1.0 - distinct);
    att_out_real(out, UA_M_SUP_BOUND,
                 1.0 / (double)b->g -
                     1.0 / (4.0 * (double)b->g * (double)b->g));
    att_out_real(out, UA_M_T_BUILD, b->build_s);
}

static void report_tally(const struct tally *sum, size_t samples,
                         struct att_outcome *out)
{
    const double n = (double)sum->n, s = (double)samples;

    att_out_real(out, UA_M_SUP, sum->sup_kept);
    att_out_real(out, UA_M_SUP_DROPPED, sum->sup_dropped);
    att_out_real(out, UA_M_LP_ERR, pow(sum->sum_kept / n, 1.0 / sum->power));
    att_out_real(out, UA_M_LP_DROPPED,
                 pow(sum->sum_dropped / n, 1.0 / sum->power));
    att_out_real(out, UA_M_DUP, (double)sum->repeated / s);
    att_out_real(out, UA_M_RAMP_FRAC, (double)sum->in_ramp / s);
    if (sum->tokens > 0) {
        att_out_real(out, UA_M_ID_ACC,
                     (double)sum->recalled / (double)sum->tokens);
    }
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_functions *f = c->instance;
    const struct built *b = c->built;
    struct tally sum = {.power = c->p[UA_LP].r};
    struct passage t;

    ATT_TRY(passage_init(b, ws->arena, &t, err));
    report_build(b, c->p, out);
    for (size_t s = 0; s < f->samples; s++)
        pass(&t, f, f->x + s * f->l * f->d, &sum);
    report_tally(&sum, f->samples, out);
    return ATT_OK;
}

/* ---- export ----------------------------------------------------------------------------------- */

static void export_attention(const struct built *b, double *o,
                             struct att_layer *layer)
{
    double scaled = b->scale.lambda;
    const double one = 1.0;

    for (size_t k = 0; k < b->d; k++)
        o[k] = b->scale.rho * b->scale.at.v[k];
    att_bundle_f64(&layer->tensors, "Q_left", &scaled, 1, 1);
    att_bundle_f64(&layer->tensors, "Q_right", b->scale.at.v, 1, b->d);
    att_bundle_f64(&layer->tensors, "K_left", &one, 1, 1);
    att_bundle_f64(&layer->tensors, "K_right", b->scale.at.v, 1, b->d);
    att_bundle_f64(&layer->tensors, "V_left", &one, 1, 1);
    att_bundle_f64(&layer->tensors, "V_right", b->scale.at.v, 1, b->d);
    att_bundle_f64(&layer->tensors, "O_left", o, b->d, 1);
    att_bundle_f64(&layer->tensors, "O_right", &one, 1, 1);
    att_layer_number(layer, "residual", 1.0);
}

/* The decoder: thresholds between ids, the target's value of each. */
static att_status export_decoder(const struct built *b, struct att_layer *layer,
                                 struct att_arena *arena, struct att_error *err)
{
    const size_t n = b->ids.n;
    double *t = ATT_NEW(arena, double, n);
    double *y = ATT_NEW(arena, double, n * b->d_out);

    if (t == NULL || y == NULL)
        return att_arena_fail(arena, "the decoder", err);
    for (size_t j = 0; j < n; j++) {
        t[j] = b->lookup.threshold[j].hi;
        memcpy(y + j * b->d_out, b->value + b->lookup.code[j].id * b->d_out,
               b->d_out * sizeof *y);
    }
    att_layer_text(layer, "function", "step");
    att_bundle_vector(&layer->tensors, "t", t, n - 1);
    att_bundle_f64(&layer->tensors, "Y", y, n, b->d_out);
    att_bundle_vector(&layer->tensors, "a", b->scale.at.v, b->d);
    return ATT_OK;
}

static att_status export_expected(const struct built *b,
                                  const struct att_functions *f,
                                  struct att_artifact *out,
                                  struct att_arena *arena,
                                  struct att_error *err)
{
    const uint64_t shape[] = {f->samples * f->l, b->d_out};
    double *y = att_bundle_add(&out->expected, "outputs", ATT_F64, 2, shape);
    struct built plain = *b;
    struct passage t;

    plain.ramp = 0.0;
    ATT_TRY(passage_init(&plain, arena, &t, err));
    if (y == NULL)
        return att_arena_fail(arena, "the expected values", err);
    for (size_t s = 0; s < f->samples; s++) {
        enter(&t, f->x + s * f->l * f->d);
        for (size_t i = 0; i < f->l; i++) {
            memcpy(y + (s * f->l + i) * b->d_out,
                   b->value + recall(&t, i) * b->d_out, b->d_out * sizeof *y);
        }
    }
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    double *o = ATT_NEW(ws->arena, double, b->d);
    struct att_layer *layer = att_model_add(&out->model, ATT_LAYER_TOKENWISE);

    if (o == NULL || layer == NULL)
        return att_arena_fail(ws->arena, "a layer", err);
    att_layer_text(layer, "function", "cell");
    att_layer_number(layer, "scale", (double)b->g);
    layer = att_model_add(&out->model, ATT_LAYER_ATTENTION);
    if (layer == NULL)
        return att_arena_fail(ws->arena, "a layer", err);
    export_attention(b, o, layer);
    layer = att_model_add(&out->model, ATT_LAYER_TOKENWISE);
    if (layer == NULL)
        return att_arena_fail(ws->arena, "a layer", err);
    ATT_TRY(export_decoder(b, layer, ws->arena, err));
    ATT_TRY(export_expected(b, c->instance, out, ws->arena, err));
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported layers", err);
    out->atol = out->rtol = 0.0;
    out->tolerance_reason = "";
    return ATT_OK;
}

const struct att_construction att_construction_approximation = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "approximation",
    .family = "memorization",
    .source = "Kajitsuka, Sato 2024, arXiv 2307.14023 (reconstruction)",
    .summary = "approximates equivariant functions by quantiser, one softmax "
               "layer, decoder",
    .version = 1,
    .problem = &att_problem_functions,
    .bibtex = ATT_MEM_BIBTEX,
    .params = PARAMS,
    .n_params = UA_PARAMS - ATT_FN_PARAMS,
    .metrics = METRICS,
    .n_metrics = UA_METRICS,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
