/* test_averaging_rivals.c - recurrent and ReLU nets: exact where they are
 * exact, as bad as they must be, and of the size that is claimed. */
#include <math.h>

#include "../../../src/construction/averaging/averaging_slots_priv.h"
#include "one_task.h"
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

/* The exported network runs as claimed and has as many numbers as counted. */
static void export_agrees(struct one_task *r)
{
    struct att_artifact a;
    struct att_check_report report;

    att_artifact_init(&a, arena);
    CU_ASSERT_EQUAL_FATAL(r->c->export_artifact(&r->ws, &r->at, &a, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(r->c->check(&a, arena, &report, NULL), ATT_OK);
    CU_ASSERT_TRUE(report.agrees);
    CU_ASSERT_EQUAL((double)att_model_parameters(&a.model),
                    one_task_number(r, "params_used"));
}

static void relu_nets_are_exact_and_as_wide_as_the_formula(void)
{
    struct one_task r;

    one_task_open_in(&r, arena, "averaging_ffn", 3);
    one_task_int(&r, "L", 20);
    one_task_int(&r, "q", 3);
    one_task_int(&r, "dv", 2);
    if (!one_task_run_supported(&r))
        return;
    CU_ASSERT_TRUE(one_task_number(&r, "err_value") <= 1e-14);
    CU_ASSERT_EQUAL(one_task_number(&r, "size"), 3 * 20 * 3 + 2 * 20 * 2);
    export_agrees(&r);
}

static void a_full_state_is_exact(void)
{
    struct one_task r;

    one_task_open_in(&r, arena, "averaging_recurrent", 3);
    one_task_text(&r, "net", "full");
    one_task_int(&r, "L", 24);
    one_task_int(&r, "dv", 4);
    if (!one_task_run_supported(&r))
        return;
    CU_ASSERT_EQUAL(one_task_number(&r, "err_l1_max"), 0.0);
    CU_ASSERT_EQUAL(one_task_number(&r, "state_size"), 24 * 4);
    export_agrees(&r);
}

static void slots_err_as_much_as_the_bound_and_all_of_them_not_at_all(void)
{
    const int64_t slots[] = {12, 40, 64};

    for (int i = 0; i < 3; i++) {
        struct one_task r;

        one_task_open_in(&r, arena, "averaging_recurrent", 3);
        one_task_int(&r, "q", 1);
        one_task_int(&r, "slots", slots[i]);
        if (!one_task_run_supported(&r))
            return;
        const double bound = sqrt(1.0 - (double)slots[i] / 64.0);

        CU_ASSERT_TRUE(one_task_number(&r, "err_l1_max") >= bound - 1e-12);
        CU_ASSERT_TRUE(one_task_number(&r, "size") > 60.0);
        if (slots[i] == 64)
            CU_ASSERT_TRUE(one_task_number(&r, "err_l1_max") < 1e-10);
        export_agrees(&r);
    }
}

/* A generous eps needs few slots: the search must not start late. */
static void a_large_eps_is_met_by_few_slots(void)
{
    struct att_workspace ws;
    static const uint32_t y[] = {3, 9};
    const struct att_averaging a = {
        .L = 32, .q = 2, .dv = 1, .samples = 1, .n_sets = 1, .y = y};
    struct avg_slots s = {.a = &a, .n_slots = 32, .eps = 3.0};

    att_workspace_init(&ws, arena, 3, 4);
    const att_status status = att_avg_slots(&ws, &s, NULL);

    if (status == ATT_E_UNSUPPORTED)
        return;
    CU_ASSERT_EQUAL_FATAL(status, ATT_OK);
    CU_ASSERT_EQUAL(s.least, 1);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"ReLU nets are exact and as wide as the formula",
         relu_nets_are_exact_and_as_wide_as_the_formula},
        {"a full state is exact", a_full_state_is_exact},
        {"slots err as much as the bound and all of them not at all",
         slots_err_as_much_as_the_bound_and_all_of_them_not_at_all},
        {"a large eps is met by few slots", a_large_eps_is_met_by_few_slots},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("averaging rivals", begin, end, tests);
}
