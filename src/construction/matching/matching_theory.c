/* matching_theory.c - gaps, scales and laws in closed form. */
#include "matching_priv.h"

double att_match_gap(uint64_t M)
{
    const double s = sin(MATCH_PI / (double)M);

    return M == 1 ? 2.0 : 2.0 * s * s;
}

double att_match_deficit(const uint32_t *h, size_t R, uint64_t v, uint64_t M)
{
    double sum = 0.0;

    for (size_t r = 0; r < R; r++) {
        const double s =
            sin(MATCH_PI * (double)((uint64_t)h[r] * v % M) / (double)M);

        sum += 2.0 * s * s; /* 1 - cos */
    }
    return sum / (double)R;
}

double att_match_gap_harmonics(const uint32_t *h, size_t R, uint64_t M)
{
    double least = 2.0;

    for (uint64_t v = 1; v < M; v++)
        least = fmin(least, att_match_deficit(h, R, v, M));
    return least;
}

double att_match_scale(size_t n, int order, double gap)
{
    return 2.0 * log(4.0 * pow((double)n, order - 1)) / gap;
}

double att_match_bits_law(double M)
{
    return 2.0 * log2(M / MATCH_PI);
}

double att_match_modulus_law(double t)
{
    return MATCH_PI * exp2(0.5 * t);
}

/* A weight exp(c (cos t - 1)) that is not 0 has |sin t| <= this. */
static double slope(double c)
{
    return fmin(1.0, sqrt(1490.0 / c));
}

double att_match_triple_error(double c, double n)
{
    const double turn = c > 0.0 ? 44.4 * slope(c) : 0.0;

    return 0x1p-53 * (c * (14.1 + turn) + 1e4 + n * n);
}

double att_match_pair_error(double c, double n, double t)
{
    return (8.0 * c + n) * exp2(-t) + 0x1p-53 * 30.0 * slope(c) * c;
}

/* All terms together are at most n^(order-1) in size; each is off by roundings
 * of its sums over tokens and of the sum over terms, relative to the blank. */
double att_match_series_error(double c, double n, int order)
{
    const double m = (double)(order - 1);
    const double each = 9.0 * sqrt(c) + m * (n + 20.0) + 12.0;

    return 4.0 * 0x1p-53 * each * pow(n, 2.0 * m);
}

double att_match_rounding(double c, double n, double slack)
{
    return slack * expm1(2.0 * att_match_triple_error(c, n));
}

struct match_unit att_match_unit(struct att_match_input in, int order)
{
    struct match_unit u = {.in = in,
                           .key = in.x,
                           .n_keys = in.n,
                           .order = order,
                           .R = 1,
                           .to = in.n};

    u.gap = att_match_gap(in.M);
    u.c = att_match_scale(in.n, order, u.gap);
    return u;
}
