/* memorization_scale.c - steps 9 to 11: direction, logit scale and residual
 * gain of the three tiers. */
#include "memorization_priv.h"

#include <math.h>

static const double PI = 3.14159265358979323846;
static const double LOG2_E = 1.44269504088896340736;

struct mem_theory att_mem_theory(const struct mem_extent *e, bool exact)
{
    const double shrink = exact ? 1.0 : 1.0 - 1e-9;
    const double grow = exact ? 1.0 : 1.0 + 1e-9;
    const double eps = shrink * e->eps, r_min = shrink * e->r_min;
    const double r_max = grow * e->r_max;
    const double log_n = log((double)e->L), d = (double)e->d;
    const double m4 = pow((double)e->M + 1.0, 4.0);
    const double wide = 2.0 * log_n + 3.0;
    const double lambda = m4 * (PI * d / 8.0) * wide / (eps * r_min);
    const double factor = 2.0 * log_n * log_n * eps * eps * r_min /
                          (r_max * r_max * m4 * wide * PI * d);
    const double exponent =
        m4 * wide * PI * d * r_max * r_max / (4.0 * eps * r_min);

    return (struct mem_theory){
        .log2_lambda = log2(lambda),
        .max_logit = lambda * r_max * r_max,
        .log2_delta = log2(factor) - exponent * LOG2_E,
        .r = r_max + eps / 4.0,
    };
}

/* ---- one candidate --------------------------------------------------------- */

static void shift(const struct mem_ids *ids, const double *p, double rho,
                  const double *s, double *z)
{
    for (size_t i = 0; i < ids->n; i++)
        z[i] = p[ids->token[i]] + rho * s[i];
}

att_status att_mem_finish(const struct mem_ids *ids, struct att_arena *arena,
                          struct mem_build *b, struct att_error *err)
{
    const struct mem_query q = {ids, b->at.p, b->lambda};

    b->s = ATT_NEW(arena, double, ids->n);
    b->z = ATT_NEW(arena, double, ids->n);
    const struct att_arena_mark mark = att_arena_mark(arena);
    double *sorted = ATT_NEW(arena, double, 2 * ids->n);

    if (b->s == NULL || b->z == NULL || sorted == NULL)
        return att_arena_fail(arena, "the ids", err);
    ATT_TRY(att_mem_attend_fast(&q, b->s, NULL, arena, err));
    shift(ids, b->at.p, b->rho, b->s, b->z);
    shift(ids, b->at.p, b->rho, b->s, sorted);
    att_mem_sort(sorted, sorted + ids->n, ids->n);
    b->min_gap = att_mem_least_gap(sorted, ids->n);
    b->max_z = att_mem_size(b->z, ids->n);
    b->kappa = b->lambda * b->at.high * b->at.high;
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* ---- search, step 11 ---------------------------------------------------------- */

static const double KAPPAS[] = {0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0};
static const double GAINS[] = {0.1, 0.3, 1.0, 3.0};
enum {
    N_KAPPAS = sizeof KAPPAS / sizeof KAPPAS[0],
    N_GAINS = sizeof GAINS / sizeof GAINS[0]
};

struct best {
    double score; /* min gap / max|z| */
    struct mem_projection at;
    double lambda, rho, q;
};

struct probe {
    const struct mem_ids *ids;
    double *s, *z, *scratch; /* [T] each */
};

static void try_gains(const struct probe *at, const struct mem_projection *p,
                      double lambda, struct best *best)
{
    const double spread = att_mem_spread(at->s, at->ids->n);
    const double span = p->p_max - p->p_min;

    for (int i = 0; i < N_GAINS; i++) {
        const double rho =
            spread > 0.0 && span > 0.0 ? GAINS[i] * span / spread : GAINS[i];

        shift(at->ids, p->p, rho, at->s, at->z);
        const double size = att_mem_size(at->z, at->ids->n);

        att_mem_sort(at->z, at->scratch, at->ids->n);
        const double score = att_mem_least_gap(at->z, at->ids->n) / size;

        if (score > best->score)
            *best = (struct best){score, *p, lambda, rho, GAINS[i]};
    }
}

static att_status try_direction(const struct probe *at,
                                const struct mem_projection *p,
                                struct att_arena *arena, struct best *best,
                                struct att_error *err)
{
    for (int k = 0; k < N_KAPPAS; k++) {
        const double lambda = KAPPAS[k] / (p->high * p->high);
        const struct mem_query q = {at->ids, p->p, lambda};

        ATT_TRY(att_mem_attend(&q, at->s, arena, err));
        try_gains(at, p, lambda, best);
    }
    return ATT_OK;
}

static att_status probe_init(const struct mem_ids *ids, struct att_arena *arena,
                             struct probe *out, struct att_error *err)
{
    *out = (struct probe){ids, ATT_NEW(arena, double, ids->n),
                          ATT_NEW(arena, double, ids->n),
                          ATT_NEW(arena, double, ids->n)};
    if (out->s == NULL || out->z == NULL || out->scratch == NULL)
        return att_arena_fail(arena, "the ids", err);
    return ATT_OK;
}

/* Directions on a line are all the same: one is enough. */
static uint32_t directions(const struct mem_search *search)
{
    return search->vocab.cols == 1 ? 1 : search->n_dir;
}

att_status att_mem_search(const struct mem_search *search,
                          struct mem_build *out, bool *found,
                          struct att_error *err)
{
    struct att_arena *arena = search->ws->arena;
    struct mem_draw draw = {.lemma = search->lemma};
    struct best best = {.score = -1.0};
    struct probe at;

