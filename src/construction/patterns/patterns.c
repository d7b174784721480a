/* patterns.c - queries that are sparse sums of random keys: any pattern with k
 * nonzeros per row at d = O(log L), by random projection.
 *
 *   step 1  B: beta + lam on the support, 0 elsewhere
 *   step 2  draw keys Y [L, d] with E[Y Y^T] = d I
 *   step 3  X2 = Y / sqrt(d), X1 = B Y / sqrt(d)
 *   step 4  is X1 X2^T accepted?
 *
 * patterns C1 (mode fixed) and C3 (mode free, the beta is chosen afterwards).
 * The keys of a smaller d are the first coordinates of those of a larger, so
 * one pass answers for every d up to the one asked for.
 *
 * Differs: constants, proofs and laws are reconstructions or new
 * (docs/theory/patterns.md); no 1/sqrt(d) inside the softmax. */
#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "patterns_export_priv.h"
#include "patterns_jl_priv.h"
#include "patterns_nested_priv.h"

static const char *const MODES[] = {"fixed", "free", NULL};
static const char *const SIGNS[] = {"random", "plus", NULL};
static const char *const SWITCH[] = {"on", "off", NULL};
static const char *const DTYPES[] = {"f32", "f64", "bf16", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[JL_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(JL_KEYS) = ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "sign",
                                    att_pat_family_name, "family of the keys"),
    OWN(JL_MODE) = ATT_PARAM_CHOICE(
        "mode", ATT_SEEDS_NOTHING, "free", MODES,
        "beta = t2 + d1 (or as `beta` says), or any beta that serves"),
    OWN(JL_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 64, 1, 1048576,
                                  "query and key dimension; a nested pass "
                                  "looks at smaller ones too"),
    OWN(JL_BETA) = ATT_PARAM_REAL("beta_fixed", ATT_SEEDS_NOTHING, 0.0, 0.0,
                                  1e6, "mode = fixed: beta; 0: t2 + d1"),
    OWN(JL_SIGNS) =
        ATT_PARAM_CHOICE("signs", ATT_SEEDS_NOTHING, "random", SIGNS,
                         "keys = hadamard: signs of the rows"),
    OWN(JL_SHIFT) = ATT_PARAM_CHOICE(
        "shift", ATT_SEEDS_NOTHING, "on", SWITCH,
        "write a row that is more than half full by its zeros"),
    OWN(JL_TWINS) = ATT_PARAM_CHOICE("twins", ATT_SEEDS_NOTHING, "off", SWITCH,
                                     "columns with the same rows share a key"),
    OWN(JL_DTYPE) = ATT_PARAM_CHOICE(
        "dtype", ATT_SEEDS_NOTHING, "f32", DTYPES,
        "storage of X where keys are no signs (sums of bf16 are f32)"),
    OWN(JL_MASS) = ATT_PARAM_CHOICE("mass", ATT_SEEDS_NOTHING, "off", SWITCH,
                                    "softmax mass on zeros, by a pass with "
                                    "exponentials"),
};

static bool is_on(const struct att_value *p, uint32_t param)
{
    return att_text_same(p[param].s, "on");
}

static bool is_fixed(const struct att_value *p)
{
    return att_text_same(p[JL_MODE].s, "fixed");
}

/* ---- which points exist ------------------------------------------------------------ */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const enum pat_family family = att_pat_family(p[JL_KEYS].s);
    const size_t d = (size_t)p[JL_D].i;
    const size_t n = att_patterns_columns(p);

    ATT_TRY(att_patterns_admit(p, err));
    if (is_on(p, JL_TWINS) && !att_text_same(p[ATT_PAT_VALUES].s, "uniform")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "twins = on needs values = uniform: columns with one "
                        "key get one value");
    }
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

static double grid_points(double d)
{
    return d <= 50.0 ? d : 51.0 + 25.0 * log(d / 50.0);
}

