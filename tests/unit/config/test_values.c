/* test_values.c - ranges hold the numbers that a person would write down. */
#include "attest/config/study.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/rng.h"
#include "toy.h"
#include "unit.h"

/* The only axis of a sweep over one parameter; an empty one when refused. */
static const struct att_axis *axis_of(const char *param, const char *range,
                                      struct att_study_file **file)
{
    static const struct att_axis none = {0};
    char text[256];
    struct att_buffer out = {0};

    (void)snprintf(text, sizeof text,
                   "name: s\nsweeps:\n- construction: toy\n  grid: {%s: %s}\n",
                   param, range);
    const struct att_study_source source = {.path = "s.yaml",
                                            .text = text,
                                            .n = strlen(text),
                                            .known = toy_catalogue,
                                            .n_known = 2};
    if (att_study_parse(&source, file, &out, NULL) != ATT_OK) {
        (void)fputs(out.data, stdout);
        *file = NULL;
    }
    att_buffer_fini(&out);
    if (*file == NULL || att_study_of(*file)->sweep[0].n_axes != 1)
        return &none;
    return &att_study_of(*file)->sweep[0].axis[0];
}

/* "123e-2": how a decimal is written without a thought. */
static double decimal(int64_t m, int e)
{
    char text[48];

    (void)snprintf(text, sizeof text, "%" PRId64 "e%d", m, e);
    return strtod(text, NULL);
}

/* beta takes any number >= 0: from a 10^-e in steps of b 10^-e. */
static void check_steps(int64_t from, int64_t step, int64_t n, int e)
{
    char range[128];
    struct att_study_file *file = NULL;

    (void)snprintf(range, sizeof range,
                   "{from: %" PRId64 "e%d, to: %" PRId64 "e%d, step: %" PRId64
                   "e%d}",
                   from, e, from + step * (n - 1) + step / 2, e, step, e);
    const struct att_axis *axis = axis_of("beta", range, &file);
    CU_ASSERT_EQUAL_FATAL(axis->n, (uint64_t)n);
    for (int64_t i = 0; i < n; i++) {
        const double v = att_axis_value(axis, (uint64_t)i, 0).r;

        CU_ASSERT_EQUAL(v, decimal(from + i * step, e));
    }
    att_study_destroy(file);
}

static void steps_of_decimals_are_decimals(void)
{
    const struct att_stream s = att_stream(3, 0, 0, 0);

    for (uint64_t w = 0; w < 400; w += 4) {
        check_steps(att_stream_below(&s, w, 1000000),
                    2 + att_stream_below(&s, w + 1, 5000),
                    2 + att_stream_below(&s, w + 2, 60),
                    -(int)att_stream_below(&s, w + 3, 12));
    }
}

static void factors_of_decimals_are_decimals(void)
{
    struct att_study_file *file = NULL;
    const struct att_axis *axis =
        axis_of("beta", "{from: 0.003, to: 5e6, factor: 10}", &file);

    CU_ASSERT_EQUAL_FATAL(axis->n, 10);
    for (int i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(att_axis_value(axis, (uint64_t)i, 0).r,
                        decimal(3, i - 3));
    att_study_destroy(file);
}

/* 2^100 has more digits than 63 bits: products go on in doubles, exactly. */
static void powers_of_two_are_exact_beyond_63_bits(void)
{
    struct att_study_file *file = NULL;
    const struct att_axis *axis = axis_of(
        "beta", "{from: 1, to: 1267650600228229401496703205376, factor: 2}",
        &file);

    CU_ASSERT_EQUAL_FATAL(axis->n, 101);
    for (int i = 0; i <= 100; i++)
        CU_ASSERT_EQUAL(att_axis_value(axis, (uint64_t)i, 0).r, ldexp(1, i));
    att_study_destroy(file);
}

static void points_have_exact_ends_and_short_decimals(void)
{
    struct att_study_file *file = NULL;
    const struct att_axis *axis =
        axis_of("noise", "{from: 0.1, to: 0.9, points: 81}", &file);

    CU_ASSERT_EQUAL_FATAL(axis->n, 81);
    for (int i = 0; i < 81; i++)
        CU_ASSERT_EQUAL(att_axis_value(axis, (uint64_t)i, 0).r,
                        decimal(10 + i, -2));
    att_study_destroy(file);
}

static void points_of_a_log_scale_hit_the_decades(void)
{
    struct att_study_file *file = NULL;
    const struct att_axis *axis =
        axis_of("beta", "{from: 1e-9, to: 1e9, points: 37, scale: log}", &file);

    CU_ASSERT_EQUAL_FATAL(axis->n, 37);
    for (int i = 0; i < 37; i += 2)
        CU_ASSERT_EQUAL(att_axis_value(axis, (uint64_t)i, 0).r,
                        decimal(1, i / 2 - 9));
    for (int i = 1; i < 37; i += 2) {
        /* sqrt(10) to 15 digits, as the header promises */
        CU_ASSERT_EQUAL(att_axis_value(axis, (uint64_t)i, 0).r,
                        decimal(316227766016838, (i - 1) / 2 - 9 - 14));
    }
    att_study_destroy(file);
}

static void thirds_are_rounded_to_15_digits(void)
{
    struct att_study_file *file = NULL;
    const struct att_axis *axis =
        axis_of("noise", "{from: 0, to: 1, points: 4}", &file);

    CU_ASSERT_EQUAL_FATAL(axis->n, 4);
    CU_ASSERT_EQUAL(att_axis_value(axis, 1, 0).r, 0.333333333333333);
    CU_ASSERT_EQUAL(att_axis_value(axis, 2, 0).r, 0.666666666666667);
    att_study_destroy(file);
}

static void large_integers_are_not_rounded(void)
{
    struct att_study_file *file = NULL;
    const struct att_axis *axis =
        axis_of("N", "{from: 3, to: 1000000000, factor: 7}", &file);

    CU_ASSERT_EQUAL_FATAL(axis->n, 11);
    CU_ASSERT_EQUAL(att_axis_value(axis, 10, 0).i, 847425747);
    att_study_destroy(file);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"steps of decimals are decimals", steps_of_decimals_are_decimals},
        {"factors of decimals are decimals", factors_of_decimals_are_decimals},
        {"powers of two are exact beyond 63 bits",
         powers_of_two_are_exact_beyond_63_bits},
        {"points have exact ends and short decimals",
         points_have_exact_ends_and_short_decimals},
        {"points of a log scale hit the decades",
         points_of_a_log_scale_hit_the_decades},
        {"thirds are rounded to 15 digits", thirds_are_rounded_to_15_digits},
        {"large integers are not rounded", large_integers_are_not_rounded},
        CU_TEST_INFO_NULL,
    };

    return unit_run("values", tests);
}
