/* test_subset.c - every subset once, in order. */
#include "attest/base/subset.h"

#include "unit.h"

static void subsets_come_once_each_in_order(void)
{
    static const uint32_t want[][2] = {{0, 1}, {0, 2}, {0, 3},
                                       {1, 2}, {1, 3}, {2, 3}};
    uint32_t y[2];
    size_t i = 0;

    att_subset_first(y, 2);
    do {
        CU_ASSERT_TRUE_FATAL(i < 6);
        CU_ASSERT_EQUAL(y[0], want[i][0]);
        CU_ASSERT_EQUAL(y[1], want[i][1]);
        i++;
    } while (att_subset_next(y, 2, 4));
    CU_ASSERT_EQUAL(i, 6);
    CU_ASSERT_EQUAL(y[0], 2); /* the last one stays */
}

static void there_are_as_many_as_the_binomial_says(void)
{
    uint32_t y[5];
    int n = 1;

    att_subset_first(y, 5);
    while (att_subset_next(y, 5, 11))
        n++;
    CU_ASSERT_EQUAL(n, 462);
}

static void a_whole_set_has_one_subset(void)
{
    uint32_t y[3];

    att_subset_first(y, 3);
    CU_ASSERT_FALSE(att_subset_next(y, 3, 3));
}

/* Few numbers and many are put in order by different means. */
static void numbers_are_put_in_order(void)
{
    static const size_t n[] = {1, 5, 64, 65, 200};

    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        uint32_t y[200];

        for (size_t k = 0; k < n[i]; k++)
            y[k] = (uint32_t)(77 * (k + 3) % 211);
        att_subset_sort(y, n[i]);
        for (size_t k = 1; k < n[i]; k++)
            CU_ASSERT_TRUE(y[k - 1] < y[k]);
        for (size_t k = 0; k < n[i]; k++)
            CU_ASSERT_TRUE(
                att_subset_has(y, n[i], (uint32_t)(77 * (k + 3) % 211)));
    }
}

static void equal_numbers_stay_beside_each_other(void)
{
    uint32_t few[] = {3, 1, 3, 0, 1}, many[100];

    att_subset_sort(few, 5);
    CU_ASSERT_TRUE(few[0] == 0 && few[1] == 1 && few[2] == 1 && few[3] == 3 &&
                   few[4] == 3);
    for (uint32_t i = 0; i < 100; i++)
        many[i] = (99 - i) / 2;
    att_subset_sort(many, 100);
    for (uint32_t i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(many[i], i / 2);
}

static void subsets_are_counted_until_there_are_enough(void)
{
    /* a quotient and a product round in each of five steps */
    CU_ASSERT_DOUBLE_EQUAL(att_subset_count(11.0, 5.0, 1e9), 462.0,
                           462.0 * 10 * 0x1p-53);
    CU_ASSERT_EQUAL(att_subset_count(5.0, 0.0, 1e9), 1.0);
    CU_ASSERT_EQUAL(att_subset_count(5.0, 5.0, 1e9), 1.0);
    CU_ASSERT_EQUAL(att_subset_count(1e6, 2.0, 1e18), 499999500000.0);
    const double some = att_subset_count(1e6, 5e5, 1000.0);

    CU_ASSERT_TRUE(some >= 1000.0 && some < 1e12);
}

static void members_are_told_from_others(void)
{
    static const uint32_t y[] = {7, 2, 9};

    CU_ASSERT_TRUE(att_subset_has(y, 3, 7));
    CU_ASSERT_TRUE(att_subset_has(y, 3, 9));
    CU_ASSERT_FALSE(att_subset_has(y, 3, 3));
    CU_ASSERT_FALSE(att_subset_has(y, 2, 9));
    CU_ASSERT_FALSE(att_subset_has(y, 3, (size_t)7 + (1ULL << 32)));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"subsets come once each in order", subsets_come_once_each_in_order},
        {"there are as many as the binomial says",
         there_are_as_many_as_the_binomial_says},
        {"a whole set has one subset", a_whole_set_has_one_subset},
        {"numbers are put in order", numbers_are_put_in_order},
        {"equal numbers stay beside each other",
         equal_numbers_stay_beside_each_other},
        {"subsets are counted until there are enough",
         subsets_are_counted_until_there_are_enough},
        {"members are told from others", members_are_told_from_others},
        CU_TEST_INFO_NULL,
    };

    return unit_run("subset", tests);
}
