/* selection_fcn_theory.c - what no net of that width can beat, and what one of
 * width 2 n reaches. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "selection_fcn_priv.h"

double att_fcn_bound(const struct att_selection *s, double m)
{
    const double n = (double)(s->L * s->d);
    const double L = (double)s->L;

    return m >= n ? 0.0 : (1.0 - m / n) * (L - (double)s->q) / (L - 1.0);
}

/* ---- the explicit net --------------------------------------------------------- */

static const double PI = 3.14159265358979323846;

static double tail(double M)
{
    return 0.5 * erfc(M / sqrt(2.0));
}

static double density(double M)
{
    return exp(-0.5 * M * M) / sqrt(2.0 * PI);
}

/* E (|x| - M)_+^2 and ^4 of a normal x. */
static double excess2(double M)
{
    return 2.0 * ((1.0 + M * M) * tail(M) - M * density(M));
}

static double excess4(double M)
{
    const double M2 = M * M;

    return 2.0 *
           ((M2 * M2 + 6.0 * M2 + 3.0) * tail(M) - (M2 + 5.0) * M * density(M));
}

double att_fcn_explicit_error(const struct att_selection *s, double M)
{
    const double q = (double)s->q;

    return ((double)s->L - q) / q * excess2(M);
}

/* A coordinate of f - g is the sum of L - q independent excesses over q, and
 * the d coordinates are independent. */
double att_fcn_explicit_sd(const struct att_selection *s, double M)
{
    const double q = (double)s->q;
    const double out = (double)s->L - q;
    const double two = excess2(M);
    const double fourth =
        out * excess4(M) + 3.0 * out * (out - 1.0) * two * two;
    const double second = out * two;
    const double variance = fmax(0.0, fourth - second * second);

    return sqrt(variance / (double)s->d) / q;
}

/* ---- the certificate ------------------------------------------------------------ */

/* v := v - Q^T Q v for the first k rows of q; the norm that is left. */
static double project_out(struct att_mat q, size_t k, double *v, double *coef)
{
    const struct att_mat part = {q.data, k, q.cols, q.stride};

    if (k > 0) {
        att_gemv(part, false, v, 0.0, coef);
        for (size_t i = 0; i < k; i++)
            coef[i] = -coef[i];
        att_gemv(part, true, coef, 1.0, v);
    }
    return sqrt(att_dot(q.cols, v, v));
}

/* scratch: [min(rows, n)] */
size_t att_fcn_basis(struct att_mat a, struct att_mat q, double *scratch)
{
    size_t rank = 0;

    for (size_t i = 0; i < a.rows && rank < q.rows; i++) {
        const double *row = att_mat_row(a, i);
        double *v = att_mat_row(q, rank);
        const double norm = sqrt(att_dot(a.cols, row, row));

        memcpy(v, row, a.cols * sizeof *v);
        (void)project_out(q, rank, v, scratch);
        const double left = project_out(q, rank, v, scratch);

        if (!(left > (double)a.cols * 4.0 * DBL_EPSILON * norm))
            continue;
        for (size_t j = 0; j < a.cols; j++)
            v[j] /= left;
        rank++;
    }
    return rank;
}

/* Squared norm of what the basis leaves of the d mean directions 1_L (x) e_a:
 * a norm of residuals, so that directions within the row space leave rounding
 * squared. */
static double mean_left(const struct att_selection *s, struct att_mat q,
                        double *v, double *coef)
{
    double sum = 0.0;

    for (size_t a = 0; a < s->d; a++) {
        for (size_t j = 0; j < q.cols; j++)
            v[j] = j % s->d == a ? 1.0 : 0.0;
        (void)project_out(q, q.rows, v, coef);
        const double left = project_out(q, q.rows, v, coef);

        sum += left * left;
    }
    return sum;
}

/* max |Q Q^T - 1|; 0 for an empty basis. */
static double defect(struct att_mat q, struct att_mat gram)
{
    double most = 0.0;

    if (q.rows == 0)
        return 0.0;
    att_syrk(q, false, 0.0, gram);
    for (size_t i = 0; i < gram.rows; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double one = i == j ? 1.0 : 0.0;

            most = fmax(most, fabs(att_mat_row(gram, i)[j] - one));
        }
    }
    return most;
}

/* (1/q^2)[q (L-q)/(L(L-1)) tr N + q(q-1)/(L(L-1)) sum_ij tr N_ij] over d/q:
 * the traces of docs/theory/selection-fcn.md, gathered so that nothing cancels. */
att_status att_fcn_certify(const struct att_selection *s, struct att_mat a,
                           struct fcn_certificate *out,
                           struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t n = s->L * s->d;
    const double L = (double)s->L;
    const double q = (double)s->q;
    struct att_mat basis = att_mat_new(scratch, a.rows < n ? a.rows : n, n);
    struct att_mat gram = att_mat_new(scratch, basis.rows, basis.rows);
    double *v = ATT_NEW(scratch, double, n);
    double *coef = ATT_NEW(scratch, double, n);

    if (basis.data == NULL || gram.data == NULL || v == NULL || coef == NULL)
        return att_arena_fail(scratch, "the basis of a first layer", err);
    const size_t rank = att_fcn_basis(a, basis, coef);

    basis.rows = rank;
    gram.rows = gram.cols = rank;
    out->rank = rank;
    out->mean_left = rank < n ? mean_left(s, basis, v, coef) : 0.0;
    out->defect = defect(basis, gram);
    out->rel_err = ((L - q) * (double)(n - rank) + (q - 1.0) * out->mean_left) /
                   (L * (L - 1.0) * (double)s->d);
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
