/* merge_compare.c - two rows of one key. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/registry.h"
#include "attest/store/compare.h"
#include "merge_priv.h"

enum { CONFLICTS_TOLD = 20 };

/* What is found, once. */
struct conflict {
    const char *column; /* NULL: the rows agree */
    struct att_value a, b;
    bool only_b; /* b has a line there, a has none */
};

/* How closely a column must agree; one that this build does not know must be
 * equal. */
static struct att_field field_of(const struct att_metric *m)
{
    struct att_field field = {.role = ATT_FIELD_METRIC, .exactness = ATT_EXACT};

    if (m != NULL) {
        field.exactness = m->exactness;
        field.tolerance = m->tolerance;
    }
    return field;
}

static bool agree(const struct att_metric *m, struct att_value a,
                  struct att_value b)
{
    const struct att_field field = field_of(m);
    double distance = 0;

    return field.exactness == ATT_TIMING ||
           att_compare_cells(&field, a, b, &distance) <= ATT_LEVEL_WITHIN;
}

static const struct att_metric *known_metric(const struct att_construction *c,
                                             const char *name)
{
    const int at = c == NULL ? -1 : att_construction_find_metric(c, name);

    return at < 0 ? NULL : &c->metrics[at];
}

static const struct att_metric *known_observation(
    const struct att_construction *c, const char *name)
{
    const int at = c == NULL ? -1 : att_construction_find_observation(c, name);

    return at < 0 ? NULL : &c->observations[at];
}

/* Columns that only one of the rows has are nothing to agree on. */
static bool metrics_agree(const struct row_reader *a,
                          const struct row_reader *b,
                          const struct att_construction *c,
                          struct conflict *conflict)
{
    const struct att_column *column = a->columns->column + a->row.n_params;

    for (uint32_t i = 0; i < a->row.n_metrics; i++) {
        const uint32_t k =
            att_row_column(b->columns, column[i].name, ATT_COLUMN_METRIC);

        if (k >= b->row.n_metrics || agree(known_metric(c, column[i].name),
                                           a->row.metric[i], b->row.metric[k]))
            continue;
        *conflict = (struct conflict){.column = column[i].name,
                                      .a = a->row.metric[i],
                                      .b = b->row.metric[k]};
        return false;
    }
    return true;
}

/* ---- observations ------------------------------------------------------------ */

/* An observation column of both rows. */
struct shared_column {
    const char *name;
    const struct att_metric *metric; /* NULL: this build does not know it */
    uint32_t in_a, in_b;
};

/* Lines of two rows are about the same when their axes agree. */
struct lines {
    const struct row_reader *a, *b;
    struct shared_column *column; /* n */
    uint32_t n, n_axes;
};

static bool is_axis(const struct shared_column *column)
{
    return column->metric != NULL && column->metric->role == ATT_ROLE_AXIS;
}

static att_status share_columns(struct lines *l,
                                const struct att_construction *c,
                                struct att_error *err)
{
    const struct att_columns *of_a = l->a->columns;
    const struct att_column *column =
        of_a->column + of_a->n_params + of_a->n_metrics + of_a->n_claims;

    l->column = ATT_NEW(l->a->arena, struct shared_column,
                        (size_t)of_a->n_observations + 1);
    if (l->column == NULL)
        return att_arena_fail(l->a->arena, "the columns of two rows", err);
    for (uint32_t i = 0; i < of_a->n_observations; i++) {
        const uint32_t k = att_row_column(l->b->columns, column[i].name,
                                          ATT_COLUMN_OBSERVATION);

        if (k == UINT32_MAX)
            continue;
        l->column[l->n] = (struct shared_column){
            column[i].name, known_observation(c, column[i].name), i, k};
        l->n_axes += is_axis(&l->column[l->n]);
        l->n++;
    }
    return ATT_OK;
}

static struct att_value cell(const struct row_reader *r, uint32_t line,
                             uint32_t column)
{
    return att_real(
        r->row.observation[(size_t)line * r->row.n_observations + column]);
}

/* Do line i of a and line k of b agree in their axes, or in all else? */
static bool cells_agree(const struct lines *l, bool axes, uint32_t i,
                        uint32_t k, struct conflict *conflict)
{
    for (uint32_t c = 0; c < l->n; c++) {
        const struct shared_column *column = &l->column[c];
        const struct att_value x = cell(l->a, i, column->in_a);
        const struct att_value y = cell(l->b, k, column->in_b);

        if (is_axis(column) == axes && !agree(column->metric, x, y)) {
            *conflict =
                (struct conflict){.column = column->name, .a = x, .b = y};
            return false;
        }
    }
    return true;
}