static struct att_cost cost(const struct att_value *p)
{
    const enum pat_family family = att_pat_family(p[JL_KEYS].s);
    const double n = (double)att_patterns_columns(p);
    const double rows = (double)p[ATT_PAT_L].i;
    const double d = (double)p[JL_D].i;
    const double k = att_patterns_nnz(p) / rows;
    const double g = grid_points(d);
    const double real = att_text_same(p[JL_DTYPE].s, "f64") ? 8.0 : 4.0;
    const double block = (double)att_pat_block_rows((size_t)n);
    const bool uniform = p[ATT_PAT_GAMMA].r <= 1.0;
    double flops = 100.0 * n * d + (uniform ? g : 8.0 * k * g) * rows * n;
    double bytes = att_patterns_bytes(p) + 64.0 * n + 8192.0;

    if (att_pat_is_bits(family)) {
        flops += 4.0 * k * rows * n * (d / 64.0 + g);
        bytes +=
            n * (d / 8.0 + 8.0 * g) + d / 8.0 + (uniform ? 0.0 : 4.0 * n * k);
    } else {
        const bool one_beta = uniform || is_fixed(p);

        flops += 2.0 * rows * n * d;
        bytes += n * d * 8.0;
        bytes +=
            real < 8.0 && one_beta
                ? (double)att_pat_running_bytes((size_t)n, (size_t)d,
                                                (size_t)g + 1, 4096 + (size_t)n)
                : n * d * real + 2.0 * block * (d + n) * real;
        if (family == PAT_HAAR)
            bytes += 10.0 * n * d;
    }
    return (struct att_cost){.flops = flops, .bytes = bytes};
}

/* ---- build ------------------------------------------------------------------------- */

struct built {
    struct pat_keys keys;
    struct pat_rows rows;
};

