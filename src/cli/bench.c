/* bench.c - rates and overheads, on this machine, now.
 *
 * Absolute figures drift with the load of the machine, so each is printed as a
 * ratio to a limit measured in the same run, and is the median of several. */
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/child.h"
#include "attest/base/clock.h"
#include "attest/base/folder.h"
#include "attest/base/size.h"
#include "attest/base/statistics.h"
#include "attest/comm/node.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/matrix.h"
#include "attest/record/append.h"
#include "attest/store/provenance.h"
#include "bench_priv.h"
#include "cli_priv.h"
#include "json.h"

enum { ROW_BATCH = 100 };

void cli_bench_report(struct bench *b, const struct figure *f)
{
    char value[ATT_HUMAN_TEXT];

    if (b->json != NULL) {
        json_t *row = json_pack("{s:s, s:s, s:f}", "name", f->name, "unit",
                                f->unit, "value", f->value);

        if (f->limit_name != NULL) {
            json_object_set_new(row, "ratio",
                                att_json_real(f->value / f->limit));
            json_object_set_new(row, "of", json_string(f->limit_name));
        }
        json_array_append_new(b->json, row);
        return;
    }
    (void)printf("%-26s %10s %-8s", f->name, att_count_text(f->value, value),
                 f->unit);
    if (f->limit_name != NULL)
        (void)printf(" %6.3g of %s", f->value / f->limit, f->limit_name);
    (void)puts("");
    (void)fflush(stdout);
}

/* ---- dispatch: whole runs of empty tasks ------------------------------------ */

bool cli_bench_study(const struct bench *b, const char *grid,
                     char path[CLI_PATH])
{
    struct att_buffer text = {0};
    bool written = false;

    if (snprintf(path, CLI_PATH, "%s/study.yaml", b->folder) >= CLI_PATH)
        return false;
    att_buffer_printf(&text,
                      "name: bench\n"
                      "seed: 1\n"
                      "sweeps:\n"
                      "  - construction: spin\n"
                      "    grid: {%s}\n",
                      grid);
    written =
        att_buffer_ok(&text) &&
        att_file_replace(path, text.data, text.size, false, NULL) == ATT_OK;
    att_buffer_fini(&text);
    return written;
}

bool cli_bench_child(const char *const *words)
{
    const struct att_child child = {
        .words = words,
        .in = ATT_CHILD_NULL,
        .out = ATT_CHILD_NULL,
        .err = STDERR_FILENO,
    };
    pid_t pid = 0;

    return att_child_start(&child, &pid, NULL) == ATT_OK &&
           att_child_wait(pid) == 0;
}

bool cli_bench_run(const struct bench *b, const char *study, const char *run,
                   uint32_t lanes)
{
    char count[16];

    (void)snprintf(count, sizeof count, "%" PRIu32, lanes);
    const char *const argv[] = {b->self,   "run", study,        "-o",   run,
                                "--lanes", count, "--progress", "none", NULL};
    return cli_bench_child(argv);
}

double cli_bench_elapsed(const char *run)
{
    struct cli_folder folder;
    double elapsed = (double)NAN;

    if (cli_folder_name(&folder, run, NULL) != ATT_OK)
        return elapsed;
    json_t *root = json_load_file(folder.status, 0, NULL);
    const json_t *x = json_object_get(root, "elapsed_s");
    if (json_is_number(x))
        elapsed = json_number_value(x);
    json_decref(root);
    return elapsed;
}

/* Median seconds of the dispatch, and of the whole process. */
static bool time_runs(const struct bench *b, uint32_t lanes, double *dispatch_s,
                      double *whole_s)
{
    double dispatch[REPEATS];
    double whole[REPEATS];
    char study[CLI_PATH];
    char grid[64];

    (void)snprintf(grid, sizeof grid, "i: {from: 1, to: %" PRId64 ", step: 1}",
                   b->n_tasks);
    if (!cli_bench_study(b, grid, study))
        return false;
    for (int i = 0; i < REPEATS; i++) {
        char run[CLI_PATH];

        if (snprintf(run, sizeof run, "%s/run-%" PRIu32 "-%d", b->folder, lanes,
                     i) >= (int)sizeof run)
            return false;
        const double start = att_clock_s();
        if (!cli_bench_run(b, study, run, lanes))
            return false;
        whole[i] = att_clock_s() - start;
        dispatch[i] = cli_bench_elapsed(run);
    }
    *dispatch_s = att_median(dispatch, REPEATS);
    *whole_s = att_median(whole, REPEATS);
    return true;
}

