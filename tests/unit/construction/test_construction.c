/* test_construction.c - the schema as a whole, outcomes, words, registry. */
#include "attest/construction/construction.h"

#include <math.h>
#include <string.h>

#include "attest/construction/registry.h"
#include "unit.h"

static const struct att_param PROBLEM_PARAMS[] = {
    ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 8, 1, 64, "sequences"),
    ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 8, 1, 64, "tokens"),
};
static const struct att_problem PROBLEM = {
    .name = "toy", .params = PROBLEM_PARAMS, .n_params = 2};

static const struct att_param OWN_PARAMS[] = {
    ATT_PARAM_REAL("tau", ATT_SEEDS_NOTHING, 1.0, 0.0, 9.0, "temperature"),
};
enum { M_COUNT, M_ERROR, M_KIND, N_METRICS };
static const struct att_metric METRICS[N_METRICS] = {
    [M_COUNT] = {.name = "count", .kind = ATT_INTEGER},
    [M_ERROR] = {.name = "error", .kind = ATT_REAL},
    [M_KIND] = {.name = "err_kind", .kind = ATT_TEXT},
};
static const struct att_metric OBSERVATIONS[] = {
    {.name = "step", .kind = ATT_INTEGER, .role = ATT_ROLE_AXIS},
    {.name = "loss", .kind = ATT_REAL},
};
static const struct att_claim CLAIMS[] = {{.id = "toy.count"}};
static const struct att_construction TOY = {
    .name = "toy",
    .problem = &PROBLEM,
    .params = OWN_PARAMS,
    .n_params = 1,
    .metrics = METRICS,
    .n_metrics = N_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = 2,
    .claims = CLAIMS,
    .n_claims = 1,
};

static void the_problems_parameters_come_first(void)
{
    static const char *const names[] = {"N", "L", "tau"};

    CU_ASSERT_EQUAL_FATAL(att_construction_n_params(&TOY), 3);
    for (uint32_t i = 0; i < 3; i++) {
        CU_ASSERT_STRING_EQUAL(att_construction_param(&TOY, i)->name, names[i]);
        CU_ASSERT_EQUAL(att_construction_find_param(&TOY, names[i]), (int)i);
    }
    CU_ASSERT_EQUAL(att_construction_find_param(&TOY, "d"), -1);
}

static void columns_are_found_by_name(void)
{
    CU_ASSERT_EQUAL(att_construction_find_metric(&TOY, "error"), M_ERROR);
    CU_ASSERT_EQUAL(att_construction_find_metric(&TOY, "loss"), -1);
    CU_ASSERT_EQUAL(att_construction_find_observation(&TOY, "loss"), 1);
    CU_ASSERT_EQUAL(att_construction_find_observation(&TOY, "error"), -1);
    CU_ASSERT_EQUAL(att_construction_find_claim(&TOY, "toy.count"), 0);
    CU_ASSERT_EQUAL(att_construction_find_claim(&TOY, "count"), -1);
}

static void metrics_are_missing_until_they_are_set(void)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_outcome out;
    char text[] = "no_margin";

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_EQUAL_FATAL(att_outcome_init(&out, &TOY, arena, NULL), ATT_OK);
    for (int i = 0; i < N_METRICS; i++)
        CU_ASSERT_EQUAL(out.metric[i].kind, ATT_NONE);
    att_out_int(&out, M_COUNT, 7);
    att_out_real(&out, M_ERROR, 0.5);
    att_out_text(&out, M_KIND, text);
    text[0] = '?';
    CU_ASSERT_EQUAL(out.metric[M_COUNT].i, 7);
    CU_ASSERT_EQUAL(out.metric[M_ERROR].r, 0.5);
    CU_ASSERT_STRING_EQUAL(out.metric[M_KIND].s, "no_margin");
    att_arena_destroy(arena);
}

static void observations_are_kept_in_order(void)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_outcome out;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_EQUAL_FATAL(att_outcome_init(&out, &TOY, arena, NULL), ATT_OK);
    for (int i = 0; i < 100; i++)
        att_out_observe(&out, (const double[]){i, 1.0 / (i + 1)});
    CU_ASSERT_EQUAL_FATAL(out.n_observed, 100);
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(out.observation[2 * i], i);
        CU_ASSERT_EQUAL(out.observation[2 * i + 1], 1.0 / (i + 1));
    }
    att_arena_destroy(arena);
}

