/* memorization_invariance.c - section 12.1 of the theory on up to 64
 * sequences: bits do not depend on the order of tokens; powers of two scale
 * through. */
#include "memorization_config_priv.h"

#include <stdlib.h>

enum { MOST_SEQUENCES = 64 };

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The first sequences' contexts made anew from their tokens backwards: sorted
 * as the fast evaluator sorts them. */
static att_status backward_ids(const struct mem_data *data, size_t n,
                               struct att_arena *arena, struct mem_ids *out,
                               struct att_error *err)
{
    const size_t l = data->in->l;
    size_t *start = ATT_NEW(arena, size_t, n + 1);
    uint32_t *member = ATT_NEW(arena, uint32_t, n * l);

    if (start == NULL || member == NULL)
        return att_arena_fail(arena, "the permuted sequences", err);
    for (size_t j = 0; j < n; j++) {
        start[j] = j * l;
        for (size_t i = 0; i < l; i++)
            member[j * l + i] = data->tid[j * l + l - 1 - i];
        qsort(member + j * l, l, sizeof *member, by_number);
    }
    start[n] = n * l;
    *out = (struct mem_ids){.n_tokens = data->ids.n_tokens,
                            .n_contexts = n,
                            .start = start,
                            .member = member};
    return att_mem_ids_number(out, arena, err);
}

/* s of the new contexts against s of the build, id by id. */
static bool same_bits(const struct mem_data *data, const struct mem_ids *ids,
                      const double *s, const double *built)
{
    const size_t l = data->in->l;

    for (size_t c = 0; c < ids->n_contexts; c++) {
        for (size_t i = 0; i < l; i++) {
            size_t at = ids->first[c];

            while (ids->token[at] != data->tid[c * l + i])
                at++;
            if (!att_value_equal(att_real(s[at]),
                                 att_real(built[data->id_of[c * l + i]])))
                return false;
        }
    }
    return true;
}

static bool scaled_by(const double *a, const double *b, double factor, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] != factor * b[i])
            return false;
    }
    return true;
}

att_status att_mem_measure_invariance(const struct mem_trial *t,
                                      struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct mem_data *data = &t->b->data;
    const struct mem_build *b = &t->b->build;
    const size_t n =
        data->in->n < MOST_SEQUENCES ? data->in->n : MOST_SEQUENCES;
    struct mem_ids ids;

    if (data->causal)
        return ATT_OK; /* a prefix has an order */
    ATT_TRY(backward_ids(data, n, arena, &ids, err));
    double *p4 = ATT_NEW(arena, double, ids.n_tokens);
    double *s = ATT_NEW(arena, double, ids.n);
    double *s4 = ATT_NEW(arena, double, ids.n);

    if (p4 == NULL || s == NULL || s4 == NULL)
        return att_arena_fail(arena, "the permuted ids", err);
    for (size_t i = 0; i < ids.n_tokens; i++)
        p4[i] = 4.0 * b->at.p[i];
    const struct mem_query plain = {&ids, b->at.p, b->lambda};
    const struct mem_query scaled = {&ids, p4, b->lambda / 16.0};

    ATT_TRY(att_mem_attend_fast(&plain, s, NULL, arena, err));
    ATT_TRY(att_mem_attend_fast(&scaled, s4, NULL, arena, err));
    att_out_int(t->out, MEM_M_BIT_EQUIVARIANT, same_bits(data, &ids, s, b->s));
    att_out_int(t->out, MEM_M_SCALE_EXACT, scaled_by(s4, s, 4.0, ids.n));
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
