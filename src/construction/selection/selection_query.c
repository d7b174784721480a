/* selection_query.c - the coefficients of a query over its selected tokens.
 *
 * Plain loops, one division a row: the Gram matrices are small, and the lanes
 * of linalg/solve.h would stay empty. */
#include "selection_model_priv.h"

static const double LEAST_PIVOT = 1e-6, MOST_COEFFICIENT = 1e3;

/* ---- small systems ----------------------------------------------------------- */

/* Row j of the factorisation gram = L D L^T, L below the diagonal and 1 / D on
 * it; false when the pivot is too small. */
static bool factor_row(struct att_mat gram, size_t j)
{
    double *row = att_mat_row(gram, j);
    double pivot = row[j];

    for (size_t k = 0; k < j; k++) {
        const double *other = att_mat_row(gram, k);

        for (size_t m = 0; m < k; m++)
            row[k] -= row[m] * other[m];
    }
    for (size_t k = 0; k < j; k++) {
        const double u = row[k];

        row[k] = u * att_mat_row(gram, k)[k];
        pivot -= u * row[k];
    }
    row[j] = 1.0 / pivot;
    return pivot > LEAST_PIVOT;
}

static bool factor(struct att_mat gram)
{
    for (size_t j = 0; j < gram.rows; j++) {
        if (!factor_row(gram, j))
            return false;
    }
    return true;
}

/* c := (L D L^T)^-1 c. */
static void substitute(struct att_mat factor, double *c)
{
    const size_t q = factor.rows;

    for (size_t j = 0; j < q; j++) {
        for (size_t m = 0; m < j; m++)
            c[j] -= att_mat_row(factor, j)[m] * c[m];
    }
    for (size_t j = 0; j < q; j++)
        c[j] *= att_mat_row(factor, j)[j];
    for (size_t j = q; j-- > 0;) {
        for (size_t m = 0; m < j; m++)
            c[m] -= att_mat_row(factor, j)[m] * c[j];
    }
}

/* <e_{y_j}, e_{y_k}>; signs have unit length exactly. */
static double product(const struct sel_codes *codes, const uint32_t *y,
                      size_t j, size_t k)
{
    return j == k && codes->word != NULL ? 1.0
                                         : att_sel_codes_dot(codes, y[j], y[k]);
}

/* ---- the dual query ------------------------------------------------------------ */

static bool solve_dual(const struct sel_codes *codes, const uint32_t *y,
                       struct att_mat gram, double *c)
{
    const size_t q = gram.rows;

    for (size_t j = 0; j < q; j++) {
        for (size_t k = 0; k <= j; k++)
            att_mat_row(gram, j)[k] = product(codes, y, j, k);
        c[j] = 1.0;
    }
    if (!factor(gram))
        return false;
    substitute(gram, c);
    for (size_t k = 0; k < q; k++) {
        if (!(fabs(c[k]) <= MOST_COEFFICIENT))
            return false;
    }
    return true;
}

bool att_sel_query_solve(const struct sel_law *law,
                         const struct sel_codes *codes, const uint32_t *y,
                         struct att_mat gram, double *c)
{
    const size_t q = gram.rows;

    if (law->query == SEL_DUAL)
        return solve_dual(codes, y, gram, c);
    for (size_t k = 0; k < q; k++)
        c[k] = law->query == SEL_SUM ? 1.0 : 1.0 / (double)q;
    return true;
}

/* ---- the query of least norm ------------------------------------------------------ */

/* Tokens whose encodings are independent, the first of each kind: basis [rank],
 * and the factor of their Gram matrix. */
static struct att_mat independent(const struct sel_codes *codes,
                                  const uint32_t *y, struct att_mat gram,
                                  uint32_t *basis)
{
    const size_t q = gram.rows;
    size_t rank = 0;

    for (uint32_t j = 0; j < q; j++) {
        for (size_t k = 0; k < rank; k++)
            att_mat_row(gram, rank)[k] = product(codes, y, j, basis[k]);
        att_mat_row(gram, rank)[rank] = product(codes, y, j, j);
        if (factor_row(gram, rank))
            basis[rank++] = j;
    }
    gram.rows = gram.cols = rank;
    return gram;
}

/* E_y = A B with B the independent rows: A_j = (B B^T)^-1 B e_j. */
static void expand(const struct sel_codes *codes, const uint32_t *y,
                   struct att_mat gram, const uint32_t *basis, struct att_mat A)
{
    for (size_t j = 0; j < A.rows; j++) {
        for (size_t k = 0; k < gram.rows; k++)
            att_mat_row(A, j)[k] = product(codes, y, j, basis[k]);
        substitute(gram, att_mat_row(A, j));
    }
}

/* normal = A^T A, z = A^T 1. */
static void make_normal(struct att_mat A, struct att_mat normal, double *z)
{
    for (size_t k = 0; k < normal.rows; k++) {
        double *row = att_mat_row(normal, k);

        z[k] = 0.0;
        for (size_t m = 0; m <= k; m++)
            row[m] = 0.0;
        for (size_t j = 0; j < A.rows; j++) {
            const double *a = att_mat_row(A, j);

            z[k] += a[k];
            for (size_t m = 0; m <= k; m++)
                row[m] += a[k] * a[m];
        }
    }
}

/* et = E_y^+ 1 = B^T (B B^T)^-1 (A^T A)^-1 A^T 1.  The rows of A that belong to
 * the basis are those of the identity, hence A^T A >= 1. */
void att_sel_query_least(const struct sel_codes *codes, const uint32_t *y,
                         const struct sel_least *room, double *c)
{
    const size_t q = room->gram.rows;
    const struct att_mat gram = independent(codes, y, room->gram, room->basis);
    const size_t rank = gram.rows;
    struct att_mat normal = room->normal, A = room->A;
    double *z = room->z;

    A.rows = q;
    A.cols = normal.rows = normal.cols = rank;
    expand(codes, y, gram, room->basis, A);
    make_normal(A, normal, z);
    (void)factor(normal); /* cannot fail: normal - 1 has no negative value */
    substitute(normal, z);
    substitute(gram, z);
    for (size_t j = 0; j < q; j++)
        c[j] = 0.0;
    for (size_t k = 0; k < rank; k++)
        c[room->basis[k]] = z[k];
}
