/* test_matching_heads.c - the reduction from disjointness, and messages that
 * repeat. */
#include "../../../src/construction/matching/matching_heads_priv.h"

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

/* Every pair of sets up to n = 5: token 0 has partners when they meet. */
static void token_0_matches_when_the_sets_meet(void)
{
    for (size_t n = 1; n <= 5; n++) {
        const uint32_t all = UINT32_C(1) << n;

        for (uint32_t a = 0; a < all; a++) {
            for (uint32_t b = 0; b < all; b++) {
                uint64_t x[11];
                uint8_t truth[11];
                const struct att_match_input in =
                    att_disjointness_code(n, a, b, x);

                CU_ASSERT_EQUAL(in.n, 2 * n + 1);
                CU_ASSERT_EQUAL(in.M, in.n + 4);
                CU_ASSERT_EQUAL(att_match3_truth(&in, truth, arena, NULL),
                                ATT_OK);
                CU_ASSERT_EQUAL(truth[0], (a & b) != 0);
            }
        }
    }
}

/* Heads without scores whose values are powers of two: with enough bits each
 * set has a sum of its own. */
static struct match_heads binary_heads(double *number, size_t n, int bits)
{
    for (size_t j = 0; j <= n; j++) {
        double *at = number + MATCH_HEAD_NUMBERS * j;

        at[0] = at[1] = at[2] = 0.0;
        at[3] = j == 0 ? 0.0 : (double)(UINT32_C(1) << (j - 1));
    }
    return (struct match_heads){
        .n = n, .n_heads = 1, .bits = bits, .number = number};
}

static void enough_bits_tell_all_sets_apart(void)
{
    double number[MATCH_HEAD_NUMBERS * 6];
    struct match_census census;
    int32_t code[2];

    /* 0 .. 31 in steps of 1: 6 bits over [-32, 32) */
    struct match_heads heads = binary_heads(number, 5, 6);

    att_match_message(&heads, 19, code);
    CU_ASSERT_EQUAL(code[0], 32 + 19);
    CU_ASSERT_EQUAL(code[1], (int32_t)((log(6.0) + 8.0) * 4.0));
    CU_ASSERT_EQUAL(att_match_census(&heads, arena, &census, NULL), ATT_OK);
    CU_ASSERT_EQUAL(census.distinct, 32);
    CU_ASSERT_EQUAL(census.collisions, 0);
    CU_ASSERT_EQUAL(census.a, census.other);
}

static void too_few_bits_make_sets_look_alike(void)
{
    double number[MATCH_HEAD_NUMBERS * 6];
    struct match_census census;
    int32_t code[2][2];

    /* steps of 4: the elements 1 and 2 are lost */
    const struct match_heads heads = binary_heads(number, 5, 4);

    CU_ASSERT_EQUAL(att_match_census(&heads, arena, &census, NULL), ATT_OK);
    CU_ASSERT_EQUAL(census.distinct, 8);
    CU_ASSERT_EQUAL(census.collisions, 24);
    CU_ASSERT_EQUAL(census.separated, 24);
    CU_ASSERT_NOT_EQUAL(census.a, census.other);
    att_match_message(&heads, census.a, code[0]);
    att_match_message(&heads, census.other, code[1]);
    CU_ASSERT_EQUAL(code[0][0], code[1][0]);
    CU_ASSERT_EQUAL(code[0][1], code[1][1]);
}

static void the_least_difference_is_one_element(void)
{
    CU_ASSERT_EQUAL(att_match_difference(0x0c, 0x04), 0x08);
    CU_ASSERT_EQUAL(att_match_difference(0x01, 0x0e), 0x01);
    CU_ASSERT_EQUAL(att_match_difference(5, 5), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"token 0 matches when the sets meet",
         token_0_matches_when_the_sets_meet},
        {"enough bits tell all sets apart", enough_bits_tell_all_sets_apart},
        {"too few bits make sets look alike",
         too_few_bits_make_sets_look_alike},
        {"the least difference is one element",
         the_least_difference_is_one_element},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("matching_heads", begin, end, tests);
}
