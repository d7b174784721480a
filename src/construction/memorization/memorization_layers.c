/* memorization_layers.c - step 14 and the networks of steps 15 and 16 as
 * layers: rank-one factors, one shared direction, thresholds, weights.
 *
 * Fixed numbers (the column of ones before the direction) have names with an
 * underscore: they are no parameters. */
#include "memorization_config_priv.h"

#include <math.h>
#include <string.h>

/* ---- attention ---------------------------------------------------------------- */

/* [s, 1] x [1, d]: c e_1 v^T; O [d, 1] x [1, s]: rho v e_1^T. */
static att_status add_factors(struct att_layer *layer,
                              const struct mem_built *b, struct att_error *err)
{
    static const char *const names[3][2] = {
        {"Q_left", "Q_right"}, {"K_left", "K_right"}, {"V_left", "V_right"}};
    const size_t s = b->config.head, d = b->data.in->d;
    struct att_arena *arena = layer->tensors.arena;
    double *e = ATT_NEW0(arena, double, s), *o = ATT_NEW(arena, double, d);

    if (e == NULL || o == NULL)
        return att_arena_fail(arena, "the factors", err);
    for (int i = 0; i < 3; i++) {
        e[0] = i == 0 ? b->build.lambda : 1.0;
        att_bundle_f64(&layer->tensors, names[i][0], e, s, 1);
        att_bundle_f64(&layer->tensors, names[i][1], b->build.at.v, 1, d);
    }
    for (size_t k = 0; k < d; k++)
        o[k] = b->build.rho * b->build.at.v[k];
    att_bundle_f64(&layer->tensors, "O_left", o, d, 1);
    att_bundle_f64(&layer->tensors, "O_right", e, 1, s);
    att_layer_number(layer, "residual", 1.0);
    if (b->data.causal)
        att_layer_text(layer, "mask", "causal");
    return ATT_OK;
}

/* ---- feed-forward ------------------------------------------------------------------ */

/* Units of a network of one scalar: act(scale z + bias). */
struct units {
    size_t n, d_out;
    double *scale, *bias; /* [n] */
    double *weight;       /* [d_out, n] */
};

static att_status units_init(struct units *u, size_t n, size_t d_out,
                             struct att_arena *arena, struct att_error *err)
{
    *u = (struct units){n, d_out, ATT_NEW(arena, double, n),
                        ATT_NEW(arena, double, n),
                        ATT_NEW(arena, double, n *d_out)};
    if (u->scale == NULL || u->bias == NULL || u->weight == NULL)
        return att_arena_fail(arena, "the units", err);
    return ATT_OK;
}

static double rise(const struct mem_knots *k, size_t j, size_t c)
{
    return k->y[(j + 1) * k->d_out + c] - k->y[j * k->d_out + c];
}

static void fill_interp(const struct mem_knots *k, struct units *u)
{
    for (size_t j = 0; j < u->n; j++) {
        u->scale[j] = 1.0;
        u->bias[j] = -k->z[j];
        for (size_t c = 0; c < u->d_out; c++) {
            const double m = rise(k, j, c) / (k->z[j + 1] - k->z[j]);
            const double before =
                j == 0 ? 0.0 : rise(k, j - 1, c) / (k->z[j] - k->z[j - 1]);

            u->weight[c * u->n + j] = m - before;
        }
    }
}

/* One clamped unit per step, or two ReLU units 1 apart. */
static void fill_plateau(const struct mem_knots *k, size_t per, struct units *u)
{
    for (size_t j = 0; j < u->n; j++) {
        const struct mem_ramp r = att_mem_ramp(k, j / per);
        const bool second = per == 2 && j % 2 == 1;

        u->scale[j] = 1.0 / r.w;
        u->bias[j] = (r.w / 2.0 - r.t) / r.w - (second ? 1.0 : 0.0);
        for (size_t c = 0; c < u->d_out; c++) {
            const double step = rise(k, j / per, c);

            u->weight[c * u->n + j] = second ? -step : step;
        }
    }
}

