/* averaging_ffn.c - an explicit ReLU net for one output token, C12.
 *
 *   input     z_1 .. z_L, and the q members of y as numbers
 *   hidden 1  3 L q hat units, hat_j(t) = r(t - j + 1) - 2 r(t - j) +
 *             r(t - j - 1) for every member t, and r(z), r(-z)
 *   hidden 2  2 L dv gates r(z_jc + ind_j - 1) and r(-z_jc + ind_j - 1) with
 *             ind_j = sum_t hat_j(t)
 *   output    sum_j (gate+ - gate-) / q
 *
 * hat_j is 1 at j and 0 at every other integer, so ind_j says whether j is a
 * member, and for |z_jc| <= 1 the pair of gates passes z_jc or nothing: no
 * error at all.  Every output token needs the same net again, or the same
 * weights with its own members as input. */
#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "averaging_columns_priv.h"

enum { STREAM_CORNERS = 5 };
enum { TRIES = 3 }; /* the instance's values, and two corners of the cube */

static size_t width_1(const struct att_averaging *a)
{
    return 3 * a->L * a->q + 2 * a->L * a->dv;
}

static size_t width_2(const struct att_averaging *a)
{
    return 2 * a->L * a->dv;
}

static size_t n_inputs(const struct att_averaging *a)
{
    return a->L * a->dv + a->q;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_AVG_L].i;
    const double sets =
        (double)p[ATT_AVG_SAMPLES].i * (double)att_averaging_sets(p);

    return (struct att_cost){
        .flops = TRIES * sets * n *
                 (8.0 * (double)p[ATT_AVG_Q].i + 6.0 * (double)p[ATT_AVG_DV].i),
        .bytes = att_averaging_bytes(p) + 16.0 * n * (double)p[ATT_AVG_DV].i +
                 8192.0};
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_averaging **a =
        ATT_NEW(ws->arena, const struct att_averaging *, 1);

    if (a == NULL)
        return att_arena_fail(ws->arena, "the net", err);
    *a = c->instance;
    *built = a;
    return ATT_OK;
}

/* ---- the net, unit by unit -------------------------------------------------- */

static double relu(double t)
{
    return t > 0.0 ? t : 0.0;
}

static double hat(double t, double j)
{
    return relu(t - j + 1.0) - 2.0 * relu(t - j) + relu(t - j - 1.0);
}

/* Weight of member y for token j. */
static double indicator(const uint32_t *y, size_t q, size_t j)
{
    double sum = 0.0;

    for (size_t k = 0; k < q; k++)
        sum += hat((double)y[k], (double)j);
    return sum;
}

/* out [dv] for the values z [L, dv] and the members y. */
static void run_net(const struct att_averaging *a, const double *z,
                    const uint32_t *y, double *out)
{
    for (size_t c = 0; c < a->dv; c++)
        out[c] = 0.0;
    for (size_t j = 0; j < a->L; j++) {
        const double ind = indicator(y, a->q, j);

        for (size_t c = 0; c < a->dv; c++) {
            const double x = z[j * a->dv + c];

            out[c] +=
                (relu(x + (ind - 1.0)) - relu(-x + (ind - 1.0))) / (double)a->q;
        }
    }
}

/* ---- evaluate --------------------------------------------------------------- */

/* Try 0: the instance's values; others: corners of the cube, whose points have
 * norm sqrt(dv) and are allowed by the construction. */
static const double *values(const struct att_workspace *ws,
                            const struct att_averaging *a, uint32_t try,
                            double *z)
{
    const struct att_stream s = att_builder_stream(ws, STREAM_CORNERS, try, 0);

    if (try == 0)
        return a->z;
    for (size_t i = 0; i < a->L * a->dv; i++)
        z[i] = (att_stream_word(&s, i / 32) >> (i % 32) & 1) != 0 ? 1.0 : -1.0;
    return z;
}

