/* patterns_interp.c - queries that hit their targets exactly: ratios without
 * error at any d >= k, zeros below as soon as d is about 4 k ln L.
 *
 *   step 1  draw keys Y and scale them by 1/sqrt(d), as in patterns C1
 *   step 2  row i: G_i c = beta + lam_i with G_i = Y_N Y_N^T, x_i = Y_N^T c
 *   step 3  the gap to the zeros at beta = 1 tells which beta serves
 *
 * patterns C4.  Keys that form a group are never written down; rows may be cut
 * into slices.  Each query carries a scale of its own, beta_i = t2 / gap_i, so
 * that a row is accepted or not by itself; `beta` is the largest of them.
 *
 * Differs: new here, not in the paper (docs/theory/patterns.md). */
#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "patterns_interp_priv.h"

static const char *const SIGNS[] = {"plus", "random", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[IN_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(IN_KEYS) = ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "hadamard",
                                    att_pat_family_name, "family of the keys"),
    OWN(IN_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 32, 1, 1048576,
                                  "query and key dimension"),
    OWN(IN_GAP) = ATT_PARAM_REAL("gap", ATT_SEEDS_NOTHING, 0.0, 0.0, 1.0,
                                 "gap that is required at beta = 1; 0: any "
                                 "above 0, 0.5: beta <= 2 t2"),
    OWN(IN_SIGNS) = ATT_PARAM_CHOICE("signs", ATT_SEEDS_NOTHING, "plus", SIGNS,
                                     "keys = hadamard: signs of the rows"),
    OWN(IN_EARLY) = ATT_PARAM_CHOICE(
        "early_exit", ATT_SEEDS_NOTHING, "off", SWITCH,
        "stop at the first rejected row: accept is known, the worst rows are "
        "not"),
    OWN(IN_CROSS) = ATT_PARAM_CHOICE(
        "cross", ATT_SEEDS_NOTHING, "off", SWITCH,
        "keys = hadamard: compare rows with the keys written out"),
    OWN(IN_MASS) = ATT_PARAM_CHOICE(
        "mass", ATT_SEEDS_NOTHING, "off", SWITCH,
        "softmax mass on zeros at the observed betas, by a pass with "
        "exponentials"),
    OWN(IN_SHARED) =
        ATT_PARAM_INTEGER("shared_keys", ATT_SEEDS_NOTHING, 1, 1, 4096,
                          "P, patterns that the same keys must serve"),
};

static const struct att_metric OBSERVATIONS[IN_OBSERVATIONS] = {
    [IO_BETA] = {.name = "at_beta",
                 .unit = "nat",
                 .doc = "common scale of the logits",
                 .kind = ATT_REAL,
                 .role = ATT_ROLE_AXIS,
                 .exactness = ATT_EXACT},
#define SEEN(name_, unit_, doc_)                                               \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED, .tolerance = 1e-6 \
    }
    [IO_MASS_MAX] = SEEN("mass_max", "1", "largest mass of a row on zeros"),
    [IO_MASS_MEAN] = SEEN("mass_mean", "1", "mean mass of the rows on zeros"),
    [IO_MASS_LAW] = SEEN("mass_law", "1", "(L/k) exp(beta^2 k/(2 d) - beta)"),
    [IO_KL] = SEEN("kl_max", "nat", "largest divergence from A"),
};

static bool is_on(const struct att_value *p, uint32_t param)
{
    return att_text_same(p[param].s, "on");
}

/* ---- which points exist ------------------------------------------------------------ */

