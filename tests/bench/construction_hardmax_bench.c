/* construction_hardmax_bench.c - how close the hardmax evaluators come to the
 * machine: plane and sorted to memory bandwidth (8 S d bytes are read once),
 * dense to matrix products of the same shapes.  What is compared is timed in
 * turns, in processor seconds (a shared machine disturbs those least), best of
 * at least ROUNDS and a second; only ratios mean something.
 *
 *     construction_hardmax_bench [SCALE]     1 (default): 128 MiB of tokens
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/construction/hardmax/hardmax_build_priv.h"
#include "../../src/construction/hardmax/hardmax_layers_priv.h"
#include "attest/base/clock.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/cpu.h"

enum { ROUNDS = 9, TRIAD_NUMBERS = 1 << 24 };
static const double LEAST_S = 1.0;

static void fail(const char *what)
{
    (void)fprintf(stderr, "construction_hardmax_bench: %s\n", what);
    exit(EXIT_FAILURE);
}

static void need(att_status status, const struct att_error *err)
{
    if (status != ATT_OK)
        fail(err->text);
}

/* ---- things to time, taken in turns ----------------------------------------- */

/* One thing to time; its best time of all rounds. */
struct job {
    void (*run)(const void *context);
    const void *context;
    double best; /* seconds */
};

static void race(struct job *job, size_t n)
{
    const double until = att_clock_cpu_s() + LEAST_S;

    for (size_t i = 0; i < n; i++)
        job[i].best = INFINITY;
    for (int round = 0; round < ROUNDS || att_clock_cpu_s() < until; round++) {
        for (size_t i = 0; i < n; i++) {
            const double start = att_clock_cpu_s();

            job[i].run(job[i].context);
            job[i].best = fmin(job[i].best, att_clock_cpu_s() - start);
        }
    }
}

struct triad {
    double *a, *b, *c; /* [TRIAD_NUMBERS] */
};

/* a[i] = b[i] + s c[i]: two reads and a write, 24 bytes a number. */
static void run_triad(const void *context)
{
    const struct triad *t = context;

    for (size_t i = 0; i < TRIAD_NUMBERS; i++)
        t->a[i] = t->b[i] + 3.0 * t->c[i];
    t->b[0] = t->a[TRIAD_NUMBERS - 1]; /* the result is used */
}

static struct triad triad_open(struct att_arena *arena)
{
    const struct triad t = {ATT_NEW0(arena, double, TRIAD_NUMBERS),
                            ATT_NEW0(arena, double, TRIAD_NUMBERS),
                            ATT_NEW0(arena, double, TRIAD_NUMBERS)};

    if (t.a == NULL || t.b == NULL || t.c == NULL)
        fail("no memory for the triad");
    return t;
}

/* n products c = a b^T, a [rows, inner], b [cols, inner]. */
struct products {
    struct att_mat a, b, c;
    size_t n;
};

static void run_products(const void *context)
{
    const struct products *p = context;

    for (size_t i = 0; i < p->n; i++)
        att_gemm(p->a, false, p->b, true, 0.0, p->c);
}

static struct products products_open(struct att_arena *arena, size_t n,
                                     const size_t shape[3])
{
    const size_t rows = shape[0], inner = shape[1], cols = shape[2];
    const struct products p = {att_mat_new(arena, rows, inner),
                               att_mat_new(arena, cols, inner),
                               att_mat_new(arena, rows, cols), n};

    if (p.a.data == NULL || p.b.data == NULL || p.c.data == NULL)
        fail("no memory for the products");
    return p;
}

/* ---- a network to run ---------------------------------------------------------- */

struct shape {
    int64_t n, d, l;
};

struct subject {
    const struct att_sequences *s;
    struct hm_built built;
    struct hm_config config;
    struct hm_tokens tokens;
    struct hm_outputs out;
};

static void subject_open(struct att_workspace *ws, struct shape shape,
                         const char *dtype, struct subject *x)
{
    struct att_value p[ATT_SEQ_PARAMS];
    struct att_error err = {0};
    void *instance = NULL;

    for (uint32_t i = 0; i < ATT_SEQ_PARAMS; i++)
        p[i] = att_param_default(&att_problem_sequences.params[i]);
    p[ATT_SEQ_N] = att_int(shape.n);
    p[ATT_SEQ_D] = att_int(shape.d);
    p[ATT_SEQ_L] = att_int(shape.l);
    need(att_problem_sequences.generate(ws, p, &instance, &err), &err);
    x->s = instance;
    x->config = (struct hm_config){.mode = HM_MIN, .n_dir = 1, .w_cap = 1e300};
    need(att_arithmetic_parse(dtype, &x->config.build, &err), &err);
    need(att_hm_build(ws, x->s, &x->config, &x->built, &err), &err);
    if (x->built.verdict.kind != HM_BUILT)
        fail(x->built.verdict.text);
    need(
        att_hm_tokens_make(x->s, &x->config.build, ws->arena, &x->tokens, &err),
        &err);
    x->out.r = ATT_NEW(ws->arena, double, x->s->n);
    x->out.q = ATT_NEW(ws->arena, double, x->s->n);
    if (x->out.r == NULL || x->out.q == NULL)
        fail("no memory for the outputs");
}

