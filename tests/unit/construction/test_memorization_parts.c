/* test_memorization_parts.c - steps 1 to 8 and the evaluators in small. */
#include "../../../src/construction/memorization/memorization_priv.h"

#include <math.h>

#include "unit.h"

/* ab and ba: the prefixes {a}, {a, b}, {b} make four ids, though b stands in
 * two contexts and {a, b} has two tokens. */
static void prefixes_have_ids_of_their_own(void)
{
    const double x[] = {1, 2, 2, 1};
    const int64_t label[] = {0, 1, 2, 3};
    const struct att_token_labels in = {.n = 2,
                                        .d = 1,
                                        .l = 2,
                                        .d_out = 1,
                                        .n_classes = 4,
                                        .token = x,
                                        .label = label};
    const struct mem_rules rules = {.causal = true};
    struct att_arena *arena = att_arena_create(0);
    struct mem_refusal refusal;
    struct mem_data data;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_EQUAL_FATAL(
        att_mem_ingest(&in, &rules, arena, &data, &refusal, NULL), ATT_OK);
    CU_ASSERT_EQUAL(refusal.kind, MEM_BUILT);
    CU_ASSERT_EQUAL(data.ids.n_contexts, 3);
    CU_ASSERT_EQUAL_FATAL(data.ids.n, 4);
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(data.ids.token[data.id_of[i]], data.tid[i]);
        CU_ASSERT_EQUAL(data.place[data.id_of[i]], i);
    }
    att_arena_destroy(arena);
}

/* L3 for (1, 0) and (0, 1): both 1 from 0 and sqrt(2) apart, M = d = 2. */
static bool lemma_of(const double *p)
{
    const double least = sqrt(8.0 / (acos(-1.0) * 2.0)) / 9.0;
    const double rounded = least * (1.0 - 1e-12);

    return fabs(p[0]) >= rounded && fabs(p[1]) >= rounded &&
           fabs(p[0] - p[1]) >= rounded * sqrt(2.0);
}

/* Of directions drawn without the lemma some are nearly orthogonal to a token,
 * and some to their difference. */
static void directions_keep_all_distances(void)
{
    double x[] = {1, 0, 0, 1};
    const struct att_mat vocab = att_mat_view(x, 2, 2);
    struct att_arena *arena = att_arena_create(0);
    struct att_workspace ws;
    int near_token = 0, near_pair = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    att_workspace_init(&ws, arena, 1, 2);
    for (uint32_t i = 0; i < 400; i++) {
        struct mem_draw free_draw = {.at = i}, draw = {.at = i, .lemma = true};
        struct mem_projection p;
        bool found = false;

        CU_ASSERT_EQUAL_FATAL(
            att_mem_draw(&ws, vocab, &free_draw, &p, &found, NULL), ATT_OK);
        const bool good = lemma_of(p.p);

        near_token += !good && p.low < p.gap;
        near_pair += !good && p.gap < p.low;
        CU_ASSERT_EQUAL_FATAL(att_mem_draw(&ws, vocab, &draw, &p, &found, NULL),
                              ATT_OK);
        CU_ASSERT_TRUE(found && lemma_of(p.p));
        CU_ASSERT_EQUAL(draw.tries == 1, good);
    }
    CU_ASSERT_TRUE(near_token > 10 && near_pair > 10);
    att_arena_destroy(arena);
}

static void ranges_and_sizes_are_those_of_the_numbers(void)
{
    const double x[] = {-3.0, -1.0, -7.0}, y[] = {2.0, -5.0, 4.0};

    CU_ASSERT_TRUE(att_mem_range(x, 3).lo == -7.0 &&
                   att_mem_range(x, 3).hi == -1.0);
    CU_ASSERT_EQUAL(att_mem_spread(x, 3), 6.0);
    CU_ASSERT_EQUAL(att_mem_spread(y, 3), 9.0);
    CU_ASSERT_EQUAL(att_mem_size(x, 3), 7.0);
    CU_ASSERT_EQUAL(att_mem_size(y, 3), 5.0);
    CU_ASSERT_EQUAL(att_mem_size(y, 0), 0.0);
}

/* Weights of the table must not underflow: lambda max|p| range(p) < 600. */
static void the_table_is_for_scales_that_do_not_underflow(void)
{
    const double p[] = {-1.0, 2.0};
    const struct mem_ids ids = {.n_tokens = 2, .n_pairs = 4};
    struct mem_query q = {&ids, p, 99.0};

    CU_ASSERT_TRUE(att_mem_table_fits(&q));
    q.lambda = -101.0;
    CU_ASSERT_FALSE(att_mem_table_fits(&q));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"prefixes have ids of their own", prefixes_have_ids_of_their_own},
        {"directions keep all distances", directions_keep_all_distances},
        {"ranges and sizes are those of the numbers",
         ranges_and_sizes_are_those_of_the_numbers},
        {"the table is for scales that do not underflow",
         the_table_is_for_scales_that_do_not_underflow},
        CU_TEST_INFO_NULL,
    };

    return unit_run("memorization parts", tests);
}
