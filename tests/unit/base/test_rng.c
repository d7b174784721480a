/* test_rng.c - random words are the published ones, wherever they start. */
#include "attest/base/rng.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Known answers of philox4x32-10 from the Random123 distribution. */
static void philox_gives_the_published_words(void)
{
    static const struct {
        uint64_t seed;
        uint32_t tag, step, item;
        uint64_t first;
        uint32_t word[4];
    } rows[] = {
        {0, 0, 0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {UINT64_MAX,
         UINT32_MAX,
         UINT32_MAX,
         UINT32_MAX,
         (uint64_t)UINT32_MAX * 4,
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x299f31d0a4093822,
         0x03707344,
         0x13198a2e,
         0x85a308d3,
         (uint64_t)0x243f6a88 * 4,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct att_stream s =
            att_stream(rows[i].seed, rows[i].tag, rows[i].step, rows[i].item);

        for (uint64_t k = 0; k < 4; k++) {
            CU_ASSERT_EQUAL(att_stream_word(&s, rows[i].first + k),
                            rows[i].word[k]);
        }
    }
}

static void words_do_not_depend_on_where_a_read_starts(void)
{
    const struct att_stream s = att_stream(42, 1, 2, 3);
    uint32_t words[23];
    double normals[23];

    for (uint64_t first = 0; first < 9; first++) {
        att_stream_words(&s, first, 23, words);
        att_stream_normals(&s, first, 23, normals);
        for (uint64_t k = 0; k < 23; k++) {
            CU_ASSERT_EQUAL(words[k], att_stream_word(&s, first + k));
            CU_ASSERT_EQUAL(normals[k], att_stream_normal(&s, first + k));
        }
    }
}

/* selection.md, TV2: twelve decimals of the first normals of seed 1, tag 1. */
static void normals_have_the_printed_digits(void)
{
    static const double printed[4] = {1.698130417301, 1.540417381501,
                                      1.538571767723, 0.394372340860};
    const struct att_stream s = att_stream(1, 1, 0, 0);

    for (uint64_t k = 0; k < 4; k++)
        CU_ASSERT_DOUBLE_EQUAL(att_stream_normal(&s, k), printed[k], 5e-13);
}

/* With n draws the mean is within 5 / sqrt(n) and the variance within
 * 5 sqrt(2 / n): five standard errors of a fixed seed. */
static void normals_have_mean_zero_and_variance_one(void)
{
    enum { N = 100000 };
    const struct att_stream s = att_stream(7, 0, 0, 0);
    double sum = 0;
    double squares = 0;

    for (uint64_t i = 0; i < N; i++) {
        const double z = att_stream_normal(&s, i);

        sum += z;
        squares += z * z;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum / N, 0, 5 / sqrt(N));
    CU_ASSERT_DOUBLE_EQUAL(squares / N, 1, 5 * sqrt(2.0 / N));
}

static void subsets_are_sorted_and_distinct(void)
{
    for (uint32_t item = 0; item < 200; item++) {
        const struct att_stream s = att_stream(9, 2, 0, item);
        uint32_t perm[17];
        uint32_t out[17];
        const uint32_t q = item % 18;

        att_stream_subset(&s, 17, q, perm, out);
        for (uint32_t j = 0; j < q; j++) {
            CU_ASSERT_TRUE(out[j] < 17);
            CU_ASSERT_TRUE(j == 0 || out[j - 1] < out[j]);
        }
    }
}

/* The places that were swapped are swapped back: many draws from one perm are
 * those from fresh ones, small subsets and large. */
static void many_draws_leave_the_permutation_as_it_was(void)
{
    enum { N = 200 };
    uint32_t kept[N], fresh[N], a[N], b[N];

    for (uint32_t i = 0; i < N; i++)
        kept[i] = i;
    for (uint32_t item = 0; item < 100; item++) {
        const struct att_stream s = att_stream(9, 3, 0, item);
        const uint32_t q = 2 * item;

        att_stream_subset_of(&s, N, q, kept, a);
        att_stream_subset(&s, N, q, fresh, b);
        CU_ASSERT_EQUAL(memcmp(a, b, q * sizeof *a), 0);
        for (uint32_t i = 0; i < N; i++)
            CU_ASSERT_EQUAL(kept[i], i);
    }
}

/* Six orders of three, each 1000 +- 5 standard deviations times of 6000. */
static void every_order_is_as_frequent(void)
{
    enum { N = 6000 };
    int times[27] = {0};

    for (uint32_t item = 0; item < N; item++) {
        const struct att_stream s = att_stream(9, 4, 0, item);
        uint32_t x[] = {0, 1, 2};

        att_stream_shuffle(&s, x, 3);
        times[9 * x[0] + 3 * x[1] + x[2]]++;
    }
    int orders = 0;

    for (int i = 0; i < 27; i++) {
        orders += times[i] > 0;
        CU_ASSERT_TRUE(times[i] == 0 || abs(times[i] - N / 6) < 145);
    }
    CU_ASSERT_EQUAL(orders, 6);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"philox gives the published words", philox_gives_the_published_words},
        {"words do not depend on where a read starts",
         words_do_not_depend_on_where_a_read_starts},
        {"normals have the printed digits", normals_have_the_printed_digits},
        {"normals have mean zero and variance one",
         normals_have_mean_zero_and_variance_one},
        {"subsets are sorted and distinct", subsets_are_sorted_and_distinct},
        {"many draws leave the permutation as it was",
         many_draws_leave_the_permutation_as_it_was},
        {"every order is as frequent", every_order_is_as_frequent},
        CU_TEST_INFO_NULL,
    };

    return unit_run("rng", tests);
}
