/* matching_local_evaluate.c - answers of the local networks against the truth,
 * and what their first layer lost. */
#include "attest/base/clock.h"
#include "matching_local_priv.h"

struct work {
    const struct att_case *c;
    struct match_decoding read;
    double *out;    /* [L] */
    uint8_t *truth; /* [L] */
    struct match_tally tally;
    int64_t matches;
    double t_path, t_truth;
};

static att_status find_truth(const struct work *w, size_t sample,
                             struct att_arena *arena, struct att_error *err)
{
    const struct att_matching *a = w->read.in;
    const struct att_match_input in = {a->x + sample * a->L, a->L, a->M};
    const struct match_local *m = w->read.local;

    return m->bigram ? att_match3_bigram_truth(&in, w->truth, arena, err)
                     : att_match3_local_truth(&in, m->K, w->truth, arena, err);
}

static att_status run_sample(struct work *w, size_t sample,
                             struct att_arena *arena, struct att_error *err)
{
    const double start = att_clock_s();

    ATT_TRY(att_match_local_answer(&w->read, sample, w->out, arena, err));
    const double middle = att_clock_s();

    ATT_TRY(find_truth(w, sample, arena, err));
    w->t_path += middle - start;
    w->t_truth += att_clock_s() - middle;
    att_match_count(&w->tally, w->out, w->truth, w->read.from, w->read.to);
    for (size_t i = w->read.from; i < w->read.to; i++)
        w->matches += w->truth[i];
    return ATT_OK;
}

static void report_network(const struct work *w, struct att_outcome *out)
{
    const struct match_local *m = w->read.local;
    const struct match_layer *l = &m->layer;
    const struct att_cost cost = att_match_local_cost(w->c->p);

    att_out_int(out, LM_Q, (int64_t)l->q);
    att_out_int(out, LM_DV, (int64_t)l->q);
    att_out_int(out, LM_D_MODEL, (int64_t)(2 * l->d + 2 * l->q + 2));
    att_out_int(out, LM_H, 1);
    att_out_int(out, LM_LAYERS, m->bigram ? 2 : 1);
    att_out_real(out, LM_EPS, l->eps);
    att_out_real(out, LM_ALPHA, l->alpha);
    if (m->bigram) {
        att_out_real(out, LM_GAP, m->unit.gap);
        att_out_real(out, LM_C, m->unit.c);
    }
    att_out_real(out, LM_M_LAW, 4.0 * (double)l->q * log((double)l->n));
    att_out_int(out, LM_FLOPS, (int64_t)cost.flops);
    att_out_int(out, LM_BYTES, (int64_t)cost.bytes);
}

static void report(const struct work *w, struct att_outcome *out)
{
    const struct match_decoding *r = &w->read;

    report_network(w, out);
    att_out_finite(out, LM_OFF_MAX, r->off_max);
    att_out_finite(out, LM_ON_DEV, r->on_dev);
    att_out_finite(out, LM_ERR, r->err);
    att_out_finite(out, LM_SLOT_DEV, r->slot_dev);
    att_out_int(out, LM_RECOVERED, r->recovered ? 1 : 0);
    if (r->recovered)
        att_out_int(out, LM_M_MIN, (int64_t)r->local->layer.d);
    att_out_finite(out, LM_OUT_MIN, w->tally.out_min);
    att_out_finite(out, LM_OUT_MAX, w->tally.out_max);
    att_out_int(out, LM_WRONG, w->tally.wrong);
    att_out_int(out, LM_TOKENS, w->tally.tokens);
    att_out_int(out, LM_MATCHES, w->matches);
    att_out_real(out, LM_T_PATH, w->t_path);
    att_out_real(out, LM_T_TRUTH, w->t_truth);
}

att_status att_match_local_evaluate(struct att_workspace *ws,
                                    const struct att_case *c,
                                    struct att_outcome *out,
                                    struct att_error *err)
{
    const struct att_matching *a = c->instance;
    struct work w = {
        .c = c,
        .read = {.local = c->built,
                 .in = a,
                 .from = a->L * c->slice.index / c->slice.count,
                 .to = a->L * (c->slice.index + 1) / c->slice.count},
        .out = ATT_NEW(ws->arena, double, a->L),
        .truth = ATT_NEW(ws->arena, uint8_t, a->L),
        .tally = att_match_tally()};
    const double start = att_clock_s();

    if (w.out == NULL || w.truth == NULL)
        return att_arena_fail(ws->arena, "the outputs", err);
    ATT_TRY(att_match_decode(&w.read, ws->arena, err));
    w.t_path = att_clock_s() - start;
    for (size_t k = 0; k < a->samples; k++)
        ATT_TRY(run_sample(&w, k, ws->arena, err));
    report(&w, out);
    return ATT_OK;
}