struct evaluation {
    hm_eval_fn eval;
    const struct subject *x;
    struct att_arena *arena;
};

static void run_evaluation(const void *context)
{
    const struct evaluation *e = context;
    const struct hm_batch batch = {&e->x->tokens, NULL, e->x->s->n};
    struct att_error err = {0};

    need(e->eval(&e->x->built.net, &batch, e->x->out, e->arena, &err), &err);
}

/* ---- the tables ------------------------------------------------------------------ */

static void bandwidth_row(struct att_workspace *ws, struct shape shape,
                          const char *dtype)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    const struct triad triad = triad_open(ws->arena);
    struct subject x;

    subject_open(ws, shape, dtype, &x);
    const struct evaluation plane = {att_hm_eval_plane, &x, ws->arena};
    const struct evaluation sorted = {att_hm_eval_sorted, &x, ws->arena};
    struct job job[] = {{run_triad, &triad, 0.0},
                        {run_evaluation, &plane, 0.0},
                        {run_evaluation, &sorted, 0.0}};

    race(job, 3);
    const double width = strcmp(dtype, "f32") == 0 ? 4.0 : 8.0;
    const double bytes = width * (double)x.s->total * (double)x.s->d;
    const double rate[] = {24.0 * TRIAD_NUMBERS / job[0].best,
                           bytes / job[1].best, bytes / job[2].best};

    (void)printf("%5d %4d %6d %4s %3zu %9.1f %9.2f %9.2f %9.2f %6.2f %6.2f\n",
                 (int)shape.n, (int)shape.d, (int)shape.l, dtype,
                 x.built.net.n_landmarks, bytes / 1048576.0, rate[0] * 1e-9,
                 rate[1] * 1e-9, rate[2] * 1e-9, rate[0] / rate[1],
                 rate[0] / rate[2]);
    att_arena_rewind(ws->arena, mark);
}

/* The products of the dense evaluator: X A and M V^T [L, d, d] and scores
 * X A X^T [L, d, L] per sequence and active block; X U^T and H W^T over all
 * tokens in every block. */
static void dense_row(struct att_workspace *ws, struct shape shape)
{
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    struct subject x;

    subject_open(ws, shape, "f64", &x);
    const size_t n = x.s->n, d = x.s->d, l = x.s->longest;
    const size_t active = n * (x.built.net.n_landmarks + 1);
    const size_t blocks = att_hm_blocks(&x.built.net);
    const size_t total = x.s->total;
    const struct products product[] = {
        products_open(ws->arena, active, (size_t[]){l, d, d}),
        products_open(ws->arena, active, (size_t[]){l, d, d}),
        products_open(ws->arena, active, (size_t[]){l, d, l}),
        products_open(ws->arena, blocks, (size_t[]){total, d, 2}),
        products_open(ws->arena, blocks, (size_t[]){total, 2, d})};
    enum { N_PRODUCTS = sizeof product / sizeof product[0] };
    const struct evaluation dense = {att_hm_eval_dense, &x, ws->arena};
    struct job job[N_PRODUCTS + 1] = {{run_evaluation, &dense, 0.0}};
    double products = 0.0;

    for (size_t i = 0; i < N_PRODUCTS; i++)
        job[i + 1] = (struct job){run_products, &product[i], 0.0};
    race(job, N_PRODUCTS + 1);
    for (size_t i = 0; i < N_PRODUCTS; i++)
        products += job[i + 1].best;
    const double flops = (double)active * (4.0 * (double)(l * d * d) +
                                           2.0 * (double)(l * l * d));

    (void)printf("%5zu %4zu %6zu %10.2f %10.2f %10.2f %8.2f\n", n, d, l,
                 flops * 1e-9 / products, products * 1e3, job[0].best * 1e3,
                 products / job[0].best);
    att_arena_rewind(ws->arena, mark);
}

int main(int argc, char **argv)
{
    const double scale = argc > 1 ? strtod(argv[1], NULL) : 1.0;
    struct att_arena *arena = att_arena_create(0);
    struct att_workspace ws;
    char kernel[ATT_KERNEL_NAME];

    if (arena == NULL || !(scale > 0.0))
        fail("usage: construction_hardmax_bench [SCALE]");
    att_workspace_init(&ws, arena, 1, 2);
    const int64_t l = (int64_t)(4096.0 * scale);

    (void)printf("kernel %s; GB/s, and how many times the triad is faster\n",
                 att_kernel_name(kernel));
    (void)printf("    N    d      L type   K       MiB     triad     plane   "
                 " sorted  plane sorted\n");
    bandwidth_row(&ws, (struct shape){64, 64, l}, "f64");
    bandwidth_row(&ws, (struct shape){16, 256, l}, "f64");
    bandwidth_row(&ws, (struct shape){512, 8, l}, "f64");
    bandwidth_row(&ws, (struct shape){64, 64, l}, "f32");
    (void)printf("\ndense evaluator and the matrix products in it\n"
                 "    N    d      L   GF/s gemm    gemm ms   dense ms    "
                 "ratio\n");
    dense_row(&ws, (struct shape){4, 64, 512});
    dense_row(&ws, (struct shape){4, 256, 512});
    dense_row(&ws, (struct shape){2, 512, 1024});
    att_arena_destroy(arena);
    return EXIT_SUCCESS;
}
