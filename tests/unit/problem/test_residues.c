/* test_residues.c - truths of matching are those of every pair and triple, and
 * its inputs are what their names say. */
#include "attest/problem/matching.h"

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

enum { N = 12, K = 2 };

/* What the definitions say of token i, by looking at everything. */
struct literal {
    bool pair, other, triple, local, bigram, quadruple;
};

static bool is_near(size_t i, size_t j)
{
    return (i > j ? i - j : j - i) <= K;
}

static struct literal look(const uint64_t *x, size_t i, uint64_t M)
{
    struct literal t = {0};

    for (size_t a = 0; a < N; a++) {
        const bool pair = (x[i] + x[a]) % M == 0;

        t.pair = t.pair || pair;
        t.other = t.other || (pair && a != i);
        for (size_t b = 0; b < N; b++) {
            const bool triple = (x[i] + x[a] + x[b]) % M == 0;

            t.triple = t.triple || triple;
            t.local = t.local || (triple && is_near(i, a) && is_near(i, b));
            t.bigram = t.bigram || (triple && b == a + 1);
            for (size_t c = 0; c < N; c++) {
                t.quadruple =
                    t.quadruple || (x[i] + x[a] + x[b] + x[c]) % M == 0;
            }
        }
    }
    return t;
}

static void compare(const uint64_t *x, uint64_t M)
{
    const struct att_match_input in = {x, N, M};
    uint8_t pair[N], other[N], triple[N], local[N], bigram[N], any[3][N];

    CU_ASSERT_EQUAL(att_match2_truth(&in, false, pair, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match2_truth(&in, true, other, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match3_truth(&in, triple, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match_truth(&in, 2, any[0], arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match_truth(&in, 3, any[1], arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match_truth(&in, 4, any[2], arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match3_local_truth(&in, K, local, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match3_bigram_truth(&in, bigram, arena, NULL), ATT_OK);
    for (size_t i = 0; i < N; i++) {
        const struct literal t = look(x, i, M);

        CU_ASSERT_EQUAL(pair[i], t.pair);
        CU_ASSERT_EQUAL(other[i], t.other);
        CU_ASSERT_EQUAL(triple[i], t.triple);
        CU_ASSERT_EQUAL(any[0][i], t.pair);
        CU_ASSERT_EQUAL(any[1][i], t.triple);
        CU_ASSERT_EQUAL(any[2][i], t.quadruple);
        CU_ASSERT_EQUAL(local[i], t.local);
        CU_ASSERT_EQUAL(bigram[i], t.bigram);
    }
}

static void truths_are_those_of_every_pair_and_triple(void)
{
    const struct att_stream s = att_stream(7, 1, 2, 3);

    for (uint64_t M = 1; M < 90; M++) {
        uint64_t x[N];

        for (size_t i = 0; i < N; i++)
            x[i] = att_stream_word(&s, N * M + i) % M;
        compare(x, M);
    }
}

/* Multiplying by a unit of Z_M keeps every truth. */
static void truths_are_kept_by_units(void)
{
    const struct att_stream s = att_stream(11, 1, 2, 3);

    for (uint64_t g = 1; g < 35; g++) {
        uint64_t x[N], y[N];
        uint8_t a[N], b[N];
        const struct att_match_input at = {x, N, 36};
        const struct att_match_input to = {y, N, 36};

        if (g % 2 == 0 || g % 3 == 0)
            continue;
        for (size_t i = 0; i < N; i++) {
            x[i] = att_stream_word(&s, i) % 36;
            y[i] = g * x[i] % 36;
        }
        CU_ASSERT_EQUAL(att_match3_truth(&at, a, arena, NULL), ATT_OK);
        CU_ASSERT_EQUAL(att_match3_truth(&to, b, arena, NULL), ATT_OK);
        for (size_t i = 0; i < N; i++)
            CU_ASSERT_EQUAL(a[i], b[i]);
    }
}

/* Few residues, many tokens: sums are counted instead of sought. */
static void long_inputs_have_the_truth_of_short_ones(void)
{
    enum { LONG = 60000 };
    static uint64_t x[LONG];
    static uint8_t truth[LONG];
    const struct att_match_input all = {x, LONG, 19};
    const struct att_match_input few = {x, N, 19};
    uint8_t want[N];

    for (size_t i = 0; i < LONG; i++)
        x[i] = i % N == 0 ? 2 : 5 + i % N % 3; /* 2, 5, 6, 7 */
    CU_ASSERT_EQUAL(att_match3_truth(&all, truth, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_match3_truth(&few, want, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL(want[0], 0); /* 17 is no sum of two of them */
    CU_ASSERT_EQUAL(want[1], 1); /* 6 + 6 + 7 */
    for (size_t i = 0; i < LONG; i++)
        CU_ASSERT_EQUAL(truth[i], want[i % N]);
}

static const struct att_matching *draw(const char *data, int64_t L, int64_t M,
                                       int64_t samples)
{
    const struct att_value p[ATT_MATCH_PARAMS] = {
        [ATT_MATCH_L] = att_int(L),
        [ATT_MATCH_M] = att_int(M),
        [ATT_MATCH_SAMPLES] = att_int(samples),
        [ATT_MATCH_DATA] = att_text(data),
    };
    struct att_workspace ws;
    void *instance = NULL;

    att_workspace_init(&ws, arena, 17, 18);
    CU_ASSERT_EQUAL_FATAL(
        att_problem_matching.generate(&ws, p, &instance, NULL), ATT_OK);
    return instance;
}

static size_t count_pairs(const struct att_matching *a, size_t sample)
{
    const struct att_match_input in = {a->x + sample * a->L, a->L, a->M};
    uint8_t truth[64];
    size_t n = 0;

    CU_ASSERT_EQUAL_FATAL(att_match2_truth(&in, false, truth, arena, NULL),
                          ATT_OK);
    for (size_t i = 0; i < a->L; i++)
        n += truth[i];
    return n;
}

/* random, near, planted, zero, one, none2 in turn, and over again. */
static void mixtures_ask_every_family_in_turn(void)
{
    const struct att_matching *a = draw("mixed2", 32, 1009, 12);

    for (size_t k = 0; k < 12; k += 6) {
        CU_ASSERT_EQUAL(count_pairs(a, k + 1), 0);
        CU_ASSERT_TRUE(count_pairs(a, k + 2) >= 2);
        CU_ASSERT_EQUAL(count_pairs(a, k + 3), 32);
        CU_ASSERT_EQUAL(count_pairs(a, k + 4), 0);
        CU_ASSERT_EQUAL(count_pairs(a, k + 5), 0);
        for (size_t i = 0; i < 32; i++) {
            CU_ASSERT_EQUAL(a->x[(k + 3) * 32 + i], 0);
            CU_ASSERT_EQUAL(a->x[(k + 4) * 32 + i], 1);
        }
    }
}

static void longer_inputs_extend_shorter_ones(void)
{
    const struct att_matching *few = draw("random", 8, 1009, 1);
    const struct att_matching *more = draw("random", 20, 1009, 3);

    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(few->x[i], more->x[i]);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"truths are those of every pair and triple",
         truths_are_those_of_every_pair_and_triple},
        {"truths are kept by units", truths_are_kept_by_units},
        {"long inputs have the truth of short ones",
         long_inputs_have_the_truth_of_short_ones},
        {"mixtures ask every family in turn",
         mixtures_ask_every_family_in_turn},
        {"longer inputs extend shorter ones",
         longer_inputs_extend_shorter_ones},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("residues", begin, end, tests);
}
