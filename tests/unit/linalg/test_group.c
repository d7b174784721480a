/* test_group.c - sums of permuted tables, the same bits in every set. */
#include "attest/linalg/group.h"

#include <math.h>

#include "attest/base/rng.h"
#include "attest/linalg/cpu.h"
#include "attest/linalg/matrix.h"
#include "unit.h"

enum { N = 256, TERMS = 5 };

struct table {
    struct att_arena *arena;
    float *h, *sign, *row;
    uint32_t at[TERMS];
    float coef[TERMS];
    struct att_group group;
    struct att_terms terms;
};

static void table_open(struct table *t, uint64_t seed)
{
    const struct att_stream s = att_stream(seed, 1, 0, 0);

    t->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->arena);
    t->h = ATT_NEW(t->arena, float, N);
    t->sign = ATT_NEW(t->arena, float, N);
    t->row = ATT_NEW(t->arena, float, N);
    for (size_t j = 0; j < N; j++) {
        t->h[j] = (float)att_stream_normal(&s, j);
        t->sign[j] = att_stream_word(&s, N + j) % 2 == 0 ? 1.0F : -1.0F;
    }
    for (size_t q = 0; q < TERMS; q++) {
        t->at[q] = att_stream_below(&s, 4 * N + q, N);
        t->coef[q] = (float)att_stream_normal(&s, 6 * N + q);
    }
    t->group = (struct att_group){t->h, N, t->sign};
    t->terms = (struct att_terms){t->at, t->coef, TERMS};
}

static void rows_are_sums_of_permuted_tables(void)
{
    struct table t;

    table_open(&t, 1);
    att_xor_row(&t.group, &t.terms, 3, 100, t.row);
    for (size_t c = 0; c < 100; c++) {
        double sum = 0;

        for (size_t q = 0; q < TERMS; q++)
            sum += (double)t.coef[q] * (double)t.h[t.at[q] ^ (c + 3)];
        /* TERMS roundings of numbers below 16. */
        CU_ASSERT_DOUBLE_EQUAL(t.row[c], sum * (double)t.sign[c + 3],
                               16 * TERMS * 0x1p-24);
    }
    att_arena_destroy(t.arena);
}

static float largest_of_row(struct table *t, size_t first, size_t count)
{
    float best = -INFINITY;

    att_xor_row(&t->group, &t->terms, first, count, t->row);
    for (size_t c = 0; c < count; c++)
        best = fmaxf(best, t->row[c]);
    return best;
}

static void rows_have_the_same_bits_in_every_set(void)
{
    static const size_t range[][2] = {{0, N}, {64, 128}, {192, 64}};

    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct table t;
        float one[N];

        table_open(&t, seed);
        t.group.sign = seed % 2 == 0 ? NULL : t.sign;
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            for (size_t k = 0; k < 3; k++) {
                att_xor_row(&t.group, &t.terms, range[k][0], range[k][1],
                            t.row);
                for (size_t c = 0; c < range[k][1]; c++) {
                    /* one column is always the plain loop's */
                    att_xor_row(&t.group, &t.terms, range[k][0] + c, 1, one);
                    CU_ASSERT_EQUAL(t.row[c], one[0]);
                }
            }
        }
        CU_ASSERT_EQUAL(att_isa_pin(att_isa_best(), NULL), ATT_OK);
        att_arena_destroy(t.arena);
    }
}

static void maxima_have_the_same_bits_in_every_set(void)
{
    static const size_t range[][2] = {{0, N}, {64, 128}, {192, 64}, {5, 77}};

    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct table t;

        table_open(&t, seed);
        t.group.sign = seed % 2 == 0 ? NULL : t.sign;
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            CU_ASSERT_EQUAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            for (size_t r = 0; r < sizeof range / sizeof range[0]; r++) {
                const float best = largest_of_row(&t, range[r][0], range[r][1]);

                CU_ASSERT_EQUAL(
                    att_xor_max(&t.group, &t.terms, range[r][0], range[r][1]),
                    best);
            }
        }
        att_arena_destroy(t.arena);
    }
}

/* Tables smaller than a block of the kernels, as large as one, and twice. */
static void small_tables_work_too(void)
{
    for (size_t n = 1; n <= 128; n *= 2) {
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            struct table t;
            float best = -INFINITY;

            CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            table_open(&t, 7);
            t.group.n = n;
            for (size_t q = 0; q < TERMS; q++)
                t.at[q] %= (uint32_t)n;
            for (size_t j = 0; j < n; j++) {
                float sum = 0.0F;

                for (size_t q = 0; q < TERMS; q++)
                    sum = fmaf(t.coef[q], t.h[t.at[q] ^ j], sum);
                best = fmaxf(best, sum * t.sign[j]);
            }
            CU_ASSERT_EQUAL(att_xor_max(&t.group, &t.terms, 0, n), best);
            CU_ASSERT_EQUAL(largest_of_row(&t, 0, n), best);
            att_arena_destroy(t.arena);
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"rows are sums of permuted tables", rows_are_sums_of_permuted_tables},
        {"rows have the same bits in every set",
         rows_have_the_same_bits_in_every_set},
        {"maxima have the same bits in every set",
         maxima_have_the_same_bits_in_every_set},
        {"small tables work too", small_tables_work_too},
        CU_TEST_INFO_NULL,
    };

    return unit_run("group", tests);
}
