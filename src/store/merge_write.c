/* merge_write.c - the journal of a merged run. */
#include "attest/record/append.h"
#include "attest/store/provenance.h"
#include "merge_priv.h"

enum { ROWS_PER_COMMIT = 4096 };

/* Descriptions, plans and notes of all folders.  Tombstones stay behind: what
 * they removed is not among the rows. */
static void put_context(const struct merge *m, struct att_append *out)
{
    for (size_t f = 0; f < m->n_folders; f++) {
        const struct att_journal *journal = m->folder[f].journal;

        for (uint32_t i = 0; i < att_journal_n_columns(journal); i++)
            att_append_columns(out, att_journal_columns(journal, i));
        for (size_t i = 0; i < att_journal_n_plans(journal); i++)
            att_append_plan(out, att_journal_plan(journal, i));
        for (size_t i = 0; i < att_journal_n_notes(journal); i++)
            att_append_note(out, att_journal_note(journal, i));
    }
}

static att_status put_row(const struct merge *m, const struct merge_row *row,
                          struct att_buffer *bytes, struct att_append *out,
                          struct att_error *err)
{
    const struct att_journal *journal = m->folder[row->folder].journal;
    struct att_journal_row at;

    if (!att_journal_row(journal, row->place, &at))
        return ATT_OK;
    att_buffer_clear(bytes);
    ATT_TRY(att_journal_bytes(journal, &at, bytes, err));
    att_append_row(out, bytes->data, bytes->size);
    return ATT_OK;
}

static att_status put_rows(const struct merge *m, struct att_append *out,
                           struct att_error *err)
{
    struct att_buffer bytes = {0};
    att_status status = ATT_OK;

    for (size_t i = 0; i < m->n_rows && status == ATT_OK; i++) {
        status = put_row(m, &m->row[i], &bytes, out, err);
        if (status == ATT_OK && i % ROWS_PER_COMMIT == ROWS_PER_COMMIT - 1)
            status = att_append_commit(out, err);
    }
    att_buffer_fini(&bytes);
    return status;
}

att_status att_merge_write_journal(struct merge *m, const char *path,
                                   struct att_error *err)
{
    const struct att_append_options options = {.attest_version = att_version()};
    struct att_append *out = NULL;

    ATT_TRY(att_append_open(path, &options, &out, err));
    put_context(m, out);

    const att_status written = put_rows(m, out, err);
    const att_status closed = att_append_close(out, err);

    return written == ATT_OK ? closed : written;
}
