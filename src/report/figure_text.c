/* figure_text.c - title and caption of a figure, and its numbers as CSV. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "attest/report/text_table.h"
#include "attest/store/provenance.h"
#include "figure_priv.h"
#include "report_priv.h"

/* ---- caption ---------------------------------------------------------------- */

static bool is_named(const struct att_gathered *g, const char *column)
{
    const struct att_figure_query *q = g->query;
    bool named = strcmp(column, q->x) == 0 || strcmp(column, q->y) == 0;

    for (uint32_t k = 0; k < q->n_by; k++)
        named = named || strcmp(column, q->by[k]) == 0;
    return named;
}

/* Does the column differ among the rows of the figure? */
static bool varies(const struct att_gathered *g, uint32_t field)
{
    const struct att_frame *rows = &g->query->table->rows;

    for (size_t i = 1; i < g->n; i++) {
        if (!att_value_equal(att_frame_cell(rows, g->sample[0].row, field),
                             att_frame_cell(rows, g->sample[i].row, field)))
            return true;
    }
    return false;
}

/* "; over d, replicate": axes that vary but are not told apart. */
static void say_pooled(const struct att_gathered *g, struct att_buffer *out)
{
    const char *list = g->query->table->axes;
    const char *gap = " over ";
    char name[128];

    while (att_text_word(&list, " ", name, sizeof name)) {
        const int field = att_table_find(g->query->table, name);

        if (field >= 0 && !is_named(g, name) && varies(g, (uint32_t)field)) {
            att_buffer_printf(out, "%s%s", gap, name);
            gap = ", ";
        }
    }
}

static void say_points(const struct att_gathered *g, struct att_buffer *out)
{
    static const char *const bands[ATT_BANDS] = {
        [ATT_BAND_NONE] = "Medians",
        [ATT_BAND_IQR] = "Medians and quartiles",
        [ATT_BAND_RANGE] = "Medians, least and largest",
        [ATT_BAND_CI] = "Medians with 95 % intervals",
    };

    const char *points =
        g->query->means ? "Means with 95 % intervals" : bands[g->query->band];

    att_buffer_text(out, g->colour != NULL ? "Means" : points);
    say_pooled(g, out);
    att_buffer_text(out, ". ");
}

static void say_hollow(const struct att_figure *f, struct att_buffer *out)
{
    size_t n_hollow = 0;
    size_t n_empty = 0;

    for (size_t s = 0; s < f->n_series; s++) {
        for (size_t i = 0; i < f->series[s].n; i++) {
            const struct att_figure_point *p = &f->series[s].point[i];

            n_empty += p->n == 0;
            n_hollow += p->n > 0 && p->n < p->n_rows;
        }
    }
    for (size_t i = 0; i < f->n_cells; i++)
        n_empty += f->cell[i].n == 0;
    if (n_hollow > 0) {
        att_buffer_printf(out, "Hollow: rows without a value (%zu cells). ",
                          n_hollow);
    }
    if (n_empty > 0)
        att_buffer_printf(out, "%zu cells have no value at all. ", n_empty);
}

static void say_lines(const struct att_gathered *g, const struct att_figure *f,
                      struct att_buffer *out)
{
    for (uint32_t k = 0; k < f->n_lines; k++) {
        const int field = att_table_find(g->query->table, f->line[k]);

        if (field < 0)
            continue;
        const struct att_field *column = &g->query->table->rows.field[field];
        if (column->doc != NULL && column->doc[0] != '\0')
            att_buffer_printf(out, "%s: %s. ", column->name, column->doc);
    }
}

