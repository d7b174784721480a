/* page_sweep.c - one sweep: its grid, its figures, its laws. */
#include <inttypes.h>
#include <math.h>

#include "attest/base/text.h"
#include "attest/report/fit.h"
#include "headlines_priv.h"
#include "page_priv.h"
#include "report_priv.h"

enum { VALUES_SHOWN = 12, MAPS_SHOWN = 6 };

/* ---- the grid ------------------------------------------------------------------ */

/* "2, 4, 8, ..., 128" of a column's values. */
static void put_values(struct att_page_out *o, const struct att_table *t,
                       uint32_t field, const struct att_row_groups *groups)
{
    char number[ATT_NUMBER_TEXT];

    for (size_t g = 0; g < groups->n_groups; g++) {
        if (groups->n_groups > VALUES_SHOWN && g == VALUES_SHOWN - 2) {
            att_buffer_text(o->html, ", \xe2\x80\xa6");
            g = groups->n_groups - 1;
        }
        att_buffer_text(o->html, g == 0 ? "" : ", ");
        att_html_text(o->html, att_value_text(
                                   att_shown_cell(
                                       t, groups->row[groups->start[g]], field),
                                   number));
    }
}

static att_status put_axis(struct att_page_out *o, const struct att_table *t,
                           uint32_t field, const size_t *row)
{
    const struct att_row_query query = {row, t->rows.n, &field, 1};
    struct att_row_groups groups = {0};

    ATT_TRY(att_group_by(t, &query, o->arena, &groups));
    att_html_element(o->html, "dt", "", t->rows.field[field].name);
    att_buffer_text(o->html, "<dd>");
    put_values(o, t, field, &groups);
    att_buffer_text(o->html, "</dd>");
    return ATT_OK;
}

static att_status put_grid(struct att_page_out *o, const struct att_table *t,
                           struct att_error *err)
{
    size_t *row = ATT_NEW(o->arena, size_t, t->rows.n);
    const char *list = t->axes;
    char name[64];

    if (row == NULL)
        return att_arena_fail(o->arena, "the axes of a sweep", err);
    for (size_t i = 0; i < t->rows.n; i++)
        row[i] = i;
    att_buffer_text(o->html, "<dl>");
    while (att_text_word(&list, " ", name, sizeof name)) {
        const int field = att_table_find(t, name);

        if (field >= 0 && put_axis(o, t, (uint32_t)field, row) != ATT_OK)
            return att_arena_fail(o->arena, "the axes of a sweep", err);
    }
    att_buffer_text(o->html, "</dl>\n");
    return ATT_OK;
}

/* ---- figures and laws -------------------------------------------------------------- */

/* Columns that tell the laws of a figure apart, as fields. */
static uint32_t fields_of(const struct att_table *t,
                          const struct att_figure_query *q,
                          uint32_t field[ATT_FIGURE_BY])
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < q->n_by; k++) {
        const int found = att_table_find(t, q->by[k]);

        if (found >= 0)
            field[n++] = (uint32_t)found;
    }
    return n;
}

static att_status put_law(struct att_page_out *o, const struct att_headline *h,
                          const struct att_figure_query *q,
                          struct att_error *err)
{
    const int x = att_table_find(q->table, h->x);
    const int y = att_table_find(q->table, h->y);
    uint32_t by[ATT_FIGURE_BY];
    struct att_form form = {0};
    struct att_laws laws = {0};
    struct att_text_table t = {0};

    if (h->law == NULL || x < 0 || y < 0 ||
        att_form_parse(h->law, h->x, &form, NULL) != ATT_OK)
        return ATT_OK;
    const struct att_fit_query query = {.row = q->row,
                                        .n_rows = q->n_rows,
                                        .x = (uint32_t)x,
                                        .y = (uint32_t)y,
                                        .by = by,
                                        .n_by = fields_of(q->table, q, by),
                                        .form = &form,
                                        .kind = ATT_FIT_MEANS};
    ATT_TRY(att_fit_rows(q->table, &query, o->arena, &laws, err));
    ATT_TRY(att_laws_table(&laws, o->arena, &t, err));
    if (t.n_rows == 0)
        return ATT_OK;
    att_html_element(o->html, "h4", "", h->title);
    att_html_table(o->html, &t);
    return ATT_OK;
}

/* Nothing to see: one and the same number everywhere. */
static bool is_flat(const struct att_figure_axis *y)
{
    return y->hi - y->lo <= 1e-4 * fmax(fabs(y->hi), fabs(y->lo));
}

/* One figure, unless the sweep has nothing of the kind. */
static att_status try_figure(struct att_page_out *o,
                             const struct att_figure_query *q, bool *drawn,
                             struct att_error *err)
{
    struct att_figure figure = {0};
    const att_status status = att_figure_make(q, o->arena, &figure, NULL);