static double set_error(const struct att_averaging *a, const double *z,
                        const uint32_t *y, double *out)
{
    double *target = out + a->dv;
    double square = 0.0;

    run_net(a, z, y, out);
    att_averaging_target(z, a->dv, y, a->q, target);
    for (size_t c = 0; c < a->dv; c++)
        square += (out[c] - target[c]) * (out[c] - target[c]);
    return sqrt(square);
}

static void predict(const struct att_averaging *a, struct att_outcome *out)
{
    const size_t h1 = width_1(a);
    const size_t h2 = width_2(a);

    att_out_int(out, AM_H, 0);
    att_out_int(out, AM_D_MODEL, (int64_t)n_inputs(a));
    att_out_int(out, AM_N_PAIRS, (int64_t)(a->samples * a->n_sets * a->L));
    att_out_int(out, AM_SIZE, (int64_t)h1);
    att_out_real(out, AM_SIZE_LAW, 0.5 * (double)(a->L * a->dv));
    /* W1 and b1, W2 and b2 of the first layer; W2 of the second. */
    att_out_int(out, AM_PARAMS,
                (int64_t)(h1 * (n_inputs(a) + 1) + h2 * (h1 + 1) + a->dv * h2));
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_averaging *a =
        *(const struct att_averaging *const *)c->built;
    double *z = ATT_NEW(ws->arena, double, a->L * a->dv);
    double *pair = ATT_NEW(ws->arena, double, 2 * a->dv);
    double worst = 0.0;

    if (z == NULL || pair == NULL)
        return att_arena_fail(ws->arena, "the values", err);
    for (uint32_t try = 0; try < TRIES; try++) {
        const double *x = values(ws, a, try, z);

        for (size_t i = 0; i < a->samples * a->n_sets; i++) {
            worst = fmax(worst, set_error(a, x, a->y + i * a->q, pair));
        }
    }
    att_out_real(out, AM_ERR_VALUE, worst);
    att_out_int(out, AM_OK, worst <= 1e-12);
    predict(a, out);
    return ATT_OK;
}

/* ---- export ----------------------------------------------------------------- */

/* Weights of the first layer; its inputs are z, then y. */
struct first {
    const struct att_averaging *a;
    double *w1, *b1; /* [h1, n], [h1] */
    double *w2, *b2; /* [h2, h1], [h2] */
};

/* Three units of token j and member k, and what the gates of j make of them. */
static void put_hat(const struct first *f, size_t j, size_t k)
{
    static const double WEIGHT[] = {1.0, -2.0, 1.0};
    const struct att_averaging *a = f->a;
    const size_t h1 = width_1(a);
    const size_t n_pass = width_2(a);

    for (size_t i = 0; i < 3; i++) {
        const size_t unit = 3 * (j * a->q + k) + i;

        f->w1[unit * n_inputs(a) + a->L * a->dv + k] = 1.0;
        f->b1[unit] = 1.0 - (double)j - (double)i;
        for (size_t c = 0; c < a->dv; c++) {
            f->w2[(j * a->dv + c) * h1 + unit] = WEIGHT[i];
            f->w2[(n_pass / 2 + j * a->dv + c) * h1 + unit] = WEIGHT[i];
        }
    }
}

/* The value x = z_jc: r(x) and r(-x), and its two gates. */
static void put_pass(const struct first *f, size_t x)
{
    const struct att_averaging *a = f->a;
    const size_t h1 = width_1(a);
    const size_t n_gates = width_2(a) / 2;
    const size_t unit = 3 * a->L * a->q + 2 * x;

    for (size_t side = 0; side < 2; side++) {
        const double sign = side == 0 ? 1.0 : -1.0;

        f->w1[(unit + side) * n_inputs(a) + x] = sign;
        f->w2[x * h1 + unit + side] = sign;
        f->w2[(n_gates + x) * h1 + unit + side] = -sign;
        f->b2[side * n_gates + x] = -1.0;
    }
}

