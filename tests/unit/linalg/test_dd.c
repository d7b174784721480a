/* test_dd.c - double-double arithmetic against exact values. */
#include "attest/linalg/dd.h"

#include <math.h>

#include "unit.h"

/* |a - b| relative to |b|, the difference taken in double-double. */
static double distance(struct att_dd a, struct att_dd b)
{
    const struct att_dd d = att_dd_sub(a, b);

    return fabs((d.hi + d.lo) / b.hi);
}

static void sums_and_products_of_doubles_are_exact(void)
{
    const struct att_dd s = att_dd_two_sum(1.0, 0x1p-80);
    const struct att_dd p = att_dd_two_product(1.0 + 0x1p-40, 1.0 - 0x1p-40);

    CU_ASSERT_EQUAL(s.hi, 1.0);
    CU_ASSERT_EQUAL(s.lo, 0x1p-80);
    CU_ASSERT_EQUAL(p.hi, 1.0);
    CU_ASSERT_EQUAL(p.lo, -0x1p-80);
}

static void a_quotient_times_its_divisor_comes_back(void)
{
    const struct att_dd three = att_dd_from(3.0), seven = att_dd_from(7.0);
    const struct att_dd q = att_dd_div(three, seven);

    /* 12 u of the quotient and 6 u of the product */
    CU_ASSERT_TRUE(distance(att_dd_mul(q, seven), three) <= 18.0 * 0x1p-106);
    CU_ASSERT_NOT_EQUAL(q.lo, 0.0);
}

/* e and exp(-1/2) to 32 digits, as two doubles each. */
static void exp_has_two_doubles_worth_of_digits(void)
{
    const struct att_dd e = {0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53};
    const struct att_dd x = {-0.5, 0.0};
    const struct att_dd half = att_dd_exp(x);

    CU_ASSERT_TRUE(distance(att_dd_exp(att_dd_from(1.0)), e) <= 0x1p-98);
    CU_ASSERT_TRUE(distance(att_dd_mul(e, att_dd_mul(half, half)),
                            att_dd_from(1.0)) <= 0x1p-97);
}

static void exp_turns_sums_into_products(void)
{
    for (int i = 0; i < 106; i++) {
        const double x = -650.0 + 12.345 * i;
        const struct att_dd a = {x, x * 0x1p-60};
        const struct att_dd b = att_dd_sub(att_dd_from(1.0), a);
        const struct att_dd product = att_dd_mul(att_dd_exp(a), att_dd_exp(b));

        /* the relative error of exp is that of its argument, |x| 2^-105, and
         * its own, 2^-98, twice */
        CU_ASSERT_TRUE(distance(product, att_dd_exp(att_dd_from(1.0))) <=
                       0x1p-95);
    }
}

static void exp_says_where_it_ends(void)
{
    CU_ASSERT_EQUAL(att_dd_exp(att_dd_from(-709.0)).hi, 0.0);
    CU_ASSERT_TRUE(isinf(att_dd_exp(att_dd_from(710.0)).hi));
    CU_ASSERT_TRUE(isnan(att_dd_exp(att_dd_from((double)NAN)).hi));
    CU_ASSERT_EQUAL(att_dd_exp(att_dd_from(0.0)).hi, 1.0);
    CU_ASSERT_EQUAL(att_dd_exp(att_dd_from(0.0)).lo, 0.0);
}

/* To 32 digits, as two doubles each. */
static void turns_have_two_doubles_worth_of_digits(void)
{
    static const struct {
        uint64_t num, den;
        struct att_dd c, s;
    } v[] = {
        {1,
         7,
         {0x1.3f3a0e28bedd1p-1, 0x1.b2fbc2cf229dcp-55},
         {0x1.904c37505de4bp-1, 0x1.766b339d009ffp-58}},
        {5,
         12,
         {-0x1.bb67ae8584caap-1, -0x1.cec95d0b5c1e3p-55},
         {0x1.0000000000000p-1, 0x1.e31f4b669cb4dp-222}},
        {9,
         10,
         {0x1.9e3779b97f4a8p-1, -0x1.f506319fcfd19p-56},
         {-0x1.2cf2304755a5ep-1, 0x1.24bd9a522ca0dp-57}},
        {3,
         8,
         {-0x1.6a09e667f3bcdp-1, 0x1.bdd3413b26456p-55},
         {0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55}},
    };

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct att_dd c, s;

        att_dd_turn(v[i].num, v[i].den, &c, &s);
        CU_ASSERT_TRUE(distance(c, v[i].c) <= 0x1p-100);
        CU_ASSERT_TRUE(distance(s, v[i].s) <= 0x1p-100);
    }
}

static void quarters_of_a_turn_are_exact(void)
{
    static const double c[] = {1, 0, -1, 0}, s[] = {0, 1, 0, -1};

    for (uint64_t k = 0; k < 8; k++) {
        struct att_dd x, y;

        att_dd_turn(3 * k, 12, &x, &y);
        CU_ASSERT_EQUAL(x.hi, c[k % 4]);
        CU_ASSERT_EQUAL(y.hi, s[k % 4]);
        CU_ASSERT_EQUAL(x.lo, 0.0);
        CU_ASSERT_EQUAL(y.lo, 0.0);
    }
}

/* |cos + i sin| = 1, and a turn by a + b is a turn by a and one by b. */
static void turns_add_up(void)
{
    enum { N = 97 };

    for (uint64_t a = 0; a < N; a++) {
        const uint64_t b = 31 * a + 5;
        struct att_dd c[3], s[3];

        att_dd_turn(a, N, &c[0], &s[0]);
        att_dd_turn(b, N, &c[1], &s[1]);
        att_dd_turn(a + b, N, &c[2], &s[2]);
        const struct att_dd one =
            att_dd_add(att_dd_mul(c[0], c[0]), att_dd_mul(s[0], s[0]));
        const struct att_dd sum =
            att_dd_sub(att_dd_mul(c[0], c[1]), att_dd_mul(s[0], s[1]));

        /* a few roundings of numbers up to 1, and 2^-100 of each turn */
        CU_ASSERT_TRUE(distance(one, att_dd_from(1.0)) <= 0x1p-98);
        CU_ASSERT_TRUE(fabs(att_dd_sub(sum, c[2]).hi) <= 0x1p-98);
    }
}

static void comparison_looks_at_both_parts(void)
{
    const struct att_dd a = {1.0, 0x1p-80}, b = {1.0, -0x1p-80};

    CU_ASSERT_EQUAL(att_dd_compare(a, b), 1);
    CU_ASSERT_EQUAL(att_dd_compare(b, a), -1);
    CU_ASSERT_EQUAL(att_dd_compare(a, a), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"sums and products of doubles are exact",
         sums_and_products_of_doubles_are_exact},
        {"a quotient times its divisor comes back",
         a_quotient_times_its_divisor_comes_back},
        {"exp has two doubles' worth of digits",
         exp_has_two_doubles_worth_of_digits},
        {"exp turns sums into products", exp_turns_sums_into_products},
        {"exp says where it ends", exp_says_where_it_ends},
        {"turns have two doubles' worth of digits",
         turns_have_two_doubles_worth_of_digits},
        {"quarters of a turn are exact", quarters_of_a_turn_are_exact},
        {"turns add up", turns_add_up},
        {"comparison looks at both parts", comparison_looks_at_both_parts},
        CU_TEST_INFO_NULL,
    };

    return unit_run("dd", tests);
}
