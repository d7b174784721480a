/* headlines_priv.h - which figures a sweep gets on the page.
 *
 * headlines.def lists, construction by construction, the figures that its
 * theory asks for.  A sweep shows those whose columns it has and varies;
 * besides, every measured column that has a prediction and is not among them
 * is drawn beside it. */
#pragma once

#include "attest/report/figure.h"
#include "attest/report/law_form.h"

enum { ATT_HEADLINE_LINES = 2, ATT_PREDICTIONS_SHOWN = 10 };

struct att_headline {
    const char *construction, *title;
    const char *x, *y;
    const char *colour; /* heat maps, one for each point of the other axes;
                           NULL: curves */
    const char *by;     /* "k,mode": those that vary tell curves apart */
    const char *line[ATT_HEADLINE_LINES];
    const char *law;  /* fitted to y over x and by, or NULL */
    const char *only; /* an expression: rows where it is above 0; NULL: all */
    bool observed;    /* names mean observations first */
    bool means;       /* of shares, not medians */
    enum att_scale scale; /* of y */
};

/* Headlines of a sweep: its construction's, then up to ATT_PREDICTIONS_SHOWN
 * predictions; texts live in arena or are literals.
 * Whether each can be drawn is found out by drawing.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_headlines(const struct att_table *table,
                                     struct att_arena *arena,
                                     const struct att_headline **out, size_t *n,
                                     struct att_error *err);

/* The rows of a headline and the query of its figure.  *usable is false when
 * too few rows or values of x are left to say anything.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_headline_query(const struct att_headline *h,
                                          const struct att_table *table,
                                          struct att_arena *arena,
                                          struct att_figure_query *query,
                                          bool *usable, struct att_error *err);
