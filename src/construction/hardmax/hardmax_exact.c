/* hardmax_exact.c - are the codes the exact sums?
 *
 * In [1, 2) every p is a multiple of 2^-52 and every beta a multiple of 1/4,
 * so 2^54 c is an integer, computed here modulo 2^64; so it is for balanced
 * codes before their scaling by a power of two. */
#include <math.h>

#include "hardmax_build_priv.h"

enum { P_BITS = 52, BETA_BITS = 2 };

/* True when x 2^bits is an integer below 2^62; *out is that integer. */
static bool as_integer(double x, int bits, uint64_t *out)
{
    const double scaled = ldexp(x, bits);

    if (!(fabs(scaled) < 0x1p62) || scaled != floor(scaled))
        return false;
    *out = (uint64_t)(int64_t)scaled;
    return true;
}

static bool is_exact(const struct hm_net *net, const double *p, size_t n,
                     double code)
{
    uint64_t sum = 0, claimed = 0, shift = 0;

    for (size_t k = 0; k < net->n_landmarks; k++) {
        uint64_t leader = 0, beta = 0;

        if (!as_integer(att_hm_leader(p, n, net->theta[k]).p, P_BITS,
                        &leader) ||
            !as_integer(net->beta[k], BETA_BITS, &beta))
            return false;
        sum += beta * leader;
    }
    return as_integer(code / net->scale, P_BITS + BETA_BITS, &claimed) &&
           as_integer(net->shift, P_BITS + BETA_BITS, &shift) &&
           claimed + shift == sum;
}

att_status att_hm_count_exact(const struct hm_built *built,
                              const struct hm_tokens *tokens,
                              struct att_arena *scratch, size_t *n_exact,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct hm_net *net = &built->net;
    double *p = ATT_NEW(scratch, double, 2 * tokens->s->longest);
    struct hm_projector pr;

    if (p == NULL)
        return att_arena_fail(scratch, "the exact codes", err);
    ATT_TRY(att_hm_projector_init(tokens, scratch, &pr, err));
    att_hm_projector_aim(&pr, net->U);
    *n_exact = 0;
    for (size_t j = 0; j < built->sets.n; j++) {
        const size_t sequence = built->sets.rep[j];
        const size_t length = att_sequence_length(tokens->s, sequence);

        att_hm_project(&pr, sequence, p);
        att_hm_prep(&net->a, net->b0, length, p);
        const size_t n = att_hm_sort_unique(p, length, p + tokens->s->longest);

        *n_exact += is_exact(net, p, n, built->code[j]);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
