/* averaging_pass.c - every query set at every dimension of a grid. */
#include "averaging_pass_priv.h"

#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/lp.h"
#include "attest/linalg/vector.h"

/* One lane's scratch for the sets of one sample. */
struct work {
    const struct avg_task *task;
    struct avg_query query;
    struct att_mat acc; /* [q, n] rows of the Gram matrix, not scaled */
    double *spare;      /* [n] */
    double *w;          /* [d] */
    struct att_mat u;   /* [n, d_g] of grid point u_g; data NULL: not needed */
    uint32_t *y;        /* [q] the set under way */
    struct avg_times *t;
};

size_t att_avg_capacity(enum avg_dual dual, size_t q, size_t d, size_t n)
{
    const size_t most = q + (d < n ? d : n);

    if (dual == AVG_CT)
        return 2 * q;
    return dual == AVG_AS ? most : q;
}

double att_avg_pass_bytes(const struct att_value *p)
{
    const double n = (double)p[ATT_AVG_L].i;
    const double d = (double)p[AP_D].i;
    const double q = (double)p[ATT_AVG_Q].i;
    const enum avg_dual dual = att_avg_dual(p[AP_DUAL].s);
    const double rows =
        (double)att_avg_capacity(dual, (size_t)p[ATT_AVG_Q].i,
                                 (size_t)p[AP_D].i, (size_t)p[ATT_AVG_L].i);
    const bool dense = dual == AVG_LP || p[AP_FRAC].i >= 0 ||
                       !att_text_same(p[AP_DTYPE].s, "f64");
    double bytes = 8.0 * n * (rows + q + 4.0) + 8.0 * rows * (rows + 2.0);

    bytes += dense ? 8.0 * n * d : 0.0;
    bytes += dual == AVG_LP ? att_lp_bytes(n, d + 1.0) : 0.0;
    return bytes + 32.0 * d + 16.0 * q * q;
}

static bool needs_matrix(const struct avg_task *t)
{
    return t->dual == AVG_LP || t->rounding.on;
}

static att_status work_init(struct work *x, const struct avg_task *task,
                            struct avg_keys *keys, struct att_arena *arena,
                            struct att_error *err)
{
    const size_t n = keys->n;
    const size_t q = task->instance->q;
    const size_t room = att_avg_capacity(task->dual, q, keys->d, n);
    struct avg_query *z = &x->query;

    x->task = task;
    *z = (struct avg_query){.keys = keys, .q = q, .arena = arena};
    z->rows = att_mat_new(arena, room, n);
    z->gram = att_mat_new(arena, room, room);
    z->at = ATT_NEW(arena, uint32_t, room);
    z->rhs = ATT_NEW(arena, double, room);
    z->s = ATT_NEW(arena, double, n);
    z->coef = ATT_NEW(arena, double, n);
    z->w = ATT_NEW(arena, double, keys->d);
    x->acc = att_mat_new(arena, q, n);
    x->spare = ATT_NEW(arena, double, n);
    x->w = ATT_NEW(arena, double, keys->d);
    x->y = ATT_NEW(arena, uint32_t, q);
    x->u = (struct att_mat){0};
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "the rows of a query", err);
}

/* ---- adversarial sets -------------------------------------------------------------- */

/* The q keys with the largest entries of row, without `outsider`; sorted. */
static void most_correlated(const double *row, size_t n, size_t outsider,
                            size_t q, uint32_t *y)
{
    size_t have = 0;

    for (size_t j = 0; j < n; j++) {
        if (j == outsider || (have == q && !(row[j] > row[y[q - 1]])))
            continue;
        size_t k = have < q ? have++ : q - 1;

        for (; k > 0 && row[j] > row[y[k - 1]]; k--)
            y[k] = y[k - 1];
        y[k] = (uint32_t)j;
    }
    for (size_t i = 1; i < q; i++) {
        const uint32_t v = y[i];
        size_t k = i;

        for (; k > 0 && y[k - 1] > v; k--)
            y[k] = y[k - 1];
        y[k] = v;
    }
}

