/* test_averaging_rounding.c - queries in the formats of the unit, in blocks and
 * one at a time. */
#include "averaging_case.h"

/* Queries in blocks, through the BLAS, beside one at a time by plain sums: as
 * far apart as roundings of d products allow. */
static void blocks_of_rounded_queries_say_what_plain_products_say(void)
{
    static const char *const FORMATS[] = {"f64", "f32", "bf16", "f16"};
    const struct att_averaging *a = some_sets(60, 3);

    for (int format = 0; format < 4; format++) {
        struct avg_task task = task_of(a, 96, 0.1);
        struct avg_keys keys;
        struct avg_pass pass;
        double most = -2.0;

        task.rounding = (struct avg_rounding){
            .on = true, .frac_bits = format == 0 ? 5 : -1, .whole_bits = -1};
        CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse(FORMATS[format],
                                                   &task.rounding.arithmetic,
                                                   NULL),
                              ATT_OK);
        draw_keys(&task, 60, 0, &keys);
        for (size_t i = 0; i < a->n_sets; i++) {
            double s[60];
            double w[96];
            struct avg_one one = {.set = i, .s = s, .w = w};

            CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL),
                                  ATT_OK);
            CU_ASSERT_TRUE_FATAL(one.solved);
            most = fmax(
                most, att_avg_measure(s, 60, a->y + 3 * i, 3, &task.unit, NULL)
                          .off_max);
        }
        CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL(pass.worst[0].n_sets, 60);
        CU_ASSERT_DOUBLE_EQUAL(
            pass.worst[0].off_max, most,
            4.0 * att_arithmetic_u(&task.rounding.arithmetic) + 1e-5);
        CU_ASSERT_TRUE(pass.worst[0].norm1 > 0.0);
    }
}

/* A set without a dual vector leaves no gap in a block of queries. */
static void blocks_keep_the_places_of_their_sets(void)
{
    const struct att_averaging *a = some_sets(60, 3);
    struct avg_task task = task_of(a, 14, 0.1);
    struct avg_keys keys;
    struct avg_pass pass;
    size_t n_unsolved = 0;

    task.dual = AVG_AS;
    task.rounding =
        (struct avg_rounding){.on = true, .frac_bits = 6, .whole_bits = -1};
    draw_keys(&task, 60, 0, &keys);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL), ATT_OK);
    for (size_t i = 0; i < 60; i++) {
        double w[14];
        const double err = plain(&task, &keys, i, w).err;

        CU_ASSERT_DOUBLE_EQUAL(pass.err[i], err, 1e-11);
        n_unsolved += err == 2.0 ? 1 : 0;
    }
    CU_ASSERT_TRUE(n_unsolved > 0 && n_unsolved < 60);
}

/* alpha s is a number of the format: only f32 sums in it. */
static void logits_of_a_narrow_format_are_numbers_of_it(void)
{
    static const char *const FORMATS[] = {"bf16", "f16"};
    const struct att_averaging *a = some_sets(60, 3);

    for (int format = 0; format < 2; format++) {
        struct avg_task task = task_of(a, 96, 0.1);
        struct avg_keys keys;
        struct avg_pass pass;

        task.rounding = (struct avg_rounding){
            .on = true, .frac_bits = -1, .whole_bits = -1};
        CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse(FORMATS[format],
                                                   &task.rounding.arithmetic,
                                                   NULL),
                              ATT_OK);
        draw_keys(&task, 60, 0, &keys);
        CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL),
                              ATT_OK);
        const double logit = task.unit.alpha * pass.worst[0].off_max;

        CU_ASSERT_DOUBLE_EQUAL(
            att_arithmetic_round(&task.rounding.arithmetic, logit), logit,
            4.0 * 0x1p-53 * logit);
    }
}

static void dither_moves_a_query_by_less_than_a_step(void)
{
    const struct att_averaging *a = some_sets(60, 3);
    struct avg_task task = task_of(a, 96, 0.1);
    struct avg_keys keys;
    double s[60];
    double w[3][96];
    size_t n_moved = 0;

    draw_keys(&task, 60, 0, &keys);
    for (int k = 0; k < 3; k++) {
        struct avg_one one = {.set = 5, .s = s, .w = w[k]};

        task.rounding = (struct avg_rounding){
            .on = k > 0, .frac_bits = 4, .whole_bits = -1, .dither = k == 2};
        CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL),
                              ATT_OK);
    }
    for (size_t m = 0; m < 96; m++) {
        const double root = sqrt(96.0);

        CU_ASSERT_TRUE(fabs(root * (w[1][m] - w[0][m])) <= 0x1p-5 + 1e-12);
        CU_ASSERT_TRUE(fabs(root * (w[2][m] - w[0][m])) <= 0x1p-4 + 1e-12);
        n_moved += w[1][m] != w[2][m] ? 1 : 0;
    }
    CU_ASSERT_TRUE(n_moved > 0);
}

static void fixed_point_without_room_saturates(void)
{
    const struct att_averaging *a = some_sets(60, 3);
    struct avg_task task = task_of(a, 96, 0.1);
    struct avg_keys keys;
    double s[60];
    double w[96];
    struct avg_one one = {.s = s, .w = w};

    task.rounding =
        (struct avg_rounding){.on = true, .frac_bits = 4, .whole_bits = 0};
    draw_keys(&task, 60, 0, &keys);
    CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL), ATT_OK);
    for (size_t m = 0; m < 96; m++) {
        const double x = sqrt(96.0) * w[m];

        CU_ASSERT_TRUE(x >= -1.0 - 1e-12 && x <= 1.0 - 0x1p-4 + 1e-12);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"blocks of rounded queries say what plain products say",
         blocks_of_rounded_queries_say_what_plain_products_say},
        {"blocks keep the places of their sets",
         blocks_keep_the_places_of_their_sets},
        {"logits of a narrow format are numbers of it",
         logits_of_a_narrow_format_are_numbers_of_it},
        {"dither moves a query by less than a step",
         dither_moves_a_query_by_less_than_a_step},
        {"fixed point without room saturates",
         fixed_point_without_room_saturates},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging rounding", begin, end, tests);
}
