/* append.c - batches of records, each in one write(2) behind the last byte. */
#include "attest/record/append.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/size.h"

#include "frame_priv.h"
#include "sync_priv.h"

struct att_append {
    char *path;
    int fd;
    struct att_lock *lock; /* borrowed, may be NULL */
    double sync_every_s;
    struct syncer *syncer;     /* NULL until the first commit */
    uint64_t end;              /* length of the file, if only we write */
    struct att_buffer batch;   /* whole records */
    struct att_buffer payload; /* scratch of the encoders */
    uint64_t n_batch;          /* records in it */
    size_t too_large;          /* a record that was left out, bytes; or 0 */
    struct att_append_stats stats;
};

/* ---- putting --------------------------------------------------------------- */

static void put(struct att_append *a, enum att_record_type type,
                const void *payload, size_t n)
{
    const struct frame frame = {.type = (uint16_t)type,
                                .format = ATT_JOURNAL_FORMAT,
                                .epoch = a->stats.epoch,
                                .sequence = a->stats.sequence + 1,
                                .payload = payload,
                                .n = n};

    if (n > FRAME_PAYLOAD_MAX) {
        a->too_large = n;
        return;
    }
    att_frame_encode(&frame, &a->batch);
    if (!att_buffer_ok(&a->batch))
        return;
    a->stats.sequence++;
    a->n_batch++;
}

/* The same for what an encoder left in a->payload. */
static void put_payload(struct att_append *a, enum att_record_type type)
{
    a->batch.failed = a->batch.failed || !att_buffer_ok(&a->payload);
    if (att_buffer_ok(&a->payload))
        put(a, type, a->payload.data, a->payload.size);
    att_buffer_clear(&a->payload);
}

void att_append_row(struct att_append *a, const void *bytes, size_t n)
{
    put(a, ATT_RECORD_ROW, bytes, n);
}

static void put_header(struct att_append *a, const char *attest_version)
{
    const struct att_journal_header header = {.format = ATT_JOURNAL_FORMAT,
                                              .attest_version = attest_version};

    att_journal_header_encode(&header, &a->payload);
    put_payload(a, ATT_RECORD_HEADER);
}

void att_append_columns(struct att_append *a, const struct att_columns *c)
{
    if (c == NULL)
        return;
    att_columns_encode(c, &a->payload);
    put_payload(a, ATT_RECORD_COLUMNS);
}

void att_append_plan(struct att_append *a, const struct att_journal_plan *p)
{
    att_journal_plan_encode(p, &a->payload);
    put_payload(a, ATT_RECORD_PLAN);
}

void att_append_note(struct att_append *a, const struct att_journal_note *note)
{
    att_journal_note_encode(note, &a->payload);
    put_payload(a, ATT_RECORD_NOTE);
}

/* ---- opening --------------------------------------------------------------- */

/* Make the name of a new file last through a power cut.  Some file systems
 * refuse to sync a folder; they are no worse off than before. */
static void sync_folder(const char *path)
{
    const char *const slash = strrchr(path, '/');
    char *const folder =
        slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);

    if (folder == NULL)
        return;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(folder);
}

static att_status open_file(struct att_append *a, const char *path,
                            struct att_error *err)
{
    struct stat st;

    a->path = strdup(path);
    if (a->path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to open %s", path);
    a->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (a->fd < 0 || fstat(a->fd, &st) != 0)
        return att_fail_errno(err, "cannot open %s to append", path);
    a->end = (uint64_t)st.st_size;
    if (a->end == 0)
        sync_folder(path);
    return ATT_OK;
}

/* Epoch and sequence number to go on from, and the length that was read. */
static att_status find_end(struct att_append *a, struct att_journal *view,
                           struct att_error *err)
{
    struct att_journal *own = NULL;

    const att_status status = view == NULL
                                  ? att_journal_load(a->path, &own, err)
                                  : att_journal_refresh(view, NULL, err);

    if (status == ATT_OK) {
        att_journal_last(view == NULL ? own : view, &a->stats.epoch,
                         &a->stats.sequence);
    }
    att_journal_destroy(own);
    return status;
}

/* An epoch above all in the file, and not below the lock's, which follows. */
static att_status raise_epoch(struct att_append *a, struct att_error *err)
{
    a->stats.epoch++;
    if (a->lock == NULL)
        return ATT_OK;
    if (a->stats.epoch < att_lock_epoch(a->lock))
        a->stats.epoch = att_lock_epoch(a->lock);
    return att_lock_raise(a->lock, a->stats.epoch, err);
}

static att_status begin(struct att_append *a, const char *path,
                        const struct att_append_options *options,
                        struct att_error *err)
{
    ATT_TRY(open_file(a, path, err));
    ATT_TRY(find_end(a, options->view, err));
    ATT_TRY(raise_epoch(a, err));
    put_header(a, options->attest_version);
    return att_append_commit(a, err);
}

/* Stop the helper, close, free; nothing is written. */
static void discard(struct att_append *a)
{
    att_syncer_stop(a->syncer);
    if (a->fd >= 0)
        (void)close(a->fd);
    att_buffer_fini(&a->batch);
    att_buffer_fini(&a->payload);
    free(a->path);
    free(a);
}

att_status att_append_open(const char *path,
                           const struct att_append_options *options,
                           struct att_append **append, struct att_error *err)
{
    struct att_append *const a = calloc(1, sizeof *a);

