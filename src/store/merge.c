/* merge.c - the union of run folders by key. */
#include "attest/store/merge.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/text.h"
#include "folder_priv.h"
#include "merge_priv.h"

/* ---- the folders ------------------------------------------------------------- */

static att_status open_folder(struct merge_folder *folder, const char *dir,
                              struct att_error *err)
{
    char *journal = att_folder_path(dir, "journal"), *study = NULL;
    att_status status = att_folder_study(dir, &study, err);

    folder->dir = dir;
    if (status == ATT_OK && journal == NULL)
        status = att_fail(err, ATT_E_NOMEM, "no memory to open '%s'", dir);
    if (status == ATT_OK)
        status = att_file_read(study, &folder->study, err);
    if (status == ATT_OK)
        status = att_journal_load(journal, &folder->journal, err);
    if (status == ATT_OK)
        status = att_row_reader_init(&folder->reader, folder->journal, err);
    free(journal);
    free(study);
    return status;
}

static void close_folders(struct merge *m)
{
    for (size_t i = 0; i < m->n_folders; i++) {
        att_row_reader_fini(&m->folder[i].reader);
        att_journal_destroy(m->folder[i].journal);
        att_buffer_fini(&m->folder[i].study);
    }
    free(m->folder);
    free(m->row);
}

static bool same_bytes(const struct att_buffer *a, const struct att_buffer *b)
{
    return a->size == b->size &&
           (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static uint64_t count_studies(const struct merge *m)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->n_folders; i++) {
        size_t k = 0;

        while (k < i && !same_bytes(&m->folder[i].study, &m->folder[k].study))
            k++;
        n += k == i;
    }
    return n;
}

/* ---- rows by key --------------------------------------------------------------- */

/* Done, then infeasible, then the failures; what was not run is no row. */
static int outcome_rank(enum att_outcome_status status)
{
    return status == ATT_DONE         ? 0
           : status == ATT_INFEASIBLE ? 1
           : status == ATT_NOT_RUN    ? 3
                                      : 2;
}

/* Rows of one key stand together, the winner first. */
static int by_merit(const void *a, const void *b)
{
    const struct merge_row *x = a, *y = b;
    const int keys = att_key_compare(x->key, y->key);

    if (keys != 0)
        return keys;
    if (x->version != y->version)
        return x->version > y->version ? -1 : 1;
    if (outcome_rank(x->status) != outcome_rank(y->status))
        return outcome_rank(x->status) - outcome_rank(y->status);
    return x->folder < y->folder ? -1 : x->folder > y->folder;
}

static int by_place(const void *a, const void *b)
{
    const struct merge_row *x = a, *y = b;

    if (x->folder != y->folder)
        return x->folder < y->folder ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static void take_rows(struct merge *m, uint32_t f)
{
    const struct att_journal *journal = m->folder[f].journal;

    for (size_t place = 0; place < att_journal_places(journal); place++) {
        struct att_journal_row row;

        if (!att_journal_row(journal, place, &row))
            continue;

        const struct att_columns *c = att_journal_columns(journal, row.columns);

        m->row[m->n_rows++] = (struct merge_row){
            .key = row.key,
            .status = row.status,
            .version = c == NULL ? INT32_MIN : c->version,
            .folder = f,
            .place = place,
        };
    }
}

static att_status collect(struct merge *m, struct att_error *err)
{
    size_t n = 0;

    for (size_t f = 0; f < m->n_folders; f++)
        n += att_journal_places(m->folder[f].journal);
    m->row = calloc(n + 1, sizeof *m->row);
    if (m->row == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to merge %zu rows", n);
    for (uint32_t f = 0; f < m->n_folders; f++)
        take_rows(m, f);
    qsort(m->row, m->n_rows, sizeof *m->row, by_merit);
    return ATT_OK;
}

static att_status count_lines(struct merge *m, const struct merge_row *row,
                              uint32_t *n, struct att_error *err)
{
    struct row_reader *reader = &m->folder[row->folder].reader;
    bool there = false;

    ATT_TRY(att_row_read(reader, row->place, &there, err));
    *n = there ? reader->row.n_observed : 0;
    return ATT_OK;
}

/* Of n rows of one key, put the done one that observes most before those of
 * its version. */
static att_status put_fullest_first(struct merge *m, struct merge_row *row,
                                    size_t n, struct att_error *err)
{
    const struct merge_row first = row[0];
    size_t best = 0;
    uint32_t most = 0;

    for (size_t i = 0;
         i < n && row[i].status == ATT_DONE && row[i].version == first.version;
         i++) {
        uint32_t lines = 0;

        ATT_TRY(count_lines(m, &row[i], &lines, err));
        if (lines > most) {
            best = i;
            most = lines;
        }
    }
    row[0] = row[best];
    row[best] = first;
    return ATT_OK;
}

/* Put the winner of n > 1 rows of one key first and compare the others with
 * it. */
static att_status elect_one(struct merge *m, struct merge_row *row, size_t n,
                            struct att_error *err)
{
    ATT_TRY(put_fullest_first(m, row, n, err));
    for (size_t i = 1; i < n; i++)
        ATT_TRY(att_merge_compare(m, &row[0], &row[i], err));
    m->report->n_shared++;
    m->report->n_replaced +=
        row[0].status == ATT_DONE && row[n - 1].status != ATT_DONE;
    return ATT_OK;
}

static att_status elect(struct merge *m, struct att_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n_rows;) {
        size_t k = i + 1;

        while (k < m->n_rows && att_key_equal(m->row[k].key, m->row[i].key))
            k++;
        if (k - i > 1)
            ATT_TRY(elect_one(m, &m->row[i], k - i, err));
        m->row[kept++] = m->row[i];
        i = k;
    }
    m->n_rows = kept;
    m->report->n_rows = kept;
    qsort(m->row, m->n_rows, sizeof *m->row, by_place);
    return ATT_OK;
}

/* ---- the target ------------------------------------------------------------------ */

static bool is_empty(DIR *dir)
{
    const struct dirent *entry = NULL;

    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return false;
    }
    return true;
}

