/* hardmax_softmax.c - the plane evaluator with softmax(score / tau) in place
 * of hardmax, in f64.  Score of tokens i, j: p_i q_j in the sep blocks, p_i
 * p_j in the collapse block. */
#include <math.h>

#include "attest/linalg/vector.h"
#include "hardmax_evaluate_priv.h"

struct soft {
    const struct hm_net *net;
    double tau;
    struct hm_projector projector;
    double *p, *q, *next, *weight; /* [longest] */
};

/* sum_j w_j x_j, w = softmax over j of query key_j / tau. */
static double look(const struct soft *e, double query, const double *key,
                   const double *x, size_t n)
{
    double top = -INFINITY;

    for (size_t j = 0; j < n; j++)
        top = fmax(top, query * key[j]);
    for (size_t j = 0; j < n; j++)
        e->weight[j] = (query * key[j] - top) / e->tau;
    att_vexp(n, e->weight, e->weight);
    return att_dot(n, e->weight, x) / att_sum(n, e->weight);
}

static void sep(const struct soft *e, size_t k, size_t n)
{
    const double theta = e->net->theta[k];

    for (size_t i = 0; i < n; i++) {
        const double off = k > 0 ? fabs(e->p[i] - e->net->theta[k - 1]) : 0.0;

        e->q[i] += off - fabs(e->p[i] - theta);
    }
    for (size_t i = 0; i < n; i++) {
        e->next[i] =
            e->q[i] + e->net->beta[k] * look(e, e->p[i], e->q, e->p, n);
    }
    for (size_t i = 0; i < n; i++)
        e->q[i] = e->next[i];
}

/* Every token's q after the collapse, in next. */
static void collapse(const struct soft *e, size_t n)
{
    const double theta = e->net->theta[e->net->n_landmarks - 1];

    for (size_t i = 0; i < n; i++)
        e->q[i] += fabs(e->p[i] - theta) - e->net->shift;
    for (size_t i = 0; i < n; i++)
        e->next[i] = e->net->scale * look(e, e->p[i], e->p, e->q, n);
}

static double code_of(const struct soft *e, size_t sequence)
{
    const struct att_sequences *s = e->projector.tokens->s;
    const size_t n = att_sequence_length(s, sequence);

    att_hm_project(&e->projector, sequence, e->p);
    att_hm_prep(&e->net->a, e->net->b0, n, e->p);
    for (size_t i = 0; i < n; i++)
        e->q[i] = 0.0;
    for (size_t k = 0; k < e->net->n_landmarks; k++)
        sep(e, k, n);
    collapse(e, n);
    return e->next[0];
}

att_status att_hm_eval_softmax(const struct hm_net *net,
                               const struct hm_batch *batch, double tau,
                               struct hm_outputs out, struct att_arena *scratch,
                               struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t longest = batch->tokens->s->longest;
    double *x = ATT_NEW(scratch, double, 4 * longest);
    struct soft e = {.net = net, .tau = tau};

    if (x == NULL)
        return att_arena_fail(scratch, "the softmax evaluator", err);
    e.p = x;
    e.q = x + longest;
    e.next = x + 2 * longest;
    e.weight = x + 3 * longest;
    ATT_TRY(att_hm_projector_init(batch->tokens, scratch, &e.projector, err));
    att_hm_projector_aim(&e.projector, net->U);
    for (size_t i = 0; i < batch->n; i++) {
        const double code = code_of(&e, att_hm_batch_at(batch, i));

        att_hm_plane_peel(net, code, &out.r[i], &out.q[i]);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
