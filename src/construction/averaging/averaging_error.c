/* averaging_error.c - the worst-value error of one query, in closed form. */
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

static double soft_error(double *s, size_t n, double *on, size_t q,
                         double shift, double alpha)
{
    for (size_t k = 0; k < q; k++)
        on[k] = exp(alpha * (on[k] - shift));
    for (size_t j = 0; j < n; j++)
        s[j] = alpha * (s[j] - shift);
    att_vexp(n, s, s);
    return distance(att_sum(n, s), on, q);
}

static double hard_error(const double *s, size_t n, double *on, size_t q,
                         double most, double tie)
{
    double off = 0.0;

    for (size_t k = 0; k < q; k++)
        on[k] = on[k] >= most - tie ? 1.0 : 0.0;
    for (size_t j = 0; j < n; j++)
        off += s[j] >= most - tie ? 1.0 : 0.0;
    return distance(off, on, q);
}

struct avg_scores att_avg_measure(double *s, size_t n, const uint32_t *y,
                                  size_t q, const struct avg_unit *unit)
{
    enum { MOST = 4096 };
    double on[MOST];
    struct avg_scores out = {.on_dev = 0.0};
    double most = -INFINITY;
    const double check = att_sum(n, s);

    for (size_t k = 0; k < q; k++) {
        on[k] = s[y[k]];
        out.on_dev = fmax(out.on_dev, fabs(on[k] - 1.0));
        most = fmax(most, on[k]);
        s[y[k]] = -INFINITY;
    }
    if (isnan(check))
        return (struct avg_scores){(double)NAN, (double)NAN, 2.0};
    out.off_max = att_max(n, s);
    most = fmax(most, out.off_max);
    out.err = unit->hardmax ? hard_error(s, n, on, q, most, unit->tie)
                            : soft_error(s, n, on, q, most, unit->alpha);
    return out;
}
