/* patterns_export.c - networks for the oracle, and softmax masses. */
#include "patterns_export_priv.h"

#include <string.h>

static size_t n_tokens(const struct att_pattern *a)
{
    return a->n_rows > a->n_cols ? a->n_rows : a->n_cols;
}

/* tokens [T, 2 d]: row i is (query i, key i). */
static void put_tokens(const struct pat_network *n, double *x)
{
    const size_t d = n->x1.cols;

    for (size_t i = 0; i < n->a->n_rows; i++)
        memcpy(x + i * 2 * d, att_mat_row(n->x1, i), d * sizeof *x);
    for (size_t j = 0; j < n->a->n_cols; j++)
        memcpy(x + j * 2 * d + d, att_mat_row(n->x2, j), d * sizeof *x);
}

/* W_Q^T = [I 0], W_K^T = [0 I]: the same for every pattern. */
static void put_head(struct att_layer *l, size_t d, size_t t, size_t n_cols)
{
    const uint64_t shape[2] = {d, 2 * d};
    const uint64_t square[2] = {t, t};
    double *q = att_bundle_add(&l->tensors, "Q", ATT_F64, 2, shape);
    double *k = att_bundle_add(&l->tensors, "K", ATT_F64, 2, shape);
    double *mask = NULL;

    for (size_t m = 0; q != NULL && k != NULL && m < d; m++) {
        q[m * 2 * d + m] = 1.0;
        k[m * 2 * d + d + m] = 1.0;
    }
    att_layer_text(l, "weights", "softmax");
    att_layer_text(l, "values", "positions");
    if (n_cols == t)
        return;
    att_layer_text(l, "mask", "tensor");
    mask = att_bundle_add(&l->tensors, "_mask", ATT_F64, 2, square);
    for (size_t i = 0; mask != NULL && i < t; i++) {
        for (size_t j = 0; j < n_cols; j++)
            mask[i * t + j] = 1.0;
    }
}

static void put_softmax(const double *s, size_t n, double *out)
{
    double most = -INFINITY;
    double sum = 0.0;

    for (size_t j = 0; j < n; j++)
        most = fmax(most, s[j]);
    for (size_t j = 0; j < n; j++)
        sum += exp(s[j] - most);
    for (size_t j = 0; j < n; j++)
        out[j] = exp(s[j] - most) / sum;
}

att_status att_pat_export(const struct pat_network *n, struct att_artifact *out,
                          struct att_error *err)
{
    const size_t t = n_tokens(n->a);
    const size_t d = n->x1.cols;
    const uint64_t shape[2] = {t, 2 * d};
    const uint64_t square[2] = {t, t};
    struct att_layer *l = att_model_add(&out->model, ATT_LAYER_ATTENTION);
    double *x = att_bundle_add(&out->instance, "tokens", ATT_F64, 2, shape);
    double *y = att_bundle_add(&out->expected, "outputs", ATT_F64, 2, square);

    if (l == NULL || x == NULL || y == NULL)
        return att_arena_fail(out->model.arena, "the network", err);
    put_tokens(n, x);
    put_head(l, d, t, n->a->n_cols);
    for (size_t i = 0; i < n->a->n_rows; i++)
        put_softmax(att_mat_row(n->s, i), n->a->n_cols, y + i * t);
    for (size_t i = n->a->n_rows; i < t; i++) {
        for (size_t j = 0; j < n->a->n_cols; j++)
            y[i * t + j] = (double)NAN;
    }
    /* Logits off by e change a softmax by at most a factor exp(2 e). */
    out->atol = expm1(2.0 * n->error) + 64.0 * 0x1p-53 * (double)t;
    out->tolerance_reason = n->reason;
    if (att_arena_refused(out->model.arena) != 0)
        return att_arena_fail(out->model.arena, "the network", err);
    return ATT_OK;
}

/* ---- masses ---------------------------------------------------------------------- */

void att_pat_mass_add(struct pat_mass *m, const struct att_pattern *a, size_t i,
                      const double *s)
{
    double most = -INFINITY;
    double all = 0.0;
    double support = 0.0;
    double a_sum = 0.0;
    double kl = 0.0;

    for (size_t j = 0; j < a->n_cols; j++)
        most = fmax(most, s[j]);
    for (size_t j = 0; j < a->n_cols; j++)
        all += exp(s[j] - most);
    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        support += exp(s[a->column[e]] - most);
        a_sum += exp(a->lam != NULL ? a->lam[e] : 0.0);
    }
    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        const double ln_a = (a->lam != NULL ? a->lam[e] : 0.0) - log(a_sum);

        kl += exp(ln_a) * (ln_a - (s[a->column[e]] - most - log(all)));
    }
    const double mass = fmax(0.0, all - support) / all;

    m->max = fmax(m->max, mass);
    m->sum += mass;
    m->kl = fmax(m->kl, kl);
    m->n++;
}
