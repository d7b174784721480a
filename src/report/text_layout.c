/* text_layout.c - a table as aligned text that fits a terminal. */
#include <stdlib.h>
#include <string.h>

#include "attest/report/text_table.h"
#include "report_priv.h"

enum { GAP = 2, NARROW_TEXT = 12 };

static const char *const MISSING = "-";

struct layout {
    const struct att_text_table *table;
    const struct att_text_style *style;
    size_t *width;    /* n_columns */
    bool *is_number;  /* n_columns: to the right */
    uint32_t n_shown; /* the first columns */
    bool has_units;
};

static const char *unit_of(const struct att_text_column *column)
{
    if (column->unit == NULL || strcmp(column->unit, "1") == 0)
        return "";
    return column->unit;
}

static struct att_value cell_at(const struct att_text_table *t, size_t row,
                                uint32_t column)
{
    return t->cell[row * t->n_columns + column];
}

const char *att_cell_text(const struct att_text_table *t, size_t row,
                          uint32_t column, char out[ATT_NUMBER_TEXT])
{
    const struct att_value v = cell_at(t, row, column);

    if (v.kind == ATT_REAL)
        return att_number_text(v.r, t->column[column].digits, out);
    return att_value_text(v, out);
}

bool att_cell_missing(struct att_value v)
{
    return v.kind == ATT_NONE || (v.kind == ATT_REAL && v.r != v.r) ||
           (v.kind == ATT_TEXT && v.s[0] == '\0');
}

static const char *shown_text(const struct att_text_table *t, size_t row,
                              uint32_t column, char out[ATT_NUMBER_TEXT])
{
    if (att_cell_missing(cell_at(t, row, column)))
        return MISSING;
    return att_cell_text(t, row, column, out);
}

/* ---- widths ------------------------------------------------------------------ */

static void widen(size_t *width, size_t to)
{
    if (*width < to)
        *width = to;
}

static void measure_column(struct layout *l, uint32_t c)
{
    const struct att_text_table *t = l->table;
    char number[ATT_NUMBER_TEXT];

    l->width[c] = 0;
    l->is_number[c] = true;
    widen(&l->width[c], att_text_width(t->column[c].name));
    widen(&l->width[c], att_text_width(unit_of(&t->column[c])));
    l->has_units = l->has_units || unit_of(&t->column[c])[0] != '\0';
    for (size_t i = 0; i < t->n_rows; i++) {
        widen(&l->width[c], att_text_width(shown_text(t, i, c, number)));
        if (cell_at(t, i, c).kind == ATT_TEXT)
            l->is_number[c] = false;
    }
}

static size_t total_width(const struct layout *l)
{
    size_t total = 0;

    for (uint32_t c = 0; c < l->n_shown; c++)
        total += l->width[c] + (c == 0 ? 0 : GAP);
    return total;
}

/* Take up to `excess` characters from the widest text column; false when all
 * are narrow. */
static bool shrink(struct layout *l, size_t excess)
{
    uint32_t widest = l->n_shown;

    for (uint32_t c = 0; c < l->n_shown; c++) {
        if (!l->is_number[c] && l->width[c] > NARROW_TEXT &&
            (widest == l->n_shown || l->width[c] > l->width[widest]))
            widest = c;
    }
    if (widest == l->n_shown)
        return false;
    const size_t spare = l->width[widest] - NARROW_TEXT;

    l->width[widest] -= excess < spare ? excess : spare;
    return true;
}

static void fit_width(struct layout *l)
{
    const size_t limit = l->style->width;

    while (limit > 0 && total_width(l) > limit) {
        if (shrink(l, total_width(l) - limit))
            continue;
        if (l->n_shown == 1)
            return;
        l->n_shown--;
    }
}

/* ---- lines ---------------------------------------------------------------------- */

static const char *escape_of(enum att_tone tone)
{
    switch (tone) {
    case ATT_TONE_GOOD:
        return "\033[32m";
    case ATT_TONE_BAD:
        return "\033[1;31m";
    case ATT_TONE_ODD:
        return "\033[33m";
    case ATT_TONE_DIM:
        return "\033[2m";
    case ATT_TONE_PLAIN:
        break;
    }
    return "";
}

static void pad(struct att_buffer *out, size_t n)
{
    for (; n > 0; n--)
        att_buffer_append(out, " ", 1);
}