/* The set i of a sample at grid point g, and its rows of the Gram matrix. */
static void fetch_adversarial(struct work *x, size_t i, size_t g)
{
    struct avg_query *z = &x->query;
    const size_t n = z->keys->n;
    const size_t outsider = i * n / x->task->instance->n_sets;

    att_avg_row(z->keys, outsider, g, x->spare);
    most_correlated(x->spare, n, outsider, z->q, x->y);
    for (size_t k = 0; k < z->q; k++)
        att_avg_row(z->keys, x->y[k], g, att_mat_row(z->rows, k));
}

/* Rows of the given set, extended by the segment of grid point g. */
static void extend_rows(struct work *x, size_t g)
{
    struct avg_query *z = &x->query;

    for (size_t k = 0; k < z->q; k++) {
        double *acc = att_mat_row(x->acc, k);

        if (g == 0)
            memset(acc, 0, z->keys->n * sizeof *acc);
        att_avg_row_add(z->keys, x->y[k], g, acc);
        att_avg_row_scale(z->keys, x->y[k], g, acc, att_mat_row(z->rows, k));
    }
}

static void fetch_rows(struct work *x, size_t sample, size_t i, size_t g)
{
    const struct att_averaging *a = x->task->instance;
    const double start = att_clock_s();

    x->query.g = g;
    if (x->task->sets == AVG_ADVERSARIAL) {
        fetch_adversarial(x, i, g);
    } else {
        memcpy(x->y, a->y + (sample * a->n_sets + i) * a->q,
               a->q * sizeof *x->y);
        extend_rows(x, g);
    }
    x->query.y = x->y;
    memcpy(x->query.at, x->y, a->q * sizeof *x->y);
    x->t->gram += att_clock_s() - start;
}

/* ---- rounding ------------------------------------------------------------------------ */

/* w := sum_j coef_j u_j at the grid point under way. */
static void make_w(const struct work *x, double *w)
{
    const struct avg_query *z = &x->query;
    const size_t d = z->keys->grid.d[z->g];

    if (x->task->dual == AVG_LP) {
        memcpy(w, z->w, d * sizeof *w);
        return;
    }
    memset(w, 0, d * sizeof *w);
    for (size_t j = 0; j < z->keys->n; j++) {
        if (z->coef[j] == 0.0)
            continue;
        const double c = z->coef[j] * att_avg_key_scale(z->keys, j, z->g);

        for (size_t m = 0; m < d; m++)
            w[m] += c * att_avg_key_at(z->keys, j, m);
    }
}

static double round_one(const struct avg_rounding *r, double x)
{
    if (r->frac_bits < 0)
        return att_arithmetic_round(&r->arithmetic, x);
    return ldexp(rint(ldexp(x, r->frac_bits)), -r->frac_bits);
}

/* w in its stored format; the largest coordinate of sqrt(d) w. */
static double round_w(const struct avg_rounding *r, double *w, size_t d)
{
    const double root = sqrt((double)d);
    double most = 0.0;

    for (size_t m = 0; r->on && m < d; m++) {
        const double x = round_one(r, root * w[m]);

        most = fmax(most, fabs(x));
        w[m] = x / root;
    }
    return most;
}

/* Scores of the rounded query, logits rounded as well where the format is a
 * floating one. */
static double round_scores(struct work *x)
{
    const struct avg_rounding *r = &x->task->rounding;
    struct avg_query *z = &x->query;
    const double alpha = x->task->unit.alpha;
    const double start = att_clock_s();

    make_w(x, x->w);
    const double most = round_w(r, x->w, x->u.cols);

    att_gemv(x->u, false, x->w, 0.0, z->s);
    for (size_t j = 0; r->frac_bits < 0 && j < z->keys->n; j++)
        z->s[j] = att_arithmetic_round(&r->arithmetic, alpha * z->s[j]) / alpha;
    x->t->logit += att_clock_s() - start;
    return most;
}

/* ---- one set --------------------------------------------------------------------------- */

static double off_max(const double *s, size_t n, const uint32_t *y, size_t q)
{
    double most = -INFINITY;
    size_t k = 0;

    for (size_t j = 0; j < n; j++) {
        if (k < q && y[k] == j) {
            k++;
        } else {
            most = fmax(most, s[j]);
        }
    }
    return most;
}

static double norm1(const double *x, size_t n)
{
    double sum = 0.0;

    for (size_t j = 0; j < n; j++)
        sum += fabs(x[j]);
    return sum;
}

