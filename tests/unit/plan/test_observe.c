/* test_observe.c - what is asked of a task, by its sweep and by later ones. */
#include "plan_kit.h"

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

/* "L_test own 20 40 | step log": what a task is asked. */
static void asked(struct kit *kit, uint64_t number, struct att_buffer *out)
{
    struct att_task task;
    struct att_observe o;

    att_buffer_clear(out);
    CU_ASSERT_EQUAL_FATAL(att_plan_task(kit->plan, number, &task, &kit->err),
                          ATT_TASK_PLANNED);
    CU_ASSERT_EQUAL_FATAL(
        att_plan_observe(kit->plan, &task, arena, &o, &kit->err), ATT_OK);
    for (size_t a = 0; a < o.n; a++) {
        att_buffer_printf(out, "%s%s%s%s", a == 0 ? "" : " | ", o.axis[a].name,
                          o.axis[a].own ? " own" : "",
                          o.axis[a].log ? " log" : "");
        for (size_t i = 0; i < o.axis[a].n; i++)
            att_buffer_printf(out, " %g", o.axis[a].value[i]);
    }
}

struct wish {
    uint64_t number;
    const char *text;
};

static void check(const char *study, const struct wish *wish, size_t n)
{
    struct att_buffer text = {0};
    struct kit kit;

    kit_plan(&kit, study);
    for (size_t i = 0; i < n; i++) {
        asked(&kit, wish[i].number, &text);
        CU_ASSERT_STRING_EQUAL(text.size > 0 ? text.data : "", wish[i].text);
    }
    att_buffer_fini(&text);
    kit_close(&kit);
}

#define CHECK(study, ...)                                                      \
    check(study, (const struct wish[]){__VA_ARGS__},                           \
          sizeof((const struct wish[]){__VA_ARGS__}) / sizeof(struct wish))

static void a_task_knows_what_to_observe(void)
{
    CHECK(TOY "observe: {L_test: [40, 20], step: log}\n",
          {0, "L_test 20 40 | step log"});
}

#define TWO(first, second)                                                     \
    TOY "grid: {N: [1, 2]}\n  replicates: 2\n" first                           \
        "- construction: toy\n  name: later\n  grid: {N: [2, 3]}\n" second

static void shared_points_are_asked_for_both(void)
{
    /* tasks: N = 1, 2 with two replicates; then N = 2 (coincides), 3 */
    CHECK(TWO("  observe: {step: [1, 5]}\n", "  observe: {step: [5, 9]}\n"),
          {0, "step 1 5"}, {2, "step 1 5 9"}, {3, "step 1 5"}, {5, "step 5 9"});
}

static void axes_of_one_sweep_only_are_kept_beside_the_own_grid(void)
{
    CHECK(TWO("  observe: {step: [1]}\n", "  observe: {L_test: [8]}\n"),
          {2, "step own 1 | L_test own 8"}, {3, "step 1"}, {5, "L_test 8"});
}

static void a_sweep_that_asks_nothing_keeps_the_own_grid(void)
{
    CHECK(TWO("", "  observe: {step: [4]}\n"), {0, ""}, {2, "step own 4"});
    CHECK(TWO("  observe: {step: [4]}\n", ""), {2, "step own 4"},
          {3, "step 4"});
}

static void log_stays_beside_values_and_yields_to_a_finer_grid(void)
{
    CHECK(TWO("  observe: {step: log}\n", "  observe: {step: [4]}\n"),
          {2, "step own log 4"});
    CHECK(TWO("  observe: {step: log}\n", ""), {2, "step own"});
    CHECK(TWO("  observe: {step: log}\n", "  observe: {step: log}\n"),
          {2, "step own log"});
}

static void points_that_a_later_sweep_drops_are_not_its_own(void)
{
    CHECK(TWO("  observe: {step: [1]}\n",
              "  where: N == 3\n  observe: {step: [9]}\n"),
          {2, "step 1"}, {5, "step 9"});
}

static void a_third_sweep_adds_its_share(void)
{
    CHECK(TWO("  observe: {step: [1]}\n",
              "  observe: {step: [2]}\n") "- construction: toy\n  name: "
                                          "third\n  grid: {N: [2, 3]}\n"
                                          "  observe: {step: [3]}\n",
          {0, "step 1"}, {2, "step 1 2 3"}, {5, "step 2 3"});
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a task knows what to observe", a_task_knows_what_to_observe},
        {"shared points are asked for both", shared_points_are_asked_for_both},
        {"axes of one sweep only are kept beside the own grid",
         axes_of_one_sweep_only_are_kept_beside_the_own_grid},
        {"a sweep that asks nothing keeps the own grid",
         a_sweep_that_asks_nothing_keeps_the_own_grid},
        {"log stays beside values and yields to a finer grid",
         log_stays_beside_values_and_yields_to_a_finer_grid},
        {"points that a later sweep drops are not its own",
         points_that_a_later_sweep_drops_are_not_its_own},
        {"a third sweep adds its share", a_third_sweep_adds_its_share},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("observe", begin, end, tests);
}
