/* text_table.c - cells in memory, their order, and how a number is spelt. */
#include "attest/report/text_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"

void att_text_table_init(struct att_text_table *table, struct att_arena *arena,
                         const struct att_text_column *column,
                         uint32_t n_columns)
{
    *table = (struct att_text_table){
        .arena = arena, .column = column, .n_columns = n_columns};
}

/* The old cells stay behind in the arena: at most as much again. */
static bool reserve(struct att_text_table *table)
{
    if (table->n_rows < table->capacity)
        return true;
    const size_t capacity = table->capacity == 0 ? 32 : 2 * table->capacity;
    struct att_value *cell = att_arena_alloc(table->arena, capacity,
                                             table->n_columns * sizeof *cell);

    if (cell == NULL)
        return false;
    if (table->n_rows > 0) {
        memcpy(cell, table->cell,
               table->n_rows * table->n_columns * sizeof *cell);
    }
    table->cell = cell;
    table->capacity = capacity;
    return true;
}

att_status att_text_table_add(struct att_text_table *table,
                              const struct att_value *cells,
                              struct att_error *err)
{
    if (!reserve(table))
        return att_arena_fail(table->arena, "a table", err);
    memcpy(table->cell + table->n_rows * table->n_columns, cells,
           table->n_columns * sizeof *cells);
    table->n_rows++;
    return ATT_OK;
}

/* ---- order -------------------------------------------------------------- */

struct order {
    const struct att_text_table *table;
    const struct att_sort_key *key;
    uint32_t n_keys;
};

/* 0 numbers, 1 texts, 2 missing */
static int class_of(struct att_value v)
{
    if (v.kind == ATT_TEXT)
        return 1;
    return isnan(att_value_number(v)) ? 2 : 0;
}

static int compare_cells(struct att_value a, struct att_value b)
{
    if (class_of(a) == 1)
        return strcmp(a.s, b.s);
    if (a.kind == ATT_INTEGER && b.kind == ATT_INTEGER)
        return (a.i > b.i) - (a.i < b.i);
    const double x = att_value_number(a);
    const double y = att_value_number(b);

    return (x > y) - (x < y);
}

static int compare_by_key(struct att_value a, struct att_value b,
                          bool descending)
{
    if (class_of(a) != class_of(b))
        return class_of(a) - class_of(b);
    if (class_of(a) == 2)
        return 0;
    return descending ? compare_cells(b, a) : compare_cells(a, b);
}

static int compare_rows(const void *pa, const void *pb, void *context)
{
    const struct order *order = context;
    const struct att_text_table *t = order->table;
    const size_t a = *(const size_t *)pa;
    const size_t b = *(const size_t *)pb;

    for (uint32_t k = 0; k < order->n_keys; k++) {
        const struct att_sort_key *key = &order->key[k];
        const int sign = compare_by_key(t->cell[a * t->n_columns + key->column],
                                        t->cell[b * t->n_columns + key->column],
                                        key->descending);

        if (sign != 0)
            return sign;
    }
    return a < b ? -1 : a > b;
}

att_status att_text_table_sort(struct att_text_table *table,
                               const struct att_sort_key *key, uint32_t n_keys,
                               struct att_error *err)
{
    struct order order = {table, key, n_keys};
    const size_t n = table->n_rows;
    const size_t row_bytes = table->n_columns * sizeof(struct att_value);
    size_t *place = ATT_NEW(table->arena, size_t, n);
    struct att_value *sorted = att_arena_alloc(table->arena, n, row_bytes);

    if (place == NULL || sorted == NULL)
        return att_arena_fail(table->arena, "a sorted table", err);
    if (n == 0)
        return ATT_OK;
    for (size_t i = 0; i < n; i++)
        place[i] = i;
    qsort_r(place, n, sizeof *place, compare_rows, &order);
    for (size_t i = 0; i < n; i++) {
        memcpy(sorted + i * table->n_columns,
               table->cell + place[i] * table->n_columns, row_bytes);
    }
    table->cell = sorted;
    table->capacity = n;
    return ATT_OK;
}

/* ---- spelling -------------------------------------------------------------- */

const char *att_number_text(double r, uint32_t digits,
                            char out[ATT_NUMBER_TEXT])
{
    const double size = fabs(r);

    if (digits == ATT_DIGITS_ALL || !isfinite(r))
        return att_real_text(r, out);
    if (size >= pow(10, digits) && size < 1e15) {
        (void)snprintf(out, ATT_NUMBER_TEXT, "%.0f", r);
        return out;
    }
    (void)snprintf(out, ATT_NUMBER_TEXT, "%.*g",
                   (int)(digits > 17 ? 17 : digits), r == 0 ? 0 : r);
    return out;
}

size_t att_text_width(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0U) != 0x80U; /* not a continuation */
    return n;
}

/* ---- tones ------------------------------------------------------------------- */

struct tone_word {
    const char *word;
    enum att_tone tone;
};

static enum att_tone look_up(struct att_value v, const struct tone_word *list,
                             size_t n)
{
    for (size_t i = 0; v.kind == ATT_TEXT && i < n; i++) {
        if (att_text_same(v.s, list[i].word))
            return list[i].tone;
    }
    return ATT_TONE_PLAIN;
}

enum att_tone att_tone_verdict(struct att_value v)
{
    static const struct tone_word list[] = {
        {"holds", ATT_TONE_GOOD},         {"violated", ATT_TONE_BAD},
        {"departs", ATT_TONE_ODD},        {"inconclusive", ATT_TONE_DIM},
        {"not_applicable", ATT_TONE_DIM},
    };

    return look_up(v, list, sizeof list / sizeof *list);
}

enum att_tone att_tone_status(struct att_value v)
{
    static const struct tone_word list[] = {
        {"failed", ATT_TONE_BAD},  {"crashed", ATT_TONE_BAD},
        {"timeout", ATT_TONE_ODD}, {"oom", ATT_TONE_ODD},
        {"skipped", ATT_TONE_DIM}, {"infeasible", ATT_TONE_DIM},
        {"not_run", ATT_TONE_DIM},
    };

    return look_up(v, list, sizeof list / sizeof *list);
}
