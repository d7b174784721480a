/* record_bench.c - how fast rows become bytes, records and rows again.
 *
 *     record_bench [ROWS [BATCH]]     10^6 rows in batches of 100
 *
 * Beside the journal stands the raw writing (reading) of the same bytes,
 * measured in the same run: absolute figures drift with the machine, their
 * ratio hardly does. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/size.h"
#include "attest/record/append.h"
#include "attest/record/journal.h"
#include "scratch.h"

enum { N_PARAMS = 8, N_METRICS = 17, N_CLAIMS = 5 };

static void must(att_status status, const struct att_error *err)
{
    if (status == ATT_OK)
        return;
    (void)fprintf(stderr, "record_bench: %s\n", err->text);
    exit(EXIT_FAILURE);
}

/* A row as small tasks have it: 8 parameters, 17 metrics, 5 claims. */
struct specimen_row {
    struct att_row row;
    struct att_value param[N_PARAMS], metric[N_METRICS];
    int8_t verdict[N_CLAIMS];
};

static void make_row(struct specimen_row *s)
{
    for (int i = 0; i < N_PARAMS; i++)
        s->param[i] = i < 6 ? att_int(INT64_C(1) << i) : att_text("gauss");
    for (int i = 0; i < N_METRICS; i++)
        s->metric[i] =
            i % 3 == 0 ? att_int(INT64_C(1000) * i) : att_real(0.1 * i);
    for (int i = 0; i < N_CLAIMS; i++)
        s->verdict[i] = 1;
    s->row = (struct att_row){.n_slices = 1,
                              .attempt = 1,
                              .host = "node1",
                              .kernel = "avx512/SkylakeX",
                              .code_id = "0123456789abcdef",
                              .message = "",
                              .param = s->param,
                              .metric = s->metric,
                              .verdict = s->verdict,
                              .n_params = N_PARAMS,
                              .n_metrics = N_METRICS,
                              .n_claims = N_CLAIMS};
}

static void encode(struct specimen_row *s, uint64_t number,
                   struct att_buffer *out)
{
    s->row.task = number;
    s->row.key = att_hash128(&number, sizeof number);
    att_buffer_clear(out);
    att_row_encode(&s->row, out);
}

static void show(const char *what, uint64_t rows, double s)
{
    char rate[ATT_HUMAN_TEXT];

    (void)printf("%-44s %8.3f us a row  %8s rows/s\n", what,
                 s / (double)rows * 1e6,
                 att_count_text((double)rows / s, rate));
}

static void bench_codec(struct specimen_row *s, uint64_t rows)
{
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};
    struct att_error err = {0};
    double start = att_clock_s();

    for (uint64_t i = 0; i < rows; i++)
        encode(s, i, &bytes);
    show("key and encode", rows, att_clock_s() - start);
    (void)printf("%-44s %8zu bytes\n", "  a row", bytes.size);
    start = att_clock_s();
    for (uint64_t i = 0; i < rows; i++) {
        struct att_row row;

        must(att_row_decode(bytes.data, bytes.size, arena, &row, &err), &err);
        att_arena_reset(arena, 0);
    }
    show("decode", rows, att_clock_s() - start);
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

/* Seconds to append all rows, each batch with its lock check. */
static double append_all(const struct scratch *dir, const char *path,
                         struct specimen_row *s, uint64_t rows, uint64_t batch)
{
    struct att_lock *lock = NULL;
    struct att_append *a = NULL;
    struct att_buffer bytes = {0};
    struct att_error err = {0};

    must(att_lock_acquire(dir->dir, NULL, &lock, &err), &err);
    const struct att_append_options options = {
        .attest_version = "bench", .lock = lock, .sync_every_s = 1};

    must(att_append_open(path, &options, &a, &err), &err);
    const double start = att_clock_s();

    for (uint64_t i = 0; i < rows; i++) {
        encode(s, i, &bytes);
        att_append_row(a, bytes.data, bytes.size);
        if ((i + 1) % batch == 0)
            must(att_append_commit(a, &err), &err);
    }
    must(att_append_commit(a, &err), &err);
    const double seconds = att_clock_s() - start;

    must(att_append_close(a, &err), &err);
    att_lock_release(lock);
    att_buffer_fini(&bytes);
    return seconds;
}

/* Seconds to write n bytes in as many pieces, and to read them again. */
static void raw_copy(const char *path, size_t n, uint64_t pieces,
                     double *write_s, double *read_s)
{
    const size_t piece = n / pieces;
    char *const bytes = calloc(1, piece);
    double start = att_clock_s();
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    if (bytes == NULL || fd < 0)
        exit(EXIT_FAILURE);
    for (uint64_t i = 0; i < pieces; i++) {
        if (write(fd, bytes, piece) != (ssize_t)piece)
            exit(EXIT_FAILURE);
    }
    (void)close(fd);
    *write_s = att_clock_s() - start;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    start = att_clock_s();
    while (read(fd, bytes, piece) > 0)
        continue;
    *read_s = att_clock_s() - start;
    (void)close(fd);
    free(bytes);
}

static void read_all(const struct att_journal *journal)
{
    struct att_buffer bytes = {0};
    struct att_error err = {0};

    for (size_t i = 0; i < att_journal_places(journal); i++) {
        struct att_journal_row row;

        if (!att_journal_row(journal, i, &row))
            continue;
        att_buffer_clear(&bytes);
        must(att_journal_bytes(journal, &row, &bytes, &err), &err);
    }
    att_buffer_fini(&bytes);
}

static void bench_journal(const struct scratch *dir, struct specimen_row *s,
                          uint64_t rows, uint64_t batch)
{
    char path[SCRATCH_PATH], raw[SCRATCH_PATH];
    struct att_journal *journal = NULL;
    struct att_journal_report report;
    struct att_error err = {0};
    double raw_write_s = 0, raw_read_s = 0;
    const double append_s =
        append_all(dir, scratch_path(dir, "journal", path), s, rows, batch);
    double start = att_clock_s();

    must(att_journal_load(path, &journal, &err), &err);
    const double replay_s = att_clock_s() - start;

    att_journal_report(journal, &report);
    raw_copy(scratch_path(dir, "raw", raw), report.n_bytes, 1 + rows / batch,
             &raw_write_s, &raw_read_s);
    show("encode, append, lock check", rows, append_s);
    show("  raw write of the same bytes", rows, raw_write_s);
    show("replay with the table by key", rows, replay_s);
    show("  raw read of the same bytes", rows, raw_read_s);
    start = att_clock_s();
    read_all(journal);
    show("read all rows by place, checksums again", rows,
         att_clock_s() - start);
    (void)printf("append / raw write %.1f, replay / raw read %.1f\n",
                 append_s / raw_write_s, replay_s / raw_read_s);
    att_journal_destroy(journal);
}

int main(int argc, char **argv)
{
    const uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const uint64_t batch = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;
    struct specimen_row s;
    struct scratch dir;

    if (rows == 0 || batch == 0)
        return EXIT_FAILURE;
    make_row(&s);
    bench_codec(&s, rows);
    scratch_open(&dir);
    bench_journal(&dir, &s, rows, batch);
    scratch_close(&dir);
    return EXIT_SUCCESS;
}
