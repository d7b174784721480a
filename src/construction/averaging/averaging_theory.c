/* averaging_theory.c - closed forms. */
#include "averaging_priv.h"

static const double PI = 3.14159265358979323846;

double att_avg_alpha(double L, double eps)
{
    return ceil(2.0 * log(4.0 * L / eps));
}

double att_avg_threshold_err(double q, double eps, double alpha)
{
    const double x = 2.0 / (q * eps);

    return x < 1.0 ? 1.0 : 1.0 - log(x) / alpha;
}

double att_avg_m_pred(double q, double n_pairs, double threshold)
{
    const double l = log(n_pairs);
    const double tail = 2.0 * l - log(l) - log(4.0 * PI);

    if (!(n_pairs > 1.0) || !(tail > 0.0) || !(threshold > 0.0))
        return (double)NAN;
    return q + q * tail / (threshold * threshold);
}

double att_avg_m_drawn(double m, double q, double n)
{
    return m * n / (n + m - q);
}

double att_avg_face(double L, double q)
{
    double lo = 2.0 * q * 1e-9;
    double hi = L;

    if (L <= 2.0 * q)
        return (double)NAN;
    /* d - 2 q ln(L / d) rises with d, from below 0 to L > 0. */
    for (int i = 0; i < 200; i++) {
        const double d = 0.5 * (lo + hi);

        if (d < 2.0 * q * log(L / d)) {
            lo = d;
        } else {
            hi = d;
        }
    }
    return 0.5 * (lo + hi);
}

int64_t att_avg_p_guaranteed(double alpha, double eps, double q)
{
    return (int64_t)(ceil(log2(8.0 * alpha / eps)) + ceil(log2(2.0 * q)) + 1.0);
}

double att_avg_moment_bits(double L, double q)
{
    return 2.0 * q * log2(L / PI) + q - 2.0 * lgamma(q + 1.0) / log(2.0);
}
