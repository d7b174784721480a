/* memorization_readout.c - m read-outs with a direction each: ids are points of
 * R^m, told apart in the largest coordinate. */
#include "memorization_config_priv.h"

#include <math.h>
#include <stdlib.h>

#include "attest/base/statistics.h"

enum { CHOICES = 8, MOST_READOUTS = 4 };
static const double READOUT_KAPPA = 2.0;

/* An id as a point; the first coordinate sorts. */
struct point {
    double x[MOST_READOUTS];
};

static int by_first(const void *a, const void *b)
{
    const double x = ((const struct point *)a)->x[0];
    const double y = ((const struct point *)b)->x[0];

    return (x > y) - (x < y);
}

static double chebyshev(const struct point *a, const struct point *b, size_t m)
{
    double most = 0.0;

    for (size_t k = 0; k < m; k++)
        most = fmax(most, fabs(a->x[k] - b->x[k]));
    return most;
}

/* Points farther apart in the first coordinate than the best are skipped. */
static double closest(const struct point *x, size_t n, size_t m)
{
    double best = (double)INFINITY;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n && x[j].x[0] - x[i].x[0] < best; j++)
            best = fmin(best, chebyshev(&x[i], &x[j], m));
    }
    return best;
}

/* Coordinate k of all points: z = p + rho s, divided by its largest size. */
static att_status fill_coordinate(const struct mem_trial *t,
                                  const struct mem_projection *at, size_t k,
                                  struct point *x, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct mem_ids *ids = &t->b->data.ids;
    const struct mem_query q = {ids, at->p,
                                READOUT_KAPPA / (at->high * at->high)};
    double *s = ATT_NEW(arena, double, ids->n);
    double size = 0.0;

    if (s == NULL)
        return att_arena_fail(arena, "the read-outs", err);
    ATT_TRY(att_mem_attend(&q, s, arena, err));
    const double spread = att_mem_spread(s, ids->n);
    const double rho = spread > 0.0 ? (at->p_max - at->p_min) / spread : 1.0;

    for (size_t i = 0; i < ids->n; i++) {
        x[i].x[k] = at->p[ids->token[i]] + rho * s[i];
        size = fmax(size, fabs(x[i].x[k]));
    }
    for (size_t i = 0; i < ids->n; i++)
        x[i].x[k] /= size;
    return ATT_OK;
}

static att_status one_choice(const struct mem_trial *t, uint32_t choice,
                             struct point *x, double *bits,
                             struct att_error *err)
{
    const struct mem_data *data = &t->b->data;
    const struct att_mat vocab =
        att_mat_view(data->vocab, data->ids.n_tokens, data->in->d);
    const size_t m = t->b->config.readout;
    struct mem_draw draw = {.at = choice * MOST_READOUTS};

    *bits = (double)NAN;
    for (size_t k = 0; k < m; k++, draw.at++) {
        const struct att_arena_mark mark = att_arena_mark(t->ws->arena);
        struct mem_projection at;
        bool found = false;

        ATT_TRY(att_mem_draw(t->ws, vocab, &draw, &at, &found, err));
        if (!found)
            return ATT_OK;
        ATT_TRY(fill_coordinate(t, &at, k, x, err));
        att_arena_rewind(t->ws->arena, mark);
    }
    qsort(x, data->ids.n, sizeof *x, by_first);
    *bits = -log2(closest(x, data->ids.n, m));
    return ATT_OK;
}

/* The first choice's numbers serve m = 1 as well as m = 4: directions nest. */
att_status att_mem_measure_readout(const struct mem_trial *t,
                                   struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct point *x = ATT_NEW0(arena, struct point, t->b->data.ids.n);
    double bits[CHOICES];

    if (x == NULL)
        return att_arena_fail(arena, "the read-outs", err);
    if (t->b->data.ids.n < 2)
        return ATT_OK;
    for (uint32_t c = 0; c < CHOICES; c++)
        ATT_TRY(one_choice(t, c, x, &bits[c], err));
    const double median = att_median(bits, CHOICES);

    if (isfinite(median))
        att_out_real(t->out, MEM_M_BITS_READOUT, median);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
