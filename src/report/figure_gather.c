/* figure_gather.c - which rows a figure shows, in the order it needs them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "figure_priv.h"
#include "report_priv.h"

/* A sample with its series' values, to be sorted. */
struct entry {
    struct att_sample sample;
    const struct att_value *by; /* n_by */
    double x;
};

/* ---- names ------------------------------------------------------------------ */

static att_status name_variables(struct att_gathered *g, struct att_error *err)
{
    const struct att_figure_query *q = g->query;

    ATT_TRY(att_variable_create(g->scope, q->x, &g->x, err));
    ATT_TRY(att_variable_create(g->scope, q->y, &g->y, err));
    if (q->colour != NULL)
        ATT_TRY(att_variable_create(g->scope, q->colour, &g->colour, err));
    for (uint32_t k = 0; k < q->n_by; k++)
        ATT_TRY(att_variable_create(g->scope, q->by[k], &g->by[k], err));
    return ATT_OK;
}

/* Rows, if they know all names; else their lines. */
static att_status open_scope(struct att_gathered *g, struct att_error *err)
{
    const bool has_lines = g->query->table->line_first != NULL;
    struct att_error of_rows = {0};

    if (!g->query->of_lines || !has_lines) {
        ATT_TRY(att_name_scope_create(g->query->table, false, &g->scope, err));
        if (name_variables(g, &of_rows) == ATT_OK)
            return ATT_OK;
        if (!has_lines)
            return att_fail(err, of_rows.status, "%s", of_rows.text);
        att_name_scope_destroy(g->scope);
        g->scope = NULL;
    }
    g->of_lines = true;
    ATT_TRY(att_name_scope_create(g->query->table, true, &g->scope, err));
    return name_variables(g, err);
}

static bool is_text(const struct att_variable *v)
{
    const struct att_field *f = att_variable_field(v);

    return f != NULL && f->type == ATT_CELL_TEXT;
}

static att_status check_numbers(const struct att_gathered *g,
                                struct att_error *err)
{
    const struct att_variable *const v[] = {g->x, g->y, g->colour};

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        if (v[i] != NULL && is_text(v[i])) {
            return att_fail(err, ATT_E_ARG,
                            "column %s holds texts: an axis needs numbers; "
                            "tell curves apart by it instead",
                            att_variable_text(v[i]));
        }
    }
    return ATT_OK;
}

/* ---- samples ------------------------------------------------------------------ */

static size_t n_samples_of(const struct att_gathered *g, size_t row)
{
    const struct att_table *t = g->query->table;

    if (!g->of_lines)
        return 1;
    return (size_t)(t->line_first[row + 1] - t->line_first[row]);
}

static bool counts(const struct att_table *t, size_t row)
{
    return att_table_status(t, row) != ATT_INFEASIBLE;
}

static size_t count_samples(struct att_gathered *g)
{
    const struct att_figure_query *q = g->query;
    size_t n = 0;

    for (size_t i = 0; i < q->n_rows; i++) {
        if (!counts(q->table, q->row[i]))
            continue;
        g->n_rows++;
        g->n_failed += att_table_status(q->table, q->row[i]) != ATT_DONE;
        n += n_samples_of(g, q->row[i]);
    }
    return n;
}

static att_status make_entry(const struct att_gathered *g, struct att_sample s,
                             struct entry *entry)
{
    struct att_value *by = ATT_NEW(g->arena, struct att_value, g->query->n_by);

    if (by == NULL)
        return ATT_E_NOMEM;
    for (uint32_t k = 0; k < g->query->n_by; k++)
        by[k] = att_variable_cell(g->by[k], s);
    *entry = (struct entry){s, by, att_variable_number(g->x, s)};
    return ATT_OK;
}

/* Samples with a finite x; *n of them. */
static att_status fill_entries(const struct att_gathered *g,
                               struct entry *entry, size_t *n)
{
    const struct att_figure_query *q = g->query;

