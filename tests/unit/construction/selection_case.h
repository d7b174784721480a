/* selection_case.h - steps of token selection for unit tests. */
#pragma once

#include "../../../src/construction/selection/selection_population_priv.h"

#include <string.h>

#include "unit.h"

static inline struct sel_law law_of_tv8(void)
{
    return (struct sel_law){
        .task = {.L = 20, .d = 5, .q = 3, .samples = 4, .seed = 1},
        .pe = SEL_SPE,
        .query = SEL_DUAL,
        .de = 64,
        .seed = 1};
}

static inline struct att_arena *arena(void)
{
    struct att_arena *a = att_arena_create(0);

    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    return a;
}

static inline struct sel_batch batch_of(const struct sel_law *law, size_t n,
                                        struct att_arena *a)
{
    struct sel_batch batch;

    CU_ASSERT_EQUAL_FATAL(
        att_sel_batch_new(law, n, law->task.L, a, &batch, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_sel_batch_draw(law, 0, 0, &batch, NULL), ATT_OK);
    return batch;
}

/* A step of one arithmetic and its room. */
struct bench {
    struct att_arena *arena;
    struct sel_law law;
    struct sel_batch batch;
    struct sel_step x;
};

static inline void bench_open(struct bench *k, const struct sel_law *law,
                              size_t n, enum sel_model model)
{
    const size_t d = law->task.d, de = law->de;
    const bool out = att_sel_is_out(model);

    *k = (struct bench){.arena = arena(), .law = *law};
    k->batch = batch_of(&k->law, n, k->arena);
    k->x = (struct sel_step){.law = &k->law, .batch = &k->batch, .norms = true};
    k->x.posonly = model == SEL_POSONLY;
    k->x.at.V = att_mat_new(k->arena, out ? 1 : d, out ? 1 : d + de);
    k->x.at.W = att_mat_new(k->arena, out ? de : d + de, de);
    k->x.gradient.V = att_mat_new(k->arena, k->x.at.V.rows, k->x.at.V.cols);
    k->x.gradient.W = att_mat_new(k->arena, k->x.at.W.rows, k->x.at.W.cols);
    CU_ASSERT_EQUAL_FATAL(
        att_sel_work_new(&k->law, &k->batch, model, k->arena, &k->x.work, NULL),
        ATT_OK);
}

/* V = alpha [I 0] or alpha, C = gamma I. */
static inline void set_truth(struct bench *k, double alpha, double gamma)
{
    const size_t first = k->x.at.W.rows - k->law.de;

    for (size_t a = 0; a < k->x.at.V.rows; a++)
        att_mat_row(k->x.at.V, a)[a] = alpha;
    for (size_t j = 0; j < k->law.de; j++)
        att_mat_row(k->x.at.W, first + j)[j] = gamma;
}

/* V = v normals(INIT, step 0), W = w normals(INIT, step 1). */
static inline void set_random(struct bench *k, double v, double w)
{
    const struct att_stream sv = att_stream(3, ATT_SEL_TAG_INIT, 0, 0);
    const struct att_stream sw = att_stream(3, ATT_SEL_TAG_INIT, 1, 0);
    const struct att_mat V = k->x.at.V, W = k->x.at.W;

    att_stream_normals(&sv, 0, V.rows * V.cols, V.data);
    att_stream_normals(&sw, 0, W.rows * W.cols, W.data);
    for (size_t i = 0; i < V.rows * V.cols; i++)
        V.data[i] *= v;
    for (size_t i = 0; i < W.rows * W.cols; i++)
        W.data[i] *= w;
}

typedef struct sel_loss step_fn(struct sel_step *x);

/* Central differences with h = 1e-5 at entry i of m, against what stood in the
 * gradient. */
static inline void check_entry(struct bench *k, step_fn *step, struct att_mat m,
                               size_t i, double gradient, double scale)
{
    const double h = 1e-5, x = m.data[i];

    m.data[i] = x + h;
    const double up = step(&k->x).loss;

    m.data[i] = x - h;
    const double down = step(&k->x).loss;

    m.data[i] = x;
    /* h^2 of the third derivative and ulp / h of the difference: both below
     * 1e-8 of the largest entry here */
    CU_ASSERT_DOUBLE_EQUAL((up - down) / (2.0 * h), gradient, 1e-7 * scale);
}

static inline void check_gradient(struct bench *k, step_fn *step,
                                  struct att_mat at, struct att_mat gradient,
                                  double by)
{
    const size_t n = at.rows * at.cols;
    double copy[64];
    double scale = 0.0;

    CU_ASSERT_TRUE_FATAL(n > 0);
    if (n == 0)
        return;
    (void)step(&k->x);
    for (size_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(gradient.data[i]));
    CU_ASSERT_TRUE(scale > 0.0);
    for (size_t j = 0; j < 64; j++)
        copy[j] = gradient.data[j * 977 % n];
    for (size_t j = 0; j < 64; j++)
        check_entry(k, step, at, j * 977 % n, copy[j] * by, scale * by);
}

/* Both gradients of one step of `batch` samples, from random weights. */
static inline void check_gradients(const struct sel_law *law, size_t batch,
                                   enum sel_model model, step_fn *step,
                                   double by_V)
{
    struct bench k;

    bench_open(&k, law, batch, model);
    set_random(&k, 0.5, 0.3);
    check_gradient(&k, step, k.x.at.V, k.x.gradient.V, by_V);
    check_gradient(&k, step, k.x.at.W, k.x.gradient.W, 1.0);
    att_arena_destroy(k.arena);
}

/* The same laws with the query as a key (1), with sets of any size (2), with
 * tokens that correlate (4). */
static inline struct sel_law variant(int i)
{
    struct sel_law law = law_of_tv8();

    law.query_key = (i & 1) != 0;
    law.any_size = (i & 2) != 0;
    law.task.data = (i & 4) != 0 ? ATT_SELECTION_AR1 : ATT_SELECTION_GAUSS;
    law.task.rho = 0.7;
    return law;
}
