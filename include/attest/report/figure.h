/* figure.h - points with bands beside the theorem's lines, and heat maps.
 *
 * A figure is numbers first: att_figure_make computes what is seen, the same
 * numbers go out as CSV (att_figure_csv) and as a picture (att_figure_draw).
 *
 * Points.  Rows (or their lines of observations) with equal `by` columns make a
 * series, those with equal x a cell; its point is the median of y, its band
 * what `band` says (or the mean and its interval).  A cell is hollow when some
 * of its rows have no y: failed, stopped by a limit, or missing.  Rows that the
 * theorem does not cover (infeasible) do not count.
 *
 * Lines.  The name of a column that has a closed form, or an expression over
 * columns, is drawn between and beyond the points, as long as all it reads but
 * x is the same in the whole series.  Otherwise, and where a column has no
 * closed form, it joins its values at the points. */
#pragma once

#include "attest/report/variable.h"

struct att_buffer;

enum att_band {
    ATT_BAND_NONE,
    ATT_BAND_IQR,   /* quartiles */
    ATT_BAND_RANGE, /* least and largest */
    ATT_BAND_CI, /* 95 % for the median (base/statistics.h), 6 rows or more */
    ATT_BANDS
};

const char *att_band_text(enum att_band band);
/* "iqr" and the like.  Fails: ATT_E_ARG naming the words there are. */
ATT_CHECKED att_status att_band_parse(const char *text, enum att_band *band,
                                      struct att_error *err);

enum att_scale { ATT_SCALE_AUTO, ATT_SCALE_LINEAR, ATT_SCALE_LOG };

enum { ATT_FIGURE_LINES = 4, ATT_FIGURE_BY = 6, ATT_FIGURE_SERIES = 16 };

struct att_figure_query {
    const struct att_table *table; /* lines loaded if it has any */
    const size_t *row;             /* n_rows numbers of rows */
    size_t n_rows;
    const char *x, *y;                  /* columns or expressions */
    const char *colour;                 /* a heat map of its means, or NULL */
    const char *by[ATT_FIGURE_BY];      /* n_by columns */
    const char *line[ATT_FIGURE_LINES]; /* n_lines columns or expressions */
    uint32_t n_by, n_lines;
    bool of_lines; /* columns of observations come first; otherwise only when
                      some name is one of theirs and of no row */
    enum att_band band;
    bool means; /* of y with 95 % intervals (shares: Wilson's) instead of
                   medians and `band` */
    enum att_scale x_scale, y_scale; /* auto: logarithmic where all is
                                        positive and spans a factor of 4 */
    const char *title;               /* NULL: "y against x" */
    const char *run;                 /* named in the caption */
};

struct att_figure_axis {
    const char *label; /* with its unit */
    double lo, hi;     /* of all that is drawn; lo > hi: nothing is */
    bool log;
    const double *tick; /* n_ticks values of x where they are few, else 0 */
    size_t n_ticks;
};

struct att_figure_point {
    double x, y, lo, hi; /* y NaN: no row has a value; lo, hi NaN: no band */
    size_t n, n_rows;    /* with a value, of so many */
};

struct att_figure_curve {
    const double *x, *y; /* n */
    size_t n;            /* 0: the first series has this curve for all */
};

struct att_figure_series {
    const char *label; /* "k=2 mode=free"; "" when there is one series */
    struct att_figure_point *point; /* n, x ascending */
    size_t n;
    struct att_figure_curve curve[ATT_FIGURE_LINES]; /* one per line */
};

struct att_figure_cell {
    double x, y, value; /* of the mean; NaN: no row has one */
    double x_lo, x_hi, y_lo, y_hi;
    size_t n, n_rows;
};

struct att_figure {
    const char *title, *caption;
    const char *x_name, *y_name, *colour_name; /* for CSV; "" */
    struct att_figure_axis x, y, colour;
    struct att_figure_series *series; /* n_series */
    size_t n_series;
    const char *line[ATT_FIGURE_LINES]; /* n_lines names for the legend */
    bool shared[ATT_FIGURE_LINES];      /* one curve serves all series */
    uint32_t n_lines;
    struct att_figure_cell *cell; /* n_cells, of a heat map */
    size_t n_cells;
};

/* Everything lives in arena; texts of the query and its table are borrowed.
 * Fails: ATT_E_ARG (an unknown column, x or y a text, more series than can be
 * told apart, nothing to draw), ATT_E_NOMEM. */
ATT_CHECKED att_status att_figure_make(const struct att_figure_query *query,
                                       struct att_arena *arena,
                                       struct att_figure *figure,
                                       struct att_error *err);

/* Columns kind (point, cell, or a line's name), series, x and y by their
 * names, lo, hi, the colour by its name, n, rows.  RFC 4180. */
void att_figure_csv(const struct att_figure *figure, struct att_buffer *out);

enum att_picture { ATT_PICTURE_SVG, ATT_PICTURE_PDF, ATT_PICTURE_PNG };

/* By the end of the file's name.  Fails: ATT_E_ARG. */
ATT_CHECKED att_status att_picture_of_file(const char *path,
                                           enum att_picture *picture,
                                           struct att_error *err);

/* Draw with gnuplot, a program of its own, and append the picture to out.
 * Fails: ATT_E_UNSUPPORTED (gnuplot is not installed), ATT_E_IO (it failed,
 * with its words), ATT_E_NOMEM. */
ATT_CHECKED att_status att_figure_draw(const struct att_figure *figure,
                                       enum att_picture picture,
                                       struct att_buffer *out,
                                       struct att_error *err);
