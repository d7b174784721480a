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
        struct match_unit u =
            att_match_unit((struct att_match_input){v[i].x, v[i].n, v[i].M}, 2);
        double naive[5];
        double hist[5];

        if (i == 0) {
            CU_ASSERT_DOUBLE_EQUAL(u.gap, .37651019814126646, 1e-15);
            CU_ASSERT_DOUBLE_EQUAL(u.c, 15.913153419711588, 1e-13);
        }
        u.arithmetic = &f64;
        CU_ASSERT_EQUAL(att_match_run(&u, MATCH_NAIVE, naive, arena, NULL),
                        ATT_OK);
        CU_ASSERT_EQUAL(att_match_run(&u, MATCH_HIST, hist, arena, NULL),
                        ATT_OK);
        for (size_t k = 0; k < v[i].n; k++) {
            CU_ASSERT_DOUBLE_EQUAL(naive[k], v[i].out[k], 2e-10);
            CU_ASSERT_DOUBLE_EQUAL(hist[k], v[i].out[k], 2e-10);
        }
    }
}

static att_status run(const struct match_unit *u, int path, double *out)
{
    return att_match_run(u, (enum match_path)path, out, arena, NULL);
}

static void match3_gives_t6_on_every_path(void)
{
    static const uint64_t a[] = {1, 4, 6, 2};
    static const uint64_t b[] = {1, 1, 11, 5};
    static const uint64_t none[] = {1, 2, 3, 4};
    static const double want_a[] = {.9922480620, .9922527539, .9922508778,
                                    .0724637681};
    static const double want_b[] = {.99610894942, .99610894942, .99610942249,
                                    .01538461539};
    const struct match_unit ua =
        att_match_unit((struct att_match_input){a, 4, 11}, 3);
    const struct match_unit ub =
        att_match_unit((struct att_match_input){b, 4, 13}, 3);
    const struct match_unit un =
        att_match_unit((struct att_match_input){none, 4, 13}, 3);

    CU_ASSERT_DOUBLE_EQUAL(ua.c, 52.39654346369687, 1e-12);
    for (int p = 0; p < MATCH_PATHS; p++) {
        double out[4];

        CU_ASSERT_EQUAL(run(&ua, p, out), ATT_OK);
        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_DOUBLE_EQUAL(out[k], want_a[k], 2e-10);
        CU_ASSERT_EQUAL(run(&ub, p, out), ATT_OK);
        for (size_t k = 0; k < 4; k++)
            CU_ASSERT_DOUBLE_EQUAL(out[k], want_b[k], 2e-10);
        CU_ASSERT_EQUAL(run(&un, p, out), ATT_OK);
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
        const struct match_unit u =
            att_match_unit((struct att_match_input){x, 40, M[m]}, 3);

        CU_ASSERT_EQUAL(run(&u, MATCH_NAIVE, want), ATT_OK);
        for (int p = 1; p < MATCH_PATHS; p++) {
            /* roundings of a logit of size c; bessel sums 9 sqrt(c) terms */
            const double room =
                p == MATCH_BESSEL ? 1e-6 : att_match_rounding(u.c, 40.0, 0.25);
            double out[40];

            CU_ASSERT_EQUAL(run(&u, p, out), ATT_OK);
            for (size_t i = 0; i < 40; i++)
                CU_ASSERT_DOUBLE_EQUAL(out[i], want[i], room);
        }
    }
}

/* Pairs: the literal unit in f64 beside counted residues, with and without
 * harmonics, with and without a token as its own partner. */
