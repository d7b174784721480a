/* hardmax_greedy.c - step 3: landmarks and weights, one after the other.
 *
 * Each landmark is the best of the pool with beta = +-1.  If that splits no
 * further codes, a pair of equal codes is taken and all tokens that one of
 * the two sets has and the other lacks become landmarks, with dyadic beta:
 * in exact arithmetic this always splits the pair, so K <= N - 1. */
#include <math.h>

#include "hardmax_build_priv.h"

static const double UNIT[] = {1.0, -1.0};
static const double DYADIC[] = {1.0, -1.0, 0.5, -0.5, 0.25, -0.25, 0.75, -0.75};
/* Moved landmarks, in units of the distance to the next token. */
static const double MOVES[] = {0.0, 0.125, -0.125, 0.1875, -0.1875};

enum { N_UNIT = 2, N_DYADIC = 8, N_MOVES = 5 };
enum { N_PAIRS = 8 }; /* unseparated pairs tried before giving up */

struct greedy {
    const struct hm_view *view;
    const struct hm_pool *pool;
    struct hm_codes codes;
    struct hm_column trial, chosen; /* room for landmarks off the pool */
    double *scratch;                /* [2 n] */
    struct hm_score now;
    struct hm_landmarks *out;
};

struct candidate {
    struct hm_score score;
    const struct hm_column *column; /* NULL: none */
    double beta;
};

static void offer(struct greedy *g, const struct hm_column *column,
                  const double *betas, size_t n_betas, struct candidate *best)
{
    for (size_t i = 0; i < n_betas; i++) {
        const struct hm_score score =
            att_hm_codes_try(&g->codes, column, betas[i], g->out->margin);

        if (best->column == NULL || att_hm_score_better(&score, &best->score)) {
            *best = (struct candidate){score, column, betas[i]};
        }
    }
}

static struct candidate best_of_pool(struct greedy *g, const double *betas,
                                     size_t n_betas)
{
    struct candidate best = {.column = NULL};

    for (size_t t = 0; t < g->pool->n; t++)
        offer(g, &g->pool->column[t], betas, n_betas, &best);
    return best;
}

/* ---- the guarantee ---------------------------------------------------- */

/* The trial column is better than what was chosen: keep it there. */
static void keep_trial(struct greedy *g, struct candidate *best)
{
    const struct hm_column swapped = g->chosen;

    g->chosen = g->trial;
    g->trial = swapped;
    best->column = &g->chosen;
}

static void offer_theta(struct greedy *g, double theta, struct candidate *best)
{
    struct candidate here = {.column = NULL};
    const size_t n = g->view->sets->n;

    att_hm_column_fill(g->view, theta, &g->trial, NULL);
    if (g->trial.margin <= att_hm_margin_tolerance(g->view->a))
        return;
    att_hm_column_group(&g->trial, n, g->scratch);
    offer(g, &g->trial, DYADIC, N_DYADIC, &here);
    if (best->column == NULL ||
        att_hm_score_better(&here.score, &best->score)) {
        *best = here;
        keep_trial(g, best);
    }
}

/* Distance from token k of p [n] to its nearest neighbour. */
static double isolation(const double *p, size_t n, size_t k)
{
    const double below = k > 0 ? p[k] - p[k - 1] : (double)INFINITY;
    const double above = k + 1 < n ? p[k + 1] - p[k] : (double)INFINITY;
    const double gap = fmin(below, above);

    return isfinite(gap) ? gap : 0.0;
}

/* Landmarks at and near the tokens of set i that set j lacks. */
static void offer_difference(struct greedy *g, size_t i, size_t j,
                             struct candidate *best)
{
    const struct hm_direction *dir = g->view->dir;
    const double *p = dir->p + dir->first[i];
    const double *other = dir->p + dir->first[j];
    size_t at = 0;

    for (size_t k = 0; k < dir->count[i]; k++) {
        while (at < dir->count[j] && other[at] < p[k])
            at++;
        if (at < dir->count[j] && other[at] == p[k])
            continue;
        const double gap = isolation(p, dir->count[i], k);

        for (size_t move = 0; move < N_MOVES; move++) {
            const double theta = p[k] + MOVES[move] * gap;

            if (move == 0 || gap > 0.0) {
                offer_theta(g, att_arithmetic_round(g->view->a, theta), best);
            }
        }
    }
}

/* The next pair of neighbours in code order, at or after `from`, whose codes
 * count as one; n when there is none. */
static size_t unseparated(const struct hm_codes *codes, size_t from)
{
    for (size_t i = from; i + 1 < codes->n; i++) {
        const double gap =
            codes->c[codes->order[i + 1]] - codes->c[codes->order[i]];

        if (gap <= codes->tol)
            return i;
    }
    return codes->n;
}

static struct candidate best_of_differences(struct greedy *g)
{
    struct candidate best = {.column = NULL};
    size_t at = unseparated(&g->codes, 0);

    for (int pair = 0; pair < N_PAIRS && at < g->codes.n; pair++) {
        const size_t i = g->codes.order[at];
        const size_t j = g->codes.order[at + 1];

        offer_difference(g, i, j, &best);
        offer_difference(g, j, i, &best);
        if (best.column != NULL && best.score.n_distinct > g->now.n_distinct)
            return best;
        at = unseparated(&g->codes, at + 1);
    }
    return best;
}

