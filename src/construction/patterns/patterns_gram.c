/* patterns_gram.c - tables of inner products, interpolating queries. */
#include "patterns_gram_priv.h"

#include <stdlib.h>
#include <string.h>

#include "attest/linalg/fwht.h"
#include "attest/linalg/solve.h"
#include "attest/linalg/vector.h"

static const double MOST_COND = 1e8;

/* ---- tables ---------------------------------------------------------------------- */

/* d K by l xor j, h [size]: a Walsh-Hadamard transform of the indicator of the
 * first d drawn columns. */
static att_status hadamard_table(const struct att_workspace *ws, size_t size,
                                 size_t d, int32_t *h, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    uint32_t *column = ATT_NEW(ws->arena, uint32_t, size);

    if (column == NULL)
        return att_arena_fail(ws->arena, "the columns", err);
    att_pat_columns(ws, size, d, column);
    memset(h, 0, size * sizeof *h);
    for (size_t m = 0; m < d; m++)
        h[column[m]] = 1;
    att_fwht_i32(h, size);
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}

/* K / d by difference, shift [2 n]: the mean over d / 2 random frequencies of
 * cos(2 pi f x / n), each angle by exact reduction. */
static att_status fourier_table(const struct att_workspace *ws, size_t n,
                                size_t d, double *shift, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    const struct att_stream s = att_builder_stream(ws, PAT_FREQUENCY, 0, 0);
    const double turn = 2.0 * acos(-1.0) / (double)n;
    const size_t n_pairs = d / 2;
    const double pairs = (double)n_pairs;
    double *cosine = ATT_NEW(ws->arena, double, n);

    if (cosine == NULL)
        return att_arena_fail(ws->arena, "the cosines", err);
    for (size_t x = 0; x < n; x++)
        cosine[x] = turn * (double)x;
    att_vcos(n, cosine, cosine);
    memset(shift, 0, n * sizeof *shift);
    for (size_t m = 0; m < n_pairs; m++) {
        const size_t f = att_stream_below(&s, m, (uint32_t)n);
        size_t at = 0;

        for (size_t x = 0; x < n; x++) {
            shift[x] += cosine[at];
            at += f;
            at -= at >= n ? n : 0;
        }
    }
    for (size_t x = 0; x < n; x++)
        shift[x] = shift[n + x] = shift[x] / pairs;
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}

static att_status init_hadamard(const struct att_workspace *ws,
                                struct pat_gram *g, struct att_error *err)
{
    const size_t n = g->spec.n;
    const double d = (double)g->spec.d;
    int32_t most = 0;

    g->size = att_pat_power_of_two(n);
    g->h = ATT_NEW(ws->arena, int32_t, g->size);
    g->hf = ATT_NEW(ws->arena, float, g->size);
    g->sign = g->spec.plus ? NULL : ATT_NEW(ws->arena, float, n);
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the table of inner products", err);
    ATT_TRY(hadamard_table(ws, g->size, g->spec.d, g->h, err));
    for (size_t x = 0; x < g->size; x++) {
        g->hf[x] = (float)(g->h[x] / d);
        if (x > 0)
            most = abs(g->h[x]) > most ? abs(g->h[x]) : most;
    }
    for (size_t l = 0; g->sign != NULL && l < n; l++)
        g->sign[l] = (float)att_pat_row_sign(ws, l);
    g->mu = most / d;
    return ATT_OK;
}

static att_status init_fourier(const struct att_workspace *ws,
                               struct pat_gram *g, struct att_error *err)
{
    const size_t n = g->spec.n;

    g->shift = ATT_NEW(ws->arena, double, 2 * n);
    if (g->shift == NULL)
        return att_arena_fail(ws->arena, "the table of inner products", err);
    ATT_TRY(fourier_table(ws, n, g->spec.d, g->shift, err));
    g->mu = 0.0;
    for (size_t x = 1; x < n; x++)
        g->mu = fmax(g->mu, fabs(g->shift[x]));
    return ATT_OK;
}