static att_status admit_keys(const struct att_value *p, struct att_error *err)
{
    const enum pat_family family = att_pat_family(p[IN_KEYS].s);
    const size_t d = (size_t)p[IN_D].i;
    const size_t n = att_patterns_columns(p);

    if (family == PAT_HADAMARD && d > att_pat_power_of_two(n)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = hadamard have at most %zu columns (got d = "
                        "%zu)",
                        att_pat_power_of_two(n), d);
    }
    if (family == PAT_HAAR && (d > n || n > 8192)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = haar need d <= L <= 8192 (got d = %zu, L = "
                        "%zu)",
                        d, n);
    }
    if (family == PAT_FOURIER && d % 2 != 0) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = fourier come in pairs: make d even (got %zu)",
                        d);
    }
    return ATT_OK;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const bool uniform = att_text_same(p[ATT_PAT_VALUES].s, "uniform");

    ATT_TRY(att_patterns_admit(p, err));
    if (!uniform && (is_on(p, IN_MASS) || p[IN_GAP].r > 0.0)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "mass and gap speak of equal values: set values to "
                        "uniform");
    }
    if (p[IN_SHARED].i > 1 && att_text_same(p[ATT_PAT_DATA].s, "file")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "shared_keys > 1 draws further patterns: data = file "
                        "has only one");
    }
    return admit_keys(p, err);
}

static double most_per_row(const struct att_value *p)
{
    return att_text_same(p[ATT_PAT_DATA].s, "singles") ? (double)p[ATT_PAT_L].i
                                                       : (double)p[ATT_PAT_K].i;
}

static struct att_cost cost(const struct att_value *p)
{
    const enum pat_family family = att_pat_family(p[IN_KEYS].s);
    const double n = (double)att_patterns_columns(p);
    const double d = (double)p[IN_D].i;
    const double nnz = att_patterns_nnz(p);
    const double k = most_per_row(p);
    const double block = (double)att_pat_block_rows((size_t)n);
    const double words = ceil(d / 64.0);
    double each = 2.0; /* flops of one term */
    double bytes = att_patterns_bytes(p) + 64.0 * n + 8.0 * k * k + 16384.0;

    if (family == PAT_FOURIER) {
        each = 8.0;
        bytes += 24.0 * n;
    } else if (family == PAT_HADAMARD) {
        bytes += 20.0 * n + (is_on(p, IN_CROSS) ? n * 8.0 * words : 0.0);
    } else if (att_pat_is_bits(family)) {
        each = 8.0 + 3.0 * words;
        bytes += n * 8.0 * words;
    } else {
        each = 2.0 * d;
        bytes += 12.0 * n * d + 8.0 * block * (n + d) +
                 (family == PAT_HAAR ? 10.0 * n * d : 0.0);
    }
    if (p[IN_SHARED].i > 1)
        bytes += att_patterns_bytes(p) + 64.0 * n + 8.0 * k * k;
    return (struct att_cost){.flops =
                                 (double)p[IN_SHARED].i *
                                 (each * nnz * n + 20.0 * nnz * k * k +
                                  (is_on(p, IN_MASS) ? 80.0 * nnz * n : 0.0)),
                             .bytes = bytes};
}

/* A slice is worth some seconds. */
static uint32_t slices(const struct att_value *p)
{
    const double n = ceil(cost(p).flops / 2e10);

    if (p[IN_SHARED].i > 1 || is_on(p, IN_MASS))
        return 1;
    return n < 64.0 ? (uint32_t)n + (n < 1.0) : 64;
}

/* ---- build, evaluate ----------------------------------------------------------------- */

struct built {
    struct pat_gram gram;
    struct pat_keys keys; /* written out, cross = on */
};

static att_status write_keys(const struct att_workspace *ws, struct built *b,
                             struct att_error *err)
{
    struct att_nested grid = {ATT_NEW(ws->arena, uint32_t, 1), NULL, 1};

