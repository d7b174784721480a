/* figure_priv.h - the steps from rows to a figure. */
#pragma once

#include "attest/report/figure.h"

/* Rows or lines with what a figure asks of them, sorted by series, then x. */
struct att_gathered {
    const struct att_figure_query *query;
    struct att_name_scope *scope;
    struct att_variable *x, *y, *colour; /* colour: NULL for curves */
    struct att_variable *by[ATT_FIGURE_BY];
    bool of_lines;
    struct att_sample *sample; /* n */
    double *x_at;              /* n, in the order of sample */
    uint32_t *series;          /* n, ascending: the number of its series */
    size_t n, n_series;
    size_t n_rows, n_failed; /* rows that count; those not done */
    struct att_arena *arena;
};

/* The samples first .. end - 1 share their series and their x. */
struct att_run {
    size_t first, end;
};

/* The run after *r, which starts as {0, 0}; false when there is none. */
bool att_next_run(const struct att_gathered *g, struct att_run *r);

/* Fails as att_figure_make. */
ATT_CHECKED att_status att_figure_gather(const struct att_figure_query *query,
                                         struct att_arena *arena,
                                         struct att_gathered *g,
                                         struct att_error *err);
void att_gathered_fini(struct att_gathered *g);

/* Points of all series, cells of a heat map, lines, then axes and caption. */
ATT_CHECKED att_status att_figure_points(const struct att_gathered *g,
                                         struct att_figure *figure,
                                         struct att_error *err);
ATT_CHECKED att_status att_figure_cells(const struct att_gathered *g,
                                        struct att_figure *figure,
                                        struct att_error *err);
ATT_CHECKED att_status att_figure_lines(const struct att_gathered *g,
                                        struct att_figure *figure,
                                        struct att_error *err);
ATT_CHECKED att_status att_figure_words(const struct att_gathered *g,
                                        struct att_figure *figure,
                                        struct att_error *err);

/* Widen an axis to hold v, unless v is not finite. */
void att_axis_include(struct att_figure_axis *axis, double v);
/* Decide between the scales. */
void att_axis_settle(struct att_figure_axis *axis, enum att_scale scale);

/* Run gnuplot on a script; what it prints is appended to out.
 * Fails: ATT_E_UNSUPPORTED, ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status att_gnuplot(const struct att_buffer *script,
                                   struct att_buffer *out,
                                   struct att_error *err);
