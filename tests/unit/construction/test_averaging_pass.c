/* test_averaging_pass.c - invariants of a pass, rounded queries, sets that are
 * made, errors of values, and points that are refused. */
#include "averaging_case.h"

/* Where all scores on the set are equal the error is twice the mass off it. */
static void equal_scores_err_by_twice_the_mass_off_the_set(void)
{
    static const uint32_t y[] = {1, 4};
    const struct avg_unit unit = {.alpha = 3.0};
    double s[] = {0.25, 1.0, -0.5, 0.5, 1.0};
    const double off = exp(3.0 * 0.25) + exp(3.0 * -0.5) + exp(3.0 * 0.5);
    const double share = off / (off + 2.0 * exp(3.0));

    CU_ASSERT_DOUBLE_EQUAL(att_avg_measure(s, 5, y, 2, &unit, NULL).err,
                           2.0 * share, 4.0 * 0x1p-52);
}

/* ---- rounded queries ------------------------------------------------------------------ */

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
        CU_ASSERT_EQUAL_FATAL(
            att_avg_keys_draw(&ws,
                              &(struct avg_key_spec){AVG_SIGN, 60, task.grid},
                              0, &keys, NULL),
            ATT_OK);
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

static void dither_moves_a_query_by_less_than_a_step(void)
{
    const struct att_averaging *a = some_sets(60, 3);
    struct avg_task task = task_of(a, 96, 0.1);
    struct avg_keys keys;
    double s[60];
    double w[3][96];
    size_t n_moved = 0;

    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_draw(&ws, &(struct avg_key_spec){AVG_SIGN, 60, task.grid},
                          0, &keys, NULL),
        ATT_OK);
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
    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_draw(&ws, &(struct avg_key_spec){AVG_SIGN, 60, task.grid},
                          0, &keys, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL), ATT_OK);
    for (size_t m = 0; m < 96; m++) {
        const double x = sqrt(96.0) * w[m];

        CU_ASSERT_TRUE(x >= -1.0 - 1e-12 && x <= 1.0 - 0x1p-4 + 1e-12);
    }
}

/* Positions renamed, keys and sets together: nothing changes but the order of
 * sums. */
static void renaming_the_positions_leaves_the_errors(void)
{
    static uint32_t renamed[60 * 3];
    const struct att_averaging *a = some_sets(60, 3);
    struct att_averaging b = *a;
    const struct avg_task task = task_of(a, 70, 0.1);
    struct avg_task other = task;
    const struct avg_key_spec spec = {AVG_SIGN, 60, task.grid};
    struct avg_keys keys;
    struct avg_keys moved;
    struct avg_pass pass[2];

    CU_ASSERT_EQUAL_FATAL(att_avg_keys_draw(&ws, &spec, 0, &keys, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_avg_keys_new(arena, &spec, &moved, NULL), ATT_OK);
    for (size_t j = 0; j < 60; j++) {
        for (size_t m = 0; m < 70; m++) {
            att_avg_keys_set(&moved, 7 * j % 60, m,
                             (int)att_avg_key_at(&keys, j, m));
        }
    }
    for (size_t i = 0; i < 60; i++) {
        for (size_t k = 0; k < 3; k++)
            renamed[3 * i + k] = 7 * a->y[3 * i + k] % 60;
        qsort(renamed + 3 * i, 3, sizeof *renamed, by_number);
    }
    b.y = renamed;
    other.instance = &b;
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass[0], NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &other, &moved, &pass[1], NULL),
                          ATT_OK);
    for (size_t i = 0; i < 60; i++)
        CU_ASSERT_DOUBLE_EQUAL(pass[0].err[i], pass[1].err[i], 1e-12);
}

/* Scores by rows of the Gram matrix beside products with the keys. */
static void rows_of_the_gram_matrix_give_the_scores_of_the_query(void)
{
    const struct att_averaging *a = some_sets(60, 3);

    for (int dual = 0; dual < AVG_DUALS; dual++) {
        struct avg_task task = task_of(a, 70, 0.1);
        struct avg_keys keys;
        struct avg_pass pass;
        double s[60];
        double w[70];
        struct avg_one one = {.set = 59, .s = s, .w = w};

        if (dual == AVG_LP)
            continue; /* has no such rows */
        task.dual = (enum avg_dual)dual;
        CU_ASSERT_EQUAL_FATAL(
            att_avg_keys_draw(&ws,
                              &(struct avg_key_spec){AVG_GAUSS, 60, task.grid},
                              0, &keys, NULL),
            ATT_OK);
        CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL),
                              ATT_OK);
        CU_ASSERT_TRUE_FATAL(one.solved);
        CU_ASSERT_DOUBLE_EQUAL(
            pass.err[59],
            att_avg_measure(s, 60, a->y + (size_t)3 * 59, 3, &task.unit, NULL)
                .err,
            1e-11);
    }
}

