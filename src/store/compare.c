/* compare.c - two data sets, rows matched by key, columns by name. */
#include "attest/store/compare.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "compare_priv.h"

const char *att_level_text(enum att_level level)
{
    static const char *const text[ATT_LEVELS] = {
        [ATT_LEVEL_EQUAL] = "bits equal",
        [ATT_LEVEL_WITHIN] = "within tolerance",
        [ATT_LEVEL_VERDICTS] = "same verdicts",
        [ATT_LEVEL_DIFFERENT] = "different",
    };

    return text[level];
}

enum att_level att_compare_cells(const struct att_field *field,
                                 struct att_value a, struct att_value b,
                                 double *distance)
{
    const double x = att_value_number(a), y = att_value_number(b);
    const double scale = fmax(fabs(x), fabs(y));

    *distance = 0;
    if (att_value_equal(a, b))
        return ATT_LEVEL_EQUAL;
    if (a.kind == ATT_TEXT && b.kind == ATT_TEXT)
        return ATT_LEVEL_DIFFERENT;
    *distance = isnan(x) || isnan(y) ? HUGE_VAL
                : scale == 0         ? 0
                                     : fabs(x - y) / scale;
    if (isnan(*distance)) /* of infinities of different sign */
        *distance = HUGE_VAL;
    return field->exactness == ATT_ROUNDED && *distance <= field->tolerance
               ? ATT_LEVEL_WITHIN
               : ATT_LEVEL_DIFFERENT;
}

/* ---- rows by key ---------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct keyed_row *x = a, *y = b;

    return att_key_compare(x->key, y->key);
}

static size_t count_rows(const struct att_dataset *ds)
{
    size_t n = 0;

    for (uint32_t s = 0; s < att_dataset_n_sweeps(ds); s++)
        n += att_dataset_sweep(ds, s)->rows.n;
    return n;
}

static size_t take_sweep(const struct att_table *table, struct keyed_row *row)
{
    size_t n = 0;

    for (size_t i = 0; i < table->rows.n; i++) {
        if (att_table_status(table, i) != ATT_NOT_RUN)
            row[n++] = (struct keyed_row){att_table_key(table, i), table, i};
    }
    return n;
}

att_status att_keyed_rows_load(struct att_dataset *ds, struct keyed_rows *rows,
                               struct att_error *err)
{
    ATT_TRY(att_dataset_load_all(ds, err));
    *rows = (struct keyed_rows){
        .row = calloc(count_rows(ds) + 1, sizeof *rows->row)};
    if (rows->row == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to compare rows");
    for (uint32_t s = 0; s < att_dataset_n_sweeps(ds); s++)
        rows->n += take_sweep(att_dataset_sweep(ds, s), rows->row + rows->n);
    qsort(rows->row, rows->n, sizeof *rows->row, by_key);
    return ATT_OK;
}

void att_keyed_rows_fini(struct keyed_rows *rows)
{
    free(rows->row);
    *rows = (struct keyed_rows){0};
}

/* ---- columns of two tables -------------------------------------------------- */

/* The column's counts, made when it is met first; there is room for every
 * column of every sweep of a. */
static struct att_diff_column *column_of(struct comparison *c,
                                         const char *construction,
                                         const char *name)
{
    struct att_diff *diff = c->diff;

    for (size_t i = 0; i < diff->n_columns; i++) {
        if (att_text_same(diff->column[i].column, name) &&
            att_text_same(diff->column[i].construction, construction))
            return &diff->column[i];
    }
    assert(diff->n_columns < c->capacity);
    diff->column[diff->n_columns] = (struct att_diff_column){
        .construction = att_arena_strdup(diff->arena, construction),
        .column = name,
    };
    return &diff->column[diff->n_columns++];
}

/* Pair the science columns that both frames have. */
static att_status pair_frames(struct comparison *c, const char *construction,
                              const struct att_frame *a,
                              const struct att_frame *b,
                              struct column_pairs *pairs)
{
    struct att_arena *arena = c->diff->arena;
    const bool lines = a->n_fields > 0 && a->field[0].role == ATT_FIELD_LINE;

    *pairs = (struct column_pairs){
        .pair = ATT_NEW(arena, struct column_pair, a->n_fields)};
    for (uint32_t f = 0; pairs->pair != NULL && f < a->n_fields; f++) {
        const int g = att_frame_find(b, a->field[f].name);
        const char *name = att_arena_printf(
            arena, "%s%s", lines ? "observations/" : "", a->field[f].name);

        if (g < 0 || !att_field_is_science(&a->field[f]) || name == NULL)
            continue;
        pairs->pair[pairs->n++] = (struct column_pair){
            f, (uint32_t)g,
            (size_t)(column_of(c, construction, name) - c->diff->column)};
    }
    return pairs->pair == NULL ? ATT_E_NOMEM : ATT_OK;
}

