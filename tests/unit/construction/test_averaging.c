/* test_averaging.c - the vectors of sparse averaging, and fast against plain. */
#include "attest/linalg/vector.h"
#include "averaging_case.h"

static void targets_are_those_of_t1(void)
{
    static const double z[] = {3, 1, 4, 1, 5, 9};
    static const uint32_t y[][2] = {{1, 2}, {0, 5}, {3, 4},
                                    {0, 1}, {2, 5}, {1, 4}};
    static const double want[] = {2.5, 6, 3, 2, 6.5, 3};

    for (size_t i = 0; i < 6; i++) {
        double out = 0.0;

        att_averaging_target(z, 1, y[i], 2, &out);
        CU_ASSERT_EQUAL(out, want[i]);
    }
}

static void sylvester_keys_give_t2(void)
{
    static const uint32_t y[] = {0, 3};
    static const double want[] = {1, 0, 0, 1, 0, -1, -1, 0};
    const struct att_averaging a = {.L = 8,
                                    .q = 2,
                                    .dv = 1,
                                    .samples = 1,
                                    .n_sets = 1,
                                    .y = y,
                                    .z = VALUES};
    const struct avg_task task = task_of(&a, 5, 0.1);
    struct avg_keys keys;
    double s[8];
    double w[5];
    struct avg_one one = {.s = s, .w = w};

    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_new(arena,
                         &(struct avg_key_spec){AVG_HADAMARD, 8, task.grid},
                         &keys, NULL),
        ATT_OK);
    for (size_t j = 0; j < 8; j++) {
        for (size_t m = 0; m < 5; m++) {
            att_avg_keys_set(&keys, j, m,
                             __builtin_parity((unsigned)(j & (m + 1))) ? -1
                                                                       : 1);
        }
    }
    CU_ASSERT_EQUAL(task.unit.alpha, 12.0);
    CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL), ATT_OK);
    CU_ASSERT_TRUE(one.solved);
    for (size_t j = 0; j < 8; j++)
        CU_ASSERT_DOUBLE_EQUAL(s[j], want[j], 1e-15);
    const struct avg_scores m = att_avg_measure(s, 8, y, 2, &task.unit, NULL);

    CU_ASSERT_TRUE(near(m.err, 2.4576622907e-5, 1e-9));
}

/* ---- T3 ------------------------------------------------------------------------- */

static int sum_of_signs;

static void draw_t3(struct avg_keys *keys)
{
    uint64_t x = 12345;

    sum_of_signs = 0;
    for (size_t i = 0; i < keys->n * keys->d; i++) {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        const int sign =
            (x * UINT64_C(2685821657736338717)) >> 63 != 0 ? 1 : -1;

        att_avg_keys_set(keys, i / keys->d, i % keys->d, sign);
        sum_of_signs += sign;
    }
}

static void xorshift_keys_give_t3(void)
{
    static uint32_t y[64 * 4];
    static const double beta[] = {1.2398761977129957, 1.145801286209391,
                                  1.1529180643846046, 1.1509164705228256};
    const struct att_averaging a = {.L = 64,
                                    .q = 4,
                                    .dv = 1,
                                    .samples = 1,
                                    .n_sets = 64,
                                    .y = y,
                                    .z = VALUES};
    const struct avg_task task = task_of(&a, 96, 0.1);
    struct avg_keys keys;
    struct avg_pass pass;
    double row[64];
    double s[64];
    double w[96];
    struct avg_one one = {.s = s, .w = w};

    for (uint32_t i = 0; i < 64; i++) {
        for (uint32_t k = 0; k < 4; k++)
            y[4 * i + k] = (5 * i + 11 * k + 1) % 64;
        qsort(y + (size_t)4 * i, 4, sizeof *y, by_number);
    }
    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_new(arena, &(struct avg_key_spec){AVG_SIGN, 64, task.grid},
                         &keys, NULL),
        ATT_OK);
    draw_t3(&keys);
    CU_ASSERT_EQUAL(sum_of_signs, 54);
    att_avg_row(&keys, 0, 0, row);
    CU_ASSERT_EQUAL(row[1] * 96.0, -8.0);
    CU_ASSERT_EQUAL_FATAL(att_avg_one(&ws, &task, &keys, &one, NULL), ATT_OK);
    for (size_t m = 0; m < 96; m++) {
        double want = 0.0;

        for (size_t k = 0; k < 4; k++)
            want += beta[k] * att_avg_key_at(&keys, y[k], m) / sqrt(96.0);
        CU_ASSERT_DOUBLE_EQUAL(w[m], want, 1e-14);
    }
    const struct avg_scores first =
        att_avg_measure(s, 64, y, 4, &task.unit, NULL);

    CU_ASSERT_EQUAL(task.unit.alpha, 16.0);
    CU_ASSERT_TRUE(near(first.err, 8.727296237430e-5, 1e-9));
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &pass, NULL), ATT_OK);
    CU_ASSERT_TRUE(near(pass.worst[0].off_max, .7013047707253944, 1e-9));
    CU_ASSERT_TRUE(near(pass.worst[0].err, .0044242108701473, 1e-9));
    CU_ASSERT_EQUAL(pass.err[12], pass.worst[0].err);
}

