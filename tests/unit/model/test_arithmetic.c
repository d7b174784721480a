/* test_arithmetic.c - rounding to narrower numbers. */
#include "attest/model/arithmetic.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "attest/base/rng.h"
#include "unit.h"

static struct att_arithmetic parse(const char *text)
{
    struct att_arithmetic a = {0};

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse(text, &a, NULL), ATT_OK);
    return a;
}

static void every_name_has_its_bits(void)
{
    static const struct {
        const char *name;
        int bits;
    } row[] = {
        {"f64", 53},   {"f32", 24},     {"bf16", 8},   {"f16", 11},
        {"bits:2", 2}, {"bits:53", 53}, {"bits:7", 7}, {"x80", LDBL_MANT_DIG},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct att_arithmetic a = parse(row[i].name);

        CU_ASSERT_EQUAL(a.bits, row[i].bits);
        CU_ASSERT_EQUAL(att_arithmetic_u(&a), ldexp(1.0, -row[i].bits));
    }
}

static void other_names_are_refused_with_the_list(void)
{
    static const char *const wrong[] = {"",        "f8",      "bits:1",
                                        "bits:54", "bits:",   "bits:7x",
                                        "bits:-3", "bits: 7", "F64"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct att_arithmetic a;
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_arithmetic_parse(wrong[i], &a, &err), ATT_E_ARG);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "bits:2 to bits:53"));
    }
}

/* By hand from the formats: f16 has 11 bits, largest 65504, smallest 2^-24;
 * bf16 has 8 bits and the exponents of f32. */
static void known_numbers_round_as_the_formats_say(void)
{
    static const struct {
        const char *name;
        double x, rounded;
    } row[] = {
        {"f16", 2049.0, 2048.0}, /* tie to even */
        {"f16", 2051.0, 2052.0}, /* tie to even, upwards */
        {"f16", 65504.0, 65504.0},
        {"f16", 65519.9, 65504.0},
        {"f16", 65520.0, INFINITY},
        {"f16", -1e9, -INFINITY},
        {"f16", 0x1p-24, 0x1p-24},
        {"f16", 0x1.8p-24, 0x1p-23}, /* tie to even below the normals */
        {"f16", 0x1p-25, 0.0},
        {"f16", 0x1.004p-14, 0x1.004p-14},
        {"f16", 0x1.002p-15, 0x1p-15}, /* one bit less down there */
        {"bf16", 1.0 + 0x1p-8, 1.0},
        {"bf16", 1.0 + 0x1.8p-8, 1.0 + 0x1p-7},
        {"bf16", 255.5, 256.0}, /* the carry raises the exponent */
        {"bf16", 1e-300, 0.0},
        {"bits:2", 5.0, 4.0},
        {"bits:2", 1.25, 1.0},
        {"bits:2", 1.75, 2.0},
        {"f32", 1.0 + 0x1p-24, 1.0},
        {"f64", 0.1, 0.1},
        {"bits:53", 0.1, 0.1},
        {"bits:8", INFINITY, INFINITY},
        {"bf16", 0.0, 0.0},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const struct att_arithmetic a = parse(row[i].name);

        CU_ASSERT_EQUAL(att_arithmetic_round(&a, row[i].x), row[i].rounded);
        CU_ASSERT_EQUAL(att_arithmetic_round(&a, -row[i].x), -row[i].rounded);
    }
}

static void nan_stays_nan_and_zero_keeps_its_sign(void)
{
    const struct att_arithmetic a = parse("f16");

    CU_ASSERT(isnan(att_arithmetic_round(&a, NAN)));
    CU_ASSERT(signbit(att_arithmetic_round(&a, -0.0)));
    CU_ASSERT(signbit(att_arithmetic_round(&a, -1e-300)));
}

