/* memorization_dense.c - attention as it is written down, by matrix products,
 * and the three evaluators side by side. */
#include "memorization_config_priv.h"

#include <math.h>

#include "attest/base/clock.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"

/* W_Q, W_K, W_V [s, d] and W_O [d, s]. */
struct weights {
    struct att_mat q, k, v, o;
};

static void fill_weights(const struct mem_built *b, struct weights *w)
{
    for (size_t i = 0; i < b->data.in->d; i++) {
        const double v = b->build.at.v[i];

        att_mat_row(w->q, 0)[i] = b->build.lambda * v;
        att_mat_row(w->k, 0)[i] = v;
        att_mat_row(w->v, 0)[i] = v;
        att_mat_row(w->o, i)[0] = b->build.rho * v;
    }
}

/* Scratch of one sequence: queries, keys, values [L, s], scores [L, L],
 * values met [L, s], outputs [L, d]. */
struct sequence {
    struct att_mat q, k, v, scores, met, out;
};

static bool sequence_new(size_t l, size_t s, size_t d, struct att_arena *arena,
                         struct sequence *t)
{
    t->q = att_mat_new(arena, l, s);
    t->k = att_mat_new(arena, l, s);
    t->v = att_mat_new(arena, l, s);
    t->scores = att_mat_new(arena, l, l);
    t->met = att_mat_new(arena, l, s);
    t->out = att_mat_new(arena, l, d);
    return t->q.data != NULL && t->k.data != NULL && t->v.data != NULL &&
           t->scores.data != NULL && t->met.data != NULL && t->out.data != NULL;
}

static void softmax_row(double *x, size_t n, size_t seen)
{
    const double top = att_max(seen, x);

    for (size_t i = 0; i < n; i++)
        x[i] = i < seen ? x[i] - top : -(double)INFINITY;
    att_vexp(n, x, x);
    const double sum = att_sum(seen, x);

    for (size_t i = 0; i < n; i++)
        x[i] = i < seen ? x[i] / sum : 0.0;
}

static void attend(const struct weights *w, struct att_mat x, bool causal,
                   struct sequence *t)
{
    att_gemm(x, false, w->q, true, 0.0, t->q);
    att_gemm(x, false, w->k, true, 0.0, t->k);
    att_gemm(x, false, w->v, true, 0.0, t->v);
    att_gemm(t->q, false, t->k, true, 0.0, t->scores);
    for (size_t i = 0; i < x.rows; i++)
        softmax_row(att_mat_row(t->scores, i), x.rows, causal ? i + 1 : x.rows);
    att_gemm(t->scores, false, t->v, false, 0.0, t->met);
    for (size_t i = 0; i < x.rows; i++) {
        const double *from = att_mat_row(x, i);
        double *to = att_mat_row(t->out, i);

        for (size_t k = 0; k < x.cols; k++)
            to[k] = from[k];
    }
    att_gemm(t->met, false, w->o, true, 1.0, t->out);
}

att_status att_mem_dense(const struct mem_built *b, double *z,
                         struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct att_token_labels *in = b->data.in;
    const size_t s = b->config.head, d = in->d, l = in->l;
    struct weights w = {att_mat_new(scratch, s, d), att_mat_new(scratch, s, d),
                        att_mat_new(scratch, s, d), att_mat_new(scratch, d, s)};
    struct sequence t;

    if (!sequence_new(l, s, d, scratch, &t) || w.q.data == NULL ||
        w.k.data == NULL || w.v.data == NULL || w.o.data == NULL)
        return att_arena_fail(scratch, "the dense evaluator", err);
    fill_weights(b, &w);
    for (size_t j = 0; j < in->n; j++) {
        attend(&w, att_mat_view(in->token + j * l * d, l, d), b->data.causal,
               &t);
        att_project(t.out, b->build.at.v, z + j * l);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- side by side ------------------------------------------------------------- */

/* Multiplications that the dense evaluator may cost inside a row. */
static const double MOST_DENSE_WORK = 1e8;

static bool dense_fits(const struct mem_built *b)
{
    const double n = (double)b->data.in->n, l = (double)b->data.in->l;
    const double d = (double)b->data.in->d, s = (double)b->config.head;

    return n * l * (4.0 * d * s + 2.0 * l * s + 10.0 * l) <= MOST_DENSE_WORK;
}

/* A gap that is no number leaves the spread alone.  Compared, not fmax:
 * gcc 12 for aarch64 dies of vectorising the reduction that fmax makes. */
static void widen(double *spread, double gap)
{
    if (gap > *spread)
        *spread = gap;
}

static att_status compare_table(const struct mem_trial *t, const double *s,
                                double *other, double *spread,
                                struct att_error *err)
{
    const struct mem_ids *ids = &t->b->data.ids;
    const struct mem_query q = {ids, t->b->build.at.p, t->b->build.lambda};
    uint64_t n_exp = 0;

    if (!att_mem_table_fits(&q))
        return ATT_OK;
    const double start = att_clock_s();

    ATT_TRY(att_mem_attend_table(&q, other, &n_exp, t->ws->arena, err));
    att_out_real(t->out, MEM_M_T_TABLE, att_clock_s() - start);
    att_out_int(t->out, MEM_M_EXP_COUNT_TABLE, (int64_t)n_exp);
    for (size_t i = 0; i < ids->n; i++)
        widen(spread, t->b->build.rho * fabs(s[i] - other[i]));
    return ATT_OK;
}

static att_status compare_dense(const struct mem_trial *t, double *spread,
                                struct att_error *err)
{
    const size_t n = t->b->data.in->n * t->b->data.in->l;
    double *z = ATT_NEW(t->ws->arena, double, n);

    if (!dense_fits(t->b))
        return ATT_OK;
    if (z == NULL)
        return att_arena_fail(t->ws->arena, "the dense ids", err);
    ATT_TRY(att_mem_dense(t->b, z, t->ws->arena, err));
    for (size_t i = 0; i < n; i++)
        widen(spread, fabs(z[i] - t->b->build.z[t->b->data.id_of[i]]));
    return ATT_OK;
}

att_status att_mem_measure_evaluators(const struct mem_trial *t,
                                      struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct mem_ids *ids = &t->b->data.ids;
    const struct mem_query q = {ids, t->b->build.at.p, t->b->build.lambda};
    double *s = ATT_NEW(arena, double, ids->n);
    double *other = ATT_NEW(arena, double, ids->n);
    uint64_t n_exp = 0;
    double spread = 0.0;

    if (s == NULL || other == NULL)
        return att_arena_fail(arena, "the evaluators", err);
    const double start = att_clock_s();

    ATT_TRY(att_mem_attend_fast(&q, s, &n_exp, arena, err));
    att_out_real(t->out, MEM_M_T_ATTN, att_clock_s() - start);
    att_out_int(t->out, MEM_M_EXP_COUNT, (int64_t)n_exp);
    ATT_TRY(compare_table(t, s, other, &spread, err));
    ATT_TRY(compare_dense(t, &spread, err));
    att_out_real(t->out, MEM_M_EVAL_SPREAD, spread);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