static bool bench_dispatch(struct bench *b)
{
    const double n = (double)b->n_tasks;
    double all_s = 0;
    double one_s = 0;
    double whole_s = 0;

    if (!time_runs(b, b->cores, &all_s, &whole_s))
        return false;
    cli_bench_report(b, &(struct figure){"empty tasks", "tasks/s", n / all_s,
                                         1e5, "the bar of 100 000/s"});
    cli_bench_report(b, &(struct figure){"... with start and store", "tasks/s",
                                         n / whole_s, n / all_s,
                                         "dispatch alone"});
    if (!time_runs(b, 1, &one_s, &whole_s))
        return false;
    cli_bench_report(b,
                     &(struct figure){"overhead through a lane", "us/task",
                                      1e6 * one_s / n, 10, "the bar of 10 us"});
    return true;
}

/* ---- journal ------------------------------------------------------------------ */

static void sample_row(struct att_buffer *out)
{
    static const struct att_value param[] = {
        {.kind = ATT_INTEGER, .i = 64},
        {.kind = ATT_INTEGER, .i = 8},
        {.kind = ATT_TEXT, .s = "gauss"},
        {.kind = ATT_TEXT, .s = "f64"},
    };
    struct att_value metric[20];
    static const int8_t verdict[6] = {1, 1, 1, 1, 0, -9};

    for (int i = 0; i < 20; i++)
        metric[i] = att_real(1.0 / (i + 1));
    const struct att_row row = {
        .key = att_hash128("bench", 5),
        .n_slices = 1,
        .host = "host",
        .kernel = "kernel",
        .code_id = "0123456789abcdef",
        .message = "",
        .param = param,
        .metric = metric,
        .verdict = verdict,
        .n_params = 4,
        .n_metrics = 20,
        .n_claims = 6,
    };
    att_row_encode(&row, out);
}

/* Rows per second through append and commit, a batch at a time, until the
 * last one is on the disk. */
static double journal_rate(const char *path, const struct att_buffer *row,
                           int64_t n)
{
    const struct att_append_options options = {.attest_version = att_version(),
                                               .sync_every_s = 1};
    struct att_append *a = NULL;
    bool good = att_append_open(path, &options, &a, NULL) == ATT_OK;
    const double start = att_clock_s();

    for (int64_t i = 0; good && i < n; i += ROW_BATCH) {
        for (int k = 0; k < ROW_BATCH; k++)
            att_append_row(a, row->data, row->size);
        good = att_append_commit(a, NULL) == ATT_OK;
    }
    if (a != NULL)
        good = att_append_close(a, NULL) == ATT_OK && good;
    const double elapsed = att_clock_s() - start;
    return good ? (double)n / elapsed : (double)NAN;
}

/* The limit: the same bytes in the same batches by plain write(2), synced
 * once at the end. */
static double raw_rate(const char *path, const struct att_buffer *row,
                       int64_t n)
{
    char *batch = malloc(row->size * ROW_BATCH);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = batch != NULL && fd >= 0;
    const double start = att_clock_s();

    for (int64_t i = 0; good && i < n; i += ROW_BATCH) {
        for (size_t k = 0; k < ROW_BATCH; k++)
            memcpy(batch + k * row->size, row->data, row->size);
        good = write(fd, batch, row->size * ROW_BATCH) ==
               (ssize_t)(row->size * ROW_BATCH);
    }
    good = good && fdatasync(fd) == 0;
    const double elapsed = att_clock_s() - start;
    if (fd >= 0)
        (void)close(fd);
    free(batch);
    return good ? (double)n / elapsed : (double)NAN;
}

static bool bench_journal(struct bench *b)
{
    struct att_buffer row = {0};
    double rate[REPEATS];
    double raw[REPEATS];
    char path[CLI_PATH];
    bool good = true;

    sample_row(&row);
    for (int i = 0; i < REPEATS && good; i++) {
        good = att_buffer_ok(&row) &&
               snprintf(path, sizeof path, "%s/journal-%d", b->folder, i) <
                   CLI_PATH;
        rate[i] = good ? journal_rate(path, &row, 200000) : 0;
        good = good && snprintf(path, sizeof path, "%s/raw-%d", b->folder, i) <
                           CLI_PATH;
        raw[i] = good ? raw_rate(path, &row, 200000) : 0;
    }
    att_buffer_fini(&row);
    if (!good)
        return false;
    cli_bench_report(
        b, &(struct figure){"journal", "rows/s", att_median(rate, REPEATS),
                            att_median(raw, REPEATS),
                            "plain writes of the same bytes, synced once"});
    return true;
}

