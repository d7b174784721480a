/* patterns_jl_evaluate.c - the nested pass of random projection, its metrics
 * beside what theory predicts, softmax masses. */
#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "patterns_export_priv.h"
#include "patterns_jl_priv.h"

struct pat_tolerance att_pat_jl_tolerance(const struct att_value *p)
{
    struct pat_tolerance t = att_pat_tolerance(p);

    if (att_pat_jl_fixed(p))
        t.beta = p[JL_BETA].r > 0.0 ? p[JL_BETA].r : t.t2 + t.d1;
    return t;
}

/* ---- single rows --------------------------------------------------------------- */

att_status att_pat_jl_rows_init(struct pat_jl_rows *r, const struct pat_jl *b,
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

void att_pat_jl_row(struct pat_jl_rows *r, struct pat_jl *b, size_t i,
                    double beta)
{
    att_pat_row(&b->rows, i);
    att_pat_logits_row(&r->logits, &b->rows.terms, r->p, r->lambda);
    for (size_t j = 0; j < b->keys.spec.n; j++)
        r->p[j] = beta * r->p[j] + r->lambda[j];
}

/* ---- metrics -------------------------------------------------------------------- */

/* Lines of the grid, and what it says of the smallest d. */
static void walk_grid(const struct pat_pass *pass, struct att_outcome *out)
{
    const struct att_nested *grid = &pass->keys->grid;
    const bool uniform = pass->rows->a->lam == NULL;
    const bool known = uniform || pass->tolerance.beta > 0.0;
    struct pat_walk walk = {0};

    for (size_t g = 0; g < grid->n; g++) {
        const struct pat_verdict v =
            att_pat_judge(&pass->worst[g], uniform, &pass->tolerance);

        if (grid->asked[g])
            att_pat_observe(out, grid->d[g], &pass->worst[g], &v, known);
        att_pat_walk_add(&walk, grid->d[g], v.accept);
    }
    att_pat_out_walk(out, &walk);
}

/* The Gaussian law of the keys; false where none is derived. */
static bool noise_of(const struct att_value *p, const struct att_pattern *a,
                     struct pat_noise *v)
{
    const enum pat_family family = att_pat_family(p[JL_KEYS].s);
    const double k = (double)a->k_row;

    if (a->lam != NULL || a->k_row != a->k_col || family == PAT_FOURIER ||
        att_pat_jl_on(p, JL_TWINS) || p[JL_BETA].r > 0.0)
        return false;
    *v = att_pat_noise_hadamard(k);
    if (family == PAT_HAAR)
        v->one_draw = false;
    if (family == PAT_SIGN || family == PAT_PORTABLE)
        *v = att_pat_noise_sign(k);
    if (family == PAT_GAUSS)
        *v = att_pat_noise_gauss(k);
    return !(family == PAT_GAUSS && a->k_row == 1 && !att_pat_jl_fixed(p));
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
                       att_pat_jl_fixed(c->p) ? att_pat_d_sharp_fixed(&x, v)
                                              : att_pat_d_sharp_free(&x, v));
    }
    if ((family == PAT_SIGN || family == PAT_PORTABLE) && a->k_row == 1 &&
        a->lam == NULL && att_pat_jl_fixed(c->p)) {
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

static att_status out_mass(struct att_workspace *ws, struct pat_jl *b,
                           double beta, struct att_outcome *out,
                           struct att_error *err)
{
    const struct att_pattern *a = b->rows.a;
    struct pat_mass mass = {0};
    struct pat_jl_rows r;

    ATT_TRY(att_pat_jl_rows_init(&r, b, ws->arena, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        att_pat_jl_row(&r, b, i, beta);
        att_pat_mass_add(&mass, a, i, r.p);
    }
    att_out_real(out, PM_MASS_MAX, mass.max);
    att_out_real(out, PM_MASS_MEAN, mass.sum / (double)mass.n);
    att_out_real(out, PM_KL, mass.kl);
    return ATT_OK;
}

/* Largest |P - B| where the whole Hadamard matrix is used: 0. */
static att_status out_exact(struct att_workspace *ws, struct pat_jl *b,
                            struct att_outcome *out, struct att_error *err)
{
    const struct att_pattern *a = b->rows.a;
    struct pat_jl_rows r;
    double worst = 0.0;

    ATT_TRY(att_pat_jl_rows_init(&r, b, ws->arena, err));
    for (size_t i = 0; i < a->n_rows; i++) {
        att_pat_jl_row(&r, b, i, 1.0);
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
    const double flops = 2.0 * (double)pass->rows->a->n_rows *
                         (double)pass->rows->a->n_cols * (double)c->p[JL_D].i;

    walk_grid(pass, out);
    att_out_real(out, PM_KERNEL_S, seconds);
    att_out_finite(out, PM_GFLOPS, flops / seconds * 1e-9);
}

att_status att_pat_jl_evaluate(struct att_workspace *ws,
                               const struct att_case *c,
                               struct att_outcome *out, struct att_error *err)
{
    struct pat_jl copy =
        *(const struct pat_jl *)c->built; /* rows are scratch */
    struct pat_jl *b = &copy;
    struct pat_pass pass = {.keys = &b->keys,
                            .rows = &b->rows,
                            .tolerance = att_pat_jl_tolerance(c->p),
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
    if (att_pat_jl_on(c->p, JL_MASS) && isfinite(v.beta))
        ATT_TRY(out_mass(ws, b, v.beta, out, err));
    return is_whole(&b->keys) ? out_exact(ws, b, out, err) : ATT_OK;
}
