/* page_cost.c - what the cost model said, and what the clock says. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "figure_priv.h"
#include "page_priv.h"
#include "report_priv.h"

enum { BINS_PER_DECADE = 5, N_BINS = 40 * BINS_PER_DECADE };

enum { C_SWEEP, C_ROWS, C_SECONDS, C_NS, C_LO, C_HI, C_NEAR, N_C };

static const struct att_text_column COLUMNS[N_C] = {
    [C_SWEEP] = {.name = "sweep"},
    [C_ROWS] = {.name = "rows"},
    [C_SECONDS] = {.name = "core seconds", .digits = ATT_DIGITS_DEFAULT},
    [C_NS] = {.name = "ns per modelled flop", .digits = ATT_DIGITS_DEFAULT},
    [C_LO] = {.name = "quartile", .digits = ATT_DIGITS_DEFAULT},
    [C_HI] = {.name = "quartile", .digits = ATT_DIGITS_DEFAULT},
    [C_NEAR] = {.name = "within a factor 2", .digits = 3},
};

struct timed {
    double flops, wall_s; /* both positive */
};

/* One sweep's rows with a time and a cost, cheapest first. */
struct costs {
    struct timed *row; /* n */
    size_t n;
    double sum_s;
};

static int by_flops(const void *a, const void *b)
{
    const struct timed *x = a;
    const struct timed *y = b;

    if (x->flops != y->flops)
        return x->flops < y->flops ? -1 : 1;
    return (x->wall_s > y->wall_s) - (x->wall_s < y->wall_s);
}

static double modelled_flops(const struct att_table *t, size_t row,
                             struct att_arena *arena)
{
    struct att_row_view view = {0};

    if (att_table_view(t, row, arena, &view, NULL) != ATT_OK)
        return NAN;
    return t->construction->cost(view.param).flops;
}

static att_status collect(const struct att_table *t, struct att_arena *arena,
                          struct costs *c)
{
    const int wall = att_table_find(t, "wall_s");

    *c = (struct costs){.row = ATT_NEW(arena, struct timed, t->rows.n)};
    if (c->row == NULL)
        return ATT_E_NOMEM;
    for (size_t i = 0; wall >= 0 && i < t->rows.n; i++) {
        const struct att_arena_mark mark = att_arena_mark(arena);

        if (att_table_status(t, i) != ATT_DONE)
            continue;
        c->row[c->n] = (struct timed){
            .flops = modelled_flops(t, i, arena),
            .wall_s = att_frame_number(&t->rows, i, (uint32_t)wall),
        };
        att_arena_rewind(arena, mark);
        if (!(c->row[c->n].flops > 0) || !(c->row[c->n].wall_s > 0))
            continue;
        c->sum_s += c->row[c->n++].wall_s;
    }
    if (c->n > 0)
        qsort(c->row, c->n, sizeof *c->row, by_flops);
    return ATT_OK;
}

/* ---- the table --------------------------------------------------------------- */

static att_status add_line(const char *sweep, const struct costs *c,
                           struct att_arena *arena, struct att_text_table *out,
                           struct att_error *err)
{
    double *ratio = ATT_NEW(arena, double, c->n);
    const char *near = NULL;
    size_t n_near = 0;

    if (ratio == NULL)
        return att_arena_fail(arena, "the cost model's table", err);
    for (size_t i = 0; i < c->n; i++)
        ratio[i] = 1e9 * c->row[i].wall_s / c->row[i].flops;
    const struct att_summary s = att_summarise(ratio, c->n);
    for (size_t i = 0; i < c->n; i++)
        n_near += ratio[i] <= 2 * s.median && 2 * ratio[i] >= s.median;
    near = att_arena_printf(arena, "%.0f %%",
                            100.0 * (double)n_near / (double)c->n);
    if (near == NULL)
        return att_arena_fail(arena, "the cost model's table", err);
    const struct att_value cells[N_C] = {
        [C_SWEEP] = att_text(sweep),      [C_ROWS] = att_int((int64_t)c->n),
        [C_SECONDS] = att_real(c->sum_s), [C_NS] = att_real(s.median),
        [C_LO] = att_real(s.q1),          [C_HI] = att_real(s.q3),
        [C_NEAR] = att_text(near),
    };
    return att_text_table_add(out, cells, err);
}