/* ---- kernels -------------------------------------------------------------------- */

static double triad_gbs(double *a, const double *x, const double *y, size_t n)
{
    const double start = att_clock_s();

    for (size_t i = 0; i < n; i++)
        a[i] = x[i] + 3.0 * y[i];
    return 24e-9 * (double)n / (att_clock_s() - start);
}

static bool bench_triad(struct bench *b)
{
    enum { N = 1 << 23 };
    double rate[REPEATS];
    double *a = calloc(N, sizeof *a);
    double *x = calloc(N, sizeof *x);
    double *y = calloc(N, sizeof *y);
    const bool good = a != NULL && x != NULL && y != NULL;

    for (size_t i = 0; good && i < N; i++)
        a[i] = x[i] = y[i] = 1.0; /* pages of zeros would be one page */
    for (int i = 0; good && i < REPEATS; i++)
        rate[i] = triad_gbs(a, x, y, N);
    if (good) {
        cli_bench_report(b,
                         &(struct figure){"memory (triad)", "GB/s",
                                          att_median(rate, REPEATS), 0, NULL});
    }
    free(a);
    free(x);
    free(y);
    return good;
}

static bool bench_gemm(struct bench *b)
{
    enum { N = 768 };
    struct att_arena *arena = att_arena_create(0);
    double rate[REPEATS];

    if (arena == NULL)
        return false;
    const struct att_mat x = att_mat_new(arena, N, N);
    const struct att_mat y = att_mat_new(arena, N, N);
    const struct att_mat z = att_mat_new(arena, N, N);
    const bool good = z.data != NULL && y.data != NULL && x.data != NULL;
    for (int i = 0; good && i < REPEATS; i++) {
        const double start = att_clock_s();

        att_gemm(x, false, y, false, 0.0, z);
        rate[i] = 2e-9 * N * N * (double)N / (att_clock_s() - start);
    }
    if (good) {
        cli_bench_report(b,
                         &(struct figure){"dgemm, one lane", "GFLOP/s",
                                          att_median(rate, REPEATS), 0, NULL});
    }
    att_arena_destroy(arena);
    return good;
}

/* ---- the command ------------------------------------------------------------------ */

static bool run_all(struct bench *b)
{
    return bench_dispatch(b) && bench_journal(b) && cli_bench_scale(b) &&
           bench_triad(b) && bench_gemm(b);
}

static int bench(struct bench *b)
{
    struct att_node node;
    struct att_error err = {0};

    if (att_folder_scratch("attest-bench", b->folder, &err) != ATT_OK)
        return cli_fail(&err);
    const ssize_t length =
        readlink("/proc/self/exe", b->self, sizeof b->self - 1);
    b->self[length > 0 ? length : 0] = '\0';
    att_node_read(&node);
    b->cores = node.n_cpus;
    const bool good = run_all(b);
    att_folder_remove(b->folder);
    if (!good) {
        cli_error("attest doctor says what is wrong with this machine",
                  "a measurement failed");
    }
    if (b->json == NULL)
        return good ? CLI_DONE : CLI_TROUBLE;
    json_t *root = cli_json_begin("bench");
    json_object_set_new(root, "figures", b->json);
    const int printed = cli_json_end(root);
    return good ? printed : CLI_TROUBLE;
}

int cmd_bench(int argc, char **argv)
{
    struct bench b = {.n_tasks = 300000, .n_rows = 1000000};
    bool json = false;
    const struct cli_option options[] = {
        {"tasks", 0, CLI_COUNT, "N", &b.n_tasks,
         "empty tasks per run (default: 300000)"},
        {"rows", 0, CLI_COUNT, "N", &b.n_rows,
         "rows of the large run (default: 1000000)"},
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "bench [--tasks N] [--rows N] [--json]",
        .summary = "Measure dispatch, lanes, the journal and kernels on this "
                   "machine.",
        .details = "Every figure is a median of five and is compared with a "
                   "limit measured\nbeside it, since absolute figures drift "
                   "with the load.",
        .example = "  attest bench",
        .option = options,
        .n_options = 3,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (b.n_tasks < 1 || b.n_rows < 1) {
        cli_error(NULL, "--tasks 0, --rows 0: at least one is needed");
        return CLI_USAGE;
    }
    b.json = json ? json_array() : NULL;
    return bench(&b);
}
