/* figure_cells.c - the cells of heat maps and their sides. */
#include <math.h>
#include <stdlib.h>

#include "figure_priv.h"

struct place {
    double y, value;
};

static int compare_places(const void *a, const void *b)
{
    const double x = ((const struct place *)a)->y;
    const double y = ((const struct place *)b)->y;

    return (x > y) - (x < y);
}

/* Cells of one x from its places, sorted by y. */
static void add_column(struct att_figure *f, double x, struct place *place,
                       size_t n)
{
    size_t first = 0;

    qsort(place, n, sizeof *place, compare_places);
    for (size_t i = 0; i < n; i++) {
        struct att_figure_cell *cell = &f->cell[f->n_cells];
        const double value = place[i].value;

        if (i == 0 || place[i].y != place[first].y) {
            first = i;
            cell = &f->cell[f->n_cells++];
            *cell = (struct att_figure_cell){.x = x, .y = place[i].y};
        } else {
            cell--;
        }
        cell->n_rows++;
        if (isfinite(value)) {
            cell->n++;
            cell->value += (value - cell->value) / (double)cell->n;
        }
    }
}

static double middle(double a, double b, bool log)
{
    return log ? sqrt(a) * sqrt(b) : (a + b) / 2;
}

/* The far side of an outermost cell: as far from it as the near side. */
static double beyond(double at, double near, bool log)
{
    if (near == at) /* alone */
        return log ? at * 2 : at + 1;
    return log ? at / near * at : 2 * at - near;
}

/* Sides of cell i between its neighbours' middles; `prev` and `next` are the
 * neighbours, or the place itself where there is none. */
static void sides(double prev, double at, double next, bool log, double *lo,
                  double *hi)
{
    const double below = middle(prev, at, log);
    const double above = middle(at, next, log);

    *lo = prev == at ? beyond(at, above, log) : below;
    *hi = next == at ? beyond(at, below, log) : above;
    if (prev == at && next == at)
        *lo = log ? at / 2 : at - 1;
}

/* Cells are in order of x, then y. */
static void place_cells(struct att_figure *f)
{
    size_t prev = 0; /* first cell of the column before */

    for (size_t first = 0, end = 0; first < f->n_cells; first = end) {
        while (end < f->n_cells && f->cell[end].x == f->cell[first].x)
            end++;
        const double after =
            end < f->n_cells ? f->cell[end].x : f->cell[first].x;

        for (size_t i = first; i < end; i++) {
            struct att_figure_cell *c = &f->cell[i];

            sides(f->cell[prev].x, c->x, after, f->x.log, &c->x_lo, &c->x_hi);
            sides(f->cell[i > first ? i - 1 : i].y, c->y,
                  f->cell[i + 1 < end ? i + 1 : i].y, f->y.log, &c->y_lo,
                  &c->y_hi);
        }
        prev = first;
    }
}

static void include_cells(struct att_figure *f)
{
    for (size_t i = 0; i < f->n_cells; i++) {
        att_axis_include(&f->x, f->cell[i].x);
        att_axis_include(&f->y, f->cell[i].y);
        if (f->cell[i].n > 0)
            att_axis_include(&f->colour, f->cell[i].value);
    }
}

att_status att_figure_cells(const struct att_gathered *g,
                            struct att_figure *figure, struct att_error *err)
{
    struct att_run r = {0, 0};
    struct place *place = ATT_NEW(g->arena, struct place, g->n);

    figure->cell = ATT_NEW(g->arena, struct att_figure_cell, g->n);
    if (place == NULL || figure->cell == NULL)
        return att_arena_fail(g->arena, "the cells of a heat map", err);
    while (att_next_run(g, &r)) {
        size_t n = 0;

        for (size_t i = r.first; i < r.end; i++) {
            place[n].y = att_variable_number(g->y, g->sample[i]);
            place[n].value = att_variable_number(g->colour, g->sample[i]);
            n += isfinite(place[n].y) ? 1 : 0;
        }
        add_column(figure, g->x_at[r.first], place, n);
    }
    include_cells(figure);
    if (figure->colour.lo > figure->colour.hi) {
        return att_fail(err, ATT_E_ARG,
                        "sweep %s has nothing to draw: none of %zu rows has "
                        "numbers in %s and %s",
                        g->query->table->name, g->n_rows, g->query->y,
                        g->query->colour);
    }
    att_axis_settle(&figure->x, g->query->x_scale);
    att_axis_settle(&figure->y, g->query->y_scale);
    place_cells(figure);
    for (size_t c = 0; c < figure->n_cells; c++) {
        att_axis_include(&figure->x, figure->cell[c].x_lo);
        att_axis_include(&figure->x, figure->cell[c].x_hi);
        att_axis_include(&figure->y, figure->cell[c].y_lo);
        att_axis_include(&figure->y, figure->cell[c].y_hi);
    }
    return ATT_OK;
}