static att_status put_layers(const struct att_averaging *a,
                             struct att_model *model, struct att_error *err)
{
    const uint64_t w1[2] = {width_1(a), n_inputs(a)};
    const uint64_t w2[2] = {width_2(a), width_1(a)};
    const uint64_t last[2] = {a->dv, width_2(a)};
    struct att_layer *l = att_model_add(model, ATT_LAYER_FEED_FORWARD);

    if (l == NULL)
        return att_arena_fail(model->arena, "the exported net", err);
    const struct first f = {
        .a = a,
        .w1 = att_bundle_add(&l->tensors, "W1", ATT_F64, 2, w1),
        .b1 = att_bundle_add(&l->tensors, "b1", ATT_F64, 1, w1),
        .w2 = att_bundle_add(&l->tensors, "W2", ATT_F64, 2, w2),
        .b2 = att_bundle_add(&l->tensors, "b2", ATT_F64, 1, w2)};

    l = att_model_add(model, ATT_LAYER_FEED_FORWARD);
    double *out =
        l == NULL ? NULL : att_bundle_add(&l->tensors, "W2", ATT_F64, 2, last);

    if (f.w1 == NULL || f.b1 == NULL || f.w2 == NULL || f.b2 == NULL ||
        out == NULL)
        return att_arena_fail(model->arena, "the exported net", err);
    for (size_t j = 0; j < a->L; j++) {
        for (size_t k = 0; k < a->q; k++)
            put_hat(&f, j, k);
    }
    for (size_t x = 0; x < a->L * a->dv; x++) {
        put_pass(&f, x);
        out[x % a->dv * last[1] + x] = 1.0 / (double)a->q;
        out[x % a->dv * last[1] + last[1] / 2 + x] = -1.0 / (double)a->q;
    }
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct att_averaging *a =
        *(const struct att_averaging *const *)c->built;
    const uint64_t in_shape[2] = {a->n_sets, n_inputs(a)};
    const uint64_t out_shape[2] = {a->n_sets, a->dv};
    double *in = att_bundle_add(&out->instance, "inputs", ATT_F64, 2, in_shape);
    double *y =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);

    ATT_TRY(put_layers(a, &out->model, err));
    if (in == NULL || y == NULL)
        return att_arena_fail(ws->arena, "the exported net", err);
    for (size_t i = 0; i < a->n_sets; i++) {
        for (size_t x = 0; x < a->L * a->dv; x++)
            in[i * in_shape[1] + x] = a->z[x];
        for (size_t k = 0; k < a->q; k++)
            in[i * in_shape[1] + a->L * a->dv + k] = a->y[i * a->q + k];
        run_net(a, a->z, a->y + i * a->q, y + i * a->dv);
    }
    /* Integers are exact; a gate rounds once, and L of them are added. */
    out->atol = (double)(a->L + 4) * 0x1p-51;
    out->tolerance_reason = "one rounding per gate, and their sum";
    return ATT_OK;
}

/* ---- claim ------------------------------------------------------------------ */

static void judge_exact(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_at_most(f, att_row_metric(&rows->row[0], AM_ERR_VALUE), 1e-12);
}

static const struct att_claim CLAIMS[] = {
    AVG_ROW_CLAIM("ffn-exact", ATT_PROVED, AVG_HERE, judge_exact,
                  "the explicit ReLU net has error 0 (up to 1e-12)"),
};

const struct att_construction att_construction_averaging_ffn = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "averaging_ffn",
    .family = "averaging",
    .source = SANFORD_SOURCE,
    .summary = "sparse averaging by an explicit ReLU net, exact, width "
               "3 L q + 2 L dv",
    .version = 1,
    .problem = &att_problem_averaging,
    .bibtex = SANFORD_BIBTEX,
    .params = NULL,
    .n_params = 0,
    .metrics = att_avg_metrics,
    .n_metrics = AVG_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = att_averaging_admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
