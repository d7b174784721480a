/* memorization_same_token.c - ids of one token in different contexts: do they
 * collide, how far apart are they, and what would hardmax do? */
#include "memorization_config_priv.h"

#include <math.h>

/* Pairs of tokens for which double-double is affordable. */
enum { WIDE_WORK = 400000 };

/* s of hardmax: the largest or the smallest p of the context, by the sign of
 * the query. */
static void hardmax(const struct mem_trial *t, struct att_dd *s)
{
    const struct mem_ids *ids = &t->b->data.ids;

    for (size_t id = 0; id < ids->n; id++) {
        const size_t from = ids->start[ids->context[id]];
        const size_t to = ids->start[ids->context[id] + 1];
        const double side = t->p[ids->token[id]].hi < 0.0 ? -1.0 : 1.0;
        struct att_dd best = t->p[ids->member[from]];

        for (size_t i = from + 1; i < to; i++) {
            const struct att_dd p = t->p[ids->member[i]];

            if (side * (double)att_dd_compare(p, best) > 0.0)
                best = p;
        }
        s[id] = best;
    }
}

/* p [M] and row [longest] are scratch. */
static void attend_wide(const struct mem_query *q, struct att_dd *p,
                        struct att_dd *row, struct att_dd *s)
{
    const struct mem_typed wide = {MEM_DD, att_dd_from(q->lambda),
                                   att_dd_from(1.0)};
    const struct mem_walk walk = {&wide, q->ids, p, row};

    for (size_t t = 0; t < q->ids->n_tokens; t++)
        p[t] = att_dd_from(q->p[t]);
    att_mem_typed_ids(&walk, att_mem_typed_s, s);
}