static att_status claim_target(const char *target, struct att_error *err)
{
    if (mkdir(target, 0777) == 0)
        return ATT_OK;
    if (errno != EEXIST)
        return att_fail_errno(err, "cannot create the folder '%s'", target);

    DIR *dir = opendir(target);

    if (dir == NULL)
        return att_fail_errno(err, "cannot read the folder '%s'", target);

    const bool empty = is_empty(dir);

    (void)closedir(dir);
    if (!empty) {
        return att_fail(err, ATT_E_ARG,
                        "'%s' is not empty: merge into a new folder", target);
    }
    return ATT_OK;
}

static att_status write_study(const struct merge *m, const char *target,
                              struct att_error *err)
{
    const struct att_buffer *study = &m->folder[0].study;
    char *path = att_folder_path(target, "study.yaml");

    if (path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a path");

    const att_status status =
        att_file_replace(path, study->data, study->size, true, err);

    free(path);
    return status;
}

static att_status write_target(struct merge *m, const char *target,
                               struct att_error *err)
{
    char *path = att_folder_path(target, "journal");

    if (path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for a path");

    att_status status = claim_target(target, err);

    if (status == ATT_OK) {
        status = write_study(m, target, err);
        if (status == ATT_OK)
            status = att_merge_write_journal(m, path, err);
        if (status != ATT_OK)
            (void)unlink(path);
    }
    free(path);
    return status;
}

static const char REMEDY[] =
    "; where each of two rows observes what the other does not, name all of "
    "it in the study of one folder, run that there, and merge again";

static att_status merge(struct merge *m, const char *const *dir,
                        const char *target, struct att_error *err)
{
    for (size_t f = 0; f < m->n_folders; f++)
        ATT_TRY(open_folder(&m->folder[f], dir[f], err));
    m->report->n_folders = m->n_folders;
    m->report->n_studies = count_studies(m);
    ATT_TRY(collect(m, err));
    ATT_TRY(elect(m, err));
    if (m->report->n_conflicts > 0) {
        return att_fail(err, ATT_E_MISMATCH,
                        "%llu rows do not agree: nothing was written%s",
                        (unsigned long long)m->report->n_conflicts,
                        m->n_incomplete > 0 ? REMEDY : "");
    }
    return write_target(m, target, err);
}

att_status att_merge(const char *const *dir, size_t n, const char *target,
                     struct att_merge_report *report,
                     struct att_buffer *conflicts, struct att_error *err)
{
    struct merge m = {
        .folder = calloc(n, sizeof *m.folder),
        .n_folders = n,
        .report = report,
        .conflicts = conflicts,
    };

    *report = (struct att_merge_report){0};
    if (m.folder == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to merge");

    const att_status status = merge(&m, dir, target, err);

    close_folders(&m);
    return status;
}
