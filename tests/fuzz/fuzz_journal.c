/* fuzz_journal.c - any bytes as a journal.
 *
 * Input that begins with a marker is the file as it is.  Other input is a list
 * of records (type, epoch, length low and high byte, payload) that get right
 * checksums, so that the fuzzer reaches what lies behind them.  The file is
 * read in two steps, as by somebody who watches it grow. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attest/base/arena.h"
#include "attest/record/journal.h"
#include "fuzz.h"

enum { HEAD = 40 };

static const uint8_t MARKER[8] = {0xA7, 't', 't', 'e', 's', 't', 0x1E, 0x0A};

static void put_number(uint8_t *at, uint64_t v, int width)
{
    for (int i = 0; i < width; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

/* One record around a payload; sequence numbers just rise. */
static void put_record(struct att_buffer *out, const uint8_t *head,
                       const uint8_t *payload, size_t n, uint64_t sequence)
{
    uint8_t *const at = att_buffer_grow(out, HEAD + n);

    FUZZ_CHECK(at != NULL);
    memcpy(at, MARKER, sizeof MARKER);
    put_number(at + 16, n, 4);
    put_number(at + 20, head[0] % 8, 2);
    put_number(at + 22, 1 + (head[0] == 255), 2);
    put_number(at + 24, head[1], 8);
    put_number(at + 32, sequence, 8);
    memcpy(at + HEAD, payload, n);
    put_number(at + 8, att_hash64(at + 16, HEAD - 16 + n), 8);
}

static void build(struct att_buffer *out, const uint8_t *bytes, size_t n)
{
    uint64_t sequence = 0;

    if (n >= sizeof MARKER && memcmp(bytes, MARKER, sizeof MARKER) == 0) {
        att_buffer_append(out, bytes, n);
        return;
    }
    while (n >= 4) {
        size_t length = bytes[2] + 256 * (size_t)bytes[3];

        if (length > n - 4)
            length = n - 4;
        put_record(out, bytes, bytes + 4, length, ++sequence);
        bytes += 4 + length;
        n -= 4 + length;
    }
}

/* Look at everything that a reader of the view would look at. */
static void walk(const struct att_journal *journal)
{
    struct att_journal_report report;
    struct att_buffer bytes = {0};
    struct att_arena *const arena = att_arena_create(0);
    uint64_t n_keys = 0;

    for (size_t i = 0; i < att_journal_places(journal); i++) {
        struct att_journal_row place;
        struct att_row row;

        if (!att_journal_row(journal, i, &place))
            continue;
        n_keys++;
        att_buffer_clear(&bytes);
        FUZZ_CHECK(att_journal_bytes(journal, &place, &bytes, NULL) == ATT_OK);
        (void)!att_row_decode(bytes.data, bytes.size, arena, &row, NULL);
        (void)att_journal_columns(journal, place.columns);
    }
    att_buffer_clear(&bytes);
    att_journal_report(journal, &report);
    att_journal_report_text(&report, &bytes);
    FUZZ_CHECK(report.n_keys == n_keys && n_keys <= report.n_rows);
    FUZZ_CHECK(report.skipped_bytes + report.torn_bytes <= report.n_bytes);
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

/* Write bytes from .. to of the file behind those before. */
static void append(int fd, const struct att_buffer *file, size_t from,
                   size_t to)
{
    if (from < to) {
        FUZZ_CHECK(write(fd, file->data + from, to - from) ==
                   (ssize_t)(to - from));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct att_buffer file = {0};
    struct att_journal *journal = NULL;
    char path[64];
    const int fd = memfd_create("journal", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    build(&file, bytes, n);
    const size_t first = n == 0 ? 0 : file.size * bytes[n - 1] / 256;

    append(fd, &file, 0, first);
    if (att_journal_load(path, &journal, NULL) == ATT_OK) {
        walk(journal);
        append(fd, &file, first, file.size);
        if (att_journal_refresh(journal, NULL, NULL) == ATT_OK)
            walk(journal);
    }
    att_journal_destroy(journal);
    att_buffer_fini(&file);
    (void)close(fd);
    return 0;
}
