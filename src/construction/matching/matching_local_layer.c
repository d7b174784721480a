/* matching_local_layer.c - one averaging unit (averaging C3) whose values are
 * residues in slots of their own, read back by rounding. */
#include <string.h>

#include "attest/linalg/vector.h"
#include "matching_local_priv.h"

/* ---- attention of a query ------------------------------------------------------------ */

att_status att_match_query_init(const struct match_layer *layer,
                                struct att_arena *arena,
                                struct match_query *out, struct att_error *err)
{
    *out = (struct match_query){.layer = layer,
                                .keys = layer->keys,
                                .p = ATT_NEW(arena, double, layer->n)};
    if (out->p == NULL)
        return att_arena_fail(arena, "the attention of a query", err);
    return att_avg_query_init(&out->avg, &out->keys, layer->q, layer->dual,
                              arena, err);
}

/* Errors of the row p from 1/q on y, and the scores that made it. */
static void measure(struct match_query *x)
{
    const struct match_layer *l = x->layer;
    const double share = 1.0 / (double)l->q;
    size_t k = 0;

    x->off_max = -(double)INFINITY;
    x->on_dev = x->err = 0.0;
    for (size_t j = 0; j < l->n; j++) {
        const bool on = k < l->q && x->avg.y[k] == j;

        if (on) {
            x->on_dev = fmax(x->on_dev, fabs(x->avg.s[j] - 1.0));
            k++;
        } else {
            x->off_max = fmax(x->off_max, x->avg.s[j]);
        }
        x->err += fabs(x->p[j] - (on ? share : 0.0));
    }
}

att_status att_match_attend(struct match_query *x, size_t i,
                            struct att_error *err)
{
    const struct match_layer *l = x->layer;
    struct avg_query *z = &x->avg;

    z->y = l->y + i * l->q;
    memcpy(z->at, z->y, l->q * sizeof *z->at);
    for (size_t k = 0; k < l->q; k++)
        att_avg_row(z->keys, z->y[k], 0, att_mat_row(z->rows, k));
    ATT_TRY(att_avg_dual_solve(z, l->dual, &x->solved, err));
    if (!x->solved) { /* w = 0 looks at every token alike */
        memset(z->s, 0, l->n * sizeof *z->s);
        memset(z->coef, 0, l->n * sizeof *z->coef);
    }
    for (size_t j = 0; j < l->n; j++)
        x->p[j] = l->alpha * (z->s[j] - 1.0);
    att_vexp(l->n, x->p, x->p);
    const double sum = att_sum(l->n, x->p);

    for (size_t j = 0; j < l->n; j++)
        x->p[j] /= sum;
    measure(x);
    return ATT_OK;
}

/* ---- reading the slots ------------------------------------------------------------------- */

size_t att_match_window_first(const struct match_local *x, size_t i)
{
    return x->layer.y[i * x->layer.q];
}

/* value[s] = q M times the average of x_j / M over the j with j mod q = s. */
static void average(const struct match_query *x, const uint64_t *tokens,
                    double *value)
{
    const size_t q = x->layer->q;

    memset(value, 0, q * sizeof *value);
    for (size_t j = 0, s = 0; j < x->layer->n; j++, s = s + 1 < q ? s + 1 : 0)
        value[s] += x->p[j] * (double)tokens[j];
    for (size_t s = 0; s < q; s++)
        value[s] *= (double)q;
}

static void read_window(struct match_decoding *x, const struct match_query *z,
                        size_t sample, size_t i, double *value)
{
    const struct att_matching *in = x->in;
    const size_t q = z->layer->q;
    const uint64_t *tokens = in->x + sample * in->L;
    uint64_t *out = x->residue + (sample * in->L + i) * q;

    average(z, tokens, value);
    for (size_t k = 0; k < q; k++) {
        const size_t j = z->avg.y[k];
        const double r = rint(value[j % q]);

        x->slot_dev = fmax(x->slot_dev, fabs(value[j % q] - (double)tokens[j]));
        x->recovered = x->recovered && r == (double)tokens[j];
        if (x->close != NULL && fabs(value[j % q] - r) > 0.5 - 1e-6)
            x->close[i] = true;
        out[j % q] = (uint64_t)fmod(r, (double)in->M);
    }
}