static void pairs_agree_with_and_without_themselves(void)
{
    static const uint32_t h[5] = {3, 17, 40, 88, 61};
    const struct att_stream s = att_stream(6, 1, 2, 3);
    struct att_arithmetic f64;
    uint64_t x[40];

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("f64", &f64, NULL), ATT_OK);
    for (size_t i = 0; i < 40; i++)
        x[i] = att_stream_below(&s, i, 101);
    for (int k = 0; k < 4; k++) {
        struct match_unit u =
            att_match_unit((struct att_match_input){x, 40, 101}, 2);
        double naive[40];
        double hist[40];

        u.arithmetic = &f64;
        u.others = k % 2 == 1;
        if (k >= 2) {
            u.h = h;
            u.R = 5;
            u.gap = att_match_gap_harmonics(h, 5, 101);
            u.c = att_match_scale(40, 2, u.gap);
        }
        CU_ASSERT_EQUAL(run(&u, MATCH_NAIVE, naive), ATT_OK);
        CU_ASSERT_EQUAL(run(&u, MATCH_HIST, hist), ATT_OK);
        for (size_t i = 0; i < 40; i++)
            CU_ASSERT_DOUBLE_EQUAL(hist[i], naive[i], 1e-11);
    }
}

/* Random residues below M, or so small that no three sum to 0 (a single pair
 * counted wrongly is then seen); half of them 1, or not. */
static void put_residues(uint64_t *x, size_t n, uint64_t M, int kind)
{
    const struct att_stream s = att_stream(9, 1, 2, 3);
    const uint64_t most = kind < 2 || M < 10 ? M : M / 3 - 1;

    for (size_t i = 0; i < n; i++) {
        x[i] = 1 + att_stream_word(&s, i) % most;
        x[i] = kind % 2 == 0 && i % 2 == 0 ? 1 : x[i] % M;
    }
}

/* Every way to convolve: few residues, floats, integers (counts too large for
 * floats to be exact). */
static void histograms_agree_with_sorted_residues(void)
{
    enum { N = 6000 };
    static const uint64_t M[] = {2, 97, 5003, 20011, 40009};
    static uint64_t x[N];
    static double want[N], got[N];

    for (size_t m = 0; m < 4 * (sizeof M / sizeof M[0]); m++) {
        put_residues(x, N, M[m / 4], (int)(m % 4));
        struct match_unit u =
            att_match_unit((struct att_match_input){x, N, M[m / 4]}, 3);

        u.from = N - 20;
        CU_ASSERT_EQUAL(run(&u, MATCH_SPARSE, want), ATT_OK);
        CU_ASSERT_EQUAL(run(&u, MATCH_HIST, got), ATT_OK);
        for (size_t i = u.from; i < u.to; i++)
            CU_ASSERT_DOUBLE_EQUAL(got[i], want[i], 1e-12);
    }
}

/* Every sum misses 0 by M / 2, which is one offset and not two. */
static void half_a_turn_counts_once(void)
{
    static const uint64_t M[] = {2, 4};
    const uint64_t ones[4] = {1, 1, 1, 1};
    const uint64_t twos[4] = {2, 2, 2, 2};
    const uint64_t pair[4] = {0, 1, 1, 1};
    struct att_arithmetic f64;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("f64", &f64, NULL), ATT_OK);
    for (size_t m = 0; m < 2; m++) {
        const struct match_unit u = att_match_unit(
            (struct att_match_input){m == 0 ? ones : twos, 4, M[m]}, 3);
        double want[4];
        double got[4];

        CU_ASSERT_EQUAL(run(&u, MATCH_NAIVE, want), ATT_OK);
        CU_ASSERT_TRUE(want[0] < 0.2);
        for (int p = MATCH_HIST; p <= MATCH_SPARSE; p++) {
            CU_ASSERT_EQUAL(run(&u, p, got), ATT_OK);
            CU_ASSERT_DOUBLE_EQUAL(got[0], want[0], 1e-14);
        }
    }
    struct match_unit u =
        att_match_unit((struct att_match_input){pair, 4, 2}, 2);
    double want[4];
    double got[4];

    u.others = true;
    u.arithmetic = &f64;
    CU_ASSERT_EQUAL(run(&u, MATCH_NAIVE, want), ATT_OK);
    CU_ASSERT_EQUAL(run(&u, MATCH_HIST, got), ATT_OK);
    CU_ASSERT_TRUE(want[0] < 0.2);
    CU_ASSERT_DOUBLE_EQUAL(got[0], want[0], 1e-14);
}

