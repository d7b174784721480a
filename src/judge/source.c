/* source.c - rows in memory as a source, and the order of rows. */
#include "attest/judge/source.h"

#include <string.h>

#include "attest/base/text.h"
#include "judge_priv.h"

int att_source_column(const struct att_row_source *source, const char *name)
{
    const struct att_construction *c = source->construction;
    const int param = att_construction_find_param(c, name);
    const int metric = att_construction_find_metric(c, name);

    if (param >= 0)
        return param;
    return metric < 0 ? ATT_COLUMN_NONE
                      : (int)att_construction_n_params(c) + metric;
}

int att_source_find(const struct att_row_source *source, const char *name)
{
    if (att_text_same(name, "replicate"))
        return ATT_COLUMN_REPLICATE;
    return att_source_column(source, name);
}

struct att_value att_source_value(const struct att_row_source *source, size_t i,
                                  int column)
{
    if (column == ATT_COLUMN_REPLICATE)
        return att_int(source->label(source->context, i).replicate);
    return source->cell(source->context, i, (uint32_t)column);
}

static int rank_of(struct att_value v)
{
    return v.kind == ATT_NONE ? 0 : v.kind == ATT_TEXT ? 2 : 1;
}

int att_value_compare(struct att_value a, struct att_value b)
{
    if (rank_of(a) != rank_of(b))
        return rank_of(a) - rank_of(b);
    if (a.kind == ATT_NONE)
        return 0;
    if (a.kind == ATT_TEXT)
        return strcmp(a.s, b.s);
    if (a.kind == ATT_INTEGER && b.kind == ATT_INTEGER)
        return (a.i > b.i) - (a.i < b.i);
    const double x = att_value_number(a);
    const double y = att_value_number(b);

    return (x > y) - (x < y);
}

int att_source_compare(const struct att_row_source *source, size_t a, size_t b,
                       const int *column, uint32_t n_columns)
{
    for (uint32_t k = 0; k < n_columns; k++) {
        const int order =
            att_value_compare(att_source_value(source, a, column[k]),
                              att_source_value(source, b, column[k]));

        if (order != 0)
            return order;
    }
    const struct att_row_label la = source->label(source->context, a);
    const struct att_row_label lb = source->label(source->context, b);

    if (la.replicate != lb.replicate)
        return la.replicate < lb.replicate ? -1 : 1;
    return att_key_compare(la.key, lb.key);
}

bool att_source_first(const struct att_row_source *source, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (source[k].construction == source[i].construction)
            return false;
    }
    return true;
}

/* ---- views in memory ------------------------------------------------------ */

static struct att_row_label view_label(const void *context, size_t i)
{
    const struct att_view_rows *rows = context;

    return (struct att_row_label){.key = rows->key[i],
                                  .replicate = rows->view[i].replicate,
                                  .status = rows->view[i].status};
}

static struct att_value view_cell(const void *context, size_t i,
                                  uint32_t column)
{
    const struct att_row_view *view =
        &((const struct att_view_rows *)context)->view[i];
    const uint32_t n_params = att_construction_n_params(view->construction);

    if (column < n_params)
        return view->param[column];
    return view->metric == NULL ? att_none() : view->metric[column - n_params];
}

static att_status view_row(const void *context, size_t i,
                           struct att_arena *arena, struct att_row_view *view,
                           struct att_error *err)
{
    (void)arena;
    (void)err;
    *view = ((const struct att_view_rows *)context)->view[i];
    return ATT_OK;
}

static int8_t view_verdict(const void *context, size_t i, uint32_t claim)
{
    const struct att_view_rows *rows = context;

    if (rows->verdict == NULL)
        return (int8_t)ATT_NOT_APPLICABLE;
    return rows->verdict[i * rows->n_claims + claim];
}

struct att_row_source att_view_source(
    const char *sweep, const struct att_construction *construction,
    const struct att_view_rows *rows, size_t n)
{
    return (struct att_row_source){
        .sweep = sweep,
        .construction = construction,
        .n = n,
        .context = rows,
        .label = view_label,
        .cell = view_cell,
        .row = view_row,
        .verdict = view_verdict,
    };
}
