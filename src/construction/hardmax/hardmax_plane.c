/* hardmax_plane.c - the plane evaluator: project once, then two numbers per
 * token.  The certificate of step 7 runs it in the target arithmetic. */
#include <math.h>

#include "attest/linalg/vector.h"
#include "hardmax_priv.h"

static double wide_abs(double x)
{
    return fabs(x);
}

static float narrow_abs(float x)
{
    return fabsf(x);
}

static double rounded_abs(double x)
{
    return fabs(x);
}

#define REAL           double
#define RND(x)         (x)
#define NAME(x)        wide_##x
#define LARGEST(n, x)  att_max(n, x)
#define COUNT(n, x, v) att_count_equal(n, x, v)
#include "hardmax_plane.inc"

#define REAL           float
#define RND(x)         (x)
#define NAME(x)        narrow_##x
#define LARGEST(n, x)  att_maxf(n, x)
#define COUNT(n, x, v) att_count_equalf(n, x, v)
#include "hardmax_plane.inc"

#define REAL           double
#define RND(x)         att_arithmetic_round(a, x)
#define NAME(x)        rounded_##x
#define LARGEST(n, x)  att_max(n, x)
#define COUNT(n, x, v) att_count_equal(n, x, v)
#include "hardmax_plane.inc"

struct plane {
    const struct hm_net *net;
    struct hm_projector projector;
    double *p, *q; /* [longest] */
    float *pf, *qf;
};

static att_status plane_init(const struct hm_net *net,
                             const struct hm_tokens *tokens,
                             struct att_arena *arena, struct plane *plane,
                             struct att_error *err)
{
    const bool narrow = tokens->a.kind == ATT_ARITHMETIC_F32;
    const size_t n = tokens->s->longest;

    plane->net = net;
    ATT_TRY(att_hm_projector_init(tokens, arena, &plane->projector, err));
    att_hm_projector_aim(&plane->projector, net->U);
    plane->p = ATT_NEW(arena, double, narrow ? 0 : n);
    plane->q = ATT_NEW(arena, double, narrow ? 0 : n);
    plane->pf = ATT_NEW(arena, float, narrow ? n : 0);
    plane->qf = ATT_NEW(arena, float, narrow ? n : 0);
    if (plane->p == NULL || plane->q == NULL || plane->pf == NULL ||
        plane->qf == NULL)
        return att_arena_fail(arena, "the plane evaluator", err);
    return ATT_OK;
}

static double code_narrow(const struct plane *plane, size_t sequence, size_t n)
{
    const float b0 = (float)plane->net->b0;

    att_hm_projectf(&plane->projector, sequence, plane->pf);
    for (size_t i = 0; i < n; i++) {
        const float x = plane->pf[i] + b0;

        plane->pf[i] = x > 0.0F ? x : 0.0F;
    }
    return (double)narrow_code(plane->net, plane->pf, plane->qf, n);
}

static double code_of(const struct plane *plane, size_t sequence)
{
    const struct hm_net *net = plane->net;
    const struct att_sequences *s = plane->projector.tokens->s;
    const size_t n = att_sequence_length(s, sequence);

    if (net->a.kind == ATT_ARITHMETIC_F32)
        return code_narrow(plane, sequence, n);
    att_hm_project(&plane->projector, sequence, plane->p);
    att_hm_prep(&net->a, net->b0, n, plane->p);
    if (net->a.kind == ATT_ARITHMETIC_F64)
        return wide_code(net, plane->p, plane->q, n);
    return rounded_code(net, plane->p, plane->q, n);
}

att_status att_hm_plane_codes(const struct hm_net *net,
                              const struct hm_batch *batch, double *code,
                              struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    struct plane plane;

    ATT_TRY(plane_init(net, batch->tokens, scratch, &plane, err));
    for (size_t i = 0; i < batch->n; i++)
        code[i] = code_of(&plane, att_hm_batch_at(batch, i));
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

void att_hm_peel_block(const struct att_arithmetic *a,
                       const struct hm_peel *peel, double *r, double *q)
{
    double by_u = 0.0, by_v = 0.0;

    for (size_t m = 0; m < peel->n_units; m++) {
        const double above = att_arithmetic_round(a, *q - peel->t[m]);

        if (!(above > 0.0))
            continue; /* the ReLU is 0 and changes no bit */
        by_u = att_arithmetic_round(
            a, by_u + att_arithmetic_round(a, peel->w_p[m] * above));
        by_v = att_arithmetic_round(
            a, by_v + att_arithmetic_round(a, peel->w_q[m] * above));
    }
    *r = att_arithmetic_round(a, *r + by_u);
    *q = att_arithmetic_round(a, *q + by_v);
}

/* Step 6: every block in turn, on the one point that is left. */
void att_hm_plane_peel(const struct hm_net *net, double code, double *r,
                       double *q)
{
    *r = 0.0;
    *q = code;
    for (size_t i = 0; i < net->n_peel; i++)
        att_hm_peel_block(&net->a, &net->peel[i], r, q);
}

att_status att_hm_eval_plane(const struct hm_net *net,
                             const struct hm_batch *batch,
                             struct hm_outputs out, struct att_arena *scratch,
                             struct att_error *err)
{
    ATT_TRY(att_hm_plane_codes(net, batch, out.q, scratch, err));
    for (size_t i = 0; i < batch->n; i++)
        att_hm_plane_peel(net, out.q[i], &out.r[i], &out.q[i]);
    return ATT_OK;
}
