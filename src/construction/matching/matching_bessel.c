/* matching_bessel.c - Match3 and higher orders by the Fourier series of
 * exp(c cos), C8: a check of the other paths. */
#include "matching_priv.h"

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

/* re + i im := (sum_j e^(i k theta_j))^(order - 1) */
static void power_sum(const struct match_unit *u, uint64_t k, double *re,
                      double *im)
{
    double x = 0.0;
    double y = 0.0;

    for (size_t j = 0; j < u->in.n; j++) {
        const double t = att_match_angle(u, k % u->in.M * u->in.x[j]);

        x += cos(t);
        y += sin(t);
    }
    *re = x;
    *im = y;
    for (int r = 2; r < u->order; r++) {
        const double real = *re * x - *im * y;

        *im = *re * y + *im * x;
        *re = real;
    }
}

att_status att_match3_bessel(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const size_t n = (size_t)ceil(9.0 * sqrt(u->c)) + 2;
    double *I = ATT_NEW(scratch, double, n);

    if (I == NULL)
        return att_arena_fail(scratch, "the Bessel functions", err);
    bessel(u->c, n, I);
    for (size_t i = u->from; i < u->to; i++)
        out[i] = I[0] * pow((double)u->in.n, u->order - 1);
    for (size_t k = 1; k < n; k++) {
        double re = 0.0;
        double im = 0.0;

        power_sum(u, k, &re, &im);
        for (size_t i = u->from; i < u->to; i++) {
            const double t = att_match_angle(u, k % u->in.M * u->in.x[i]);

            out[i] += 2.0 * I[k] * (cos(t) * re - sin(t) * im);
        }
    }
    for (size_t i = u->from; i < u->to; i++)
        out[i] = att_match_finish(u, out[i]);
    return ATT_OK;
}