/* ---- fast against plain ------------------------------------------------------------ */

static void keys_of_every_kind_have_the_gram_rows_of_their_matrix(void)
{
    for (int kind = 0; kind < AVG_KINDS; kind++) {
        struct att_nested grid = {ATT_NEW(arena, uint32_t, 3),
                                  ATT_NEW(arena, bool, 3), 3};
        struct avg_keys keys;
        double row[40];

        grid.d[0] = 7;
        grid.d[1] = 70;
        grid.d[2] = 137;
        CU_ASSERT_EQUAL_FATAL(
            att_avg_keys_draw(
                &ws, &(struct avg_key_spec){(enum avg_kind)kind, 40, grid}, 3,
                &keys, NULL),
            ATT_OK);
        for (size_t g = 0; g < 3; g++) {
            const struct att_mat u = att_avg_keys_matrix(&keys, g, arena);

            att_avg_row(&keys, 5, g, row);
            for (size_t j = 0; j < 40; j++) {
                CU_ASSERT_DOUBLE_EQUAL(
                    row[j],
                    att_dot(u.cols, att_mat_row(u, 5), att_mat_row(u, j)),
                    1e-12);
            }
        }
    }
}

static void a_smaller_d_is_a_prefix_of_a_larger_one(void)
{
    struct avg_keys small;
    struct avg_keys large;

    for (int kind = 0; kind < AVG_KINDS; kind++) {
        CU_ASSERT_EQUAL_FATAL(
            att_avg_keys_draw(
                &ws,
                &(struct avg_key_spec){(enum avg_kind)kind, 33, grid_of(19)}, 0,
                &small, NULL),
            ATT_OK);
        CU_ASSERT_EQUAL_FATAL(
            att_avg_keys_draw(
                &ws,
                &(struct avg_key_spec){(enum avg_kind)kind, 33, grid_of(90)}, 0,
                &large, NULL),
            ATT_OK);
        for (size_t j = 0; j < 33; j++) {
            for (size_t m = 0; m < 19; m++)
                CU_ASSERT_EQUAL(att_avg_key_at(&small, j, m),
                                att_avg_key_at(&large, j, m));
        }
    }
}

/* Frequencies 1 .. 7 of 16 tokens (8 has no sine), from the first again; zeros
 * are exact. */
static void low_frequencies_come_in_turn(void)
{
    const struct avg_key_spec spec = {AVG_LOWFOURIER, 16, grid_of(20)};
    struct avg_keys keys;

    CU_ASSERT_EQUAL_FATAL(att_avg_keys_draw(&ws, &spec, 0, &keys, NULL),
                          ATT_OK);
    for (size_t j = 0; j < 16; j++) {
        const double t = 2.0 * 3.14159265358979323846 * (double)j / 16.0;

        for (size_t m = 0; m < 20; m++) {
            const double f = (double)(m / 2 % 7 + 1);
            const double x = m % 2 == 0 ? cos(f * t) : sin(f * t);

            CU_ASSERT_DOUBLE_EQUAL(att_avg_key_at(&keys, j, m), sqrt(2.0) * x,
                                   1e-13);
        }
    }
    CU_ASSERT_EQUAL(att_avg_key_at(&keys, 4, 0), 0.0);
    CU_ASSERT_EQUAL(att_avg_key_at(&keys, 8, 1), 0.0);
}