/* Line k of b, told by the first of its axes that has a value. */
static struct conflict only_in_b(const struct lines *l, uint32_t k)
{
    const struct shared_column *at = l->column;
    const struct shared_column *const last = l->column + l->n - 1;

    while (at < last && (!is_axis(at) || isnan(cell(l->b, k, at->in_b).r)))
        at++;
    return (struct conflict){
        .column = at->name, .b = cell(l->b, k, at->in_b), .only_b = true};
}

/* Every line of b is one of a's, in the same order; a may have more.  Without
 * axes nothing tells lines apart but their number. */
static bool lines_agree(const struct lines *l, struct conflict *conflict)
{
    const uint32_t n_a = l->a->row.n_observed, n_b = l->b->row.n_observed;
    uint32_t i = 0;

    if (l->n_axes == 0 && n_a != n_b) {
        *conflict = (struct conflict){
            .column = "observations", .a = att_int(n_a), .b = att_int(n_b)};
        return false;
    }
    for (uint32_t k = 0; k < n_b; k++, i++) {
        while (i < n_a && !cells_agree(l, true, i, k, conflict))
            i++;
        if (i == n_a) {
            *conflict = only_in_b(l, k);
            return false;
        }
        if (!cells_agree(l, false, i, k, conflict))
            return false;
    }
    return true;
}

static att_status compare_rows(const struct row_reader *a,
                               const struct row_reader *b,
                               struct conflict *conflict, struct att_error *err)
{
    const struct att_construction *c =
        att_construction_find(a->columns->construction);
    struct lines lines = {.a = a, .b = b};

    *conflict = (struct conflict){0};
    if (!metrics_agree(a, b, c, conflict))
        return ATT_OK;
    ATT_TRY(share_columns(&lines, c, err));
    if (lines_agree(&lines, conflict))
        *conflict = (struct conflict){0};
    return ATT_OK;
}

/* ---- conflicts ---------------------------------------------------------------- */

/* "hardmax N=64 d=8 replicate=3" */
static void tell_point(const struct row_reader *r, struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];

    att_buffer_text(out, r->columns->construction);
    for (uint32_t i = 0; i < r->row.n_params; i++) {
        att_buffer_printf(out, " %s=%s", r->columns->column[i].name,
                          att_value_text(r->row.param[i], text));
    }
    att_buffer_printf(out, " replicate=%lld", (long long)r->row.replicate);
}

static void tell(struct merge *m, const struct merge_folder *a,
                 const struct merge_folder *b, const struct conflict *conflict)
{
    char key[ATT_KEY_TEXT], x[ATT_NUMBER_TEXT], y[ATT_NUMBER_TEXT];

    m->n_incomplete += conflict->only_b;
    if (m->report->n_conflicts++ >= CONFLICTS_TOLD)
        return;
    att_buffer_printf(m->conflicts, "k%s ",
                      att_key_text(a->reader.row.key, key));
    tell_point(&a->reader, m->conflicts);
    if (conflict->only_b) {
        att_buffer_printf(
            m->conflicts, ": observed at %s = %s in %s, not in %s\n",
            conflict->column, att_value_text(conflict->b, y), b->dir, a->dir);
        return;
    }
    att_buffer_printf(m->conflicts, ": %s = %s in %s, %s in %s\n",
                      conflict->column, att_value_text(conflict->a, x), a->dir,
                      att_value_text(conflict->b, y), b->dir);
}

att_status att_merge_compare(struct merge *m, const struct merge_row *a,
                             const struct merge_row *b, struct att_error *err)
{
    struct merge_folder *x = &m->folder[a->folder], *y = &m->folder[b->folder];
    struct conflict conflict;
    bool there_x = false, there_y = false;

    if (a->status != ATT_DONE || b->status != ATT_DONE ||
        a->version != b->version)
        return ATT_OK;
    ATT_TRY(att_row_read(&x->reader, a->place, &there_x, err));
    ATT_TRY(att_row_read(&y->reader, b->place, &there_y, err));
    if (!there_x || !there_y)
        return ATT_OK;
    ATT_TRY(compare_rows(&x->reader, &y->reader, &conflict, err));
    if (conflict.column != NULL)
        tell(m, x, y, &conflict);
    return ATT_OK;
}