static att_status solve(struct work *x, bool *solved, struct att_error *err)
{
    const double start = att_clock_s();

    x->query.u = x->u;
    ATT_TRY(att_avg_dual_solve(&x->query, x->task->dual, solved, err));
    x->t->dual += att_clock_s() - start;
    return ATT_OK;
}

static void add_unsolved(struct avg_worst *worst)
{
    worst->unsolved = true;
    worst->n_sets++;
    worst->err = worst->sample_err = 2.0;
}

static void add_scores(struct avg_worst *worst, const struct avg_scores *s,
                       const struct avg_query *z)
{
    worst->off_max = fmax(worst->off_max, s->off_max);
    worst->on_dev = fmax(worst->on_dev, s->on_dev);
    worst->err = fmax(worst->err, s->err);
    worst->sample_err = fmax(worst->sample_err, s->err);
    worst->n_faces += s->off_max < 1.0 ? 1 : 0;
    worst->n_halves += s->off_max <= 0.5 + 1e-9 ? 1 : 0;
    worst->n_sets++;
    if (z->n_iterations > worst->n_iterations)
        worst->n_iterations = z->n_iterations;
    if (z->n_active > worst->n_active)
        worst->n_active = z->n_active;
}

/* Dual, rounding and error of the set whose rows are there. */
static att_status run_set(struct work *x, struct avg_worst *worst,
                          double *set_err, struct att_error *err)
{
    struct avg_query *z = &x->query;
    bool solved = false;

    *set_err = 2.0;
    ATT_TRY(solve(x, &solved, err));
    if (!solved) {
        add_unsolved(worst);
        return ATT_OK;
    }
    worst->off_unrounded =
        fmax(worst->off_unrounded, off_max(z->s, z->keys->n, z->y, z->q));
    if (x->task->dual != AVG_LP)
        worst->beta_l1 = fmax(worst->beta_l1, norm1(z->coef, z->keys->n));
    if (x->task->rounding.on)
        worst->coordinate = fmax(worst->coordinate, round_scores(x));
    const double start = att_clock_s();
    const struct avg_scores s =
        att_avg_measure(z->s, z->keys->n, z->y, z->q, &x->task->unit, NULL);

    x->t->exp += att_clock_s() - start;
    *set_err = s.err;
    add_scores(worst, &s, z);
    return ATT_OK;
}

/* The keys as a matrix where a set needs it, in the arena. */
static att_status make_matrix(struct work *x, size_t g, struct att_arena *arena,
                              struct att_error *err)
{
    x->u = att_avg_keys_matrix(x->query.keys, g, arena);
    return x->u.data != NULL ? ATT_OK
                             : att_arena_fail(arena, "the matrix of keys", err);
}

/* ---- a sample ---------------------------------------------------------------------------- */

static att_status run_nested(struct work *x, size_t sample,
                             struct avg_pass *pass, struct att_error *err)
{
    const struct att_averaging *a = x->task->instance;

    for (size_t i = 0; i < a->n_sets; i++) {
        for (size_t g = 0; g < x->task->grid.n; g++) {
            fetch_rows(x, sample, i, g);
            ATT_TRY(run_set(x, &pass->worst[g],
                            &pass->err[sample * a->n_sets + i], err));
        }
    }
    return ATT_OK;
}

/* Grid points outside, so that one matrix of keys serves all sets. */
static att_status run_by_matrix(struct work *x, size_t sample,
                                struct att_arena *arena, struct avg_pass *pass,
                                struct att_error *err)
{
    const struct att_averaging *a = x->task->instance;

    for (size_t g = 0; g < x->task->grid.n; g++) {
        const struct att_arena_mark mark = att_arena_mark(arena);

        ATT_TRY(make_matrix(x, g, arena, err));
        for (size_t i = 0; i < a->n_sets; i++) {
            for (size_t h = 0; h <= g; h++)
                fetch_rows(x, sample, i, h);
            ATT_TRY(run_set(x, &pass->worst[g],
                            &pass->err[sample * a->n_sets + i], err));
        }
        att_arena_rewind(arena, mark);
    }
    return ATT_OK;
}

