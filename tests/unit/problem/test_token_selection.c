/* test_token_selection.c - the streams of the specification's vectors. */
#include "attest/problem/token_selection.h"

#include <math.h>
#include <string.h>

#include "attest/linalg/cpu.h"
#include "attest/linalg/random.h"
#include "unit.h"

static struct att_selection law(enum att_selection_data data)
{
    return (struct att_selection){.L = 20,
                                  .d = 5,
                                  .q = 3,
                                  .data = data,
                                  .rho = 0.8,
                                  .samples = 4,
                                  .seed = 1};
}

static void words_are_those_of_tv1(void)
{
    static const uint32_t zero[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                     0x9b00dbd8};
    static const uint32_t x[4] = {0x127bee41, 0x1e047488, 0x48842b20,
                                  0x0a393496};
    const struct att_stream origin = att_stream(0, 0, 0, 0);
    const struct att_stream s = att_stream(1, ATT_SEL_TAG_X, 0, 0);

    for (uint32_t w = 0; w < 4; w++) {
        CU_ASSERT_EQUAL(att_stream_word(&origin, w), zero[w]);
        CU_ASSERT_EQUAL(att_stream_word(&s, w), x[w]);
    }
}

static void tokens_are_those_of_tv2(void)
{
    static const double expected[4] = {1.698130417301, 1.540417381501,
                                       1.538571767723, 0.394372340860};
    const struct att_selection s = law(ATT_SELECTION_GAUSS);
    double x[100];

    att_selection_tokens(&s, 0, 0, 20, x);
    for (size_t k = 0; k < 4; k++)
        CU_ASSERT_DOUBLE_EQUAL(x[k], expected[k], 1e-11);
}

static void subsets_are_those_of_tv3(void)
{
    static const uint32_t expected[3][3] = {
        {3, 6, 8}, {8, 14, 16}, {5, 15, 17}};
    const struct att_selection s = law(ATT_SELECTION_GAUSS);
    uint32_t perm[20];
    uint32_t y[3];

    for (uint32_t b = 0; b < 3; b++) {
        att_selection_subset(&s, 0, b, 20, perm, y);
        CU_ASSERT_EQUAL(memcmp(y, expected[b], sizeof y), 0);
    }
}

/* A longer sample begins with the shorter one, in every law and arithmetic. */
static void a_longer_sample_extends_a_shorter_one(void)
{
    for (int data = 0; data <= ATT_SELECTION_HEAVY; data++) {
        const struct att_selection s = law((enum att_selection_data)data);
        double x[100], longer[500];
        float xf[100], longerf[500];

        att_selection_tokens(&s, 7, 3, 20, x);
        att_selection_tokens(&s, 7, 3, 100, longer);
        att_selection_tokensf(&s, 7, 3, 20, xf);
        att_selection_tokensf(&s, 7, 3, 100, longerf);
        CU_ASSERT_EQUAL(memcmp(x, longer, sizeof x), 0);
        CU_ASSERT_EQUAL(memcmp(xf, longerf, sizeof xf), 0);
    }
}

/* 1e-6 in the mean and 4e-4 at most are the promise of linalg/random.h; an odd
 * start and an odd length take the pair's other half. */
static void single_normals_are_near_the_double_ones(void)
{
    const struct att_stream s = att_stream(5, 1, 2, 3);
    static double z[4001];
    static float zf[4001];
    float odd[7];
    double mean = 0.0;

    att_draw_normals(&s, 0, 4001, z);
    att_draw_normals_single(&s, 0, 4001, zf);
    att_draw_normals_single(&s, 3, 7, odd);
    for (size_t k = 0; k < 4001; k++) {
        const double error = fabs((double)zf[k] - z[k]);

        mean += error / 4001.0;
        CU_ASSERT_TRUE(error <= 4e-4);
    }
    CU_ASSERT_TRUE(mean < 1e-6);
    CU_ASSERT_EQUAL(memcmp(odd, zf + 3, sizeof odd), 0);
}

static void single_normals_have_the_same_bits_in_every_set(void)
{
    const struct att_stream s = att_stream(5, 1, 2, 3);
    static float first[4001], now[4001];

    CU_ASSERT_EQUAL_FATAL(att_isa_pin(ATT_ISA_PORTABLE, NULL), ATT_OK);
    att_draw_normals_single(&s, 0, 4001, first);
    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        att_draw_normals_single(&s, 0, 4001, now);
        CU_ASSERT_EQUAL(memcmp(now, first, sizeof now), 0);
    }
}

/* 1e5 tokens: standard errors of the moments are below 0.004 (gauss), 0.02
 * (heavy); neighbours of ar1 are 5 numbers apart and correlate with 0.8. */
static void tokens_have_variance_one(void)
{
    for (int data = 0; data <= ATT_SELECTION_HEAVY; data++) {
        const struct att_selection s = law((enum att_selection_data)data);
        static double x[500000];
        double square = 0.0;
        double neighbour = 0.0;

        att_selection_tokens(&s, 0, 0, 100000, x);
        for (size_t i = 5; i < 500000; i++) {
            square += x[i] * x[i] / 499995.0;
            neighbour += x[i] * x[i - 5] / 499995.0;
        }
        CU_ASSERT_DOUBLE_EQUAL(square, 1.0, 0.03);
        CU_ASSERT_DOUBLE_EQUAL(neighbour, data == ATT_SELECTION_AR1 ? 0.8 : 0.0,
                               0.03);
    }
}

static void targets_are_means_and_noise_is_added(void)
{
    struct att_selection s = law(ATT_SELECTION_GAUSS);
    const uint32_t y[3] = {0, 1, 2};
    double x[100], g[5], noisy[5];

    att_selection_tokens(&s, 0, 0, 20, x);
    att_selection_target(&s, x, y, g);
    CU_ASSERT_DOUBLE_EQUAL(g[1], (x[1] + x[6] + x[11]) / 3.0, 1e-15);
    s.noise_sd = 0.5;
    att_selection_target(&s, x, y, noisy);
    att_selection_noise(&s, 0, 0, noisy);
    const struct att_stream noise = att_stream(1, ATT_SEL_TAG_NOISE, 0, 0);

    CU_ASSERT_DOUBLE_EQUAL(noisy[1] - g[1], 0.5 * att_stream_normal(&noise, 1),
                           1e-15);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"words are those of TV1", words_are_those_of_tv1},
        {"tokens are those of TV2", tokens_are_those_of_tv2},
        {"subsets are those of TV3", subsets_are_those_of_tv3},
        {"a longer sample extends a shorter one",
         a_longer_sample_extends_a_shorter_one},
        {"single normals are near the double ones",
         single_normals_are_near_the_double_ones},
        {"single normals have the same bits in every set",
         single_normals_have_the_same_bits_in_every_set},
        {"tokens have variance one", tokens_have_variance_one},
        {"targets are means, and noise is added",
         targets_are_means_and_noise_is_added},
        CU_TEST_INFO_NULL};

    return unit_run("token_selection", tests);
}
