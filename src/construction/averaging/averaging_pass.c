/* averaging_pass.c - every query set at every dimension of a grid. */
#include "averaging_pass_priv.h"

#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/lp.h"
#include "attest/linalg/vector.h"
#include "averaging_work_priv.h"

double att_avg_pass_bytes(const struct att_value *p)
{
    const double n = (double)p[ATT_AVG_L].i;
    const double d = (double)p[AP_D].i;
    const double q = (double)p[ATT_AVG_Q].i;
    const enum avg_dual dual = att_avg_dual(p[AP_DUAL].s);
    const double rows =
        (double)att_avg_dual_rows(dual, (size_t)p[ATT_AVG_Q].i,
                                  (size_t)p[AP_D].i, (size_t)p[ATT_AVG_L].i);
    double bytes = 8.0 * n * (rows + q + 4.0) + 8.0 * rows * (rows + 2.0);

    bytes += att_avg_is_rounded(p) ? att_avg_batch_bytes(p) : 0.0;
    bytes += dual == AVG_LP ? 8.0 * n * d + att_lp_bytes(n, d + 1.0) : 0.0;
    return bytes + 40.0 * d + 16.0 * q * q;
}

static att_status work_init(struct avg_work *x, struct att_workspace *ws,
                            const struct avg_task *task, struct avg_keys *keys,
                            struct att_error *err)
{
    struct att_arena *arena = ws->arena;
    const size_t n = keys->n;
    const size_t q = task->instance->q;

    x->ws = ws;
    x->task = task;
    ATT_TRY(att_avg_query_init(&x->query, keys, q, task->dual, arena, err));
    if (keys->y.data == NULL) {
        x->distance = ATT_NEW(arena, uint32_t, q * n);
    } else {
        x->product = ATT_NEW(arena, double, q *n);
    }
    x->spare = ATT_NEW(arena, double, n > keys->d ? n : keys->d);
    x->w = ATT_NEW(arena, double, keys->d);
    x->y = ATT_NEW(arena, uint32_t, q);
    x->trial = ATT_NEW(arena, uint32_t, q);
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "the rows of a query", err);
}

/* The keys as a matrix, which the linear program works on. */
static att_status make_matrix(struct avg_work *x, size_t g,
                              struct att_error *err)
{
    if (x->task->dual != AVG_LP)
        return ATT_OK;
    x->query.u = att_avg_keys_matrix(x->query.keys, g, x->ws->arena);
    return x->query.u.data != NULL
               ? ATT_OK
               : att_arena_fail(x->ws->arena, "the matrix of keys", err);
}

/* ---- one set --------------------------------------------------------------------------- */

