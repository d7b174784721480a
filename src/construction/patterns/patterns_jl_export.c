/* patterns_jl_export.c - queries and keys of random projection as tensors. */
#include "patterns_export_priv.h"
#include "patterns_jl_priv.h"

static void put_matrices(struct pat_jl *b, double beta, struct pat_network *n)
{
    const size_t d = b->keys.spec.d;

    att_pat_keys_write(&b->keys, 1.0 / sqrt((double)d), n->x2);
    for (size_t i = 0; i < n->a->n_rows; i++) {
        att_pat_row(&b->rows, i);
        for (size_t q = 0; q < b->rows.terms.n; q++) {
            const double w =
                beta * b->rows.terms.unit[q] + b->rows.terms.lam[q];

            for (size_t m = 0; m < d; m++) {
                att_mat_row(n->x1, i)[m] +=
                    w * att_mat_row(n->x2, b->rows.terms.at[q])[m];
            }
        }
    }
}

/* Largest |x| |y| times the roundings of an inner product and of its terms. */
static double logit_error(const struct pat_network *n, size_t n_terms)
{
    double most = 0.0;

    for (size_t i = 0; i < n->a->n_rows; i++) {
        double sum = 0.0;

        for (size_t m = 0; m < n->x1.cols; m++)
            sum += fabs(att_mat_row(n->x1, i)[m]);
        most = fmax(most, sum);
    }
    double key = 0.0;

    for (size_t e = 0; e < n->x2.rows * n->x2.cols; e++)
        key = fmax(key, fabs(n->x2.data[e]));
    return 2.0 * (double)(n->x1.cols + n_terms + 4) * 0x1p-53 * most * key;
}

att_status att_pat_jl_export(struct att_workspace *ws, const struct att_case *c,
                             struct att_artifact *out, struct att_error *err)
{
    struct pat_jl copy =
        *(const struct pat_jl *)c->built; /* rows are scratch */
    struct pat_jl *b = &copy;
    const struct att_pattern *a = c->instance;
    const struct pat_tolerance t = att_pat_jl_tolerance(c->p);
    const double beta = t.beta > 0.0 ? t.beta : t.t2 + t.d1;
    struct pat_network n = {
        .a = a,
        .x1 = att_mat_new(ws->arena, a->n_rows, b->keys.spec.d),
        .x2 = att_mat_new(ws->arena, a->n_cols, b->keys.spec.d),
        .s = att_mat_new(ws->arena, a->n_rows, a->n_cols),
        .reason = "roundings of d products and of the sum of k keys, through "
                  "a softmax"};
    struct pat_jl_rows r;

    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(att_pat_jl_rows_init(&r, b, ws->arena, err));
    put_matrices(b, beta, &n);
    for (size_t i = 0; i < a->n_rows; i++) {
        att_pat_jl_row(&r, b, i, beta);
        for (size_t j = 0; j < a->n_cols; j++)
            att_mat_row(n.s, i)[j] = r.p[j];
    }
    n.error = logit_error(&n, a->k_row);
    return att_pat_export(&n, out, err);
}
