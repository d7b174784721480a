/* figure.c - from a query to what is drawn; axes and words. */
#include "attest/report/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "attest/store/provenance.h"
#include "figure_priv.h"

/* ---- words for choices --------------------------------------------------- */

static const char *const BAND_NAMES[ATT_BANDS] = {
    [ATT_BAND_NONE] = "none",
    [ATT_BAND_IQR] = "iqr",
    [ATT_BAND_RANGE] = "range",
    [ATT_BAND_CI] = "ci",
};

const char *att_band_text(enum att_band band)
{
    return BAND_NAMES[band];
}

att_status att_band_parse(const char *text, enum att_band *band,
                          struct att_error *err)
{
    for (int i = 0; i < ATT_BANDS; i++) {
        if (att_text_same(text, BAND_NAMES[i])) {
            *band = (enum att_band)i;
            return ATT_OK;
        }
    }
    return att_fail(err, ATT_E_ARG,
                    "band '%s' is unknown: choose none, iqr, range or ci",
                    text);
}

att_status att_picture_of_file(const char *path, enum att_picture *picture,
                               struct att_error *err)
{
    static const char *const ends[] = {".svg", ".pdf", ".png"};
    const size_t n = strlen(path);

    for (int i = 0; i < 3; i++) {
        if (n > 4 && strcmp(path + n - 4, ends[i]) == 0) {
            *picture = (enum att_picture)i;
            return ATT_OK;
        }
    }
    return att_fail(err, ATT_E_ARG,
                    "%s: no kind of picture: let the name end in .svg, .pdf "
                    "or .png",
                    path);
}

/* ---- axes ------------------------------------------------------------------- */

enum { LOG_SPAN = 4 };

void att_axis_include(struct att_figure_axis *axis, double v)
{
    if (!isfinite(v))
        return;
    axis->lo = fmin(axis->lo, v);
    axis->hi = fmax(axis->hi, v);
}

void att_axis_settle(struct att_figure_axis *axis, enum att_scale scale)
{
    axis->log = axis->lo > 0 && scale != ATT_SCALE_LINEAR &&
                (scale == ATT_SCALE_LOG || axis->hi >= LOG_SPAN * axis->lo);
}

static struct att_figure_axis empty_axis(void)
{
    return (struct att_figure_axis){.lo = INFINITY, .hi = -INFINITY};
}

/* "d_min (bit)" */
static const char *axis_label(const struct att_variable *v,
                              struct att_arena *arena)
{
    const struct att_field *f = att_variable_field(v);

    if (f == NULL || f->unit == NULL || f->unit[0] == '\0' ||
        strcmp(f->unit, "1") == 0)
        return att_arena_strdup(arena, att_variable_text(v));
    return att_arena_printf(arena, "%s (%s)", f->name, f->unit);
}

/* Are n ascending places far enough apart for a number at each? */
static bool have_room(const struct att_figure_axis *axis, const double *place,
                      size_t n)
{
    static const double ROOM = 0.04; /* of the axis */

    for (size_t i = 1; i < n; i++) {
        const double gap =
            axis->log ? log(place[i] / place[i - 1]) / log(axis->hi / axis->lo)
                      : (place[i] - place[i - 1]) / (axis->hi - axis->lo);

        if (gap < ROOM)
            return false;
    }
    return true;
}

/* The n places themselves, where they are few; sorts them. */
static void choose_ticks(double *place, size_t n, struct att_figure_axis *axis)
{
    enum { FEW = 9 };
    size_t kept = 0;

    (void)att_distinct(place, n); /* sorts */
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || place[i] != place[kept - 1])
            place[kept++] = place[i];
    }
    axis->tick = place;
    axis->n_ticks = kept <= FEW && have_room(axis, place, kept) ? kept : 0;
}

/* Of x, and of y where cells stand at its places. */
static att_status place_ticks(const struct att_gathered *g,
                              struct att_figure *f)
{
    double *x = ATT_NEW(g->arena, double, g->n);
    double *y = ATT_NEW(g->arena, double, f->n_cells);

    if (x == NULL || y == NULL)
        return ATT_E_NOMEM;
    memcpy(x, g->x_at, g->n * sizeof *x);
    choose_ticks(x, g->n, &f->x);
    for (size_t i = 0; i < f->n_cells; i++)
        y[i] = f->cell[i].y;
    if (f->n_cells > 0)
        choose_ticks(y, f->n_cells, &f->y);
    return ATT_OK;
}

static att_status name_axes(const struct att_gathered *g, struct att_figure *f)
{
    f->x_name = g->query->x;
    f->y_name = g->query->y;
    f->colour_name = g->query->colour != NULL ? g->query->colour : "";
    f->x.label = axis_label(g->x, g->arena);
    f->y.label = axis_label(g->y, g->arena);
    f->colour.label = g->colour != NULL ? axis_label(g->colour, g->arena) : "";
    return f->x.label == NULL || f->y.label == NULL || f->colour.label == NULL
               ? ATT_E_NOMEM
               : place_ticks(g, f);
}

/* ---- the whole ----------------------------------------------------------------- */

static att_status make_map(const struct att_gathered *g, struct att_figure *f,
                           struct att_error *err)
{
    if (g->query->n_by > 0) {
        return att_fail(err, ATT_E_ARG,
                        "a heat map shows one set of rows: choose them "
                        "instead of telling curves apart");
    }
    ATT_TRY(att_figure_cells(g, f, err));
    return att_figure_lines(g, f, err);
}

static att_status make_curves(const struct att_gathered *g,
                              struct att_figure *f, struct att_error *err)
{
    ATT_TRY(att_figure_points(g, f, err));
    att_axis_settle(&f->x, g->query->x_scale);
    ATT_TRY(att_figure_lines(g, f, err));
    att_axis_settle(&f->y, g->query->y_scale);
    return ATT_OK;
}

static att_status make(const struct att_gathered *g, struct att_figure *f,
                       struct att_error *err)
{
    ATT_TRY(g->colour != NULL ? make_map(g, f, err) : make_curves(g, f, err));
    if (name_axes(g, f) != ATT_OK)
        return att_arena_fail(g->arena, "the words of a figure", err);
    return att_figure_words(g, f, err);
}

att_status att_figure_make(const struct att_figure_query *query,
                           struct att_arena *arena, struct att_figure *figure,
                           struct att_error *err)
{
    struct att_gathered g = {0};
    struct att_figure made = {
        .x = empty_axis(), .y = empty_axis(), .colour = empty_axis()};

    ATT_TRY(att_figure_gather(query, arena, &g, err));
    const att_status status = make(&g, &made, err);
    if (status == ATT_OK)
        *figure = made;
    att_gathered_fini(&g);
    return status;
}