/* s in double-double where affordable, else as f64 has it. */
static att_status wide_scalars(const struct mem_query *q, struct att_dd *s,
                               struct att_arena *arena, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_dd *p = ATT_NEW(arena, struct att_dd, q->ids->n_tokens);
    struct att_dd *row = ATT_NEW(arena, struct att_dd, q->ids->longest);
    double *plain = ATT_NEW(arena, double, q->ids->n);

    if (p == NULL || row == NULL || plain == NULL)
        return att_arena_fail(arena, "the wide ids", err);
    if (q->ids->n_pairs <= WIDE_WORK) {
        attend_wide(q, p, row, s);
    } else {
        ATT_TRY(att_mem_attend_fast(q, plain, NULL, arena, err));
        for (size_t i = 0; i < q->ids->n; i++)
            s[i] = att_dd_from(plain[i]);
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* The tiers of proofs reach below every floating type. */
static att_status report_wide(const struct mem_trial *t,
                              const struct mem_query *q, struct att_error *err)
{
    struct mem_wide wide;

    ATT_TRY(
        att_mem_wide_same_token(q, t->b->build.rho, t->ws->arena, &wide, err));
    if (!isnan(wide.same_token_bits)) {
        att_out_real(t->out, MEM_M_SAME_TOKEN_BITS, wide.same_token_bits);
        att_out_int(t->out, MEM_M_WIDE_BITS, wide.bits);
        if (!t->b->config.rules.repeats && !t->b->data.causal)
            att_out_int(t->out, MEM_M_ORDER_VIOLATIONS, wide.order_violations);
    }
    return ATT_OK;
}

static att_status report_distance(const struct mem_trial *t,
                                  const struct mem_query *q, struct att_dd *s,
                                  struct att_error *err)
{
    double gap = 0.0;

    if (t->b->config.plan.tier != MEM_SEARCH)
        return report_wide(t, q, err);
    ATT_TRY(wide_scalars(q, s, t->ws->arena, err));
    ATT_TRY(att_mem_same_token_gap(q->ids, s, t->ws->arena, &gap, err));
    if (gap > 0.0 && isfinite(gap)) {
        att_out_real(t->out, MEM_M_SAME_TOKEN_BITS,
                     -log2(gap) - log2(t->b->build.rho));
    }
    return ATT_OK;
}

att_status att_mem_measure_same_token(const struct mem_trial *t,
                                      struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct mem_ids *ids = &t->b->data.ids;
    const struct mem_query q = {ids, t->b->build.at.p, t->b->build.lambda};
    struct att_dd *s = ATT_NEW(arena, struct att_dd, ids->n);
    int64_t pairs = 0;

    if (s == NULL)
        return att_arena_fail(arena, "the ids of a token", err);
    ATT_TRY(att_mem_collisions(ids, t->z, arena, &pairs, err));
    att_out_int(t->out, MEM_M_COLLISIONS, pairs);
    hardmax(t, s);
    ATT_TRY(att_mem_collisions(ids, s, arena, &pairs, err));
    att_out_int(t->out, MEM_M_HARDMAX_FLOOR, pairs);
    ATT_TRY(report_distance(t, &q, s, err));
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* ---- the window of temperatures --------------------------------------------- */

struct window {
    const struct mem_trial *t;
    struct att_dd *s, *z; /* [T] */
    struct att_dd *row;   /* [longest] */
    double *sorted;       /* [2 T] */
};

static double range_p(const struct mem_trial *t)
{
    return t->b->build.at.p_max - t->b->build.at.p_min;
}

/* s in dtype: the collisions of one kappa. */
static att_status window_collisions(const struct window *w, double lambda,
                                    int64_t *pairs, struct att_error *err)
{
    const struct mem_trial *t = w->t;
    const struct mem_ids *ids = &t->b->data.ids;
    const enum mem_dtype dtype = t->typed.dtype;
    const struct mem_typed typed = {
        dtype, att_mem_typed_round(dtype, att_dd_from(lambda)),
        att_dd_from(1.0)};
    const struct mem_walk walk = {&typed, ids, t->p, w->row};

    att_mem_typed_ids(&walk, att_mem_typed_s, w->z);
    return att_mem_collisions(ids, w->z, t->ws->arena, pairs, err);
}

static double window_bits(const struct window *w, double rho)
{
    const struct mem_ids *ids = &w->t->b->data.ids;

    for (size_t i = 0; i < ids->n; i++)
        w->sorted[i] = w->t->b->build.at.p[ids->token[i]] + rho * w->s[i].hi;
    const double size = att_mem_size(w->sorted, ids->n);

    att_mem_sort(w->sorted, w->sorted + ids->n, ids->n);
    return -log2(att_mem_least_gap(w->sorted, ids->n) / size);
}

static att_status observe_kappa(const struct window *w, double kappa,
                                struct att_error *err)
{
    const struct mem_trial *t = w->t;
    const struct mem_build *b = &t->b->build;
    const struct mem_ids *ids = &t->b->data.ids;
    const struct mem_query q = {ids, b->at.p,
                                kappa / (b->at.high * b->at.high)};
    double line[MEM_OBSERVATIONS] = {[MEM_O_KAPPA] = kappa};
    double gap = 0.0;
    int64_t pairs = 0;

    ATT_TRY(wide_scalars(&q, w->s, t->ws->arena, err));
    ATT_TRY(att_mem_same_token_gap(ids, w->s, t->ws->arena, &gap, err));
    for (size_t i = 0; i < ids->n; i++)
        w->sorted[i] = w->s[i].hi;
    const double spread = att_mem_spread(w->sorted, ids->n);
    const double size = att_mem_size(w->sorted, ids->n);
    const double rho = spread > 0.0 ? range_p(t) / spread : 1.0;

    ATT_TRY(window_collisions(w, q.lambda, &pairs, err));
    line[MEM_O_COLLISIONS] = (double)pairs;
    line[MEM_O_GAP] = log2(gap / size);
    line[MEM_O_BITS] = window_bits(w, rho);
    for (int i = 0; i < MEM_OBSERVATIONS; i++)
        line[i] = isfinite(line[i]) ? line[i] : (double)NAN;
    att_out_observe(t->out, line);
    return ATT_OK;
}

/* 2^-20, 2^-18, ..., 2^16 */
enum {
    FIRST_POWER = -20,
    LAST_POWER = 16,
    POWER_STEP = 2,
    N_POWERS = (LAST_POWER - FIRST_POWER) / POWER_STEP + 1
};

/* What is asked; beside it, or without it, a window observes its own grid. */
static const double *window_kappas(const struct mem_trial *t, size_t *n)
{
    double *own = ATT_NEW(t->ws->arena, double, N_POWERS);

    for (int i = 0; own != NULL && i < N_POWERS; i++)
        own[i] = ldexp(1.0, FIRST_POWER + i * POWER_STEP);
    return own == NULL
               ? NULL
               : att_case_observe_or(
                     t->c, "at_kappa",
                     (struct att_own_grid){
                         own, t->b->config.window ? (size_t)N_POWERS : 0},
                     t->ws->arena, n);
}

att_status att_mem_observe_window(const struct mem_trial *t,
                                  struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct mem_ids *ids = &t->b->data.ids;
    size_t n = 0;
    const double *kappa = window_kappas(t, &n);

    if (kappa == NULL)
        return att_arena_fail(arena, "the observed kappas", err);
    if (n == 0)
        return ATT_OK;
    const struct window w = {t, ATT_NEW(arena, struct att_dd, ids->n),
                             ATT_NEW(arena, struct att_dd, ids->n),
                             ATT_NEW(arena, struct att_dd, ids->longest),
                             ATT_NEW(arena, double, 2 * ids->n)};

    if (w.s == NULL || w.z == NULL || w.row == NULL || w.sorted == NULL)
        return att_arena_fail(arena, "the window", err);
    for (size_t i = 0; i < n; i++)
        ATT_TRY(observe_kappa(&w, kappa[i], err));
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the window", err);
    return ATT_OK; /* observations live in the arena: no rewind below them */
}
