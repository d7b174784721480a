/* memorization_attend.c - the context scalar s of every id in f64: one context
 * after the other, or from one table of exponentials. */
#include "memorization_priv.h"

#include <math.h>

#include "attest/linalg/vector.h"

/* ---- fast ----------------------------------------------------------------- */

enum { BATCH = 4096 }; /* logits per call of the vector exponential */

struct batch {
    const double *pc; /* [n] projected tokens of the context */
    size_t n;
    double low, high; /* smallest and largest of pc */
    double *logit;    /* [rows, n] */
};

/* The largest logit beta p_b is at the end of the context on beta's side. */
static void fill_logits(const struct batch *b, double beta, double *logit)
{
    const double top = beta * (beta >= 0.0 ? b->high : b->low);

    for (size_t i = 0; i < b->n; i++)
        logit[i] = beta * b->pc[i] - top;
}

static void attend_rows(const struct mem_query *q, const struct batch *b,
                        size_t id, size_t rows, double *s)
{
    for (size_t r = 0; r < rows; r++) {
        fill_logits(b, q->lambda * q->p[q->ids->token[id + r]],
                    b->logit + r * b->n);
    }
    att_vexp(rows * b->n, b->logit, b->logit);
    for (size_t r = 0; r < rows; r++) {
        const double *w = b->logit + r * b->n;

        s[id + r] = att_dot(b->n, w, b->pc) / att_sum(b->n, w);
    }
}

static void gather(const struct mem_query *q, size_t c, double *pc,
                   struct batch *b)
{
    const uint32_t *member = q->ids->member + q->ids->start[c];

    b->n = q->ids->start[c + 1] - q->ids->start[c];
    b->low = (double)INFINITY;
    b->high = -(double)INFINITY;
    for (size_t i = 0; i < b->n; i++) {
        const double p = q->p[member[i]];

        pc[i] = p;
        b->low = p < b->low ? p : b->low;
        b->high = p > b->high ? p : b->high;
    }
    b->pc = pc;
}

att_status att_mem_attend_fast(const struct mem_query *q, double *s,
                               uint64_t *n_exp, struct att_arena *scratch,
                               struct att_error *err)
{
    const struct mem_ids *ids = q->ids;
    const struct att_arena_mark mark = att_arena_mark(scratch);
    double *pc = ATT_NEW(scratch, double, ids->longest);
    struct batch b = {.logit = ATT_NEW(scratch, double, BATCH + ids->longest)};
    uint64_t count = 0;

    if (pc == NULL || b.logit == NULL)
        return att_arena_fail(scratch, "the logits", err);
    for (size_t c = 0; c < ids->n_contexts; c++) {
        const size_t end = ids->first[c + 1];
        size_t at = ids->first[c];

        gather(q, c, pc, &b);
        const size_t most = b.n < BATCH ? BATCH / b.n : 1;

        for (size_t rows; at < end; at += rows) {
            rows = end - at < most ? end - at : most;
            attend_rows(q, &b, at, rows, s);
            count += (uint64_t)rows * b.n;
        }
    }
    if (n_exp != NULL)
        *n_exp = count;
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- table ------------------------------------------------------------------- */

bool att_mem_table_fits(const struct mem_query *q)
{
    const double m = (double)q->ids->n_tokens;
    const double spread = att_mem_spread(q->p, q->ids->n_tokens);
    const double size = att_mem_size(q->p, q->ids->n_tokens);

    return fabs(q->lambda) * size * spread < 600.0 &&
           m * m <= 2.0 * (double)q->ids->n_pairs;
}

/* Column a of both tables belongs to query a; row b to token b. */
struct table {
    double *e;  /* [M, M] exp(lambda p_a p_b - max over the vocabulary) */
    double *ep; /* [M, M] the same times p_b */
};

static void fill_table(const struct mem_query *q, struct table *t)
{
    const size_t m = q->ids->n_tokens;
    const struct att_interval p = att_mem_range(q->p, m);

    for (size_t b = 0; b < m; b++) {
        for (size_t a = 0; a < m; a++) {
            const double beta = q->lambda * q->p[a];

            t->e[b * m + a] =
                beta * q->p[b] - beta * (beta >= 0.0 ? p.hi : p.lo);
        }
    }
    att_vexp(m * m, t->e, t->e);
    for (size_t b = 0; b < m; b++) {
        for (size_t a = 0; a < m; a++)
            t->ep[b * m + a] = t->e[b * m + a] * q->p[b];
    }
}

/* Z and W of a context for all queries at once: rows added in ascending order
 * of the members. */
static void add_context(const struct mem_query *q, const struct table *t,
                        size_t c, double *z, double *w)
{
    const size_t m = q->ids->n_tokens;

    for (size_t a = 0; a < m; a++)
        z[a] = w[a] = 0.0;
    for (size_t i = q->ids->start[c]; i < q->ids->start[c + 1]; i++) {
        const size_t b = q->ids->member[i];

        att_axpy(m, 1.0, t->e + b * m, z);
        att_axpy(m, 1.0, t->ep + b * m, w);
    }
}

att_status att_mem_attend_table(const struct mem_query *q, double *s,
                                uint64_t *n_exp, struct att_arena *scratch,
                                struct att_error *err)
{
    const struct mem_ids *ids = q->ids;
    const size_t m = ids->n_tokens;
    const struct att_arena_mark mark = att_arena_mark(scratch);
    struct table t = {ATT_NEW(scratch, double, m *m),
                      ATT_NEW(scratch, double, m *m)};
    double *z = ATT_NEW(scratch, double, m), *w = ATT_NEW(scratch, double, m);

    if (t.e == NULL || t.ep == NULL || z == NULL || w == NULL)
        return att_arena_fail(scratch, "the table of exponentials", err);
    fill_table(q, &t);
    for (size_t c = 0; c < ids->n_contexts; c++) {
        add_context(q, &t, c, z, w);
        for (size_t i = ids->first[c]; i < ids->first[c + 1]; i++)
            s[i] = w[ids->token[i]] / z[ids->token[i]];
    }
    if (n_exp != NULL)
        *n_exp = (uint64_t)m * m;
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

att_status att_mem_attend(const struct mem_query *q, double *s,
                          struct att_arena *scratch, struct att_error *err)
{
    return att_mem_table_fits(q)
               ? att_mem_attend_table(q, s, NULL, scratch, err)
               : att_mem_attend_fast(q, s, NULL, scratch, err);
}

/* ---- rounding ------------------------------------------------------------------ */

/* lambda p_a and its product with p_b, and the subtraction of the largest
 * logit: each |logit| <= kappa, four half-roundings, at most 4 kappa u of the
 * weight; the exponential and the two sums and the quotient 2 depth + 4; the
 * product with rho one more; the spread of s is at most 2 max|p|, weights move
 * it by half of that. */
double att_mem_error_bound(const struct mem_noise *n)
{
    return n->u *
           (n->rho * n->p_high * (6.0 * n->kappa + 2.0 * n->depth + 5.0) +
            3.0 * n->z_high);
}

double att_mem_depth_lanes(size_t n)
{
    return ceil((double)n / 16.0) + 4.0; /* linalg/vector.h: 16 lanes */
}

double att_mem_depth_plain(size_t n)
{
    return (double)n;
}