    *n = 0;
    for (size_t i = 0; i < q->n_rows; i++) {
        const size_t row = q->row[i];

        for (size_t k = 0; counts(q->table, row) && k < n_samples_of(g, row);
             k++) {
            const size_t line =
                g->of_lines ? (size_t)q->table->line_first[row] + k : 0;

            ATT_TRY(make_entry(g, (struct att_sample){row, line}, &entry[*n]));
            *n += isfinite(entry[*n].x) ? 1 : 0;
        }
    }
    return ATT_OK;
}

/* ---- order ---------------------------------------------------------------------- */

static int compare_series(const struct entry *a, const struct entry *b,
                          uint32_t n_by)
{
    int sign = 0;

    for (uint32_t k = 0; sign == 0 && k < n_by; k++)
        sign = att_compare_values(a->by[k], b->by[k]);
    return sign;
}

static int compare_entries(const void *pa, const void *pb, void *context)
{
    const struct entry *a = pa;
    const struct entry *b = pb;
    const int sign = compare_series(a, b, *(const uint32_t *)context);

    if (sign != 0)
        return sign;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    if (a->sample.row != b->sample.row)
        return a->sample.row < b->sample.row ? -1 : 1;
    return (a->sample.line > b->sample.line) -
           (a->sample.line < b->sample.line);
}

static void take_entries(struct att_gathered *g, const struct entry *entry)
{
    const uint32_t n_by = g->query->n_by;

    for (size_t i = 0; i < g->n; i++) {
        if (i == 0 || compare_series(&entry[i - 1], &entry[i], n_by) != 0)
            g->n_series++;
        g->sample[i] = entry[i].sample;
        g->x_at[i] = entry[i].x;
        g->series[i] = (uint32_t)(g->n_series - 1);
    }
}

static att_status gather(struct att_gathered *g, struct att_error *err)
{
    uint32_t n_by = g->query->n_by;
    const size_t room = count_samples(g);
    struct entry *entry = ATT_NEW(g->arena, struct entry, room + 1);

    g->sample = ATT_NEW(g->arena, struct att_sample, room);
    g->x_at = ATT_NEW(g->arena, double, room);
    g->series = ATT_NEW(g->arena, uint32_t, room);
    if (entry == NULL || g->sample == NULL || g->x_at == NULL ||
        g->series == NULL || fill_entries(g, entry, &g->n) != ATT_OK)
        return att_arena_fail(g->arena, "the rows of a figure", err);
    if (g->n > 0)
        qsort_r(entry, g->n, sizeof *entry, compare_entries, &n_by);
    take_entries(g, entry);
    return ATT_OK;
}

static att_status check_series(const struct att_gathered *g,
                               struct att_error *err)
{
    if (g->n == 0) {
        return att_fail(err, ATT_E_ARG,
                        "sweep %s has nothing to draw: none of %zu rows has "
                        "a number in %s",
                        g->query->table->name, g->n_rows, g->query->x);
    }
    if (g->n_series > ATT_FIGURE_SERIES) {
        return att_fail(err, ATT_E_ARG,
                        "%zu curves cannot be told apart, %d can: choose rows "
                        "or tell curves apart by fewer columns",
                        g->n_series, ATT_FIGURE_SERIES);
    }
    return ATT_OK;
}

static att_status gather_all(struct att_gathered *g, struct att_error *err)
{
    ATT_TRY(open_scope(g, err));
    ATT_TRY(check_numbers(g, err));
    ATT_TRY(gather(g, err));
    return check_series(g, err);
}

att_status att_figure_gather(const struct att_figure_query *query,
                             struct att_arena *arena, struct att_gathered *g,
                             struct att_error *err)
{
    *g = (struct att_gathered){.query = query, .arena = arena};
    const att_status status = gather_all(g, err);

    if (status != ATT_OK)
        att_gathered_fini(g);
    return status;
}

void att_gathered_fini(struct att_gathered *g)
{
    att_name_scope_destroy(g->scope);
    g->scope = NULL;
}

bool att_next_run(const struct att_gathered *g, struct att_run *r)
{
    r->first = r->end;
    if (r->first == g->n)
        return false;
    while (r->end < g->n && g->series[r->end] == g->series[r->first] &&
           g->x_at[r->end] == g->x_at[r->first])
        r->end++;
    return true;
}
