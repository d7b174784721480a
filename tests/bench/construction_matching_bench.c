/* construction_matching_bench.c - processor time of every path of the third-
 * order unit (C8), M = 4 L + 1, best of three.
 *
 *   construction_matching_bench [L ...]       default 192 512 1024 and, for
 *                                             hist, 4096 .. 1048576
 *
 * One line a path: L, path, seconds, the sum of its outputs, and nanoseconds
 * per L + M log2 M.  construction_matching.py runs it beside NumPy. */
#include <stdio.h>
#include <stdlib.h>

#include "../../src/construction/matching/matching_priv.h"
#include "attest/base/clock.h"

enum { ROUNDS = 3 };

/* Up to here a path takes seconds at most. */
static size_t longest(enum match_path path)
{
    switch (path) {
    case MATCH_NAIVE:
        return 192;
    case MATCH_STREAM:
    case MATCH_BESSEL:
        return 512;
    case MATCH_SPARSE:
        return 1024;
    case MATCH_HIST:
    case MATCH_PATHS:
        break;
    }
    return 1048576;
}

/* Residues that construction_matching.py makes alike. */
static void fill(uint64_t *x, size_t n, uint64_t M)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (uint64_t)i * (i + 7) % M * 48271 % M;
}

static void bench(size_t n, enum match_path path, struct att_arena *arena)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const uint64_t M = 4 * (uint64_t)n + 1;
    uint64_t *x = ATT_NEW(arena, uint64_t, n);
    double *out = ATT_NEW(arena, double, n);
    double best = INFINITY;
    double sum = 0.0;

    if (x == NULL || out == NULL)
        exit(EXIT_FAILURE);
    fill(x, n, M);
    const struct match_unit u =
        att_match_unit((struct att_match_input){x, n, M}, 3);

    for (int round = 0; round < ROUNDS; round++) {
        const double start = att_clock_cpu_s();

        if (att_match_run(&u, path, out, arena, NULL) != ATT_OK)
            exit(EXIT_FAILURE);
        best = fmin(best, att_clock_cpu_s() - start);
    }
    for (size_t i = 0; i < n; i++)
        sum += out[i];
    printf("%zu %s %.9f %.12g %.4f\n", n, att_match_path_name[path], best, sum,
           1e9 * best / ((double)n + (double)M * log2((double)M)));
    att_arena_rewind(arena, mark);
}

int main(int argc, char **argv)
{
    static const size_t DEFAULT[] = {192,   512,   1024,   4096,
                                     16384, 65536, 262144, 1048576};
    const size_t n_lengths =
        argc > 1 ? (size_t)argc - 1 : sizeof DEFAULT / sizeof DEFAULT[0];
    struct att_arena *arena = att_arena_create(0);

    if (arena == NULL)
        return EXIT_FAILURE;
    for (size_t k = 0; k < n_lengths; k++) {
        const size_t n = argc > 1 ? strtoul(argv[k + 1], NULL, 10) : DEFAULT[k];

        for (int path = 0; path < MATCH_PATHS; path++) {
            if (n <= longest((enum match_path)path))
                bench(n, (enum match_path)path, arena);
        }
    }
    att_arena_destroy(arena);
    return EXIT_SUCCESS;
}