/* ---- the loop --------------------------------------------------------------- */

static void take(struct greedy *g, const struct candidate *best)
{
    struct hm_landmarks *out = g->out;

    att_hm_codes_apply(&g->codes, best->column, best->beta);
    out->theta[out->n] = best->column->theta;
    out->beta[out->n] = best->beta;
    out->n++;
    out->margin = fmin(out->margin, best->column->margin);
    out->gap = best->score.gap;
    out->n_distinct = best->score.n_distinct;
    out->in_range = out->in_range && best->score.in_range;
    g->now = best->score;
}

/* The two sets whose codes are nearest each other. */
static size_t closest(const struct hm_codes *codes)
{
    size_t at = 0;
    double least = INFINITY;

    for (size_t i = 0; i + 1 < codes->n; i++) {
        const double gap =
            codes->c[codes->order[i + 1]] - codes->c[codes->order[i]];

        if (gap < least) {
            least = gap;
            at = i;
        }
    }
    return at;
}

static void refuse_pair(const struct greedy *g, struct hm_verdict *verdict)
{
    const size_t *rep = g->view->sets->rep;
    const size_t at = closest(&g->codes);
    const size_t i = rep[g->codes.order[at]];
    const size_t j = rep[g->codes.order[at + 1]];

    att_hm_refuse(verdict, HM_NOT_SEPARABLE, i, j,
                  "cannot separate sequences %zu and %zu at tolerance %g",
                  i < j ? i : j, i < j ? j : i, g->codes.tol);
}

/* Split codes until all are distinct. */
static void separate(struct greedy *g, struct hm_verdict *verdict)
{
    const size_t n = g->codes.n;

    do {
        struct candidate best = best_of_pool(g, UNIT, N_UNIT);

        if (n > 1 && best.score.n_distinct <= g->now.n_distinct)
            best = best_of_differences(g);
        if (best.column == NULL ||
            (n > 1 && best.score.n_distinct <= g->now.n_distinct)) {
            refuse_pair(g, verdict);
            return;
        }
        take(g, &best);
    } while (g->now.n_distinct < n);
}

/* All codes are distinct, but closer than 1 / (8 N^2): add landmarks while
 * that helps. */
static void widen(struct greedy *g, size_t limit)
{
    const double n = (double)g->codes.n;

    while (g->out->n < limit && g->now.gap < 1.0 / (8.0 * n * n)) {
        const struct candidate best = best_of_pool(g, UNIT, N_UNIT);

        if (best.column == NULL || !att_hm_score_better(&best.score, &g->now))
            return;
        take(g, &best);
    }
}

/* Landmarks up to the limit, keeping all codes distinct. */
static void fill(struct greedy *g, size_t limit, struct hm_verdict *verdict)
{
    while (g->out->n < limit) {
        struct candidate best = best_of_pool(g, UNIT, N_UNIT);

        if (best.score.n_distinct < g->codes.n)
            best = best_of_pool(g, DYADIC, N_DYADIC);
        if (best.column == NULL || best.score.n_distinct < g->codes.n) {
            refuse_pair(g, verdict);
            return;
        }
        take(g, &best);
    }
}

static att_status init(struct greedy *g, double tol, struct att_arena *arena,
                       struct att_error *err)
{
    const size_t n = g->view->sets->n;

    ATT_TRY(att_hm_codes_init(&g->codes, n, g->view->a, tol, arena, err));
    ATT_TRY(att_hm_column_init(n, arena, &g->trial, err));
    ATT_TRY(att_hm_column_init(n, arena, &g->chosen, err));
    g->scratch = ATT_NEW(arena, double, 2 * n);
    if (g->scratch == NULL)
        return att_arena_fail(arena, "the greedy search", err);
    g->now = (struct hm_score){.n_distinct = n == 0 ? 0 : 1, .gap = INFINITY};
    g->out->n = 0;
    g->out->n_distinct = g->now.n_distinct;
    g->out->margin = g->out->gap = INFINITY;
    g->out->in_range = true;
    return ATT_OK;
}

att_status att_hm_greedy(const struct hm_search *search,
                         struct att_arena *arena, struct hm_landmarks *out,
                         struct hm_verdict *verdict, struct att_error *err)
{
    const struct hm_pool *pool = search->pool;
    struct greedy g = {.view = search->view, .pool = pool, .out = out};
    const size_t n = search->view->sets->n;
    const size_t limit = n > 2 ? n - 1 : 1;

    ATT_TRY(init(&g, search->tol, arena, err));
    if (pool->n == 0) {
        const size_t j = search->view->sets->rep[pool->worst];

        att_hm_refuse(verdict, HM_NO_MARGIN, j, j,
                      "landmark tie: leader margin %g of sequence %zu at best",
                      pool->worst_margin, j);
        return ATT_OK;
    }
    separate(&g, verdict);
    if (verdict->kind == HM_BUILT && search->mode == HM_ADAPTIVE)
        widen(&g, limit);
    if (verdict->kind == HM_BUILT && search->mode == HM_FULL)
        fill(&g, limit, verdict);
    return ATT_OK;
}
