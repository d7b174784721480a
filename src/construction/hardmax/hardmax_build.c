/* hardmax_build.c - the builder's outer loops: the ladder of tolerances, the
 * directions, and which of them wins. */
#include <math.h>

#include "attest/base/clock.h"
#include "hardmax_build_priv.h"

static const double FIRST_RUNG = 4.0; /* times 1 / (8 N^2) */
static const double RUNG_RATIO = 4.0;
static const double FLOOR_ULPS = 4.0; /* f64; any difference elsewhere */

/* One direction's landmarks, kept while others are tried. */
struct candidate {
    struct hm_direction dir; /* u, v, U, kappa, b0 only */
    struct hm_landmarks landmarks;
    struct hm_verdict verdict;
    bool tried; /* its certificate failed */
};

struct search {
    struct att_workspace *ws;
    const struct hm_config *config;
    const struct hm_tokens *tokens;
    const struct hm_sets *sets;
    struct candidate *candidate; /* n_dir, of which n_tried are filled */
    uint32_t n_tried;
    double target; /* 1 / (8 N^2) */
};

static att_status candidate_init(struct candidate *c, size_t n, size_t d,
                                 struct att_arena *arena, struct att_error *err)
{
    c->dir.u = ATT_NEW(arena, double, d);
    c->dir.v = ATT_NEW(arena, double, d);
    c->dir.U = ATT_NEW(arena, double, d);
    c->landmarks.theta = ATT_NEW(arena, double, n);
    c->landmarks.beta = ATT_NEW(arena, double, n);
    if (c->dir.u == NULL || c->dir.v == NULL || c->dir.U == NULL ||
        c->landmarks.theta == NULL || c->landmarks.beta == NULL)
        return att_arena_fail(arena, "a candidate", err);
    return ATT_OK;
}

static att_status search_init(struct search *search, struct att_error *err)
{
    const size_t n = search->sets->n;
    const uint32_t n_dir = search->config->n_dir;
    struct att_arena *arena = search->ws->arena;

    search->target = 1.0 / (8.0 * (double)n * (double)n);
    search->candidate = ATT_NEW0(arena, struct candidate, n_dir);
    if (search->candidate == NULL)
        return att_arena_fail(arena, "the candidates", err);
    for (uint32_t i = 0; i < n_dir; i++) {
        ATT_TRY(candidate_init(&search->candidate[i], n, search->tokens->s->d,
                               arena, err));
    }
    return ATT_OK;
}

/* u and v as the network will hold them, in the target arithmetic. */
static void keep_direction(const struct hm_direction *from,
                           const struct hm_tokens *tokens,
                           struct hm_direction *to)
{
    for (size_t k = 0; k < tokens->s->d; k++) {
        to->u[k] = att_arithmetic_round(&tokens->a, from->u[k]);
        to->v[k] = att_arithmetic_round(&tokens->a, from->v[k]);
        to->U[k] = from->U[k];
    }
    to->kappa = from->kappa;
    to->b0 = from->b0;
}

/* Steps 2 and 3 on a direction that is projected. */
static att_status find_landmarks(const struct search *search, uint32_t index,
                                 const struct hm_direction *dir, double tol,
                                 struct candidate *out, struct att_error *err)
{
    const struct hm_view view = {search->sets, dir, &search->tokens->a};
    struct hm_pool pool;
    const struct hm_search task = {&view, &pool, tol, search->config->mode};

    ATT_TRY(att_hm_pool_make(search->ws, &view, index, &pool, err));
    return att_hm_greedy(&task, search->ws->arena, &out->landmarks,
                         &out->verdict, err);
}

/* Steps 1 to 3 along one direction. */
static att_status try_direction(const struct search *search, uint32_t index,
                                double tol, struct candidate *out,
                                struct att_error *err)
{
    struct att_arena *arena = search->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct hm_direction dir;

