/* journal.c - the view of a journal: opened, brought up to date, asked. */
#include "attest/record/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_priv.h"

/* ---- life ------------------------------------------------------------------ */

static att_status open_file(struct att_journal *j, const char *path,
                            struct att_error *err)
{
    j->path = strdup(path);
    j->arena = att_arena_create(0);
    if (j->path == NULL || j->arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to read %s", path);
    j->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (j->fd < 0)
        return att_fail_errno(err, "cannot open the journal %s", path);
    att_scan_init(&j->scan, (struct journal_file){j->fd, j->path});
    j->version = "";
    return ATT_OK;
}

void att_journal_destroy(struct att_journal *j)
{
    if (j == NULL)
        return;
    if (j->fd >= 0)
        (void)close(j->fd);
    att_scan_fini(&j->scan);
    att_keytable_fini(&j->table);
    att_arena_destroy(j->arena);
    free(j->described);
    free(j->plans.item);
    free(j->notes.item);
    free(j->path);
    free(j);
}

/* Read on to the end, or to an unfinished record. */
static att_status read_on(struct att_journal *j, struct att_error *err)
{
    bool found = true;

    ATT_TRY(att_scan_look_again(&j->scan, err));
    while (found) {
        struct frame frame;
        uint64_t offset = 0;

        ATT_TRY(att_scan_next(&j->scan, &frame, &offset, &found, err));
        if (found)
            ATT_TRY(att_journal_accept(j, &frame, offset, err));
    }
    return ATT_OK;
}

att_status att_journal_load(const char *path, struct att_journal **journal,
                            struct att_error *err)
{
    struct att_journal *const j = calloc(1, sizeof *j);

    if (j == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to read %s", path);
    j->fd = -1;
    att_status status = open_file(j, path, err);

    if (status == ATT_OK)
        status = read_on(j, err);
    if (status != ATT_OK) {
        att_journal_destroy(j);
        return status;
    }
    *journal = j;
    return ATT_OK;
}

/* The path must still lead to the file that is open, and what was read of it
 * must still be there. */
static att_status check_same_file(const struct att_journal *j,
                                  struct att_error *err)
{
    struct stat ours, now;

    if (fstat(j->fd, &ours) != 0 || stat(j->path, &now) != 0)
        return att_fail_errno(err, "cannot look at %s", j->path);
    if (ours.st_dev != now.st_dev || ours.st_ino != now.st_ino) {
        return att_fail(err, ATT_E_MISMATCH,
                        "%s was replaced by another file: read it anew",
                        j->path);
    }
    if ((uint64_t)now.st_size < j->scan.pos) {
        return att_fail(err, ATT_E_MISMATCH,
                        "%s was cut from at least %" PRIu64 " to %" PRIu64
                        " bytes: read it anew",
                        j->path, j->scan.pos, (uint64_t)now.st_size);
    }
    return ATT_OK;
}

att_status att_journal_refresh(struct att_journal *j, uint64_t *n_new,
                               struct att_error *err)
{
    const uint64_t before = j->report.n_records;