static void an_outcome_without_memory_says_so(void)
{
    struct att_arena *arena = att_arena_create(1);
    struct att_outcome out;
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_EQUAL(att_outcome_init(&out, &TOY, arena, &err), ATT_E_NOMEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "the table of metrics"));
    att_arena_destroy(arena);
}

static void an_asked_axis_is_found_and_an_empty_one_is_not(void)
{
    const double steps[] = {20, 40};
    const struct att_observe_axis axis[] = {
        {.name = "step", .value = steps, .n = 2}, {.name = "L_test"}};
    const struct att_case c = {.observe = {axis, 2}};
    size_t n = 9;

    CU_ASSERT_PTR_EQUAL(att_case_observe(&c, "step", &n), steps);
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_PTR_NULL(att_case_observe(&c, "L_test", &n));
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_PTR_NULL(att_case_observe(&c, "d", &n));
}

static void an_own_grid_stands_alone_or_beside_what_is_asked(void)
{
    const double asked[] = {1, 20, 40}, own[] = {10, 20};
    const struct att_own_grid grid = {own, 2};
    const struct att_observe_axis axis[] = {
        {.name = "step", .value = asked, .n = 3},
        {.name = "d", .value = asked, .n = 3, .own = true}};
    const struct att_case c = {.observe = {axis, 2}};
    struct att_arena *arena = att_arena_create(0);
    size_t n = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    CU_ASSERT_PTR_EQUAL(att_case_observe_or(&c, "step", grid, arena, &n),
                        asked);
    CU_ASSERT_EQUAL(n, 3);
    CU_ASSERT_PTR_EQUAL(att_case_observe_or(&c, "L_test", grid, arena, &n),
                        own);
    CU_ASSERT_EQUAL(n, 2);
    const double *both = att_case_observe_or(&c, "d", grid, arena, &n);

    CU_ASSERT_EQUAL_FATAL(n, 4);
    CU_ASSERT_EQUAL(both[0], 1);
    CU_ASSERT_EQUAL(both[1], 10);
    CU_ASSERT_EQUAL(both[2], 20);
    CU_ASSERT_EQUAL(both[3], 40);
    att_arena_destroy(arena);
}

static void enumerators_have_words(void)
{
    CU_ASSERT_STRING_EQUAL(att_standing_text(ATT_SECOND_HAND), "second_hand");
    CU_ASSERT_STRING_EQUAL(att_verdict_text(ATT_DEPARTS), "departs");
    CU_ASSERT_STRING_EQUAL(att_verdict_text(ATT_NOT_APPLICABLE),
                           "not_applicable");
    CU_ASSERT_STRING_EQUAL(att_scope_text(ATT_SCOPE_GROUP), "group");
}

/* Sixteen lower-case hex digits. */
static bool is_code_id(const char *text)
{
    return strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16;
}

static void every_registered_name_is_found_and_has_a_code_id(void)
{
    size_t n = 0;
    const struct att_construction *const *all = att_constructions(&n);

    CU_ASSERT_PTR_NULL(all[n]);
    CU_ASSERT_PTR_NULL(att_construction_find("no-such-construction"));
    for (size_t i = 0; i < n; i++) {
        const char *id = att_construction_code_id(all[i]);

        CU_ASSERT_PTR_EQUAL(att_construction_find(all[i]->name), all[i]);
        CU_ASSERT(is_code_id(id));
        CU_ASSERT_STRING_NOT_EQUAL(id, "0000000000000000");
    }
    CU_ASSERT_STRING_EQUAL(att_construction_code_id(&TOY), "0000000000000000");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the problem's parameters come first",
         the_problems_parameters_come_first},
        {"columns are found by name", columns_are_found_by_name},
        {"metrics are missing until they are set",
         metrics_are_missing_until_they_are_set},
        {"observations are kept in order", observations_are_kept_in_order},
        {"an outcome without memory says so",
         an_outcome_without_memory_says_so},
        {"an asked axis is found and an empty one is not",
         an_asked_axis_is_found_and_an_empty_one_is_not},
        {"an own grid stands alone or beside what is asked",
         an_own_grid_stands_alone_or_beside_what_is_asked},
        {"enumerators have words", enumerators_have_words},
        {"every registered name is found and has a code id",
         every_registered_name_is_found_and_has_a_code_id},
        CU_TEST_INFO_NULL,
    };

    return unit_run("construction", tests);
}
