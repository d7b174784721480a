/* figure_draw.c - a figure as a script for gnuplot.
 *
 * Data come first, in named blocks; then the look; then one plot command.
 * Texts go in single quotes, in which gnuplot expands nothing. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/value.h"
#include "figure_priv.h"

enum { CAPTION_LINES = 5, CAPTION_WIDTH = 112 };

/* A series of more points is a line without marks. */
enum { DENSE = 24 };

static const char *const TERMINALS[] = {
    [ATT_PICTURE_SVG] =
        "svg size 760,490 dynamic enhanced font 'Helvetica,13' rounded",
    [ATT_PICTURE_PDF] =
        "pdfcairo size 7.2in,4.6in enhanced font 'Helvetica,9.5' rounded",
    [ATT_PICTURE_PNG] =
        "pngcairo size 1440,920 enhanced font ',19' lw 2 ps 1.7",
};

/* Where the page has title and caption, letters may be larger. */
static const char PAGE_TERMINAL[] =
    "svg size 680,430 dynamic enhanced font 'Helvetica,14' rounded";

/* Colours that colour-blind readers can tell apart (Okabe and Ito), then
 * darker ones. */
static const char *const COLOURS[ATT_FIGURE_SERIES] = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
    "#8c564b", "#7f7f7f", "#1b3a5c", "#7a3300", "#00553d", "#7d3f63",
    "#8a6100", "#2a6f97", "#4a2c25", "#3f3f3f",
};

/* gnuplot's filled circle, square, triangle, diamond, pentagon. */
static const int MARKS[] = {7, 5, 9, 13, 15};

enum { N_MARKS = sizeof MARKS / sizeof MARKS[0] };

static const char *const DASHES[ATT_FIGURE_LINES] = {"2", "3", "4", "5"};

/* ---- texts and numbers ---------------------------------------------------- */

/* Quoted; control characters and what gnuplot might expand become spaces. */
static void quote(struct att_buffer *out, const char *text, size_t n)
{
    att_buffer_text(out, "'");
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c == '\'') {
            att_buffer_text(out, "''");
        } else {
            att_buffer_append(out, iscntrl(c) || c == '`' ? " " : &text[i], 1);
        }
    }
    att_buffer_text(out, "'");
}

static void quote_all(struct att_buffer *out, const char *text)
{
    quote(out, text, strlen(text));
}

static void put(struct att_buffer *out, double v)
{
    char text[ATT_NUMBER_TEXT];

    att_buffer_printf(out, " %s", isfinite(v) ? att_real_text(v, text) : "NaN");
}

/* ---- data ------------------------------------------------------------------- */

/* Missing bands become the point itself, so that areas have no holes. */
static void put_point(struct att_buffer *out, const struct att_figure_point *p)
{
    put(out, p->x);
    put(out, p->y);
    put(out, isnan(p->lo) ? p->y : p->lo);
    put(out, isnan(p->hi) ? p->y : p->hi);
    att_buffer_printf(out, " %d\n", p->n < p->n_rows);
}

static void put_series(struct att_buffer *out, const struct att_figure *f,
                       size_t s)
{
    const struct att_figure_series *series = &f->series[s];

    att_buffer_printf(out, "$points%zu << END\n", s);
    for (size_t i = 0; i < series->n; i++) {
        if (series->point[i].n > 0)
            put_point(out, &series->point[i]);
    }
    att_buffer_text(out, "END\n");
    for (uint32_t k = 0; k < f->n_lines; k++) {
        att_buffer_printf(out, "$line%zu_%u << END\n", s, k);
        for (size_t i = 0; i < series->curve[k].n; i++) {
            put(out, series->curve[k].x[i]);
            put(out, series->curve[k].y[i]);
            att_buffer_text(out, "\n");
        }
        att_buffer_text(out, "END\n");
    }
}

static bool same_colour(const struct att_figure_cell *a,
                        const struct att_figure_cell *b)
{
    return a->x == b->x && a->y_hi == b->y_lo && (a->n > 0) == (b->n > 0) &&
           (a->n == 0 || a->value == b->value);
}

