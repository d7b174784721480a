/* memorization_project.c - steps 7 and 8: a direction by rejection. */
#include "memorization_priv.h"

#include <math.h>

#include "attest/base/statistics.h"
#include "attest/linalg/vector.h"

static void measure(struct mem_projection *out, double *sorted, size_t m)
{
    out->low = (double)INFINITY;
    out->high = 0.0;
    for (size_t t = 0; t < m; t++) {
        sorted[t] = out->p[t];
        out->low = fmin(out->low, fabs(out->p[t]));
        out->high = fmax(out->high, fabs(out->p[t]));
    }
    (void)att_sort(sorted, m);
    out->p_min = sorted[0];
    out->p_max = sorted[m - 1];
    out->gap = att_mem_least_gap(sorted, m);
}

att_status att_mem_project(struct att_mat vocab, const double *v,
                           struct att_arena *arena, struct mem_projection *out,
                           struct att_error *err)
{
    double *p = ATT_NEW(arena, double, vocab.rows);
    const struct att_arena_mark mark = att_arena_mark(arena);
    double *sorted = ATT_NEW(arena, double, vocab.rows);

    if (p == NULL || sorted == NULL)
        return att_arena_fail(arena, "a projection", err);
    att_project(vocab, v, p);
    out->v = v;
    out->p = p;
    measure(out, sorted, vocab.rows);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* L3 for a pair of points at distance `size` whose projections differ by
 * `seen`: (M+1)^-2 sqrt(8/(pi d)) size <= seen <= size.  The upper half holds
 * for every unit vector; it is not asked of rounded numbers. */
static bool pair_fits(double m, double d, double size, double seen)
{
    const double pi = 3.14159265358979323846;

    return seen >= sqrt(8.0 / (pi * d)) / ((m + 1.0) * (m + 1.0)) * size;
}

static bool lemma_holds(struct att_mat vocab, const struct mem_projection *at)
{
    const double m = (double)vocab.rows, d = (double)vocab.cols;

    for (size_t a = 0; a < vocab.rows; a++) {
        const double *x = att_mat_row(vocab, a);

        const double norm = att_mem_distance(x, NULL, vocab.cols);

        if (!pair_fits(m, d, norm, fabs(at->p[a])))
            return false;
        for (size_t b = a + 1; b < vocab.rows; b++) {
            const double apart =
                att_mem_distance(x, att_mat_row(vocab, b), vocab.cols);

            if (!pair_fits(m, d, apart, fabs(at->p[a] - at->p[b])))
                return false;
        }
    }
    return true;
}

static void draw_direction(const struct att_workspace *ws, uint32_t at,
                           double *v, size_t d)
{
    const struct att_stream s = att_builder_stream(ws, MEM_PROJECTION, 0, at);

    att_stream_normals(&s, 0, d, v);
    const double norm = sqrt(att_dot(d, v, v));

    for (size_t k = 0; k < d; k++)
        v[k] /= norm;
}

att_status att_mem_draw(struct att_workspace *ws, struct att_mat vocab,
                        struct mem_draw *draw, struct mem_projection *out,
                        bool *found, struct att_error *err)
{
    double *v = ATT_NEW(ws->arena, double, vocab.cols);
    const uint32_t from = draw->at;

    if (v == NULL)
        return att_arena_fail(ws->arena, "a direction", err);
    *found = false;
    for (uint32_t i = 0; i < MEM_MOST_DRAWS && !*found; i++) {
        const struct att_arena_mark mark = att_arena_mark(ws->arena);

        draw_direction(ws, from + i, v, vocab.cols);
        ATT_TRY(att_mem_project(vocab, v, ws->arena, out, err));
        *found = out->low > 0.0 && out->gap > 0.0 &&
                 (!draw->lemma || lemma_holds(vocab, out));
        draw->at = from + i;
        draw->tries = i + 1;
        if (!*found)
            att_arena_rewind(ws->arena, mark);
    }
    return ATT_OK;
}
