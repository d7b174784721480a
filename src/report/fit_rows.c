/* fit_rows.c - the curves in the rows of a sweep. */
#include <math.h>

#include "attest/base/buffer.h"
#include "attest/report/fit.h"
#include "report_priv.h"

struct curves {
    const struct att_table *source;
    const struct att_fit_query *query;
    int predicted; /* field of the theorem's values, or -1 */
    struct att_arena *arena;
};

/* "k=2 mode=free" of the group of a row. */
static const char *group_text(const struct curves *c, size_t row)
{
    struct att_buffer text = {0};
    char number[ATT_NUMBER_TEXT];

    for (uint32_t k = 0; k < c->query->n_by; k++) {
        const uint32_t field = c->query->by[k];

        att_buffer_printf(
            &text, "%s%s=%s", k == 0 ? "" : " ",
            c->source->rows.field[field].name,
            att_value_text(att_shown_cell(c->source, row, field), number));
    }
    const char *copy =
        att_buffer_ok(&text)
            ? att_arena_strdup(c->arena, text.size == 0 ? "" : text.data)
            : NULL;

    att_buffer_fini(&text);
    return copy;
}

static att_status make_curve(const struct curves *c, const size_t *row,
                             size_t n, struct att_curve *curve)
{
    const struct att_frame *rows = &c->source->rows;
    double *x = ATT_NEW(c->arena, double, n);
    double *y = ATT_NEW(c->arena, double, n);
    double *predicted = ATT_NEW(c->arena, double, n);
    int64_t *replicate = ATT_NEW(c->arena, int64_t, n);

    *curve =
        (struct att_curve){.group = group_text(c, row[0]),
                           .x = x,
                           .y = y,
                           .predicted = c->predicted < 0 ? NULL : predicted,
                           .replicate = replicate,
                           .n_planned = n};
    if (curve->group == NULL || x == NULL || y == NULL || predicted == NULL ||
        replicate == NULL)
        return ATT_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const size_t at = curve->n;

        x[at] = att_frame_number(rows, row[i], c->query->x);
        y[at] = att_frame_number(rows, row[i], c->query->y);
        predicted[at] =
            c->predicted < 0
                ? (double)NAN
                : att_frame_number(rows, row[i], (uint32_t)c->predicted);
        replicate[at] = rows->cells[c->source->replicate].integer[row[i]];
        curve->n += isfinite(x[at]) && isfinite(y[at]);
        curve->n_stopped += att_table_censored(c->source, row[i]);
    }
    return ATT_OK;
}

static att_status check_number(const struct att_table *source, uint32_t field,
                               struct att_error *err)
{
    const struct att_field *f = &source->rows.field[field];

    if (f->type != ATT_CELL_TEXT)
        return ATT_OK;
    return att_fail(err, ATT_E_ARG,
                    "column %s holds texts, a law needs numbers", f->name);
}

static att_status fit_groups(const struct curves *c, struct att_laws *laws,
                             struct att_error *err)
{
    const struct att_fit_query *q = c->query;
    struct att_row_groups groups = {0};

    const struct att_row_query query = {q->row, q->n_rows, q->by, q->n_by};

    if (att_group_by(c->source, &query, c->arena, &groups) != ATT_OK)
        return att_arena_fail(c->arena, "the curves of a fit", err);
    laws->law = ATT_NEW(c->arena, struct att_law, groups.n_groups);
    if (laws->law == NULL)
        return att_arena_fail(c->arena, "the curves of a fit", err);
    for (size_t g = 0; g < groups.n_groups; g++) {
        struct att_curve curve = {0};

        if (make_curve(c, groups.row + groups.start[g],
                       groups.start[g + 1] - groups.start[g], &curve) != ATT_OK)
            return att_arena_fail(c->arena, "the points of a fit", err);
        ATT_TRY(att_fit_law(&curve, q->form, q->kind, c->arena,
                            &laws->law[laws->n++], err));
    }
    return ATT_OK;
}

att_status att_fit_rows(const struct att_table *source,
                        const struct att_fit_query *query,
                        struct att_arena *arena, struct att_laws *laws,
                        struct att_error *err)
{
    const struct att_field *y = &source->rows.field[query->y];
    struct curves c = {source, query, -1, arena};
    struct att_laws found = {.x = source->rows.field[query->x].name,
                             .y = y->name};

    ATT_TRY(check_number(source, query->x, err));
    ATT_TRY(check_number(source, query->y, err));
    if (y->predicted_by != NULL && y->predicted_by[0] != '\0')
        c.predicted = att_table_find(source, y->predicted_by);
    if (c.predicted >= 0)
        found.predicted_by = y->predicted_by;
    ATT_TRY(fit_groups(&c, &found, err));
    *laws = found;
    return ATT_OK;
}
