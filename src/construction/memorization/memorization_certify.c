/* memorization_certify.c - steps 12 and 13: is the smallest gap more than
 * rounding, and does a wider arithmetic see the same order? */
#include "memorization_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSEST = 16, SPREAD = 100 };

/* Neighbours a < b in the f64 order, place j of the order. */
struct pair {
    uint32_t a, b;
    double gap;
};

static int by_gap(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;

    if (a->gap != b->gap)
        return a->gap < b->gap ? -1 : 1;
    return (a->a > b->a) - (a->a < b->a);
}

/* ---- the referee --------------------------------------------------------------- */

struct referee {
    const struct mem_ids *ids;
    const struct mem_build *b;
    struct mem_typed typed;
    struct att_dd *p; /* [longest] */
};

static struct att_dd judge_z(const struct referee *r, uint32_t id)
{
    const struct mem_ids *ids = r->ids;
    const size_t from = ids->start[ids->context[id]];
    const size_t n = ids->start[ids->context[id] + 1] - from;

    for (size_t i = 0; i < n; i++)
        r->p[i] = att_dd_from(r->b->at.p[ids->member[from + i]]);
    return att_mem_typed_z(&r->typed, r->p, n,
                           att_dd_from(r->b->at.p[ids->token[id]]));
}

/* Re-evaluate a pair; false when an order that f64 gave is not confirmed.
 * Ids that f64 made equal had none: they get the referee's. */
static bool confirm(const struct referee *r, struct pair *pair)
{
    const struct att_dd gap =
        att_dd_sub(judge_z(r, pair->b), judge_z(r, pair->a));
    const bool tie = pair->gap == 0.0;

    if (tie && gap.hi < 0.0) {
        const uint32_t first = pair->a;

        pair->a = pair->b;
        pair->b = first;
    }
    pair->gap = tie ? fabs(gap.hi) : gap.hi;
    return tie || gap.hi > 0.0;
}

/* MPFR has the last word on the closest pair where it is there. */
static void appeal(const struct referee *r, struct pair *pair,
                   struct mem_certificate *out)
{
    const struct mem_query q = {r->ids, r->b->at.p, r->b->lambda};

    if (!att_mem_wide_gap(&q, r->b->rho, pair->a, pair->b, &pair->gap))
        return;
    out->agrees = out->agrees && pair->gap >= 0.0;
    out->referee = "mpfr";
}

/* The 16 closest neighbours, then 100 spread evenly over the order. */
static void hear(const struct referee *r, struct pair *pair, size_t n,
                 struct mem_certificate *out)
{
    const size_t closest = n < CLOSEST ? n : CLOSEST;
    const size_t spread = n - closest < SPREAD ? n - closest : SPREAD;
    struct pair best = {.gap = (double)INFINITY};

    out->agrees = true;
    for (size_t i = 0; i < closest; i++) {
        out->agrees = confirm(r, &pair[i]) && out->agrees;
        if (pair[i].gap < best.gap)
            best = pair[i];
    }
    for (size_t i = 0; i < spread; i++) {
        struct pair *at = &pair[closest + i * (n - closest) / spread];

        out->agrees = confirm(r, at) && out->agrees;
    }
    appeal(r, &best, out);
    out->n_checked = closest + spread;
    out->pair_a = best.a;
    out->pair_b = best.b;
    out->gap = best.gap;
}

static size_t count_resolved(const struct pair *pair, size_t n, double least)
{
    size_t resolved = 1;

    for (size_t i = 0; i < n; i++)
        resolved += pair[i].gap >= least;
    return resolved;
}

att_status att_mem_certify(const struct mem_ids *ids, const struct mem_build *b,
                           struct att_arena *arena, struct mem_certificate *out,
                           struct att_error *err)
{
    const struct mem_noise noise = {
        0x1p-53,    b->kappa, b->rho,
        b->at.high, b->max_z, att_mem_depth_lanes(ids->longest)};
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_dd *z = ATT_NEW(arena, struct att_dd, ids->n);
    struct pair *pair = ATT_NEW(arena, struct pair, ids->n);
    struct mem_lookup order;
    const struct referee r = {
        ids,
        b,
        {MEM_DD, att_dd_from(b->lambda), att_dd_from(b->rho)},
        ATT_NEW(arena, struct att_dd, ids->longest)};

    if (z == NULL || pair == NULL || r.p == NULL)
        return att_arena_fail(arena, "the certificate", err);
    for (size_t i = 0; i < ids->n; i++)
        z[i] = att_dd_from(b->z[i]);
    ATT_TRY(att_mem_lookup_make(MEM_F64, z, ids->n, arena, &order, err));
    for (size_t j = 0; j + 1 < ids->n; j++) {
        pair[j] = (struct pair){order.code[j].id, order.code[j + 1].id,
                                order.code[j + 1].z.hi - order.code[j].z.hi};
    }
    *out = (struct mem_certificate){.e_bound = att_mem_error_bound(&noise),
                                    .gap = (double)INFINITY,
                                    .agrees = true,
                                    .referee = "dd"};
    out->n_resolved = count_resolved(pair, ids->n - 1, 4.0 * out->e_bound);
    qsort(pair, ids->n - 1, sizeof *pair, by_gap);
    if (ids->n > 1)
        hear(&r, pair, ids->n - 1, out);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* ---- the oracle without exponentials -------------------------------------------- */

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* The logits of an id in descending order; returns their number. */
static size_t sorted_logits(const struct mem_query *q, uint32_t id, double *out)
{
    const size_t from = q->ids->start[q->ids->context[id]];
    const size_t n = q->ids->start[q->ids->context[id] + 1] - from;
    const double beta = q->lambda * q->p[q->ids->token[id]];

    for (size_t i = 0; i < n; i++)
        out[i] = beta * q->p[q->ids->member[from + i]];
    qsort(out, n, sizeof *out, descending);
    return n;
}

int att_mem_lexicographic(const struct mem_query *q, uint32_t id_a,
                          uint32_t id_b, double *scratch)
{
    double *a = scratch, *b = scratch + q->ids->longest;
    const size_t n = sorted_logits(q, id_a, a);
    const int mirror = q->p[q->ids->token[id_a]] > 0.0 ? 1 : -1;

    if (sorted_logits(q, id_b, b) != n)
        return 0;
    return mirror * att_mem_lexicographic_order(a, b, n);
}

int att_mem_lexicographic_order(const double *a, const double *b, size_t n)
{
    size_t k = 0;

    while (k < n && a[k] == b[k])
        k++;
    if (k == n)
        return 0;
    const int larger = a[k] > b[k] ? 1 : -1;

    return k == 0 ? larger : -larger;
}