/* ---- hostile points ------------------------------------------------------------------- */

static void refused(const struct one_run *r, const char *why)
{
    struct att_error err = {0};

    CU_ASSERT_EQUAL(r->c->admit(r->p, &err), ATT_E_INFEASIBLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, why));
}

static void formats_that_contradict_each_other_are_refused(void)
{
    struct one_run r = {0};

    one_run_open(&r, arena, "averaging");
    one_run_set(&r, "fixed_bits", 9);
    one_run_set(&r, "frac_bits", 3);
    refused(&r, "several formats");
    one_run_set(&r, "frac_bits", -1);
    one_run_set(&r, "q", 32);
    one_run_set(&r, "fixed_bits", 6);
    refused(&r, "raise it");
    one_run_set(&r, "fixed_bits", 0);
    one_run_choose(&r, "dither", "on");
    refused(&r, "needs fixed point");
    one_run_set(&r, "frac_bits", 3);
    one_run_choose(&r, "nested", "on");
    refused(&r, "nested = on");
}

static void curves_beyond_the_range_of_doubles_are_refused(void)
{
    struct one_run r = {0};

    one_run_open(&r, arena, "averaging_moment");
    one_run_set(&r, "L", 65536);
    one_run_set(&r, "q", 64);
    refused(&r, "lower q");
}

/* ---- sets that are made -------------------------------------------------------------- */

static double off_max_of(enum avg_sets sets, enum avg_dual dual)
{
    const struct att_averaging *a = some_sets(60, 3);
    struct avg_task task = task_of(a, 48, 0.1);
    struct avg_keys keys;
    struct avg_pass pass;

    task.sets = sets;
    task.dual = dual;
    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_draw(&ws, &(struct avg_key_spec){AVG_SIGN, 60, task.grid},
                          0, &keys, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL), ATT_OK);
    return pass.worst[0].off_max;
}

static void climbed_sets_are_worse_than_those_they_start_from(void)
{
    const double given = off_max_of(AVG_GIVEN, AVG_LS);
    const double climbed = off_max_of(AVG_CLIMBED, AVG_LS);

    CU_ASSERT_TRUE(climbed > given + 0.05);
    CU_ASSERT_EQUAL(climbed, off_max_of(AVG_CLIMBED, AVG_LS));
    CU_ASSERT_TRUE(off_max_of(AVG_ADVERSARIAL, AVG_LS) > given);
}

/* ---- values --------------------------------------------------------------------------- */

/* Weights 3/4 on the member 1, 1/4 on token 0: outputs are off by 3/8 of the
 * distance of their values, here |(0.5 + 1.0) / 4|. */
static void errors_of_values_are_those_of_the_weights(void)
{
    static const uint32_t y[] = {1};
    const struct att_averaging a = {.L = 2,
                                    .q = 1,
                                    .dv = 1,
                                    .samples = 1,
                                    .n_sets = 1,
                                    .y = y,
                                    .z = VALUES};
    const struct avg_unit unit = {.alpha = log(3.0)};
    double s[] = {0.0, 1.0};
    const struct avg_scores m = att_avg_measure(s, 2, y, 1, &unit, &a);

    CU_ASSERT_DOUBLE_EQUAL(m.value_err, 0.375, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(m.err, 0.5, 1e-15);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"blocks of rounded queries say what plain products say",
         blocks_of_rounded_queries_say_what_plain_products_say},
        {"equal scores err by twice the mass off the set",
         equal_scores_err_by_twice_the_mass_off_the_set},
        {"renaming the positions leaves the errors",
         renaming_the_positions_leaves_the_errors},
        {"rows of the Gram matrix give the scores of the query",
         rows_of_the_gram_matrix_give_the_scores_of_the_query},
        {"formats that contradict each other are refused",
         formats_that_contradict_each_other_are_refused},
        {"curves beyond the range of doubles are refused",
         curves_beyond_the_range_of_doubles_are_refused},
        {"dither moves a query by less than a step",
         dither_moves_a_query_by_less_than_a_step},
        {"fixed point without room saturates",
         fixed_point_without_room_saturates},
        {"climbed sets are worse than those they start from",
         climbed_sets_are_worse_than_those_they_start_from},
        {"errors of values are those of the weights",
         errors_of_values_are_those_of_the_weights},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging pass", begin, end, tests);
}
