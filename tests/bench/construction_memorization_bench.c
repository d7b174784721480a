/* construction_memorization_bench.c - the evaluators of one memorising build
 * side by side, one thread, one run, processor time: ratios, no verdicts.
 *
 *     construction_memorization_bench [N L d]      (default 256 64 64)
 *
 * gemm attention: full d x d matrices W_Q, W_K, W_V, W_O and all L x L scores
 * by matrix products; gemm feed-forward: all T - 1 hidden units by matrix
 * products on a block of tokens, scaled to all of them; literal: one query
 * after the other with scalar exponentials; exp: the vector exponential alone
 * on as many numbers as the fast evaluator needs. */
#include "../../src/construction/memorization/memorization_config_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/clock.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"

enum { REPEATS = 5 };

struct bench {
    struct att_arena *arena;
    struct att_workspace ws;
    struct mem_built b;
    struct mem_query q;
};

static void check(att_status status, const struct att_error *err)
{
    if (status != ATT_OK) {
        (void)fprintf(stderr, "error: %s\n", err->text);
        exit(EXIT_FAILURE);
    }
}

static void prepare(struct bench *t, const long size[3])
{
    struct att_value p[ATT_TL_PARAMS];
    struct att_error err = {0};
    void *instance = NULL;
    struct mem_refusal refusal;
    bool found = false;
    const struct mem_rules rules = {false, false};
    const struct mem_plan plan = {MEM_SEARCH, MEM_GAIN_TIER, 1};

    for (int i = 0; i < ATT_TL_PARAMS; i++)
        p[i] = att_param_default(&att_problem_token_labels.params[i]);
    p[ATT_TL_N] = att_int(size[0]);
    p[ATT_TL_L] = att_int(size[1]);
    p[ATT_TL_D] = att_int(size[2]);
    t->arena = att_arena_create(0);
    att_workspace_init(&t->ws, t->arena, 1, 2);
    check(att_problem_token_labels.generate(&t->ws, p, &instance, &err), &err);
    t->b.config.head = 1;
    check(
        att_mem_ingest(instance, &rules, t->arena, &t->b.data, &refusal, &err),
        &err);
    check(att_mem_scale(&t->ws, &t->b.data, &plan, &t->b.build, &found, &err),
          &err);
    t->q =
        (struct mem_query){&t->b.data.ids, t->b.build.at.p, t->b.build.lambda};
}

/* ---- what is timed --------------------------------------------------------- */

static void run_fast(struct bench *t)
{
    struct att_error err = {0};

    check(att_mem_attend_fast(&t->q, t->b.build.s, NULL, t->arena, &err), &err);
}

static void run_table(struct bench *t)
{
    struct att_error err = {0};

    check(att_mem_attend_table(&t->q, t->b.build.s, NULL, t->arena, &err),
          &err);
}

static void run_exp(struct bench *t)
{
    enum { BLOCK = 4096 };
    double x[BLOCK], y[BLOCK];

    for (int i = 0; i < BLOCK; i++)
        x[i] = -0.001 * i;
    for (uint64_t done = 0; done < t->b.data.ids.n_pairs; done += BLOCK)
        att_vexp(BLOCK, x, y);
}

static void run_rank_one(struct bench *t)
{
    struct att_error err = {0};

    check(att_mem_dense(&t->b, t->b.build.z, t->arena, &err), &err);
}

/* Head size d: the matrices are d x d. */
static void run_gemm(struct bench *t)
{
    t->b.config.head = t->b.data.in->d;
    run_rank_one(t);
    t->b.config.head = 1;
}

static void run_literal(struct bench *t)
{
    const struct mem_ids *ids = &t->b.data.ids;
    const struct mem_typed f64 = {MEM_F64, att_dd_from(t->q.lambda),
                                  att_dd_from(t->b.build.rho)};
    struct att_dd *row = ATT_NEW(t->arena, struct att_dd, ids->longest);

    for (size_t id = 0; id < ids->n; id++) {
        const size_t from = ids->start[ids->context[id]];
        const size_t n = ids->start[ids->context[id] + 1] - from;

        for (size_t i = 0; i < n; i++)
            row[i] = att_dd_from(t->q.p[ids->member[from + i]]);
        t->b.build.z[id] =
            att_mem_typed_z(&f64, row, n, att_dd_from(t->q.p[ids->token[id]]))
                .hi;
    }
}

