/* memorization_layers.c - a build as two layers, and which of their outputs
 * rounding cannot change. */
#include "memorization_config_priv.h"

#include <math.h>
#include <string.h>

/* ---- feed-forward ------------------------------------------------------------------ */

att_status att_mem_knots_label(const struct mem_built *b,
                               const struct mem_lookup *lookup,
                               struct att_arena *arena, struct mem_knots *out,
                               struct att_error *err)
{
    const struct att_token_labels *in = b->data.in;

    ATT_TRY(att_mem_knots_make(lookup, in->d_out, arena, out, err));
    for (size_t j = 0; j < out->n; j++) {
        const int64_t *label =
            in->label + b->data.place[out->id[j]] * in->d_out;

        for (size_t c = 0; c < in->d_out; c++)
            out->y[j * in->d_out + c] = (double)label[c];
    }
    return ATT_OK;
}

/* With a skip the network adds y - h, h = x + rho s v as computed (pitfall of
 * the construction: not the h of exact arithmetic). */
static void subtract_hidden(const struct mem_built *b, struct mem_knots *k)
{
    const size_t d = b->data.in->d;

    if (k->d_out != d)
        return;
    for (size_t j = 0; j < k->n; j++) {
        const uint32_t id = k->id[j];
        const double *x = b->data.vocab + b->data.ids.token[id] * d;
        const double shift = b->build.rho * b->build.s[id];

        for (size_t c = 0; c < d; c++)
            k->y[j * d + c] -= x[c] + shift * b->build.at.v[c];
    }
}

/* ---- what rounding can do to the outputs --------------------------------------------- */

static double unit_roundoff(const struct mem_built *b)
{
    const int bits = att_mem_dtype_bits(b->config.dtype);

    return ldexp(1.0, -(bits > 53 ? 53 : bits)); /* tensors are doubles */
}

/* Difference of two evaluations of z that round differently. */
static double scalar_noise(const struct mem_built *b, double u)
{
    const struct mem_noise noise = {u,
                                    b->build.kappa,
                                    b->build.rho,
                                    b->build.at.high,
                                    b->build.max_z,
                                    att_mem_depth_plain(b->data.ids.longest)};
    const double size = b->data.r_max + b->build.rho * b->build.at.high;

    return 2.0 * att_mem_error_bound(&noise) +
           2.0 * ((double)b->data.in->d + 8.0) * u * size;
}

/* Outputs of positions whose id stands 16 noises off its neighbours. */
static att_status mark_claimed(const struct mem_built *b,
                               const struct mem_knots *k,
                               struct att_arena *arena,
                               struct mem_exported *out, struct att_error *err)
{
    const double least = 16.0 * scalar_noise(b, unit_roundoff(b));
    const size_t n = b->data.in->n * b->data.in->l;
    bool *safe = ATT_NEW0(arena, bool, b->data.ids.n);
    bool *claimed = ATT_NEW(arena, bool, n);

    if (safe == NULL || claimed == NULL)
        return att_arena_fail(arena, "the outputs", err);
    att_mem_knots_apart(k, least, safe);
    for (size_t i = 0; i < n; i++)
        claimed[i] = safe[b->data.id_of[i]];
    out->claimed = claimed;
    return ATT_OK;
}

/* ---- both layers -------------------------------------------------------------------- */

/* What a sum of ReLU pairs may lose before clamps are used: labels are
 * integers. */
static const double MOST_NOISE = 0.125;

static att_status add_feed_forward(const struct mem_built *b,
                                   struct mem_knots *k, struct att_layer *layer,
                                   struct mem_exported *out,
                                   struct att_error *err)
{
    const size_t d = b->data.in->d;
    const struct mem_rounding r = {unit_roundoff(b), b->build.max_z,
                                   MOST_NOISE};

    subtract_hidden(b, k);
    const struct mem_network net = att_mem_network_plan(k, b->config.ffn, &r);

    out->atol = net.noise;
    return att_mem_network_write(&net, b->build.at.v, d, k->d_out == d, layer,
                                 err);
}

att_status att_mem_export_layers(const struct mem_built *b,
                                 const struct mem_knots *k,
                                 struct att_model *model,
                                 struct mem_exported *out,
                                 struct att_error *err)
{
    struct mem_knots own = *k;
    struct att_layer *attention = att_model_add(model, ATT_LAYER_ATTENTION);

    if (attention == NULL)
        return att_arena_fail(model->arena, "a layer", err);
    ATT_TRY(att_mem_attention_write(&b->build, b->data.in->d, b->config.head,
                                    attention, err));
    if (b->data.causal)
        att_layer_text(attention, "mask", "causal");
    own.y = ATT_NEW(model->arena, double, k->n * k->d_out);
    struct att_layer *ffn = att_model_add(model, ATT_LAYER_FEED_FORWARD);

    if (own.y == NULL || ffn == NULL)
        return att_arena_fail(model->arena, "a layer", err);
    memcpy(own.y, k->y, k->n * k->d_out * sizeof *own.y);
    ATT_TRY(mark_claimed(b, k, model->arena, out, err));
    ATT_TRY(add_feed_forward(b, &own, ffn, out, err));
    if (att_arena_refused(model->arena) != 0)
        return att_arena_fail(model->arena, "the exported layers", err);
    return ATT_OK;
}