    if (grid.d == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    grid.d[0] = (uint32_t)b->gram.spec.d;
    return att_pat_keys_draw(ws, &b->gram.spec, grid, &b->keys, err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    const struct pat_key_spec spec = {
        .family = att_pat_family(c->p[IN_KEYS].s),
        .n = a->n_cols,
        .d = (size_t)c->p[IN_D].i,
        .plus = att_text_same(c->p[IN_SIGNS].s, "plus"),
        .seed = ws->builder_seed};

    if (b == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    ATT_TRY(att_pat_gram_init(ws, &spec, &b->gram, err));
    if (is_on(c->p, IN_CROSS) && spec.family == PAT_HADAMARD)
        ATT_TRY(write_keys(ws, b, err));
    *built = b;
    return ATT_OK;
}

static double largest_key(const struct built *b)
{
    double most = 0.0;

    if (b->gram.keys.y.data == NULL)
        return 1.0;
    for (size_t j = 0; j < b->gram.spec.n; j++)
        most = fmax(most, att_pat_gram_at(&b->gram, j, j));
    return sqrt(most);
}

static void out_uniform(const struct pat_interp *e, double key,
                        struct att_outcome *out)
{
    const struct pat_worst *w = &e->worst;

    att_out_finite(out, PM_GAP_UNIT, w->gap);
    att_out_int(out, PM_GAP_ROW, (int64_t)w->gap_row);
    att_out_int(out, PM_DEV_ROW, (int64_t)w->dev_row);
    att_out_finite(out, PM_MARGIN_EFF, e->margin_eff / key);
    att_out_finite(out, PM_GAP_MU, e->gap_mu);
    if (w->gap <= 0.0)
        return;
    att_out_real(out, PM_BETA, e->beta);
    att_out_real(out, PM_DEV, e->dev_nats);
    att_out_real(out, PM_RATIO_ERR, expm1(e->dev_nats));
    att_out_real(out, PM_GAP, e->tolerance.t2);
    att_out_real(out, PM_ZERO_RATIO, exp(-e->tolerance.t2));
    att_out_real(out, PM_NORM_Q, e->norm_q);
    att_out_real(out, PM_LOGIT, e->norm_q * key);
}

static void out_rows(const struct pat_interp *e, const struct att_case *c,
                     double key, struct att_outcome *out)
{
    const bool uniform = e->a->lam == NULL;

    if (e->n_rows == 0)
        return;
    att_out_int(out, PM_ACCEPT,
                e->n_rejected == 0 && (uniform || e->worst.lo <= e->worst.hi));
    if (is_on(c->p, IN_EARLY))
        return;
    att_out_finite(out, PM_COND, e->cond);
    if (uniform)
        out_uniform(e, key, out);
    if (!uniform && e->worst.lo <= e->worst.hi) {
        att_out_finite(out, PM_BETA, e->worst.lo);
        att_out_finite(out, PM_BETA_LO, e->worst.lo);
        att_out_finite(out, PM_BETA_HI, e->worst.hi);
    }
    if (e->cross != NULL)
        att_out_finite(out, PM_CROSS_ERR, e->cross_err);
}

static void predict(const struct att_case *c, const struct built *b,
                    struct att_outcome *out)
{
    const struct att_pattern *a = c->instance;
    const struct pat_point x = att_pat_point(c->p, a);
    const double d_jl = att_pat_d_jl(&x, 0.5, false);
    const double g = c->p[IN_GAP].r;

    att_out_finite(out, PM_D_JL, d_jl);
    att_out_int(out, PM_VACUOUS, d_jl > x.L);
    if (a->lam == NULL && g < 1.0)
        att_out_finite(out, PM_D_SHARP, att_pat_d_sharp_interp(&x, g));
    att_out_finite(out, PM_MU, b->gram.mu);
    att_out_real(out, PM_NORM_K, largest_key(b));
    att_out_text(out, PM_CERTIFICATE, "full");
}

static void out_cost(const struct pat_interp *e, double share, double seconds,
                     struct att_outcome *out)
{
    const struct pat_key_spec *spec = &e->gram->spec;
    const double n = (double)spec->n;
    const double rows = (double)e->a->n_rows * share;
    const bool group = e->gram->h != NULL || e->gram->shift != NULL;
    const double flops = group ? 2.0 * (double)e->a->nnz * n * share
                               : 2.0 * rows * n * (double)spec->d;

    att_out_real(out, PM_FLOPS, flops);
    att_out_real(out, PM_BYTES,
                 group ? 2.0 * flops : 8.0 * rows * (double)spec->d);
    att_out_real(out, PM_KERNEL_S, seconds);
    att_out_finite(out, PM_GFLOPS, flops / fmax(seconds, 1e-9) * 1e-9);
}

/* ---- masses --------------------------------------------------------------------------- */

/* P of every row, one after the other. */
static att_status observe_mass(struct att_workspace *ws,
                               const struct pat_interp *e, double beta,
                               struct att_outcome *out, struct att_error *err)
{
    const struct att_pattern *a = e->a;
    struct pat_mass mass = {0};
    struct pat_query query;
    double *y = ATT_NEW(ws->arena, double, a->n_cols);
    double *s = ATT_NEW(ws->arena, double, a->n_cols);

    if (y == NULL || s == NULL)
        return att_arena_fail(ws->arena, "rows of logits", err);
    ATT_TRY(att_pat_query_init(&query, a->k_row, ws->arena, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        if (!att_pat_query_solve(&query, e->gram, a, i))
            return ATT_OK;
        for (size_t j = 0; j < a->n_cols; j++)
            s[j] = 0.0;
        for (size_t c = a->first[i]; c < a->first[i + 1]; c++) {
            att_pat_gram_row(e->gram, a->column[c], y);
            for (size_t j = 0; j < a->n_cols; j++)
                s[j] += beta * query.unit[c - a->first[i]] * y[j];
        }
        att_pat_mass_add(&mass, a, i, s);
    }
    const double law = att_pat_zero_mass((double)a->n_rows, (double)a->k_row,
                                         (double)e->gram->spec.d, beta);
    const double mean = mass.sum / (double)mass.n;
    const double line[IN_OBSERVATIONS] = {beta, mass.max, mean, law, mass.kl};

    att_out_observe(out, line);
    att_out_real(out, PM_MASS_MAX, mass.max);
    att_out_real(out, PM_MASS_MEAN, mean);
    att_out_real(out, PM_MASS_LAW, law);
    att_out_real(out, PM_KL, mass.kl);
    return ATT_OK;
}

/* The observed betas, by default 2 t2 times 1, 2, 4, 8; metrics are those of
 * the last. */
static att_status observe_masses(struct att_workspace *ws,
                                 const struct att_case *c,
                                 const struct pat_interp *e,
                                 struct att_outcome *out, struct att_error *err)
{
    const double t2 = e->tolerance.t2;
    const double own[4] = {2.0 * t2, 4.0 * t2, 8.0 * t2, 16.0 * t2};
    size_t n = 0;
    const double *asked = att_case_observe(c, "at_beta", &n);

    if (n == 0) {
        asked = own;
        n = 4;
    }
    for (size_t b = 0; b < n; b++)
        ATT_TRY(observe_mass(ws, e, asked[b], out, err));
    return ATT_OK;
}

/* ---- patterns that share keys ----------------------------------------------------------- */

/* Further patterns differ in their instance seed only. */
static att_status count_served(struct att_workspace *ws,
                               const struct att_case *c,
                               const struct pat_interp *first, int64_t *n,
                               struct att_error *err)
{
    *n = first->n_rejected == 0;
    for (int64_t s = 1; s < c->p[IN_SHARED].i; s++) {
        const struct att_arena_mark mark = att_arena_mark(ws->arena);
        struct att_workspace other = *ws;
        struct pat_interp e = {.gram = first->gram,
                               .tolerance = first->tolerance,
                               .gap_wanted = first->gap_wanted,
                               .early = true};
        void *instance = NULL;

        other.instance_seed = att_pat_splitmix(ws->instance_seed + (uint64_t)s);
        ATT_TRY(att_problem_patterns.generate(&other, c->p, &instance, err));
        e.a = instance;
        ATT_TRY(att_pat_interp_rows(&e, 0, e.a->n_rows, ws->arena, err));
        *n +=
            e.n_rejected == 0 && (e.a->lam == NULL || e.worst.lo <= e.worst.hi);
        att_arena_rewind(ws->arena, mark);
    }
    return ATT_OK;
}

static att_status out_shared(struct att_workspace *ws, const struct att_case *c,
                             const struct pat_interp *e,
                             struct att_outcome *out, struct att_error *err)
{
    int64_t n = 0;

    if (c->p[IN_SHARED].i == 1)
        return ATT_OK;
    ATT_TRY(count_served(ws, c, e, &n, err));
    att_out_int(out, PM_N_SERVED, n);
    att_out_int(out, PM_ACCEPT, n == c->p[IN_SHARED].i);
    return ATT_OK;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const size_t first = a->n_rows * c->slice.index / c->slice.count;
    const size_t last = a->n_rows * (c->slice.index + 1) / c->slice.count;
    struct pat_logits logits;
    struct pat_interp e = {.gram = &b->gram,
                           .a = a,
                           .tolerance = att_pat_tolerance(c->p),
                           .gap_wanted = c->p[IN_GAP].r,
                           .early = is_on(c->p, IN_EARLY)};

    if (b->keys.segment != NULL) {
        ATT_TRY(att_pat_logits_init(&logits, &b->keys, ws->arena, err));
        e.cross = &logits;
    }
    const double start = att_clock_s();

    ATT_TRY(att_pat_interp_rows(&e, first, last, ws->arena, err));
    const double seconds = att_clock_s() - start;

    att_pat_out_shape(out, a, b->gram.spec.d);
    predict(c, b, out);
    out_rows(&e, c, largest_key(b), out);
    out_cost(&e, (double)(last - first) / (double)a->n_rows, seconds, out);
    if (is_on(c->p, IN_MASS))
        ATT_TRY(observe_masses(ws, c, &e, out, err));
    return out_shared(ws, c, &e, out, err);
}

/* ---- export ------------------------------------------------------------------------------ */

/* Keys of every family, written out and scaled by 1/sqrt(d). */
static att_status put_keys(struct att_workspace *ws, const struct built *b,
                           struct att_mat x2, struct att_error *err)
{
    const double scale = 1.0 / sqrt((double)x2.cols);
    struct built all = *b;

    ATT_TRY(write_keys(ws, &all, err));
    for (size_t j = 0; j < x2.rows; j++) {
        for (size_t m = 0; m < x2.cols; m++)
            att_mat_row(x2, j)[m] = att_pat_key_at(&all.keys, j, m) * scale;
    }
    return ATT_OK;
}

/* Row i of X1 from the keys, of S from the table. */
static void put_row(const struct built *b, const struct pat_query *q,
                    struct pat_network *n, size_t i, double beta)
{
    const struct att_pattern *a = n->a;

    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        const double w =
            beta * q->unit[e - a->first[i]] + q->lam[e - a->first[i]];
        const size_t l = a->column[e];

        for (size_t m = 0; m < n->x1.cols; m++)
            att_mat_row(n->x1, i)[m] += w * att_mat_row(n->x2, l)[m];
        for (size_t j = 0; j < a->n_cols; j++)
            att_mat_row(n->s, i)[j] += w * att_pat_gram_at(&b->gram, l, j);
        /* d products of numbers whose keys have norm about 1, in two orders. */
        n->error = fmax(n->error, 8.0 * (double)(n->x1.cols + a->k_row + 8) *
                                      0x1p-53 * fabs(w) * (double)a->k_row *
                                      (1.0 + att_pat_gram_at(&b->gram, l, l)));
    }
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_pattern *a = c->instance;
    const double beta = 2.0 * att_pat_tolerance(c->p).t2;
    struct pat_query query;
    struct pat_network n = {
        .a = a,
        .x1 = att_mat_new(ws->arena, a->n_rows, b->gram.spec.d),
        .x2 = att_mat_new(ws->arena, a->n_cols, b->gram.spec.d),
        .s = att_mat_new(ws->arena, a->n_rows, a->n_cols),
        .reason = "roundings of d products and of the sum of k keys, through "
                  "a softmax"};

    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(att_pat_query_init(&query, a->k_row, ws->arena, err));
    ATT_TRY(put_keys(ws, b, n.x2, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        /* Dependent keys: the query is 0, and so are its logits. */
        if (att_pat_query_solve(&query, &b->gram, a, i))
            put_row(b, &query, &n, i, beta);
    }
    return att_pat_export(&n, out, err);
}

const struct att_construction att_construction_patterns_interp = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_interp",
    .family = "patterns",
    .source = "new here, after arXiv 2106.03764; docs/theory/patterns.md",
    .summary = "exact ratios by interpolating queries, d about 4 k ln L, group "
               "keys to L = 10^6",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = IN_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = IN_OBSERVATIONS,
    .claims = att_pat_in_claims,
    .n_claims = IN_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = slices,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
