/* matching_triples.c - Match3 by one third-order unit, C7, literally and as a
 * stream of rank-4 products. */
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "matching_priv.h"

/* ---- literal: every triple -------------------------------------------------------- */

/* cos and sin of every token. */
struct features {
    double *cos, *sin; /* [n] */
};

static att_status put_features(const struct match_unit *u,
                               struct att_arena *scratch, struct features *out,
                               struct att_error *err)
{
    *out = (struct features){ATT_NEW(scratch, double, u->in.n),
                             ATT_NEW(scratch, double, u->in.n)};
    if (out->cos == NULL || out->sin == NULL)
        return att_arena_fail(scratch, "the features", err);
    for (size_t i = 0; i < u->in.n; i++) {
        const double t = att_match_angle(u, u->in.x[i]);

        out->cos[i] = cos(t);
        out->sin[i] = sin(t);
    }
    return ATT_OK;
}

/* Weights of all pairs (a, b) for token i. */
static double every_pair(const struct match_unit *u, const double *C,
                         const double *S, size_t i)
{
    double real = 0.0;

    for (size_t a = 0; a < u->in.n; a++) {
        for (size_t b = 0; b < u->in.n; b++) {
            const double logit =
                u->c * (C[i] * C[a] * C[b] - C[i] * S[a] * S[b] -
                        S[i] * C[a] * S[b] - S[i] * S[a] * C[b]);

            real += exp(logit - u->c);
        }
    }
    return real;
}

att_status att_match3_naive(const struct match_unit *u, double *out,
                            struct att_arena *scratch, struct att_error *err)
{
    struct features f;

    ATT_TRY(put_features(u, scratch, &f, err));
    for (size_t i = u->from; i < u->to; i++)
        out[i] = att_match_finish(u, every_pair(u, f.cos, f.sin, i));
    return ATT_OK;
}

/* ---- stream: a rank-4 product per token ---------------------------------------------- */

static void put_left(const struct match_unit *u, size_t i,
                     const struct features *f, struct att_mat left)
{
    const double C = u->c * f->cos[i];
    const double S = u->c * f->sin[i];

    for (size_t a = 0; a < u->in.n; a++) {
        double *k = att_mat_row(left, a);

        k[0] = C * f->cos[a];
        k[1] = -C * f->sin[a];
        k[2] = -S * f->cos[a];
        k[3] = -S * f->sin[a];
    }
}

static void put_right(const struct features *f, struct att_mat right)
{
    for (size_t b = 0; b < right.rows; b++) {
        double *k = att_mat_row(right, b);

        k[0] = k[3] = f->cos[b];
        k[1] = k[2] = f->sin[b];
    }
}

att_status att_match3_stream(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const size_t n = u->in.n;
    struct att_mat left = att_mat_new(scratch, n, 4);
    struct att_mat right = att_mat_new(scratch, n, 4);
    struct att_mat block = att_mat_new(scratch, n, n);
    struct features f;

    ATT_TRY(put_features(u, scratch, &f, err));
    if (att_arena_refused(scratch) != 0)
        return att_arena_fail(scratch, "a block of logits", err);
    put_right(&f, right);
    for (size_t i = u->from; i < u->to; i++) {
        put_left(u, i, &f, left);
        att_gemm(left, false, right, true, 0.0, block);
        for (size_t k = 0; k < n * n; k++)
            block.data[k] -= u->c;
        att_vexp(n * n, block.data, block.data);
        out[i] = att_match_finish(u, att_sum(n * n, block.data));
    }
    return ATT_OK;
}
