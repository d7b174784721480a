/* matching_export.c - the units as plain tensors. */
#include "matching_columns_priv.h"

/* Tokens after the input map: (cos h_r theta, sin h_r theta)_r, 1. */
static void put_inputs(const struct match_unit *u, double *x)
{
    const size_t width = 2 * u->R + 1;

    for (size_t i = 0; i < u->in.n; i++) {
        for (size_t r = 0; r < u->R; r++) {
            const uint64_t h = u->h == NULL ? 1 : u->h[r];
            const double t = att_match_angle(u, h * u->in.x[i]);

            x[i * width + 2 * r] = cos(t);
            x[i * width + 2 * r + 1] = sin(t);
        }
        x[i * width + 2 * u->R] = 1.0;
    }
}

static void put_pairs(struct att_layer *l, const struct match_unit *u)
{
    const size_t R = u->R;
    const size_t w = 2 * R + 1;
    const double none = 0.0;
    double *q = att_match_put(l, "Q", w, w);
    double *k = att_match_put(l, "K", w, w);
    double *v = att_match_put(l, "V", 1, w);
    double *blank = att_match_put(l, "blank_key", 1, w);

    if (q == NULL || k == NULL || v == NULL || blank == NULL)
        return;
    for (size_t m = 0; m < 2 * R; m++) {
        q[m * w + m] = u->c / (double)R;
        k[m * w + m] = m % 2 == 0 ? 1.0 : -1.0;
    }
    q[w * w - 1] = u->c;
    v[w - 1] = 1.0;
    blank[w - 1] = 1.0 - 0.5 * u->gap;
    l->tensors.tensor[l->tensors.n - 1].rank = 1;
    l->tensors.tensor[l->tensors.n - 1].shape[0] = w;
    att_bundle_vector(&l->tensors, "blank_value", &none, 1);
    if (u->others)
        att_layer_text(l, "mask", "others");
}

static void put_triples(struct att_layer *l, const struct match_unit *u)
{
    static const int AT[3][4] = {{0, 0, 1, 1}, {0, 1, 0, 1}, {0, 1, 1, 0}};
    const double key1[5] = {0, 0, 0, 0, 1.0 - 0.5 * u->gap};
    const double key2[5] = {0, 0, 0, 0, 1.0};
    const double none = 0.0;
    double *q = att_match_put(l, "Q", 5, 3);
    double *k1 = att_match_put(l, "K1", 5, 3);
    double *k2 = att_match_put(l, "K2", 5, 3);
    double *v1 = att_match_put(l, "V1", 1, 3);
    double *v2 = att_match_put(l, "V2", 1, 3);

    if (q == NULL || k1 == NULL || k2 == NULL || v1 == NULL || v2 == NULL)
        return;
    for (int m = 0; m < 4; m++) {
        q[m * 3 + AT[0][m]] = m == 0 ? u->c : -u->c;
        k1[m * 3 + AT[1][m]] = 1.0;
        k2[m * 3 + AT[2][m]] = 1.0;
    }
    q[4 * 3 + 2] = u->c;
    v1[2] = v2[2] = 1.0;
    att_bundle_vector(&l->tensors, "blank_key1", key1, 5);
    att_bundle_vector(&l->tensors, "blank_key2", key2, 5);
    att_bundle_vector(&l->tensors, "blank_value1", &none, 1);
    att_bundle_vector(&l->tensors, "blank_value2", &none, 1);
}

/* There is no layer of order r > 3: what is handed over is the outputs, with
 * what a verifier needs to compute them in its own way. */
static att_status put_outputs(struct att_workspace *ws,
                              const struct match_unit *u,
                              struct att_artifact *out, struct att_error *err)
{
    const double unit[2] = {u->order, (double)u->in.M};
    double *y = ATT_NEW(ws->arena, double, u->in.n);

    if (y == NULL)
        return att_arena_fail(ws->arena, "the outputs", err);
    ATT_TRY(att_match_run(u, MATCH_HIST, y, ws->arena, err));
    att_bundle_vector(&out->witness, "outputs", y, u->in.n);
    att_bundle_vector(&out->witness, "unit", unit, 2);
    return att_match_done(ws->arena, "the outputs", err);
}

