/* test_plan.c - numbers to points and back, conditions, derived axes, sweeps
 * that share points. */
#include "plan_kit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "attest/base/rng.h"

/* ---- order ----------------------------------------------------------------- */

static void numbers_run_row_major_with_replicates_fastest(void)
{
    static const int64_t expected[12][3] = {
        {16, 1, 0}, {16, 1, 1}, {16, 2, 0}, {16, 2, 1}, {16, 3, 0}, {16, 3, 1},
        {32, 1, 0}, {32, 1, 1}, {32, 2, 0}, {32, 2, 1}, {32, 3, 0}, {32, 3, 1}};
    struct kit kit;

    kit_plan(&kit, TOY "replicates: 2\n"
                       "  grid: {N: [16, 32], d: 8, L: [1, 2, 3]}\n");
    CU_ASSERT_EQUAL_FATAL(att_plan_size(kit.plan), 12);
    for (uint64_t i = 0; i < 12; i++) {
        struct att_task task;

        CU_ASSERT_EQUAL(att_plan_task(kit.plan, i, &task, NULL),
                        ATT_TASK_PLANNED);
        CU_ASSERT_EQUAL(task.number, i);
        CU_ASSERT_EQUAL(task.p[TOY_N].i, expected[i][0]);
        CU_ASSERT_EQUAL(task.p[TOY_D].i, 8);
        CU_ASSERT_EQUAL(task.p[TOY_L].i, expected[i][1]);
        CU_ASSERT_EQUAL(task.replicate, expected[i][2]);
        CU_ASSERT_TRUE(task.construction == &toy_one);
    }
    kit_close(&kit);
}

static void zipped_axes_go_together(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "zip: {L: [64, 256], N: [2, 4]}\n"
                       "  grid: {d: [1, 2]}\n");
    CU_ASSERT_EQUAL_FATAL(att_plan_size(kit.plan), 4);
    for (uint64_t i = 0; i < 4; i++) {
        struct att_task task;

        (void)att_plan_task(kit.plan, i, &task, NULL);
        CU_ASSERT_EQUAL(task.p[TOY_L].i, i < 2 ? 64 : 256);
        CU_ASSERT_EQUAL(task.p[TOY_N].i, i < 2 ? 2 : 4);
        CU_ASSERT_EQUAL(task.p[TOY_D].i, (int64_t)(i % 2 + 1));
    }
    kit_close(&kit);
}

static void sweeps_stand_one_after_another(void)
{
    struct kit kit;
    uint64_t first = 9;
    uint64_t count = 9;
    struct att_task task;

    kit_plan(&kit, TOY "replicates: 3\n  grid: {N: [1, 2]}\n"
                       "- name: b\n  construction: toy-two\n"
                       "  grid: {N: [5, 6, 7]}\n");
    att_plan_range(kit.plan, 0, &first, &count);
    CU_ASSERT_EQUAL(first, 0);
    CU_ASSERT_EQUAL(count, 6);
    att_plan_range(kit.plan, 1, &first, &count);
    CU_ASSERT_EQUAL(first, 6);
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_EQUAL(att_plan_replicates(kit.plan, 0), 3);
    CU_ASSERT_EQUAL(att_plan_task(kit.plan, 5, &task, NULL), ATT_TASK_PLANNED);
    CU_ASSERT_EQUAL(task.sweep, 0);
    CU_ASSERT_EQUAL(att_plan_task(kit.plan, 6, &task, NULL), ATT_TASK_PLANNED);
    CU_ASSERT_EQUAL(task.sweep, 1);
    CU_ASSERT_EQUAL(task.p[TOY_N].i, 5);
    CU_ASSERT_TRUE(task.construction == &toy_two);
    kit_close(&kit);
}

/* ---- conditions and derived axes ---------------------------------------------- */

static uint64_t count_state(struct att_plan *plan, enum att_task_state state)
{
    uint64_t n = 0;

    for (uint64_t i = 0; i < att_plan_size(plan); i++) {
        struct att_task task;

        n += att_plan_task(plan, i, &task, NULL) == state;
    }
    return n;
}

