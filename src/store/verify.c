/* verify.c - journal, keys and store of a run folder against one another. */
#include "attest/store/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder_priv.h"
#include "verify_priv.h"

void att_verify_say(struct verify *v, unsigned *told, const char *fmt, ...)
{
    char line[ATT_ERROR_TEXT];
    va_list args;

    v->report->sound = false;
    if ((*told)++ >= FINDINGS_TOLD)
        return;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    att_buffer_printf(v->findings, "%s\n", line);
}

/* ---- the journal's checksums ------------------------------------------------- */

static void verify_journal(struct verify *v)
{
    struct att_buffer text = {0};
    unsigned told = 0;

    att_journal_report(v->journal, &v->report->journal);
    if (!att_journal_damaged(&v->report->journal))
        return;
    att_journal_report_text(&v->report->journal, &text);
    att_verify_say(v, &told, "journal: %s",
                   text.data == NULL ? "damaged" : text.data);
    att_buffer_fini(&text);
}

/* ---- results.h5 against the journal ------------------------------------------- */

static bool cells_equal(const struct att_frame *a, size_t i, uint32_t f,
                        const struct att_frame *b, size_t k, uint32_t g)
{
    return att_value_equal(att_frame_cell(a, i, f), att_frame_cell(b, k, g));
}

static void compare_row(struct verify *v, const struct keyed_row *live,
                        const struct keyed_row *stored)
{
    const struct att_frame *a = &live->table->rows, *b = &stored->table->rows;
    char key[ATT_KEY_TEXT];

    for (uint32_t f = 0; f < a->n_fields; f++) {
        const int g = att_frame_find(b, a->field[f].name);

        if (g < 0 || a->field[f].role == ATT_FIELD_TASK)
            continue;
        v->report->n_store_cells++;
        if (cells_equal(a, live->at, f, b, stored->at, (uint32_t)g))
            continue;
        v->report->n_cells_wrong++;
        att_verify_say(v, &v->told_cells,
                       "results.h5: %s of k%s differs from the journal",
                       a->field[f].name, att_key_text(live->key, key));
    }
}

static void compare_line(struct verify *v, const struct keyed_row *live,
                         const struct keyed_row *stored, uint64_t line)
{
    const struct att_frame *a = &live->table->lines, *b = &stored->table->lines;
    const uint64_t i = live->table->line_first[live->at] + line;
    const uint64_t k = stored->table->line_first[stored->at] + line;
    char key[ATT_KEY_TEXT];

    for (uint32_t f = 0; f < a->n_fields; f++) {
        const int g = att_frame_find(b, a->field[f].name);

        if (g < 0 || a->field[f].role == ATT_FIELD_LINE ||
            a->field[f].role == ATT_FIELD_TASK_INDEX)
            continue;
        v->report->n_store_cells++;
        if (cells_equal(a, i, f, b, k, (uint32_t)g))
            continue;
        v->report->n_cells_wrong++;
        att_verify_say(v, &v->told_cells,
                       "results.h5: observations/%s of k%s differs from the "
                       "journal",
                       a->field[f].name, att_key_text(live->key, key));
    }
}

static uint64_t n_lines(const struct keyed_row *row)
{
    return row->table->line_first[row->at + 1] -
           row->table->line_first[row->at];
}

static void compare_lines(struct verify *v, const struct keyed_row *live,
                          const struct keyed_row *stored)
{
    char key[ATT_KEY_TEXT];

    if (n_lines(live) != n_lines(stored)) {
        v->report->n_cells_wrong++;
        att_verify_say(
            v, &v->told_cells,
            "results.h5: k%s has other observations than the journal",
            att_key_text(live->key, key));
        return;
    }
    for (uint64_t line = 0; line < n_lines(live); line++)
        compare_line(v, live, stored, line);
}

static double start_of(const struct keyed_row *row)
{
    const int f = att_frame_find(&row->table->rows, "start_time");

    return f < 0 ? 0
                 : att_frame_number(&row->table->rows, row->at, (uint32_t)f);
}

/* A row that was run again after the store was written is newer, not wrong. */
static void compare_pair(struct verify *v, const struct keyed_row *live,
                         const struct keyed_row *stored)
{
    v->report->n_store_rows++;
    if (start_of(live) > start_of(stored)) {
        v->report->n_rows_newer++;
        return;
    }
    compare_row(v, live, stored);
    compare_lines(v, live, stored);
}

static void stray(struct verify *v, const struct keyed_row *stored)
{
    char key[ATT_KEY_TEXT];

    v->report->n_store_rows++;
    v->report->n_rows_stray++;
    att_verify_say(v, &v->told_strays, "results.h5: k%s is not in the journal",
                   att_key_text(stored->key, key));
}

static void join(struct verify *v, const struct keyed_rows *live,
                 const struct keyed_rows *stored)
{
    size_t i = 0, k = 0;

    while (i < live->n || k < stored->n) {
        const int order =
            i == live->n
                ? 1
                : (k == stored->n
                       ? -1
                       : att_key_compare(live->row[i].key, stored->row[k].key));

        if (order == 0) {
            compare_pair(v, &live->row[i++], &stored->row[k++]);
        } else if (order < 0) {
            v->report->n_rows_newer++;
            i++;
        } else {
            stray(v, &stored->row[k++]);
        }
    }
}

static att_status compare_sets(struct verify *v, struct att_dataset *store,
                               struct att_error *err)
{
    struct keyed_rows live = {0}, stored = {0};
    att_status status = att_keyed_rows_load(v->folder, &live, err);

    if (status == ATT_OK)
        status = att_keyed_rows_load(store, &stored, err);
    if (status == ATT_OK)
        join(v, &live, &stored);
    att_keyed_rows_fini(&live);
    att_keyed_rows_fini(&stored);
    return status;
}

static att_status verify_store(struct verify *v, struct att_error *err)
{
    char *path = att_folder_path(v->dir, "results.h5");
    struct att_error reason = {0};
    struct att_dataset *store = NULL;
    unsigned told = 0;
    att_status status = ATT_OK;

    if (path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a path");
    v->report->has_store = access(path, F_OK) == 0;
    if (v->report->has_store &&
        att_dataset_open(path, &store, &reason) != ATT_OK)
        att_verify_say(v, &told, "results.h5: %s", reason.text);
    if (store != NULL)
        status = compare_sets(v, store, err);
    att_dataset_close(store);
    free(path);
    return status;
}

/* ---- all -------------------------------------------------------------------- */

static att_status verify_parts(struct verify *v, struct att_error *err)
{
    char *path = att_folder_path(v->dir, "journal");

    if (path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a path");

    const att_status loaded = att_journal_load(path, &v->journal, err);

    free(path);
    if (loaded != ATT_OK)
        return loaded;
    verify_journal(v);
    ATT_TRY(att_dataset_open(v->dir, &v->folder, err));
    ATT_TRY(att_verify_keys(v, err));
    return verify_store(v, err);
}

att_status att_verify(const char *dir, struct att_verify_report *report,
                      struct att_buffer *findings, struct att_error *err)
{
    struct verify v = {.dir = dir, .report = report, .findings = findings};

    *report = (struct att_verify_report){.sound = true};

    const att_status status = verify_parts(&v, err);

    att_dataset_close(v.folder);
    att_journal_destroy(v.journal);
    return status;
}
