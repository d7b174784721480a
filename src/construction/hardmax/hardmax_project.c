/* hardmax_project.c - tokens in an arithmetic, and their inner products in
 * the one order that builder and evaluators share. */
#include "attest/linalg/vector.h"
#include "hardmax_priv.h"

enum { LANES = 16 }; /* of att_dot for double */

static att_status round_tokens(struct hm_tokens *t, size_t n,
                               struct att_arena *arena, struct att_error *err)
{
    double *x = ATT_NEW(arena, double, n);

    if (x == NULL)
        return att_arena_fail(arena, "the rounded tokens", err);
    for (size_t i = 0; i < n; i++)
        x[i] = att_arithmetic_round(&t->a, t->s->token[i]);
    t->x = x;
    return ATT_OK;
}

static att_status narrow_tokens(struct hm_tokens *t, size_t n,
                                struct att_arena *arena, struct att_error *err)
{
    float *x = ATT_NEW(arena, float, n);

    if (x == NULL)
        return att_arena_fail(arena, "the f32 tokens", err);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)t->s->token[i];
    t->xf = x;
    return ATT_OK;
}

att_status att_hm_tokens_make(const struct att_sequences *s,
                              const struct att_arithmetic *a,
                              struct att_arena *arena, struct hm_tokens *out,
                              struct att_error *err)
{
    const size_t n = s->total * s->d;

    *out = (struct hm_tokens){.a = *a, .s = s};
    if (a->kind == ATT_ARITHMETIC_F64) {
        out->x = s->token;
        return ATT_OK;
    }
    if (a->kind == ATT_ARITHMETIC_F32)
        return narrow_tokens(out, n, arena, err);
    return round_tokens(out, n, arena, err);
}

double att_hm_rounded_dot(const struct att_arithmetic *a, size_t n,
                          const double *x, const double *y)
{
    double lane[LANES] = {0};

    for (size_t k = 0; k < n; k += LANES) {
        const size_t m = n - k < LANES ? n - k : LANES;
        double xy[LANES] = {0};

        for (size_t l = 0; l < m; l++)
            xy[l] = x[k + l] * y[k + l];
        att_arithmetic_round_all(a, LANES, xy);
        for (size_t l = 0; l < LANES; l++)
            lane[l] += xy[l];
        att_arithmetic_round_all(a, LANES, lane);
    }
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
        att_arithmetic_round_all(a, half, lane);
    }
    return lane[0];
}

att_status att_hm_projector_init(const struct hm_tokens *tokens,
                                 struct att_arena *arena,
                                 struct hm_projector *pr, struct att_error *err)
{
    const bool narrow = tokens->a.kind == ATT_ARITHMETIC_F32;
    const size_t d = tokens->s->d;

    *pr = (struct hm_projector){
        .tokens = tokens,
        .w = ATT_NEW(arena, double, d),
        .wf = ATT_NEW(arena, float, narrow ? d : 0),
        .out = ATT_NEW(arena, float, narrow ? tokens->s->longest : 0),
    };
    if (pr->w == NULL || pr->wf == NULL || pr->out == NULL)
        return att_arena_fail(arena, "a projection", err);
    return ATT_OK;
}

void att_hm_projector_aim(struct hm_projector *pr, const double *w)
{
    for (size_t k = 0; k < pr->tokens->s->d; k++) {
        pr->w[k] = att_arithmetic_round(&pr->tokens->a, w[k]);
        if (pr->tokens->a.kind == ATT_ARITHMETIC_F32)
            pr->wf[k] = (float)w[k];
    }
}

void att_hm_project(const struct hm_projector *pr, size_t sequence, double *out)
{
    const struct hm_tokens *t = pr->tokens;
    const size_t d = t->s->d;
    const size_t first = t->s->offset[sequence];
    const size_t n = att_sequence_length(t->s, sequence);

    if (t->a.kind == ATT_ARITHMETIC_F64) {
        att_project(att_mat_view(t->x + first * d, n, d), pr->w, out);
    } else if (t->a.kind == ATT_ARITHMETIC_F32) {
        att_hm_projectf(pr, sequence, pr->out);
        for (size_t i = 0; i < n; i++)
            out[i] = (double)pr->out[i];
    } else {
        for (size_t i = 0; i < n; i++) {
            out[i] =
                att_hm_rounded_dot(&t->a, d, t->x + (first + i) * d, pr->w);
        }
    }
}

void att_hm_projectf(const struct hm_projector *pr, size_t sequence, float *out)
{
    const struct hm_tokens *t = pr->tokens;
    const size_t n = att_sequence_length(t->s, sequence);
    const float *x = t->xf + t->s->offset[sequence] * t->s->d;

    att_projectf(att_matf_view(x, n, t->s->d), pr->wf, out);
}

/* relu(<U, x> + b0), the prep block. */
void att_hm_prep(const struct att_arithmetic *a, double b0, size_t n, double *p)
{
    for (size_t i = 0; i < n; i++) {
        const double x = a->kind == ATT_ARITHMETIC_F64
                             ? p[i] + b0
                             : att_arithmetic_round(a, p[i] + b0);

        p[i] = x > 0.0 ? x : 0.0;
    }
}
