/* construction_patterns_bench.c - how fast all L^2 logits of a pattern are
 * looked at: the nested pass (K1) beside one SGEMM of the same shape, and the
 * exclusive-or kernel (K2) beside both and beside what the load ports could do.
 *
 *   construction_patterns_bench [L] [k] [d]       default 8192 4 200
 *
 * Processor time, the best of three, all in one run; the exclusive-or kernel
 * has no more than L columns to draw.  construction_patterns.py runs this
 * program and NumPy side by side. */
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

/* X1 X2^T in blocks of rows. */
static double time_blocks(struct bench *b, size_t block)
{
    const struct att_arena_mark mark = att_arena_mark(b->arena);
    const size_t L = b->a.n_rows;
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
    att_arena_rewind(b->arena, mark);
    return best;
}

/* The size of block that suits the BLAS best. */
static double time_gemm(struct bench *b, size_t *block)
{
    double best = INFINITY;

    for (size_t n = 16; n <= 1024 && n <= b->a.n_rows; n *= 4) {
        const double t = time_blocks(b, n);

        if (t < best)
            *block = n;
        best = fmin(best, t);
    }
    return best;
}

/* Kernel K1 with Gaussian keys over a grid of 4 % steps; the most memory that
 * keys and pass hold together. */
static double time_nested(struct bench *b, size_t *n_grid, uint64_t *bytes)
{
    const struct pat_key_spec spec = {
        .family = PAT_GAUSS, .n = b->a.n_cols, .d = b->d};
    const struct att_case c = {.p = NULL};
    double best = INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        const struct att_arena_mark mark = att_arena_mark(b->arena);
        const uint64_t before = att_arena_used(b->arena);
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
        *bytes = att_arena_used(b->arena) - before;
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

/* The exclusive-or kernel where its table stays in the first-level cache. */
static double cached_terms(void)
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

#ifdef __x86_64__
/* Cycles per second of this core now: multiplications that wait for each other
 * take three each, on every x86-64 of the last fifteen years. */
static double clock_hertz(void)
{
    enum { N = 10000000 };
    double best = INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        const double start = att_clock_cpu_s();
        uint64_t x = 3;

        for (int i = 0; i < N; i++)
            __asm__ volatile("imul %0, %0\n\timul %0, %0" : "+r"(x));
        best = fmin(best, att_clock_cpu_s() - start);
    }
    return 6.0 * N / best;
}

/* Two loads of a register in each cycle, a number a term. */
static void print_ports(double terms)
{
    const double hertz = clock_hertz();
    const double lanes = att_isa_used() == ATT_ISA_AVX512 ? 16.0
                         : att_isa_used() == ATT_ISA_AVX2 ? 8.0
                                                          : 1.0;
    const double limit = 2.0 * lanes * hertz;

    printf("load ports     two loads of %.0f numbers a cycle at %.2f GHz: "
           "%.1f G terms/s; exclusive or reaches %.2f of it, %.2f where the "
           "table is in the first-level cache\n",
           lanes, hertz * 1e-9, limit * 1e-9, terms / limit,
           cached_terms() / limit);
}
#else
static void print_ports(double terms)
{
    printf("exclusive or reaches %.2f of its rate from the first-level cache\n",
           terms / cached_terms());
}
#endif

static void print_memory(const struct bench *b, uint64_t bytes)
{
    const double L = (double)b->a.n_rows;

    printf("memory         nested %.1f MiB = %.2f times 12 L d; all logits in "
           "f32: %.0f MiB\n",
           (double)bytes / 1048576.0, (double)bytes / (12.0 * L * (double)b->d),
           4.0 * L * L / 1048576.0);
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
    const double flops = 2e-9 * logits * (double)d;
    char kernel[ATT_KERNEL_NAME];
    struct bench b;
    size_t n_grid = 0;
    size_t block = 0;
    uint64_t bytes = 0;
    double gap = 0.0;

    open_bench(&b, L, k, d);
    const double gemm = time_gemm(&b, &block);
    const double nested = time_nested(&b, &n_grid, &bytes);
    const double group = time_xor(&b, &gap);
    const double terms = (double)k * logits / group;

    printf("L = %zu, k = %zu, d = %zu, kernels %s\n", L, k, d,
           att_kernel_name(kernel));
    printf("sgemm          %8.3f s  %7.1f GF/s in blocks of %zu rows\n", gemm,
           flops / gemm, block);
    printf("nested, %3zu d  %8.3f s  %7.1f GF/s  %.2f of sgemm\n", n_grid,
           nested, flops / nested, gemm / nested);
    printf("exclusive or   %8.3f s  %7.2f G terms/s  %.1f times nested, gap "
           "%.6f\n",
           group, terms * 1e-9, nested / group, gap);
    print_ports(terms);
    print_memory(&b, bytes);
    att_arena_destroy(b.arena);
    return EXIT_SUCCESS;
}