/* All hidden units for a block of tokens: H = relu(X W1^T + b), Y = H W2^T. */
static double time_gemm_ffn(struct bench *t)
{
    enum { TOKENS = 256 };
    const struct att_arena_mark mark = att_arena_mark(t->arena);
    const size_t d = t->b.data.in->d, units = t->b.data.ids.n - 1;
    const struct att_mat x = att_mat_new(t->arena, TOKENS, d);
    const struct att_mat w1 = att_mat_new(t->arena, units, d);
    const struct att_mat h = att_mat_new(t->arena, TOKENS, units);
    const struct att_mat w2 = att_mat_new(t->arena, d, units);
    const struct att_mat y = att_mat_new(t->arena, TOKENS, d);

    if (x.data == NULL || w1.data == NULL || h.data == NULL ||
        w2.data == NULL || y.data == NULL)
        return NAN;
    const double start = att_clock_cpu_s();

    att_gemm(x, false, w1, true, 0.0, h);
    for (size_t i = 0; i < TOKENS * units; i++)
        h.data[i] = h.data[i] > 0.0 ? h.data[i] : 0.0;
    att_gemm(h, false, w2, true, 0.0, y);
    const double seconds = att_clock_cpu_s() - start;

    att_arena_rewind(t->arena, mark);
    return seconds * (double)(t->b.data.in->n * t->b.data.in->l) / TOKENS;
}

static double time_lookup(struct bench *t)
{
    const size_t n = t->b.data.ids.n;
    struct mem_lookup table;
    struct att_error err = {0};
    struct att_dd *z = ATT_NEW(t->arena, struct att_dd, n);
    uint32_t seen = 0;

    for (size_t i = 0; i < n; i++)
        z[i] = att_dd_from(t->b.build.z[i]);
    check(att_mem_lookup_make(MEM_F64, z, n, t->arena, &table, &err), &err);
    const double start = att_clock_cpu_s();

    for (size_t i = 0; i < n; i++)
        seen ^= att_mem_lookup_find(&table, z[i]);
    return att_clock_cpu_s() - start + (seen == UINT32_MAX ? 1e-12 : 0.0);
}

static double best_time(struct bench *t, void (*run)(struct bench *))
{
    double best = (double)INFINITY;

    for (int i = 0; i < REPEATS; i++) {
        const struct att_arena_mark mark = att_arena_mark(t->arena);
        const double start = att_clock_cpu_s();

        run(t);
        best = fmin(best, att_clock_cpu_s() - start);
        att_arena_rewind(t->arena, mark);
    }
    return best;
}

int main(int argc, char **argv)
{
    long size[3] = {256, 64, 64};
    struct bench t = {0};

    for (int i = 1; i < argc && i <= 3; i++)
        size[i - 1] = strtol(argv[i], NULL, 10);
    prepare(&t, size);
    const double fast = best_time(&t, run_fast);
    const double table = best_time(&t, run_table);
    const double exp_only = best_time(&t, run_exp);
    const double rank_one = best_time(&t, run_rank_one);
    const double gemm = best_time(&t, run_gemm);
    const double literal = best_time(&t, run_literal);
    const double ffn = time_gemm_ffn(&t), lookup = time_lookup(&t);

    (void)printf("N=%ld L=%ld d=%ld M=%zu T=%zu\n", size[0], size[1], size[2],
                 t.b.data.ids.n_tokens, t.b.data.ids.n);
    (void)printf("%-34s %10.3f ms\n", "fast attention", 1e3 * fast);
    (void)printf("%-34s %10.3f ms\n", "table attention", 1e3 * table);
    (void)printf("%-34s %10.3f ms\n", "vector exp alone", 1e3 * exp_only);
    (void)printf("%-34s %10.3f ms\n", "dense attention, rank one",
                 1e3 * rank_one);
    (void)printf("%-34s %10.3f ms\n", "gemm attention, d x d", 1e3 * gemm);
    (void)printf("%-34s %10.3f ms\n", "literal attention", 1e3 * literal);
    (void)printf("%-34s %10.3f ms\n", "gemm feed-forward", 1e3 * ffn);
    (void)printf("%-34s %10.3f ms\n", "bisection", 1e3 * lookup);
    (void)printf("%-34s %10.1f\n", "gemm both / fast both",
                 (gemm + ffn) / (fast + lookup));
    (void)printf("%-34s %10.1f\n", "gemm both / table both",
                 (gemm + ffn) / (table + lookup));
    (void)printf("%-34s %10.1f\n", "literal / fast attention", literal / fast);
    (void)printf("%-34s %10.1f\n", "fast / vector exp", fast / exp_only);
    att_arena_destroy(t.arena);
    return EXIT_SUCCESS;
}
