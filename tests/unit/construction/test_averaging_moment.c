/* test_averaging_moment.c - moment curves: the vector T4, the product form
 * beside exact integers, and machines beside each other. */
#include "../../../src/construction/averaging/averaging_curve_priv.h"

#include <stdlib.h>
#include <string.h>

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

static bool near(double x, double y, double relative)
{
    return fabs(x - y) <= relative * fabs(y);
}

/* Scores of a set on a machine; false: this build has no such machine. */
static bool run(struct avg_machine m, const uint32_t *y, struct avg_dot *dot)
{
    struct att_error err = {0};
    const att_status status = att_avg_machine_open(&m, arena, &err);

    if (status == ATT_E_UNSUPPORTED) {
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "libmpfr-dev"));
        return false;
    }
    CU_ASSERT_EQUAL_FATAL(status, ATT_OK);
    dot->y = y;
    dot->lg_gap = att_avg_curve_gap(&m.curve, y);
    dot->s = ATT_NEW(arena, double, m.curve.n);
    dot->w = ATT_NEW(arena, double, 2 * m.curve.q);
    if (dot->s == NULL || dot->w == NULL) {
        CU_FAIL("out of memory");
        return false;
    }
    CU_ASSERT_EQUAL_FATAL(att_avg_machine_dot(&m, dot, arena, NULL), ATT_OK);
    return true;
}

static void sixteen_points_of_a_circle_give_t4(void)
{
    static const uint32_t y[] = {3, 7};
    const struct avg_curve c = {AVG_TRIG, 16, 2};
    const struct avg_unit unit = {.alpha = 13.0};
    double exact[16];
    struct avg_dot dot = {0};

    if (!run(att_avg_machine(c, "f64"), y, &dot))
        return;
    CU_ASSERT_TRUE(near(exp2(dot.lg_gap), .04699042571689724, 1e-14));
    CU_ASSERT_TRUE(near(exp2(dot.lg_norm1), 27.18496169412676, 1e-14));
    CU_ASSERT_TRUE(near(dot.s[0], -11.637071184544, 1e-12));
    CU_ASSERT_TRUE(near(dot.s[3], 1.0, 1e-12));
    CU_ASSERT_TRUE(near(dot.s[4], 0.5, 1e-12));
    CU_ASSERT_TRUE(near(dot.s[5], .087192376764772, 1e-12));
    CU_ASSERT_TRUE(near(dot.s[7], 1.0, 1e-12));
    att_avg_curve_product(&c, y, dot.lg_gap, exact);
    for (size_t j = 0; j < 16; j++)
        CU_ASSERT_DOUBLE_EQUAL(exact[j], dot.s[j], 1e-12);
    CU_ASSERT_TRUE(near(att_avg_measure(exact, 16, y, 2, &unit, NULL).err,
                        .00301031331666, 1e-11));
}

/* prod (2 (j - i))^2 / (L - 1)^2q in integers, exactly. */
static void monomials_have_the_product_of_exact_integers(void)
{
    static const uint32_t y[] = {0, 7, 12};
    const struct avg_curve c = {AVG_MONOMIAL, 16, 3};

    for (size_t j = 0; j < 16; j++) {
        int64_t product = 1;

        for (size_t i = 0; i < 3; i++) {
            const int64_t apart = 2 * ((int64_t)j - (int64_t)y[i]);

            product *= apart * apart;
        }
        const double lg = att_avg_curve_lg(&c, y, j);

        if (product == 0) {
            CU_ASSERT_EQUAL(lg, -(double)INFINITY);
        } else {
            CU_ASSERT_DOUBLE_EQUAL(lg, log2((double)product) - 6.0 * log2(15.0),
                                   1e-13);
        }
    }
}

