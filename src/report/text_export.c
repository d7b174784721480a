/* text_export.c - a table as CSV, JSON and LaTeX. */
#include <stdlib.h>
#include <string.h>

#include "attest/report/json_value.h"
#include "attest/report/text_table.h"
#include "report_priv.h"

static struct att_value cell_at(const struct att_text_table *t, size_t row,
                                uint32_t column)
{
    return t->cell[row * t->n_columns + column];
}

/* ---- CSV --------------------------------------------------------------- */

void att_csv_field(struct att_buffer *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        att_buffer_text(out, text);
        return;
    }
    att_buffer_text(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"')
            att_buffer_text(out, "\"");
        att_buffer_append(out, text, 1);
    }
    att_buffer_text(out, "\"");
}

void att_text_table_csv(const struct att_text_table *t, struct att_buffer *out)
{
    for (uint32_t c = 0; c < t->n_columns; c++) {
        att_buffer_text(out, c == 0 ? "" : ",");
        att_csv_field(out, t->column[c].name);
    }
    att_buffer_text(out, "\r\n");
    att_text_table_csv_rows(t, out);
}

void att_text_table_csv_rows(const struct att_text_table *t,
                             struct att_buffer *out)
{
    char number[ATT_NUMBER_TEXT];

    for (size_t i = 0; i < t->n_rows; i++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            att_buffer_text(out, c == 0 ? "" : ",");
            att_csv_field(out, att_value_text(cell_at(t, i, c), number));
        }
        att_buffer_text(out, "\r\n");
    }
}

/* ---- JSON ---------------------------------------------------------------- */

static json_t *row_json(const struct att_text_table *t, size_t row)
{
    json_t *object = json_object();

    for (uint32_t c = 0; c < t->n_columns; c++) {
        if (json_object_set_new(object, t->column[c].name,
                                att_json_value(cell_at(t, row, c))) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

json_t *att_text_table_json(const struct att_text_table *t)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < t->n_rows; i++) {
        if (json_array_append_new(rows, row_json(t, i)) != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

/* ---- LaTeX ----------------------------------------------------------------- */

static void put_latex(struct att_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            att_buffer_text(out, "\\textbackslash{}");
        } else if (*text == '~' || *text == '^') {
            att_buffer_printf(out, "\\%c{}", *text);
        } else {
            att_buffer_text(out, strchr("{}$&#_%", *text) ? "\\" : "");
            att_buffer_append(out, text, 1);
        }
    }
}

/* 1.2e-07 as $1.2\cdot10^{-7}$. */
static void put_latex_number(struct att_buffer *out, const char *text)
{
    const char *exponent = strchr(text, 'e');

    if (exponent == NULL || strpbrk(text, "nif") != NULL) {
        att_buffer_printf(out, "$%s$", text);
        return;
    }
    att_buffer_printf(out, "$%.*s\\cdot10^{%ld}$", (int)(exponent - text), text,
                      strtol(exponent + 1, NULL, 10));
}

static void put_latex_cell(const struct att_text_table *t, size_t row,
                           uint32_t column, struct att_buffer *out)
{
    const struct att_value v = cell_at(t, row, column);
    char number[ATT_NUMBER_TEXT];

    if (att_cell_missing(v)) {
        att_buffer_text(out, "--");
    } else if (v.kind == ATT_TEXT) {
        put_latex(out, v.s);
    } else {
        put_latex_number(out, att_cell_text(t, row, column, number));
    }
}

static bool is_text_column(const struct att_text_table *t, uint32_t column)
{
    for (size_t i = 0; i < t->n_rows; i++) {
        if (cell_at(t, i, column).kind == ATT_TEXT)
            return true;
    }
    return false;
}

void att_text_table_latex(const struct att_text_table *t,
                          struct att_buffer *out)
{
    att_buffer_text(out, "\\begin{tabular}{");
    for (uint32_t c = 0; c < t->n_columns; c++)
        att_buffer_text(out, is_text_column(t, c) ? "l" : "r");
    att_buffer_text(out, "}\n\\toprule\n");
    for (uint32_t c = 0; c < t->n_columns; c++) {
        att_buffer_text(out, c == 0 ? "" : " & ");
        put_latex(out, t->column[c].name);
    }
    att_buffer_text(out, " \\\\\n\\midrule\n");
    for (size_t i = 0; i < t->n_rows; i++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            att_buffer_text(out, c == 0 ? "" : " & ");
            put_latex_cell(t, i, c, out);
        }
        att_buffer_text(out, " \\\\\n");
    }
    att_buffer_text(out, "\\bottomrule\n\\end{tabular}\n");
}