/* Least eigenvalue of the Gram matrix of the set whose rows are there. */
static double gram_eigenvalue(struct work *x)
{
    struct avg_query *z = &x->query;
    const struct att_arena_mark mark = att_arena_mark(z->arena);
    struct att_mat a = att_mat_new(z->arena, z->q, z->q);
    double *value = ATT_NEW(z->arena, double, z->q);
    double least = (double)NAN;

    for (size_t i = 0; a.data != NULL && i < z->q; i++) {
        for (size_t k = 0; k < z->q; k++)
            att_mat_row(a, i)[k] = att_mat_row(z->rows, i)[x->y[k]];
    }
    if (a.data != NULL && value != NULL &&
        att_eigen(a, value, z->arena, NULL) == ATT_OK)
        least = value[0];
    att_arena_rewind(z->arena, mark);
    return least;
}

/* Of the last set of the sample: a probe, not the least of all. */
static void probe_gram(struct work *x, struct avg_pass *pass)
{
    pass->gram_min = gram_eigenvalue(x);
}

static void end_sample(struct avg_pass *pass)
{
    for (size_t g = 0; g < pass->task->grid.n; g++) {
        struct avg_worst *w = &pass->worst[g];

        w->n_good += w->sample_err <= pass->task->eps ? 1 : 0;
        w->sample_err = 0.0;
    }
}

static att_status run_sample(struct att_workspace *ws, struct avg_keys *keys,
                             size_t sample, struct avg_pass *pass,
                             struct att_error *err)
{
    struct work x = {.t = &pass->t};

    ATT_TRY(work_init(&x, pass->task, keys, ws->arena, err));
    if (needs_matrix(pass->task)) {
        ATT_TRY(run_by_matrix(&x, sample, ws->arena, pass, err));
    } else {
        ATT_TRY(run_nested(&x, sample, pass, err));
    }
    if (sample == 0)
        probe_gram(&x, pass);
    end_sample(pass);
    return ATT_OK;
}

att_status att_avg_pass(struct att_workspace *ws, const struct avg_task *task,
                        struct avg_keys *first, struct avg_pass *out,
                        struct att_error *err)
{
    const struct att_averaging *a = task->instance;

    *out = (struct avg_pass){
        .task = task,
        .worst = ATT_NEW(ws->arena, struct avg_worst, task->grid.n),
        .err = ATT_NEW(ws->arena, double, a->samples * a->n_sets)};
    if (out->worst == NULL || out->err == NULL)
        return att_arena_fail(ws->arena, "the worst sets", err);
    for (size_t g = 0; g < task->grid.n; g++) {
        out->worst[g] = (struct avg_worst){.off_max = -INFINITY,
                                           .off_unrounded = -INFINITY};
    }
    for (size_t s = 0; s < a->samples; s++) {
        const struct att_arena_mark mark = att_arena_mark(ws->arena);
        struct avg_keys keys = *first;

        if (s > 0) {
            ATT_TRY(att_avg_keys_draw(ws, task->kind, a->L, task->grid,
                                      (uint32_t)s, &keys, err));
        }
        ATT_TRY(run_sample(ws, &keys, s, out, err));
        att_arena_rewind(ws->arena, mark);
        ws->progress(ws->context, "sets", (double)(s + 1) / (double)a->samples);
    }
    return ATT_OK;
}

/* Seven arguments, one more than the rule: a struct for one caller would
 * only move them.  NOLINTNEXTLINE(readability-function-size) */
att_status att_avg_one(struct att_workspace *ws, const struct avg_task *task,
                       struct avg_keys *keys, size_t set, size_t g, double *s,
                       double *w, bool *solved, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    struct avg_times t = {0};
    struct work x = {.t = &t};

    ATT_TRY(work_init(&x, task, keys, ws->arena, err));
    if (needs_matrix(task))
        ATT_TRY(make_matrix(&x, g, ws->arena, err));
    for (size_t h = 0; h <= g; h++)
        fetch_rows(&x, 0, set, h);
    ATT_TRY(solve(&x, solved, err));
    if (*solved) {
        if (task->rounding.on) {
            (void)round_scores(&x);
        } else {
            make_w(&x, x.w);
        }
        memcpy(s, x.query.s, keys->n * sizeof *s);
        memcpy(w, x.w, keys->grid.d[g] * sizeof *w);
    }
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}