static void add_units(struct att_layer *layer, const struct mem_built *b,
                      const struct mem_knots *k, const struct units *u)
{
    const bool skip = k->d_out == b->data.in->d;

    att_bundle_f64(&layer->tensors, "_W1_left", u->scale, u->n, 1);
    att_bundle_f64(&layer->tensors, "W1_right", b->build.at.v, 1,
                   b->data.in->d);
    att_bundle_vector(&layer->tensors, "b1", u->bias, u->n);
    att_bundle_f64(&layer->tensors, "W2", u->weight, k->d_out, u->n);
    att_bundle_vector(&layer->tensors, "b2", k->y, k->d_out);
    att_layer_number(layer, "residual", skip ? 1.0 : 0.0);
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

static double largest_rise(const struct mem_knots *k)
{
    double most = 0.0;

    for (size_t i = 0; i < k->n * k->d_out; i++)
        most = fmax(most, fabs(k->y[i]));
    return 2.0 * most;
}

/* ReLU pairs: both units of a step below z round at the size of their
 * argument; clamps: only the sum rounds; interp: a piece is as steep as
 * rise / gap. */
static double output_noise(const struct mem_built *b, const struct mem_knots *k,
                           size_t per, double u)
{
    const double step = largest_rise(k), size = 2.0 * b->build.max_z;
    double sum = 0.0;

    for (size_t j = 0; j + 1 < k->n; j++) {
        const double gap = k->z[j + 1] - k->z[j];

        if (b->config.ffn == MEM_INTERP) {
            sum += 16.0 * u * (size / gap + 1.0) * step;
        } else if (per == 2) {
            sum += 8.0 * u * (size / att_mem_ramp(k, j).w + 1.0) * step;
        }
    }
    if (b->config.ffn == MEM_INTERP && k->n > 1)
        sum += step / 16.0; /* noise is at most 1/16 of a claimed gap */
    return sum + 4.0 * ((double)k->n + 1.0) * u * (step + 1.0);
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
    for (size_t j = 0; j < k->n; j++) {
        safe[k->id[j]] = (j == 0 || k->z[j] - k->z[j - 1] >= least) &&
                         (j + 1 == k->n || k->z[j + 1] - k->z[j] >= least);
    }
    for (size_t i = 0; i < n; i++)
        claimed[i] = safe[b->data.id_of[i]];
    out->claimed = claimed;
    return ATT_OK;
}

/* ---- both layers -------------------------------------------------------------------- */

static size_t units_per_step(const struct mem_built *b,
                             const struct mem_knots *k)
{
    /* beyond this a sum of ReLU pairs is noise: use clamps */
    const bool pairs = b->config.ffn == MEM_INTERP ||
                       output_noise(b, k, 2, unit_roundoff(b)) < 0.125;

    return b->config.ffn == MEM_PLATEAU && pairs ? 2 : 1;
}

static att_status add_feed_forward(const struct mem_built *b,
                                   struct mem_knots *k, struct att_layer *layer,
                                   struct mem_exported *out,
                                   struct att_error *err)
{
    const size_t per = units_per_step(b, k);
    struct units u;

    subtract_hidden(b, k);
    ATT_TRY(
        units_init(&u, per * (k->n - 1), k->d_out, layer->tensors.arena, err));
    if (b->config.ffn == MEM_INTERP) {
        fill_interp(k, &u);
    } else {
        fill_plateau(k, per, &u);
    }
    add_units(layer, b, k, &u);
    att_layer_text(layer, "activation",
                   b->config.ffn == MEM_PLATEAU && per == 1 ? "clamp" : "relu");
    out->atol = output_noise(b, k, per, unit_roundoff(b));
    return ATT_OK;
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
    ATT_TRY(add_factors(attention, b, err));
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