att_status att_match_decode(struct match_decoding *x, struct att_arena *arena,
                            struct att_error *err)
{
    const struct att_matching *in = x->in;
    const struct match_layer *l = &x->local->layer;
    struct match_query z;
    double *value = ATT_NEW(arena, double, l->q);

    x->residue = ATT_NEW0(arena, uint64_t, in->samples * in->L * l->q);
    if (value == NULL || x->residue == NULL)
        return att_arena_fail(arena, "the residues of the windows", err);
    x->off_max = -(double)INFINITY;
    x->on_dev = x->err = x->slot_dev = 0.0;
    x->recovered = true;
    ATT_TRY(att_match_query_init(l, arena, &z, err));
    for (size_t i = x->from; i < x->to; i++) {
        ATT_TRY(att_match_attend(&z, i, err));
        x->off_max = fmax(x->off_max, z.off_max);
        x->on_dev = fmax(x->on_dev, z.on_dev);
        x->err = fmax(x->err, z.err);
        for (size_t k = 0; k < in->samples; k++)
            read_window(x, &z, k, i, value);
    }
    return ATT_OK;
}

/* ---- answers ------------------------------------------------------------------------------- */

/* Token-wise: the true window of token i, without the positions that an edge
 * row of the unit looks at beyond it. */
static double search_window(const struct match_decoding *x, size_t sample,
                            size_t i, uint64_t *window)
{
    const struct match_local *m = x->local;
    const struct att_matching *in = x->in;
    const size_t q = m->layer.q;
    const size_t first = att_match_window_first(m, i);
    const uint64_t *r = x->residue + (sample * in->L + i) * q;
    size_t n = 0;

    for (size_t j = first; j < first + q; j++) {
        if ((j > i ? j - i : i - j) <= m->K)
            window[n++] = r[j % q];
    }
    return att_match3_is_met(in->x[sample * in->L + i], window, n, in->M) ? 1.0
                                                                          : 0.0;
}

static att_status answer_local(const struct match_decoding *x, size_t sample,
                               double *out, struct att_arena *arena,
                               struct att_error *err)
{
    uint64_t *window = ATT_NEW(arena, uint64_t, x->local->layer.q);

    if (window == NULL)
        return att_arena_fail(arena, "a window", err);
    for (size_t i = x->from; i < x->to; i++)
        out[i] = search_window(x, sample, i, window);
    return ATT_OK;
}

/* The second layer looks at sums of neighbours; the last token has none. */
static att_status answer_bigram(const struct match_decoding *x, size_t sample,
                                double *out, struct att_arena *arena,
                                struct att_error *err)
{
    const struct att_matching *in = x->in;
    struct match_unit u = x->local->unit;
    uint64_t *sum = ATT_NEW(arena, uint64_t, in->L);

    if (sum == NULL)
        return att_arena_fail(arena, "the sums of neighbours", err);
    u.in.x = in->x + sample * in->L;
    for (size_t j = 0; j < in->L; j++)
        sum[j] = (u.in.x[j] + x->residue[sample * in->L + j]) % in->M;
    u.key = sum;
    u.n_keys = in->L - 1;
    return att_match_run(&u, MATCH_HIST, out, arena, err);
}

att_status att_match_local_answer(const struct match_decoding *x, size_t sample,
                                  double *out, struct att_arena *arena,
                                  struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const att_status s = (x->local->bigram ? answer_bigram : answer_local)(
        x, sample, out, arena, err);

    att_arena_rewind(arena, mark);
    return s;
}
