/* averaging_case.h - tasks of sparse averaging for unit tests. */
#pragma once

#include "../../../src/construction/averaging/averaging_pass_priv.h"

#include <stdlib.h>
#include <string.h>

#include "one_task.h"
#include "unit.h"

static const double VALUES[64] = {0.5, -1.0, 0.25}; /* of every instance here */
static struct att_arena *arena;
static struct att_workspace ws;

static inline int begin(void)
{
    arena = att_arena_create(0);
    if (arena == NULL)
        return 1;
    att_workspace_init(&ws, arena, 11, 12);
    return 0;
}

static inline int end(void)
{
    att_arena_destroy(arena);
    return 0;
}

static inline bool near(double x, double y, double relative)
{
    return fabs(x - y) <= relative * fabs(y);
}

static inline struct att_nested grid_of(size_t d)
{
    struct att_nested g = {ATT_NEW(arena, uint32_t, 1), ATT_NEW(arena, bool, 1),
                           1};

    g.d[0] = (uint32_t)d;
    g.asked[0] = true;
    return g;
}

/* A task over given sets with keys that the caller sets. */
static inline struct avg_task task_of(const struct att_averaging *a, size_t d,
                                      double eps)
{
    return (struct avg_task){
        .instance = a,
        .kind = AVG_SIGN,
        .dual = AVG_LS,
        .unit = {.alpha = att_avg_alpha((double)a->L, eps)},
        .eps = eps,
        .grid = grid_of(d)};
}

static inline int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Token i asks for i, i + 7, ... of L <= 64, q <= 4 of them. */
static inline const struct att_averaging *some_sets(size_t L, size_t q)
{
    static uint32_t y[64 * 4];
    static struct att_averaging a;

    for (size_t i = 0; i < L; i++) {
        for (size_t k = 0; k < q; k++)
            y[i * q + k] = (uint32_t)((i + k * 7) % L);
        qsort(y + i * q, q, sizeof *y, by_number);
    }
    a = (struct att_averaging){.L = L,
                               .q = q,
                               .dv = 1,
                               .samples = 1,
                               .n_sets = L,
                               .y = y,
                               .z = VALUES};
    return &a;
}

/* Signs of n keys, sample `step`. */
static inline void draw_keys(const struct avg_task *task, size_t n,
                             uint32_t step, struct avg_keys *keys)
{
    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_draw(&ws, &(struct avg_key_spec){AVG_SIGN, n, task->grid},
                          step, keys, NULL),
        ATT_OK);
}

/* One set of sample 0 by plain products; an error of 2 without a dual vector. */
static inline struct avg_scores plain(const struct avg_task *task,
                                      struct avg_keys *keys, size_t set,
                                      double *w)
{
    const struct att_averaging *a = task->instance;
    double s[64];
    struct avg_one one = {.set = set, .s = s, .w = w};

    CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, task, keys, &one, NULL), ATT_OK);
    if (!one.solved)
        return (struct avg_scores){.off_max = 9.0, .err = 2.0};
    return att_avg_measure(s, a->L, a->y + set * a->q, a->q, &task->unit, a);
}