double att_avg_off_max(const double *s, size_t n, const uint32_t *y, size_t q)
{
    double most = -(double)INFINITY;
    size_t from = 0;

    for (size_t k = 0; k <= q; k++) {
        const size_t to = k < q ? y[k] : n;

        if (to > from)
            most = fmax(most, att_max(to - from, s + from));
        from = to + 1;
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

static void add_unsolved(struct avg_worst *worst)
{
    worst->unsolved = true;
    worst->n_sets++;
    worst->err = worst->sample_err = 2.0;
}

/* What is known of a dual vector before it is rounded. */
static void add_solved(struct avg_work *x, struct avg_worst *worst)
{
    const struct avg_query *z = &x->query;

    worst->off_unrounded = fmax(worst->off_unrounded,
                                att_avg_off_max(z->s, z->keys->n, z->y, z->q));
    if (x->task->dual != AVG_LP)
        worst->beta_l1 = fmax(worst->beta_l1, norm1(z->coef, z->keys->n));
    if (z->n_iterations > worst->n_iterations)
        worst->n_iterations = z->n_iterations;
    if (z->n_active > worst->n_active)
        worst->n_active = z->n_active;
}

/* Dual of the set whose rows are there; *solved false: it counts as failed. */
static att_status solve(struct avg_work *x, struct avg_worst *worst,
                        bool *solved, struct att_error *err)
{
    const double start = att_clock_s();

    ATT_TRY(att_avg_dual_solve(&x->query, x->task->dual, solved, err));
    if (*solved) {
        add_solved(x, worst);
    } else {
        add_unsolved(worst);
    }
    x->t->dual += att_clock_s() - start;
    return ATT_OK;
}

/* Scores in query.s of the set y: their errors.  Values are tried in sample 0
 * at the largest d. */
static double measure(struct avg_work *x, const uint32_t *y, size_t g,
                      struct avg_worst *worst)
{
    const bool last = x->sample == 0 && g + 1 == x->task->grid.n;
    const double start = att_clock_s();
    const struct avg_scores s =
        att_avg_measure(x->query.s, x->query.keys->n, y, x->query.q,
                        &x->task->unit, last ? x->task->instance : NULL);

    worst->off_max = fmax(worst->off_max, s.off_max);
    worst->on_dev = fmax(worst->on_dev, s.on_dev);
    worst->err = fmax(worst->err, s.err);
    worst->value_err = fmax(worst->value_err, s.value_err);
    worst->sample_err = fmax(worst->sample_err, s.err);
    worst->n_faces += s.off_max < 1.0 ? 1 : 0;
    worst->n_halves += s.off_max <= 0.5 + 1e-9 ? 1 : 0;
    worst->n_sets++;
    x->t->exp += att_clock_s() - start - s.value_s;
    x->t->value += s.value_s;
    return s.err;
}

/* ---- a sample ---------------------------------------------------------------------------- */

/* err of set i of the sample under way. */
static double *err_of(const struct avg_work *x, struct avg_pass *pass, size_t i)
{
    return &pass->err[x->sample * x->task->instance->n_sets + i];
}

/* The set whose rows are there, unrounded. */
static att_status run_set(struct avg_work *x, size_t i, size_t g,
                          struct avg_pass *pass, struct att_error *err)
{
    bool solved = false;

    ATT_TRY(solve(x, &pass->worst[g], &solved, err));
    *err_of(x, pass, i) =
        solved ? measure(x, x->query.y, g, &pass->worst[g]) : 2.0;
    return ATT_OK;
}

/* Sets outside: rows of the Gram matrix grow with d. */
static att_status run_nested(struct avg_work *x, struct avg_pass *pass,
                             struct att_error *err)
{
    for (size_t i = 0; i < x->task->instance->n_sets; i++) {
        for (size_t g = 0; g < x->task->grid.n; g++) {
            ATT_TRY(att_avg_fetch(x, i, g, err));
            ATT_TRY(run_set(x, i, g, pass, err));
        }
    }
    return ATT_OK;
}

/* Rows of the Gram matrix up to grid point g. */
static att_status fetch_all(struct avg_work *x, size_t i, size_t g,
                            struct att_error *err)
{
    const bool grows = x->task->sets == AVG_GIVEN;

    for (size_t h = grows ? 0 : g; h <= g; h++)
        ATT_TRY(att_avg_fetch(x, i, h, err));
    return ATT_OK;
}

/* Errors of all queries of the batch. */
static void end_batch(struct avg_work *x, size_t g, struct avg_pass *pass)
{
    struct avg_batch *b = &x->batch;

    att_avg_batch_multiply(x);
    for (size_t k = 0; k < b->n; k++) {
        att_avg_batch_row(x, k, x->query.s);
        *err_of(x, pass, b->set[k]) =
            measure(x, b->y + k * x->query.q, g, &pass->worst[g]);
    }
    b->n = 0;
}

/* Rounded queries, a block at a time. */
static att_status run_batches(struct avg_work *x, size_t g,
                              struct avg_pass *pass, struct att_error *err)
{
    ATT_TRY(att_avg_batch_open(x, g, err));
    for (size_t i = 0; i < x->task->instance->n_sets; i++) {
        bool solved = false;

        ATT_TRY(fetch_all(x, i, g, err));
        ATT_TRY(solve(x, &pass->worst[g], &solved, err));
        *err_of(x, pass, i) = 2.0;
        if (solved)
            att_avg_batch_add(x, i, &pass->worst[g]);
        if (x->batch.n == x->batch.room)
            end_batch(x, g, pass);
    }
    end_batch(x, g, pass);
    return ATT_OK;
}

/* Grid points outside, so that one matrix of keys serves all sets. */
static att_status run_by_matrix(struct avg_work *x, struct avg_pass *pass,
                                struct att_error *err)
{
    for (size_t g = 0; g < x->task->grid.n; g++) {
        const struct att_arena_mark mark = att_arena_mark(x->ws->arena);

        ATT_TRY(make_matrix(x, g, err));
        if (x->task->rounding.on) {
            ATT_TRY(run_batches(x, g, pass, err));
        } else {
            for (size_t i = 0; i < x->task->instance->n_sets; i++) {
                ATT_TRY(fetch_all(x, i, g, err));
                ATT_TRY(run_set(x, i, g, pass, err));
            }
        }
        att_arena_rewind(x->ws->arena, mark);
    }
    return ATT_OK;
}

/* Least eigenvalue of the Gram matrix of the set whose rows are there. */
static double gram_eigenvalue(struct avg_work *x)
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
    struct avg_work x = {.sample = sample, .t = &pass->t};

    ATT_TRY(work_init(&x, ws, pass->task, keys, err));
    if (pass->task->dual == AVG_LP || pass->task->rounding.on) {
        ATT_TRY(run_by_matrix(&x, pass, err));
    } else {
        ATT_TRY(run_nested(&x, pass, err));
    }
    /* Of the last set of the sample: a probe, not the least of all. */
    if (sample == 0)
        pass->gram_min = gram_eigenvalue(&x);
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
        out->worst[g] = (struct avg_worst){.off_max = -(double)INFINITY,
                                           .off_unrounded = -(double)INFINITY};
    }
    for (size_t s = 0; s < a->samples; s++) {
        const struct att_arena_mark mark = att_arena_mark(ws->arena);
        struct avg_keys keys = *first;

        if (s > 0) {
            const struct avg_key_spec spec = {task->kind, a->L, task->grid};

            ATT_TRY(att_avg_keys_draw(ws, &spec, (uint32_t)s, &keys, err));
        }
        ATT_TRY(run_sample(ws, &keys, s, out, err));
        att_arena_rewind(ws->arena, mark);
        ws->progress(ws->context, "sets", (double)(s + 1) / (double)a->samples);
    }
    return ATT_OK;
}

/* ---- one set, plainly ------------------------------------------------------------------- */

static void plain_scores(struct avg_work *x, size_t g, double *s)
{
    struct avg_keys *keys = x->query.keys;

    for (size_t j = 0; j < keys->n; j++) {
        att_avg_key_row(keys, j, g, x->spare);
        s[j] = att_dot(keys->grid.d[g], x->spare, x->w);
    }
}

att_status att_avg_one(struct att_workspace *ws, const struct avg_task *task,
                       struct avg_keys *keys, struct avg_one *one,
                       struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    const size_t d = keys->grid.d[one->g];
    struct avg_times t = {0};
    struct avg_work x = {.t = &t};

    ATT_TRY(work_init(&x, ws, task, keys, err));
    ATT_TRY(make_matrix(&x, one->g, err));
    ATT_TRY(fetch_all(&x, one->set, one->g, err));
    ATT_TRY(att_avg_dual_solve(&x.query, task->dual, &one->solved, err));
    if (one->solved) {
        att_avg_make_w(&x, x.w);
        (void)att_avg_round_w(&x, one->set, x.w, d);
        plain_scores(&x, one->g, one->s);
        memcpy(one->w, x.w, d * sizeof *x.w);
    }
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}