/* More tokens: the literal sum over every choice of partners. */
static double look_at_all(const struct match_unit *u, size_t i)
{
    const size_t n = u->in.n;
    double real = 0.0;

    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            for (size_t c = 0; c < n; c++) {
                const uint64_t sum =
                    u->in.x[i] + u->in.x[a] + u->in.x[b] + u->in.x[c];

                real += att_match_weight(u, sum % u->in.M);
            }
        }
    }
    /* 3 n^2 + 3 n choices with a blank among the partners, but not only */
    const double mixed = (3.0 * (double)(n * n) + 3.0 * (double)n) * exp(-u->c);

    return real / (real + exp(-0.5 * u->c * u->gap) + mixed);
}

static void four_tokens_match_by_both_paths(void)
{
    static const uint64_t M[] = {2, 5, 36, 101};
    const struct att_stream s = att_stream(12, 1, 2, 3);
    uint64_t x[12];

    for (size_t m = 0; m < sizeof M / sizeof M[0]; m++) {
        double hist[12];
        double bessel[12];

        for (size_t i = 0; i < 12; i++)
            x[i] = att_stream_word(&s, 12 * m + i) % M[m];
        const struct match_unit u =
            att_match_unit((struct att_match_input){x, 12, M[m]}, 4);
        const double room = att_match_series_error(u.c, 12.0, 4);

        CU_ASSERT_EQUAL(run(&u, MATCH_HIST, hist), ATT_OK);
        CU_ASSERT_EQUAL(run(&u, MATCH_BESSEL, bessel), ATT_OK);
        CU_ASSERT_TRUE(room < 1e-4);
        for (size_t i = 0; i < 12; i++) {
            CU_ASSERT_DOUBLE_EQUAL(hist[i], look_at_all(&u, i), 1e-11);
            CU_ASSERT_DOUBLE_EQUAL(bessel[i], hist[i], room);
        }
    }
}

/* A slice gives the numbers of the whole and writes nothing else. */
static void every_path_answers_a_block_of_tokens(void)
{
    const struct att_stream s = att_stream(8, 1, 2, 3);
    uint64_t x[24];

    for (size_t i = 0; i < 24; i++)
        x[i] = att_stream_below(&s, i, 53);
    for (int p = 0; p < MATCH_PATHS; p++) {
        struct match_unit u =
            att_match_unit((struct att_match_input){x, 24, 53}, 3);
        double whole[24];
        double part[24];

        CU_ASSERT_EQUAL(run(&u, p, whole), ATT_OK);
        for (size_t i = 0; i < 24; i++)
            part[i] = -1.0;
        u.from = 5;
        u.to = 9;
        CU_ASSERT_EQUAL(run(&u, p, part), ATT_OK);
        for (size_t i = 0; i < 24; i++)
            CU_ASSERT_EQUAL(part[i], i >= 5 && i < 9 ? whole[i] : -1.0);
    }
}

static void laws_have_the_values_of_the_document(void)
{
    CU_ASSERT_DOUBLE_EQUAL(att_match_bits_law(32749.0), 26.7, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(att_match_modulus_law(24.0), 12868.0, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(att_match_gap(1), 2.0, 0.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"Match2 gives T5", match2_gives_t5},
        {"Match3 gives T6 on every path", match3_gives_t6_on_every_path},
        {"paths agree on random inputs", paths_agree_on_random_inputs},
        {"pairs agree with and without themselves",
         pairs_agree_with_and_without_themselves},
        {"histograms agree with sorted residues",
         histograms_agree_with_sorted_residues},
        {"half a turn counts once", half_a_turn_counts_once},
        {"four tokens match by both paths", four_tokens_match_by_both_paths},
        {"every path answers a block of tokens",
         every_path_answers_a_block_of_tokens},
        {"laws have the values of the document",
         laws_have_the_values_of_the_document},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("matching", begin, end, tests);
}
