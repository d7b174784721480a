/* store_bench.c - how fast a journal becomes a store and is read again.
 *
 *     store_bench [ROWS [DIR]]      10^6 rows; a folder of its own in /tmp
 *
 * Beside each figure stands the time of writing (reading) the same bytes raw,
 * measured in the same run: absolute figures drift with the machine, their
 * ratio hardly does. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/size.h"
#include "attest/store/dataset.h"
#include "attest/store/index.h"
#include "attest/store/store.h"
#include "scratch.h"
#include "specimen.h"

enum { PER_POINT = 4, DIMENSIONS = 250 };

static void must(att_status status, const struct att_error *err)
{
    if (status == ATT_OK)
        return;
    (void)fprintf(stderr, "store_bench: %s\n", err->text);
    exit(EXIT_FAILURE);
}

static void make_study(uint64_t rows, char *text, size_t size)
{
    (void)snprintf(text, size,
                   "name: bench\nseed: 1\nreplicates: %d\nsweeps:\n"
                   "  - construction: beta\n    grid:\n"
                   "      N: {from: 1, to: %llu, step: 1}\n"
                   "      d: {from: 1, to: %d, step: 1}\n",
                   PER_POINT,
                   (unsigned long long)(rows / PER_POINT / DIMENSIONS),
                   DIMENSIONS);
}

/* Bytes of all cells: what a raw file of the same columns would hold. */
static size_t cell_bytes_of(const struct att_table *table)
{
    size_t bytes = 0;

    for (uint32_t f = 0; f < table->rows.n_fields; f++) {
        if (table->rows.field[f].type != ATT_CELL_TEXT) {
            bytes += table->rows.n *
                     (table->rows.field[f].type == ATT_CELL_I8 ? 1 : 8);
            continue;
        }
        for (size_t i = 0; i < table->rows.n; i++)
            bytes += strlen(table->rows.cells[f].text[i]) + 1;
    }
    return bytes;
}

static double raw_write_s(const char *path, size_t bytes)
{
    char block[1 << 16];
    const int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
    const double start = att_clock_s();

    memset(block, 42, sizeof block);
    for (size_t left = bytes; left > 0;) {
        const ssize_t n =
            write(fd, block, left < sizeof block ? left : sizeof block);

        if (n <= 0)
            exit(EXIT_FAILURE);
        left -= (size_t)n;
    }
    (void)fsync(fd);
    (void)close(fd);
    return att_clock_s() - start;
}

static double peak_mib(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* A stretch of time, by the clock and by the processor. */
struct lap {
    double wall_s, cpu_s;
};

static struct lap lap_begin(void)
{
    return (struct lap){att_clock_s(), att_clock_cpu_s()};
}

static struct lap lap_end(struct lap start)
{
    return (struct lap){att_clock_s() - start.wall_s,
                        att_clock_cpu_s() - start.cpu_s};
}

static void say(const char *what, struct lap lap, double rows, double raw_s)
{
    char rate[ATT_HUMAN_TEXT];

    (void)printf("%-26s %6.2f s (cpu %5.2f s) %8s rows/s", what, lap.wall_s,
                 lap.cpu_s, att_count_text(rows / lap.wall_s, rate));
    if (raw_s > 0)
        (void)printf("  %5.1f x raw bytes (%.2f s)", lap.wall_s / raw_s, raw_s);
    (void)printf("\n");
    (void)fflush(stdout);
}

static struct lap bench_index(const struct specimen *s)
{
    const struct lap start = lap_begin();
    struct att_index index;
    struct att_error err = {0};

    must(att_index_build(s->journal, s->plan, &index, &err), &err);
    att_index_fini(&index);
    return lap_end(start);
}

static struct lap bench_write(const struct specimen *s, const char *path,
                              struct att_store_summary *summary)
{
    const struct att_store_input input = {
        .journal = s->journal,
        .study = att_study_of(s->file),
        .plan = s->plan,
        .history = "",
    };
    const struct lap start = lap_begin();
    struct att_error err = {0};

    must(att_store_write(path, &input, summary, &err), &err);
    return lap_end(start);
}

static struct lap bench_read(const char *path, size_t *bytes,
                             uint32_t *n_columns)
{
    const struct lap start = lap_begin();
    struct att_dataset *ds = NULL;
    const struct att_table *table = NULL;
    struct att_error err = {0};

    must(att_dataset_open(path, &ds, &err), &err);
    must(att_dataset_load(ds, 0, true, &table, &err), &err);

    const struct lap lap = lap_end(start);

    *bytes = cell_bytes_of(table);
    *n_columns = table->rows.n_fields;
    att_dataset_close(ds);
    return lap;
}

static void bench(const char *dir, double rows)
{
    struct att_store_summary summary = {0};
    struct specimen s;
    size_t bytes = 0;
    uint32_t n_columns = 0;
    char store[SCRATCH_PATH + 16], raw[SCRATCH_PATH + 16], size[ATT_HUMAN_TEXT];
    const struct lap start = lap_begin();

    (void)snprintf(store, sizeof store, "%s/results.h5", dir);
    (void)snprintf(raw, sizeof raw, "%s/raw", dir);
    specimen_open(&s, dir);
    say("load the journal", lap_end(start), rows, 0);
    say("place its rows in the plan", bench_index(&s), rows, 0);

    const double before_mib = peak_mib();
    const struct lap written = bench_write(&s, store, &summary);
    const double after_mib = peak_mib();
    const struct lap read = bench_read(store, &bytes, &n_columns);

    say("write results.h5", written, rows, raw_write_s(raw, bytes));
    say("read results.h5 (twice)", read, rows, 0);
    (void)printf("%llu rows x %u columns, %s",
                 (unsigned long long)summary.n_rows, n_columns,
                 att_bytes_text(bytes, size));
    (void)printf(" of cells, %s on disk; writing added %.0f MiB to a peak of "
                 "%.0f MiB\n",
                 att_bytes_text(summary.n_bytes, size), after_mib - before_mib,
                 before_mib);
    specimen_close(&s);
}

int main(int argc, char **argv)
{
    const uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const struct specimen_options options = {.start_time = 1.7e9};
    struct scratch scratch;
    char study[512], dir[SCRATCH_PATH];

    scratch_open(&scratch);
    if (argc > 2) {
        (void)snprintf(dir, sizeof dir, "%s", argv[2]);
    } else {
        (void)scratch_path(&scratch, "run", dir);
    }
    make_study(rows, study, sizeof study);

    const struct lap start = lap_begin();

    specimen_write(dir, study, &options);
    say("make the journal", lap_end(start), (double)rows, 0);
    bench(dir, (double)rows);
    scratch_close(&scratch);
    return EXIT_SUCCESS;
}
