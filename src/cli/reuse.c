#include "reuse.h"

#include "folder.h"

/* The descriptions of its columns travel with a row. */
static void copy_columns(const struct att_journal *from,
                         struct att_append *append)
{
    for (size_t i = 0; i < att_journal_n_columns(from); i++)
        att_append_columns(append, att_journal_columns(from, (uint32_t)i));
}

static att_status copy_row(const struct att_journal *from,
                           const struct att_journal_row *row,
                           struct att_append *append, struct att_buffer *bytes,
                           struct att_error *err)
{
    att_buffer_clear(bytes);
    ATT_TRY(att_journal_bytes(from, row, bytes, err));
    att_append_row(append, bytes->data, bytes->size);
    return ATT_OK;
}

static att_status copy_rows(const struct att_journal *from,
                            const struct att_index *index,
                            const struct att_journal *here,
                            struct att_append *append, uint64_t *n,
                            struct att_error *err)
{
    struct att_buffer bytes = {0};
    att_status status = ATT_OK;

    for (size_t i = 0; status == ATT_OK && i < index->n; i++) {
        struct att_journal_row row;
        struct att_journal_row own;

        if (index->placed[i].status != ATT_DONE ||
            !att_journal_row(from, index->placed[i].place, &row) ||
            att_journal_find(here, row.key, &own))
            continue;
        status = copy_row(from, &row, append, &bytes, err);
        ++*n;
    }
    att_buffer_fini(&bytes);
    return status;
}

att_status cli_reuse(const struct cli_session *session, const char *folder,
                     const struct att_journal *here, struct att_append *append,
                     uint64_t *n, struct att_error *err)
{
    struct cli_folder names;
    struct att_journal *from = NULL;
    struct att_index index = {0};

    *n = 0;
    ATT_TRY(cli_folder_name(&names, folder, err));
    ATT_TRY(att_journal_load(names.journal, &from, err));
    att_status status = att_index_build(from, session->plan, &index, err);
    if (status == ATT_OK) {
        copy_columns(from, append);
        status = copy_rows(from, &index, here, append, n, err);
    }
    if (status == ATT_OK)
        status = att_append_commit(append, err);
    att_index_fini(&index);
    att_journal_destroy(from);
    return status;
}
