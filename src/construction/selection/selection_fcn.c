/* selection_fcn.c - fully connected nets, which cannot select cheaply.
 *
 * trained   step 1: He's weights; step 2: Adam with warm-up and cosine on
 *           fresh samples; step 3: the certificate of the first layer, which
 *           no later layer can undercut
 * explicit  one hidden layer of 2 L d gates
 * mean, random   the best net on a first layer of given rows: its error is the
 *           certificate itself
 *
 * Differs: sizes, optimiser and schedule are reconstructions; the bound is an
 * own derivation (docs/theory/selection.md). */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "selection_fcn_priv.h"

/* ---- point ----------------------------------------------------------------------- */

static struct att_selection law_of(const struct att_value *p)
{
    return (struct att_selection){.L = (size_t)p[ATT_SEL_L].i,
                                  .d = (size_t)p[ATT_SEL_D].i,
                                  .q = (size_t)p[ATT_SEL_Q].i};
}

static struct fcn_shape trained_shape(const struct att_value *p)
{
    const struct att_selection s = law_of(p);
    const size_t m = (size_t)p[FCN_WIDTH].i;
    const size_t hidden = (size_t)p[FCN_HIDDEN].i;
    struct fcn_shape shape = {.n_maps = (size_t)p[FCN_DEPTH].i + 1,
                              .width = {s.L * s.d + s.L, m}};

    for (size_t k = 2; k < shape.n_maps; k++)
        shape.width[k] = m > hidden ? m : hidden;
    shape.width[shape.n_maps] = s.d;
    return shape;
}

static struct fcn_shape shape_of(const struct att_value *p)
{
    const struct att_selection s = law_of(p);

    switch (att_fcn_kind(p)) {
    case FCN_EXPLICIT:
        return att_fcn_explicit_shape(&s);
    case FCN_MEAN:
    case FCN_RANDOM:
        return att_fcn_rows_shape(&s, (size_t)p[FCN_WIDTH].i);
    case FCN_TRAINED:
    case FCN_KINDS:
        break;
    }
    return trained_shape(p);
}

static att_status refuse(const struct att_value *p, const char *what,
                         struct att_error *err)
{
    return att_fail(err, ATT_E_INFEASIBLE,
                    "net = %s %s (got width = %" PRId64 ", depth = %" PRId64
                    ", L d = %" PRId64 ")",
                    p[FCN_NET].s, what, p[FCN_WIDTH].i, p[FCN_DEPTH].i,
                    p[ATT_SEL_L].i * p[ATT_SEL_D].i);
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const int64_t n = p[ATT_SEL_L].i * p[ATT_SEL_D].i;

    ATT_TRY(att_selection_admit(p, err));
    switch (att_fcn_kind(p)) {
    case FCN_EXPLICIT:
        return p[FCN_WIDTH].i == 2 * n && p[FCN_DEPTH].i == 1
                   ? ATT_OK
                   : refuse(p, "has width 2 L d and depth 1", err);
    case FCN_MEAN:
    case FCN_RANDOM:
        return p[FCN_WIDTH].i <= n && p[FCN_DEPTH].i == 2
                   ? ATT_OK
                   : refuse(p, "has width <= L d and depth 2", err);
    case FCN_TRAINED:
    case FCN_KINDS:
        break;
    }
    return ATT_OK;
}

/* ---- cost ------------------------------------------------------------------------- */

/* count of doubles, whatever the sizes are */
static double parameters(const struct fcn_shape *shape)
{
    double n = 0.0;

    for (size_t k = 0; k < shape->n_maps; k++)
        n += ((double)shape->width[k] + 1.0) * (double)shape->width[k + 1];
    return n;
}

static double units(const struct fcn_shape *shape)
{
    double n = 0.0;

    for (size_t k = 0; k <= shape->n_maps; k++)
        n += (double)shape->width[k];
    return n;
}

static double number_bytes(const struct att_value *p)
{
    return att_text_same(p[FCN_DTYPE].s, "f32") ? 4.0 : 8.0;
}

