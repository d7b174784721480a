/* merge_compare.c - two rows of one key. */
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/registry.h"
#include "attest/store/compare.h"
#include "merge_priv.h"

enum { CONFLICTS_TOLD = 20 };

/* What is found, once. */
struct conflict {
    const char *column;
    struct att_value a, b;
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
        *conflict = (struct conflict){column[i].name, a->row.metric[i],
                                      b->row.metric[k]};
        return false;
    }
    return true;
}

/* One column of the observations, line by line. */
static bool column_agrees(const struct row_reader *a,
                          const struct row_reader *b, const uint32_t at[2],
                          const struct att_metric *m, struct conflict *conflict)
{
    for (uint32_t line = 0; line < a->row.n_observed; line++) {
        const size_t i = (size_t)line * a->row.n_observations + at[0];
        const size_t k = (size_t)line * b->row.n_observations + at[1];

        conflict->a = att_real(a->row.observation[i]);
        conflict->b = att_real(b->row.observation[k]);
        if (!agree(m, conflict->a, conflict->b))
            return false;
    }
    return true;
}

static bool lines_agree(const struct row_reader *a, const struct row_reader *b,
                        const struct att_construction *c,
                        struct conflict *conflict)
{
    const struct att_column *column = a->columns->column + a->row.n_params +
                                      a->columns->n_metrics +
                                      a->columns->n_claims;

    if (a->row.n_observed != b->row.n_observed) {
        *conflict =
            (struct conflict){"observations", att_int(a->row.n_observed),
                              att_int(b->row.n_observed)};
        return false;
    }
    for (uint32_t i = 0; i < a->columns->n_observations; i++) {
        const uint32_t k =
            att_row_column(b->columns, column[i].name, ATT_COLUMN_OBSERVATION);

        conflict->column = column[i].name;
        if (k < b->columns->n_observations &&
            !column_agrees(a, b, (const uint32_t[]){i, k},
                           known_observation(c, column[i].name), conflict))
            return false;
    }
    return true;
}

static bool rows_agree(const struct row_reader *a, const struct row_reader *b,
                       struct conflict *conflict)
{
    const struct att_construction *c =
        att_construction_find(a->columns->construction);

    return metrics_agree(a, b, c, conflict) && lines_agree(a, b, c, conflict);
}

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

    if (m->report->n_conflicts++ >= CONFLICTS_TOLD)
        return;
    att_buffer_printf(m->conflicts, "k%s ",
                      att_key_text(a->reader.row.key, key));
    tell_point(&a->reader, m->conflicts);
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
    if (there_x && there_y && !rows_agree(&x->reader, &y->reader, &conflict))
        tell(m, x, y, &conflict);
    return ATT_OK;
}
