/* test_budget.c - costs, limits and searches of tasks. */
#include "plan_kit.h"

#include <math.h>

static struct att_task task_at(struct kit *kit, uint64_t number)
{
    struct att_task task;

    CU_ASSERT_EQUAL_FATAL(att_plan_task(kit->plan, number, &task, NULL),
                          ATT_TASK_PLANNED);
    return task;
}

/* ---- limits ------------------------------------------------------------------- */

static void limits_are_constants_or_expressions_per_study_and_sweep(void)
{
    struct kit kit;
    struct att_limits limits = {0};

    kit_plan(&kit, "name: s\nlimits: {task_time: 2min, task_memory: 1GiB, "
                   "retries: 2}\nsweeps:\n- construction: toy\n"
                   "  grid: {N: [10, 20]}\n"
                   "  limits: {task_time: {expr: '1.5 * N'}, task_memory: "
                   "{expr: '8 * N * L'}}\n"
                   "- construction: toy-two\n");
    struct att_task task = task_at(&kit, 1);
    CU_ASSERT_EQUAL(att_plan_limits(kit.plan, &task, &limits, NULL), ATT_OK);
    CU_ASSERT_EQUAL(limits.task_time_s, 30);
    CU_ASSERT_EQUAL(limits.task_memory_bytes, 1280);
    CU_ASSERT_EQUAL(limits.retries, 2);
    task = task_at(&kit, 2);
    CU_ASSERT_EQUAL(att_plan_limits(kit.plan, &task, &limits, NULL), ATT_OK);
    CU_ASSERT_EQUAL(limits.task_time_s, 120);
    CU_ASSERT_EQUAL(limits.task_memory_bytes, UINT64_C(1) << 30);
    kit_close(&kit);
}

static void no_limits_are_zeros(void)
{
    struct kit kit;
    struct att_limits limits = {1, 1, 1};

    kit_plan(&kit, TOY "grid: {N: 1}\n");
    const struct att_task task = task_at(&kit, 0);
    CU_ASSERT_EQUAL(att_plan_limits(kit.plan, &task, &limits, NULL), ATT_OK);
    CU_ASSERT_EQUAL(limits.task_time_s, 0);
    CU_ASSERT_EQUAL(limits.task_memory_bytes, 0);
    CU_ASSERT_EQUAL(limits.retries, 0);
    kit_close(&kit);
}

static void a_limit_that_is_none_names_its_point(void)
{
    struct kit kit;
    struct att_limits limits;
    struct att_error err = {0};

    kit_plan(&kit, TOY "grid: {N: [10, 20]}\n"
                       "  limits: {task_time: {expr: '15 - N'}}\n");
    struct att_task task = task_at(&kit, 0);
    CU_ASSERT_EQUAL(att_plan_limits(kit.plan, &task, &limits, &err), ATT_OK);
    task = task_at(&kit, 1);
    CU_ASSERT_EQUAL(att_plan_limits(kit.plan, &task, &limits, &err), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(
        err.text,
        "s.yaml:6: sweep 'toy': task_time: -5 is no limit (at N = 20)");
    kit_close(&kit);
}

/* ---- costs --------------------------------------------------------------------- */

static void a_cost_is_the_closed_form(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {N: 3, L: 5, d: 7}\n");
    const struct att_task task = task_at(&kit, 0);
    const struct att_cost cost = att_plan_cost(kit.plan, &task);
    CU_ASSERT_EQUAL(cost.flops, 210);
    CU_ASSERT_EQUAL(cost.bytes, 840);
    kit_close(&kit);
}

/* 8191 candidates: 13 halvings and two neighbours, at the geometric mean 128
 * of 2 and 8192; with a share, for each of the replicates. */
static void a_search_costs_its_probes(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {N: 1, L: 1}\n  find: {smallest: d, such_that: "
                       "accept == 1, between: [2, 8192]}\n"
                       "- construction: toy\n  name: b\n  replicates: 20\n"
                       "  grid: {N: 1, L: 1}\n  find: {smallest: d, such_that: "
                       "accept == 1, among: [4, 8, 9], share: 0.5}\n");
    struct att_task task = task_at(&kit, 0);
    CU_ASSERT_EQUAL(task.p[TOY_D].i, 128);
    CU_ASSERT_EQUAL(att_plan_cost(kit.plan, &task).flops, 256.0 * 15);
    CU_ASSERT_EQUAL(att_plan_cost(kit.plan, &task).bytes, 8.0 * 128);
    task = task_at(&kit, 1);
    CU_ASSERT_EQUAL(task.p[TOY_D].i, 8);
    CU_ASSERT_EQUAL(att_plan_cost(kit.plan, &task).flops, 16.0 * 3 * 20);
    CU_ASSERT_EQUAL(att_plan_size(kit.plan), 2);
    CU_ASSERT_EQUAL(att_plan_replicates(kit.plan, 1), 1);
    kit_close(&kit);
}

/* ---- searches and observations --------------------------------------------------- */

static void a_search_offers_its_candidates(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "find: {largest: keys, such_that: accept == 1, among: "
                       "[hadamard, sign]}\n"
                       "- construction: toy\n  name: b\n");
    struct att_task task = task_at(&kit, 0);
    const struct att_find *find = att_plan_find(kit.plan, &task);
    CU_ASSERT_TRUE(find != NULL && find->largest && find->range.n == 2);
    CU_ASSERT_STRING_EQUAL(att_plan_probe(kit.plan, &task, 0).s, "hadamard");
    CU_ASSERT_STRING_EQUAL(att_plan_probe(kit.plan, &task, 1).s, "sign");
    task = task_at(&kit, 1);
    CU_ASSERT_PTR_NULL(att_plan_find(kit.plan, &task));
    kit_close(&kit);
}