static void every_basis_has_scores_one_on_the_set_and_half_at_most_off_it(void)
{
    static const uint32_t y[] = {2, 11, 12, 30};

    for (int basis = 0; basis < AVG_BASES; basis++) {
        const struct avg_curve c = {(enum avg_basis)basis, 40, 4};
        const struct avg_unit unit = {.alpha = 16.0};
        struct avg_dot dot = {0};

        if (!run(att_avg_machine(c, "f64"), y, &dot))
            return;
        /* 8 sums of numbers of size |w|_1. */
        const double tolerance = 16.0 * 0x1p-53 * exp2(dot.lg_norm1);
        double exact[40];

        CU_ASSERT_TRUE(tolerance < 1e-3);
        att_avg_curve_product(&c, y, dot.lg_gap, exact);
        for (size_t j = 0; j < 40; j++) {
            CU_ASSERT_DOUBLE_EQUAL(exact[j], dot.s[j],
                                   tolerance * fmax(1.0, fabs(exact[j])));
        }
        const struct avg_scores m =
            att_avg_measure(exact, 40, y, 4, &unit, NULL);

        CU_ASSERT_EQUAL(m.on_dev, 0.0);
        CU_ASSERT_DOUBLE_EQUAL(m.off_max, 0.5, 1e-12);
    }
}

/* The same numbers by the machine and by MPFR, but for libm's last bit. */
static void a_wide_machine_of_53_bits_is_that_of_doubles(void)
{
    static const uint32_t y[] = {2, 11, 12};
    const struct avg_curve c = {AVG_TRIG, 40, 3};
    struct avg_dot wide = {0};
    struct avg_dot plain = {0};

    if (!run(att_avg_machine_wide(c, 53), y, &wide))
        return;
    if (!run(att_avg_machine(c, "f64"), y, &plain))
        return;
    for (size_t i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(wide.w[i], plain.w[i]);
    for (size_t j = 0; j < 40; j++) {
        CU_ASSERT_DOUBLE_EQUAL(wide.s[j], plain.s[j],
                               16.0 * 0x1p-53 * exp2(plain.lg_norm1));
    }
}

/* A block at the edge of 64 points: 20 bits do, 12 do not (Table 6: 19). */
static void few_bits_spoil_a_hard_set_and_many_do_not(void)
{
    static const uint32_t y[] = {0, 1};
    static const int bits[] = {12, 24};
    const struct avg_curve c = {AVG_TRIG, 64, 2};
    const struct avg_unit unit = {.alpha = 16.0};
    double error[2];

    for (size_t i = 0; i < 2; i++) {
        struct avg_dot dot = {0};

        if (!run(att_avg_machine_wide(c, bits[i]), y, &dot))
            return;
        error[i] = att_avg_measure(dot.s, 64, y, 2, &unit, NULL).err;
    }
    CU_ASSERT_TRUE(error[0] > 0.1);
    CU_ASSERT_TRUE(error[1] <= 0.1);
}

static void weights_beyond_a_format_count_as_error_two(void)
{
    uint32_t y[16];
    const struct avg_curve c = {AVG_TRIG, 4096, 16};
    const struct avg_unit unit = {.alpha = 24.0};
    struct avg_dot dot = {0};

    for (uint32_t i = 0; i < 16; i++)
        y[i] = i;
    if (!run(att_avg_machine(c, "f32"), y, &dot))
        return;
    CU_ASSERT_EQUAL(att_avg_measure(dot.s, 4096, y, 16, &unit, NULL).err, 2.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"sixteen points of a circle give T4",
         sixteen_points_of_a_circle_give_t4},
        {"monomials have the product of exact integers",
         monomials_have_the_product_of_exact_integers},
        {"every basis has scores one on the set and half at most off it",
         every_basis_has_scores_one_on_the_set_and_half_at_most_off_it},
        {"a wide machine of 53 bits is that of doubles",
         a_wide_machine_of_53_bits_is_that_of_doubles},
        {"few bits spoil a hard set and many do not",
         few_bits_spoil_a_hard_set_and_many_do_not},
        {"weights beyond a format count as error two",
         weights_beyond_a_format_count_as_error_two},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging moment", begin, end, tests);
}