static att_status pair_tables(struct comparison *c, const struct att_table *a,
                              const struct att_table *b, struct att_error *err)
{
    struct table_pair *pair = &c->pair[c->n_pairs];

    if (!att_text_same(a->construction_name, b->construction_name))
        return ATT_OK;
    *pair = (struct table_pair){.a = a, .b = b};
    if (pair_frames(c, a->construction_name, &a->rows, &b->rows, &pair->rows) !=
            ATT_OK ||
        pair_frames(c, a->construction_name, &a->lines, &b->lines,
                    &pair->lines) != ATT_OK)
        return att_arena_fail(c->diff->arena, "columns", err);
    c->n_pairs++;
    return ATT_OK;
}

static att_status pair_all(struct comparison *c, const struct att_dataset *a,
                           const struct att_dataset *b, struct att_error *err)
{
    const uint32_t n_a = att_dataset_n_sweeps(a);
    const uint32_t n_b = att_dataset_n_sweeps(b);

    c->pair = ATT_NEW(c->diff->arena, struct table_pair, (size_t)n_a * n_b);
    if (c->pair == NULL)
        return att_arena_fail(c->diff->arena, "sweeps", err);
    for (uint32_t s = 0; s < n_a; s++) {
        for (uint32_t t = 0; t < n_b; t++) {
            ATT_TRY(pair_tables(c, att_dataset_sweep(a, s),
                                att_dataset_sweep(b, t), err));
        }
    }
    return ATT_OK;
}

static const struct table_pair *find_pair(const struct comparison *c,
                                          const struct att_table *a,
                                          const struct att_table *b)
{
    for (size_t i = 0; i < c->n_pairs; i++) {
        if (c->pair[i].a == a && c->pair[i].b == b)
            return &c->pair[i];
    }
    return NULL;
}

/* ---- one pair of rows -------------------------------------------------------- */

static bool verdicts_agree(const struct table_pair *t, size_t i, size_t k)
{
    for (size_t p = 0; p < t->rows.n; p++) {
        const struct column_pair *pair = &t->rows.pair[p];

        if (t->a->rows.field[pair->a].role == ATT_FIELD_CLAIM &&
            t->a->rows.cells[pair->a].tiny[i] !=
                t->b->rows.cells[pair->b].tiny[k])
            return false;
    }
    return true;
}

static void count_level(struct comparison *c, size_t column,
                        enum att_level level, double distance)
{
    struct att_diff_column *out = &c->diff->column[column];

    if (level == ATT_LEVEL_DIFFERENT && c->verdicts_agree)
        level = ATT_LEVEL_VERDICTS;
    if (level >= out->level && out->count[level] == 0)
        out->worst_key = c->key;
    if (level > out->level)
        out->level = level;
    if (level > c->diff->level)
        c->diff->level = level;
    if (distance > out->worst)
        out->worst = distance;
    out->count[level]++;
}

/* Cells i and k of a pair of columns. */
static enum att_level compare_in(const struct att_frame *a,
                                 const struct att_frame *b,
                                 const struct column_pair *pair,
                                 const size_t at[2], double *distance)
{
    return att_compare_cells(&a->field[pair->a],
                             att_frame_cell(a, at[0], pair->a),
                             att_frame_cell(b, at[1], pair->b), distance);
}

static void compare_rows(struct comparison *c, const struct table_pair *t,
                         size_t i, size_t k)
{
    for (size_t p = 0; p < t->rows.n; p++) {
        double distance = 0;
        const enum att_level level =
            compare_in(&t->a->rows, &t->b->rows, &t->rows.pair[p],
                       (const size_t[]){i, k}, &distance);

        count_level(c, t->rows.pair[p].column, level, distance);
    }
}

/* The worst level of one observation column over the lines of two rows. */
static enum att_level compare_line_column(const struct table_pair *t,
                                          const struct column_pair *pair,
                                          size_t i, size_t k, double *worst)
{
    const uint64_t first_a = t->a->line_first[i];
    const uint64_t first_b = t->b->line_first[k];
    const uint64_t n = t->a->line_first[i + 1] - first_a;
    enum att_level level = ATT_LEVEL_EQUAL;

    *worst = 0;
    if (n != t->b->line_first[k + 1] - first_b) {
        *worst = HUGE_VAL;
        return ATT_LEVEL_DIFFERENT;
    }
    for (uint64_t line = 0; line < n; line++) {
        double distance = 0;
        const enum att_level one = compare_in(
            &t->a->lines, &t->b->lines, pair,
            (const size_t[]){first_a + line, first_b + line}, &distance);

        level = one > level ? one : level;
        *worst = fmax(*worst, distance);
    }
    return level;
}

