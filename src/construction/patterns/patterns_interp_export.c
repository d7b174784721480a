/* patterns_interp_export.c - interpolating queries and their keys as tensors. */
#include "patterns_export_priv.h"
#include "patterns_interp_priv.h"

/* Row i of X1 from the keys, of S from the table. */
static void put_row(const struct pat_in *b, const struct pat_query *q,
                    struct pat_network *n, size_t i, double beta)
{
    const struct att_pattern *a = n->a;

    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        const double w =
            beta * q->unit[e - a->first[i]] + q->lam[e - a->first[i]];
        const size_t l = a->column[e];

        for (size_t m = 0; m < n->x1.cols; m++)
            att_mat_row(n->x1, i)[m] += w * att_mat_row(n->x2, l)[m];
        for (size_t j = 0; j < a->n_cols; j++)
            att_mat_row(n->s, i)[j] += w * att_pat_gram_at(&b->gram, l, j);
        /* d products of numbers whose keys have norm about 1, in two orders. */
        n->error = fmax(n->error, 8.0 * (double)(n->x1.cols + a->k_row + 8) *
                                      0x1p-53 * fabs(w) * (double)a->k_row *
                                      (1.0 + att_pat_gram_at(&b->gram, l, l)));
    }
}

att_status att_pat_in_export(struct att_workspace *ws, const struct att_case *c,
                             struct att_artifact *out, struct att_error *err)
{
    const struct pat_in *b = c->built;
    const struct att_pattern *a = c->instance;
    const double beta = 2.0 * att_pat_tolerance(c->p).t2;
    struct pat_query query;
    struct pat_keys keys; /* of every family, written out */
    struct pat_network n = {
        .a = a,
        .x1 = att_mat_new(ws->arena, a->n_rows, b->gram.spec.d),
        .x2 = att_mat_new(ws->arena, a->n_cols, b->gram.spec.d),
        .s = att_mat_new(ws->arena, a->n_rows, a->n_cols),
        .reason = "roundings of d products and of the sum of k keys, through "
                  "a softmax"};

    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(att_pat_query_init(&query, a->k_row, ws->arena, err));
    ATT_TRY(att_pat_keys_draw_whole(ws, &b->gram.spec, &keys, err));
    att_pat_keys_write(&keys, 1.0 / sqrt((double)n.x2.cols), n.x2);
    for (size_t i = 0; i < a->n_rows; i++) {
        /* Dependent keys: the query is 0, and so are its logits. */
        if (att_pat_query_solve(&query, &b->gram, a, i))
            put_row(b, &query, &n, i, beta);
    }
    return att_pat_export(&n, out, err);
}
