/* disjointness.c - the problem `disjointness`: pairs of sets as inputs of
 * Match3. */
#include "attest/problem/disjointness.h"

enum { DISJ_PAIR = 1 };

static const struct att_param PARAMS[ATT_DISJ_PARAMS] = {
    [ATT_DISJ_N] = ATT_PARAM_INTEGER("n", ATT_SEEDS_NOTHING, 6, 1, 16,
                                     "elements that a set may have"),
    [ATT_DISJ_SAMPLES] =
        ATT_PARAM_INTEGER("samples", ATT_SEEDS_NOTHING, 256, 1, 65536,
                          "pairs of sets; all of them from 4^n on"),
};

struct att_match_input att_disjointness_code(size_t n, uint32_t a, uint32_t b,
                                             uint64_t *x)
{
    const uint64_t M = 2 * n + 5;

    x[0] = 1;
    for (size_t i = 1; i <= n; i++) {
        x[i] = (a >> (i - 1) & 1) != 0 ? i + 1 : 1;
        x[n + i] = (b >> (i - 1) & 1) != 0 ? M - i - 2 : 1;
    }
    return (struct att_match_input){x, 2 * n + 1, M};
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    const size_t n = (size_t)p[ATT_DISJ_N].i;
    const uint64_t all = UINT64_C(1) << (2 * n);
    const bool every = (uint64_t)p[ATT_DISJ_SAMPLES].i >= all;
    const size_t n_pairs = every ? (size_t)all : (size_t)p[ATT_DISJ_SAMPLES].i;
    const uint32_t mask = (UINT32_C(1) << n) - 1;
    struct att_disjointness *d = ATT_NEW(ws->arena, struct att_disjointness, 1);
    uint32_t *a = ATT_NEW(ws->arena, uint32_t, n_pairs);
    uint32_t *b = ATT_NEW(ws->arena, uint32_t, n_pairs);

    if (d == NULL || a == NULL || b == NULL)
        return att_arena_fail(ws->arena, "the pairs of sets", err);
    for (size_t k = 0; k < n_pairs; k++) {
        const struct att_stream s =
            att_instance_stream(ws, DISJ_PAIR, 0, (uint32_t)k);

        a[k] = mask & (every ? (uint32_t)k : att_stream_word(&s, 0));
        b[k] = mask & (every ? (uint32_t)(k >> n) : att_stream_word(&s, 1));
    }
    *d = (struct att_disjointness){.n = n,
                                   .L = 2 * n + 1,
                                   .M = 2 * n + 5,
                                   .n_pairs = n_pairs,
                                   .a = a,
                                   .b = b};
    *instance = d;
    return ATT_OK;
}

static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_disjointness *d = instance;
    const uint64_t shape[2] = {d->n_pairs, 2};
    int64_t *sets = att_bundle_add(out, "sets", ATT_I64, 2, shape);

    (void)p;
    if (sets == NULL)
        return att_arena_fail(out->arena, "the exported pairs", err);
    for (size_t k = 0; k < d->n_pairs; k++) {
        sets[2 * k] = d->a[k];
        sets[2 * k + 1] = d->b[k];
    }
    return ATT_OK;
}

const struct att_problem att_problem_disjointness = {
    .name = "disjointness",
    .summary = "do two sets intersect, asked as an input of Match3",
    .params = PARAMS,
    .n_params = ATT_DISJ_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
