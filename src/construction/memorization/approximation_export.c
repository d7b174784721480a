/* approximation_export.c - quantiser, attention and decoder as layers: two
 * networks of ReLU units around one rank-one softmax head.
 *
 * The quantiser of a coordinate is 1/(2g) + (1/g) sum_b [ReLU(a_b) -
 * ReLU(a_b - 1)], a_b = (x - b/g)/w + 1/2 over the inner boundaries b/g: the
 * centre of the cell but for ramps of width w.  Inputs inside a ramp are
 * exported, and nothing is claimed of them: the decoder's value there is that
 * of no cell. */
#include "approximation_priv.h"

#include <math.h>
#include <string.h>

#include "memorization_network_priv.h"

/* Without ramps of its own the network gets some of 2^-10 of a cell or less: a
 * power of two, so that 1/w is exact. */
static double ramp_width(const struct ua_built *b)
{
    int exponent = 0;

    if (b->ramp > 0.0)
        return b->ramp;
    (void)frexp((double)b->g, &exponent);
    return ldexp(1.0, -10 - exponent);
}

/* ---- layers ----------------------------------------------------------------- */

/* Units 2 i and 2 i + 1 of coordinate k: boundary i + 1. */
static att_status add_quantiser(const struct ua_built *b, double w,
                                struct att_model *model, struct att_error *err)
{
    const size_t steps = b->g - 1, n = 2 * steps * b->d;
    struct att_layer *layer = att_model_add(model, ATT_LAYER_FEED_FORWARD);
    double *w1 = ATT_NEW0(model->arena, double, n * b->d);
    double *w2 = ATT_NEW0(model->arena, double, n * b->d);
    double *b1 = ATT_NEW(model->arena, double, n);
    double *b2 = ATT_NEW(model->arena, double, b->d);

    if (layer == NULL || w1 == NULL || w2 == NULL || b1 == NULL || b2 == NULL)
        return att_arena_fail(model->arena, "the quantiser", err);
    for (size_t u = 0; u < n; u++) {
        const size_t k = u / (2 * steps), boundary = u % (2 * steps) / 2 + 1;
        const double half = u % 2 == 0 ? 0.5 : -0.5;

        w1[u * b->d + k] = 1.0 / w;
        b1[u] = half - (double)boundary / (double)b->g / w;
        w2[k * n + u] = (u % 2 == 0 ? 1.0 : -1.0) / (double)b->g;
    }
    for (size_t k = 0; k < b->d; k++)
        b2[k] = att_ua_centre(0, b->g);
    att_bundle_f64(&layer->tensors, "W1", w1, n, b->d);
    att_bundle_vector(&layer->tensors, "b1", b1, n);
    att_bundle_f64(&layer->tensors, "W2", w2, b->d, n);
    att_bundle_vector(&layer->tensors, "b2", b2, b->d);
    att_layer_number(layer, "residual", 0.0);
    att_layer_text(layer, "activation", "relu");
    return ATT_OK;
}

static att_status add_attention(const struct ua_built *b,
                                struct att_model *model, struct att_error *err)
{
    struct att_layer *layer = att_model_add(model, ATT_LAYER_ATTENTION);

    if (layer == NULL)
        return att_arena_fail(model->arena, "the attention", err);
    return att_mem_attention_write(&b->scale, b->d, 1, layer, err);
}

/* Values of the ids that are different numbers. */
static att_status decoder_knots(const struct ua_built *b,
                                struct att_arena *arena, struct mem_knots *k,
                                struct att_error *err)
{
    ATT_TRY(att_mem_knots_make(&b->lookup, b->d_out, arena, k, err));
    for (size_t j = 0; j < k->n; j++) {
        memcpy(k->y + j * b->d_out, b->value + k->id[j] * b->d_out,
               b->d_out * sizeof *k->y);
    }
    return ATT_OK;
}

static const double U = 0x1p-53;

