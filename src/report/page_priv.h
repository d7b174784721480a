/* page_priv.h - the parts of the page, one file each. */
#pragma once

#include "attest/report/figure.h"
#include "attest/report/page.h"
#include "attest/report/text_table.h"

/* What is being written. */
struct att_page_out {
    const struct att_page *page;
    struct att_buffer *html;
    struct att_arena *arena; /* rewound after each sweep */
    size_t n_figures;
    bool can_draw; /* gnuplot is there */
};

/* ---- page_html.c -------------------------------------------------------------- */

/* Text with &, <, >, " and ' written as entities. */
void att_html_text(struct att_buffer *out, const char *text);
/* Opening tag, text, closing tag; attributes may be "". */
void att_html_element(struct att_buffer *out, const char *tag,
                      const char *attributes, const char *text);
/* A table of the terminal as one of the page. */
void att_html_table(struct att_buffer *out, const struct att_text_table *t);
/* A figure with its caption; a sentence where it cannot be drawn.
 * Fails: ATT_E_IO, ATT_E_NOMEM. */
ATT_CHECKED att_status att_html_figure(struct att_page_out *o,
                                       const struct att_figure *figure,
                                       struct att_error *err);

/* The look of the page, on a screen and on paper. */
extern const char att_page_style[];

/* ---- the parts ------------------------------------------------------------------ */

void att_page_head(struct att_page_out *o);
void att_page_claims(struct att_page_out *o);
ATT_CHECKED att_status att_page_sweep(struct att_page_out *o,
                                      const struct att_table *table,
                                      struct att_error *err);
ATT_CHECKED att_status att_page_failures(struct att_page_out *o,
                                         struct att_error *err);
ATT_CHECKED att_status att_page_cost(struct att_page_out *o,
                                     struct att_error *err);
void att_page_provenance(struct att_page_out *o);
