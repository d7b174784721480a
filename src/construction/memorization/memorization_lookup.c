/* memorization_lookup.c - ids as numbers of an arithmetic: order, thresholds,
 * collisions. */
#include "memorization_priv.h"

#include <math.h>
#include <stdlib.h>

/* NaN last, then by value, then by id: a total order. */
static int by_z(const void *a, const void *b)
{
    const struct mem_code *x = a, *y = b;
    const bool x_bad = isnan(x->z.hi), y_bad = isnan(y->z.hi);

    if (x_bad != y_bad)
        return x_bad ? 1 : -1;
    const int order = x_bad ? 0 : att_dd_compare(x->z, y->z);

    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

/* z1 + (z2 - z1) / 2 in the arithmetic; where that rounds to z1, z2 itself, so
 * that z1 stays below its threshold. */
static struct att_dd between(enum mem_dtype t, struct att_dd a, struct att_dd b)
{
    const struct att_dd d = att_mem_typed_round(t, att_dd_sub(b, a));
    const struct att_dd half = {0.5 * d.hi, 0.5 * d.lo};
    const struct att_dd mid = att_mem_typed_round(t, att_dd_add(a, half));

    return att_dd_compare(mid, a) > 0 && att_dd_compare(mid, b) <= 0 ? mid : b;
}

att_status att_mem_lookup_make(enum mem_dtype t, const struct att_dd *z,
                               size_t n, struct att_arena *arena,
                               struct mem_lookup *out, struct att_error *err)
{
    out->code = ATT_NEW(arena, struct mem_code, n);
    out->threshold = ATT_NEW(arena, struct att_dd, n);
    out->n = n;
    if (out->code == NULL || out->threshold == NULL)
        return att_arena_fail(arena, "the look-up table", err);
    for (size_t i = 0; i < n; i++)
        out->code[i] = (struct mem_code){z[i], (uint32_t)i};
    qsort(out->code, n, sizeof *out->code, by_z);
    for (size_t j = 0; j + 1 < n; j++)
        out->threshold[j] = between(t, out->code[j].z, out->code[j + 1].z);
    return ATT_OK;
}

uint32_t att_mem_lookup_find(const struct mem_lookup *l, struct att_dd z)
{
    size_t low = 0, high = l->n - 1; /* code is in low .. high */

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (att_dd_compare(l->threshold[mid], z) <= 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return l->code[low].id;
}

/* ---- ids of one token ------------------------------------------------------ */

struct by_token {
    uint32_t token;
    struct mem_code code;
};

static int by_token_z(const void *a, const void *b)
{
    const struct by_token *x = a, *y = b;

    if (x->token != y->token)
        return x->token < y->token ? -1 : 1;
    return by_z(&x->code, &y->code);
}

static struct by_token *group(const struct mem_ids *ids, const struct att_dd *z,
                              struct att_arena *scratch)
{
    struct by_token *row = ATT_NEW(scratch, struct by_token, ids->n);

    if (row == NULL)
        return NULL;
    for (size_t i = 0; i < ids->n; i++)
        row[i] = (struct by_token){ids->token[i], {z[i], (uint32_t)i}};
    qsort(row, ids->n, sizeof *row, by_token_z);
    return row;
}

static bool collide(const struct by_token *a, const struct by_token *b)
{
    if (a->token != b->token)
        return false;
    if (isnan(a->code.z.hi) || isnan(b->code.z.hi))
        return isnan(a->code.z.hi) && isnan(b->code.z.hi);
    return att_dd_compare(a->code.z, b->code.z) == 0;
}

att_status att_mem_collisions(const struct mem_ids *ids, const struct att_dd *z,
                              struct att_arena *scratch, int64_t *pairs,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct by_token *row = group(ids, z, scratch);
    int64_t run = 0;

    if (row == NULL)
        return att_arena_fail(scratch, "the ids of a token", err);
    *pairs = 0;
    for (size_t i = 1; i < ids->n; i++) {
        run = collide(&row[i - 1], &row[i]) ? run + 1 : 0;
        *pairs += run; /* the new one collides with each of its run */
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

att_status att_mem_same_token_gap(const struct mem_ids *ids,
                                  const struct att_dd *s,
                                  struct att_arena *scratch, double *gap,
                                  struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct by_token *row = group(ids, s, scratch);

    if (row == NULL)
        return att_arena_fail(scratch, "the ids of a token", err);
    *gap = (double)INFINITY;
    for (size_t i = 1; i < ids->n; i++) {
        if (row[i].token == row[i - 1].token)
            *gap = fmin(*gap, att_dd_sub(row[i].code.z, row[i - 1].code.z).hi);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