/* Neighbours of one colour become one rectangle: no seams, small files. */
static void put_cells(struct att_buffer *out, const struct att_figure *f)
{
    att_buffer_text(out, "$cells << END\n");
    for (size_t i = 0, end = 0; i < f->n_cells; i = end) {
        const struct att_figure_cell *c = &f->cell[i];

        end = i + 1;
        while (end < f->n_cells &&
               same_colour(&f->cell[end - 1], &f->cell[end]))
            end++;
        put(out, c->x);
        put(out, c->y);
        put(out, c->x_lo);
        put(out, c->x_hi);
        put(out, c->y_lo);
        put(out, f->cell[end - 1].y_hi);
        put(out, c->n > 0 ? c->value : (double)NAN);
        att_buffer_text(out, "\n");
    }
    att_buffer_text(out, "END\n");
}

/* ---- the look ----------------------------------------------------------------- */

/* Room on both sides: a share of the axis's span. */
static void put_range(struct att_buffer *out, const char *name,
                      const struct att_figure_axis *a, double room)
{
    double lo = a->lo;
    double hi = a->hi;

    if (a->log) {
        const double by = hi > lo ? pow(hi / lo, room) : 1.5;

        lo /= by;
        hi *= by;
    } else {
        const bool spans = hi - lo > 1e-4 * fmax(fabs(hi), fabs(lo));
        const double by = spans ? (hi - lo) * room : fmax(fabs(hi) / 2, 0.5);

        lo -= by;
        hi += by;
    }
    att_buffer_printf(out, "set %srange [", name);
    put(out, lo);
    att_buffer_text(out, ":");
    put(out, hi);
    att_buffer_text(out, "]\n");
}

enum { FEW_TICKS = 12 };

/* 1, 2, 5, 10, ... along an axis of less than two decades; their number. */
static size_t few_decades(const struct att_figure_axis *a,
                          double tick[FEW_TICKS])
{
    static const double steps[] = {1, 2, 5};
    const int first = (int)floor(log10(a->lo));
    size_t n = 0;

    for (int i = 0; i < FEW_TICKS; i++) {
        const int decade = first + i / 3;
        const double at = steps[i % 3] * pow(10, decade);

        if (at >= 0.7 * a->lo && at <= 1.4 * a->hi)
            tick[n++] = at;
    }
    return n;
}

static void put_ticks(struct att_buffer *out, const char *name,
                      const double *tick, size_t n)
{
    const char *gap = "";

    att_buffer_printf(out, "set format %s '%%g'\nset %stics (", name, name);
    for (size_t i = 0; i < n; i++) {
        att_buffer_text(out, gap);
        put(out, tick[i]);
        gap = ",";
    }
    att_buffer_text(out, ")\n");
}

static void put_axis(struct att_buffer *out, const char *name,
                     const struct att_figure_axis *a, double room)
{
    double tick[FEW_TICKS];

    att_buffer_printf(out, "set %slabel ", name);
    quote_all(out, a->label);
    att_buffer_text(out, " noenhanced\n");
    if (a->log) {
        att_buffer_printf(out, "set logscale %s\n", name);
        att_buffer_printf(out, "set format %s '%s'\n", name,
                          a->hi >= 1e4 * a->lo ? "10^{%L}" : "%g");
    }
    if (a->n_ticks > 0) {
        put_ticks(out, name, a->tick, a->n_ticks);
    } else if (a->log && a->hi < 100 * a->lo) {
        put_ticks(out, name, tick, few_decades(a, tick));
    }
    put_range(out, name, a, room);
}

/* The caption in lines below the axes, the last one lowest. */
static uint32_t put_caption(struct att_buffer *out, const char *text)
{
    size_t length[CAPTION_LINES];
    const char *start[CAPTION_LINES];
    uint32_t n = 0;

    while (*text != '\0' && n < CAPTION_LINES) {
        size_t take = strlen(text);

        if (take > CAPTION_WIDTH) {
            take = CAPTION_WIDTH;
            while (take > 1 && text[take] != ' ')
                take--;
        }
        start[n] = text;
        length[n++] = take;
        text += take;
        text += strspn(text, " ");
    }
    for (uint32_t i = 0; i < n; i++) {
        att_buffer_printf(out, "set label %u ", i + 1);
        quote(out, start[i], length[i]);
        att_buffer_printf(out,
                          " at screen 0.02, screen %.3f left noenhanced "
                          "font ',' . SMALL textcolor rgb '#666666'\n",
                          0.025 + 0.034 * (double)(n - 1 - i));
    }
    return n;
}

