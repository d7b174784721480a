/* construction_selection_bench.c - what a step of a selection training costs,
 * and its parts: drawing, generating, products.
 *
 *   construction_selection_bench [L] [d] [de] [B]      default 100 8 128 256
 *
 * Single precision, q = 3, processor time, the best of several rounds, all in
 * one run.  construction_selection.py puts NumPy and PyTorch beside it. */
#include <stdio.h>
#include <stdlib.h>

#include "../../src/construction/selection/selection_step_priv.h"
#include "attest/base/clock.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/cpu.h"
#include "attest/linalg/random.h"

enum { ROUNDS = 60, STEPS = 4 };

struct bench {
    struct att_arena *arena;
    struct sel_law law;
    struct sel_batch batch;
    struct sel_stepf x;
    uint32_t t;
    float *x_all; /* [B, L, d] */
};

static void must(att_status status)
{
    if (status != ATT_OK)
        exit(EXIT_FAILURE);
}

/* V = [I 0] and C = 4 I or alpha = 1: attention is neither flat nor sharp. */
static void open_bench(struct bench *k, const struct sel_law *law, size_t n,
                       enum sel_model model)
{
    const size_t d = law->task.d, de = law->de;
    const bool out = att_sel_is_out(model);
    const size_t first = out ? 0 : d;

    *k = (struct bench){.arena = att_arena_create(0), .law = *law};
    if (k->arena == NULL)
        exit(EXIT_FAILURE);
    must(att_sel_batch_new(&k->law, n, law->task.L, k->arena, &k->batch, NULL));
    k->x = (struct sel_stepf){.law = &k->law, .batch = &k->batch};
    k->x.at.V = att_matf_new(k->arena, out ? 1 : d, out ? 1 : d + de);
    k->x.at.W = att_matf_new(k->arena, first + de, de);
    k->x.gradient.V = att_matf_new(k->arena, out ? 1 : d, out ? 1 : d + de);
    k->x.gradient.W = att_matf_new(k->arena, first + de, de);
    k->x_all = ATT_NEW(k->arena, float, n * law->task.L * d);
    must(att_sel_work_newf(&k->law, &k->batch, model, k->arena, &k->x.work,
                           NULL));
    for (size_t a = 0; a < k->x.at.V.rows; a++)
        att_matf_row(k->x.at.V, a)[a] = 1.0F;
    for (size_t j = 0; j < de; j++)
        att_matf_row(k->x.at.W, first + j)[j] = 4.0F;
}

/* ---- what is timed ------------------------------------------------------------- */

static void draw(struct bench *k)
{
    must(att_sel_batch_draw(&k->law, k->t++, 0, &k->batch, NULL));
}

static void full_step(struct bench *k)
{
    draw(k);
    k->x.step = k->t;
    (void)att_sel_fullf(&k->x);
}

static void rb_step(struct bench *k)
{
    draw(k);
    (void)att_sel_rbf(&k->x);
}

static void gram_step(struct bench *k)
{
    draw(k);
    (void)att_sel_gramf(&k->x);
}

/* The four products of the Gram trick and nothing else. */
static void gram_products(struct bench *k)
{
    struct sel_workf *w = &k->x.work;
    struct att_matf kernel = w->k, sum = w->sum;

    kernel.cols = sum.cols = k->batch.L; /* without what fills a vector */
    att_gemmf(w->e, false, k->x.at.W, true, 0.0F, w->f);
    att_gemmf(w->f, false, w->e, true, 0.0F, kernel);
    att_gemmf(sum, true, w->e, false, 0.0F, w->f);
    att_gemmf(w->e, true, w->f, false, 0.0F, k->x.gradient.W);
}

/* The tokens of all samples of a step. */
static void tokens(struct bench *k)
{
    const size_t n = k->law.task.L * k->law.task.d;

    for (uint32_t b = 0; b < k->batch.n; b++) {
        att_selection_tokensf(&k->law.task, k->t, b, k->law.task.L,
                              k->x_all + b * n);
    }
    k->t++;
}

/* Milliseconds of one call: the best of ROUNDS averages over STEPS. */
static double best_ms(struct bench *k, void (*call)(struct bench *k))
{
    double best = 1e9;

    call(k);
    for (int r = 0; r < ROUNDS; r++) {
        const double start = att_clock_cpu_s();

        for (int s = 0; s < STEPS; s++)
            call(k);
        const double ms = 1e3 * (att_clock_cpu_s() - start) / STEPS;

        best = ms < best ? ms : best;
    }
    return best;
}

static size_t argument(int argc, char **argv, int i, size_t fallback)
{
    return argc > i ? (size_t)strtoul(argv[i], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    const size_t L = argument(argc, argv, 1, 100);
    const size_t d = argument(argc, argv, 2, 8);
    const size_t de = argument(argc, argv, 3, 128);
    const size_t B = argument(argc, argv, 4, 256);
    const struct sel_law spe = {.task = {.L = L, .d = d, .q = 3, .seed = 1},
                                .pe = SEL_SPE,
                                .query = SEL_DUAL,
                                .de = de,
                                .seed = 1};
    struct sel_law shared = spe;
    char kernel[ATT_KERNEL_NAME];
    struct bench full, rb, gram;

    shared.pe = SEL_SPE_STEP;
    open_bench(&full, &spe, B, SEL_FULL);
    open_bench(&rb, &spe, B, SEL_RB);
    open_bench(&gram, &shared, B, SEL_GRAM);
    printf("L = %zu, d = %zu, de = %zu, B = %zu, kernel %s\n", L, d, de, B,
           att_kernel_name(kernel));
    const double full_ms = best_ms(&full, full_step);
    const double draw_ms = best_ms(&full, draw);
    const double token_ms = best_ms(&full, tokens);
    const double rb_ms = best_ms(&rb, rb_step);
    const double gram_ms = best_ms(&gram, gram_step);
    const double gram_draw_ms = best_ms(&gram, draw);
    const double product_ms = best_ms(&gram, gram_products);
    const double flops = 4.0 * (double)L * (double)de * (double)(L + de);

    printf("full_step %.4f ms (encodings and queries %.4f, tokens %.4f: %.0f "
           "M normals/s)\n",
           full_ms, draw_ms, token_ms, 1e-3 * (double)(B * L * d) / token_ms);
    printf("rb_step %.4f ms\n", rb_ms);
    printf("gram_step %.4f ms (draws %.4f)\n", gram_ms, gram_draw_ms);
    printf("gram_products %.4f ms (%.1f GF/s)\n", product_ms,
           1e-6 * flops / product_ms);
    printf("gram_share %.3f of the step is its products, %.3f of the step with "
           "the drawing of its samples\n",
           product_ms / (gram_ms - gram_draw_ms), product_ms / gram_ms);
    att_arena_destroy(full.arena);
    att_arena_destroy(rb.arena);
    att_arena_destroy(gram.arena);
    return EXIT_SUCCESS;
}
