#include "pick.h"

#include <stdlib.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "select.h"

/* "spin, wide, zipped" */
static void list_sweeps(const struct att_dataset *dataset,
                        struct att_buffer *out)
{
    for (uint32_t i = 0; i < att_dataset_n_sweeps(dataset); i++) {
        att_buffer_printf(out, "%s%s", i == 0 ? "" : ", ",
                          att_dataset_sweep(dataset, i)->name);
    }
}

static const char *nearest_sweep(const struct att_dataset *dataset,
                                 const char *name)
{
    const uint32_t n = att_dataset_n_sweeps(dataset);
    const char **known = calloc(n + (size_t)1, sizeof *known);

    for (uint32_t i = 0; known != NULL && i < n; i++)
        known[i] = att_dataset_sweep(dataset, i)->name;
    const char *nearest =
        known == NULL ? NULL : att_text_nearest(name, known, n);

    free(known);
    return nearest;
}

att_status cli_check_sweep(const struct att_dataset *dataset, const char *name,
                           struct att_error *err)
{
    if (name == NULL || att_dataset_find(dataset, name) >= 0)
        return ATT_OK;
    const char *nearest = nearest_sweep(dataset, name);
    struct att_buffer list = {0};

    if (nearest != NULL) {
        return att_fail(err, ATT_E_ARG,
                        "there is no sweep '%s': did you mean '%s'?", name,
                        nearest);
    }
    list_sweeps(dataset, &list);
    (void)att_fail(err, ATT_E_ARG, "there is no sweep '%s': there are %s", name,
                   att_buffer_ok(&list) && list.size > 0 ? list.data : "none");
    att_buffer_fini(&list);
    return ATT_E_ARG;
}

static bool has_column(const struct cli_columns *c, uint32_t field)
{
    uint32_t i = 0;

    while (i < c->n && c->field[i] != field)
        i++;
    return i < c->n;
}

static att_status add_column(const struct att_table *table, const char *name,
                             struct cli_columns *out, struct att_error *err)
{
    const int field = att_table_find(table, name);

    if (field < 0)
        return cli_unknown_column(table, name, err);
    if (has_column(out, (uint32_t)field))
        return ATT_OK;
    if (out->n == CLI_MAX_COLUMNS) {
        return att_fail(err, ATT_E_ARG, "more than %d columns",
                        CLI_MAX_COLUMNS);
    }
    out->field[out->n++] = (uint32_t)field;
    return ATT_OK;
}

att_status cli_add_columns(const struct att_table *table, const char *list,
                           struct cli_columns *out, struct att_error *err)
{
    char name[128];

    while (att_text_word(&list, ", ", name, sizeof name))
        ATT_TRY(add_column(table, name, out, err));
    return ATT_OK;
}

att_status cli_pick_rows(const struct att_table *table, const char *where,
                         struct att_arena *arena, struct cli_rows *out,
                         struct att_error *err)
{
    out->row = ATT_NEW(arena, size_t, table->rows.n);
    out->n = 0;
    if (out->row == NULL)
        return att_arena_fail(arena, "the list of rows", err);
    for (size_t i = 0; i < table->rows.n; i++) {
        bool meets = true;

        if (where != NULL)
            ATT_TRY(cli_row_meets(table, i, where, &meets, err));
        if (meets)
            out->row[out->n++] = i;
    }
    return ATT_OK;
}