/* The first n characters of text; what a terminal would obey is a "?". */
static void put_characters(struct att_buffer *out, const char *text, size_t n)
{
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        const bool begins = (byte & 0xC0U) != 0x80U;

        if (begins && n-- == 0)
            return;
        att_buffer_append(out, byte < 0x20 || byte == 0x7F ? "?" : text, 1);
    }
}

static void put_cut(struct att_buffer *out, const char *text, size_t width)
{
    if (att_text_width(text) <= width) {
        put_characters(out, text, width);
        return;
    }
    put_characters(out, text, width - 3);
    att_buffer_text(out, "...");
}

/* One cell in its column, in colour if any; the last text is not padded. */
static void put_cell(const struct layout *l, uint32_t c, const char *text,
                     const char *escape, struct att_buffer *out)
{
    const size_t own = att_text_width(text);
    const size_t width = l->width[c];
    const size_t space = own < width ? width - own : 0;

    pad(out, (c == 0 ? 0 : GAP) + (l->is_number[c] ? space : 0));
    if (l->style->colour)
        att_buffer_text(out, escape);
    put_cut(out, text, width);
    if (l->style->colour && escape[0] != '\0')
        att_buffer_text(out, "\033[0m");
    if (!l->is_number[c] && c + 1 < l->n_shown)
        pad(out, space);
}

/* End a line without blanks before it. */
static void end_line(struct att_buffer *out)
{
    while (out->size > 0 && out->data[out->size - 1] == ' ')
        out->size--;
    att_buffer_text(out, "\n");
}

static void put_headings(const struct layout *l, struct att_buffer *out)
{
    for (uint32_t c = 0; c < l->n_shown; c++)
        put_cell(l, c, l->table->column[c].name, "\033[1m", out);
    end_line(out);
    for (uint32_t c = 0; l->has_units && c < l->n_shown; c++)
        put_cell(l, c, unit_of(&l->table->column[c]), "\033[2m", out);
    if (l->has_units)
        end_line(out);
    for (uint32_t c = 0; c < l->n_shown; c++) {
        pad(out, c == 0 ? 0 : GAP);
        for (size_t k = 0; k < l->width[c]; k++)
            att_buffer_append(out, "-", 1);
    }
    end_line(out);
}

static enum att_tone tone_of(const struct layout *l, size_t row, uint32_t c)
{
    const struct att_text_table *t = l->table;
    const struct att_value v = cell_at(t, row, c);

    if (att_cell_missing(v))
        return ATT_TONE_DIM;
    return t->column[c].tone == NULL ? ATT_TONE_PLAIN : t->column[c].tone(v);
}

static void put_row(const struct layout *l, size_t row, struct att_buffer *out)
{
    char number[ATT_NUMBER_TEXT];

    for (uint32_t c = 0; c < l->n_shown; c++) {
        put_cell(l, c, shown_text(l->table, row, c, number),
                 escape_of(tone_of(l, row, c)), out);
    }
    end_line(out);
}

static void put_left_out(const struct layout *l, struct att_buffer *out)
{
    const struct att_text_table *t = l->table;

    if (l->n_shown == t->n_columns)
        return;
    att_buffer_text(out, "not shown, too wide:");
    for (uint32_t c = l->n_shown; c < t->n_columns; c++) {
        att_buffer_printf(out, "%s %s", c == l->n_shown ? "" : ",",
                          t->column[c].name);
    }
    att_buffer_text(out, "\n");
}

void att_text_table_print(const struct att_text_table *table,
                          const struct att_text_style *style,
                          struct att_buffer *out)
{
    struct layout l = {.table = table,
                       .style = style,
                       .width = calloc(table->n_columns, sizeof(size_t)),
                       .is_number = calloc(table->n_columns, sizeof(bool)),
                       .n_shown = table->n_columns};

    if (table->n_columns == 0 || l.width == NULL || l.is_number == NULL) {
        out->failed = out->failed || table->n_columns > 0;
        goto out;
    }
    for (uint32_t c = 0; c < table->n_columns; c++)
        measure_column(&l, c);
    fit_width(&l);
    put_headings(&l, out);
    for (size_t i = 0; i < table->n_rows; i++)
        put_row(&l, i, out);
    put_left_out(&l, out);
out:
    free(l.width);
    free(l.is_number);
}
