/* distribution.c - the normal and Student's t.
 *
 * Quantiles invert the distribution functions by Newton's method on the
 * smaller tail, where probabilities keep their relative accuracy. */
#include "attest/base/distribution.h"

#include <math.h>

static const double SQRT_2 = 1.4142135623730951;
static const double SQRT_2_PI = 2.5066282746310002;

double att_normal_cdf(double z)
{
    return 0.5 * erfc(-z / SQRT_2);
}

/* z > 0 with upper tail q <= 1/2.  Start: sqrt(-2 ln q) less its logarithmic
 * correction; Halley's step triples the correct digits. */
static double normal_upper(double q)
{
    const double t = sqrt(-2 * log(q));
    double z = t > 1.5 ? t - log(SQRT_2_PI * t) / t : (0.5 - q) * SQRT_2_PI;

    for (int i = 0; i < 16; i++) {
        const double density = exp(-0.5 * z * z) / SQRT_2_PI;
        const double e = (q - 0.5 * erfc(z / SQRT_2)) / density;
        const double step = e / (1 + 0.5 * z * e);

        z -= step;
        if (fabs(step) <= 1e-9 * fabs(z))
            break; /* the next error is of the order of the step's cube */
    }
    return z;
}

double att_normal_quantile(double p)
{
    if (p == 0.5)
        return 0;
    return p < 0.5 ? -normal_upper(p) : normal_upper(1 - p);
}

/* One step of Lentz's method: the next partial numerator over the last
 * denominator, kept away from zero. */
static double lentz(double numerator, double over)
{
    const double v = 1 + numerator * over;

    return fabs(v) < 1e-300 ? 1e-300 : v;
}

/* Continued fraction of the incomplete beta function.
 * Source: DLMF 8.17.22; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1;
    double d = 1 / lentz(-(a + b) * x / (a + 1), 1);
    double f = d;

    for (int m = 1; m < 100000; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd =
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

        d = 1 / lentz(even, d);
        c = lentz(even, 1 / c);
        f *= c * d;
        d = 1 / lentz(odd, d);
        c = lentz(odd, 1 / c);
        f *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return f;
}

static double log_gamma(double x)
{
    int sign = 0; /* lgamma would keep it in a global */

    return lgamma_r(x, &sign);
}

/* ln x for x + y = 1, from whichever of the two is known better. */
static double log_share(double x, double y)
{
    return y < 0.5 ? log1p(-y) : log(x);
}

static double log_beta(double a, double b)
{
    return log_gamma(a) - log_gamma(a + b) + log_gamma(b);
}

/* x^a y^b / (a B(a, b)) times the fraction, for x + y = 1.  The beta function
 * is taken first: its rounding is then the same for every x. */
static double beta_small(double x, double y, double a, double b)
{
    const double powers = a * log_share(x, y) + b * log_share(y, x);

    return exp(powers - log_beta(a, b)) / a * beta_fraction(x, a, b);
}

/* P(T > t) for t >= 0: half of I_x(nu/2, 1/2) at x = nu / (nu + t^2). */
static double student_upper(double t, double nu)
{
    const double x = nu / (nu + t * t);
    const double y = t * t / (nu + t * t);
    const double a = nu / 2;

    if (y <= 0)
        return 0.5;
    if (x <= 0)
        return 0;
    if (x < (a + 1) / (a + 2.5))
        return 0.5 * beta_small(x, y, a, 0.5);
    return 0.5 * (1 - beta_small(y, x, 0.5, a));
}

double att_student_cdf(double t, double nu)
{
    return t > 0 ? 1 - student_upper(t, nu) : student_upper(-t, nu);
}

static double student_density(double t, double nu)
{
    return exp(-(nu + 1) / 2 * log1p(t * t / nu) - log_beta(nu / 2, 0.5)) /
           sqrt(nu);
}

/* Newton's method from the normal quantile, which is smaller: the tail is
 * convex for t > 0, so the iterates rise to the root and never pass it. */
static double student_upper_quantile(double q, double nu)
{
    double t = normal_upper(q);

    for (int i = 0; i < 1000; i++) {
        const double step = (student_upper(t, nu) - q) / student_density(t, nu);

        t += step;
        if (!(fabs(step) > 1e-14 * t))
            break;
    }
    return t;
}

double att_student_quantile(double p, double nu)
{
    if (p == 0.5)
        return 0;
    return p < 0.5 ? -student_upper_quantile(p, nu)
                   : student_upper_quantile(1 - p, nu);
}