static att_status put_network(struct att_workspace *ws,
                              const struct match_unit *u,
                              struct att_artifact *out, struct att_error *err)
{
    const uint64_t in_shape[2] = {u->in.n, 2 * u->R + 1};
    const uint64_t out_shape[2] = {u->in.n, 1};
    struct att_layer *l =
        att_model_add(&out->model, u->order == 3 ? ATT_LAYER_THIRD_ORDER
                                                 : ATT_LAYER_ATTENTION);
    double *x = att_bundle_add(&out->instance, "inputs", ATT_F64, 2, in_shape);
    double *y =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);

    if (l == NULL || x == NULL || y == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    put_inputs(u, x);
    if (u->order == 3) {
        put_triples(l, u);
    } else {
        put_pairs(l, u);
    }
    ATT_TRY(att_match_run(u, u->order == 3 ? MATCH_SPARSE : MATCH_HIST, y,
                          ws->arena, err));
    /* Logits of size c are off by some 16 R units in the last place. */
    out->atol =
        expm1(fmin(32.0 * (double)u->R * u->c * 0x1p-53, 700.0)) + 1e-12;
    out->tolerance_reason = "roundings of a logit of size c, through a softmax";
    return att_match_done(ws->arena, "the exported network", err);
}

att_status att_match_export(struct att_workspace *ws, const struct att_case *c,
                            struct att_artifact *out, struct att_error *err)
{
    const struct match_built *b = c->built;
    const struct match_unit *u = &b->unit;

    if (u->order > 3)
        return put_outputs(ws, u, out, err);
    return put_network(ws, u, out, err);
}

/* ---- check ------------------------------------------------------------------------- */

/* The unit of a witness from its tokens; false when they do not fit. */
static bool read_unit(const struct att_artifact *a, struct att_arena *arena,
                      struct match_unit *out)
{
    const struct att_tensor *tokens = att_bundle_find(&a->instance, "tokens");
    const struct att_tensor *unit = att_bundle_find(&a->witness, "unit");
    const struct att_tensor *y = att_bundle_find(&a->witness, "outputs");
    const uint64_t n = tokens == NULL ? 0 : att_tensor_count(tokens);
    uint64_t *x = ATT_NEW(arena, uint64_t, n);

    if (x == NULL || n == 0 || unit == NULL || att_tensor_count(unit) != 2 ||
        y == NULL || att_tensor_count(y) != n)
        return false;
    const double order = att_tensor_get(unit, 0);
    const double M = att_tensor_get(unit, 1);

    if (!(order >= 4.0 && order <= 8.0 && M >= 1.0 && M <= 16384.0))
        return false;
    for (uint64_t i = 0; i < n; i++)
        x[i] = (uint64_t)fmod(fabs(att_tensor_get(tokens, i)), M);
    *out =
        att_match_unit((struct att_match_input){x, n, (uint64_t)M}, (int)order);
    return true;
}

/* The outputs of the histogram again, by the Fourier series. */
static att_status check_outputs(const struct att_artifact *a,
                                struct att_arena *scratch,
                                struct att_check_report *report,
                                struct att_error *err)
{
    struct match_unit u;

    if (!read_unit(a, scratch, &u))
        return att_fail(err, ATT_E_ARG, "the outputs do not fit the tokens");
    const struct att_tensor *y = att_bundle_find(&a->witness, "outputs");
    double *again = ATT_NEW(scratch, double, u.in.n);

    if (again == NULL)
        return att_arena_fail(scratch, "the outputs", err);
    ATT_TRY(att_match_run(&u, MATCH_BESSEL, again, scratch, err));
    *report = (struct att_check_report){.n_compared = u.in.n};
    for (size_t i = 0; i < u.in.n; i++) {
        report->max_abs_error =
            fmax(report->max_abs_error, fabs(att_tensor_get(y, i) - again[i]));
    }
    report->agrees =
        report->max_abs_error <=
        att_match_series_error(u.c, (double)u.in.n, u.order) + 1e-11;
    return ATT_OK;
}

att_status att_match_check(const struct att_artifact *a,
                           struct att_arena *scratch,
                           struct att_check_report *report,
                           struct att_error *err)
{
    return a->model.n > 0 ? att_artifact_check(a, scratch, report, err)
                          : check_outputs(a, scratch, report, err);
}