/* Which rows these are, and one of them by its key. */
static void say_rows(const struct att_gathered *g, struct att_buffer *out)
{
    const struct att_table *t = g->query->table;
    char key[ATT_KEY_TEXT];

    att_buffer_text(out, g->query->run != NULL ? g->query->run : "");
    att_buffer_printf(out, "%s %s: %zu of %zu rows done",
                      g->query->run != NULL ? ", sweep" : "Sweep", t->name,
                      g->n_rows - g->n_failed, g->n_rows);
    att_buffer_printf(out, "; first row k%.12s. attest %s",
                      att_key_text(att_table_key(t, g->sample[0].row), key),
                      att_version());
}

static const char *title_of(const struct att_gathered *g)
{
    const struct att_figure_query *q = g->query;

    if (q->title != NULL)
        return q->title;
    if (q->colour != NULL) {
        return att_arena_printf(g->arena, "%s over %s and %s", q->colour, q->x,
                                q->y);
    }
    return att_arena_printf(g->arena, "%s against %s", q->y, q->x);
}

att_status att_figure_words(const struct att_gathered *g,
                            struct att_figure *figure, struct att_error *err)
{
    struct att_buffer text = {0};

    say_points(g, &text);
    say_hollow(figure, &text);
    say_lines(g, figure, &text);
    say_rows(g, &text);
    figure->title = title_of(g);
    figure->caption =
        att_buffer_ok(&text) ? att_arena_strdup(g->arena, text.data) : NULL;
    att_buffer_fini(&text);
    if (figure->title == NULL || figure->caption == NULL)
        return att_arena_fail(g->arena, "the words of a figure", err);
    return ATT_OK;
}

/* ---- CSV -------------------------------------------------------------------- */

static void put_number(struct att_buffer *out, double v)
{
    char text[ATT_NUMBER_TEXT];

    att_buffer_text(out, ",");
    if (!isnan(v))
        att_buffer_text(out, att_real_text(v, text));
}

static void put_start(struct att_buffer *out, const char *kind,
                      const char *series)
{
    att_csv_field(out, kind);
    att_buffer_text(out, ",");
    att_csv_field(out, series);
}

static void put_points(const struct att_figure_series *s,
                       struct att_buffer *out)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct att_figure_point *p = &s->point[i];

        put_start(out, "point", s->label);
        put_number(out, p->x);
        put_number(out, p->y);
        put_number(out, p->lo);
        put_number(out, p->hi);
        att_buffer_printf(out, ",,%zu,%zu\r\n", p->n, p->n_rows);
    }
}

static void put_curve(const struct att_figure *f, size_t s, uint32_t k,
                      struct att_buffer *out)
{
    const struct att_figure_curve *c = &f->series[s].curve[k];

    for (size_t i = 0; i < c->n; i++) {
        put_start(out, f->line[k], f->shared[k] ? "" : f->series[s].label);
        put_number(out, c->x[i]);
        put_number(out, c->y[i]);
        att_buffer_text(out, ",,,,,\r\n");
    }
}

static void put_cell(const struct att_figure_cell *c, struct att_buffer *out)
{
    put_start(out, "cell", "");
    put_number(out, c->x);
    put_number(out, c->y);
    att_buffer_text(out, ",,");
    put_number(out, c->n > 0 ? c->value : (double)NAN);
    att_buffer_printf(out, ",%zu,%zu\r\n", c->n, c->n_rows);
}

void att_figure_csv(const struct att_figure *figure, struct att_buffer *out)
{
    att_buffer_text(out, "kind,series,");
    att_csv_field(out, figure->x_name);
    att_buffer_text(out, ",");
    att_csv_field(out, figure->y_name);
    att_buffer_text(out, ",lo,hi,");
    att_csv_field(out, figure->colour_name);
    att_buffer_text(out, ",n,rows\r\n");
    for (size_t i = 0; i < figure->n_cells; i++)
        put_cell(&figure->cell[i], out);
    for (size_t s = 0; s < figure->n_series; s++)
        put_points(&figure->series[s], out);
    for (size_t s = 0; s < figure->n_series; s++) {
        for (uint32_t k = 0; k < figure->n_lines; k++)
            put_curve(figure, s, k, out);
    }
}
