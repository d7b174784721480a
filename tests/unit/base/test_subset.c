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

int main(void)
{
    CU_TestInfo tests[] = {
        {"subsets come once each in order", subsets_come_once_each_in_order},
        {"there are as many as the binomial says",
         there_are_as_many_as_the_binomial_says},
        {"a whole set has one subset", a_whole_set_has_one_subset},
        CU_TEST_INFO_NULL,
    };

    return unit_run("subset", tests);
}