    ATT_TRY(probe_init(search->ids, arena, &at, err));
    out->n_draws = directions(search);
    for (uint32_t i = 0; i < out->n_draws; i++, draw.at++) {
        struct mem_projection p;

        search->ws->progress(search->ws->context, "search",
                             (double)i / (double)out->n_draws);
        ATT_TRY(att_mem_draw(search->ws, search->vocab, &draw, &p, found, err));
        if (!*found)
            return ATT_OK;
        if (i == 0 && search->lemma)
            out->v_tries = draw.tries;
        ATT_TRY(try_direction(&at, &p, arena, &best, err));
    }
    *found = best.at.p != NULL;
    if (!*found)
        return ATT_OK; /* no score was a number */
    out->at = best.at;
    out->lambda = best.lambda;
    out->rho = best.rho;
    out->rho_mult = best.q;
    return ATT_OK;
}

/* ---- tiers, steps 9 and 10 -------------------------------------------------------- */

static double gain_t2(const struct mem_data *data)
{
    const double eps = isfinite(data->eps) ? data->eps : data->r_max;

    return eps / (4.0 * data->r_max);
}

/* Bands p_t + rho [s_min, s_max] of different tokens do not meet. */
static double gain_banded(const struct mem_projection *p, double spread)
{
    return isfinite(p->gap) && spread > 0.0 ? p->gap / (2.0 * spread) : 1.0;
}

static double instance_lambda(const struct mem_data *data,
                              const struct mem_projection *p)
{
    const double wide = 2.0 * log((double)data->in->l) + 3.0;

    return wide / (p->low * (isfinite(p->gap) ? p->gap : p->low));
}

/* Step 9: the certified gap of s for the token with the smallest one. */
static double certified_bits(const struct mem_data *data,
                             const struct mem_build *b)
{
    const double wide = 2.0 * log((double)data->in->l) + 3.0;
    double bits = -(double)INFINITY;

    for (size_t t = 0; t < data->ids.n_tokens; t++) {
        const double beta = b->lambda * fabs(b->at.p[t]);
        const double here = -log2(0.9 * wide / beta) +
                            beta * (b->at.p_max - b->at.p_min) * LOG2_E;

        bits = fmax(bits, here);
    }
    return bits - log2(b->rho);
}

static att_status settle_gain(const struct mem_data *data,
                              const struct mem_plan *plan,
                              struct att_arena *arena, struct mem_build *b,
                              struct att_error *err)
{
    b->rho = gain_t2(data);
    if (plan->gain == MEM_GAIN_TIER || plan->gain == MEM_GAIN_T2)
        return ATT_OK;
    ATT_TRY(att_mem_finish(&data->ids, arena, b, err));
    const double spread = att_mem_spread(b->s, data->ids.n);

    b->rho = plan->gain == MEM_GAIN_BANDED
                 ? gain_banded(&b->at, spread)
                 : (b->at.p_max - b->at.p_min) / spread;
    if (!isfinite(b->rho) || !(b->rho > 0.0))
        b->rho = 1.0;
    return ATT_OK;
}

static att_status scale_tier(struct att_workspace *ws,
                             const struct mem_data *data,
                             const struct mem_plan *plan, struct mem_build *out,
                             bool *found, struct att_error *err)
{
    struct mem_draw draw = {.lemma = true};
    const struct att_mat vocab =
        att_mat_view(data->vocab, data->ids.n_tokens, data->in->d);
    const struct mem_extent e = {
        data->in->l,        data->in->d,
        data->ids.n_tokens, isfinite(data->eps) ? data->eps : data->r_max,
        data->r_min,        data->r_max};

    ATT_TRY(att_mem_draw(ws, vocab, &draw, &out->at, found, err));
    if (!*found)
        return ATT_OK;
    out->n_draws = 1;
    out->v_tries = draw.tries;
    out->lambda = plan->tier == MEM_THEOREM
                      ? exp2(att_mem_theory(&e, false).log2_lambda)
                      : instance_lambda(data, &out->at);
    ATT_TRY(settle_gain(data, plan, ws->arena, out, err));
    if (plan->tier == MEM_INSTANCE)
        out->bits_certified = certified_bits(data, out);
    return ATT_OK;
}

/* The searched direction and kappa with another gain: an ablation. */
static att_status replace_gain(const struct mem_data *data,
                               const struct mem_plan *plan,
                               struct att_arena *arena, struct mem_build *b,
                               struct att_error *err)
{
    if (plan->gain == MEM_GAIN_TIER || plan->gain == MEM_GAIN_SEARCH)
        return ATT_OK;
    b->rho_mult = (double)NAN;
    return settle_gain(data, plan, arena, b, err);
}

att_status att_mem_scale(struct att_workspace *ws, const struct mem_data *data,
                         const struct mem_plan *plan, struct mem_build *out,
                         bool *found, struct att_error *err)
{
    const struct mem_search search = {
        ws, att_mat_view(data->vocab, data->ids.n_tokens, data->in->d),
        &data->ids, plan->n_dir, false};

    *out = (struct mem_build){.rho_mult = (double)NAN,
                              .bits_certified = (double)NAN};
    if (plan->tier == MEM_SEARCH) {
        ATT_TRY(att_mem_search(&search, out, found, err));
    } else {
        ATT_TRY(scale_tier(ws, data, plan, out, found, err));
    }
    if (!*found)
        return ATT_OK;
    if (plan->tier == MEM_SEARCH)
        ATT_TRY(replace_gain(data, plan, ws->arena, out, err));
    return att_mem_finish(&data->ids, ws->arena, out, err);
}