static double training_flops(const struct att_value *p)
{
    const struct fcn_shape shape = shape_of(p);

    return att_fcn_kind(p) == FCN_TRAINED
               ? 6.0 * parameters(&shape) * (double)p[FCN_BATCH].i *
                     (double)p[FCN_STEPS].i
               : 0.0;
}

static struct att_cost cost(const struct att_value *p)
{
    const struct fcn_shape shape = shape_of(p);
    const double bytes = number_bytes(p);
    const double n = (double)p[ATT_SEL_L].i * (double)p[ATT_SEL_D].i;
    const double m = (double)shape.width[1];
    const double rank = fmin(m, n);
    const double weights = parameters(&shape);
    const double batch = (double)p[FCN_BATCH].i;
    /* About the lines of a logarithmic grid. */
    const double lines = 4.0 + 3.0 * log10((double)p[FCN_STEPS].i);
    const double looks = att_fcn_kind(p) == FCN_TRAINED ? lines : 1.0;
    /* A normal costs about as much as 40 flops, a gemv flop as much as 4 of a
     * product. */
    const double sample = 2.0 * weights + 40.0 * n;
    const double flops =
        training_flops(p) +
        (double)p[FCN_STEPS].i * (20.0 * weights + 40.0 * n * batch) +
        looks *
            ((double)p[ATT_SEL_SAMPLES].i * sample + 32.0 * n * rank * rank);
    const double certificate = 8.0 * (m * n + rank * n + rank * rank + 2.0 * n);

    return (struct att_cost){
        .flops = flops,
        .bytes = bytes * (4.0 * weights + 2.0 * batch * units(&shape)) +
                 certificate + 16.0 * n + 12.0 * (double)p[ATT_SEL_L].i +
                 16384.0};
}

/* ---- build ---------------------------------------------------------------------------- */

struct fcn_built {
    struct fcn_net net;
    struct fcn_trained trained;
    struct sel_observed_steps steps;
};

static const struct fcn_kernels *kernels_of(const struct att_value *p)
{
    return att_text_same(p[FCN_DTYPE].s, "f32") ? &att_fcn_f32 : &att_fcn_f64;
}

static att_status train(struct att_workspace *ws, const struct att_case *c,
                        struct fcn_built *b, struct att_error *err)
{
    const struct fcn_training plan = {
        .law = c->instance,
        .observe = b->steps,
        .steps = c->p[FCN_STEPS].i,
        .warm_up = c->p[FCN_WARM_UP].i,
        .batch = (size_t)c->p[FCN_BATCH].i,
        .eta = c->p[FCN_ETA].r,
        .gain = c->p[FCN_GAIN].r,
        .checkpoint_every =
            att_fcn_checkpoint_every(&b->net.shape, (size_t)c->p[FCN_BATCH].i)};

    return att_fcn_train(ws, &plan, &b->net, &b->trained, err);
}

/* Nets whose weights are written down. */
static att_status write_down(struct att_workspace *ws, const struct att_case *c,
                             struct fcn_built *b, struct att_error *err)
{
    const struct att_selection *s = c->instance;
    const enum fcn_kind kind = att_fcn_kind(c->p);

    b->net.param = att_arena_zero(ws->arena, att_fcn_count(&b->net.shape),
                                  b->net.kernels->bytes);
    if (b->net.param == NULL)
        return att_arena_fail(ws->arena, "the weights of a net", err);
    if (kind != FCN_EXPLICIT)
        return att_fcn_rows_put(&b->net, s, kind == FCN_MEAN, ws, err);
    att_fcn_explicit_put(&b->net, s, c->p[FCN_GATE].r);
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct fcn_built *b = ATT_NEW0(ws->arena, struct fcn_built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "a net", err);
    b->net.shape = shape_of(c->p);
    b->net.kernels = kernels_of(c->p);
    *built = b;
    if (att_fcn_kind(c->p) != FCN_TRAINED)
        return write_down(ws, c, b, err);
    ATT_TRY(att_sel_observed_steps(c, c->p[FCN_STEPS].i, ws->arena, &b->steps,
                                   err));
    return train(ws, c, b, err);
}

/* ---- evaluate --------------------------------------------------------------------------- */

