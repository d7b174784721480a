/* patterns_theory.c - sufficient dimensions, Gaussian limits, counting. */
#include "patterns_theory_priv.h"

#include <math.h>
#include <stddef.h>

#include "attest/base/distribution.h"

static double beta_of(const struct pat_point *x)
{
    return x->beta > 0.0 ? x->beta : x->t2 + x->d1;
}

/* ---- T1 ------------------------------------------------------------------------ */

/* Largest distortion that both conditions survive; k = 1 with equal values has
 * no ratios, and beta may grow until only 1/2 is left. */
static double distortion(const struct pat_point *x, bool svd)
{
    const double b_max = x->t2 + x->d1 + x->ln_gamma;

    if (x->k <= 1.0 && x->ln_gamma <= 0.0)
        return 0.5;
    return x->d1 / (2.0 * (svd ? x->k : sqrt(x->k)) * b_max);
}

double att_pat_d_jl(const struct pat_point *x, double p, bool svd)
{
    const double e = distortion(x, svd);

    return ceil((2.0 * log(x->L) + log(4.0 / p)) /
                (e * e / 4.0 - e * e * e / 6.0));
}

/* ---- T2 ------------------------------------------------------------------------ */

/* The deviation that one of n normal numbers exceeds with probability 1/2. */
static double extreme(double n)
{
    return n >= 1.0 ? -att_normal_quantile(log(2.0) / n) : (double)NAN;
}

struct pat_noise att_pat_noise_gauss(double k)
{
    return (struct pat_noise){.vz = 2.0 * k + 1.0,
                              .vr = k > 1.0 ? 2.0 * k : 0.0};
}

struct pat_noise att_pat_noise_sign(double k)
{
    return (struct pat_noise){.vz = 2.0 * k - 1.0,
                              .vr = k > 1.0 ? 2.0 * (k - 2.0) : 0.0};
}

struct pat_noise att_pat_noise_hadamard(double k)
{
    struct pat_noise v = att_pat_noise_sign(k);

    v.group = true;
    v.one_draw = k <= 1.0;
    return v;
}

static double z_zero(const struct pat_point *x, struct pat_noise v)
{
    return extreme(v.one_draw ? 2.0 * x->L : x->k * x->L * (x->L - x->k));
}

/* Deviation between nonzeros; 0 when they cannot differ. */
static double z_ratio(const struct pat_point *x, struct pat_noise v)
{
    return v.vr > 0.0 ? extreme(x->L * x->k * (x->k - 1.0)) : 0.0;
}

static double without_replacement(const struct pat_point *x, struct pat_noise v,
                                  double d)
{
    return v.group ? 1.0 / (1.0 / d + 1.0 / x->L) : d;
}

double att_pat_d_sharp_fixed(const struct pat_point *x, struct pat_noise v)
{
    const double beta = beta_of(x);
    const double zero = beta * z_zero(x, v) / (beta - x->t2);
    const double ratio = beta * z_ratio(x, v) / x->d1;

    return without_replacement(x, v,
                               fmax(v.vz * zero * zero, v.vr * ratio * ratio));
}

double att_pat_d_sharp_free(const struct pat_point *x, struct pat_noise v)
{
    const double root =
        x->t2 / x->d1 * sqrt(v.vr) * z_ratio(x, v) + sqrt(v.vz) * z_zero(x, v);

    return without_replacement(x, v, root * root);
}

double att_pat_d_sharp_interp(const struct pat_point *x, double g)
{
    const double z = extreme(x->L * (x->L - x->k));

    return x->k * z * z / ((1.0 - g) * (1.0 - g));
}

double att_pat_ln_binomial_tail(int64_t n, int64_t m)
{
    const double ln_all = lgamma((double)n + 1.0) - (double)n * log(2.0);
    double sum = 0.0;
    double ln_top = 0.0;

    if (m < 0)
        return -INFINITY;
    m = m < n ? m : n;
    /* Terms relative to the last, which is the largest below n / 2. */
    ln_top = ln_all - lgamma((double)m + 1.0) - lgamma((double)(n - m) + 1.0);
    double term = 1.0;

    for (int64_t i = m; i >= 0 && term > 1e-18 * sum; i--) {
        sum += term;
        term *= (double)i / (double)(n - i + 1);
    }
    return fmin(0.0, ln_top + log(sum));
}

double att_pat_p_success(const struct pat_point *x, int64_t d, int64_t *c)
{
    const double limit = (double)d * (1.0 - x->t2 / beta_of(x));
    int64_t least = (int64_t)floor(limit) + 1;

    if ((least - d) % 2 != 0)
        least++;
    if (c != NULL)
        *c = least;
    const double tail = exp(att_pat_ln_binomial_tail(d, (d - least) / 2));

    return exp(-x->L * (x->L - 1.0) / 2.0 * (d < least ? 0.0 : tail));
}

/* ---- T5, W0 ---------------------------------------------------------------------- */

double att_pat_info_bits(double L, double k)
{
    return L > k ? k / 2.0 * log2(L / k) : 0.0;
}

double att_pat_zero_mass(double L, double k, double d, double beta)
{
    return L / k * exp(beta * beta * k / (2.0 * d) - beta);
}
