/* memorization_network.c - step 14, the rank-one factors of the head, and steps
 * 15 and 16, the units of a network of one scalar, written down as layers; what
 * rounding can do to the sum of units.
 *
 * Fixed numbers (the column of scales before the direction) have names with an
 * underscore: they are no parameters. */
#include "memorization_network_priv.h"

#include <math.h>

/* ---- attention ---------------------------------------------------------------- */

att_status att_mem_attention_write(const struct mem_build *b, size_t d,
                                   size_t head, struct att_layer *layer,
                                   struct att_error *err)
{
    static const char *const names[3][2] = {
        {"Q_left", "Q_right"}, {"K_left", "K_right"}, {"V_left", "V_right"}};
    struct att_arena *arena = layer->tensors.arena;
    double *e = ATT_NEW0(arena, double, head), *o = ATT_NEW(arena, double, d);

    if (e == NULL || o == NULL)
        return att_arena_fail(arena, "the factors", err);
    for (int i = 0; i < 3; i++) {
        e[0] = i == 0 ? b->lambda : 1.0;
        att_bundle_f64(&layer->tensors, names[i][0], e, head, 1);
        att_bundle_f64(&layer->tensors, names[i][1], b->at.v, 1, d);
    }
    for (size_t k = 0; k < d; k++)
        o[k] = b->rho * b->at.v[k];
    att_bundle_f64(&layer->tensors, "O_left", o, d, 1);
    att_bundle_f64(&layer->tensors, "O_right", e, 1, head);
    att_layer_number(layer, "residual", 1.0);
    return ATT_OK;
}

/* ---- knots ----------------------------------------------------------------- */

att_status att_mem_knots_make(const struct mem_lookup *lookup, size_t d_out,
                              struct att_arena *arena, struct mem_knots *out,
                              struct att_error *err)
{
    const size_t most = lookup->n;
    double *z = ATT_NEW(arena, double, most);
    uint32_t *id = ATT_NEW(arena, uint32_t, most);
    double *y = ATT_NEW(arena, double, most *d_out);
    size_t n = 0;

    if (z == NULL || id == NULL || y == NULL)
        return att_arena_fail(arena, "the knots", err);
    for (size_t j = 0; j < most; j++) {
        const struct mem_code *code = &lookup->code[j];

        if (isnan(code->z.hi) || (n > 0 && code->z.hi <= z[n - 1]))
            continue;
        z[n] = code->z.hi;
        id[n] = code->id;
        n++;
    }
    *out = (struct mem_knots){n, z, id, y, d_out};
    return ATT_OK;
}

void att_mem_knots_apart(const struct mem_knots *k, double least, bool *safe)
{
    for (size_t j = 0; j < k->n; j++) {
        safe[k->id[j]] = (j == 0 || k->z[j] - k->z[j - 1] >= least) &&
                         (j + 1 == k->n || k->z[j + 1] - k->z[j] >= least);
    }
}

struct mem_ramp att_mem_ramp(const struct mem_knots *k, size_t j)
{
    const double gap = k->z[j + 1] - k->z[j];
    int exponent = 0;

    double t = k->z[j] + gap / 2.0;

    if (t <= k->z[j])
        t = k->z[j + 1]; /* neighbours in f64 have no number between them */
    (void)frexp(gap / 8.0, &exponent);
    return (struct mem_ramp){t, ldexp(1.0, exponent - 1)};
}

/* ---- rounding --------------------------------------------------------------- */

static double largest_rise(const struct mem_knots *k)
{
    double most = 0.0;

    for (size_t i = 0; i < k->n * k->d_out; i++)
        most = fmax(most, fabs(k->y[i]));
    return 2.0 * most;
}

static double noise_of(const struct mem_network *net,
                       const struct mem_rounding *r)
{
    const struct mem_knots *k = net->k;
    const double rise = largest_rise(k), size = 2.0 * r->max_z, u = r->u;
    double sum = 0.0;

    for (size_t j = 0; j + 1 < k->n; j++) {
        const double gap = k->z[j + 1] - k->z[j];

        if (net->kind == MEM_INTERP) {
            sum += 16.0 * u * (size / gap + 1.0) * rise;
        } else if (net->per_step == 2) {
            sum += 8.0 * u * (size / att_mem_ramp(k, j).w + 1.0) * rise;
        }
    }
    if (net->kind == MEM_INTERP && k->n > 1)
        sum += rise / 16.0; /* noise is at most 1/16 of a claimed gap */
    return sum + 4.0 * ((double)k->n + 1.0) * u * (rise + 1.0);
}

struct mem_network att_mem_network_plan(const struct mem_knots *k,
                                        enum mem_ffn_kind kind,
                                        const struct mem_rounding *r)
{
    struct mem_network net = {k, kind, kind == MEM_PLATEAU ? 2 : 1, 0.0};

    net.noise = noise_of(&net, r);
    if (kind == MEM_PLATEAU && net.noise >= r->most) {
        net.per_step = 1;
        net.noise = noise_of(&net, r);
    }
    return net;
}

/* ---- units --------------------------------------------------------------------- */

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

att_status att_mem_network_write(const struct mem_network *net, const double *v,
                                 size_t d, bool residual,
                                 struct att_layer *layer, struct att_error *err)
{
    const struct mem_knots *k = net->k;
    struct units u;

    ATT_TRY(units_init(&u, net->per_step * (k->n - 1), k->d_out,
                       layer->tensors.arena, err));
    if (net->kind == MEM_INTERP) {
        fill_interp(k, &u);
    } else {
        fill_plateau(k, net->per_step, &u);
    }
    att_bundle_f64(&layer->tensors, "_W1_left", u.scale, u.n, 1);
    att_bundle_f64(&layer->tensors, "W1_right", v, 1, d);
    att_bundle_vector(&layer->tensors, "b1", u.bias, u.n);
    att_bundle_f64(&layer->tensors, "W2", u.weight, k->d_out, u.n);
    att_bundle_vector(&layer->tensors, "b2", k->y, k->d_out);
    att_layer_number(layer, "residual", residual ? 1.0 : 0.0);
    att_layer_text(layer, "activation",
                   net->kind == MEM_PLATEAU && net->per_step == 1 ? "clamp"
                                                                  : "relu");
    return ATT_OK;
}