/* Difference of two evaluations of z: the units of the quantiser round at 1/w,
 * 2 g products and sums of them in any order; p moves s by at most 1 + 4 kappa
 * of its own; then the rounding of the attention. */
static double scalar_noise(const struct ua_built *b, double w)
{
    const double g = (double)b->g, d = (double)b->d;
    const struct mem_noise noise = {U,
                                    b->scale.kappa,
                                    b->scale.rho,
                                    b->scale.at.high,
                                    b->scale.max_z,
                                    att_mem_depth_plain(b->l)};
    const double q = 8.0 * U * (g / w + 1.0);

    return d * (q + 4.0 * U) *
               (1.0 + b->scale.rho * (1.0 + 4.0 * b->scale.kappa)) +
           2.0 * att_mem_error_bound(&noise);
}

/* Decoded values may differ by this much at most, or clamps take over. */
static const double MOST_NOISE = 0x1p-20;

static att_status add_decoder(const struct ua_built *b,
                              const struct mem_knots *k,
                              struct att_model *model, double *noise,
                              struct att_error *err)
{
    const struct mem_rounding r = {U, b->scale.max_z, MOST_NOISE};
    const struct mem_network net = att_mem_network_plan(k, MEM_PLATEAU, &r);
    struct att_layer *layer = att_model_add(model, ATT_LAYER_FEED_FORWARD);

    if (layer == NULL)
        return att_arena_fail(model->arena, "the decoder", err);
    *noise = net.noise;
    return att_mem_network_write(&net, b->scale.at.v, b->d, false, layer, err);
}

/* ---- what they must give ------------------------------------------------------ */

/* The value of every token's id: of sequences outside all ramps, and of ids
 * that rounding cannot confuse. */
static att_status export_expected(const struct ua_built *b,
                                  const struct att_functions *f,
                                  const bool *safe, struct att_artifact *out,
                                  struct att_error *err)
{
    const uint64_t shape[] = {f->samples * f->l, b->d_out};
    struct att_arena *arena = out->expected.arena;
    double *y = att_bundle_add(&out->expected, "outputs", ATT_F64, 2, shape);
    struct ua_built ramped = *b;
    struct ua_passage t;

    ramped.ramp = ramp_width(b);
    ATT_TRY(att_ua_passage_init(&ramped, arena, &t, err));
    if (y == NULL)
        return att_arena_fail(arena, "the expected values", err);
    for (size_t s = 0; s < f->samples; s++) {
        att_ua_enter(&t, f->x + s * f->l * f->d);
        for (size_t i = 0; i < f->l; i++, y += b->d_out) {
            const uint32_t id = att_ua_recall(&t, i);

            for (size_t c = 0; c < b->d_out; c++) {
                y[c] = t.in_ramp || !safe[id] ? (double)NAN
                                              : b->value[id * b->d_out + c];
            }
        }
    }
    return ATT_OK;
}

att_status att_ua_export(struct att_workspace *ws, const struct att_case *c,
                         struct att_artifact *out, struct att_error *err)
{
    const struct ua_built *b = c->built;
    const double w = ramp_width(b);
    bool *safe = ATT_NEW0(ws->arena, bool, b->ids.n);
    struct mem_knots k;

    if (safe == NULL)
        return att_arena_fail(ws->arena, "the ids", err);
    ATT_TRY(decoder_knots(b, ws->arena, &k, err));
    att_mem_knots_apart(&k, 16.0 * scalar_noise(b, w), safe);
    ATT_TRY(add_quantiser(b, w, &out->model, err));
    ATT_TRY(add_attention(b, &out->model, err));
    ATT_TRY(add_decoder(b, &k, &out->model, &out->atol, err));
    ATT_TRY(export_expected(b, c->instance, safe, out, err));
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported layers", err);
    out->rtol = 0.0;
    out->tolerance_reason =
        "8 u (2 max|z| / w + 1) 2 max|y| for every pair of ReLU units of the "
        "decoder: both round at the size of their argument";
    return ATT_OK;
}