/* Entries of the legend: series that have a name, and lines. */
static size_t n_legend(const struct att_figure *f)
{
    const bool named = f->n_series > 0 && f->series[0].label[0] != '\0';

    return (named ? f->n_series : 0) + f->n_lines;
}

/* The title in the first line, the legend in rows of three below it, then the
 * plot.  Without a title gnuplot finds the legend's place. */
static void put_title(struct att_buffer *out, const struct att_figure *f,
                      double small)
{
    const size_t rows = (n_legend(f) + 2) / 3;

    att_buffer_printf(out,
                      "set key outside top left horizontal Left reverse "
                      "noenhanced samplen 2 spacing 1.2 width 4 maxcols 3 "
                      "font ',%g'\n",
                      1.15 * small);
    if (f->title[0] == '\0')
        return;
    att_buffer_text(out, "set label 99 ");
    quote_all(out, f->title);
    att_buffer_printf(out,
                      " at screen 0.02, screen 0.955 left noenhanced font "
                      "',%g'\n",
                      1.35 * small);
    att_buffer_printf(out,
                      "set key at screen 0.02, screen 0.92 left top\n"
                      "set tmargin at screen %.3f\n",
                      0.9 - 0.05 * (double)rows);
}

static void put_look(struct att_buffer *out, const struct att_figure *f,
                     enum att_picture picture)
{
    static const double small[] = {
        [ATT_PICTURE_SVG] = 10,
        [ATT_PICTURE_PDF] = 7,
        [ATT_PICTURE_PNG] = 15,
    };
    const bool is_map = f->n_cells > 0;
    const bool on_a_page = f->caption[0] == '\0';

    att_buffer_printf(out, "set encoding utf8\nset terminal %s\nSMALL = '%g'\n",
                      on_a_page ? PAGE_TERMINAL : TERMINALS[picture],
                      small[picture]);
    att_buffer_text(out, "set border 3 lc rgb '#888888' lw 1\n"
                         "set tics nomirror out scale 0.6,0.3 "
                         "textcolor rgb '#333333'\n"
                         "set grid lc rgb '#e4e4e4' lw 0.7, lc rgb '#f2f2f2' "
                         "lw 0.5\n"
                         "set style fill transparent solid 0.16 noborder\n");
    put_title(out, f, small[picture]);
    const uint32_t n = put_caption(out, f->caption);

    if (n > 0) {
        att_buffer_printf(out, "set bmargin at screen %.3f\n",
                          0.155 + 0.034 * (double)n);
    }
    put_axis(out, "x", &f->x, is_map ? 0.0 : 0.03);
    put_axis(out, "y", &f->y, is_map ? 0.0 : 0.06);
}

/* ---- the plot --------------------------------------------------------------- */

static void next_plot(struct att_buffer *out, bool *first)
{
    att_buffer_text(out, *first ? "plot " : ", \\\n     ");
    *first = false;
}

static bool has_band(const struct att_figure_series *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->point[i].hi > s->point[i].lo)
            return true;
    }
    return false;
}

/* Areas below, lines above them. */
static void plot_band(struct att_buffer *out, const struct att_figure *f,
                      size_t s, bool *first)
{
    if (!has_band(&f->series[s]))
        return;
    next_plot(out, first);
    att_buffer_printf(out,
                      "$points%zu using 1:3:4 with filledcurves notitle "
                      "fc rgb '%s'",
                      s, COLOURS[s]);
    if (f->series[s].n == 1) {
        next_plot(out, first);
        att_buffer_printf(out,
                          "$points%zu using 1:2:3:4 with yerrorbars notitle "
                          "pt 0 lc rgb '%s'",
                          s, COLOURS[s]);
    }
}

static void plot_line(struct att_buffer *out, const struct att_figure *f,
                      size_t s, uint32_t k, bool *first)
{
    if (f->series[s].curve[k].n == 0)
        return;
    next_plot(out, first);
    att_buffer_printf(out,
                      "$line%zu_%u using 1:2 with lines notitle dt %s lw 1.6 "
                      "lc rgb '%s'",
                      s, k, DASHES[k], f->shared[k] ? "#222222" : COLOURS[s]);
}

