/* patterns_interp_evaluate.c - a slice of rows of interpolating queries, its
 * metrics beside what theory predicts, masses, patterns that share keys. */
#include "attest/base/clock.h"
#include "patterns_export_priv.h"
#include "patterns_interp_priv.h"

static double largest_key(const struct pat_in *b)
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
    if (att_pat_in_on(c->p, IN_EARLY))
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

static void predict(const struct att_case *c, const struct pat_in *b,
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
    const double *beta = att_case_observe_or(
        c, "at_beta", (struct att_own_grid){own, 4}, ws->arena, &n);

    if (beta == NULL)
        return att_arena_fail(ws->arena, "the observed betas", err);
    for (size_t b = 0; b < n; b++)
        ATT_TRY(observe_mass(ws, e, beta[b], out, err));
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

/* ---- the whole ------------------------------------------------------------------------ */

att_status att_pat_in_evaluate(struct att_workspace *ws,
                               const struct att_case *c,
                               struct att_outcome *out, struct att_error *err)
{
    const struct pat_in *b = c->built;
    const struct att_pattern *a = c->instance;
    const size_t first = a->n_rows * c->slice.index / c->slice.count;
    const size_t last = a->n_rows * (c->slice.index + 1) / c->slice.count;
    struct pat_logits logits;
    struct pat_interp e = {.gram = &b->gram,
                           .a = a,
                           .tolerance = att_pat_tolerance(c->p),
                           .gap_wanted = c->p[IN_GAP].r,
                           .early = att_pat_in_on(c->p, IN_EARLY)};

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
    if (att_pat_in_on(c->p, IN_MASS))
        ATT_TRY(observe_masses(ws, c, &e, out, err));
    return out_shared(ws, c, &e, out, err);
}