static att_status init_keys(const struct att_workspace *ws, struct pat_gram *g,
                            struct att_error *err)
{
    g->row = ATT_NEW(ws->arena, int32_t, g->spec.n);
    if (g->row == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    return att_pat_keys_draw_whole(ws, &g->spec, &g->keys, err);
}

att_status att_pat_gram_init(const struct att_workspace *ws,
                             const struct pat_key_spec *spec,
                             struct pat_gram *out, struct att_error *err)
{
    *out = (struct pat_gram){.spec = *spec, .mu = (double)NAN};
    if (spec->family == PAT_HADAMARD)
        return init_hadamard(ws, out, err);
    if (spec->family == PAT_FOURIER)
        return init_fourier(ws, out, err);
    return init_keys(ws, out, err);
}

/* ---- inner products ----------------------------------------------------------------- */

static double hadamard_at(const struct pat_gram *g, size_t l, size_t j)
{
    const double x = (double)g->h[l ^ j] / (double)g->spec.d;

    return g->sign != NULL ? x * (double)(g->sign[l] * g->sign[j]) : x;
}

double att_pat_gram_at(const struct pat_gram *g, size_t l, size_t j)
{
    const size_t n = g->spec.n;
    const double d = (double)g->spec.d;

    if (g->h != NULL)
        return hadamard_at(g, l, j);
    if (g->shift != NULL)
        return g->shift[n + j - l];
    if (g->keys.segment != NULL)
        return att_bits_dot(&g->keys.segment[0], l, j) / d;
    return att_dot(g->spec.d, att_mat_row(g->keys.y, l),
                   att_mat_row(g->keys.y, j)) /
           d;
}

void att_pat_gram_row(const struct pat_gram *g, size_t l, double *y)
{
    const size_t n = g->spec.n;
    const double d = (double)g->spec.d;

    if (g->shift != NULL) {
        memcpy(y, g->shift + n - l, n * sizeof *y);
    } else if (g->h != NULL) {
        for (size_t j = 0; j < n; j++)
            y[j] = hadamard_at(g, l, j);
    } else if (g->keys.segment != NULL) {
        att_bits_gram_row(&g->keys.segment[0], l, g->row);
        for (size_t j = 0; j < n; j++)
            y[j] = g->row[j] / d;
    } else {
        att_project(g->keys.y, att_mat_row(g->keys.y, l), y);
        for (size_t j = 0; j < n; j++)
            y[j] /= d;
    }
}

/* ---- queries ------------------------------------------------------------------------- */

att_status att_pat_query_init(struct pat_query *q, size_t most,
                              struct att_arena *arena, struct att_error *err)
{
    *q = (struct pat_query){.g = att_mat_new(arena, most, most),
                            .unit = ATT_NEW(arena, double, most),
                            .lam = ATT_NEW(arena, double, most)};
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a Gram matrix", err);
    return ATT_OK;
}

/* kappa <= 2 (trace / k)^k / det for a positive definite matrix.
 * Source: Guggenheimer, Edelman, Johnson 1995. */
static double condition_bound(struct att_mat factor, double trace)
{
    const double k = (double)factor.rows;
    double ln = log(2.0) + k * log(trace / k);

    if (factor.rows <= 1)
        return 1.0;
    for (size_t r = 0; r < factor.rows; r++)
        ln -= 2.0 * log(att_mat_row(factor, r)[r]);
    return exp(ln);
}

bool att_pat_query_solve(struct pat_query *q, const struct pat_gram *gram,
                         const struct att_pattern *a, size_t i)
{
    const uint32_t *at = a->column + a->first[i];
    const size_t k = a->first[i + 1] - a->first[i];
    struct att_mat g = q->g;
    double trace = 0.0;

    g.rows = g.cols = k;
    for (size_t r = 0; r < k; r++) {
        for (size_t c = 0; c <= r; c++)
            att_mat_row(g, r)[c] = att_pat_gram_at(gram, at[r], at[c]);
        trace += att_mat_row(g, r)[r];
        q->unit[r] = 1.0;
        q->lam[r] = a->lam != NULL ? a->lam[a->first[i] + r] : 0.0;
    }
    q->cond = INFINITY;
    if (k == a->n_cols && a->lam == NULL) {
        /* Nothing to separate: the query 0 is a constant added to the row. */
        memset(q->unit, 0, k * sizeof *q->unit);
        q->norm1 = q->square = 0.0;
        q->cond = 1.0;
        return true;
    }
    if (att_cholesky(g, 0.0, NULL, NULL) != ATT_OK)
        return false;
    q->cond = condition_bound(g, trace);
    att_cholesky_solve(g, q->unit);
    att_cholesky_solve(g, q->lam);
    q->norm1 = q->square = 0.0;
    for (size_t r = 0; r < k; r++) {
        q->norm1 += fabs(q->unit[r]);
        q->square += q->unit[r];
    }
    return q->cond <= MOST_COND;
}
