/* hardmax_net.c - a network in another arithmetic. */
#include "hardmax_priv.h"

static const double *round_all(const double *x, size_t n,
                               const struct att_arithmetic *a,
                               struct att_arena *arena)
{
    double *out = ATT_NEW(arena, double, n);

    for (size_t i = 0; out != NULL && i < n; i++)
        out[i] = att_arithmetic_round(a, x[i]);
    return out;
}

static const struct hm_peel *round_peel(const struct hm_net *net,
                                        const struct att_arithmetic *a,
                                        struct att_arena *arena)
{
    struct hm_peel *out = ATT_NEW(arena, struct hm_peel, net->n_peel);

    for (size_t i = 0; out != NULL && i < net->n_peel; i++) {
        out[i] = net->peel[i];
        out[i].lowest = att_arithmetic_round(a, out[i].lowest);
        for (size_t m = 0; m < out[i].n_units; m++) {
            out[i].t[m] = att_arithmetic_round(a, out[i].t[m]);
            out[i].w_p[m] = att_arithmetic_round(a, out[i].w_p[m]);
            out[i].w_q[m] = att_arithmetic_round(a, out[i].w_q[m]);
        }
    }
    return out;
}

att_status att_hm_net_round(const struct hm_net *net,
                            const struct att_arithmetic *a,
                            struct att_arena *arena, struct hm_net *out,
                            struct att_error *err)
{
    *out = *net;
    out->a = *a;
    if (att_hm_same_arithmetic(a, &net->a))
        return ATT_OK;
    out->u = round_all(net->u, net->d, a, arena);
    out->v = round_all(net->v, net->d, a, arena);
    out->U = round_all(net->U, net->d, a, arena);
    out->theta = round_all(net->theta, net->n_landmarks, a, arena);
    out->beta = round_all(net->beta, net->n_landmarks, a, arena);
    out->b0 = att_arithmetic_round(a, net->b0);
    out->shift = att_arithmetic_round(a, net->shift);
    out->scale = att_arithmetic_round(a, net->scale);
    out->peel = round_peel(net, a, arena);
    if (out->u == NULL || out->v == NULL || out->U == NULL ||
        out->theta == NULL || out->beta == NULL || out->peel == NULL)
        return att_arena_fail(arena, "the rounded network", err);
    return ATT_OK;
}
