/* page_html.c - texts, tables and figures as HTML. */
#include <string.h>

#include "page_priv.h"
#include "report_priv.h"

void att_html_text(struct att_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            att_buffer_text(out, "&amp;");
            break;
        case '<':
            att_buffer_text(out, "&lt;");
            break;
        case '>':
            att_buffer_text(out, "&gt;");
            break;
        case '"':
            att_buffer_text(out, "&quot;");
            break;
        case '\'':
            att_buffer_text(out, "&#39;");
            break;
        default:
            att_buffer_append(out, text, 1);
        }
    }
}

void att_html_element(struct att_buffer *out, const char *tag,
                      const char *attributes, const char *text)
{
    att_buffer_printf(out, "<%s%s%s>", tag, attributes[0] != '\0' ? " " : "",
                      attributes);
    att_html_text(out, text);
    att_buffer_printf(out, "</%s>", tag);
}

/* ---- tables -------------------------------------------------------------------- */

static bool is_number(const struct att_text_table *t, uint32_t column)
{
    for (size_t i = 0; i < t->n_rows; i++) {
        if (t->cell[i * t->n_columns + column].kind == ATT_TEXT)
            return false;
    }
    return true;
}

static const char *class_of(const struct att_text_table *t, uint32_t column)
{
    return is_number(t, column) ? "class=n" : "";
}

void att_html_table(struct att_buffer *out, const struct att_text_table *t)
{
    char number[ATT_NUMBER_TEXT];

    att_buffer_text(out, "<div class=scroll><table><thead><tr>");
    for (uint32_t c = 0; c < t->n_columns; c++)
        att_html_element(out, "th", class_of(t, c), t->column[c].name);
    att_buffer_text(out, "</tr></thead>\n");
    for (size_t i = 0; i < t->n_rows; i++) {
        att_buffer_text(out, "<tr>");
        for (uint32_t c = 0; c < t->n_columns; c++) {
            const struct att_value v = t->cell[i * t->n_columns + c];

            att_html_element(out, "td", class_of(t, c),
                             att_cell_missing(v)
                                 ? "\xe2\x80\x93"
                                 : att_cell_text(t, i, c, number));
        }
        att_buffer_text(out, "</tr>\n");
    }
    att_buffer_text(out, "</table></div>\n");
}

/* ---- figures -------------------------------------------------------------------- */

/* Names inside a drawing, which several drawings of one page would share. */
static const char *const OWN_NAMES[] = {"id='", "id=\"", "href='#", "href=\"#",
                                        "url(#"};

enum { N_OWN_NAMES = sizeof OWN_NAMES / sizeof OWN_NAMES[0] };

static const char *own_name(const char *at)
{
    for (size_t i = 0; i < N_OWN_NAMES; i++) {
        if (strncmp(at, OWN_NAMES[i], strlen(OWN_NAMES[i])) == 0)
            return OWN_NAMES[i];
    }
    return NULL;
}

/* The drawing from its <svg on, its names made its own; titles of its parts,
 * which browsers show as hints, are left out. */
static void put_svg(struct att_buffer *out, const char *svg, size_t number)
{
    const char *at = strstr(svg, "<svg");

    while (at != NULL && *at != '\0') {
        const char *title =
            strncmp(at, "<title>", 7) == 0 ? strstr(at, "</title>") : NULL;
        const char *name = own_name(at);

        if (title != NULL) {
            at = title + strlen("</title>");
        } else if (name != NULL) {
            att_buffer_printf(out, "%sf%zu_", name, number);
            at += strlen(name);
        } else {
            att_buffer_append(out, at++, 1);
        }
    }
}

static att_status draw(struct att_page_out *o, const struct att_figure *figure,
                       struct att_error *err)
{
    struct att_figure bare = *figure; /* the page has its words */
    struct att_buffer svg = {0};
    struct att_error local = {0};

    bare.title = "";
    bare.caption = "";
    const att_status status =
        att_figure_draw(&bare, ATT_PICTURE_SVG, &svg, &local);
    if (status == ATT_OK && svg.size > 0) {
        put_svg(o->html, svg.data, o->n_figures++);
    } else if (status == ATT_E_UNSUPPORTED) {
        o->can_draw = false;
    }
    att_buffer_fini(&svg);
    if (status == ATT_OK || status == ATT_E_UNSUPPORTED)
        return ATT_OK;
    return att_fail(err, status, "%s", local.text);
}

att_status att_html_figure(struct att_page_out *o,
                           const struct att_figure *figure,
                           struct att_error *err)
{
    att_buffer_text(o->html, "<figure>");
    att_html_element(o->html, "h4", "", figure->title);
    if (o->can_draw)
        ATT_TRY(draw(o, figure, err));
    if (!o->can_draw) {
        att_buffer_text(o->html, "<p class=dim>Not drawn: gnuplot is not "
                                 "installed where this page was made.</p>");
    }
    att_html_element(o->html, "figcaption", "", figure->caption);
    att_buffer_text(o->html, "</figure>\n");
    return ATT_OK;
}
