/* headlines.c - which figures a sweep gets on the page. */
#include "headlines_priv.h"

#include <math.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "report_priv.h"

#define HEADLINE(construction_, title_, x_, y_, ...)                           \
    {.construction = (construction_),                                          \
     .title = (title_),                                                        \
     .x = (x_),                                                                \
     .y = (y_),                                                                \
     __VA_ARGS__},
static const struct att_headline HEADLINES[] = {
#include "headlines.def"
};
#undef HEADLINE

enum { N_HEADLINES = sizeof HEADLINES / sizeof HEADLINES[0] };

/* ---- columns ----------------------------------------------------------- */

/* Different values of a column among rows. */
static size_t n_values(const struct att_table *t, uint32_t field,
                       const size_t *row, size_t n, struct att_arena *arena)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct att_row_query query = {row, n, &field, 1};
    struct att_row_groups groups = {0};
    const size_t n_groups =
        att_group_by(t, &query, arena, &groups) == ATT_OK ? groups.n_groups : 0;

    att_arena_rewind(arena, mark);
    return n_groups;
}

/* ---- predictions --------------------------------------------------------------- */

/* The numeric axis with the most values; NULL: none varies. */
static const char *widest_axis(const struct att_table *t,
                               struct att_arena *arena)
{
    size_t *row = ATT_NEW(arena, size_t, t->rows.n);
    const char *list = t->axes;
    const char *best = NULL;
    size_t most = 1;
    char name[64];

    for (size_t i = 0; row != NULL && i < t->rows.n; i++)
        row[i] = i;
    while (row != NULL && att_text_word(&list, " ", name, sizeof name)) {
        const int field = att_table_find(t, name);

        if (field < 0 || (uint32_t)field == t->replicate ||
            t->rows.field[field].type == ATT_CELL_TEXT)
            continue;
        const size_t n = n_values(t, (uint32_t)field, row, t->rows.n, arena);
        if (n > most) {
            most = n;
            best = t->rows.field[field].name;
        }
    }
    return best;
}

static bool is_listed(const struct att_headline *list, size_t n, const char *y)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].y, y) == 0)
            return true;
    }
    return false;
}

static struct att_headline prediction_of(const struct att_field *f,
                                         const char *x, struct att_arena *arena)
{
    return (struct att_headline){
        .title =
            att_arena_printf(arena, "%s beside %s", f->name, f->predicted_by),
        .x = x,
        .y = f->name,
        .by = "*",
        .line = {f->predicted_by},
    };
}

static size_t add_predictions(const struct att_table *t,
                              struct att_arena *arena,
                              struct att_headline *list, size_t n)
{
    const char *x = widest_axis(t, arena);
    const size_t most = n + ATT_PREDICTIONS_SHOWN;

    for (uint32_t i = 0; x != NULL && i < t->rows.n_fields && n < most; i++) {
        const struct att_field *f = &t->rows.field[i];

        if (f->predicted_by == NULL || f->predicted_by[0] == '\0' ||
            att_table_find(t, f->predicted_by) < 0 ||
            is_listed(list, n, f->name))
            continue;
        list[n++] = prediction_of(f, x, arena);
    }
    return n;
}

att_status att_headlines(const struct att_table *table, struct att_arena *arena,
                         const struct att_headline **out, size_t *n,
                         struct att_error *err)
{
    struct att_headline *list = ATT_NEW(arena, struct att_headline,
                                        N_HEADLINES + ATT_PREDICTIONS_SHOWN);
    size_t count = 0;

    if (list == NULL)
        return att_arena_fail(arena, "the figures of a sweep", err);
    for (size_t i = 0; i < N_HEADLINES; i++) {
        if (strcmp(HEADLINES[i].construction, table->construction_name) == 0)
            list[count++] = HEADLINES[i];
    }
    *n = add_predictions(table, arena, list, count);
    *out = list;
    return ATT_OK;
}

/* ---- the query of one --------------------------------------------------------- */

/* Rows that `only` admits, all where it names columns the table lacks. */
static att_status choose_rows(const struct att_headline *h,
                              const struct att_table *t,
                              struct att_arena *arena,
                              struct att_figure_query *q, struct att_error *err)
{
    struct att_name_scope *scope = NULL;
    struct att_variable *only = NULL;
    size_t *row = ATT_NEW(arena, size_t, t->rows.n);

    if (row == NULL)
        return att_arena_fail(arena, "the rows of a figure", err);
    ATT_TRY(att_name_scope_create(t, false, &scope, err));
    if (h->only != NULL &&
        att_variable_create(scope, h->only, &only, NULL) != ATT_OK)
        only = NULL;
    q->n_rows = 0;
    for (size_t i = 0; i < t->rows.n; i++) {
        row[q->n_rows] = i;
        if (only == NULL ||
            att_variable_number(only, (struct att_sample){i, 0}) > 0)
            q->n_rows++;
    }
    q->row = row;
    att_name_scope_destroy(scope);
    return ATT_OK;
}

/* Columns that tell curves apart: those asked for that vary, as long as the
 * curves stay few. */
static att_status choose_by(const char *list, const struct att_table *t,
                            struct att_arena *arena, struct att_figure_query *q,
                            struct att_error *err)
{
    size_t n_curves = 1;
    char name[64];

    while (q->n_by < ATT_FIGURE_BY &&
           att_text_word(&list, ", ", name, sizeof name)) {
        const int field = att_table_find(t, name);

        if (field < 0 || (uint32_t)field == t->replicate ||
            strcmp(name, q->x) == 0 || strcmp(name, q->y) == 0)
            continue;
        const size_t n = n_values(t, (uint32_t)field, q->row, q->n_rows, arena);
        if (n < 2 || n_curves * n > ATT_FIGURE_SERIES)
            continue;
        n_curves *= n;
        q->by[q->n_by] = att_arena_strdup(arena, name);
        if (q->by[q->n_by++] == NULL)
            return att_arena_fail(arena, "the curves of a figure", err);
    }
    return ATT_OK;
}

/* A plain column of rows must vary to be an axis. */
static bool varies(const struct att_table *t, const char *name,
                   const struct att_figure_query *q, struct att_arena *arena)
{
    const int field = att_table_find(t, name);

    if (field < 0 || q->of_lines)
        return true; /* an expression or an observation: seen when drawn */
    return n_values(t, (uint32_t)field, q->row, q->n_rows, arena) > 1;
}

att_status att_headline_query(const struct att_headline *h,
                              const struct att_table *table,
                              struct att_arena *arena,
                              struct att_figure_query *query, bool *usable,
                              struct att_error *err)
{
    const bool all = h->colour != NULL || (h->by != NULL && h->by[0] == '*');
    struct att_figure_query q = {.table = table,
                                 .x = h->x,
                                 .y = h->y,
                                 .colour = h->colour,
                                 .band = ATT_BAND_IQR,
                                 .means = h->means,
                                 .title = h->title,
                                 .of_lines = h->observed,
                                 .y_scale = h->scale};

    ATT_TRY(choose_rows(h, table, arena, &q, err));
    ATT_TRY(choose_by(all ? table->axes : h->by, table, arena, &q, err));
    while (q.n_lines < ATT_HEADLINE_LINES && h->line[q.n_lines] != NULL) {
        q.line[q.n_lines] = h->line[q.n_lines];
        q.n_lines++;
    }
    *usable = q.n_rows > 1 && varies(table, h->x, &q, arena) &&
              (h->colour == NULL || varies(table, h->y, &q, arena));
    *query = q;
    return ATT_OK;
}
