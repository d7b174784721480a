/* matching_local_export.c - the local networks as plain tensors.
 *
 * Tokens of the first layer: x, the q slots that it writes (those outside the
 * true window start so low that they stay negative), 1, the value x/M in slot
 * i mod q, the dual vector w_i, the key u_i. */
#include "matching_local_priv.h"

/* Columns of those tokens. */
struct columns {
    size_t slot, one, value, w, key, n;
};

static struct columns columns_of(const struct match_layer *l)
{
    const size_t q = l->q;

    return (struct columns){.slot = 1,
                            .one = 1 + q,
                            .value = 2 + q,
                            .w = 2 + 2 * q,
                            .key = 2 + 2 * q + l->d,
                            .n = 2 + 2 * q + 2 * l->d};
}

static bool is_outside(const struct match_local *m, size_t i, size_t j)
{
    return !m->bigram && (j > i ? j - i : i - j) > m->K;
}

static void put_token(const struct match_local *m, size_t i, uint64_t residue,
                      double *x)
{
    const struct match_layer *l = &m->layer;
    const struct columns at = columns_of(l);
    const double M = (double)m->unit.in.M;
    const size_t first = att_match_window_first(m, i);

    x[0] = (double)residue;
    x[at.one] = 1.0;
    x[at.value + i % l->q] = (double)residue / M;
    for (size_t j = first; j < first + l->q; j++) {
        if (is_outside(m, i, j))
            x[at.slot + j % l->q] = -2.0 * (double)l->q * M;
    }
    att_avg_key_row(&l->keys, i, 0, x + at.key);
}

static att_status put_inputs(const struct match_local *m,
                             struct att_artifact *out, struct att_error *err)
{
    const struct match_layer *l = &m->layer;
    const struct columns at = columns_of(l);
    const uint64_t shape[2] = {l->n, at.n};
    struct att_arena *arena = out->instance.arena;
    double *x = att_bundle_add(&out->instance, "inputs", ATT_F64, 2, shape);
    double *u = ATT_NEW(arena, double, l->d);
    struct match_query z;

    if (x == NULL || u == NULL)
        return att_arena_fail(arena, "the exported tokens", err);
    ATT_TRY(att_match_query_init(l, arena, &z, err));
    for (size_t i = 0; i < l->n; i++) {
        ATT_TRY(att_match_attend(&z, i, err));
        put_token(m, i, m->unit.in.x[i], x + i * at.n);
        att_avg_query_combine(&z.avg, u, x + i * at.n + at.w);
    }
    return ATT_OK;
}

/* ---- layers ---------------------------------------------------------------------------- */

/* Layer 1: slots += q M times the average of the values. */
static void put_averaging(struct att_model *model, const struct match_local *m)
{
    const struct match_layer *l = &m->layer;
    const struct columns at = columns_of(l);
    struct att_layer *a = att_model_add(model, ATT_LAYER_ATTENTION);

    if (a == NULL)
        return;
    double *q = att_match_put(a, "Q", l->d, at.n);
    double *k = att_match_put(a, "K", l->d, at.n);
    double *v = att_match_put(a, "V", l->q, at.n);
    double *o = att_match_put(a, "O", at.n, l->q);

    if (q == NULL || k == NULL || v == NULL || o == NULL)
        return;
    for (size_t c = 0; c < l->d; c++) {
        q[c * at.n + at.w + c] = l->alpha;
        k[c * at.n + at.key + c] = 1.0;
    }
    for (size_t s = 0; s < l->q; s++) {
        v[s * at.n + at.value + s] = 1.0;
        o[(at.slot + s) * l->q + s] = (double)l->q * (double)m->unit.in.M;
    }
    att_layer_number(a, "residual", 1.0);
}

static struct att_layer *put_function(struct att_model *model,
                                      const char *function)
{
    struct att_layer *f = att_model_add(model, ATT_LAYER_TOKENWISE);

    if (f != NULL)
        att_layer_text(f, "function", function);
    return f;
}

/* Keep columns 0 .. n-1 and round them. */
static void put_rounding(struct att_model *model, size_t n)
{
    struct att_layer *f = put_function(model, "columns");
    const uint64_t shape[1] = {n};
    double *c =
        f == NULL ? NULL : att_bundle_add(&f->tensors, "c", ATT_F64, 1, shape);

    for (size_t k = 0; c != NULL && k < n; k++)
        c[k] = (double)k;
    (void)put_function(model, "round");
}

static void put_modulus(struct att_layer *f, const struct match_local *m)
{
    if (f != NULL)
        att_layer_number(f, "modulus", (double)m->unit.in.M);
}

