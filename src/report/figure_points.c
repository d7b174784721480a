/* figure_points.c - medians with bands, and the cells of heat maps. */
#include <math.h>

#include "attest/base/distribution.h"
#include "attest/base/statistics.h"
#include "figure_priv.h"

static const double LEVEL = 0.95; /* of confidence; captions say it */

/* Values of a run, those that are there; returns their number. */
static size_t values_of(const struct att_gathered *g, struct att_run r,
                        const struct att_variable *v, double *value)
{
    size_t n = 0;

    for (size_t i = r.first; i < r.end; i++) {
        value[n] = att_variable_number(v, g->sample[i]);
        n += isfinite(value[n]) ? 1 : 0;
    }
    return n;
}

static struct att_interval band_of(enum att_band band, double *value, size_t n,
                                   const struct att_summary *s)
{
    switch (band) {
    case ATT_BAND_IQR:
        return (struct att_interval){s->q1, s->q3};
    case ATT_BAND_RANGE:
        return (struct att_interval){s->min, s->max};
    case ATT_BAND_CI:
        return att_median_interval(value, n);
    case ATT_BAND_NONE:
    case ATT_BANDS:
        break;
    }
    return (struct att_interval){NAN, NAN};
}

/* Of confidence LEVEL for the mean: Wilson's interval where all values are 0 or
 * 1, else normal, from the standard error. */
static struct att_interval mean_band(const double *sorted, size_t n,
                                     const struct att_summary *s)
{
    size_t n_ones = 0;

    while (n_ones < n && sorted[n - 1 - n_ones] == 1)
        n_ones++;
    if (n > 0 && (n_ones == n || (s->min == 0 && sorted[n - 1 - n_ones] == 0)))
        return att_wilson(n_ones, n, LEVEL);
    const double half =
        att_normal_quantile((1 + LEVEL) / 2) * s->sd / sqrt((double)n);

    return (struct att_interval){s->mean - half, s->mean + half};
}

static struct att_figure_point make_point(const struct att_gathered *g,
                                          struct att_run r, double *value)
{
    const size_t n = values_of(g, r, g->y, value);
    const struct att_summary s = att_summarise(value, n); /* sorts */
    const struct att_interval band =
        g->query->means ? mean_band(value, n, &s)
                        : band_of(g->query->band, value, n, &s);
    const bool bounded = n > 0 && isfinite(band.lo) && isfinite(band.hi);

    return (struct att_figure_point){
        .x = g->x_at[r.first],
        .y = g->query->means ? s.mean : s.median,
        .lo = bounded ? band.lo : (double)NAN,
        .hi = bounded ? band.hi : (double)NAN,
        .n = n,
        .n_rows = r.end - r.first,
    };
}

/* "k=2 mode=free" of the series of a sample. */
static const char *label_of(const struct att_gathered *g, size_t i)
{
    const char *label = "";
    char number[ATT_NUMBER_TEXT];

    for (uint32_t k = 0; label != NULL && k < g->query->n_by; k++) {
        const struct att_value v = att_variable_cell(g->by[k], g->sample[i]);

        label =
            att_arena_printf(g->arena, "%s%s%s=%s", label, k == 0 ? "" : " ",
                             g->query->by[k], att_value_text(v, number));
    }
    return label;
}

static att_status begin_series(const struct att_gathered *g, size_t i,
                               size_t room, struct att_figure_series *s)
{
    *s = (struct att_figure_series){
        .label = label_of(g, i),
        .point = ATT_NEW(g->arena, struct att_figure_point, room)};
    return s->label == NULL || s->point == NULL ? ATT_E_NOMEM : ATT_OK;
}

static size_t series_size(const struct att_gathered *g, size_t first)
{
    size_t end = first;

    while (end < g->n && g->series[end] == g->series[first])
        end++;
    return end - first;
}

static void include_point(struct att_figure *f,
                          const struct att_figure_point *p)
{
    att_axis_include(&f->x, p->x);
    att_axis_include(&f->y, p->y);
    att_axis_include(&f->y, p->lo);
    att_axis_include(&f->y, p->hi);
}

att_status att_figure_points(const struct att_gathered *g,
                             struct att_figure *figure, struct att_error *err)
{
    struct att_run r = {0, 0};
    double *value = ATT_NEW(g->arena, double, g->n + 1);

    figure->series = ATT_NEW(g->arena, struct att_figure_series, g->n_series);
    if (value == NULL || figure->series == NULL)
        return att_arena_fail(g->arena, "the points of a figure", err);
    while (att_next_run(g, &r)) {
        struct att_figure_series *s = &figure->series[g->series[r.first]];

        if (g->series[r.first] == figure->n_series) {
            if (begin_series(g, r.first, series_size(g, r.first), s) != ATT_OK)
                return att_arena_fail(g->arena, "a series of points", err);
            figure->n_series++;
        }
        s->point[s->n] = make_point(g, r, value);
        include_point(figure, &s->point[s->n++]);
    }
    if (figure->y.lo > figure->y.hi) {
        return att_fail(err, ATT_E_ARG,
                        "sweep %s has nothing to draw: none of %zu rows has "
                        "a number in %s",
                        g->query->table->name, g->n_rows, g->query->y);
    }
    return ATT_OK;
}