static att_status put_certificate(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_outcome *out,
                                  struct att_error *err)
{
    const struct fcn_built *b = c->built;
    const struct att_selection *s = c->instance;
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    const size_t n = s->L * s->d;
    const struct att_mat a = att_fcn_first_layer(&b->net, n, ws->arena);
    struct fcn_certificate cert;

    if (a.data == NULL)
        return att_arena_fail(ws->arena, "a first layer", err);
    ATT_TRY(att_fcn_certify(s, a, &cert, ws->arena, err));
    att_arena_rewind(ws->arena, mark);
    att_out_real(out, FM_CERT, cert.rel_err);
    att_out_int(out, FM_RANK, (int64_t)cert.rank);
    att_out_real(out, FM_MEAN_LEFT, cert.mean_left / (double)n);
    att_out_real(out, FM_DEFECT, cert.defect);
    return ATT_OK;
}

static void put_explicit(const struct att_case *c, const struct fcn_measure *m,
                         struct att_outcome *out)
{
    const struct att_selection *s = c->instance;
    const double M = c->p[FCN_GATE].r;

    att_out_real(out, FM_EXPLICIT, att_fcn_explicit_error(s, M));
    att_out_real(out, FM_EXPLICIT_SE,
                 att_fcn_explicit_sd(s, M) / sqrt((double)s->samples));
    att_out_int(out, FM_N_EXCEED, (int64_t)m->n_exceed);
}

static void put_laws(const struct att_value *p, struct att_outcome *out)
{
    const struct att_selection s = law_of(p);
    const double m = (double)p[FCN_WIDTH].i;
    const double sd = p[ATT_SEL_NOISE_SD].r;

    att_out_real(out, FM_BOUND, att_fcn_bound(&s, m));
    att_out_real(out, FM_RATIO, m / (double)(s.L * s.d));
    att_out_real(out, FM_RATIO_LAW, fmax(1.0, 3.0 - (double)p[FCN_DEPTH].i));
    att_out_real(out, FM_NOISE_LAW, (double)s.d * sd * sd / 2.0);
    att_out_real(out, FM_FLOPS, training_flops(p));
}

static void put_lines(const struct fcn_built *b, struct att_outcome *out)
{
    for (size_t i = 0; i < b->steps.n; i++)
        att_out_observe(out, b->trained.line + i * FCN_COLUMNS);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct fcn_built *b = c->built;
    const struct att_selection *s = c->instance;
    const enum fcn_kind kind = att_fcn_kind(c->p);
    const double gate = kind == FCN_EXPLICIT ? c->p[FCN_GATE].r : 0.0;
    struct fcn_batch batch = {.law = s, .capacity = (size_t)c->p[FCN_BATCH].i};
    struct fcn_measure m;

    ATT_TRY(att_fcn_batch_init(&batch, &b->net, false, ws->arena, err));
    att_fcn_measure(&b->net, &batch, gate, &m);
    att_out_real(out, FM_REL_ERR, m.rel_err);
    att_out_real(out, FM_REL_ERR_SE, m.rel_err_se);
    att_out_real(out, FM_LOSS, m.rel_err * (double)s->d / (double)s->q / 2.0);
    att_out_int(out, FM_PARAMS_USED, (int64_t)att_fcn_count(&b->net.shape));
    if (s->noise_sd > 0.0) {
        att_out_real(out, FM_NOISE_GAP, m.noise_gap);
        att_out_real(out, FM_NOISE_GAP_SE, m.noise_gap_se);
    }
    if (kind == FCN_EXPLICIT)
        put_explicit(c, &m, out);
    if (kind == FCN_TRAINED) {
        att_out_real(out, FM_REL_ERR_BATCH, b->trained.rel_err_batch);
        att_out_int(out, FM_RESUMED, b->trained.resumed_at);
    }
    put_laws(c->p, out);
    put_lines(b, out);
    return put_certificate(ws, c, out, err);
}

/* ---- export -------------------------------------------------------------------------------- */

enum { EXPORTED = 16 };

