/* test_averaging_pass.c - invariants of a pass, what it counts, sets that are
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

/* ---- what a pass counts --------------------------------------------------------------- */

static double largest_coordinate(const double *w, size_t d)
{
    double most = 0.0;

    for (size_t m = 0; m < d; m++)
        most = fmax(most, sqrt((double)d) * fabs(w[m]));
    return most;
}

/* Errors stand at their sets, and counts are those of the sets one by one; of
 * rounded queries too, whose largest coordinate is known. */
static void a_pass_counts_what_its_sets_say(void)
{
    const struct att_averaging *a = some_sets(60, 3);

    for (int rounded = 0; rounded < 2; rounded++) {
        struct avg_task task = task_of(a, 40, 0.1);
        struct avg_keys keys;
        struct avg_pass pass;
        uint64_t n_faces = 0;
        uint64_t n_halves = 0;
        double coordinate = 0.0;
        double value = 0.0;

        if (rounded == 1) {
            task.rounding = (struct avg_rounding){
                .on = true, .frac_bits = 6, .whole_bits = -1};
        }
        draw_keys(&task, 60, 0, &keys);
        CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL),
                              ATT_OK);
        for (size_t i = 0; i < 60; i++) {
            double w[40];
            const struct avg_scores m = plain(&task, &keys, i, w);

            CU_ASSERT_DOUBLE_EQUAL(pass.err[i], m.err, 1e-11);
            n_faces += m.off_max < 1.0 ? 1 : 0;
            n_halves += m.off_max <= 0.5 ? 1 : 0;
            coordinate = fmax(coordinate, largest_coordinate(w, 40));
            value = fmax(value, m.value_err);
        }
        CU_ASSERT_TRUE(n_halves > 0 && n_halves < n_faces && n_faces < 60);
        CU_ASSERT_EQUAL(pass.worst[0].n_faces, n_faces);
        CU_ASSERT_EQUAL(pass.worst[0].n_halves, n_halves);
        CU_ASSERT_TRUE(value > 0.0);
        CU_ASSERT_DOUBLE_EQUAL(pass.worst[0].value_err, value, 1e-11);
        if (rounded == 1) {
            CU_ASSERT_DOUBLE_EQUAL(pass.worst[0].coordinate, coordinate, 1e-12);
        }
    }
}

/* Two samples of 60 sets: the first has equal keys and no dual vector, the
 * second keys of its own. */
static void samples_fail_and_succeed_one_by_one(void)
{
    struct att_averaging a = *some_sets(60, 3);
    struct avg_task task = task_of(&a, 96, 1.9);
    uint32_t *y = ATT_NEW(arena, uint32_t, 2 * 60 * 3);
    struct avg_keys same;
    struct avg_keys own;
    struct avg_pass both;
    struct avg_pass second;

    CU_ASSERT_PTR_NOT_NULL_FATAL(y);
    memcpy(y, a.y, 60 * 3 * sizeof *y);
    memcpy(y + 60 * 3, a.y, 60 * 3 * sizeof *y);
    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_new(arena, &(struct avg_key_spec){AVG_SIGN, 60, task.grid},
                         &same, NULL),
        ATT_OK);
    for (size_t j = 0; j < 60; j++) {
        for (size_t m = 0; m < 96; m++)
            att_avg_keys_set(&same, j, m, 1);
    }
    draw_keys(&task, 60, 1, &own);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &own, &second, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(second.worst[0].n_good, 1);
    a.samples = 2;
    a.y = y;
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &same, &both, NULL), ATT_OK);
    CU_ASSERT_TRUE(both.worst[0].unsolved);
    CU_ASSERT_FALSE(second.worst[0].unsolved);
    CU_ASSERT_EQUAL(both.worst[0].err, 2.0);
    CU_ASSERT_EQUAL(both.worst[0].n_sets, 120);
    CU_ASSERT_EQUAL(both.worst[0].n_good, 1);
    for (size_t i = 0; i < 60; i++) {
        CU_ASSERT_EQUAL(both.err[i], 2.0);
        CU_ASSERT_EQUAL(both.err[60 + i], second.err[i]);
    }
}

/* The Gram matrix of two keys has the eigenvalues 1 - |g| and 1 + |g|. */
static void the_gram_matrix_of_a_set_is_looked_at(void)
{
    const struct att_averaging *a = some_sets(60, 2);
    const struct avg_task task = task_of(a, 41, 0.1);
    struct avg_keys keys;
    struct avg_pass pass;
    double row[60];

    draw_keys(&task, 60, 0, &keys);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL), ATT_OK);
    if (isnan(pass.gram_min))
        return; /* no LAPACKE in this build */
    att_avg_row(&keys, a->y[2 * 59], 0, row);
    CU_ASSERT_DOUBLE_EQUAL(pass.gram_min, 1.0 - fabs(row[a->y[2 * 59 + 1]]),
                           1e-12);
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

static void refused(const struct one_task *r, const char *why)
{
    struct att_error err = {0};

    CU_ASSERT_EQUAL(r->c->admit(r->p, &err), ATT_E_INFEASIBLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, why));
}

static void formats_that_contradict_each_other_are_refused(void)
{
    struct one_task r;

    one_task_open_in(&r, arena, "averaging", 3);
    one_task_int(&r, "fixed_bits", 9);
    one_task_int(&r, "frac_bits", 3);
    refused(&r, "several formats");
    one_task_int(&r, "frac_bits", -1);
    one_task_int(&r, "q", 32);
    one_task_int(&r, "fixed_bits", 6);
    refused(&r, "raise it");
    one_task_int(&r, "fixed_bits", 0);
    one_task_text(&r, "dither", "on");
    refused(&r, "needs fixed point");
    one_task_int(&r, "frac_bits", 3);
    one_task_text(&r, "nested", "on");
    refused(&r, "nested = on");
}

static void curves_beyond_the_range_of_doubles_are_refused(void)
{
    struct one_task r;

    one_task_open_in(&r, arena, "averaging_moment", 3);
    one_task_int(&r, "L", 65536);
    one_task_int(&r, "q", 64);
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
    draw_keys(&task, 60, 0, &keys);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL), ATT_OK);
    CU_ASSERT_FALSE(pass.worst[0].unsolved); /* members are q different keys */
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

static void scores_that_overflow_count_as_two(void)
{
    static const uint32_t y[] = {1};
    const struct att_averaging a = {.L = 3, .q = 1, .dv = 1, .z = VALUES};
    const struct avg_unit unit = {.alpha = 10.0};
    double s[] = {(double)INFINITY, 1.0, 0.0};
    const struct avg_scores m = att_avg_measure(s, 3, y, 1, &unit, &a);

    CU_ASSERT_EQUAL(m.err, 2.0);
    CU_ASSERT_EQUAL(m.value_err, 2.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a pass counts what its sets say", a_pass_counts_what_its_sets_say},
        {"samples fail and succeed one by one",
         samples_fail_and_succeed_one_by_one},
        {"the Gram matrix of a set is looked at",
         the_gram_matrix_of_a_set_is_looked_at},
        {"scores that overflow count as two",
         scores_that_overflow_count_as_two},
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
        {"climbed sets are worse than those they start from",
         climbed_sets_are_worse_than_those_they_start_from},
        {"errors of values are those of the weights",
         errors_of_values_are_those_of_the_weights},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging pass", begin, end, tests);
}
