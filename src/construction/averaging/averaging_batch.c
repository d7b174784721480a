/* averaging_batch.c - rounded queries, multiplied with all keys a block at a
 * time: one product of the BLAS for each block, never L^2 numbers at once. */
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "averaging_work_priv.h"

enum { STREAM_DITHER = 3 };
/* Queries of a block: scores of a block stay within some 32 MiB of floats, and
 * a product stays tall enough for the BLAS. */
enum { MOST_ROWS = 256, LEAST_ROWS = 32, BLOCK_SCORES = 8 << 20 };

static size_t block_rows(size_t n, size_t n_sets)
{
    size_t rows = (size_t)BLOCK_SCORES / n;

    rows = rows > MOST_ROWS ? MOST_ROWS : rows;
    rows = rows < LEAST_ROWS ? LEAST_ROWS : rows;
    return rows < n_sets ? rows : n_sets;
}

static bool is_fixed(const struct avg_rounding *r)
{
    return r->frac_bits >= 0;
}

double att_avg_batch_bytes(const struct att_value *p)
{
    const size_t n = (size_t)p[ATT_AVG_L].i;
    const double rows = (double)block_rows(n, att_averaging_sets(p));
    const double width = att_avg_frac_bits(p) >= 0 ? 8.0 : 4.0;
    const double d = (double)p[AP_D].i;

    return width * ((double)n * d + rows * d + rows * (double)n) +
           rows * (4.0 * (double)p[ATT_AVG_Q].i + 8.0) + 1024.0;
}

/* ---- one query ------------------------------------------------------------------ */

/* w := sum_j coef_j u_j at the grid point under way. */
void att_avg_make_w(const struct avg_work *x, double *w)
{
    const struct avg_query *z = &x->query;

    if (x->task->dual == AVG_LP) {
        memcpy(w, z->w, z->keys->grid.d[z->g] * sizeof *w);
        return;
    }
    att_avg_query_combine(z, x->spare, w);
}

/* The nearest multiple of 2^-frac_bits of x + dither, saturated. */
static double round_fixed(const struct avg_rounding *r, double x, double dither)
{
    const double whole =
        r->whole_bits >= 0 ? ldexp(1.0, r->whole_bits) : (double)INFINITY;
    const double step = ldexp(1.0, -r->frac_bits);
    const double y = rint(x / step + dither) * step;

    return fmin(fmax(y, -whole), whole - step);
}

double att_avg_round_w(const struct avg_work *x, size_t set, double *w,
                       size_t d)
{
    const struct avg_rounding *r = &x->task->rounding;
    const struct att_stream s = att_builder_stream(
        x->ws, STREAM_DITHER, (uint32_t)x->sample, (uint32_t)set);
    const double root = sqrt((double)d);
    double most = 0.0;

    for (size_t m = 0; r->on && m < d; m++) {
        const double dither = r->dither ? att_stream_uniform(&s, m) - 0.5 : 0.0;
        const double y =
            is_fixed(r) ? round_fixed(r, root * w[m], dither)
                        : att_arithmetic_round(&r->arithmetic, root * w[m]);

        most = fmax(most, fabs(y));
        w[m] = y / root;
    }
    return most;
}

/* ---- blocks ---------------------------------------------------------------------- */

/* sqrt(d) u_j in the format, as floats. */
static void fill_keys(const struct avg_work *x, size_t g, struct att_matf uf)
{
    const struct att_arithmetic *a = &x->task->rounding.arithmetic;
    const double root = sqrt((double)uf.cols);

    for (size_t j = 0; j < uf.rows; j++) {
        float *row = att_matf_row(uf, j);

        att_avg_key_row(x->query.keys, j, g, x->spare);
        for (size_t m = 0; m < uf.cols; m++)
            row[m] = (float)att_arithmetic_round(a, root * x->spare[m]);
    }
}

att_status att_avg_batch_open(struct avg_work *x, size_t g,
                              struct att_error *err)
{
    struct att_arena *arena = x->ws->arena;
    struct avg_batch *b = &x->batch;
    const size_t n = x->query.keys->n;
    const size_t d = x->query.keys->grid.d[g];
    const bool fixed = is_fixed(&x->task->rounding);

    *b = (struct avg_batch){.room = block_rows(n, x->task->instance->n_sets)};
    b->y = ATT_NEW(arena, uint32_t, b->room * x->query.q);
    b->set = ATT_NEW(arena, size_t, b->room);
    if (fixed) {
        b->u = att_avg_keys_matrix(x->query.keys, g, arena);
        b->w = att_mat_new(arena, b->room, d);
        b->s = att_mat_new(arena, b->room, n);
    } else {
        b->uf = att_matf_new(arena, n, d);
        b->wf = att_matf_new(arena, b->room, d);
        b->sf = att_matf_new(arena, b->room, n);
    }
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a block of queries", err);
    if (!fixed)
        fill_keys(x, g, b->uf);
    return ATT_OK;
}

void att_avg_batch_add(struct avg_work *x, size_t i, struct avg_worst *worst)
{
    struct avg_batch *b = &x->batch;
    const size_t d = x->query.keys->grid.d[x->query.g];
    const double root = sqrt((double)d);
    double norm1 = 0.0;

    att_avg_make_w(x, x->w);
    worst->coordinate = fmax(worst->coordinate, att_avg_round_w(x, i, x->w, d));
    for (size_t m = 0; m < d; m++) {
        norm1 += fabs(x->w[m]);
        if (b->uf.data != NULL)
            att_matf_row(b->wf, b->n)[m] = (float)(root * x->w[m]);
    }
    if (b->u.data != NULL)
        memcpy(att_mat_row(b->w, b->n), x->w, d * sizeof *x->w);
    worst->norm1 = fmax(worst->norm1, norm1);
    memcpy(b->y + b->n * x->query.q, x->query.y, x->query.q * sizeof *b->y);
    b->set[b->n++] = i;
}

void att_avg_batch_multiply(struct avg_work *x)
{
    struct avg_batch b = x->batch;
    const double start = att_clock_cpu_s();

    b.w.rows = b.s.rows = b.wf.rows = b.sf.rows = b.n;
    if (b.n > 0 && b.u.data != NULL)
        att_gemm(b.w, false, b.u, true, 0.0, b.s);
    if (b.n > 0 && b.uf.data != NULL)
        att_gemmf(b.wf, false, b.uf, true, 0.0F, b.sf);
    x->t->logit += att_clock_cpu_s() - start;
}

/* s := alpha s rounded to the format, over alpha. */
static void round_logits(const struct att_arithmetic *a, double alpha, size_t n,
                         double *s)
{
    for (size_t j = 0; j < n; j++)
        s[j] = att_arithmetic_round(a, alpha * s[j]) / alpha;
}

void att_avg_batch_row(const struct avg_work *x, size_t k, double *s)
{
    const struct avg_batch *b = &x->batch;
    const struct att_arithmetic *a = &x->task->rounding.arithmetic;
    const double start = att_clock_cpu_s();
    const size_t n = x->query.keys->n;

    if (b->u.data != NULL) {
        memcpy(s, att_mat_row(b->s, k), n * sizeof *s);
    } else {
        const float *row = att_matf_row(b->sf, k);
        const double scale = 1.0 / (double)b->uf.cols;

        for (size_t j = 0; j < n; j++)
            s[j] = (double)row[j] * scale;
        /* Sums of f32 are rounded already. */
        if (a->kind != ATT_ARITHMETIC_F32)
            round_logits(a, x->task->unit.alpha, n, s);
    }
    x->t->logit += att_clock_cpu_s() - start;
}
