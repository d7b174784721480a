/* test_matching.c - the vectors of matching, and every path against another. */
#include "../../../src/construction/matching/matching_priv.h"

#include "unit.h"

static struct att_arena *arena;

static int begin(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int end(void)
{
    att_arena_destroy(arena);
    return 0;
}

static struct match_unit unit_of(const uint64_t *x, size_t n, uint64_t M,
                                 int order)
{
    struct match_unit u = {.x = x, .n = n, .M = M, .gap = att_match_gap(M)};

    u.c = att_match_scale(n, order, u.gap);
    return u;
}

static void match2_gives_t5(void)
{
    static const struct {
        uint64_t M, x[5];
        size_t n;
        double out[5];
    } v[] = {
        {7,
         {1, 6, 2, 3, 0},
         5,
         {.9524940619, .9526066354, .0476191767, .0476191767, .9526066352}},
        {101,
         {40, 62, 40, 62},
         4,
         {.111111111, .111111111, .111111111, .111111111}},
        {101,
         {40, 62, 40, 61},
         4,
         {.9413919414, .1111111111, .9413919414, .9696969697}},
    };
    struct att_arithmetic f64;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("f64", &f64, NULL), ATT_OK);
    for (size_t i = 0; i < 3; i++) {
        const struct match_unit u = unit_of(v[i].x, v[i].n, v[i].M, 2);
        double naive[5];
        double hist[5];

        if (i == 0) {
            CU_ASSERT_DOUBLE_EQUAL(u.gap, .37651019814126646, 1e-15);
            CU_ASSERT_DOUBLE_EQUAL(u.c, 15.913153419711588, 1e-13);
        }
        CU_ASSERT_EQUAL(att_match2_naive(&u, &f64, naive, arena, NULL), ATT_OK);
        CU_ASSERT_EQUAL(att_match2_hist(&u, hist, arena, NULL), ATT_OK);
        for (size_t k = 0; k < v[i].n; k++) {
            CU_ASSERT_DOUBLE_EQUAL(naive[k], v[i].out[k], 2e-10);
            CU_ASSERT_DOUBLE_EQUAL(hist[k], v[i].out[k], 2e-10);
        }
    }
}

typedef att_status (*path_fn)(const struct match_unit *, double *,
                              struct att_arena *, struct att_error *);
static const path_fn PATHS[] = {att_match3_naive, att_match3_stream,
                                att_match3_hist, att_match3_sparse,
                                att_match3_bessel};

static void match3_gives_t6_on_every_path(void)
{
    static const uint64_t a[] = {1, 4, 6, 2};
    static const uint64_t b[] = {1, 1, 11, 5};
    static const uint64_t none[] = {1, 2, 3, 4};
    static const double want_a[] = {.9922480620, .9922527539, .9922508778,
                                    .0724637681};
    static const double want_b[] = {.99610894942, .99610894942, .99610942249,
                                    .01538461539};
    const struct match_unit ua = unit_of(a, 4, 11, 3);
    const struct match_unit ub = unit_of(b, 4, 13, 3);
    const struct match_unit un = unit_of(none, 4, 13, 3);

    CU_ASSERT_DOUBLE_EQUAL(ua.c, 52.39654346369687, 1e-12);
    for (size_t p = 0; p < sizeof PATHS / sizeof PATHS[0]; p++) {
        double out[4];

        CU_ASSERT_EQUAL(PATHS[p](&ua, out, arena, NULL), ATT_OK);
        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_DOUBLE_EQUAL(out[k], want_a[k], 2e-10);
        CU_ASSERT_EQUAL(PATHS[p](&ub, out, arena, NULL), ATT_OK);
        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_DOUBLE_EQUAL(out[k], want_b[k], 2e-10);
        CU_ASSERT_EQUAL(PATHS[p](&un, out, arena, NULL), ATT_OK);
        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_TRUE(out[k] < .0154);
    }
}

static void paths_agree_on_random_inputs(void)
{
    static const uint64_t M[] = {2, 3, 4, 6, 37, 64, 97, 1009};
    uint64_t x[40];
    const struct att_stream s = att_stream(5, 1, 2, 3);

    for (size_t m = 0; m < sizeof M / sizeof M[0]; m++) {
        double want[40];

        for (size_t i = 0; i < 40; i++)
            x[i] = att_stream_word(&s, 40 * m + i) % M[m];
        const struct match_unit u = unit_of(x, 40, M[m], 3);

        CU_ASSERT_EQUAL(att_match3_naive(&u, want, arena, NULL), ATT_OK);
        for (size_t p = 1; p < sizeof PATHS / sizeof PATHS[0]; p++) {
            /* roundings of a logit of size c; bessel sums 9 sqrt(c) terms */
            const double room =
                p == 4 ? 1e-6 : fmax(1e-11, 16.0 * u.c * 0x1p-53);
            double out[40];

            CU_ASSERT_EQUAL(PATHS[p](&u, out, arena, NULL), ATT_OK);
            for (size_t i = 0; i < 40; i++)
                CU_ASSERT_DOUBLE_EQUAL(out[i], want[i], room);
        }
    }
}

static void truths_are_those_of_every_pair_and_triple(void)
{
    uint64_t x[12];
    const struct att_stream s = att_stream(7, 1, 2, 3);

    for (uint64_t M = 2; M < 90; M++) {
        uint8_t two[12];
        uint8_t three[12];

        for (size_t i = 0; i < 12; i++)
            x[i] = att_stream_word(&s, 12 * M + i) % M;
        CU_ASSERT_EQUAL(att_match2_truth(x, 12, M, two, arena, NULL), ATT_OK);
        CU_ASSERT_EQUAL(att_match3_truth(x, 12, M, three, arena, NULL), ATT_OK);
        for (size_t i = 0; i < 12; i++) {
            int pair = 0;
            int triple = 0;

            for (size_t a = 0; a < 12; a++) {
                pair |= (x[i] + x[a]) % M == 0;
                for (size_t b = 0; b < 12; b++)
                    triple |= (x[i] + x[a] + x[b]) % M == 0;
            }
            CU_ASSERT_EQUAL(two[i], pair);
            CU_ASSERT_EQUAL(three[i], triple);
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"Match2 gives T5", match2_gives_t5},
        {"Match3 gives T6 on every path", match3_gives_t6_on_every_path},
        {"paths agree on random inputs", paths_agree_on_random_inputs},
        {"truths are those of every pair and triple",
         truths_are_those_of_every_pair_and_triple},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("matching", begin, end, tests);
}
