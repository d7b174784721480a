/* hardmax_direction.c - step 1: a direction along which the sets differ, and
 * its normalisation to one binade.
 *
 * u carries a token's identity, v (orthogonal to u) will carry the code.
 * kappa and b0 map all tokens to [1.125, 1.875], where numbers of b bits are
 * multiples of 2^(1 - b): sums of them stay exact while they are below 2. */
#include <math.h>

#include "attest/linalg/vector.h"
#include "hardmax_build_priv.h"

enum { HM_TAG_DIRECTION = 1 }; /* step: number of the draw; item 0: u, 1: v */

static const double SPAN = 0.75, LOWEST = 1.125;

att_status att_hm_direction_init(const struct hm_sets *sets,
                                 struct att_arena *arena,
                                 struct hm_direction *dir,
                                 struct att_error *err)
{
    const size_t d = sets->s->d;
    size_t total = 0;

    for (size_t j = 0; j < sets->n; j++)
        total += att_sequence_length(sets->s, sets->rep[j]);
    *dir = (struct hm_direction){
        .u = ATT_NEW(arena, double, d),
        .v = ATT_NEW(arena, double, d),
        .U = ATT_NEW(arena, double, d),
        .p = ATT_NEW(arena, double, total),
        .first = ATT_NEW(arena, size_t, sets->n),
        .count = ATT_NEW(arena, size_t, sets->n),
    };
    if (dir->u == NULL || dir->v == NULL || dir->U == NULL || dir->p == NULL ||
        dir->first == NULL || dir->count == NULL)
        return att_arena_fail(arena, "a direction", err);
    return ATT_OK;
}

static void normalise(size_t d, double *x)
{
    const double norm = sqrt(att_dot(d, x, x));

    for (size_t k = 0; k < d; k++)
        x[k] /= norm;
}

void att_hm_direction_draw(const struct att_workspace *ws, uint32_t index,
                           size_t d, struct hm_direction *dir)
{
    const struct att_stream u =
        att_builder_stream(ws, HM_TAG_DIRECTION, index, 0);
    const struct att_stream v =
        att_builder_stream(ws, HM_TAG_DIRECTION, index, 1);

    att_stream_normals(&u, 0, d, dir->u);
    att_stream_normals(&v, 0, d, dir->v);
    normalise(d, dir->u);
    for (int twice = 0; twice < 2; twice++)
        att_axpy(d, -att_dot(d, dir->u, dir->v), dir->u, dir->v);
    normalise(d, dir->v);
}

struct range {
    double lo, hi;
};

/* Smallest and largest number that the projector gives; p is scratch. */
static struct range find_range(const struct hm_sets *sets,
                               const struct hm_projector *pr, double *p)
{
    struct range range = {INFINITY, -INFINITY};

    for (size_t j = 0; j < sets->n; j++) {
        const size_t n = att_sequence_length(sets->s, sets->rep[j]);

        att_hm_project(pr, sets->rep[j], p);
        for (size_t i = 0; i < n; i++) {
            range.lo = p[i] < range.lo ? p[i] : range.lo;
            range.hi = p[i] > range.hi ? p[i] : range.hi;
        }
    }
    return range;
}

/* kappa, b0 and U from the range along u, rounded to the arithmetic. */
static void set_scale(const struct att_arithmetic *a, size_t d,
                      struct range range, struct hm_direction *dir)
{
    const double width = range.hi - range.lo;

    dir->kappa = att_arithmetic_round(a, width > 0.0 ? SPAN / width : 1.0);
    dir->b0 = att_arithmetic_round(a, LOWEST - dir->kappa * range.lo);
    for (size_t k = 0; k < d; k++)
        dir->U[k] = att_arithmetic_round(a, dir->kappa * dir->u[k]);
}

/* P_j of every set. */
static void project_sets(const struct hm_sets *sets,
                         const struct hm_projector *pr, double *scratch,
                         struct hm_direction *dir)
{
    size_t at = 0;

    for (size_t j = 0; j < sets->n; j++) {
        const size_t n = att_sequence_length(sets->s, sets->rep[j]);
        double *p = dir->p + at;

        att_hm_project(pr, sets->rep[j], p);
        att_hm_prep(&pr->tokens->a, dir->b0, n, p);
        dir->first[j] = at;
        dir->count[j] = att_hm_sort_unique(p, n, scratch);
        at += n;
    }
}

att_status att_hm_direction_project(const struct hm_sets *sets,
                                    const struct hm_tokens *tokens,
                                    struct hm_direction *dir,
                                    struct att_arena *arena,
                                    struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    double *scratch = ATT_NEW(arena, double, sets->s->longest);
    struct hm_projector pr;

    if (scratch == NULL)
        return att_arena_fail(arena, "a projection", err);
    ATT_TRY(att_hm_projector_init(tokens, arena, &pr, err));
    att_hm_projector_aim(&pr, dir->u);
    set_scale(&tokens->a, sets->s->d, find_range(sets, &pr, dir->p), dir);
    att_hm_projector_aim(&pr, dir->U);
    project_sets(sets, &pr, scratch, dir);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