static void a_criterion_sees_parameters_metrics_and_observations(void)
{
    struct kit kit;
    struct att_value metric[3] = {att_int(1), att_real(0.5), att_text("none")};
    const double observation[3] = {20, (double)NAN, 0.25};
    struct att_error err = {0};
    bool accept = false;

    kit_plan(&kit, TOY "find: {smallest: d, such_that: \"accept == 1 and score "
                       "> d / 10 and err_kind == 'none' and (loss == nil or "
                       "loss < 0.2)\", between: [1, 9]}\n");
    struct att_task task = task_at(&kit, 0);
    task.p[TOY_D] = att_int(4);
    CU_ASSERT_EQUAL(
        att_plan_accepts(kit.plan, &task, metric, NULL, &accept, &err), ATT_OK);
    CU_ASSERT_TRUE(accept);
    CU_ASSERT_EQUAL(
        att_plan_accepts(kit.plan, &task, metric, observation, &accept, &err),
        ATT_OK);
    CU_ASSERT_FALSE(accept);
    task.p[TOY_D] = att_int(5);
    CU_ASSERT_EQUAL(
        att_plan_accepts(kit.plan, &task, metric, NULL, &accept, &err), ATT_OK);
    CU_ASSERT_FALSE(accept);
    metric[1] = att_none();
    CU_ASSERT_EQUAL(
        att_plan_accepts(kit.plan, &task, metric, NULL, &accept, &err),
        ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text, "attempt to compare number with nil");
    CU_ASSERT_TRUE(att_plan_lacks(kit.plan, &task, metric, NULL));
    metric[1] = att_real(0.5);
    CU_ASSERT_FALSE(att_plan_lacks(kit.plan, &task, metric, observation));
    kit_close(&kit);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"limits are constants or expressions per study and sweep",
         limits_are_constants_or_expressions_per_study_and_sweep},
        {"no limits are zeros", no_limits_are_zeros},
        {"a limit that is none names its point",
         a_limit_that_is_none_names_its_point},
        {"a cost is the closed form", a_cost_is_the_closed_form},
        {"a search costs its probes", a_search_costs_its_probes},
        {"a search offers its candidates", a_search_offers_its_candidates},
        {"a criterion sees parameters, metrics and observations",
         a_criterion_sees_parameters_metrics_and_observations},
        CU_TEST_INFO_NULL,
    };

    return unit_run("budget", tests);
}
