/* matching_pairs.c - Match2 by one standard unit, C5 and C6. */
#include <string.h>

#include "matching_priv.h"

/* ---- literal -------------------------------------------------------------------- */

/* cos and sin of the harmonics of some residues, in the format. */
struct features {
    double *cos, *sin; /* [n, R] */
};

struct literal {
    const struct match_unit *u;
    struct features query, key;
    double *s;    /* [n_keys] logits of a token */
    double scale; /* c / R */
    double blank; /* logit of the blank */
};

static double rounded(const struct literal *l, double x)
{
    return att_arithmetic_round(l->u->arithmetic, x);
}

static att_status put_features(const struct literal *l, const uint64_t *x,
                               size_t n, struct att_arena *scratch,
                               struct features *out, struct att_error *err)
{
    const struct match_unit *u = l->u;

    *out = (struct features){ATT_NEW(scratch, double, n * u->R),
                             ATT_NEW(scratch, double, n * u->R)};
    if (out->cos == NULL || out->sin == NULL)
        return att_arena_fail(scratch, "the features", err);
    for (size_t k = 0; k < n * u->R; k++) {
        const uint64_t h = u->h == NULL ? 1 : u->h[k % u->R];
        const double t = att_match_angle(u, h * x[k / u->R]);

        out->cos[k] = rounded(l, cos(t));
        out->sin[k] = rounded(l, sin(t));
    }
    return ATT_OK;
}

/* <q_i, k_j>, every operation rounded. */
static double logit(const struct literal *l, size_t i, size_t j)
{
    const size_t R = l->u->R;
    double sum = 0.0;

    for (size_t r = 0; r < R; r++) {
        const size_t a = i * R + r;
        const size_t b = j * R + r;
        const double x =
            rounded(l, rounded(l, l->scale * l->query.cos[a]) * l->key.cos[b]);
        const double y =
            rounded(l, rounded(l, l->scale * l->query.sin[a]) * -l->key.sin[b]);

        sum = rounded(l, rounded(l, sum + x) + y);
    }
    return sum;
}

static double attend(const struct literal *l, size_t i)
{
    const struct match_unit *u = l->u;
    double most = l->blank;
    double real = 0.0;

    for (size_t j = 0; j < u->n_keys; j++) {
        l->s[j] = u->others && j == i ? (double)-INFINITY : logit(l, i, j);
        most = fmax(most, l->s[j]);
    }
    for (size_t j = 0; j < u->n_keys; j++)
        real = rounded(l, real + rounded(l, exp(l->s[j] - most)));
    const double all = rounded(l, real + rounded(l, exp(l->blank - most)));

    return rounded(l, real / all);
}

att_status att_match2_naive(const struct match_unit *u, double *out,
                            struct att_arena *scratch, struct att_error *err)
{
    struct literal l = {.u = u, .s = ATT_NEW(scratch, double, u->n_keys)};

    if (l.s == NULL)
        return att_arena_fail(scratch, "the logits", err);
    ATT_TRY(put_features(&l, u->in.x, u->in.n, scratch, &l.query, err));
    ATT_TRY(put_features(&l, u->key, u->n_keys, scratch, &l.key, err));
    const double c = rounded(&l, u->c);

    l.scale = rounded(&l, c / (double)u->R);
    l.blank = rounded(&l, c * rounded(&l, 1.0 - 0.5 * u->gap));
    for (size_t i = u->from; i < u->to; i++)
        out[i] = attend(&l, i);
    return ATT_OK;
}

/* ---- by residues ------------------------------------------------------------------ */

/* Weight of the sum v of two residues, relative to a match. */
static double weight(const struct match_unit *u, uint64_t v)
{
    return u->h == NULL
               ? att_match_weight(u, v)
               : exp(-u->c * att_match_deficit(u->h, u->R, v, u->in.M));
}

/* A sum of harmonics has no window: every residue may come near. */
static double all_residues(const struct match_unit *u,
                           const struct att_residues *r, uint64_t x)
{
    double real = 0.0;

    for (size_t k = 0; k < r->n; k++)
        real += r->count[k] * weight(u, (x + r->value[k]) % u->in.M);
    return real;
}

/* Residues at most w from -x; the offset M/2 of an even M once. */
static double near_residues(const struct match_unit *u,
                            const struct att_residues *r, uint64_t x,
                            uint64_t w)
{
    const uint64_t M = u->in.M;
    const uint64_t need = (M - x) % M;
    double real = att_residues_at(r, need);

    for (uint64_t d = 1; d <= w; d++) {
        const double both =
            att_residues_at(r, (need + d) % M) +
            (2 * d == M ? 0.0 : att_residues_at(r, (need + M - d) % M));

        if (both > 0.0)
            real += both * att_match_weight(u, d);
    }
    return real;
}

/* Counted residues instead of tokens: no logit of size c is ever formed. */
att_status att_match2_hist(const struct match_unit *u, double *out,
                           struct att_arena *scratch, struct att_error *err)
{
    const uint64_t M = u->in.M;
    const uint64_t w = u->h == NULL ? att_match_reach(u) : 0;
    struct att_residues r;

    ATT_TRY(att_residues_count(u->key, u->n_keys, scratch, &r, err));
    for (size_t i = u->from; i < u->to; i++) {
        const uint64_t x = u->in.x[i];
        double real =
            u->h == NULL ? near_residues(u, &r, x, w) : all_residues(u, &r, x);

        if (u->others)
            real -= weight(u, 2 * x % M);
        out[i] = att_match_finish(u, fmax(real, 0.0));
    }
    return ATT_OK;
}