static void a_condition_drops_what_it_says(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {data: [gauss, sub1], N: {from: 1, to: 9, step: "
                       "1}, d: [1, 2, 3], L: {from: 1, to: 9, step: 1}}\n"
                       "  where: N * L <= 9 and data ~= 'vocab'\n");
    /* sum over N of floor(9 / N) = 9+4+3+2+1+1+1+1+1 = 23 pairs of 81,
     * six times */
    CU_ASSERT_EQUAL(att_plan_size(kit.plan), 486);
    CU_ASSERT_EQUAL(count_state(kit.plan, ATT_TASK_PLANNED), 138);
    CU_ASSERT_EQUAL(count_state(kit.plan, ATT_TASK_DROPPED), 348);
    kit_close(&kit);
}

static void derived_values_are_computed_where_they_are_needed(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {d: {expr: 'ceil(4 * N * ln(L))'}, N: [2, 4], "
                       "L: [3, 64], data: {expr: \"N == 2 and 'vocab' or "
                       "'sub1'\"}}\n  where: d < 60\n");
    static const int64_t d[4] = {9, 34, 18, 67}; /* 4 N ln L, rounded up */

    for (uint64_t i = 0; i < 4; i++) {
        struct att_task task;
        const enum att_task_state state =
            att_plan_task(kit.plan, i, &task, NULL);

        CU_ASSERT_EQUAL(state, d[i] < 60 ? ATT_TASK_PLANNED : ATT_TASK_DROPPED);
        if (state == ATT_TASK_PLANNED) {
            CU_ASSERT_EQUAL(task.p[TOY_D].i, d[i]);
            CU_ASSERT_STRING_EQUAL(task.p[TOY_DATA].s,
                                   i < 2 ? "vocab" : "sub1");
        }
    }
    kit_close(&kit);
}

static void a_condition_may_drop_what_cannot_exist(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {L: [8, 9000], d: {expr: L}}\n"
                       "  where: d <= 8192\n");
    CU_ASSERT_EQUAL(count_state(kit.plan, ATT_TASK_PLANNED), 1);
    CU_ASSERT_EQUAL(count_state(kit.plan, ATT_TASK_DROPPED), 1);
    kit_close(&kit);
}

struct refused {
    const char *text, *error;
};

