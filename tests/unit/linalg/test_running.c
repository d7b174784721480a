/* test_running.c - largest running sums beside plain loops, bit for bit in
 * every set. */
#include "attest/linalg/running.h"

#include <math.h>
#include <stdbool.h>

#include "attest/base/arena.h"
#include "attest/base/rng.h"
#include "attest/linalg/cpu.h"
#include "unit.h"

enum { R = ATT_RUNNING_ROWS, C = ATT_RUNNING_COLUMNS };

struct shape {
    size_t n_queries, n_keys, d;
    uint32_t stop[8];
    size_t n_stops;
};

static const struct shape SHAPES[] = {
    {1, 1, 1, {1}, 1},
    {6, 64, 3, {1, 2, 3}, 3},
    {7, 65, 40, {1, 2, 5, 17, 33}, 5}, /* ends behind the last stop */
    {13, 200, 256, {1, 64, 256}, 3},   /* whole chunks */
    {5, 130, 257, {256, 257}, 2},      /* four and one */
    {12, 64, 700, {3, 255, 256, 257, 511, 512, 513, 700}, 8},
    {3, 100, 600, {300}, 1},   /* a chunk without a stop */
    {8, 2100, 20, {2, 20}, 2}, /* many panels */
};

enum { N_SHAPES = sizeof SHAPES / sizeof SHAPES[0] };

struct made {
    struct att_arena *arena;
    const struct shape *shape;
    struct att_running k;
    struct att_running_block b;
    float *x, *y; /* [n_queries, d], [n_keys, d] */
    float *keys, *query;
};

static bool is_left_out(size_t i, size_t j)
{
    return (i + 3 * j) % 11 == 0;
}

static void leave_out(struct made *m, struct att_running_skip *skip,
                      size_t *first)
{
    size_t n = 0;

    for (size_t g = 0; g < m->b.n_groups; g++) {
        first[g] = n;
        for (size_t i = g * R; i < (g + 1) * R; i++) {
            for (size_t j = 0; j < m->shape->n_keys; j++) {
                if (is_left_out(i, j)) {
                    skip[n++] =
                        (struct att_running_skip){(uint32_t)i, (uint32_t)j};
                }
            }
        }
    }
    first[m->b.n_groups] = n;
    m->b.skip = skip;
    m->b.first = first;
}

static void draw(struct made *m)
{
    const struct att_stream s = att_stream(5, 1, 0, (uint32_t)m->shape->d);
    const size_t d = m->shape->d;

    for (size_t e = 0; e < m->shape->n_queries * d; e++) {
        m->x[e] = (float)att_stream_normal(&s, e);
        m->query[att_running_query(d, e / d) + e % d * R] = m->x[e];
    }
    for (size_t e = 0; e < m->shape->n_keys * d; e++) {
        m->y[e] = (float)att_stream_normal(&s, ((uint64_t)1 << 32) + e);
        m->keys[att_running_key(d, e / d) + e % d * C] = m->y[e];
    }
}

static void open_made(struct made *m, const struct shape *shape)
{
    const size_t n_panels = att_running_panels(shape->n_keys);
    const size_t n_groups = (shape->n_queries + R - 1) / R;

    m->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m->arena);
    m->shape = shape;
    m->x = ATT_NEW0(m->arena, float, shape->n_queries * shape->d);
    m->y = ATT_NEW0(m->arena, float, shape->n_keys * shape->d);
    m->keys = ATT_NEW0(m->arena, float, n_panels * shape->d * C);
    m->query = ATT_NEW0(m->arena, float, n_groups * shape->d * R);
    m->k = (struct att_running){m->keys, shape->n_keys, shape->d, shape->stop,
                                shape->n_stops};
    m->b = (struct att_running_block){
        .x = m->query,
        .n_groups = n_groups,
        .scratch = ATT_NEW(m->arena, float,
                           att_running_scratch(n_groups, shape->n_stops)),
        .least = ATT_NEW(m->arena, float, n_groups *R),
        .most = ATT_NEW(m->arena, float, n_groups *R * shape->n_stops)};
    CU_ASSERT_EQUAL_FATAL(att_arena_refused(m->arena), 0);
    draw(m);
    leave_out(m,
              ATT_NEW(m->arena, struct att_running_skip,
                      n_groups * R * shape->n_keys),
              ATT_NEW(m->arena, size_t, n_groups + 1));
}

/* The definition. */
static float sum_at(const struct made *m, size_t i, size_t j, size_t d)
{
    float sum = 0.0F;

    for (size_t n = 0; n < d; n++) {
        sum = fmaf(m->x[i * m->shape->d + n], m->y[j * m->shape->d + n], sum);
    }
    return sum;
}

static float most_at(const struct made *m, size_t i, size_t d)
{
    float most = -INFINITY;

    for (size_t j = 0; j < m->shape->n_keys; j++) {
        if (!is_left_out(i, j))
            most = fmaxf(most, sum_at(m, i, j, d));
    }
    return most;
}

static float least_at(const struct made *m, size_t i)
{
    float least = INFINITY;

    for (size_t j = 0; j < m->shape->n_keys; j++) {
        if (!is_left_out(i, j))
            least = fminf(least, sum_at(m, i, j, m->shape->d));
    }
    return least;
}

static void check_made(const struct made *m)
{
    const struct shape *s = m->shape;

    for (size_t i = 0; i < s->n_queries; i++) {
        for (size_t g = 0; g < s->n_stops; g++) {
            CU_ASSERT_EQUAL(m->b.most[i * s->n_stops + g],
                            most_at(m, i, s->stop[g]));
        }
        CU_ASSERT_EQUAL(m->b.least[i], least_at(m, i));
    }
}

static void largest_sums_are_those_of_plain_loops_in_every_set(void)
{
    for (size_t s = 0; s < N_SHAPES; s++) {
        struct made m = {0};

        open_made(&m, &SHAPES[s]);
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            att_running_max(&m.k, &m.b);
            check_made(&m);
        }
        CU_ASSERT_EQUAL(att_isa_pin(att_isa_best(), NULL), ATT_OK);
        att_arena_destroy(m.arena);
    }
}

static void single_sums_are_those_of_plain_loops_in_every_set(void)
{
    for (size_t s = 0; s < N_SHAPES; s++) {
        const float *y[ATT_RUNNING_CHAINS];
        float out[8 * ATT_RUNNING_CHAINS];
        struct made m = {0};

        open_made(&m, &SHAPES[s]);
        for (size_t c = 0; c < ATT_RUNNING_CHAINS; c++)
            y[c] = m.y + c % SHAPES[s].n_keys * SHAPES[s].d;
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            att_running_chains(&m.k, m.x, y, out);
            for (size_t e = 0; e < SHAPES[s].n_stops * ATT_RUNNING_CHAINS;
                 e++) {
                CU_ASSERT_EQUAL(
                    out[e],
                    sum_at(&m, 0, e % ATT_RUNNING_CHAINS % SHAPES[s].n_keys,
                           SHAPES[s].stop[e / ATT_RUNNING_CHAINS]));
            }
        }
        CU_ASSERT_EQUAL(att_isa_pin(att_isa_best(), NULL), ATT_OK);
        att_arena_destroy(m.arena);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"largest sums are those of plain loops in every set",
         largest_sums_are_those_of_plain_loops_in_every_set},
        {"single sums are those of plain loops in every set",
         single_sums_are_those_of_plain_loops_in_every_set},
        CU_TEST_INFO_NULL,
    };

    return unit_run("running", tests);
}
