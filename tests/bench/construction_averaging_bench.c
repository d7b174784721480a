/* construction_averaging_bench.c - rows of the Gram matrix of signs by
 * popcount, and rounded queries through the BLAS, beside one SGEMM of the same
 * shapes.
 *
 *   construction_averaging_bench [L] [q] [d]       default 4096 4 192
 *
 * Processor time, the best of three, all in one run.  With the program
 * construction_averaging.py NumPy's product of the same rows stands beside. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/construction/averaging/averaging_pass_priv.h"
#include "attest/base/clock.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/cpu.h"

enum { ROUNDS = 3, BLOCK = 256 };

struct bench {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_averaging a;
    struct avg_keys keys;
    struct att_nested grid;
    double rows; /* of the Gram matrix that all queries ask for */
};

static void must(att_status status)
{
    if (status != ATT_OK)
        exit(EXIT_FAILURE);
}

static void *must_have(void *x)
{
    if (x == NULL)
        exit(EXIT_FAILURE);
    return x;
}

static void open_bench(struct bench *b, size_t L, size_t q, size_t d)
{
    b->arena = must_have(att_arena_create(0));
    att_workspace_init(&b->ws, b->arena, 1, 2);
    uint32_t *y = must_have(ATT_NEW(b->arena, uint32_t, L * q));
    double *z = must_have(ATT_NEW0(b->arena, double, L));
    uint32_t *grid = must_have(ATT_NEW(b->arena, uint32_t, 1));

    for (size_t i = 0; i < L * q; i++)
        y[i] = (uint32_t)((i / q + i % q * (L / q)) % L);
    /* Ascending within a set: the largest wraps around first. */
    for (size_t i = 0; i < L; i++) {
        for (size_t k = 1; k < q; k++) {
            for (size_t m = k; m > 0 && y[i * q + m - 1] > y[i * q + m]; m--) {
                const uint32_t t = y[i * q + m];

                y[i * q + m] = y[i * q + m - 1];
                y[i * q + m - 1] = t;
            }
        }
    }
    grid[0] = (uint32_t)d;
    b->grid =
        (struct att_nested){grid, must_have(ATT_NEW0(b->arena, bool, 1)), 1};
    b->a = (struct att_averaging){
        .L = L, .q = q, .dv = 1, .samples = 1, .n_sets = L, .y = y, .z = z};
    b->rows = (double)(L * q);
    must(att_avg_keys_draw(&b->ws, &(struct avg_key_spec){AVG_SIGN, L, b->grid},
                           0, &b->keys, NULL));
}

/* ---- rows of the Gram matrix --------------------------------------------------- */

/* q rows for each query, as exact integers. */
static double time_popcount(struct bench *b, int64_t *sum)
{
    int32_t *row = must_have(ATT_NEW(b->arena, int32_t, b->a.L));
    double best = (double)INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        const double start = att_clock_cpu_s();

        *sum = 0;
        for (size_t i = 0; i < b->a.L * b->a.q; i++) {
            att_bits_gram_row(&b->keys.segment[0], b->a.y[i], row);
            *sum += row[i % b->a.L];
        }
        best = fmin(best, att_clock_cpu_s() - start);
    }
    return best;
}

/* m rows against all keys in blocks of the BLAS. */
static double time_sgemm(struct bench *b, size_t m)
{
    const size_t d = b->keys.d;
    const struct att_arena_mark mark = att_arena_mark(b->arena);
    struct att_matf u = att_matf_new(b->arena, b->a.L, d);
    struct att_matf w = att_matf_new(b->arena, BLOCK, d);
    struct att_matf s = att_matf_new(b->arena, BLOCK, b->a.L);
    double best = (double)INFINITY;

    if (att_arena_refused(b->arena) != 0)
        exit(EXIT_FAILURE);
    for (size_t j = 0; j < b->a.L; j++) {
        for (size_t k = 0; k < d; k++)
            att_matf_row(u, j)[k] = (float)att_avg_key_at(&b->keys, j, k);
    }
    for (size_t i = 0; i < BLOCK * d; i++)
        w.data[i] = u.data[i];
    for (int r = 0; r < ROUNDS; r++) {
        const double start = att_clock_cpu_s();

        for (size_t i = 0; i < m; i += BLOCK)
            att_gemmf(w, false, u, true, 0.0F, s);
        best = fmin(best, att_clock_cpu_s() - start);
    }
    att_arena_rewind(b->arena, mark);
    return best;
}

