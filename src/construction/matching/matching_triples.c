/* matching_triples.c - Match3 by one third-order unit, C7, and its fast paths,
 * C8. */
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "matching_priv.h"

#if ATT_HAVE_KISSFFT
#include <kiss_fftr.h>
#endif

static const double PI = 3.14159265358979323846;

static double angle(const struct match_unit *u, uint64_t k)
{
    return 2.0 * PI * (double)(k % u->M) / (double)u->M;
}

/* Mass on real pairs from their weights relative to a match: the blank has
 * c (1 - gap/2), the mixed pairs logit 0. */
static double finish(const struct match_unit *u, double real)
{
    return real /
           (real + exp(-0.5 * u->c * u->gap) + 2.0 * (double)u->n * exp(-u->c));
}

/* ---- literal: every triple -------------------------------------------------------- */

att_status att_match3_naive(const struct match_unit *u, double *out,
                            struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    double *C = ATT_NEW(scratch, double, u->n);
    double *S = ATT_NEW(scratch, double, u->n);

    if (C == NULL || S == NULL)
        return att_arena_fail(scratch, "the features", err);
    for (size_t i = 0; i < u->n; i++) {
        C[i] = cos(angle(u, u->x[i]));
        S[i] = sin(angle(u, u->x[i]));
    }
    for (size_t i = 0; i < u->n; i++) {
        double real = 0.0;

        for (size_t a = 0; a < u->n; a++) {
            for (size_t b = 0; b < u->n; b++) {
                const double logit =
                    u->c * (C[i] * C[a] * C[b] - C[i] * S[a] * S[b] -
                            S[i] * C[a] * S[b] - S[i] * S[a] * C[b]);

                real += exp(logit - u->c);
            }
        }
        out[i] = finish(u, real);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- stream: a rank-4 product per token ---------------------------------------------- */

static void put_left(const struct match_unit *u, size_t i, const double *C,
                     const double *S, struct att_mat left)
{
    for (size_t a = 0; a < u->n; a++) {
        double *k = att_mat_row(left, a);

        k[0] = u->c * C[i] * C[a];
        k[1] = -u->c * C[i] * S[a];
        k[2] = -u->c * S[i] * C[a];
        k[3] = -u->c * S[i] * S[a];
    }
}

static void put_right(const struct match_unit *u, const double *C,
                      const double *S, struct att_mat right)
{
    for (size_t b = 0; b < u->n; b++) {
        double *k = att_mat_row(right, b);

        k[0] = C[b];
        k[1] = S[b];
        k[2] = S[b];
        k[3] = C[b];
    }
}

att_status att_match3_stream(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    double *C = ATT_NEW(scratch, double, u->n);
    double *S = ATT_NEW(scratch, double, u->n);
    struct att_mat left = att_mat_new(scratch, u->n, 4);
    struct att_mat right = att_mat_new(scratch, u->n, 4);
    struct att_mat block = att_mat_new(scratch, u->n, u->n);

    if (att_arena_refused(scratch) != 0)
        return att_arena_fail(scratch, "a block of logits", err);
    for (size_t i = 0; i < u->n; i++) {
        C[i] = cos(angle(u, u->x[i]));
        S[i] = sin(angle(u, u->x[i]));
    }
    put_right(u, C, S, right);
    for (size_t i = 0; i < u->n; i++) {
        put_left(u, i, C, S, left);
        att_gemm(left, false, right, true, 0.0, block);
        for (size_t k = 0; k < u->n * u->n; k++)
            block.data[k] -= u->c;
        att_vexp(u->n * u->n, block.data, block.data);
        out[i] = finish(u, att_sum(u->n * u->n, block.data));
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- histogram ------------------------------------------------------------------------- */

/* Pair sums of different residues, O(D^2). */
static att_status convolve_directly(const struct match_unit *u, const double *h,
                                    double *hh, struct att_arena *scratch,
                                    struct att_error *err)
{
    uint64_t *seen = ATT_NEW(scratch, uint64_t, u->n);

    if (seen == NULL)
        return att_arena_fail(scratch, "the residues", err);
    const size_t d = att_match_distinct(u->x, u->n, seen);

    memset(hh, 0, (size_t)u->M * sizeof *hh);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++)
            hh[(seen[a] + seen[b]) % u->M] += h[seen[a]] * h[seen[b]];
    }
    return ATT_OK;
}

#if ATT_HAVE_KISSFFT
/* Lengths that KissFFT is fast at, twice M or more: a linear convolution that
 * is then folded. */
static int fft_length(uint64_t M)
{
    return kiss_fftr_next_fast_size_real((int)(2 * M));
}

static att_status convolve_fft(const struct match_unit *u, const double *h,
                               double *hh, struct att_arena *scratch,
                               struct att_error *err)
{
    const int n = fft_length(u->M);
    kiss_fft_scalar *t = ATT_NEW0(scratch, kiss_fft_scalar, (size_t)n);
    kiss_fft_cpx *f = ATT_NEW(scratch, kiss_fft_cpx, (size_t)n / 2 + 1);
    size_t bytes[2] = {0, 0};

    (void)kiss_fftr_alloc(n, 0, NULL, &bytes[0]);
    (void)kiss_fftr_alloc(n, 1, NULL, &bytes[1]);
    void *room[2] = {att_arena_alloc(scratch, 1, bytes[0]),
                     att_arena_alloc(scratch, 1, bytes[1])};

    if (att_arena_refused(scratch) != 0)
        return att_arena_fail(scratch, "a transform", err);
    for (uint64_t v = 0; v < u->M; v++)
        t[v] = (kiss_fft_scalar)h[v];
    kiss_fftr(kiss_fftr_alloc(n, 0, room[0], &bytes[0]), t, f);
    for (int k = 0; k <= n / 2; k++) {
        const kiss_fft_cpx z = f[k];

        f[k].r = z.r * z.r - z.i * z.i;
        f[k].i = 2.0F * z.r * z.i;
    }
    kiss_fftri(kiss_fftr_alloc(n, 1, room[1], &bytes[1]), f, t);
    for (uint64_t v = 0; v < u->M; v++) {
        hh[v] = rint((double)t[v] / n) +
                (v + u->M < (uint64_t)n ? rint((double)t[v + u->M] / n) : 0.0);
    }
    return ATT_OK;
}

/* Float transforms of length n are off by about 2^-23 lg n |h|_2^2; rint is
 * right while that, with a factor 4 of room, stays below 1/2. */
static bool fft_is_exact(const struct match_unit *u, const double *h)
{
    const double n = (double)fft_length(u->M);

    return 4.0 * 0x1p-23 * log2(n) * att_dot((size_t)u->M, h, h) < 0.5;
}
#endif

static att_status convolve(const struct match_unit *u, const double *h,
                           double *hh, struct att_arena *scratch,
                           struct att_error *err)
{
#if ATT_HAVE_KISSFFT
    if (fft_is_exact(u, h))
        return convolve_fft(u, h, hh, scratch, err);
#endif
    return convolve_directly(u, h, hh, scratch, err);
}

static double weight(const struct match_unit *u, uint64_t d)
{
    const double s = sin(PI * (double)d / (double)u->M);

    return exp(-2.0 * u->c * s * s);
}

/* Offsets beyond this weigh nothing (exp underflows). */
static uint64_t reach(const struct match_unit *u)
{
    uint64_t w = 1;

    while (w < u->M / 2 && weight(u, w) > 0.0)
        w++;
    return w < u->M / 2 ? w : u->M / 2;
}

static double window_sum(const struct match_unit *u, const double *hh,
                         uint64_t target, uint64_t w)
{
    double sum = hh[target];

    for (uint64_t d = 1; d <= w; d++) {
        const double both =
            hh[(target + d) % u->M] +
            (2 * d == u->M ? 0.0 : hh[(target + u->M - d) % u->M]);

        sum += both * weight(u, d);
    }
    return sum;
}

att_status att_match3_hist(const struct match_unit *u, double *out,
                           struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    double *h = ATT_NEW0(scratch, double, (size_t)u->M);
    double *hh = ATT_NEW(scratch, double, (size_t)u->M);

    if (h == NULL || hh == NULL)
        return att_arena_fail(scratch, "the histogram", err);
    for (size_t i = 0; i < u->n; i++)
        h[u->x[i]] += 1.0;
    ATT_TRY(convolve(u, h, hh, scratch, err));
    const uint64_t w = reach(u);

    for (size_t i = 0; i < u->n; i++)
        out[i] = finish(u, window_sum(u, hh, (u->M - u->x[i]) % u->M, w));
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- sparse: for M beyond any array ----------------------------------------------------- */

struct residues {
    uint64_t *value; /* [n] ascending */
    double *count;   /* [n] how many tokens */
    size_t n;
};

/* Place of v among the residues; n when it is not there. */
static size_t place(const struct residues *r, uint64_t v)
{
    size_t lo = 0;

    for (size_t hi = r->n; hi - lo > 1;) {
        const size_t mid = (lo + hi) / 2;

        if (r->value[mid] <= v) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return r->value[lo] == v ? lo : r->n;
}

/* Pairs whose sum with x is within w of 0 modulo M. */
static double near_sum(const struct match_unit *u, const struct residues *r,
                       uint64_t x, uint64_t w)
{
    double sum = 0.0;

    for (size_t a = 0; a < r->n; a++) {
        const uint64_t need = (2 * u->M - x - r->value[a]) % u->M;

        for (uint64_t d = 0; d <= 2 * w; d++) {
            if (d == 2 * w && 2 * w == u->M)
                break; /* the offset M / 2 once */
            const size_t b = place(r, (need + u->M - w + d) % u->M);

            if (b < r->n) {
                sum += r->count[a] * r->count[b] *
                       weight(u, d < w ? w - d : d - w);
            }
        }
    }
    return sum;
}

att_status att_match3_sparse(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const uint64_t w = reach(u);
    struct residues r = {.value = ATT_NEW(scratch, uint64_t, u->n),
                         .count = ATT_NEW0(scratch, double, u->n)};

    if (r.value == NULL || r.count == NULL)
        return att_arena_fail(scratch, "the residues", err);
    r.n = att_match_distinct(u->x, u->n, r.value);
    for (size_t i = 0; i < u->n; i++)
        r.count[place(&r, u->x[i])] += 1.0;
    for (size_t i = 0; i < u->n; i++)
        out[i] = finish(u, near_sum(u, &r, u->x[i], w));
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- Bessel -------------------------------------------------------------------------------- */

/* I_k(c) e^-c for k = 0 .. n - 1 by Miller's recurrence downwards, scaled by
 * I_0 + 2 sum I_k = e^c. */
static void bessel(double c, size_t n, double *out)
{
    double next = 0.0;
    double now = 1e-300;
    double sum = 0.0;

    for (size_t k = n + n / 2 + 50; k-- > 0;) {
        const double before = next + 2.0 * (double)(k + 1) / c * now;

        next = now;
        now = before;
        if (k < n)
            out[k] = now;
        sum += k == 0 ? now : 2.0 * now;
        if (now > 1e200) {
            now *= 1e-200;
            next *= 1e-200;
            sum *= 1e-200;
            for (size_t m = k; m < n; m++)
                out[m] *= 1e-200;
        }
    }
    for (size_t k = 0; k < n; k++)
        out[k] /= sum;
}

/* re + i im := (sum_j e^(i k theta_j))^2 */
static void power_sum(const struct match_unit *u, uint64_t k, double *re,
                      double *im)
{
    double x = 0.0;
    double y = 0.0;

    for (size_t j = 0; j < u->n; j++) {
        const double t = angle(u, k % u->M * u->x[j]);

        x += cos(t);
        y += sin(t);
    }
    *re = x * x - y * y;
    *im = 2.0 * x * y;
}

att_status att_match3_bessel(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t n = (size_t)ceil(9.0 * sqrt(u->c)) + 2;
    double *I = ATT_NEW(scratch, double, n);

    if (I == NULL)
        return att_arena_fail(scratch, "the Bessel functions", err);
    bessel(u->c, n, I);
    for (size_t i = 0; i < u->n; i++)
        out[i] = I[0] * (double)u->n * (double)u->n;
    for (size_t k = 1; k < n; k++) {
        double re = 0.0;
        double im = 0.0;

        power_sum(u, k, &re, &im);
        for (size_t i = 0; i < u->n; i++) {
            const double t = angle(u, k % u->M * u->x[i]);

            out[i] += 2.0 * I[k] * (cos(t) * re - sin(t) * im);
        }
    }
    for (size_t i = 0; i < u->n; i++)
        out[i] = finish(u, out[i]);
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
