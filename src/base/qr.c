/* qr.c - Householder reflections on a few columns. */
#include "qr_priv.h"

#include <float.h>
#include <math.h>

#include "attest/base/regression.h"

/* Reflect column j of a [n, width] below its diagonal to zero, and the columns
 * after it along. */
static void reflect(double *a, size_t n, uint32_t width, uint32_t j)
{
    double norm2 = 0;

    for (size_t i = j; i < n; i++)
        norm2 += a[i * width + j] * a[i * width + j];
    const double head = a[j * width + j];
    const double alpha = head > 0 ? -sqrt(norm2) : sqrt(norm2);
    const double v_head = head - alpha; /* no cancellation: opposite signs */
    const double v_norm2 = norm2 - head * head + v_head * v_head;

    if (v_norm2 == 0)
        return;
    for (uint32_t k = j + 1; k < width; k++) {
        double dot = v_head * a[j * width + k];

        for (size_t i = j + 1; i < n; i++)
            dot += a[i * width + j] * a[i * width + k];
        const double scale = 2 * dot / v_norm2;

        a[j * width + k] -= scale * v_head;
        for (size_t i = j + 1; i < n; i++)
            a[i * width + k] -= scale * a[i * width + j];
    }
    a[j * width + j] = alpha;
    for (size_t i = j + 1; i < n; i++)
        a[i * width + j] = 0;
}

void att_qr(double *a, size_t n, uint32_t width)
{
    for (uint32_t j = 0; j < width && j < n; j++)
        reflect(a, n, width, j);
}

/* Is column j of R, up to rounding of n rows, in the span of those before? */
static bool is_dependent(const double *r, size_t n, uint32_t width, uint32_t j)
{
    double norm2 = 0;

    for (uint32_t i = 0; i <= j; i++)
        norm2 += r[i * width + j] * r[i * width + j];
    return fabs(r[j * width + j]) <= (double)n * DBL_EPSILON * sqrt(norm2);
}

bool att_qr_solve(const double *r, size_t n, uint32_t width, double *coef)
{
    const uint32_t n_coefs = width - 1;

    for (uint32_t j = 0; j < n_coefs; j++) {
        if (is_dependent(r, n, width, j))
            return false;
    }
    for (uint32_t j = n_coefs; j-- > 0;) {
        double sum = r[j * width + n_coefs];

        for (uint32_t k = j + 1; k < n_coefs; k++)
            sum -= r[j * width + k] * coef[k];
        coef[j] = sum / r[j * width + j];
    }
    return true;
}

/* Row j of R^-1 is the solution of R' v = e_j. */
double att_qr_inverse_norm(const double *r, uint32_t width, uint32_t j)
{
    double v[ATT_FIT_COEFS] = {0};
    double norm2 = 0;

    for (uint32_t i = j; i + 1 < width; i++) {
        double sum = i == j ? 1 : 0;

        for (uint32_t k = j; k < i; k++)
            sum -= r[k * width + i] * v[k];
        v[i] = sum / r[i * width + i];
        norm2 += v[i] * v[i];
    }
    return sqrt(norm2);
}
