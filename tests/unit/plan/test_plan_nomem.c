/* test_plan_nomem.c - every allocation on the way from a study's text to the
 * totals of its plan fails once. */
#include <stdio.h>
#include <string.h>

#include "attest/plan/summary.h"
#include "scarce.h"
#include "toy.h"
#include "unit.h"

static const char FULL[] =
    "name: s\nreplicates: 2\nlimits: {task_time: {expr: 'N * L'}}\nsweeps:\n"
    "- construction: toy\n"
    "  zip: {keys: [sign, gauss, sign], noise: [0, 0.5, 0]}\n"
    "  grid: {N: {from: 1, to: 9, factor: 2}, d: {expr: 'ceil(N * ln(L + 1))'},"
    " L: [3, 4, 3], beta: {from: 0.1, to: 1, points: 3}}\n"
    "  where: (function() return N < d end)() and data == 'gauss'\n"
    "  observe: {L_test: [2, 1], step: log}\n"
    "- construction: toy\n  name: b\n"
    "  find: {smallest: keys, such_that: accept == 1, among: [gauss, sign], "
    "share: 0.5}\n";

static const char WRONG[] =
    "nmae: s\nsweeps:\n- construction: toy\n"
    "  grid: {M: 3, N: [1, x], L: {expr: 'N +'}, beta: {from: 1}}\n"
    "- construction: tyo\n";

struct trip {
    struct att_study_file *file;
    struct att_plan *plan;
    struct att_summary *summary;
    struct att_buffer out;
    struct att_error err;
};

static att_status travel(struct trip *t, const char *text)
{
    const struct att_study_source source = {.path = "s.yaml",
                                            .text = text,
                                            .n = strlen(text),
                                            .known = toy_catalogue,
                                            .n_known = 2};

    ATT_TRY(att_study_parse(&source, &t->file, &t->out, &t->err));
    ATT_TRY(att_plan_create(att_study_of(t->file), NULL, &t->plan, &t->err));
    return att_summary_create(t->plan, &t->summary, &t->err);
}

/* With memory for n allocations: a failure says why and leaves nothing. */
static bool travel_with(uint64_t n, const char *text, att_status *status)
{
    struct trip t = {0};

    scarce_begin(n);
    *status = travel(&t, text);
    const bool failed = scarce_end();
    if (*status != ATT_OK) {
        CU_ASSERT_TRUE(strlen(t.err.text) > 0);
        CU_ASSERT_EQUAL(t.err.status, *status);
        CU_ASSERT_PTR_NULL(t.summary);
    }
    att_summary_destroy(t.summary);
    att_plan_destroy(t.plan);
    att_study_destroy(t.file);
    att_buffer_fini(&t.out);
    return failed;
}

static uint64_t travel_until_enough(const char *text, att_status expected)
{
    att_status status = ATT_E_NOMEM;
    uint64_t n = 0;

    while (travel_with(n, text, &status)) {
        CU_ASSERT_NOT_EQUAL(status, ATT_OK);
        n++;
    }
    CU_ASSERT_EQUAL(status, expected);
    return n;
}

static void a_plan_survives_every_failure_to_allocate(void)
{
    CU_ASSERT_TRUE(travel_until_enough(FULL, ATT_OK) > 100);
}

static void diagnostics_survive_every_failure_to_allocate(void)
{
    CU_ASSERT_TRUE(travel_until_enough(WRONG, ATT_E_PARSE) > 20);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a plan survives every failure to allocate",
         a_plan_survives_every_failure_to_allocate},
        {"diagnostics survive every failure to allocate",
         diagnostics_survive_every_failure_to_allocate},
        CU_TEST_INFO_NULL,
    };

    return unit_run("plan without memory", tests);
}
