/* averaging_witness.c - verifying a bound's witness, from its numbers alone:
 * nothing here draws keys, solves a program or a system. */
#include <string.h>

#include "attest/base/subset.h"
#include "averaging_certificate_priv.h"

/* A matrix of the witness, data NULL when it is not there. */
static struct att_mat find(const struct att_artifact *a, const char *name)
{
    const struct att_tensor *t = att_bundle_find(&a->witness, name);

    if (t == NULL || t->dtype != ATT_F64 || t->rank != 2)
        return (struct att_mat){0};
    return att_mat_view(t->data, (size_t)t->shape[0], (size_t)t->shape[1]);
}

/* q of the case; 0 when it is not there. */
static size_t set_size(const struct att_artifact *a)
{
    const struct att_tensor *t = att_bundle_find(&a->witness, "q");
    const double q = t != NULL ? att_tensor_get(t, 0) : 0.0;

    return q >= 1.0 && q <= 4096.0 ? (size_t)q : 0;
}

/* The error that the witness is said to prove. */
static double said_error(const struct att_artifact *a)
{
    return att_tensor_get(att_bundle_find(&a->witness, "cert_err"), 0);
}

static bool holds_member(struct att_mat set, size_t j)
{
    for (size_t k = 0; k < set.cols; k++) {
        if (set.data[k] == (double)j)
            return true;
    }
    return false;
}

/* sum lam u = 0, sum lam = 0, one side in the set, the other outside: then no
 * w has all scores of the set above those outside. */
static double check_radon(const struct att_artifact *a)
{
    const struct att_mat u = find(a, "keys");
    const struct att_mat lam = find(a, "lambda");
    const struct att_mat set = find(a, "set");
    double sum = 0.0;
    double positive = 0.0;

    if (u.data == NULL || lam.cols != u.rows || set.data == NULL)
        return (double)INFINITY;
    for (size_t j = 0; j < lam.cols; j++) {
        if (lam.data[j] != 0.0 && holds_member(set, j) != (lam.data[j] > 0.0))
            return (double)INFINITY;
        sum += lam.data[j];
        positive += fmax(0.0, lam.data[j]);
    }
    return fmax(fmax(att_avg_radon_residual(u, lam.data),
                     fabs(said_error(a) - 1.0 / (double)set.cols)),
                fmax(fabs(sum), fabs(positive - 1.0)));
}

/* Distinct rows of the messages, counted against what was said. */
static double check_messages(const struct att_artifact *a)
{
    const struct att_mat m = find(a, "messages");
    const struct att_mat said = find(a, "distinct");
    double n = 0.0;

    for (size_t i = 0; i < m.rows; i++) {
        size_t k = 0;

        while (k < i && memcmp(att_mat_row(m, i), att_mat_row(m, k),
                               m.cols * sizeof(double)) != 0)
            k++;
        n += k == i ? 1.0 : 0.0;
    }
    return said.data == NULL ? (double)INFINITY : fabs(n - said.data[0]);
}

/* The states are sorted: count changes; and run the register once more. */
static double check_states(const struct att_artifact *a)
{
    const struct att_mat t = find(a, "states");
    const struct att_mat shape = find(a, "shape");
    double n = 1.0;

    if (t.data == NULL || shape.data == NULL)
        return (double)INFINITY;
    const double most = ldexp(1.0, (int)shape.data[1]);

    for (size_t i = 0; i < t.rows; i++) {
        uint64_t left = (uint64_t)att_mat_row(t, i)[1];
        double h = 0.0;

        for (size_t k = 0; k < (size_t)shape.data[0]; k++, left >>= 1)
            h = fmod(2.0 * h + (double)(left & 1), most);
        if (h != att_mat_row(t, i)[0])
            return (double)INFINITY;
        n += i > 0 && h != att_mat_row(t, i - 1)[0] ? 1.0 : 0.0;
    }
    return fabs(n - shape.data[2]);
}

/* |W v|_inf for |v|_inf <= 1, and the mean of v over the set. */
static double check_kernel(const struct att_artifact *a)
{
    const struct att_mat w = find(a, "layer");
    const struct att_mat v = find(a, "kernel");
    const struct att_mat set = find(a, "set");
    double worst = 0.0;
    double mean = 0.0;

    if (w.data == NULL || v.cols != w.cols || set.data == NULL)
        return (double)INFINITY;
    for (size_t i = 0; i < w.rows; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < w.cols; j++)
            sum += att_mat_row(w, i)[j] * v.data[j];
        worst = fmax(worst, fabs(sum) / (double)w.cols);
    }
    for (size_t j = 0; j < v.cols; j++) {
        worst = fmax(worst, fabs(v.data[j]) - 1.0);
        mean += holds_member(set, j) ? v.data[j] / (double)set.cols : 0.0;
    }
    return fmax(worst, fabs(mean - said_error(a)));
}

/* Rows of the basis are orthonormal: the read-out is a projector of rank k,
 * and rows of I - P have squared norms that sum to L - k, so that one is at
 * least sqrt(1 - k/L). */