/* Off-set scores <= 1/2 where the corrected duals say they solved it; the
 * program's optimum is at most theirs. */
static void corrected_duals_keep_the_margin_and_the_program_beats_them(void)
{
    static const uint32_t y[] = {2, 9, 17, 30};
    const struct att_averaging a = {.L = 48,
                                    .q = 4,
                                    .dv = 1,
                                    .samples = 1,
                                    .n_sets = 1,
                                    .y = y,
                                    .z = VALUES};
    struct avg_task task = task_of(&a, 40, 0.1);
    struct avg_keys keys;
    double most[AVG_DUALS] = {0};

    draw_keys(&task, 48, 1, &keys);
    for (int dual = 0; dual < AVG_DUALS; dual++) {
        double s[48];
        double w[40];
        struct avg_one one = {.s = s, .w = w};

        task.dual = (enum avg_dual)dual;
        const att_status status = att_avg_one(&ws, &task, &keys, &one, NULL);

        CU_ASSERT_TRUE(status == ATT_OK || status == ATT_E_UNSUPPORTED);
        if (status != ATT_OK || dual == AVG_MATCHED)
            continue;
        CU_ASSERT_TRUE(one.solved);
        const struct avg_scores m =
            att_avg_measure(s, 48, y, 4, &task.unit, NULL);

        CU_ASSERT_TRUE(m.on_dev <= 1e-9);
        most[dual] = m.off_max;
    }
    CU_ASSERT_TRUE(most[AVG_CT] <= 0.5 + 1e-9);
    CU_ASSERT_TRUE(most[AVG_AS] <= 0.5 + 1e-9);
    CU_ASSERT_TRUE(most[AVG_LS] > 0.5);
    CU_ASSERT_TRUE(most[AVG_LP] <= most[AVG_AS] + 1e-4);
}