static void plot_hollow(struct att_buffer *out, size_t s, int mark, double size,
                        bool *first)
{
    next_plot(out, first);
    att_buffer_printf(out,
                      "$points%zu using 1:($5 > 0 ? $2 : NaN) with points pt "
                      "%d ps %.2f lc rgb 'white' notitle",
                      s, mark, 0.55 * size);
}

/* Filled points, and hollow ones where some rows have no value. */
static void plot_points(struct att_buffer *out, const struct att_figure *f,
                        size_t s, bool *first)
{
    const struct att_figure_series *series = &f->series[s];
    const bool dense = series->n > DENSE;
    const int mark = MARKS[s % N_MARKS];
    const double size = fmax(1.1 * pow(0.86, (double)s), 0.55); /* none hides */

    next_plot(out, first);
    att_buffer_printf(out, "$points%zu using 1:2 with ", s);
    if (dense) {
        att_buffer_text(out, "lines lw 1.7");
    } else {
        att_buffer_printf(out, "%s pt %d ps %.2f lw 1.1",
                          f->n_lines > 0 ? "points" : "linespoints", mark,
                          size);
    }
    att_buffer_printf(out, " lc rgb '%s' ", COLOURS[s]);
    if (series->label[0] == '\0') {
        att_buffer_text(out, "notitle");
    } else {
        att_buffer_text(out, "title ");
        quote_all(out, series->label);
    }
    if (!dense)
        plot_hollow(out, s, mark, size, first);
}

/* One entry of the legend for each kind of line. */
static void plot_legend(struct att_buffer *out, const struct att_figure *f,
                        bool *first)
{
    for (uint32_t k = 0; k < f->n_lines; k++) {
        next_plot(out, first);
        att_buffer_printf(out,
                          "NaN with lines dt %s lw 1.6 lc rgb '#222222' "
                          "title ",
                          DASHES[k]);
        quote_all(out, f->line[k]);
    }
}

static void plot_curves(struct att_buffer *out, const struct att_figure *f)
{
    bool first = true;

    for (size_t s = 0; s < f->n_series; s++)
        plot_band(out, f, s, &first);
    for (size_t s = 0; s < f->n_series; s++) {
        for (uint32_t k = 0; k < f->n_lines; k++)
            plot_line(out, f, s, k, &first);
    }
    for (size_t s = 0; s < f->n_series; s++)
        plot_points(out, f, s, &first);
    plot_legend(out, f, &first);
    att_buffer_text(out, "\n");
}

static void plot_map(struct att_buffer *out, const struct att_figure *f)
{
    bool first = true;

    att_buffer_text(out, "set palette defined (0 '#f7fbff', 0.25 '#c6dbef', "
                         "0.5 '#6baed6', 0.75 '#2171b5', 1 '#08306b')\n"
                         "unset grid\nset style fill solid 1 noborder\n"
                         "set colorbox user origin screen 0.875, graph 0 "
                         "size screen 0.02, graph 0.8 noborder\n"
                         "set rmargin at screen 0.855\n"
                         "set cblabel ");
    quote_all(out, f->colour.label);
    att_buffer_text(out, " noenhanced\n");
    if (f->colour.lo >= 0 && f->colour.hi <= 1)
        att_buffer_text(out, "set cbrange [0:1]\n");
    next_plot(out, &first);
    att_buffer_text(out, "$cells using 1:2:3:4:5:6:7 with boxxyerror "
                         "fc palette notitle");
    for (uint32_t k = 0; k < f->n_lines; k++) {
        next_plot(out, &first);
        att_buffer_printf(out,
                          "$line0_%u using 1:2 with lines dt %s lw 2 "
                          "lc rgb '#d55e00' title ",
                          k, k == 0 ? "1" : DASHES[k]);
        quote_all(out, f->line[k]);
    }
    att_buffer_text(out, "\n");
}

att_status att_figure_draw(const struct att_figure *figure,
                           enum att_picture picture, struct att_buffer *out,
                           struct att_error *err)
{
    struct att_buffer script = {0};

    for (size_t s = 0; s < figure->n_series; s++)
        put_series(&script, figure, s);
    if (figure->n_cells > 0)
        put_cells(&script, figure);
    put_look(&script, figure, picture);
    if (figure->n_cells > 0) {
        plot_map(&script, figure);
    } else {
        plot_curves(&script, figure);
    }
    const att_status status = att_gnuplot(&script, out, err);
    att_buffer_fini(&script);
    return status;
}
