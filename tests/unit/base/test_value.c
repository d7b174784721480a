/* test_value.c - values print exactly and compare by bits. */
#include "attest/base/value.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "attest/base/rng.h"

static void shortest_decimal_reads_back(void)
{
    static const struct {
        double x;
        const char *text;
    } rows[] = {
        {0.1, "0.1"},
        {1.0, "1"},
        {-3.0, "-3"},
        {1e22, "1e+22"},
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0 / 3, "0.3333333333333333"},
        {1e-300, "1e-300"},
        {(double)INFINITY, "inf"},
        {(double)NAN, "nan"},
        {123456789012345.0, "123456789012345"},
        {0.75, "0.75"},
    };
    char text[ATT_NUMBER_TEXT];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_STRING_EQUAL(att_real_text(rows[i].x, text), rows[i].text);
}

/* Property: every double survives printing. */
static void random_doubles_survive(void)
{
    const struct att_stream s = att_stream(1, 2, 3, 4);

    for (uint64_t i = 0; i < 2000; i++) {
        const double x = ldexp(att_stream_normal(&s, i), (int)(i % 600) - 300);
        char text[ATT_NUMBER_TEXT];

        CU_ASSERT_EQUAL(strtod(att_real_text(x, text), NULL), x);
    }
}

static void equality_is_of_kind_and_bits(void)
{
    CU_ASSERT_TRUE(att_value_equal(att_int(3), att_int(3)));
    CU_ASSERT_FALSE(att_value_equal(att_int(3), att_real(3)));
    CU_ASSERT_FALSE(att_value_equal(att_real(0.0), att_real(-0.0)));
    CU_ASSERT_TRUE(
        att_value_equal(att_real((double)NAN), att_real((double)NAN)));
    CU_ASSERT_TRUE(att_value_equal(att_text("a"), att_text("a")));
    CU_ASSERT_TRUE(att_value_equal(att_none(), att_none()));
}

static void texts_and_missing_are_no_numbers(void)
{
    CU_ASSERT_TRUE(isnan(att_value_number(att_text("7"))));
    CU_ASSERT_TRUE(isnan(att_value_number(att_none())));
    CU_ASSERT_EQUAL(att_value_number(att_int(-7)), -7.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the shortest decimal reads back", shortest_decimal_reads_back},
        {"random doubles survive printing", random_doubles_survive},
        {"equality is of kind and bits", equality_is_of_kind_and_bits},
        {"texts and missing are no numbers", texts_and_missing_are_no_numbers},
        CU_TEST_INFO_NULL,
    };

    return unit_run("value", tests);
}