static double check_basis(const struct att_artifact *a)
{
    const struct att_mat b = find(a, "basis");

    if (b.data == NULL || set_size(a) == 0)
        return (double)INFINITY;
    const double bound =
        sqrt((1.0 - (double)b.rows / (double)b.cols) / (double)set_size(a));
    double worst = fabs(said_error(a) - bound);

    for (size_t i = 0; i < b.rows; i++) {
        for (size_t k = 0; k <= i; k++) {
            double sum = i == k ? -1.0 : 0.0;

            for (size_t j = 0; j < b.cols; j++)
                sum += att_mat_row(b, i)[j] * att_mat_row(b, k)[j];
            worst = fmax(worst, fabs(sum));
        }
    }
    return worst;
}

/* ---- census ---------------------------------------------------------------------- */

/* Are all scores <u_j, w> + c above roundings on y, and as far below 0 off it? */
static bool separates(struct att_mat u, const double *w, const uint32_t *y,
                      size_t q)
{
    for (size_t j = 0; j < u.rows; j++) {
        double s = w[u.cols];

        for (size_t m = 0; m < u.cols; m++)
            s += w[m] * att_mat_row(u, j)[m];
        if (!((att_subset_has(y, q, j) ? s : -s) > 1e-9))
            return false;
    }
    return true;
}

/* How far lambda is from a dependence whose two sides are y and the rest. */
static double check_sides(struct att_mat u, const double *lambda,
                          const uint32_t *y, size_t q)
{
    double sums[2] = {-1.0, 1.0};

    for (size_t j = 0; j < u.rows; j++) {
        const bool on = att_subset_has(y, q, j);

        if (!((on ? lambda[j] : -lambda[j]) >= 0.0))
            return (double)INFINITY;
        sums[on ? 0 : 1] += lambda[j];
    }
    return fmax(att_avg_radon_residual(u, lambda),
                fmax(fabs(sums[0]), fabs(sums[1])));
}

/* How far a row fails what it says of the set y. */
static double check_decision(struct att_mat u, struct avg_census_row row,
                             const uint32_t *y, size_t q)
{
    if (row.separable != 1.0)
        return check_sides(u, row.lambda, y, q);
    return separates(u, row.w, y, q) ? 0.0 : (double)INFINITY;
}

/* Every q-subset once more, in order, against its row; their share is what was
 * said. */
static double check_census(const struct att_artifact *a)
{
    enum { MOST_Q = 16 };
    const struct att_mat u = find(a, "keys");
    const struct att_mat rows = find(a, "decisions");
    const struct att_tensor *share = att_bundle_find(&a->witness, "share");
    const size_t q = set_size(a);
    uint32_t y[MOST_Q];
    double n_separable = 0.0;
    double worst = 0.0;
    size_t r = 0;
    bool more = true;

    if (u.data == NULL || share == NULL || q == 0 || q > MOST_Q || q > u.rows ||
        rows.cols != att_avg_census_width(u.cols, u.rows))
        return (double)INFINITY;
    for (att_subset_first(y, q); more && r < rows.rows; r++) {
        const struct avg_census_row row = att_avg_census_row(rows, r, u.cols);

        worst = fmax(worst, check_decision(u, row, y, q));
        n_separable += row.separable == 1.0 ? 1.0 : 0.0;
        more = att_subset_next(y, q, u.rows);
    }
    if (more || r != rows.rows)
        return (double)INFINITY;
    return fmax(worst,
                fabs(att_tensor_get(share, 0) - n_separable / (double)r));
}

/* ---- all ------------------------------------------------------------------------- */

att_status att_avg_witness_check(const struct att_artifact *a,
                                 struct att_arena *scratch,
                                 struct att_check_report *report,
                                 struct att_error *err)
{
    static double (*const CHECK[AVG_BOUNDS])(const struct att_artifact *a) = {
        [AVG_RADON] = check_radon,   [AVG_CENSUS] = check_census,
        [AVG_DISJ] = check_messages, [AVG_MEMORY] = check_states,
        [AVG_KERNEL] = check_kernel, [AVG_LINEAR] = check_basis,
    };
    const struct att_tensor *kind = att_bundle_find(&a->witness, "bound");

    (void)scratch;
    if (kind == NULL || att_bundle_find(&a->witness, "cert_err") == NULL)
        return att_fail(err, ATT_E_ARG, "the witness has no bound or cert_err");
    const double b = att_tensor_get(kind, 0);

    if (!(b >= 0.0 && b < AVG_BOUNDS) || b != floor(b)) {
        return att_fail(err, ATT_E_ARG,
                        "the witness is of bound %g, none of 0 .. %d", b,
                        AVG_BOUNDS - 1);
    }
    const double off = CHECK[(int)b](a);

    *report = (struct att_check_report){
        .n_compared = 1, .max_abs_error = off, .agrees = off < 1e-9};
    return ATT_OK;
}
