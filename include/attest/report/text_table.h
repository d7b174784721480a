/* text_table.h - a table for terminals, spreadsheets and programs.
 *
 * One table, four ways out: aligned text that fits a width, CSV, JSON, and
 * LaTeX.  Numbers keep a few significant digits in text and LaTeX, all of them
 * in CSV and JSON. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/buffer.h"
#include "attest/base/value.h"

struct json_t; /* jansson */

/* How a cell feels on a terminal with colours. */
enum att_tone {
    ATT_TONE_PLAIN,
    ATT_TONE_GOOD,
    ATT_TONE_BAD,
    ATT_TONE_ODD, /* worth a look */
    ATT_TONE_DIM
};

enum { ATT_DIGITS_ALL = 0, ATT_DIGITS_DEFAULT = 4 };

struct att_text_column {
    const char *name;
    const char *unit; /* NULL or "1": not shown */
    uint32_t digits;  /* significant ones of reals; ATT_DIGITS_ALL: the
                         shortest decimal that reads back */
    enum att_tone (*tone)(struct att_value v); /* NULL: plain */
};

struct att_text_table {
    struct att_arena *arena;              /* of cells */
    const struct att_text_column *column; /* n_columns, borrowed */
    struct att_value *cell;               /* [n_rows, n_columns] */
    size_t n_rows, capacity;
    uint32_t n_columns;
};

void att_text_table_init(struct att_text_table *table, struct att_arena *arena,
                         const struct att_text_column *column,
                         uint32_t n_columns);

/* Append a row of n_columns cells (ATT_NONE: empty); texts are borrowed.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_text_table_add(struct att_text_table *table,
                                          const struct att_value *cells,
                                          struct att_error *err);

struct att_sort_key {
    uint32_t column;
    bool descending;
};
/* Stable; missing cells and NaN last either way, numbers before texts.
 * Fails: ATT_E_NOMEM; the order is then unchanged. */
ATT_CHECKED att_status att_text_table_sort(struct att_text_table *table,
                                           const struct att_sort_key *key,
                                           uint32_t n_keys,
                                           struct att_error *err);

struct att_text_style {
    uint32_t width; /* columns of the terminal; 0: as wide as it takes */
    bool colour;
};

/* Heading, rule, rows: numbers to the right, texts to the left.  When the
 * table is wider than the terminal, texts are cut ("..."), then the last
 * columns are left out and a line below says which. */
void att_text_table_print(const struct att_text_table *table,
                          const struct att_text_style *style,
                          struct att_buffer *out);

/* RFC 4180, one heading line of names; empty where missing; "inf", "nan". */
void att_text_table_csv(const struct att_text_table *table,
                        struct att_buffer *out);
/* The same without the heading line: the next part of a long table. */
void att_text_table_csv_rows(const struct att_text_table *table,
                             struct att_buffer *out);

/* Array of objects, one per row, members in column order; null where missing.
 * NULL when out of memory.  The caller owns it. */
struct json_t *att_text_table_json(const struct att_text_table *table);

/* A booktabs tabular; names and texts are escaped. */
void att_text_table_latex(const struct att_text_table *table,
                          struct att_buffer *out);

/* A number with at most `digits` significant digits: "0.01234", "1.2e-07",
 * "123456" (digits before the point are never cut); integers in full. */
const char *att_number_text(double r, uint32_t digits,
                            char out[ATT_NUMBER_TEXT]);

/* Columns that a text takes on a terminal: characters, not bytes. */
size_t att_text_width(const char *text);

/* Tones of the words of att_verdict_text and att_outcome_text. */
enum att_tone att_tone_verdict(struct att_value v);
enum att_tone att_tone_status(struct att_value v);
