/* matching_residues.c - Match3 and higher orders by integer residues, C8: a
 * histogram and its convolutions with itself, or sorted residues for any M. */
#include <string.h>

#include "attest/linalg/ntt.h"
#include "attest/linalg/vector.h"
#include "matching_priv.h"

#if ATT_HAVE_KISSFFT
#include <kiss_fftr.h>
#endif

/* ---- convolution ------------------------------------------------------------------- */

/* Pair sums of different residues, O(D^2). */
static void convolve_directly(const struct match_unit *u,
                              const struct att_residues *r, double *hh)
{
    memset(hh, 0, (size_t)u->in.M * sizeof *hh);
    for (size_t a = 0; a < r->n; a++) {
        for (size_t b = 0; b < r->n; b++) {
            hh[(r->value[a] + r->value[b]) % u->in.M] +=
                r->count[a] * r->count[b];
        }
    }
}

static att_status convolve_exactly(const struct match_unit *u,
                                   const struct att_residues *r, double *hh,
                                   struct att_arena *scratch,
                                   struct att_error *err)
{
    const size_t M = (size_t)u->in.M;
    uint64_t *h = ATT_NEW0(scratch, uint64_t, M);

    if (h == NULL)
        return att_arena_fail(scratch, "the histogram", err);
    for (size_t k = 0; k < r->n; k++)
        h[r->value[k]] = (uint64_t)r->count[k];
    ATT_TRY(att_power_cyclic(M, h, (unsigned)u->order - 1, h, scratch, err));
    for (size_t v = 0; v < M; v++)
        hh[v] = (double)h[v]; /* at most n^(order - 1) <= 2^53 */
    return ATT_OK;
}

#if ATT_HAVE_KISSFFT
/* Lengths that KissFFT is fast at, twice M or more: a linear convolution that
 * is then folded. */
static int fft_length(uint64_t M)
{
    return kiss_fftr_next_fast_size_real((int)(2 * M));
}

static att_status convolve_fft(const struct match_unit *u,
                               const struct att_residues *r, double *hh,
                               struct att_arena *scratch, struct att_error *err)
{
    const int n = fft_length(u->in.M);
    kiss_fft_scalar *t = ATT_NEW0(scratch, kiss_fft_scalar, (size_t)n);
    kiss_fft_cpx *f = ATT_NEW(scratch, kiss_fft_cpx, (size_t)n / 2 + 1);
    size_t bytes[2] = {0, 0};

    (void)kiss_fftr_alloc(n, 0, NULL, &bytes[0]);
    (void)kiss_fftr_alloc(n, 1, NULL, &bytes[1]);
    void *room[2] = {att_arena_alloc(scratch, 1, bytes[0]),
                     att_arena_alloc(scratch, 1, bytes[1])};

    if (att_arena_refused(scratch) != 0)
        return att_arena_fail(scratch, "a transform", err);
    for (size_t k = 0; k < r->n; k++)
        t[r->value[k]] = (kiss_fft_scalar)r->count[k];
    kiss_fftr(kiss_fftr_alloc(n, 0, room[0], &bytes[0]), t, f);
    for (int k = 0; k <= n / 2; k++) {
        const kiss_fft_cpx z = f[k];

        f[k].r = z.r * z.r - z.i * z.i;
        f[k].i = 2.0F * z.r * z.i;
    }
    kiss_fftri(kiss_fftr_alloc(n, 1, room[1], &bytes[1]), f, t);
    for (uint64_t v = 0; v < u->in.M; v++) {
        hh[v] = rint((double)t[v] / n) + (v + u->in.M < (uint64_t)n
                                              ? rint((double)t[v + u->in.M] / n)
                                              : 0.0);
    }
    return ATT_OK;
}

/* Float transforms of length n are off by about 2^-23 lg n |h|_2^2; rint is
 * right while that, with a factor 4 of room, stays below 1/2. */
static bool fft_is_exact(const struct match_unit *u,
                         const struct att_residues *r)
{
    const double n = (double)fft_length(u->in.M);

    return 4.0 * 0x1p-23 * log2(n) * att_dot(r->n, r->count, r->count) < 0.5;
}
#endif

/* The cheapest that is exact: pairs of few residues, floats where they round
 * to the right integers, integers. */
static att_status convolve(const struct match_unit *u,
                           const struct att_residues *r, double *hh,
                           struct att_arena *scratch, struct att_error *err)
{
    const double M = (double)u->in.M;

    if (u->order > 3)
        return convolve_exactly(u, r, hh, scratch, err);
    if ((double)r->n * (double)r->n <= 8.0 * M * log2(M + 1.0)) {
        convolve_directly(u, r, hh);
        return ATT_OK;
    }
#if ATT_HAVE_KISSFFT
    if (fft_is_exact(u, r))
        return convolve_fft(u, r, hh, scratch, err);
#endif
    return convolve_exactly(u, r, hh, scratch, err);
}

/* ---- histogram ------------------------------------------------------------------------- */

static double window_sum(const struct match_unit *u, const double *hh,
                         uint64_t target, uint64_t w)
{
    double sum = hh[target];

    for (uint64_t d = 1; d <= w; d++) {
        const double both =
            hh[(target + d) % u->in.M] +
            (2 * d == u->in.M ? 0.0 : hh[(target + u->in.M - d) % u->in.M]);

        sum += both * att_match_weight(u, d);
    }
    return sum;
}

att_status att_match3_hist(const struct match_unit *u, double *out,
                           struct att_arena *scratch, struct att_error *err)
{
    const uint64_t M = u->in.M;
    double *hh = ATT_NEW(scratch, double, (size_t)M);
    struct att_residues r;

    if (hh == NULL)
        return att_arena_fail(scratch, "the histogram", err);
    ATT_TRY(att_residues_count(u->in.x, u->in.n, scratch, &r, err));
    ATT_TRY(convolve(u, &r, hh, scratch, err));
    const uint64_t w = att_match_reach(u);

    for (size_t i = u->from; i < u->to; i++) {
        out[i] =
            att_match_finish(u, window_sum(u, hh, (M - u->in.x[i]) % M, w));
    }
    return ATT_OK;
}

/* ---- sparse: for M beyond any array ----------------------------------------------------- */

/* Pairs whose sum with x is within w of 0 modulo M. */
static double near_sum(const struct match_unit *u, const struct att_residues *r,
                       uint64_t x, uint64_t w)
{
    const uint64_t M = u->in.M;
    double sum = 0.0;

    for (size_t a = 0; a < r->n; a++) {
        const uint64_t need = (2 * M - x - r->value[a]) % M;

        for (uint64_t d = 0; d <= 2 * w; d++) {
            if (d == 2 * w && 2 * w == M)
                break; /* the offset M / 2 once */
            const double n = att_residues_at(r, (need + M - w + d) % M);

            if (n > 0.0) {
                sum += r->count[a] * n *
                       att_match_weight(u, d < w ? w - d : d - w);
            }
        }
    }
    return sum;
}

att_status att_match3_sparse(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const uint64_t w = att_match_reach(u);
    struct att_residues r;

    ATT_TRY(att_residues_count(u->in.x, u->in.n, scratch, &r, err));
    for (size_t i = u->from; i < u->to; i++)
        out[i] = att_match_finish(u, near_sum(u, &r, u->in.x[i], w));
    return ATT_OK;
}
