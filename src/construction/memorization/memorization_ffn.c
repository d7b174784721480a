/* memorization_ffn.c - what the networks of steps 15 and 16 say at their own
 * knots, unit by unit, and their fast forms (step 17). */
#include "memorization_network_priv.h"

#include <math.h>

/* ---- sums of ReLU units ---------------------------------------------------------- */

#define REAL    double
#define NAME(x) wide_##x
#include "memorization_ffn.inc"

#define REAL    float
#define NAME(x) single_##x
#include "memorization_ffn.inc"

double att_mem_relu_error(const struct mem_knots *k, enum mem_ffn_kind kind,
                          bool single)
{
    return single ? single_relu_error(k, kind) : wide_relu_error(k, kind);
}

/* ---- fast forms --------------------------------------------------------------------- */

/* Number of thresholds at or below z. */
static size_t bisect(const struct mem_knots *k, double z)
{
    size_t low = 0, high = k->n - 1;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (att_mem_ramp(k, mid).t <= z) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* One linear piece: y_j + (z - z_j) dy / dz on the piece that z_j opens. */
static double piece(const struct mem_knots *k, size_t j, size_t c, double z)
{
    const double y = k->y[j * k->d_out + c];

    if (j + 1 == k->n)
        return y;
    return y + (z - k->z[j]) * (k->y[(j + 1) * k->d_out + c] - y) /
                   (k->z[j + 1] - k->z[j]);
}

double att_mem_fast_error(const struct mem_knots *k, enum mem_ffn_kind kind)
{
    double worst = 0.0;

    for (size_t j = 0; j < k->n; j++) {
        const size_t at = kind == MEM_PLATEAU ? bisect(k, k->z[j]) : j;

        for (size_t c = 0; c < k->d_out; c++) {
            const double f = kind == MEM_PLATEAU ? k->y[at * k->d_out + c]
                                                 : piece(k, at, c, k->z[j]);

            worst = fmax(worst, fabs(f - k->y[j * k->d_out + c]));
        }
    }
    return worst;
}

/* Ramps below z are full and give their exact increment: all but the one that
 * z could be in are left out of the sum. */
double att_mem_clamp_error(const struct mem_knots *k)
{
    double worst = 0.0;

    for (size_t j = 0; j < k->n; j++) {
        const size_t at = bisect(k, k->z[j]);

        for (size_t c = 0; c < k->d_out; c++) {
            double f = k->y[at * k->d_out + c];

            if (at + 1 < k->n) {
                const struct mem_ramp r = att_mem_ramp(k, at);
                const double a = (k->z[j] - r.t + r.w / 2.0) / r.w;
                const double step = k->y[(at + 1) * k->d_out + c] - f;

                f += step * fmin(1.0, fmax(0.0, a));
            }
            worst = fmax(worst, fabs(f - k->y[j * k->d_out + c]));
        }
    }
    return worst;
}
