/* construction_selection_fcn_bench.c - where a step of a fully connected net
 * goes: fresh samples, products, Adam, beside the same products alone.
 *
 *   construction_selection_fcn_bench [L] [d] [width] [depth]   20 4 160 2
 *
 * f32, batches of 256, processor time of a step, the best of five, all in one
 * run.  `--tsv` prints name and seconds only (construction_selection_fcn.py). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/construction/selection/selection_fcn_priv.h"
#include "attest/base/clock.h"
#include "attest/linalg/blas.h"

enum { ROUNDS = 5, STEPS = 60, BATCH = 256, HIDDEN = 128 };

struct bench {
    struct att_arena *arena;
    struct att_workspace ws;
    struct att_selection law;
    struct fcn_net net;
    struct fcn_batch batch;
    struct fcn_update update;
};

static void must(bool well)
{
    if (!well)
        exit(EXIT_FAILURE);
}

static void open_bench(struct bench *b, const size_t *size)
{
    const size_t L = size[0], d = size[1], m = size[2], depth = size[3];

    *b = (struct bench){.arena = att_arena_create(0),
                        .law = {.L = L, .d = d, .q = 2, .seed = 1}};
    must(b->arena != NULL && depth >= 1 && depth < FCN_MAPS && L > 2);
    att_workspace_init(&b->ws, b->arena, 1, 2);
    b->net.kernels = &att_fcn_f32;
    b->net.shape =
        (struct fcn_shape){.n_maps = depth + 1, .width = {L * d + L, m}};
    for (size_t k = 2; k <= depth; k++)
        b->net.shape.width[k] = m > HIDDEN ? m : HIDDEN;
    b->net.shape.width[depth + 1] = d;
    const size_t n = att_fcn_count(&b->net.shape);

    b->net.param = ATT_NEW0(b->arena, float, n);
    b->update.first = ATT_NEW0(b->arena, float, n);
    b->update.second = ATT_NEW0(b->arena, float, n);
    b->batch = (struct fcn_batch){.law = &b->law, .capacity = BATCH};
    must(att_fcn_batch_init(&b->batch, &b->net, true, b->arena, NULL) ==
         ATT_OK);
    must(att_arena_refused(b->arena) == 0);
    b->update.gradient = b->batch.grad;
    b->update.eta = 1e-3;
    b->update.schedule = (struct sel_schedule){.opt = SEL_ADAM};
    b->net.kernels->initialise(&b->net, 1.0, &b->ws);
}

typedef void (*part_fn)(struct bench *b, uint32_t t);

static void draw(struct bench *b, uint32_t t)
{
    b->net.kernels->fill(&b->batch, t, 0, true);
}

static void products(struct bench *b, uint32_t t)
{
    (void)t;
    b->net.kernels->forward(&b->net, &b->batch);
    (void)b->net.kernels->backward(&b->net, &b->batch);
}

static void adam(struct bench *b, uint32_t t)
{
    b->net.kernels->step(&b->net, &b->update, t);
}

static void step(struct bench *b, uint32_t t)
{
    draw(b, t);
    products(b, t);
    adam(b, t);
}

static struct att_matf view(float *data, size_t rows, size_t cols)
{
    return (struct att_matf){data, rows, cols, cols};
}

/* The products of a step and nothing else. */
static void gemms(struct bench *b, uint32_t t)
{
    const struct fcn_shape *shape = &b->net.shape;

    (void)t;
    for (size_t k = 0; k < shape->n_maps; k++) {
        const size_t in = shape->width[k], out = shape->width[k + 1];
        float *w = (float *)b->net.param + att_fcn_weight_at(shape, k);
        float *g = (float *)b->batch.grad + att_fcn_weight_at(shape, k);
        const struct att_matf x = view(b->batch.h[k], BATCH, in);
        const struct att_matf e = view(b->batch.delta[k + 1], BATCH, out);

        att_gemmf(x, false, view(w, out, in), true, 0.0F,
                  view(b->batch.h[k + 1], BATCH, out));
        att_gemmf(e, true, x, false, 0.0F, view(g, out, in));
        if (k > 0) {
            att_gemmf(e, false, view(w, out, in), false, 0.0F,
                      view(b->batch.delta[k], BATCH, in));
        }
    }
}

static double seconds(struct bench *b, part_fn part)
{
    double best = (double)INFINITY;

    for (int r = 0; r < ROUNDS; r++) {
        const double start = att_clock_cpu_s();

        for (uint32_t t = 0; t < STEPS; t++)
            part(b, t);
        best = fmin(best, (att_clock_cpu_s() - start) / STEPS);
    }
    return best;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        part_fn part;
    } PART[] = {{"step", step},
                {"samples", draw},
                {"products and rectifiers", products},
                {"adam", adam},
                {"products alone", gemms}};
    enum { PARTS = sizeof PART / sizeof PART[0] };
    const bool tsv = argc > 1 && strcmp(argv[1], "--tsv") == 0;
    size_t size[] = {20, 4, 160, 2};
    double s[PARTS];
    struct bench b;

    for (int i = 0; i < 4 && i + 1 + tsv < argc; i++)
        size[i] = strtoul(argv[i + 1 + tsv], NULL, 10);
    open_bench(&b, size);
    for (size_t i = 0; i < PARTS; i++) {
        s[i] = seconds(&b, PART[i].part);
        printf(tsv ? "%s\t%.9f\n" : "%-24s %.9f s\n", PART[i].name, s[i]);
    }
    if (!tsv) {
        printf("products alone / step    %.2f\n", s[PARTS - 1] / s[0]);
        printf("speed of the step        %.1f GFLOP/s\n",
               6e-9 * BATCH * (double)att_fcn_count(&b.net.shape) / s[0]);
    }
    att_arena_destroy(b.arena);
    return 0;
}
