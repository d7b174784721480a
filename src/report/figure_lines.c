/* figure_lines.c - the theorem beside the points. */
#include <math.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "figure_priv.h"

enum { CURVE_POINTS = 121 };

/* How far a closed form goes beyond the points, as a share of their span. */
static const double BEYOND = 0.08;

/* The closed form of a line, or the values it has at the points. */
struct line {
    const struct att_gathered *g;
    const struct att_figure *figure;
    const struct att_variable *v;
    bool closed; /* v is an expression, not just a column of results */
};

static bool is_parameter(const struct att_variable *v)
{
    const struct att_field *f = att_variable_field(v);

    return f == NULL || f->role == ATT_FIELD_PARAMETER;
}

#define FORM(construction_, column_, form_) {construction_, column_, form_},
static const struct {
    const char *construction, *column, *form;
} FORMS[] = {
#include "forms.def"
};
#undef FORM

/* The closed form of a predicted column; NULL: none is known. */
static const char *closed_form(const char *construction,
                               const struct att_field *f)
{
    if (f->formula != NULL && f->formula[0] != '\0')
        return f->formula;
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        if (att_text_same(FORMS[i].construction, construction) &&
            att_text_same(FORMS[i].column, f->name))
            return FORMS[i].form;
    }
    return NULL;
}

static att_status open_line(const struct att_gathered *g, const char *text,
                            struct line *line, struct att_error *err)
{
    struct att_variable *v = NULL;

    ATT_TRY(att_variable_create(g->scope, text, &v, err));
    const struct att_field *f = att_variable_field(v);
    const char *form =
        f == NULL ? NULL : closed_form(g->query->table->construction_name, f);
    if (form != NULL)
        ATT_TRY(att_variable_create(g->scope, form, &v, err));
    line->v = v;
    line->closed = is_parameter(v);
    return ATT_OK;
}

/* May the line leave the points of the samples first .. end - 1? */
static bool is_free(const struct line *line, size_t first, size_t end)
{
    const struct att_gathered *g = line->g;

    if (!line->closed || att_variable_field(g->x) == NULL)
        return false;
    for (size_t i = first; i < end; i++) {
        if (!att_variable_same_but(line->v, g->x, g->sample[first],
                                   g->sample[i]))
            return false;
    }
    return true;
}

static double step_of(const struct att_figure_axis *x, double t)
{
    const double at = t * (1 + 2 * BEYOND) - BEYOND;

    const double linear = x->lo + (x->hi - x->lo) * at;

    if (x->log)
        return x->lo * pow(x->hi / x->lo, at);
    return x->lo > 0 ? fmax(linear, x->lo / 2) : linear; /* keep the sign */
}

static att_status curve_beyond(const struct line *line, size_t first,
                               struct att_figure_curve *curve)
{
    const struct att_gathered *g = line->g;
    double *x = ATT_NEW(g->arena, double, CURVE_POINTS);
    double *y = ATT_NEW(g->arena, double, CURVE_POINTS);

    if (x == NULL || y == NULL)
        return ATT_E_NOMEM;
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        x[i] = step_of(&line->figure->x, (double)i / (CURVE_POINTS - 1));
        y[i] = att_variable_number_at(line->v, g->sample[first], g->x, x[i]);
    }
    *curve = (struct att_figure_curve){x, y, CURVE_POINTS};
    return ATT_OK;
}

/* Medians of the line's values at each x of a series. */
static att_status curve_through(const struct line *line, size_t first,
                                size_t end, struct att_figure_curve *curve)
{
    const struct att_gathered *g = line->g;
    double *x = ATT_NEW(g->arena, double, end - first);
    double *y = ATT_NEW(g->arena, double, end - first);
    double *value = ATT_NEW(g->arena, double, end - first);
    struct att_run r = {first, first};
    size_t n = 0;

    if (x == NULL || y == NULL || value == NULL)
        return ATT_E_NOMEM;
    while (r.end < end && att_next_run(g, &r)) {
        for (size_t i = r.first; i < r.end; i++)
            value[i - r.first] = att_variable_number(line->v, g->sample[i]);
        x[n] = g->x_at[r.first];
        y[n] = att_median(value, r.end - r.first);
        n += isfinite(y[n]) ? 1 : 0;
    }
    *curve = (struct att_figure_curve){x, y, n};
    return ATT_OK;
}

static bool same_curve(const struct att_figure_curve *a,
                       const struct att_figure_curve *b)
{
    const size_t bytes = a->n * sizeof *a->x;

    return a->n == b->n && memcmp(a->x, b->x, bytes) == 0 &&
           memcmp(a->y, b->y, bytes) == 0;
}

/* Where all series have one curve, the first keeps it. */
static void share(struct att_figure *f, uint32_t k)
{
    bool all = f->n_series > 0 && f->series[0].curve[k].n > 0;

    for (size_t s = 1; all && s < f->n_series; s++)
        all = same_curve(&f->series[0].curve[k], &f->series[s].curve[k]);
    f->shared[k] = all;
    for (size_t s = 1; all && s < f->n_series; s++)
        f->series[s].curve[k].n = 0;
}

static att_status draw_line(const struct att_gathered *g, uint32_t k,
                            struct att_figure *f, struct att_error *err)
{
    struct line line = {.g = g, .figure = f};

    ATT_TRY(open_line(g, g->query->line[k], &line, err));
    for (size_t first = 0, end = 0; first < g->n; first = end) {
        struct att_figure_curve *curve = &f->series[g->series[first]].curve[k];

        while (end < g->n && g->series[end] == g->series[first])
            end++;
        const att_status status = is_free(&line, first, end)
                                      ? curve_beyond(&line, first, curve)
                                      : curve_through(&line, first, end, curve);
        if (status != ATT_OK)
            return att_arena_fail(g->arena, "a line", err);
    }
    share(f, k);
    f->line[k] = g->query->line[k];
    f->n_lines = k + 1;
    return ATT_OK;
}

static void include_curves(struct att_figure *f)
{
    for (size_t s = 0; s < f->n_series; s++) {
        for (uint32_t k = 0; k < f->n_lines; k++) {
            const struct att_figure_curve *c = &f->series[s].curve[k];

            for (size_t i = 0; i < c->n; i++) {
                att_axis_include(&f->x, c->x[i]);
                att_axis_include(&f->y, c->y[i]);
            }
        }
    }
}

att_status att_figure_lines(const struct att_gathered *g,
                            struct att_figure *figure, struct att_error *err)
{
    const bool is_map = figure->n_cells > 0;

    if (is_map) {
        figure->series = ATT_NEW0(g->arena, struct att_figure_series, 1);
        if (figure->series == NULL)
            return att_arena_fail(g->arena, "a line", err);
        figure->series[0].label = "";
        figure->n_series = 1;
    }
    for (uint32_t k = 0; k < g->query->n_lines; k++)
        ATT_TRY(draw_line(g, k, figure, err));
    if (!is_map) /* a map keeps to its cells */
        include_curves(figure);
    return ATT_OK;
}