    out->tried = false;
    out->verdict.kind = HM_BUILT;
    out->landmarks.n_distinct = 0;
    ATT_TRY(att_hm_direction_init(search->sets, arena, &dir, err));
    att_hm_direction_draw(search->ws, index, search->tokens->s->d, &dir);
    ATT_TRY(att_hm_direction_project(search->sets, search->tokens, &dir, arena,
                                     err));
    keep_direction(&dir, search->tokens, &out->dir);
    if (isfinite(dir.kappa) && isfinite(dir.b0)) {
        ATT_TRY(find_landmarks(search, index, &dir, tol, out, err));
    } else {
        const size_t j = search->sets->rep[0];

        att_hm_refuse(
            &out->verdict, HM_NOT_SEPARABLE, j, j,
            "the scale %g of the input projection is too large for the "
            "target arithmetic",
            dir.kappa);
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* Gap reaches its target, fewest landmarks, min(gap, 4 margin). */
static bool better(const struct search *search, const struct candidate *x,
                   const struct candidate *y)
{
    const struct hm_landmarks *a = &x->landmarks;
    const struct hm_landmarks *b = &y->landmarks;
    const bool a_reaches = a->gap >= search->target;
    const bool b_reaches = b->gap >= search->target;

    if (a_reaches != b_reaches)
        return a_reaches;
    if (a->n != b->n)
        return a->n < b->n;
    return fmin(a->gap, 4.0 * a->margin) > fmin(b->gap, 4.0 * b->margin);
}

/* The best candidate that has not failed; NULL when all have. */
static struct candidate *best_left(const struct search *search)
{
    struct candidate *best = NULL;

    for (uint32_t i = 0; i < search->n_tried; i++) {
        struct candidate *c = &search->candidate[i];

        if (c->tried || c->verdict.kind != HM_BUILT)
            continue;
        if (best == NULL || better(search, c, best))
            best = c;
    }
    return best;
}

/* Certificates in the order of preference, until one passes. */
static att_status finish(const struct search *search, struct hm_built *out,
                         struct att_error *err)
{
    struct att_arena *arena = search->ws->arena;
    struct candidate *c = NULL;

    while ((c = best_left(search)) != NULL) {
        const struct att_arena_mark mark = att_arena_mark(arena);

        out->verdict.kind = HM_BUILT;
        ATT_TRY(att_hm_assemble(search->tokens, &c->dir, &c->landmarks, arena,
                                out, err));
        if (out->verdict.kind == HM_BUILT) {
            out->direction = (uint32_t)(c - search->candidate);
            return ATT_OK;
        }
        c->tried = true;
        c->verdict = out->verdict;
        att_arena_rewind(arena, mark);
    }
    return ATT_OK;
}

/* The refusal of the direction that came farthest. */
static struct hm_verdict worst_news(const struct search *search)
{
    const struct candidate *best = &search->candidate[0];

    for (uint32_t i = 1; i < search->n_tried; i++) {
        const struct candidate *c = &search->candidate[i];

        if (c->landmarks.n_distinct > best->landmarks.n_distinct)
            best = c;
    }
    return best->verdict;
}

static bool is_enough(const struct search *search, const struct candidate *c)
{
    return search->config->first && c->verdict.kind == HM_BUILT &&
           c->landmarks.gap >= search->target;
}

static att_status try_rung(struct search *search, double tol,
                           struct hm_built *out, struct att_error *err)
{
    const uint32_t n_dir = search->config->n_dir;
    bool enough = false;

    for (uint32_t i = 0; i < n_dir && !enough; i++) {
        struct candidate *c = &search->candidate[i];

        search->ws->progress(search->ws->context, "build",
                             (double)i / (double)n_dir);
        ATT_TRY(try_direction(search, i, tol, c, err));
        search->n_tried = i + 1;
        enough = is_enough(search, c);
    }
    out->tolerance = tol;
    ATT_TRY(finish(search, out, err));
    if (best_left(search) == NULL)
        out->verdict = worst_news(search);
    return ATT_OK;
}

static double tolerance_floor(const struct att_arithmetic *a)
{
    const double ulps = a->kind == ATT_ARITHMETIC_F64 ? FLOOR_ULPS : 0.5;

    return ulps * att_hm_ulp(a);
}

static att_status climb_down(struct search *search, struct hm_built *out,
                             struct att_error *err)
{
    const double least = tolerance_floor(&search->tokens->a);
    double tol = search->config->ladder ? FIRST_RUNG * search->target : least;

    for (;;) {
        tol = fmax(tol, least);
        ATT_TRY(try_rung(search, tol, out, err));
        if (out->verdict.kind == HM_BUILT || tol <= least)
            return ATT_OK;
        tol /= RUNG_RATIO;
    }
}

att_status att_hm_build(struct att_workspace *ws, const struct att_sequences *s,
                        const struct hm_config *config, struct hm_built *out,
                        struct att_error *err)
{
    const double start = att_clock_s();
    struct hm_tokens tokens;
    struct search search = {.ws = ws, .config = config, .tokens = &tokens};

    *out = (struct hm_built){.config = config};
    ATT_TRY(att_hm_sets_make(s, ws->arena, &out->sets, &out->verdict, err));
    if (out->verdict.kind == HM_BUILT) {
        search.sets = &out->sets;
        ATT_TRY(att_hm_tokens_make(s, &config->build, ws->arena, &tokens, err));
        ATT_TRY(search_init(&search, err));
        ATT_TRY(climb_down(&search, out, err));
    }
    out->build_s = att_clock_s() - start;
    return ATT_OK;
}
