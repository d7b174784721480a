/* averaging_network.c - exporting a unit as one attention layer. */
#include "averaging_network_priv.h"

#include "attest/linalg/blas.h"

int64_t att_avg_network_parameters(int64_t d, int64_t dv)
{
    return (2 * d + dv) * (dv + 2 * d);
}

static void put_head(struct att_layer *l, const struct avg_network *n)
{
    const size_t d = n->u.cols;
    const size_t dv = n->instance->dv;
    const size_t width = dv + 2 * d;
    const uint64_t key_shape[2] = {d, width};
    const uint64_t value_shape[2] = {dv, width};
    double *q = att_bundle_add(&l->tensors, "Q", ATT_F64, 2, key_shape);
    double *k = att_bundle_add(&l->tensors, "K", ATT_F64, 2, key_shape);
    double *v = att_bundle_add(&l->tensors, "V", ATT_F64, 2, value_shape);

    if (q == NULL || k == NULL || v == NULL)
        return;
    for (size_t m = 0; m < d; m++) {
        q[m * width + dv + m] = n->unit.hardmax ? 1.0 : n->unit.alpha;
        k[m * width + dv + d + m] = 1.0;
    }
    for (size_t c = 0; c < dv; c++)
        v[c * width + c] = 1.0;
    att_layer_text(l, "weights", n->unit.hardmax ? "hardmax" : "softmax");
    if (n->unit.hardmax)
        att_layer_number(l, "tie", n->unit.tie);
}

static void put_tokens(const struct avg_network *n, double *tokens)
{
    const struct att_averaging *a = n->instance;
    const size_t d = n->u.cols;

    for (size_t j = 0; j < a->L; j++) {
        double *x = tokens + j * (a->dv + 2 * d);

        for (size_t c = 0; c < a->dv; c++)
            x[c] = a->z[j * a->dv + c];
        for (size_t m = 0; m < d; m++) {
            x[a->dv + m] = j < n->w.rows ? att_mat_row(n->w, j)[m] : 0.0;
            x[a->dv + d + m] = att_mat_row(n->u, j)[m];
        }
    }
}

/* The mean of the values under the weights that the scores s [L] give. */
static void apply_weights(const struct avg_network *n, const double *s,
                          double *out)
{
    const struct att_averaging *a = n->instance;
    const struct avg_unit *unit = &n->unit;
    double most = -(double)INFINITY;
    double sum = 0.0;

    for (size_t j = 0; j < a->L; j++)
        most = fmax(most, s[j]);
    for (size_t c = 0; c < a->dv; c++)
        out[c] = 0.0;
    for (size_t j = 0; j < a->L; j++) {
        const double p = unit->hardmax ? (s[j] >= most - unit->tie ? 1.0 : 0.0)
                                       : exp(unit->alpha * (s[j] - most));

        sum += p;
        for (size_t c = 0; c < a->dv; c++)
            out[c] += p * a->z[j * a->dv + c];
    }
    for (size_t c = 0; c < a->dv; c++)
        out[c] /= sum;
}

/* Largest alpha |w|_1 of a query. */
static double largest_logit(const struct avg_network *n)
{
    double most = 0.0;

    for (size_t i = 0; i < n->w.rows; i++) {
        double sum = 0.0;

        for (size_t m = 0; m < n->w.cols; m++)
            sum += fabs(att_mat_row(n->w, i)[m]);
        most = fmax(most, n->unit.alpha * sum);
    }
    return most;
}

/* Ties of scores that no tolerance bridges are decided by roundings: nothing
 * is claimed of such a hardmax. */
static bool is_claimed(const struct avg_network *n)
{
    return !n->unit.hardmax || n->unit.tie >= 1e-12;
}

/* A token without a query attends to all tokens alike. */
static void put_outputs(const struct avg_network *n, double *s, double *outputs)
{
    const size_t dv = n->instance->dv;

    for (size_t i = 0; i < n->instance->L; i++) {
        double *out = outputs + i * dv;

        for (size_t j = 0; j < n->instance->L; j++)
            s[j] = 0.0;
        if (i < n->w.rows)
            att_gemv(n->u, false, att_mat_row(n->w, i), 0.0, s);
        apply_weights(n, s, out);
        for (size_t c = 0; c < dv && i < n->w.rows && !is_claimed(n); c++)
            out[c] = (double)NAN;
    }
}

/* d products per logit, each rounded, of numbers with |u|_inf <= a few: a logit
 * off by e changes a weight by a factor of at most exp(2 e).  Outputs lie in
 * the unit ball, so 2 is no restriction. */
static void put_tolerance(const struct avg_network *n, struct att_artifact *out)
{
    const double e =
        8.0 * (double)(n->u.cols + 8) * 0x1p-53 * (largest_logit(n) + 1.0);

    out->atol = fmin(2.0, expm1(2.0 * e) + (double)n->instance->L * 0x1p-50);
    out->tolerance_reason = "roundings of d products and of the sum of q keys, "
                            "through a softmax";
}

att_status att_avg_network_export(const struct avg_network *n,
                                  struct att_artifact *out,
                                  struct att_arena *arena,
                                  struct att_error *err)
{
    const size_t dv = n->instance->dv;
    const uint64_t shape[2] = {n->instance->L, dv + 2 * n->u.cols};
    const uint64_t out_shape[2] = {n->instance->L, dv};
    struct att_layer *l = att_model_add(&out->model, ATT_LAYER_ATTENTION);
    double *tokens =
        att_bundle_add(&out->instance, "tokens", ATT_F64, 2, shape);
    double *outputs =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);
    double *s = ATT_NEW(arena, double, n->instance->L);

    if (l == NULL || tokens == NULL || outputs == NULL || s == NULL)
        return att_arena_fail(arena, "the exported network", err);
    put_head(l, n);
    put_tokens(n, tokens);
    put_outputs(n, s, outputs);
    put_tolerance(n, out);
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "the exported network", err);
}
