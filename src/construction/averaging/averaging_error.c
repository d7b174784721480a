/* averaging_error.c - the worst-value error of one query, in closed form. */
#include "attest/base/clock.h"
#include "attest/linalg/vector.h"
#include "averaging_priv.h"

/* |P - 1_y / q|_1 for P = weight / sum; s holds the weights off the set (0 on
 * it), on [q] those on it. */
static double distance(double off, const double *on, size_t q)
{
    double sum = off;
    double dev = 0.0;

    for (size_t k = 0; k < q; k++)
        sum += on[k];
    for (size_t k = 0; k < q; k++)
        dev += fabs(on[k] / sum - 1.0 / (double)q);
    dev += off / sum;
    return isnan(dev) ? 2.0 : dev;
}

/* Weights instead of scores, off the set (0 on it) and on it. */
static void weigh(double *s, size_t n, double *on, size_t q, double shift,
                  const struct avg_unit *unit)
{
    for (size_t k = 0; unit->hardmax && k < q; k++)
        on[k] = on[k] >= shift - unit->tie ? 1.0 : 0.0;
    for (size_t j = 0; unit->hardmax && j < n; j++)
        s[j] = s[j] >= shift - unit->tie ? 1.0 : 0.0;
    if (unit->hardmax)
        return;
    for (size_t k = 0; k < q; k++)
        on[k] = exp(unit->alpha * (on[k] - shift));
    for (size_t j = 0; j < n; j++)
        s[j] = unit->alpha * (s[j] - shift);
    att_vexp(n, s, s);
}

/* |sum_j P_j z_j - target|_2 for the values of an instance. */
static double value_error(const double *s, const double *on, const uint32_t *y,
                          size_t q, const struct att_averaging *a)
{
    double sum = att_sum(a->L, s);
    double square = 0.0;

    for (size_t k = 0; k < q; k++)
        sum += on[k];
    for (size_t c = 0; c < a->dv; c++) {
        const double *z = a->z + c;
        double dev = 0.0;

        for (size_t j = 0; j < a->L; j++)
            dev += s[j] / sum * z[j * a->dv];
        for (size_t k = 0; k < q; k++)
            dev += (on[k] / sum - 1.0 / (double)q) * z[y[k] * a->dv];
        square += dev * dev;
    }
    return isnan(square) ? 2.0 : sqrt(square);
}

struct avg_scores att_avg_measure(double *s, size_t n, const uint32_t *y,
                                  size_t q, const struct avg_unit *unit,
                                  const struct att_averaging *values)
{
    enum { MOST = 4096 };
    double on[MOST];
    struct avg_scores out = {.on_dev = 0.0};
    double most = -(double)INFINITY;
    const double check = att_sum(n, s);

    for (size_t k = 0; k < q; k++) {
        on[k] = s[y[k]];
        out.on_dev = fmax(out.on_dev, fabs(on[k] - 1.0));
        most = fmax(most, on[k]);
        s[y[k]] = -(double)INFINITY;
    }
    if (isnan(check))
        return (struct avg_scores){(double)NAN, (double)NAN, 2.0, 2.0, 0.0};
    out.off_max = att_max(n, s);
    most = fmax(most, out.off_max);
    weigh(s, n, on, q, most, unit);
    out.err = distance(att_sum(n, s), on, q);
    if (values != NULL) {
        const double start = att_clock_s();

        out.value_err = value_error(s, on, y, q, values);
        out.value_s = att_clock_s() - start;
    }
    return out;
}