/* [.., f]: cos and sin of the angle of a column. */
static void put_circle(struct att_model *model, const struct match_local *m,
                       double column)
{
    struct att_layer *f = put_function(model, "circle");
    const double h = 1.0;

    if (f == NULL)
        return;
    att_bundle_vector(&f->tensors, "h", &h, 1);
    put_modulus(f, m);
    att_layer_number(f, "column", column);
    att_layer_number(f, "keep", 1.0);
}

/* [x, next, 1] -> [x, x + next, 1]. */
static void put_sums(struct att_model *model)
{
    struct att_layer *f = att_model_add(model, ATT_LAYER_FEED_FORWARD);
    double *w = f == NULL ? NULL : att_match_put(f, "W1", 3, 3);

    if (w == NULL)
        return;
    w[0] = w[3] = w[4] = w[8] = 1.0;
    att_layer_text(f, "activation", "none");
}

/* Layer 2: the unit of Match2 on [x, sigma, 1, cos x, sin x, cos s, sin s]. */
static void put_match2(struct att_model *model, const struct match_local *m)
{
    enum { ONE = 2, COS_X, SIN_X, COS_S, SIN_S, WIDTH };
    const double key[3] = {0.0, 0.0, 1.0 - 0.5 * m->unit.gap};
    const double none = 0.0;
    struct att_layer *a = att_model_add(model, ATT_LAYER_ATTENTION);

    if (a == NULL)
        return;
    double *q = att_match_put(a, "Q", 3, WIDTH);
    double *k = att_match_put(a, "K", 3, WIDTH);
    double *v = att_match_put(a, "V", 1, WIDTH);

    if (q == NULL || k == NULL || v == NULL)
        return;
    q[COS_X] = q[WIDTH + SIN_X] = q[2 * WIDTH + ONE] = m->unit.c;
    k[COS_S] = 1.0;
    k[WIDTH + SIN_S] = -1.0;
    v[ONE] = 1.0;
    att_bundle_vector(&a->tensors, "blank_key", key, 3);
    att_bundle_vector(&a->tensors, "blank_value", &none, 1);
    att_layer_text(a, "mask", "data");
}

static void put_network(struct att_model *model, const struct match_local *m)
{
    put_averaging(model, m);
    if (!m->bigram) {
        put_rounding(model, 1 + m->layer.q);
        put_modulus(put_function(model, "pair_sum"), m);
        return;
    }
    put_rounding(model, 3);
    put_sums(model);
    put_modulus(put_function(model, "modulo"), m);
    put_circle(model, m, 0.0);
    put_circle(model, m, 1.0);
    put_match2(model, m);
}

/* ---- artifact ------------------------------------------------------------------------------ */

/* Nothing is claimed where a rounding may go either way: of the token itself,
 * or of every token that a second layer lets look at it. */
static void leave_out(const struct match_decoding *read, double *y)
{
    bool any = false;

    for (size_t i = 0; i < read->to; i++) {
        any = any || read->close[i];
        if (read->close[i])
            y[i] = (double)NAN;
    }
    for (size_t i = 0; any && read->local->bigram && i < read->to; i++)
        y[i] = (double)NAN;
}

/* What evaluation says of sample 0. */
static att_status put_expected(struct att_workspace *ws,
                               const struct match_local *m, double *y,
                               struct att_error *err)
{
    const struct att_match_input in = m->unit.in;
    const struct att_matching first = {
        .L = in.n, .samples = 1, .M = in.M, .x = in.x};
    struct match_decoding read = {.local = m,
                                  .in = &first,
                                  .to = in.n,
                                  .close = ATT_NEW0(ws->arena, bool, in.n)};

    if (read.close == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(att_match_decode(&read, ws->arena, err));
    ATT_TRY(att_match_local_answer(&read, 0, y, ws->arena, err));
    leave_out(&read, y);
    return ATT_OK;
}

att_status att_match_local_export(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct match_local *m = c->built;
    const uint64_t shape[2] = {m->layer.n, 1};
    double *y = att_bundle_add(&out->expected, "outputs", ATT_F64, 2, shape);

    if (y == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(put_inputs(m, out, err));
    put_network(&out->model, m);
    ATT_TRY(put_expected(ws, m, y, err));
    out->atol = 1e-12;
    out->tolerance_reason = "answers are 0 or 1";
    if (m->bigram) {
        out->atol += 0.25 * expm1(fmin(att_match_pair_error(
                                           m->unit.c, (double)m->layer.n, 53.0),
                                       700.0));
        out->tolerance_reason =
            "roundings of a logit of size c, through a softmax";
    }
    return att_match_done(ws->arena, "the exported network", err);
}
