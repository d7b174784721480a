/* construction_patterns_bench.c - how fast all L^2 logits of a pattern are
 * looked at: the nested pass (K1) beside one SGEMM of the same shape, and the
 * exclusive-or kernel beside both.
 *
 *   construction_patterns_bench [L] [k] [d]       default 8192 4 200
 *
 * Processor time, the best of three, all in one run; the exclusive-or kernel has
 * no more than L columns to draw. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/construction/patterns/patterns_interp_priv.h"
#include "../../src/construction/patterns/patterns_nested_priv.h"
#include "attest/base/clock.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/cpu.h"

enum { ROUNDS = 3 };

struct bench {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_pattern a;
    size_t d;
};

static void must(att_status status)
{
    if (status != ATT_OK)
        exit(EXIT_FAILURE);
}

/* A band of k columns. */
static void open_bench(struct bench *b, size_t L, size_t k, size_t d)
{
    b->arena = att_arena_create(0);
    if (b->arena == NULL)
        exit(EXIT_FAILURE);
    att_workspace_init(&b->ws, b->arena, 1, 2);
    size_t *first = ATT_NEW(b->arena, size_t, L + 1);
    uint32_t *column = ATT_NEW(b->arena, uint32_t, L * k);

    if (first == NULL || column == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i <= L; i++)
        first[i] = i * k;
    for (size_t e = 0; e < L * k; e++)
        column[e] = (uint32_t)((e / k + e % k) % L);
    b->a = (struct att_pattern){.n_rows = L,
                                .n_cols = L,
                                .nnz = L * k,
                                .first = first,
                                .column = column,
                                .k_row = k,
                                .k_col = k};
    b->d = d;
}

/* X1 X2^T in one call of the BLAS for each block of rows. */
static double time_gemm(struct bench *b)
{
    const size_t L = b->a.n_rows;
    const size_t block = att_pat_block_rows(L);
    double best = INFINITY;
    struct att_matf x = att_matf_new(b->arena, block, b->d);
    struct att_matf y = att_matf_new(b->arena, L, b->d);
    struct att_matf s = att_matf_new(b->arena, block, L);

    if (att_arena_refused(b->arena) != 0)
        exit(EXIT_FAILURE);
    for (int r = 0; r < ROUNDS; r++) {
        const double start = att_clock_cpu_s();

        for (size_t i = 0; i < L; i += block)
            att_gemmf(x, false, y, true, 0.0F, s);
        best = fmin(best, att_clock_cpu_s() - start);
    }
    return best;
}

/* Kernel K1 with Gaussian keys over a grid of 4 % steps. */
static double time_nested(struct bench *b, size_t *n_grid)
{
    const struct pat_key_spec spec = {
        .family = PAT_GAUSS, .n = b->a.n_cols, .d = b->d};
    const struct att_case c = {.p = NULL};
    double best = INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        const struct att_arena_mark mark = att_arena_mark(b->arena);
        struct pat_keys keys;
        struct att_nested grid;
        struct pat_rows rows = {0};
        struct pat_pass pass = {.keys = &keys,
                                .rows = &rows,
                                .tolerance = {log(1.5), log(10.0), 0.0},
                                .storage = PAT_F32,
                                .arena = b->arena};

        must(att_nested_grid(&c, b->d, true, b->arena, &grid, NULL));
        must(att_pat_keys_draw(&b->ws, &spec, grid, &keys, NULL));
        must(att_pat_rows_init(&rows, &b->a, b->arena, NULL));
        pass.worst = ATT_NEW(b->arena, struct pat_worst, grid.n);
        const double start = att_clock_cpu_s();

        must(att_pat_pass(&pass, NULL));
        best = fmin(best, att_clock_cpu_s() - start);
        *n_grid = grid.n;
        att_arena_rewind(b->arena, mark);
    }
    return best;
}

/* Kernel K2 with Hadamard keys: interpolating queries, every logit. */
static double time_xor(struct bench *b, double *gap)
{
    const struct pat_key_spec spec = {.family = PAT_HADAMARD,
                                      .n = b->a.n_cols,
                                      .d = b->d < b->a.n_cols ? b->d
                                                              : b->a.n_cols,
                                      .plus = true};
    double best = INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        struct pat_gram gram;
        struct pat_interp e = {
            .gram = &gram, .a = &b->a, .tolerance = {log(1.5), log(10.0), 0.0}};

        must(att_pat_gram_init(&b->ws, &spec, &gram, NULL));
        const double start = att_clock_cpu_s();

        must(att_pat_interp_rows(&e, 0, b->a.n_rows, b->arena, NULL));
        best = fmin(best, att_clock_cpu_s() - start);
        *gap = e.worst.gap;
    }
    return best;
}

/* Loads of 64 bytes that stay in the first-level cache, per second: what the
 * kernel could reach if nothing but loads cost anything. */
static double time_loads(void)
{
    enum { N = 4096, REPEATS = 20000 };
    static _Alignas(64) float x[N];
    float sum = 0.0F;
    double best = INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        const uint32_t at[] = {0, 64, 128, 192};
        const float coef[] = {1.0F, 1.0F, 1.0F, 1.0F};
        const struct att_group g = {x, N, NULL};
        const struct att_terms t = {at, coef, 4};
        const double start = att_clock_cpu_s();

        for (int k = 0; k < REPEATS; k++)
            sum += att_xor_max(&g, &t, 0, N);
        best = fmin(best, att_clock_cpu_s() - start);
    }
    x[0] = sum;
    return 4.0 * N * REPEATS / best;
}

static size_t argument(int argc, char **argv, int i, size_t fallback)
{
    return argc > i ? (size_t)strtoull(argv[i], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    const size_t L = argument(argc, argv, 1, 8192);
    const size_t k = argument(argc, argv, 2, 4);
    const size_t d = argument(argc, argv, 3, 200);
    const double logits = (double)L * (double)L;
    char kernel[ATT_KERNEL_NAME];
    struct bench b;
    size_t n_grid = 0;
    double gap = 0.0;

    open_bench(&b, L, k, d);
    const double gemm = time_gemm(&b);
    const double nested = time_nested(&b, &n_grid);
    const double group = time_xor(&b, &gap);
    const double cached = time_loads();
    const double terms = (double)k * logits / group;

    printf("L = %zu, k = %zu, d = %zu, kernels %s\n", L, k, d,
           att_kernel_name(kernel));
    printf("sgemm          %8.3f s  %7.1f GF/s\n", gemm,
           2e-9 * logits * (double)d / gemm);
    printf("nested, %3zu d  %8.3f s  %7.1f GF/s  %.2f of sgemm\n", n_grid,
           nested, 2e-9 * logits * (double)d / nested, gemm / nested);
    printf("exclusive or   %8.3f s  %7.2f G terms/s  %.1f times nested, %.2f "
           "of its rate from the first-level cache\n",
           group, terms * 1e-9, nested / group, terms / cached);
    printf("gap %.6f\n", gap);
    att_arena_destroy(b.arena);
    return EXIT_SUCCESS;
}