    if (status == ATT_E_NOMEM)
        return att_arena_fail(o->arena, "a figure", err);
    if (status != ATT_OK || !(figure.x.hi > figure.x.lo) ||
        is_flat(q->colour == NULL ? &figure.y : &figure.colour))
        return ATT_OK;
    *drawn = true;
    return att_html_figure(o, &figure, err);
}

/* The title of one map of several: what its rows share. */
static const char *map_title(struct att_page_out *o,
                             const struct att_figure_query *q, size_t row)
{
    const char *title = q->title;
    char number[ATT_NUMBER_TEXT];

    for (uint32_t k = 0; title != NULL && k < q->n_by; k++) {
        const int field = att_table_find(q->table, q->by[k]);

        title = att_arena_printf(
            o->arena, "%s%s %s=%s", title, k == 0 ? ":" : "", q->by[k],
            att_value_text(att_shown_cell(q->table, row, (uint32_t)field),
                           number));
    }
    return title;
}

/* A map for each set of values of the columns that tell maps apart. */
static att_status put_maps(struct att_page_out *o,
                           const struct att_figure_query *all, bool *drawn,
                           struct att_error *err)
{
    uint32_t field[ATT_FIGURE_BY];
    const struct att_row_query rows = {all->row, all->n_rows, field,
                                       fields_of(all->table, all, field)};
    struct att_row_groups groups = {0};

    if (att_group_by(all->table, &rows, o->arena, &groups) != ATT_OK)
        return att_arena_fail(o->arena, "maps", err);
    for (size_t g = 0; g < groups.n_groups && g < MAPS_SHOWN; g++) {
        struct att_figure_query q = *all;

        q.row = groups.row + groups.start[g];
        q.n_rows = groups.start[g + 1] - groups.start[g];
        q.title = map_title(o, all, q.row[0]);
        q.n_by = 0;
        ATT_TRY(try_figure(o, &q, drawn, err));
    }
    return ATT_OK;
}

/* A headline, and what became of it. */
struct shown {
    const struct att_headline *headline;
    struct att_figure_query query;
    bool drawn;
};

static att_status put_figure(struct att_page_out *o,
                             const struct att_table *table, struct shown *s,
                             struct att_error *err)
{
    bool usable = false;

    ATT_TRY(att_headline_query(s->headline, table, o->arena, &s->query, &usable,
                               err));
    if (!usable)
        return ATT_OK;
    return s->headline->colour != NULL
               ? put_maps(o, &s->query, &s->drawn, err)
               : try_figure(o, &s->query, &s->drawn, err);
}

static att_status put_laws(struct att_page_out *o, const struct shown *shown,
                           size_t n, struct att_error *err)
{
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        if (!shown[i].drawn || shown[i].headline->law == NULL)
            continue;
        if (first) {
            att_buffer_text(o->html, "<details open><summary>Laws fitted to "
                                     "these figures, beside the theorem's"
                                     "</summary>");
        }
        first = false;
        ATT_TRY(put_law(o, shown[i].headline, &shown[i].query, err));
    }
    if (!first)
        att_buffer_text(o->html, "</details>\n");
    return ATT_OK;
}

static att_status put_figures(struct att_page_out *o,
                              const struct att_table *table,
                              struct att_error *err)
{
    const struct att_headline *list = NULL;
    size_t n = 0;

    ATT_TRY(att_headlines(table, o->arena, &list, &n, err));
    struct shown *shown = ATT_NEW0(o->arena, struct shown, n);
    if (shown == NULL)
        return att_arena_fail(o->arena, "the figures of a sweep", err);
    att_buffer_text(o->html, "<div class=figures>\n");
    for (size_t i = 0; i < n; i++) {
        shown[i].headline = &list[i];
        ATT_TRY(put_figure(o, table, &shown[i], err));
    }
    att_buffer_text(o->html, "</div>\n");
    return put_laws(o, shown, n, err);
}

att_status att_page_sweep(struct att_page_out *o, const struct att_table *table,
                          struct att_error *err)
{
    const struct att_construction *c = table->construction;

    att_buffer_text(o->html, "<h2 id=\"sweep-");
    att_html_text(o->html, table->name);
    att_buffer_text(o->html, "\">Sweep ");
    att_html_text(o->html, table->name);
    att_buffer_text(o->html, "</h2>\n<p><b>");
    att_html_text(o->html, table->construction_name);
    att_buffer_text(o->html, "</b>");
    if (c != NULL) {
        att_buffer_text(o->html, ": ");
        att_html_text(o->html, c->summary);
        att_buffer_text(o->html, ". <span class=dim>");
        att_html_text(o->html, c->source);
        att_buffer_text(o->html, "</span>");
    }
    att_buffer_printf(o->html,
                      "</p>\n<p>%" PRIu64 " of %" PRIu64 " rows done.</p>\n",
                      table->n_done, table->n_planned);
    ATT_TRY(put_grid(o, table, err));
    return put_figures(o, table, err);
}
