#include "pick.h"

#include "attest/base/text.h"
#include "select.h"

static att_status add_column(const struct att_table *table, const char *name,
                             struct cli_columns *out, struct att_error *err)
{
    const int field = att_table_find(table, name);

    if (field < 0)
        return cli_unknown_column(table, name, err);
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