    if (a == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to open %s", path);
    a->fd = -1;
    a->lock = options->lock;
    a->sync_every_s = options->sync_every_s;
    const att_status status = begin(a, path, options, err);

    if (status != ATT_OK) {
        discard(a);
        return status;
    }
    *append = a;
    return ATT_OK;
}

/* ---- committing ------------------------------------------------------------ */

/* Write the batch; *done bytes went out, also on failure (errno). */
static bool write_batch(const struct att_append *a, size_t *done)
{
    while (*done < a->batch.size) {
        const ssize_t k =
            write(a->fd, a->batch.data + *done, a->batch.size - *done);

        if (k > 0)
            *done += (size_t)k;
        if (k == 0)
            errno = EIO;
        if (k == 0 || (k < 0 && errno != EINTR))
            return false;
    }
    return true;
}

/* How many of the first n bytes of the batch are whole records. */
static size_t whole_records(const struct att_append *a, size_t n,
                            uint64_t *count)
{
    const unsigned char *const bytes = (const unsigned char *)a->batch.data;
    size_t at = 0, payload = 0;

    *count = 0;
    while (n - at >= FRAME_HEAD) {
        (void)att_frame_length(bytes + at, &payload);
        if (n - at - FRAME_HEAD < payload)
            break;
        at += FRAME_HEAD + payload;
        ++*count;
    }
    return at;
}

/* Is the file as long as our own writes made it?  Somebody else's bytes are
 * never cut. */
static bool is_ours(const struct att_append *a, size_t n)
{
    struct stat st;

    return fstat(a->fd, &st) == 0 && (uint64_t)st.st_size == a->end + n;
}

/* A write stopped after n bytes.  Keep the records that are whole, cut the
 * torn one off the file (else readers pass it over), and leave the rest in the
 * batch. */
static void keep_rest(struct att_append *a, size_t n)
{
    uint64_t count = 0;
    const size_t whole = whole_records(a, n, &count);
    const bool cut = whole < n && is_ours(a, n) &&
                     ftruncate(a->fd, (off_t)(a->end + whole)) == 0;

    a->end += cut ? whole : n;
    att_buffer_drop(&a->batch, whole);
    a->n_batch -= count;
}

static void count_commit(struct att_append *a)
{
    a->end += a->batch.size;
    a->stats.n_bytes += a->batch.size;
    a->stats.n_records += a->n_batch;
    a->stats.n_commits++;
    a->n_batch = 0;
    att_buffer_clear(&a->batch);
    att_syncer_wrote(a->syncer);
}

/* What must be true before anything is written. */
static att_status may_write(struct att_append *a, struct att_error *err)
{
    if (a->syncer == NULL)
        ATT_TRY(att_syncer_start(a->fd, a->sync_every_s, &a->syncer, err));
    errno = att_syncer_error(a->syncer);
    if (errno != 0) {
        return att_fail_errno(err,
                              "cannot sync %s: its newest rows may be lost in "
                              "a power cut, check the disk and run again",
                              a->path);
    }
    return a->lock == NULL ? ATT_OK : att_lock_check(a->lock, err);
}

/* Faults of putting, reported once. */
static att_status check_put(struct att_append *a, struct att_error *err)
{
    const size_t too_large = a->too_large;
    const bool failed = a->batch.failed;
    char size[ATT_HUMAN_TEXT], most[ATT_HUMAN_TEXT];

    a->too_large = 0;
    a->batch.failed = false;
    if (failed)
        return att_fail(err, ATT_E_NOMEM, "no memory to append to %s", a->path);
    if (too_large > 0) {
        return att_fail(err, ATT_E_OVERFLOW,
                        "a record of %s is larger than %s and was left out "
                        "of %s: ask for fewer observations",
                        att_bytes_text(too_large, size),
                        att_bytes_text(FRAME_PAYLOAD_MAX, most), a->path);
    }
    return ATT_OK;
}

att_status att_append_commit(struct att_append *a, struct att_error *err)
{
    size_t done = 0;

    ATT_TRY(check_put(a, err));
    ATT_TRY(may_write(a, err));
    if (a->batch.size == 0)
        return ATT_OK;
    if (!write_batch(a, &done)) {
        const att_status status = att_fail_errno(
            err, "cannot append to %s, whose acknowledged rows are safe",
            a->path);

        keep_rest(a, done);
        return status;
    }
    count_commit(a);
    return ATT_OK;
}

att_status att_append_sync(struct att_append *a, double timeout_s,
                           struct att_error *err)
{
    if (a->syncer == NULL)
        return ATT_OK;
    errno = att_syncer_wait(a->syncer, timeout_s);
    return errno == 0 ? ATT_OK : att_fail_errno(err, "cannot sync %s", a->path);
}

void att_append_stats(const struct att_append *a,
                      struct att_append_stats *stats)
{
    *stats = a->stats;
    if (a->syncer != NULL)
        att_syncer_count(a->syncer, &stats->n_syncs, &stats->sync_s);
}

att_status att_append_close(struct att_append *a, struct att_error *err)
{
    if (a == NULL)
        return ATT_OK;
    att_status status = att_append_commit(a, err);

    if (status == ATT_OK)
        status = att_append_sync(a, (double)INFINITY, err);
    discard(a);
    return status;
}
