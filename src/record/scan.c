/* scan.c - reads a journal through a window, in order, and finds the next
 * valid record wherever bytes make none.
 *
 * A failure to read is kept in the scan and looks like the end of the file to
 * everything but att_scan_next. */
#include "scan_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t WINDOW = (size_t)1 << 20;

void att_scan_init(struct scan *s, struct journal_file file)
{
    *s = (struct scan){.file = file};
}

void att_scan_fini(struct scan *s)
{
    att_buffer_fini(&s->window);
}

att_status att_scan_look_again(struct scan *s, struct att_error *err)
{
    struct stat st;

    if (fstat(s->file.fd, &st) != 0)
        return att_fail_errno(err, "cannot look at %s", s->file.path);
    s->size = (uint64_t)st.st_size;
    s->failure = (struct att_error){0};
    att_buffer_clear(&s->window); /* its end may have been written anew */
    return ATT_OK;
}

att_status att_file_at(const struct journal_file *file, uint64_t offset,
                       void *bytes, size_t n, size_t *got,
                       struct att_error *err)
{
    size_t done = 0;

    while (done < n) {
        const ssize_t k = pread(file->fd, (char *)bytes + done, n - done,
                                (off_t)(offset + done));

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return att_fail_errno(err, "cannot read %s", file->path);
        if (k == 0)
            break;
        done += (size_t)k;
    }
    *got = done;
    return ATT_OK;
}

/* ---- the window ------------------------------------------------------------ */

/* Make the window begin at pos and hold n bytes, or all up to `size`. */
static void refill(struct scan *s, uint64_t pos, size_t n)
{
    const uint64_t most = s->size - pos;
    size_t want = n > WINDOW ? n : WINDOW;

    if (want > most)
        want = (size_t)most;
    att_buffer_clear(&s->window);
    s->base = pos;
    char *const bytes = att_buffer_grow(&s->window, want);

    s->window.size = 0;
    if (bytes == NULL) {
        (void)att_fail(&s->failure, ATT_E_NOMEM,
                       "no memory to read %zu bytes of %s", want, s->file.path);
        return;
    }
    size_t got = 0;

    if (att_file_at(&s->file, pos, bytes, want, &got, &s->failure) == ATT_OK)
        s->window.size = got;
}

/* Bytes of the window from pos on; 0 when pos lies outside. */
static size_t window_left(const struct scan *s, uint64_t pos)
{
    if (pos < s->base || pos - s->base > s->window.size)
        return 0;
    return s->window.size - (size_t)(pos - s->base);
}

/* The file from pos on: *left >= n bytes, fewer only at its end. */
static const unsigned char *look(struct scan *s, uint64_t pos, size_t n,
                                 size_t *left)
{
    if (window_left(s, pos) < n && pos < s->size)
        refill(s, pos, n);
    *left = window_left(s, pos);
    if (*left == 0)
        return NULL;
    return (const unsigned char *)s->window.data + (pos - s->base);
}

/* ---- records --------------------------------------------------------------- */

/* What stands at pos. */
static enum frame_verdict frame_at(struct scan *s, uint64_t pos,
                                   struct frame *frame)
{
    size_t left = 0, n = 0;
    const unsigned char *bytes = look(s, pos, FRAME_HEAD, &left);

    if (left < FRAME_HEAD)
        return FRAME_SHORT;
    if (att_frame_length(bytes, &n) != FRAME_VALID)
        return FRAME_DAMAGED;
    bytes = look(s, pos, FRAME_HEAD + n, &left);
    return att_frame_decode(bytes, left, frame);
}

/* The first marker at or behind pos.  If there is none, the place at the end
 * of the file where a cut one might begin. */
static uint64_t find_marker(struct scan *s, uint64_t pos, bool *found)
{
    *found = false;
    for (;;) {
        size_t left = 0;
        const unsigned char *const bytes = look(s, pos, FRAME_MARKER, &left);

        if (left < FRAME_MARKER)
            return pos;
        const unsigned char *const hit =
            memmem(bytes, left, att_frame_marker, FRAME_MARKER);

        if (hit != NULL) {
            *found = true;
            return pos + (uint64_t)(hit - bytes);
        }
        pos += left - (FRAME_MARKER - 1);
    }
}

/* The first place behind s->pos where a valid record begins.  If there is
 * none, remember up to where a later search need not look again. */
static uint64_t find_valid(struct scan *s, struct frame *frame, bool *found)
{
    uint64_t first_short = UINT64_MAX;
    uint64_t at = s->searched > s->pos ? s->searched : s->pos + 1;

    for (;; at++) {
        at = find_marker(s, at, found);
        if (!*found)
            break;
        const enum frame_verdict verdict = frame_at(s, at, frame);

        if (verdict == FRAME_VALID)
            return at;
        if (verdict == FRAME_SHORT && first_short == UINT64_MAX)
            first_short = at;
    }
    if (s->failure.status == ATT_OK)
        s->searched = first_short < at ? first_short : at;
    return at;
}

att_status att_scan_next(struct scan *s, struct frame *frame, uint64_t *offset,
                         bool *found, struct att_error *err)
{
    uint64_t place = s->pos;

    *found = frame_at(s, place, frame) == FRAME_VALID;
    if (!*found)
        place = find_valid(s, frame, found);
    if (s->failure.status != ATT_OK)
        return att_fail(err, s->failure.status, "%s", s->failure.text);
    if (!*found)
        return ATT_OK;
    s->n_regions += place > s->pos;
    s->skipped_bytes += place - s->pos;
    s->pos = place + FRAME_HEAD + frame->n;
    *offset = place;
    return ATT_OK;
}
