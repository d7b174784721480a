/* matching_evaluate.c - answers of a unit against the truth, its path against
 * another, and the bits it needs. */
#include "attest/base/clock.h"
#include "matching_columns_priv.h"

struct work {
    struct att_workspace *ws;
    const struct att_case *c;
    double *out, *ref; /* [L] */
    uint8_t *truth;    /* [L] */
    struct match_tally tally;
    double dev, t_path, t_truth;
};

static att_status find_truth(const struct match_unit *u, uint8_t *truth,
                             struct att_arena *arena, struct att_error *err)
{
    if (u->order == 2)
        return att_match2_truth(&u->in, u->others, truth, arena, err);
    return u->order == 3 ? att_match3_truth(&u->in, truth, arena, err)
                         : att_match_truth(&u->in, u->order, truth, arena, err);
}

/* The unit of sample k, asked for the tokens of the slice. */
static struct match_unit unit_of(const struct work *w, size_t k)
{
    const struct match_built *b = w->c->built;
    const struct att_slice s = w->c->slice;
    struct match_unit u = b->unit;

    u.key = u.in.x += k * u.in.n;
    u.from = u.in.n * s.index / s.count;
    u.to = u.in.n * (s.index + 1) / s.count;
    return u;
}

static att_status compare(struct work *w, const struct match_unit *u,
                          struct att_error *err)
{
    const enum match_path other = att_match_reference(w->c->p);

    if (other == MATCH_PATHS)
        return ATT_OK;
    ATT_TRY(att_match_run(u, other, w->ref, w->ws->arena, err));
    w->dev = fmax(w->dev, 0.0);
    for (size_t i = u->from; i < u->to; i++)
        w->dev = fmax(w->dev, fabs(w->out[i] - w->ref[i]));
    return ATT_OK;
}

static att_status run_sample(struct work *w, size_t k, struct att_error *err)
{
    const struct match_unit u = unit_of(w, k);
    const enum match_path path = att_match_path(w->c->p[MP_PATH].s);
    const double start = att_clock_s();

    ATT_TRY(att_match_run(&u, path, w->out, w->ws->arena, err));
    const double middle = att_clock_s();

    ATT_TRY(find_truth(&u, w->truth, w->ws->arena, err));
    w->t_path += middle - start;
    w->t_truth += att_clock_s() - middle;
    att_match_count(&w->tally, w->out, w->truth, u.from, u.to);
    return compare(w, &u, err);
}

/* Wrong tokens of all samples at a number of bits. */
static att_status wrong_at(struct work *w, int bits, int64_t *wrong,
                           struct att_error *err)
{
    const struct match_built *b = w->c->built;
    const struct att_matching *a = w->c->instance;
    struct att_arithmetic f = b->arithmetic;
    struct match_tally t = att_match_tally();

    f.kind = ATT_ARITHMETIC_ROUNDED;
    f.bits = bits;
    for (size_t k = 0; k < a->samples; k++) {
        struct match_unit u = unit_of(w, k);

        u.arithmetic = &f;
        ATT_TRY(att_match_run(&u, MATCH_NAIVE, w->out, w->ws->arena, err));
        ATT_TRY(find_truth(&u, w->truth, w->ws->arena, err));
        att_match_count(&t, w->out, w->truth, u.from, u.to);
    }
    *wrong = t.wrong;
    return ATT_OK;
}

/* The least number of bits at which no token is wrong, nor at the next few:
 * success is not quite monotone in the bits. */
static att_status probe(struct work *w, struct att_outcome *out,
                        struct att_error *err)
{
    enum { LEAST = 2, MOST = 53, STREAK = 5 };
    int right = 0; /* numbers of bits in a row */
    int bits = LEAST;

    for (; bits <= MOST && right < STREAK; bits++) {
        int64_t wrong = 0;

        ATT_TRY(wrong_at(w, bits, &wrong, err));
        right = wrong == 0 ? right + 1 : 0;
    }
    if (right > 0)
        att_out_int(out, MM_P_BITS, bits - right);
    return ATT_OK;
}

static void report_sizes(const struct att_case *c, struct att_outcome *out)
{
    const struct match_built *b = c->built;
    const struct match_unit *u = &b->unit;
    const struct att_cost cost =
        att_match_cost(att_match_path(c->p[MP_PATH].s), u->order,
                       (double)u->in.n, (double)u->in.M, (double)u->R);
    const double samples = (double)c->p[ATT_MATCH_SAMPLES].i;

    att_out_int(out, MM_D,
                u->h != NULL ? 2 * (int64_t)u->R + 1
                             : (INT64_C(1) << (u->order - 1)) + 1);
    att_out_int(out, MM_DV, 1);
    att_out_int(out, MM_H, 1);
    att_out_int(out, MM_FLOPS, (int64_t)(samples * cost.flops));
    att_out_int(out, MM_BYTES, (int64_t)cost.bytes);
}

static void report(const struct work *w, struct att_outcome *out)
{
    const struct match_built *b = w->c->built;

    report_sizes(w->c, out);
    att_out_real(out, MM_GAP, b->unit.gap);
    att_out_real(out, MM_C, b->unit.c);
    att_out_finite(out, MM_OUT_MIN, w->tally.out_min);
    att_out_finite(out, MM_OUT_MAX, w->tally.out_max);
    att_out_int(out, MM_WRONG, w->tally.wrong);
    att_out_int(out, MM_TOKENS, w->tally.tokens);
    if (w->tally.wrong == 0)
        att_out_int(out, MM_M_MAX, (int64_t)b->unit.in.M);
    att_out_real(out, MM_P_LAW, att_match_bits_law((double)b->unit.in.M));
    att_out_real(out, MM_M_LAW, att_match_modulus_law(b->arithmetic.bits));
    att_out_finite(out, MM_PATH_DEV, w->dev);
    att_out_real(out, MM_T_PATH, w->t_path);
    att_out_real(out, MM_T_TRUTH, w->t_truth);
}

att_status att_match_evaluate(struct att_workspace *ws,
                              const struct att_case *c, struct att_outcome *out,
                              struct att_error *err)
{
    const struct att_matching *a = c->instance;
    struct work w = {.ws = ws,
                     .c = c,
                     .out = ATT_NEW(ws->arena, double, a->L),
                     .ref = ATT_NEW(ws->arena, double, a->L),
                     .truth = ATT_NEW(ws->arena, uint8_t, a->L),
                     .tally = att_match_tally(),
                     .dev = (double)NAN};

    if (w.out == NULL || w.ref == NULL || w.truth == NULL)
        return att_arena_fail(ws->arena, "the outputs", err);
    for (size_t k = 0; k < a->samples; k++) {
        ATT_TRY(run_sample(&w, k, err));
        ws->progress(ws->context, "samples",
                     (double)(k + 1) / (double)a->samples);
    }
    report(&w, out);
    if (att_match_says(c->p, MP_PROBE, "on") && att_match_order(c->p) == 2)
        return probe(&w, out, err);
    return ATT_OK;
}
