/* matching_pairs.c - Match2 by one standard unit, C5 and C6. */
#include <string.h>

#include "matching_priv.h"

static const double PI = 3.14159265358979323846;

double att_match_gap(uint64_t M)
{
    const double s = sin(PI / (double)M);

    return M == 1 ? 2.0 : 2.0 * s * s;
}

double att_match_gap_harmonics(const uint32_t *h, size_t R, uint64_t M)
{
    double least = 2.0;

    for (uint64_t v = 1; v < M; v++) {
        double sum = 0.0;

        for (size_t r = 0; r < R; r++) {
            const double s =
                sin(PI * (double)((uint64_t)h[r] * v % M) / (double)M);

            sum += 2.0 * s * s; /* 1 - cos */
        }
        least = fmin(least, sum / (double)R);
    }
    return least;
}

double att_match_scale(size_t n, int order, double gap)
{
    return 2.0 * log(4.0 * pow((double)n, order - 1)) / gap;
}

/* ---- literal -------------------------------------------------------------------- */

struct literal {
    const struct att_arithmetic *a;
    double *cos, *sin; /* [n, R] features in the format */
    size_t R;
    double c, blank;
};

static double rounded(const struct literal *l, double x)
{
    return att_arithmetic_round(l->a, x);
}

static void put_features(const struct match_unit *u, struct literal *l)
{
    for (size_t i = 0; i < u->n; i++) {
        for (size_t r = 0; r < l->R; r++) {
            const uint64_t h = u->h == NULL ? 1 : u->h[r];
            const double t =
                2.0 * PI * (double)(h * u->x[i] % u->M) / (double)u->M;

            l->cos[i * l->R + r] = rounded(l, cos(t));
            l->sin[i * l->R + r] = rounded(l, sin(t));
        }
    }
}

/* <q_i, k_j>, every operation rounded. */
static double logit(const struct literal *l, size_t i, size_t j)
{
    const double scale = rounded(l, l->c / (double)l->R);
    double sum = 0.0;

    for (size_t r = 0; r < l->R; r++) {
        const size_t a = i * l->R + r;
        const size_t b = j * l->R + r;
        const double x = rounded(l, rounded(l, scale * l->cos[a]) * l->cos[b]);
        const double y = rounded(l, rounded(l, scale * l->sin[a]) * -l->sin[b]);

        sum = rounded(l, rounded(l, sum + x) + y);
    }
    return sum;
}

static double attend(const struct literal *l, size_t i, size_t n, double *s)
{
    double most = l->blank;
    double real = 0.0;

    for (size_t j = 0; j < n; j++) {
        s[j] = logit(l, i, j);
        most = fmax(most, s[j]);
    }
    for (size_t j = 0; j < n; j++)
        real = rounded(l, real + rounded(l, exp(s[j] - most)));
    const double all = rounded(l, real + rounded(l, exp(l->blank - most)));

    return rounded(l, real / all);
}

att_status att_match2_naive(const struct match_unit *u,
                            const struct att_arithmetic *a, double *out,
                            struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t R = u->h == NULL ? 1 : u->R;
    struct literal l = {.a = a,
                        .cos = ATT_NEW(scratch, double, u->n *R),
                        .sin = ATT_NEW(scratch, double, u->n *R),
                        .R = R,
                        .c = u->c};
    double *s = ATT_NEW(scratch, double, u->n);

    if (l.cos == NULL || l.sin == NULL || s == NULL)
        return att_arena_fail(scratch, "the features", err);
    put_features(u, &l);
    l.c = rounded(&l, u->c);
    l.blank = rounded(&l, l.c * rounded(&l, 1.0 - 0.5 * u->gap));
    for (size_t i = 0; i < u->n; i++)
        out[i] = attend(&l, i, u->n, s);
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- by residues ------------------------------------------------------------------ */

/* sum_r (1 - cos(2 pi h_r v / M)) / R for the sum v of two residues. */
static double deficit(const struct match_unit *u, uint64_t v)
{
    const size_t R = u->h == NULL ? 1 : u->R;
    double sum = 0.0;

    for (size_t r = 0; r < R; r++) {
        const uint64_t h = u->h == NULL ? 1 : u->h[r];
        const double s = sin(PI * (double)(h * v % u->M) / (double)u->M);

        sum += 2.0 * s * s;
    }
    return sum / (double)R;
}

/* Pairs of different residues instead of pairs of tokens: no logit of size c
 * is ever formed. */
att_status att_match2_hist(const struct match_unit *u, double *out,
                           struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    uint64_t *seen = ATT_NEW(scratch, uint64_t, u->n);
    double *count = ATT_NEW0(scratch, double, u->n);

    if (seen == NULL || count == NULL)
        return att_arena_fail(scratch, "the histogram", err);
    const size_t d = att_match_distinct(u->x, u->n, seen);

    for (size_t i = 0; i < u->n; i++) {
        size_t lo = 0;

        for (size_t hi = d; hi - lo > 1;) {
            const size_t mid = (lo + hi) / 2;

            if (seen[mid] <= u->x[i]) {
                lo = mid;
            } else {
                hi = mid;
            }
        }
        count[lo] += 1.0;
    }
    for (size_t i = 0; i < u->n; i++) {
        double real = 0.0;

        for (size_t k = 0; k < d; k++) {
            real +=
                count[k] * exp(-u->c * deficit(u, (u->x[i] + seen[k]) % u->M));
        }
        out[i] = real / (real + exp(-0.5 * u->c * u->gap));
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