/* W_k and b_k of the net under the names of a feed-forward layer. */
static void put_map(const struct fcn_net *net, size_t k, struct att_layer *l,
                    const char *w_name, const char *b_name)
{
    const uint64_t shape[2] = {net->shape.width[k + 1], net->shape.width[k]};
    double *w = att_bundle_add(&l->tensors, w_name, ATT_F64, 2, shape);
    double *b = att_bundle_add(&l->tensors, b_name, ATT_F64, 1, shape);

    if (w == NULL || b == NULL)
        return;
    for (size_t i = 0; i < shape[0] * shape[1]; i++) {
        w[i] = net->kernels->get(net->param,
                                 att_fcn_weight_at(&net->shape, k) + i);
    }
    for (size_t i = 0; i < shape[0]; i++) {
        b[i] =
            net->kernels->get(net->param, att_fcn_bias_at(&net->shape, k) + i);
    }
}

/* Maps 0 and 1 with what is between them, then every map after its rectifier. */
static void put_layers(const struct fcn_net *net, struct att_model *model)
{
    for (size_t k = 0; k + 1 < net->shape.n_maps; k++) {
        struct att_layer *l = att_model_add(model, ATT_LAYER_FEED_FORWARD);
        const bool linear = k == 0 && net->shape.linear_first;

        if (l == NULL)
            return;
        att_layer_text(l, "activation", linear ? "none" : "relu");
        if (k == 0)
            put_map(net, 0, l, "W1", "b1");
        put_map(net, k + 1, l, "W2", "b2");
    }
}

static att_status put_samples(struct att_workspace *ws,
                              const struct att_case *c,
                              struct att_artifact *out, struct att_error *err)
{
    const struct fcn_built *b = c->built;
    const struct att_selection *s = c->instance;
    const size_t n = s->samples < EXPORTED ? s->samples : EXPORTED;
    const uint64_t in_shape[2] = {n, b->net.shape.width[0]};
    const uint64_t out_shape[2] = {n, s->d};
    struct fcn_batch batch = {.law = s, .capacity = n};

    ATT_TRY(att_fcn_batch_init(&batch, &b->net, false, ws->arena, err));
    b->net.kernels->fill(&batch, ATT_SELECTION_FRESH, 0, false);
    b->net.kernels->forward(&b->net, &batch);
    double *x = att_bundle_add(&out->instance, "inputs", ATT_F64, 2, in_shape);
    double *f =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);

    if (x == NULL || f == NULL)
        return att_arena_fail(out->instance.arena, "the exported samples", err);
    for (size_t i = 0; i < in_shape[0] * in_shape[1]; i++)
        x[i] = b->net.kernels->get(batch.h[0], i);
    for (size_t i = 0; i < n * s->d; i++)
        f[i] = b->net.kernels->get(batch.h[b->net.shape.n_maps], i);
    return ATT_OK;
}

/* The token of sample b is [vec x, 1_y]. */
static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct fcn_built *b = c->built;
    const double gate = att_fcn_kind(c->p) == FCN_TRAINED ? 1.0 : 64.0;

    out->arithmetic = b->net.kernels->name;
    out->atol = out->rtol =
        4.0 * gate * units(&b->net.shape) * b->net.kernels->u;
    out->tolerance_reason = "sums over all units, added in another order";
    put_layers(&b->net, &out->model);
    return put_samples(ws, c, out, err);
}

const struct att_construction att_construction_selection_fcn = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "selection_fcn",
    .family = "selection",
    .source = "Wang, Wei, Hsu, Lee 2024, arXiv 2406.06893 (bound derived here)",
    .summary = "fully connected nets on sparse token selection, each with the "
               "least error that its first layer allows",
    .version = 1,
    .problem = &att_problem_token_selection,
    .bibtex = SEL_BIBTEX,
    .params = att_fcn_params,
    .n_params = FCN_PARAMS - ATT_SEL_PARAMS,
    .metrics = att_fcn_metrics,
    .n_metrics = FCN_METRICS,
    .observations = att_fcn_observations,
    .n_observations = FCN_COLUMNS,
    .claims = att_fcn_claims,
    .n_claims = FCN_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