/* ---- whole passes ---------------------------------------------------------------- */

/* Every query once; the phases of the fastest round. */
static struct avg_pass time_pass(struct bench *b, bool rounded, double *total)
{
    struct avg_task task = {
        .instance = &b->a,
        .kind = AVG_SIGN,
        .dual = AVG_LS,
        .unit = {.alpha = att_avg_alpha((double)b->a.L, 0.1)},
        .eps = 0.1,
        .grid = b->grid,
        .rounding = {.on = rounded, .frac_bits = -1, .whole_bits = -1}};
    struct avg_pass best = {.t = {0}};

    must(att_arithmetic_parse("f32", &task.rounding.arithmetic, NULL));
    *total = (double)INFINITY;
    for (int r = 0; r < ROUNDS; r++) {
        const struct att_arena_mark mark = att_arena_mark(b->arena);
        struct avg_pass pass;
        const double start = att_clock_cpu_s();

        must(att_avg_pass(&b->ws, &task, &b->keys, &pass, NULL));
        const double seconds = att_clock_cpu_s() - start;

        if (seconds < *total) {
            *total = seconds;
            best = pass;
        }
        att_arena_rewind(b->arena, mark);
    }
    return best;
}

static void print_line(const char *what, double seconds, double flops,
                       const char *than, double ratio)
{
    printf("%-26s %9.4f s  %8.1f GF/s  %6.2f of the rate of %s\n", what,
           seconds, 1e-9 * flops / seconds, ratio, than);
}

static size_t argument(int argc, char **argv, int i, size_t fallback)
{
    return argc > i ? (size_t)strtoull(argv[i], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    const size_t L = argument(argc, argv, 1, 4096);
    const size_t q = argument(argc, argv, 2, 4);
    const size_t d = argument(argc, argv, 3, 192);
    char kernel[ATT_KERNEL_NAME];
    struct bench b;
    int64_t sum = 0;
    double total[2];

    open_bench(&b, L, q, d);
    const double flops = 2.0 * (double)L * (double)d;
    const double popcount = time_popcount(&b, &sum);
    const double rows = time_sgemm(&b, L * q);
    const double logits = time_sgemm(&b, L);
    const struct avg_pass plain = time_pass(&b, false, &total[0]);
    const struct avg_pass gemm = time_pass(&b, true, &total[1]);

    printf("L = %zu, q = %zu, d = %zu, kernels %s\n", L, q, d,
           att_kernel_name(kernel));
    printf("rows of the Gram matrix, %zu for each of %zu queries\n", q, L);
    print_line("sgemm", rows, b.rows * flops, "itself", 1.0);
    print_line("popcount", popcount, b.rows * flops, "sgemm", rows / popcount);
    printf("logits of %zu queries\n", L);
    print_line("sgemm", logits, (double)L * flops, "itself", 1.0);
    print_line("blocks of queries (GEMM)", gemm.t.logit, (double)L * flops,
               "sgemm", logits / gemm.t.logit);
    printf("whole pass: by rows of the Gram matrix %.4f s (gram %.4f dual %.4f "
           "exp %.4f), rounded to f32 %.4f s (gram %.4f dual %.4f logit %.4f "
           "exp %.4f)\n",
           total[0], plain.t.gram, plain.t.dual, plain.t.exp, total[1],
           gemm.t.gram, gemm.t.dual, gemm.t.logit, gemm.t.exp);
    printf("checksum %lld\n", (long long)sum);
    att_arena_destroy(b.arena);
    return EXIT_SUCCESS;
}