static att_status add_twins(struct att_workspace *ws, const struct att_case *c,
                            uint32_t **id, struct att_error *err)
{
    const struct att_pattern *a = c->instance;

    *id = NULL;
    if (!is_on(c->p, JL_TWINS))
        return ATT_OK;
    *id = ATT_NEW(ws->arena, uint32_t, a->n_cols);
    if (*id == NULL)
        return att_arena_fail(ws->arena, "the keys of twins", err);
    return att_pat_twins(a, ws->arena, *id, err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    struct att_nested grid;
    uint32_t *id = NULL;

    if (b == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    ATT_TRY(
        att_nested_grid(c, (size_t)c->p[JL_D].i, true, ws->arena, &grid, err));
    ATT_TRY(add_twins(ws, c, &id, err));
    const struct pat_key_spec spec = {
        .family = att_pat_family(c->p[JL_KEYS].s),
        .n = a->n_cols,
        .d = (size_t)c->p[JL_D].i,
        .plus = att_text_same(c->p[JL_SIGNS].s, "plus"),
        .id = id,
        .seed = ws->builder_seed};

    /* step 2; step 1 and 3 happen row by row */
    ATT_TRY(att_pat_keys_draw(ws, &spec, grid, &b->keys, err));
    b->rows.shift = is_on(c->p, JL_SHIFT);
    b->rows.id = id;
    ATT_TRY(att_pat_rows_init(&b->rows, a, ws->arena, err));
    *built = b;
    return ATT_OK;
}

/* ---- evaluate ----------------------------------------------------------------------- */

static struct pat_tolerance tolerance_of(const struct att_value *p)
{
    struct pat_tolerance t = att_pat_tolerance(p);

    if (is_fixed(p))
        t.beta = p[JL_BETA].r > 0.0 ? p[JL_BETA].r : t.t2 + t.d1;
    return t;
}

static double finite_or_missing(double x)
{
    return isfinite(x) ? x : (double)NAN;
}

static void observe(const struct pat_pass *pass, size_t g,
                    const struct pat_verdict *v, struct att_outcome *out)
{
    const struct pat_worst *w = &pass->worst[g];
    const bool known = pass->rows->a->lam == NULL || pass->tolerance.beta > 0.0;
    const double line[PAT_OBSERVATIONS] = {
        [PO_D] = pass->keys->grid.d[g],
        [PO_ACCEPT] = v->accept,
        [PO_DEV] = known ? w->dev : (double)NAN,
        [PO_GAP] = known ? finite_or_missing(w->gap) : (double)NAN,
        [PO_LO] = finite_or_missing(v->lo),
        [PO_HI] = finite_or_missing(v->hi)};

    att_out_observe(out, line);
}

/* Lines of the grid, the first accepted d and the start of the last accepted
 * run; 0: there is none. */
static void walk_grid(const struct pat_pass *pass, struct att_outcome *out,
                      int64_t *d_min, int64_t *d_first)
{
    const struct att_nested *grid = &pass->keys->grid;
    const bool uniform = pass->rows->a->lam == NULL;

    *d_min = *d_first = 0;
    for (size_t g = 0; g < grid->n; g++) {
        const struct pat_verdict v =
            att_pat_judge(&pass->worst[g], uniform, &pass->tolerance);

        if (grid->asked[g])
            observe(pass, g, &v, out);
        if (v.accept && *d_first == 0)
            *d_first = grid->d[g];
        if (v.accept && *d_min == 0)
            *d_min = grid->d[g];
        if (!v.accept)
            *d_min = 0;
    }
}

/* The Gaussian law of the keys; false where none is derived. */
static bool noise_of(const struct att_value *p, const struct att_pattern *a,
                     struct pat_noise *v)
{
    const enum pat_family family = att_pat_family(p[JL_KEYS].s);
    const double k = (double)a->k_row;

    if (a->lam != NULL || a->k_row != a->k_col || family == PAT_FOURIER ||
        is_on(p, JL_TWINS) || p[JL_BETA].r > 0.0)
        return false;
    *v = att_pat_noise_hadamard(k);
    if (family == PAT_HAAR)
        v->one_draw = false;
    if (family == PAT_SIGN || family == PAT_PORTABLE)
        *v = att_pat_noise_sign(k);
    if (family == PAT_GAUSS)
        *v = att_pat_noise_gauss(k);
    return !(family == PAT_GAUSS && a->k_row == 1 && !is_fixed(p));
}

static void predict(const struct att_case *c, struct att_outcome *out)
{
    const struct att_pattern *a = c->instance;
    const enum pat_family family = att_pat_family(c->p[JL_KEYS].s);
    struct pat_point x = att_pat_point(c->p, a);
    const double d_jl = att_pat_d_jl(&x, 0.5, false);
    struct pat_noise v;

    x.beta = c->p[JL_BETA].r;
    att_out_finite(out, PM_D_JL, d_jl);
    att_out_int(out, PM_VACUOUS, d_jl > x.L);
    if (noise_of(c->p, a, &v)) {
        att_out_finite(out, PM_D_SHARP,
                       is_fixed(c->p) ? att_pat_d_sharp_fixed(&x, v)
                                      : att_pat_d_sharp_free(&x, v));
    }
    if ((family == PAT_SIGN || family == PAT_PORTABLE) && a->k_row == 1 &&
        a->lam == NULL && is_fixed(c->p)) {
        att_out_finite(out, PM_P_SUCCESS,
                       att_pat_p_success(&x, c->p[JL_D].i, NULL));
    }
    att_out_real(out, PM_FLOPS,
                 2.0 * x.L * (double)a->n_cols * (double)c->p[JL_D].i);
    att_out_real(out, PM_BYTES, 8.0 * x.L * (double)c->p[JL_D].i);
}

static void out_norms(const struct pat_pass *pass, const struct pat_verdict *v,
                      struct att_outcome *out)
{
    const bool uniform = pass->rows->a->lam == NULL;
    const double beta = uniform ? v->beta : 1.0;
    const double q = beta * sqrt(pass->max_query);
    const double k = sqrt(pass->max_key);

    att_out_finite(out, PM_NORM_K, k);
    if (!uniform && pass->tolerance.beta <= 0.0)
        return;
    att_out_finite(out, PM_LOGIT, beta * pass->max_p);
    att_out_finite(out, PM_NORM_Q, q);
    att_out_finite(out, PM_MARGIN_EFF,
                   v->gap * sqrt((double)pass->rows->a->k_row) / (q * k));
}

static void out_worst(const struct pat_pass *pass, const struct pat_verdict *v,
                      struct att_outcome *out)
{
    const struct pat_worst *w = &pass->worst[pass->keys->grid.n - 1];

    att_pat_out_verdict(out, w, v);
    if (pass->rows->a->lam == NULL)
        att_out_finite(out, PM_GAP_UNIT, w->gap);
    out_norms(pass, v, out);
}

/* One row of logits after another at the last d. */
struct rows_pass {
    struct pat_logits logits;
    double *p, *lambda; /* [n_cols] */
};

static att_status rows_init(struct rows_pass *r, const struct built *b,
                            struct att_arena *arena, struct att_error *err)
{
    const size_t n = b->keys.spec.n;

    ATT_TRY(att_pat_logits_init(&r->logits, &b->keys, arena, err));
    r->p = ATT_NEW(arena, double, n);
    r->lambda = ATT_NEW(arena, double, n);
    if (r->p == NULL || r->lambda == NULL)
        return att_arena_fail(arena, "a row of logits", err);
    return ATT_OK;
}

/* p := beta P + Lambda of row i. */
static void rows_get(struct rows_pass *r, struct built *b, size_t i,
                     double beta)
{
    att_pat_row(&b->rows, i);
    att_pat_logits_row(&r->logits, &b->rows.terms, r->p, r->lambda);
    for (size_t j = 0; j < b->keys.spec.n; j++)
        r->p[j] = beta * r->p[j] + r->lambda[j];
}

static att_status out_mass(struct att_workspace *ws, struct built *b,
                           double beta, struct att_outcome *out,
                           struct att_error *err)
{
    const struct att_pattern *a = b->rows.a;
    struct pat_mass mass = {0};
    struct rows_pass r;

    ATT_TRY(rows_init(&r, b, ws->arena, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        rows_get(&r, b, i, beta);
        att_pat_mass_add(&mass, a, i, r.p);
    }
    att_out_real(out, PM_MASS_MAX, mass.max);
    att_out_real(out, PM_MASS_MEAN, mass.sum / (double)mass.n);
    att_out_real(out, PM_KL, mass.kl);
    return ATT_OK;
}

/* Largest |P - B| where the whole Hadamard matrix is used: 0. */
static att_status out_exact(struct att_workspace *ws, struct built *b,
                            struct att_outcome *out, struct att_error *err)
{
    const struct att_pattern *a = b->rows.a;
    struct rows_pass r;
    double worst = 0.0;

    ATT_TRY(rows_init(&r, b, ws->arena, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        rows_get(&r, b, i, 1.0);
        for (size_t q = 0; q < b->rows.terms.n; q++) {
            r.p[b->rows.terms.at[q]] -=
                b->rows.terms.unit[q] + b->rows.terms.lam[q];
        }
        for (size_t j = 0; j < a->n_cols; j++)
            worst = fmax(worst, fabs(r.p[j]));
    }
    att_out_real(out, PM_CROSS_ERR, worst);
    return ATT_OK;
}

static bool is_whole(const struct pat_keys *keys)
{
    return keys->spec.family == PAT_HADAMARD && keys->spec.id == NULL &&
           keys->spec.d == att_pat_power_of_two(keys->spec.n);
}

static enum pat_storage storage_of(const struct att_value *p)
{
    if (att_text_same(p[JL_DTYPE].s, "f64"))
        return PAT_F64;
    return att_text_same(p[JL_DTYPE].s, "f32") ? PAT_F32 : PAT_BF16;
}

static void out_pass(const struct pat_pass *pass, double seconds,
                     const struct att_case *c, struct att_outcome *out)
{
    int64_t d_min = 0;
    int64_t d_first = 0;
    const double flops = 2.0 * (double)pass->rows->a->n_rows *
                         (double)pass->rows->a->n_cols * (double)c->p[JL_D].i;

    walk_grid(pass, out, &d_min, &d_first);
    if (d_min > 0)
        att_out_int(out, PM_D_MIN, d_min);
    if (d_first > 0)
        att_out_int(out, PM_D_FIRST, d_first);
    att_out_int(out, PM_N_GRID, (int64_t)pass->keys->grid.n);
    att_out_text(out, PM_CERTIFICATE, "full");
    att_out_real(out, PM_KERNEL_S, seconds);
    att_out_finite(out, PM_GFLOPS, flops / seconds * 1e-9);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    struct built copy = *(const struct built *)c->built; /* rows are scratch */
    struct built *b = &copy;
    struct pat_pass pass = {.keys = &b->keys,
                            .rows = &b->rows,
                            .tolerance = tolerance_of(c->p),
                            .storage = storage_of(c->p),
                            .arena = ws->arena};

    pass.worst = ATT_NEW(ws->arena, struct pat_worst, b->keys.grid.n);
    if (pass.worst == NULL)
        return att_arena_fail(ws->arena, "the worst rows", err);
    const double start = att_clock_s();

    ATT_TRY(att_pat_pass(&pass, err));
    const double seconds = att_clock_s() - start;
    const struct pat_verdict v =
        att_pat_judge(&pass.worst[b->keys.grid.n - 1], b->rows.a->lam == NULL,
                      &pass.tolerance);

    att_pat_out_shape(out, c->instance, (size_t)c->p[JL_D].i);
    out_pass(&pass, seconds, c, out);
    out_worst(&pass, &v, out);
    predict(c, out);
    if (is_on(c->p, JL_MASS) && isfinite(v.beta))
        ATT_TRY(out_mass(ws, b, v.beta, out, err));
    return is_whole(&b->keys) ? out_exact(ws, b, out, err) : ATT_OK;
}

/* ---- export -------------------------------------------------------------------------- */

static void put_matrices(struct built *b, double beta, struct pat_network *n)
{
    const size_t d = b->keys.spec.d;
    const double scale = 1.0 / sqrt((double)d);

    for (size_t j = 0; j < b->keys.spec.n; j++) {
        for (size_t m = 0; m < d; m++)
            att_mat_row(n->x2, j)[m] = att_pat_key_at(&b->keys, j, m) * scale;
    }
    for (size_t i = 0; i < n->a->n_rows; i++) {
        att_pat_row(&b->rows, i);
        for (size_t q = 0; q < b->rows.terms.n; q++) {
            const double w =
                beta * b->rows.terms.unit[q] + b->rows.terms.lam[q];

            for (size_t m = 0; m < d; m++) {
                att_mat_row(n->x1, i)[m] +=
                    w * att_mat_row(n->x2, b->rows.terms.at[q])[m];
            }
        }
    }
}

/* Largest |x| |y| times the roundings of an inner product and of its terms. */
static double logit_error(const struct pat_network *n, size_t n_terms)
{
    double most = 0.0;

    for (size_t i = 0; i < n->a->n_rows; i++) {
        double sum = 0.0;

        for (size_t m = 0; m < n->x1.cols; m++)
            sum += fabs(att_mat_row(n->x1, i)[m]);
        most = fmax(most, sum);
    }
    double key = 0.0;

    for (size_t e = 0; e < n->x2.rows * n->x2.cols; e++)
        key = fmax(key, fabs(n->x2.data[e]));
    return 2.0 * (double)(n->x1.cols + n_terms + 4) * 0x1p-53 * most * key;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    struct built copy = *(const struct built *)c->built; /* rows are scratch */
    struct built *b = &copy;
    const struct att_pattern *a = c->instance;
    const struct pat_tolerance t = tolerance_of(c->p);
    const double beta = t.beta > 0.0 ? t.beta : t.t2 + t.d1;
    struct pat_network n = {
        .a = a,
        .x1 = att_mat_new(ws->arena, a->n_rows, b->keys.spec.d),
        .x2 = att_mat_new(ws->arena, a->n_cols, b->keys.spec.d),
        .s = att_mat_new(ws->arena, a->n_rows, a->n_cols),
        .reason = "roundings of d products and of the sum of k keys, through "
                  "a softmax"};
    struct rows_pass r;

    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(rows_init(&r, b, ws->arena, err));
    put_matrices(b, beta, &n);
    for (size_t i = 0; i < a->n_rows; i++) {
        rows_get(&r, b, i, beta);
        for (size_t j = 0; j < a->n_cols; j++)
            att_mat_row(n.s, i)[j] = r.p[j];
    }
    n.error = logit_error(&n, a->k_row);
    return att_pat_export(&n, out, err);
}

const struct att_construction att_construction_patterns = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns",
    .family = "patterns",
    .source = PAT_SOURCE,
    .summary = "k nonzeros per row by random projection at d = O(log L), every "
               "d in one pass",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = JL_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = att_pat_observations,
    .n_observations = PAT_OBSERVATIONS,
    .claims = att_pat_jl_claims,
    .n_claims = JL_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