static void compare_lines(struct comparison *c, const struct table_pair *t,
                          size_t i, size_t k)
{
    for (size_t p = 0; p < t->lines.n; p++) {
        double distance = 0;
        const enum att_level level =
            compare_line_column(t, &t->lines.pair[p], i, k, &distance);

        count_level(c, t->lines.pair[p].column, level, distance);
    }
}

/* Equal keys mean equal constructions, so a pair of tables is known. */
static void compare_pair(struct comparison *c, const struct keyed_row *a,
                         const struct keyed_row *b)
{
    const struct table_pair *t = find_pair(c, a->table, b->table);

    c->diff->n_common++;
    if (t == NULL)
        return;
    c->key = a->key;
    c->verdicts_agree = verdicts_agree(t, a->at, b->at);
    compare_rows(c, t, a->at, b->at);
    compare_lines(c, t, a->at, b->at);
}

/* ---- all rows ------------------------------------------------------------------ */

static void join(struct comparison *c, const struct keyed_rows *a,
                 const struct keyed_rows *b)
{
    struct att_diff *diff = c->diff;
    size_t i = 0, k = 0;

    while (i < a->n || k < b->n) {
        const int order = i == a->n ? 1
                          : k == b->n
                              ? -1
                              : att_key_compare(a->row[i].key, b->row[k].key);

        if (order == 0) {
            compare_pair(c, &a->row[i++], &b->row[k++]);
        } else if (order < 0) {
            diff->only_a[diff->n_only_a++] = a->row[i++].key;
        } else {
            diff->only_b[diff->n_only_b++] = b->row[k++].key;
        }
    }
}

static size_t count_fields(const struct att_dataset *ds)
{
    size_t n = 0;

    for (uint32_t s = 0; s < att_dataset_n_sweeps(ds); s++) {
        n += att_dataset_sweep(ds, s)->rows.n_fields +
             att_dataset_sweep(ds, s)->lines.n_fields;
    }
    return n;
}

static att_status prepare(struct comparison *c, const struct keyed_rows *a,
                          const struct keyed_rows *b, struct att_error *err)
{
    struct att_diff *diff = c->diff;

    diff->column = ATT_NEW(diff->arena, struct att_diff_column, c->capacity);
    diff->only_a = ATT_NEW(diff->arena, struct att_key, a->n);
    diff->only_b = ATT_NEW(diff->arena, struct att_key, b->n);
    if (diff->column == NULL || diff->only_a == NULL || diff->only_b == NULL)
        return att_arena_fail(diff->arena, "the comparison", err);
    return ATT_OK;
}

static att_status compare(struct att_diff *diff, struct att_dataset *a,
                          struct att_dataset *b, struct att_error *err)
{
    struct comparison c = {.diff = diff, .capacity = count_fields(a)};
    struct keyed_rows rows_a = {0}, rows_b = {0};
    att_status status = att_keyed_rows_load(a, &rows_a, err);

    if (status == ATT_OK)
        status = att_keyed_rows_load(b, &rows_b, err);
    if (status == ATT_OK)
        status = prepare(&c, &rows_a, &rows_b, err);
    if (status == ATT_OK)
        status = pair_all(&c, a, b, err);
    if (status == ATT_OK)
        join(&c, &rows_a, &rows_b);
    att_keyed_rows_fini(&rows_a);
    att_keyed_rows_fini(&rows_b);
    return status;
}

static struct att_diff *diff_create(void)
{
    struct att_diff *diff = calloc(1, sizeof *diff);

    if (diff != NULL)
        diff->arena = att_arena_create(0);
    if (diff != NULL && diff->arena == NULL) {
        free(diff);
        return NULL;
    }
    return diff;
}

void att_diff_destroy(struct att_diff *diff)
{
    if (diff != NULL)
        att_arena_destroy(diff->arena);
    free(diff);
}

att_status att_diff(struct att_dataset *a, struct att_dataset *b,
                    struct att_diff **diff, struct att_error *err)
{
    struct att_diff *made = diff_create();
    const att_status status =
        made == NULL ? att_fail(err, ATT_E_NOMEM, "no memory to compare")
                     : compare(made, a, b, err);

    if (status == ATT_OK) {
        *diff = made;
    } else {
        att_diff_destroy(made);
    }
    return status;
}