static void what_no_point_can_be_is_refused_with_the_point(void)
{
    static const struct refused rows[] = {
        {TOY "grid: {L: [8, 9000], d: {expr: L}}\n",
         "s.yaml:5: sweep 'toy': d = 9000 is outside 1..8192 (at L = 9000)"},
        {TOY "grid: {L: [8, 9], N: 3, d: {expr: 'L / 2'}}\n",
         "s.yaml:5: sweep 'toy': d = 4.5 is not an integer (at L = 9)"},
        {TOY "grid: {N: [1, 2], data: {expr: \"N == 1 and 'gauss' or "
             "'gaus'\"}}\n",
         "s.yaml:5: sweep 'toy': data = 'gaus' is no choice: did you mean "
         "'gauss'? (at N = 2)"},
        {TOY "grid: {N: [1, 2], L: [3, 4]}\n"
             "  where: N == 1 or data < 3\n",
         "s.yaml:6: sweep 'toy': where: attempt to compare string with number "
         "(at N = 2, L = 3)"},
        {TOY "grid: {N: [1, 2]}\n  where: N == 1 or 7\n",
         "s.yaml:6: sweep 'toy': where: must be true or false, not number "
         "(at N = 2)"},
        {TOY "grid: {N: {from: 1, to: 1000000, step: 1}, L: {from: 1, to: "
             "1000, step: 1}}\n  where: N > L\n",
         "s.yaml:6: sweep 'toy': where: the axes it names have 1000000000 "
         "combinations, more than 100000000: bound the axes themselves"},
        {TOY "grid: {file: [files/a.txt, files/b.txt, files/a-again.txt]}\n",
         "s.yaml:5: sweep 'toy': 'files/a.txt' and 'files/a-again.txt' hold "
         "the same bytes"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kit kit;

        kit_open(&kit, rows[i].text);
        CU_ASSERT_PTR_NULL(kit.plan);
        if (strcmp(kit.err.text, rows[i].error) != 0)
            (void)printf("\n%s\n", kit.err.text);
        CU_ASSERT_STRING_EQUAL(kit.err.text, rows[i].error);
        CU_ASSERT_EQUAL(kit.err.status, ATT_E_ARG);
        kit_close(&kit);
    }
}

/* Beyond 10^6 combinations a bad derived value is met, not looked for. */
static void a_bad_value_in_a_large_grid_is_met_at_its_task(void)
{
    struct kit kit;
    struct att_task task;
    struct att_error err = {0};

    kit_plan(&kit, TOY "grid: {N: {from: 1, to: 2000000, step: 1}, "
                       "L: {expr: 'N'}}\n");
    CU_ASSERT_EQUAL(att_plan_task(kit.plan, 65535, &task, &err),
                    ATT_TASK_PLANNED);
    CU_ASSERT_EQUAL(att_plan_task(kit.plan, 65536, &task, &err),
                    ATT_TASK_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "s.yaml:5: sweep 'toy': L = 65537 is "
                                     "outside 1..65536 (at N = 65537)");
    kit_close(&kit);
}

/* ---- the inverse ------------------------------------------------------------------ */

static void put_random_axis(const struct att_stream *s, uint64_t *w,
                            const char *name, struct att_buffer *out)
{
    const uint32_t kind = att_stream_below(s, (*w)++, 4);
    const uint32_t n = 1 + att_stream_below(s, (*w)++, 5);
    const uint32_t from = 1 + att_stream_below(s, (*w)++, 20);

    if (kind == 0) {
        att_buffer_printf(out, "    %s: {from: %u, to: %u, step: %u}\n", name,
                          from, from + 3 * n, 1 + from % 3);
    } else if (kind == 1) {
        att_buffer_printf(out, "    %s: {from: %u, to: %u, factor: 2}\n", name,
                          from, from << n);
    } else {
        att_buffer_printf(out, "    %s: [", name);
        for (uint32_t i = 0; i < n; i++) {
            att_buffer_printf(out, "%s%u", i > 0 ? ", " : "",
                              1 + att_stream_below(s, (*w)++, 40));
        }
        att_buffer_text(out, "]\n");
    }
}

/* A sweep with plain, zipped and derived axes in random order, and often a
 * condition. */
static void put_random_sweep(const struct att_stream *s, uint64_t *w,
                             uint32_t number, struct att_buffer *out)
{
    const uint32_t shape = att_stream_below(s, (*w)++, 8);

    att_buffer_printf(out, "- name: s%u\n  construction: toy\n", number);
    att_buffer_printf(out, "  replicates: %u\n",
                      1 + att_stream_below(s, (*w)++, 3));
    if ((shape & 1) != 0) {
        att_buffer_text(out, "  zip: {keys: [sign, gauss, sign, hadamard], "
                             "noise: [0, 0.5, 0, 0.25]}\n");
    }
    att_buffer_text(out, "  grid:\n");
    put_random_axis(s, w, "N", out);
    if ((shape & 2) != 0)
        att_buffer_text(out, "    d: {expr: 'N + 2 * L'}\n");
    put_random_axis(s, w, "L", out);
    att_buffer_text(out, "    data: [sub1, gauss]\n");
    if ((shape & 4) != 0)
        att_buffer_text(out, "  where: N + d > 2 * L or data == 'sub1'\n");
}

static void check_inverse(struct att_plan *plan, uint64_t number)
{
    struct att_task task;
    uint64_t back = UINT64_MAX;
    const enum att_task_state state = att_plan_task(plan, number, &task, NULL);

    CU_ASSERT_NOT_EQUAL(state, ATT_TASK_INVALID);
    if (state == ATT_TASK_DROPPED)
        return;
    CU_ASSERT_TRUE(
        att_plan_number(plan, task.sweep, task.p, task.replicate, &back));
    CU_ASSERT_EQUAL(back, number);
    task.p[TOY_L].i += 100000;
    CU_ASSERT_FALSE(
        att_plan_number(plan, task.sweep, task.p, task.replicate, &back));
    task.p[TOY_L].i -= 100000;
    task.p[TOY_BETA].r = 2;
    CU_ASSERT_FALSE(
        att_plan_number(plan, task.sweep, task.p, task.replicate, &back));
}

static void numbers_and_points_are_inverse_on_random_grids(void)
{
    for (uint32_t trial = 0; trial < 60; trial++) {
        const struct att_stream s = att_stream(1, 2, 3, trial);
        struct att_buffer text = {0};
        struct kit kit;
        uint64_t w = 0;

        att_buffer_text(&text, "name: s\nsweeps:\n");
        put_random_sweep(&s, &w, 0, &text);
        put_random_sweep(&s, &w, 1, &text);
        kit_plan(&kit, text.data);
        for (uint64_t i = 0; i < att_plan_size(kit.plan); i++)
            check_inverse(kit.plan, i);
        kit_close(&kit);
        att_buffer_fini(&text);
    }
}

static void keys_of_planned_tasks_differ_and_locate_their_task(void)
{
    struct kit kit;
    uint32_t n = 0;
    static struct att_key seen[2000];

    kit_plan(&kit, TOY "replicates: 2\n  grid: {N: [1, 2, 3], L: [4, 5, 6]}\n"
                       "- name: b\n  construction: toy\n  replicates: 4\n"
                       "  grid: {L: [9, 5, 4], N: [3, 2, 7], beta: [1, 2]}\n");
    for (uint64_t i = 0; i < att_plan_size(kit.plan); i++) {
        struct att_task task;
        uint32_t sweep = 9;
        uint64_t number = UINT64_MAX;

        if (att_plan_task(kit.plan, i, &task, NULL) != ATT_TASK_PLANNED)
            continue;
        const struct att_row_name row = {"toy", task.p, task.replicate,
                                         att_plan_key(kit.plan, &task)};
        CU_ASSERT_TRUE(att_plan_locate(kit.plan, &row, &sweep, &number));
        CU_ASSERT_EQUAL(sweep, task.sweep);
        CU_ASSERT_EQUAL(number, i);
        for (uint32_t k = 0; k < n; k++)
            CU_ASSERT_FALSE(att_key_equal(seen[k], row.key));
        seen[n++] = row.key;
    }
    /* 9 points x 2, and 18 x 4 of which the 4 with L in {5, 4}, N in {3, 2},
     * beta = 1 are there already for 2 replicates. */
    CU_ASSERT_EQUAL(n, 18 + 72 - 8);
    kit_close(&kit);
}

static void a_row_with_another_key_is_not_located(void)
{
    struct kit kit;
    struct att_task task;
    uint32_t sweep = 0;
    uint64_t number = 0;

    kit_plan(&kit, TOY "grid: {N: [1, 2]}\n");
    (void)att_plan_task(kit.plan, 1, &task, NULL);
    struct att_row_name row = {"toy", task.p, 0, att_plan_key(kit.plan, &task)};
    CU_ASSERT_TRUE(att_plan_locate(kit.plan, &row, &sweep, &number));
    row.key.low ^= 1;
    CU_ASSERT_FALSE(att_plan_locate(kit.plan, &row, &sweep, &number));
    row.key.low ^= 1;
    row.construction = "toy-two";
    CU_ASSERT_FALSE(att_plan_locate(kit.plan, &row, &sweep, &number));
    row.construction = "toy";
    row.replicate = 1;
    CU_ASSERT_FALSE(att_plan_locate(kit.plan, &row, &sweep, &number));
    kit_close(&kit);
}

/* ---- size --------------------------------------------------------------------------- */

static uint64_t resident_bytes(void)
{
    struct att_buffer text = {0};

    CU_ASSERT_EQUAL_FATAL(att_file_read("/proc/self/statm", &text, NULL),
                          ATT_OK);
    char *second = NULL;
    (void)strtoull(text.data, &second, 10);
    const uint64_t pages = strtoull(second, NULL, 10);
    att_buffer_fini(&text);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* 10^7 points and 10^18: what a plan holds is one bit per combination that
 * the condition looks at, here 1000, and the first touch of Lua. */
static void a_large_grid_takes_no_memory(void)
{
    static const char *const texts[] = {
        TOY "grid: {N: {from: 1, to: 100000, step: 1}, L: {from: 1, to: 100, "
            "step: 1}, d: [1, 2]}\n  where: L * d < 300\n",
        TOY "replicates: 1000\n  grid: {N: {from: 1, to: 1000000000, step: 1}, "
            "L: {from: 1, to: 60000, step: 1}}\n"};
    struct kit kit;

    kit_plan(&kit, texts[1]);
    kit_close(&kit);
    for (size_t i = 0; i < 2; i++) {
        const uint64_t before = resident_bytes();

        kit_plan(&kit, texts[i]);
        CU_ASSERT_TRUE(att_plan_size(kit.plan) >= 10000000);
        CU_ASSERT_TRUE(resident_bytes() < before + ((uint64_t)4 << 20));
        check_inverse(kit.plan, att_plan_size(kit.plan) - 1);
        check_inverse(kit.plan, att_plan_size(kit.plan) / 3);
        kit_close(&kit);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"numbers run row-major with replicates fastest",
         numbers_run_row_major_with_replicates_fastest},
        {"zipped axes go together", zipped_axes_go_together},
        {"sweeps stand one after another", sweeps_stand_one_after_another},
        {"a condition drops what it says", a_condition_drops_what_it_says},
        {"derived values are computed where they are needed",
         derived_values_are_computed_where_they_are_needed},
        {"a condition may drop what cannot exist",
         a_condition_may_drop_what_cannot_exist},
        {"what no point can be is refused with the point",
         what_no_point_can_be_is_refused_with_the_point},
        {"a bad value in a large grid is met at its task",
         a_bad_value_in_a_large_grid_is_met_at_its_task},
        {"numbers and points are inverse on random grids",
         numbers_and_points_are_inverse_on_random_grids},
        {"keys of planned tasks differ and locate their task",
         keys_of_planned_tasks_differ_and_locate_their_task},
        {"a row with another key is not located",
         a_row_with_another_key_is_not_located},
        {"a large grid takes no memory", a_large_grid_takes_no_memory},
        CU_TEST_INFO_NULL,
    };

    return unit_run("plan", tests);
}