/* 24 bits with the exponents of f32 must be the compiler's float. */
static void rounding_by_hand_is_the_rounding_of_float(void)
{
    const struct att_arithmetic hand = {ATT_ARITHMETIC_ROUNDED, 24, -126, 127};
    const struct att_stream s = att_stream(1, 1, 0, 0);

    for (uint64_t k = 0; k < 20000; k++) {
        const int e = (int)att_stream_below(&s, 2 * k, 320) - 170;
        const double x = ldexp(att_stream_normal(&s, 2 * k + 1), e);

        CU_ASSERT_EQUAL(att_arithmetic_round(&hand, x), (double)(float)x);
    }
}

/* Blocks with and without numbers that leave the format. */
static void many_at_once_round_as_one_by_one(void)
{
    static const char *const names[] = {"f16",     "bf16", "bits:2", "bits:12",
                                        "bits:53", "f32",  "f64"};
    enum { N = 100 };
    const struct att_stream s = att_stream(1, 2, 0, 0);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct att_arithmetic a = parse(names[i]);

        for (int spread = 1; spread <= 4001; spread += 40) {
            double x[N], all[N];

            for (uint64_t k = 0; k < N; k++) {
                const int e =
                    (int)att_stream_below(&s, 2 * k, (uint32_t)spread);

                x[k] = all[k] =
                    ldexp(att_stream_normal(&s, 2 * k + 1), e - spread / 2);
            }
            att_arithmetic_round_all(&a, N, all);
            for (size_t k = 0; k < N; k++)
                CU_ASSERT_EQUAL(all[k], att_arithmetic_round(&a, x[k]));
        }
    }
}

static void the_edges_of_a_format_are_seen_in_a_block(void)
{
    static const double edge[] = {0.0,     -0.0,    65504.0, 65520.0,  -65519.9,
                                  0x1p-14, 0x1p-15, 0x1p-25, INFINITY, 1e-320};
    const struct att_arithmetic a = parse("f16");

    for (size_t i = 0; i < sizeof edge / sizeof edge[0]; i++) {
        double x[16];

        for (size_t k = 0; k < 16; k++)
            x[k] = k == 7 ? edge[i] : 1.0 + 0x1p-11;
        att_arithmetic_round_all(&a, 16, x);
        for (size_t k = 0; k < 16; k++) {
            CU_ASSERT_EQUAL(x[k],
                            k == 7 ? att_arithmetic_round(&a, edge[i]) : 1.0);
        }
        CU_ASSERT_EQUAL(signbit(x[7]), signbit(edge[i]));
    }
}

/* Every upper half of a float, with lower halves on both sides of a tie. */
static void floats_become_the_same_bfloats(void)
{
    static const uint32_t low[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    const struct att_arithmetic a = parse("bf16");

    for (uint32_t high = 0; high < 1 << 16; high++) {
        for (size_t i = 0; i < 6; i++) {
            const uint32_t u = high << 16 | low[i];
            float x, y;

            memcpy(&x, &u, sizeof x);
            y = x;
            att_arithmetic_round_bf16(1, &y);
            if (isnan(x)) {
                CU_ASSERT_TRUE(isnan(y));
            } else {
                CU_ASSERT_EQUAL((double)y, att_arithmetic_round(&a, (double)x));
            }
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every name has its bits", every_name_has_its_bits},
        {"other names are refused with the list",
         other_names_are_refused_with_the_list},
        {"known numbers round as the formats say",
         known_numbers_round_as_the_formats_say},
        {"NaN stays NaN and zero keeps its sign",
         nan_stays_nan_and_zero_keeps_its_sign},
        {"rounding by hand is the rounding of float",
         rounding_by_hand_is_the_rounding_of_float},
        {"many at once round as one by one", many_at_once_round_as_one_by_one},
        {"the edges of a format are seen in a block",
         the_edges_of_a_format_are_seen_in_a_block},
        {"floats become the same bfloats", floats_become_the_same_bfloats},
        CU_TEST_INFO_NULL,
    };

    return unit_run("arithmetic", tests);
}
