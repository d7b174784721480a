/* selection_export.c - the network as layers.
 *
 * Tokens z_0 .. z_{L-1} = [x_i; e_i] and, last, the asking token [0; et]; one
 * attention layer in which the last token only asks (or is a key as well), and a
 * read-out of it:
 *
 *   Q = W [0 I]   K = I         V = V            (full)
 *   Q = C [0 I]   K = [0 I]     V = V1 [I 0]     (tokens integrated out)
 *
 * The blocks [0 I] and [I 0] are fixed and count nothing. */
#include <string.h>

#include "selection_probe_priv.h"

/* [0 I] or [I 0]: n rows that pick columns first .. first + n - 1 of D. */
static void add_picker(struct att_bundle *b, const char *name, size_t n,
                       size_t first, size_t D)
{
    const uint64_t shape[2] = {n, D};
    double *x = att_bundle_add(b, name, ATT_F64, 2, shape);

    for (size_t i = 0; x != NULL && i < n; i++)
        x[i * D + first + i] = 1.0;
}

static void add_scaled(struct att_bundle *b, const char *name, size_t n,
                       double scale)
{
    const uint64_t shape[2] = {n, n};
    double *x = att_bundle_add(b, name, ATT_F64, 2, shape);

    for (size_t i = 0; x != NULL && i < n; i++)
        x[i * n + i] = scale;
}

static att_status add_layers(const struct sel_law *law,
                             const struct sel_net *net, struct att_model *model,
                             struct att_error *err)
{
    const size_t d = net->d, de = net->de;
    struct att_layer *attention = att_model_add(model, ATT_LAYER_ATTENTION);

    if (attention == NULL)
        return att_arena_fail(model->arena, "a layer", err);
    struct att_bundle *t = &attention->tensors;

    att_bundle_f64(t, "Q_left", net->W.data, net->W.rows, net->W.cols);
    add_picker(t, "_Q_right", de, d, d + de);
    if (net->out) {
        add_picker(t, "_K", de, d, d + de);
        add_scaled(t, "V_left", d, net->alpha);
        add_picker(t, "_V_right", d, 0, d + de);
    } else {
        att_bundle_f64(t, "V", net->V.data, net->V.rows, net->V.cols);
    }
    att_layer_text(attention, "mask", law->query_key ? "none" : "data");
    struct att_layer *read_out = att_model_add(model, ATT_LAYER_READ_OUT);

    if (read_out == NULL)
        return att_arena_fail(model->arena, "a layer", err);
    att_layer_text(read_out, "token", "last");
    return ATT_OK;
}

/* Inputs, offsets and outputs of the exported samples. */
static att_status add_samples(const struct sel_law *law,
                              const struct sel_net *net,
                              struct att_artifact *out, struct att_error *err)
{
    const size_t n = law->task.samples < 2 ? law->task.samples : 2;
    const size_t D = net->d + net->de, rows = law->task.L + 1;
    const uint64_t in_shape[2] = {n * rows, D}, out_shape[2] = {n, net->d};
    int64_t offsets[3];
    double *inputs =
        att_bundle_add(&out->instance, "inputs", ATT_F64, 2, in_shape);
    double *outputs =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);

    if (inputs == NULL || outputs == NULL)
        return att_arena_fail(out->model.arena, "the exported samples", err);
    for (uint32_t b = 0; b <= n; b++)
        offsets[b] = (int64_t)(b * rows);
    att_bundle_i64(&out->instance, "offsets", offsets, n + 1);
    for (uint32_t b = 0; b < n; b++) {
        const struct sel_sample sample = {outputs + b * net->d,
                                          inputs + b * rows * D};

        ATT_TRY(att_sel_forward(law, net, b, out->model.arena, &sample, err));
    }
    return ATT_OK;
}

/* Largest entry of a matrix. */
static double largest(struct att_mat m)
{
    double most = 0.0;

    for (size_t i = 0; i < m.rows * m.cols; i++)
        most = fmax(most, fabs(m.data[i]));
    return most;
}

att_status att_sel_export(const struct sel_law *law, const struct sel_net *net,
                          struct att_artifact *out, struct att_error *err)
{
    const double D = (double)(net->d + net->de);
    const double w = largest(net->W);
    const double v = net->out ? fabs(net->alpha) : largest(net->V);

    ATT_TRY(add_layers(law, net, &out->model, err));
    ATT_TRY(add_samples(law, net, out, err));
    if (att_arena_refused(out->model.arena) != 0)
        return att_arena_fail(out->model.arena, "the exported network", err);
    out->atol = 64.0 * D * (1.0 + w) * (v + 1e-12) * 0x1p-52;
    out->rtol = 0.0;
    out->tolerance_reason =
        "64 (d + de) (1 + max|W|) max|V| ulp: logits are sums of d + de "
        "products, their rounding moves weights by as much";
    return ATT_OK;
}