static void a_nested_pass_says_what_single_ones_say(void)
{
    static uint32_t y[30 * 3];
    struct att_averaging a = {.L = 30,
                              .q = 3,
                              .dv = 1,
                              .samples = 1,
                              .n_sets = 30,
                              .y = y,
                              .z = VALUES};
    struct avg_task task = task_of(&a, 64, 0.1);
    struct att_nested grid = {ATT_NEW(arena, uint32_t, 3),
                              ATT_NEW(arena, bool, 3), 3};
    struct avg_keys keys;
    struct avg_pass nested;

    for (uint32_t i = 0; i < 90; i++)
        y[i] = (i / 3 + i % 3 * 7) % 30;
    for (size_t i = 0; i < 30; i++)
        qsort(y + 3 * i, 3, sizeof *y, by_number);
    grid.d[0] = 10;
    grid.d[1] = 33;
    grid.d[2] = 64;
    task.grid = grid;
    CU_ASSERT_EQUAL_FATAL(
        att_avg_keys_draw(&ws, &(struct avg_key_spec){AVG_SIGN, 30, grid}, 0,
                          &keys, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &nested, NULL),
                          ATT_OK);
    for (size_t g = 0; g < 3; g++) {
        struct avg_pass single;

        task.grid = grid_of(grid.d[g]);
        draw_keys(&task, 30, 0, &keys);
        CU_ASSERT_EQUAL_FATAL(att_avg_pass(&ws, &task, &keys, &single, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL(single.worst[0].err, nested.worst[g].err);
        CU_ASSERT_EQUAL(single.worst[0].off_max, nested.worst[g].off_max);
    }
}

static void errors_count_what_is_not_a_number_as_two(void)
{
    static const uint32_t y[] = {1};
    const struct avg_unit unit = {.alpha = 10.0};
    double s[] = {0.0, 1.0, (double)NAN};
    double equal[] = {1.0, 1.0, -30.0};

    CU_ASSERT_EQUAL(att_avg_measure(s, 3, y, 1, &unit, NULL).err, 2.0);
    CU_ASSERT_DOUBLE_EQUAL(att_avg_measure(equal, 3, y, 1, &unit, NULL).err,
                           1.0, 1e-15);
}

static void hardmax_needs_a_tolerance_for_ties(void)
{
    static const uint32_t y[] = {0, 1};
    const struct avg_unit strict = {.hardmax = true};
    const struct avg_unit kind = {.hardmax = true, .tie = 1e-9};
    const double scores[] = {1.0, 1.0 - 0x1p-53, 0.5};
    double s[3];

    memcpy(s, scores, sizeof s);
    CU_ASSERT_EQUAL(att_avg_measure(s, 3, y, 2, &strict, NULL).err, 1.0);
    memcpy(s, scores, sizeof s);
    CU_ASSERT_EQUAL(att_avg_measure(s, 3, y, 2, &kind, NULL).err, 0.0);
    memcpy(s, scores, sizeof s);
    s[2] = 1.5; /* an outsider above the set takes everything */
    CU_ASSERT_EQUAL(att_avg_measure(s, 3, y, 2, &kind, NULL).err, 2.0);
}

static void closed_forms_are_those_of_the_tables(void)
{
    /* eps / alpha at L = 1024, q = 4, 512 sets: 89, 103, 122, 137, 173. */
    static const double want[][2] = {
        {.5, 89}, {.1, 103}, {.01, 122}, {1e-3, 137}, {1e-6, 173}};
    const double n = 512.0 * 1024.0;

    for (size_t i = 0; i < 5; i++) {
        const double eps = want[i][0];
        const double s =
            att_avg_threshold_err(4, eps, att_avg_alpha(1024, eps));

        CU_ASSERT_DOUBLE_EQUAL(att_avg_m_pred(4, n, s), want[i][1], 1.0);
    }
    CU_ASSERT_DOUBLE_EQUAL(att_avg_face(256, 2), 12.2, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_avg_face(256, 4), 20.3, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_avg_face(256, 8), 32.9, 0.05);
    CU_ASSERT_EQUAL(att_avg_p_guaranteed(att_avg_alpha(256, .1), .1, 4), 15);
    CU_ASSERT_EQUAL(att_avg_p_guaranteed(att_avg_alpha(1024, .01), .01, 4), 19);
    CU_ASSERT_EQUAL(att_avg_p_guaranteed(att_avg_alpha(1024, 1e-3), 1e-3, 16),
                    24);
    CU_ASSERT_DOUBLE_EQUAL(att_avg_moment_bits(64, 8), 47.0, 0.05);
    CU_ASSERT_DOUBLE_EQUAL(att_avg_moment_bits(256, 1), 13.7, 0.05);
    CU_ASSERT_TRUE(isnan(att_avg_m_pred(4, 1.0, 1.0)));
    CU_ASSERT_TRUE(isnan(att_avg_face(8, 4)));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"targets are those of T1", targets_are_those_of_t1},
        {"Sylvester keys give T2", sylvester_keys_give_t2},
        {"xorshift keys give T3", xorshift_keys_give_t3},
        {"keys of every kind have the Gram rows of their matrix",
         keys_of_every_kind_have_the_gram_rows_of_their_matrix},
        {"low frequencies come in turn", low_frequencies_come_in_turn},
        {"a smaller d is a prefix of a larger one",
         a_smaller_d_is_a_prefix_of_a_larger_one},
        {"corrected duals keep the margin and the program beats them",
         corrected_duals_keep_the_margin_and_the_program_beats_them},
        {"a nested pass says what single ones say",
         a_nested_pass_says_what_single_ones_say},
        {"errors count what is not a number as two",
         errors_count_what_is_not_a_number_as_two},
        {"hardmax needs a tolerance for ties",
         hardmax_needs_a_tolerance_for_ties},
        {"closed forms are those of the tables",
         closed_forms_are_those_of_the_tables},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging", begin, end, tests);
}