/* ---- the figure ---------------------------------------------------------------- */

static int bin_of(double flops)
{
    const int bin = (int)floor(log10(flops) * BINS_PER_DECADE);

    return bin < 0 ? 0 : bin >= N_BINS ? N_BINS - 1 : bin;
}

/* Median, quartiles and mean cost of the n rows of one bin. */
static struct att_figure_point point_of(const struct timed *row, size_t n,
                                        double *value)
{
    double log_flops = 0;

    for (size_t i = 0; i < n; i++) {
        value[i] = row[i].wall_s;
        log_flops += log(row[i].flops);
    }
    const struct att_summary s = att_summarise(value, n);

    return (struct att_figure_point){
        .x = exp(log_flops / (double)n),
        .y = s.median,
        .lo = s.q1,
        .hi = s.q3,
        .n = n,
        .n_rows = n,
    };
}

static att_status add_series(const struct costs *c, const char *sweep,
                             struct att_arena *arena, struct att_figure *f)
{
    struct att_figure_series *s = &f->series[f->n_series++];
    double *value = ATT_NEW(arena, double, c->n);

    *s = (struct att_figure_series){
        .label = sweep,
        .point = ATT_NEW(arena, struct att_figure_point, N_BINS)};
    if (value == NULL || s->point == NULL)
        return ATT_E_NOMEM;
    for (size_t first = 0, end = 0; first < c->n; first = end) {
        struct att_figure_point *p = &s->point[s->n++];
        const int bin = bin_of(c->row[first].flops);

        while (end < c->n && bin_of(c->row[end].flops) == bin)
            end++;
        *p = point_of(c->row + first, end - first, value);
        att_axis_include(&f->x, p->x);
        att_axis_include(&f->y, p->lo);
        att_axis_include(&f->y, p->hi);
    }
    return ATT_OK;
}

static struct att_figure empty_figure(struct att_figure_series *series)
{
    return (struct att_figure){
        .title = "Time of a row against its modelled cost",
        .caption = "Medians and quartiles of the rows in each fifth of a "
                   "decade. Times are of this run's machine; a straight line "
                   "of slope 1 is a model that is right but for its unit.",
        .x_name = "flops",
        .y_name = "wall_s",
        .colour_name = "",
        .x = {.label = "modelled operations (flop)",
              .lo = INFINITY,
              .hi = -INFINITY,
              .log = true},
        .y = {.label = "time of the row (s)",
              .lo = INFINITY,
              .hi = -INFINITY,
              .log = true},
        .series = series,
    };
}

att_status att_page_cost(struct att_page_out *o, struct att_error *err)
{
    struct att_dataset *ds = o->page->dataset;
    const uint32_t n_sweeps = att_dataset_n_sweeps(ds);
    struct att_text_table t = {0};
    struct att_figure figure =
        empty_figure(ATT_NEW(o->arena, struct att_figure_series, n_sweeps));

    if (figure.series == NULL)
        return att_arena_fail(o->arena, "the cost model's figure", err);
    att_text_table_init(&t, o->arena, COLUMNS, N_C);
    att_buffer_text(o->html, "<h2 id=cost>The cost model and the clock</h2>\n");
    for (uint32_t i = 0; i < n_sweeps; i++) {
        const struct att_table *table = att_dataset_sweep(ds, i);
        struct costs c = {0};

        if (table->construction == NULL)
            continue;
        if (collect(table, o->arena, &c) != ATT_OK ||
            (c.n > 0 && figure.n_series < ATT_FIGURE_SERIES &&
             add_series(&c, table->name, o->arena, &figure) != ATT_OK))
            return att_arena_fail(o->arena, "the cost model's figure", err);
        if (c.n > 0)
            ATT_TRY(add_line(table->name, &c, o->arena, &t, err));
    }
    if (t.n_rows == 0) {
        att_buffer_text(o->html, "<p>No row has a time yet.</p>\n");
        return ATT_OK;
    }
    att_html_table(o->html, &t);
    att_buffer_text(o->html, "<div class=figures>\n");
    if (figure.x.hi > figure.x.lo)
        ATT_TRY(att_html_figure(o, &figure, err));
    att_buffer_text(o->html, "</div>\n");
    return ATT_OK;
}