    ATT_TRY(check_same_file(j, err));
    ATT_TRY(read_on(j, err));
    if (n_new != NULL)
        *n_new = j->report.n_records - before;
    return ATT_OK;
}

/* ---- what was found -------------------------------------------------------- */

void att_journal_report(const struct att_journal *j,
                        struct att_journal_report *report)
{
    *report = j->report;
    report->n_bytes = j->scan.size;
    report->n_regions = j->scan.n_regions;
    report->skipped_bytes = j->scan.skipped_bytes;
    report->torn_bytes = j->scan.size - j->scan.pos;
}

bool att_journal_damaged(const struct att_journal_report *r)
{
    return r->n_regions > 0 || r->n_lost > 0 || r->torn_bytes > 0 ||
           r->n_duplicates > 0 || r->n_stale > 0 || r->n_unreadable > 0;
}

/* "; 3 records lost", without the semicolon at the beginning of a text. */
static void add_count(struct att_buffer *out, size_t start, uint64_t n,
                      const char *one, const char *many)
{
    if (n == 0)
        return;
    if (out->size > start)
        att_buffer_text(out, "; ");
    att_buffer_printf(out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

void att_journal_report_text(const struct att_journal_report *r,
                             struct att_buffer *out)
{
    const size_t start = out->size;

    add_count(out, start, r->n_regions, "damaged region", "damaged regions");
    if (r->n_regions > 0) {
        att_buffer_printf(out, " (%" PRIu64 " bytes passed over)",
                          r->skipped_bytes);
    }
    add_count(out, start, r->n_lost, "record lost: its task runs again",
              "records lost: their tasks run again");
    add_count(out, start, r->torn_bytes,
              "byte of an unfinished record at the end",
              "bytes of an unfinished record at the end");
    add_count(out, start, r->n_duplicates, "copy of a record ignored",
              "copies of records ignored");
    add_count(out, start, r->n_stale,
              "record of a writer that had lost its lock ignored",
              "records of a writer that had lost its lock ignored");
    add_count(out, start, r->n_unreadable, "record not understood",
              "records not understood");
    if (out->size == start)
        att_buffer_text(out, "no damage");
}

/* ---- rows ------------------------------------------------------------------ */

static struct att_journal_row row_at(const struct place *place)
{
    return (struct att_journal_row){.key = place->key,
                                    .offset = place->offset,
                                    .n_bytes = place->n_bytes,
                                    .columns = place->columns,
                                    .status =
                                        (enum att_outcome_status)place->status};
}

size_t att_journal_places(const struct att_journal *j)
{
    return j->table.n;
}

bool att_journal_row(const struct att_journal *j, size_t place,
                     struct att_journal_row *row)
{
    const struct place *const p = &j->table.place[place];

    if (p->n_bytes == 0)
        return false;
    *row = row_at(p);
    return true;
}

bool att_journal_find(const struct att_journal *j, struct att_key key,
                      struct att_journal_row *row)
{
    const struct place *const p = att_keytable_find(&j->table, key);

    if (p == NULL || p->n_bytes == 0)
        return false;
    *row = row_at(p);
    return true;
}

/* Read the whole record again and leave its payload at bytes. */
static att_status read_record(const struct att_journal *j,
                              const struct att_journal_row *row,
                              unsigned char *bytes, struct att_error *err)
{
    const size_t n = FRAME_HEAD + (size_t)row->n_bytes;
    struct frame frame;
    size_t got = 0;

    ATT_TRY(att_file_at(&j->scan.file, row->offset, bytes, n, &got, err));
    if (att_frame_decode(bytes, got, &frame) != FRAME_VALID ||
        frame.n != row->n_bytes) {
        return att_fail(err, ATT_E_MISMATCH,
                        "%s changed at byte %" PRIu64
                        " since it was read: read it anew",
                        j->path, row->offset);
    }
    memmove(bytes, frame.payload, frame.n);
    return ATT_OK;
}

att_status att_journal_bytes(const struct att_journal *j,
                             const struct att_journal_row *row,
                             struct att_buffer *out, struct att_error *err)
{
    const size_t start = out->size;
    unsigned char *const bytes =
        att_buffer_grow(out, FRAME_HEAD + (size_t)row->n_bytes);

    if (bytes == NULL) {
        return att_fail(err, ATT_E_NOMEM, "no memory for a row of %s", j->path);
    }
    const att_status status = read_record(j, row, bytes, err);

    out->size = start + (status == ATT_OK ? row->n_bytes : 0);
    out->data[out->size] = '\0';
    return status;
}

att_status att_journal_decode(const struct att_journal *j, size_t place,
                              struct att_buffer *bytes, struct att_arena *arena,
                              struct att_row *row, struct att_error *err)
{
    struct att_journal_row at;

    if (!att_journal_row(j, place, &at)) {
        return att_fail(err, ATT_E_MISMATCH,
                        "row %zu is gone from %s: read it anew", place,
                        j->path);
    }
    att_buffer_clear(bytes);
    ATT_TRY(att_journal_bytes(j, &at, bytes, err));
    return att_row_decode(bytes->data, bytes->size, arena, row, err);
}

/* ---- descriptions ---------------------------------------------------------- */

size_t att_journal_n_columns(const struct att_journal *j)
{
    return j->n_described;
}

const struct att_columns *att_journal_columns(const struct att_journal *j,
                                              uint32_t index)
{
    return index < j->n_described ? j->described[index].description : NULL;
}

size_t att_journal_n_plans(const struct att_journal *j)
{
    return j->plans.n;
}

const struct att_journal_plan *att_journal_plan(const struct att_journal *j,
                                                size_t i)
{
    return j->plans.item[i];
}

size_t att_journal_n_notes(const struct att_journal *j)
{
    return j->notes.n;
}

const struct att_journal_note *att_journal_note(const struct att_journal *j,
                                                size_t i)
{
    return j->notes.item[i];
}

const char *att_journal_version(const struct att_journal *j)
{
    return j->version;
}

void att_journal_last(const struct att_journal *j, uint64_t *epoch,
                      uint64_t *sequence)
{
    *epoch = j->epoch;
    *sequence = j->sequence;
}
