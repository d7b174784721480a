/* averaging_rivals.c - what short linear states cannot tell apart (C11). */
#include "averaging_certificate_priv.h"
#include "averaging_slots_priv.h"

/* The proof for q = 1 needs every token's row. */
static att_status ask_every_token(struct att_arena *arena,
                                  struct att_averaging *a,
                                  struct att_error *err)
{
    uint32_t *y = ATT_NEW(arena, uint32_t, a->L);

    for (size_t j = 0; y != NULL && j < a->L; j++)
        y[j] = (uint32_t)j;
    a->y = y;
    a->n_sets = a->L;
    return y != NULL ? ATT_OK : att_arena_fail(arena, "the tokens asked", err);
}

att_status att_avg_bound_linear(struct avg_bound_case *x, struct att_error *err)
{
    struct att_averaging own = *x->a;
    struct avg_slots slots = {.n_slots = (size_t)x->c->p[CP_SLOTS].i,
                              .eps = x->c->p[CP_EPS].r};
    const double share = 1.0 - (double)slots.n_slots / (double)own.L;

    if (own.q == 1)
        ATT_TRY(ask_every_token(x->ws->arena, &own, err));
    slots.a = &own;
    ATT_TRY(att_avg_slots(x->ws, &slots, err));
    x->found.measured = slots.err;
    x->found.size = slots.least > 0 ? (int64_t)slots.least : -1;
    x->found.size_law = (double)own.L;
    x->found.cert_err = sqrt(fmax(0.0, share / (double)own.q));
    att_avg_witness_add(x, "basis", slots.basis);
    return ATT_OK;
}
