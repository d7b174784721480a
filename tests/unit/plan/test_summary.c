/* test_summary.c - what a plan amounts to, against counting every task. */
#include "attest/plan/summary.h"

#include <math.h>
#include <stdlib.h>

#include "plan_kit.h"

/* ---- everything counted ------------------------------------------------------------ */

struct count {
    uint64_t planned, dropped, coinciding, infeasible;
    double flops, max_flops, max_bytes;
};

static void count_task(struct att_plan *plan, uint64_t number,
                       struct count *count)
{
    struct att_task task;
    const enum att_task_state state = att_plan_task(plan, number, &task, NULL);

    count->dropped += state == ATT_TASK_DROPPED;
    count->coinciding += state == ATT_TASK_COINCIDES;
    if (state != ATT_TASK_PLANNED)
        return;
    count->planned++;
    if (task.construction->admit(task.p, NULL) != ATT_OK) {
        count->infeasible++;
        return;
    }
    const struct att_cost cost = att_plan_cost(plan, &task);
    count->flops += cost.flops;
    count->max_flops = fmax(count->max_flops, cost.flops);
    count->max_bytes = fmax(count->max_bytes, cost.bytes);
}

static struct count count_all(struct att_plan *plan)
{
    struct count count = {0};

    for (uint64_t i = 0; i < att_plan_size(plan); i++)
        count_task(plan, i, &count);
    return count;
}

static struct att_summary *sum(struct kit *kit)
{
    struct att_summary *summary = NULL;

    CU_ASSERT_EQUAL_FATAL(att_summary_create(kit->plan, &summary, NULL),
                          ATT_OK);
    return summary;
}

/* Costs of the toys are integers below 2^53, so sums are exact in any order. */
static void check_against_count(const char *text, uint32_t replicates)
{
    struct kit kit;

    kit_plan(&kit, text);
    const struct count count = count_all(kit.plan);
    struct att_summary *s = sum(&kit);
    CU_ASSERT_TRUE(s->total.exact);
    CU_ASSERT_TRUE(s->total.coinciding_exact);
    CU_ASSERT_EQUAL(s->total.n_tasks, count.planned);
    CU_ASSERT_EQUAL(s->total.n_dropped * replicates, count.dropped);
    CU_ASSERT_EQUAL(s->total.n_coinciding, count.coinciding);
    CU_ASSERT_EQUAL(s->total.n_infeasible, (double)count.infeasible);
    CU_ASSERT_EQUAL(s->total.flops, count.flops);
    CU_ASSERT_EQUAL(s->total.max_flops, count.max_flops);
    CU_ASSERT_EQUAL(s->total.max_bytes, count.max_bytes);
    att_summary_destroy(s);
    kit_close(&kit);
}

static void small_plans_are_summed_exactly(void)
{
    check_against_count(TOY "grid: {N: 7}\n", 1);
    check_against_count(TOY "replicates: 3\n  grid: {N: {from: 1, to: 9, step: "
                            "1}, data: [gauss, sub1], L: [1, 2, 3]}\n"
                            "  where: N * L < 9 or data == 'sub1' and N > L\n",
                        3);
    check_against_count(TOY "grid: {L: [3, 2, 9], d: {expr: '500 * L'}, N: "
                            "{from: 1, to: 100, step: 1}}\n",
                        1);
    check_against_count(TOY "grid: {N: [1, 2], L: [5]}\n  where: N > 7\n", 1);
}

static void sweeps_that_share_points_are_counted_once(void)
{
    check_against_count(
        TOY "replicates: 2\n  grid: {N: [1, 2, 3, 4], L: [5, 6]}\n"
            "- construction: toy\n  name: b\n  replicates: 2\n"
            "  grid: {L: [6, 7], N: {from: 2, to: 9, step: 2}, beta: [1, 2]}\n"
            "- construction: toy\n  name: c\n  replicates: 2\n"
            "  zip: {N: [1, 2, 8], L: [5, 7, 7]}\n",
        2);
}

static void fewer_replicates_cover_only_their_own(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "replicates: 2\n  grid: {N: [1, 2]}\n"
                       "- construction: toy\n  name: b\n  replicates: 5\n"
                       "  grid: {N: [2, 3]}\n"
                       "- construction: toy\n  name: c\n  replicates: 3\n"
                       "  grid: {N: [1, 2, 3, 4]}\n");
    struct att_summary *s = sum(&kit);
    CU_ASSERT_EQUAL(s->sweep[0].n_tasks, 4);
    CU_ASSERT_EQUAL(s->sweep[1].n_coinciding, 2);
    CU_ASSERT_EQUAL(s->sweep[1].n_tasks, 8);
    CU_ASSERT_EQUAL(s->sweep[2].n_coinciding, 2 + 3 + 3);
    CU_ASSERT_EQUAL(s->sweep[2].n_tasks, 12 - 8);
    CU_ASSERT_EQUAL(count_all(kit.plan).planned, s->total.n_tasks);
    att_summary_destroy(s);
    kit_close(&kit);
}

static void searches_share_only_with_the_same_search(void)
{
    struct kit kit;

    kit_plan(&kit,
             TOY "grid: {N: [1, 2]}\n"
                 "- {construction: toy, name: b, grid: {N: [1, 2]}, find: "
                 "{smallest: d, such_that: accept == 1, between: [1, 9]}}\n"
                 "- {construction: toy, name: c, grid: {N: [1, 3]}, find: "
                 "{smallest: d, such_that: accept==1, between: [1, 9]}}\n"
                 "- {construction: toy, name: d, grid: {N: [1, 3]}, find: "
                 "{smallest: d, such_that: accept == 1, between: [1, 8]}}\n");
    struct att_summary *s = sum(&kit);
    CU_ASSERT_EQUAL(s->sweep[1].n_coinciding, 0);
    CU_ASSERT_EQUAL(s->sweep[2].n_coinciding, 1);
    CU_ASSERT_EQUAL(s->sweep[3].n_coinciding, 0);
    att_summary_destroy(s);
    kit_close(&kit);
}

static void values_written_twice_and_too_large_points_are_counted(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "replicates: 2\n  grid: {N: [1, 2, 2, 1, 9], L: 1, d: "
                       "1}\n  limits: {task_memory: 64B}\n");
    struct att_summary *s = sum(&kit);
    CU_ASSERT_EQUAL(s->total.n_duplicates, 2);
    CU_ASSERT_EQUAL(s->total.n_points, 3);
    CU_ASSERT_EQUAL(s->total.n_too_large, 2); /* N = 9 needs 72 bytes */
    CU_ASSERT_EQUAL(s->total.max_bytes, 16);
    CU_ASSERT_EQUAL(s->total.flops, 2 * (2 + 4));
    att_summary_destroy(s);
    kit_close(&kit);
}

/* ---- large plans ---------------------------------------------------------------------- */

/* flops = 2 N L d over 1..10^5 x 1..100 x {2, 8}: sum and moments are known.
 * Strata only lower the variance of the mean of n = 2^18 draws, so it stays
 * within 6 standard deviations, cv / sqrt(n) each, of the truth. */
static void a_large_plan_is_summed_from_a_sample(void)
{
    struct kit kit;
    const double n_N = 1e5;
    const double n_L = 100;
    const double sum_N = n_N * (n_N + 1) / 2;
    const double sum_L = n_L * (n_L + 1) / 2;
    const double sum = 2 * sum_N * sum_L * 10;
    const double mean = sum / (n_N * n_L * 2);
    const double square = 4 * ((n_N + 1) * (2 * n_N + 1) / 6) *
                          ((n_L + 1) * (2 * n_L + 1) / 6) * (4 + 64) / 2;
    const double cv = sqrt(square - mean * mean) / mean;

    kit_plan(&kit, TOY "grid: {N: {from: 1, to: 100000, step: 1}, L: {from: 1, "
                       "to: 100, step: 1}, d: [2, 8]}\n");
    struct att_summary *s = NULL;
    CU_ASSERT_EQUAL_FATAL(att_summary_create(kit.plan, &s, NULL), ATT_OK);
    CU_ASSERT_FALSE(s->total.exact);
    CU_ASSERT_EQUAL(s->total.n_asked, 1 << 18);
    CU_ASSERT_EQUAL(s->total.n_tasks, 20000000);
    CU_ASSERT_TRUE(fabs(s->total.flops / sum - 1) < 6 * cv / 512);
    CU_ASSERT_EQUAL(s->total.max_flops, 2 * 1e5 * 100 * 8); /* a corner */
    CU_ASSERT_EQUAL(s->total.max_bytes, 8 * 1e5 * 100 * 8);
    att_summary_destroy(s);
    kit_close(&kit);
}

/* The condition keeps pairs (N, d) with N d <= 400000; the count is exact. */
static void kept_points_of_a_large_plan_are_counted(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {N: {from: 1, to: 100000, step: 1}, L: {from: 1, "
                       "to: 100, step: 1}, d: [2, 8]}\n"
                       "  where: N * d <= 400000\n");
    struct att_summary *s = sum(&kit);
    CU_ASSERT_EQUAL(s->total.n_points, 20000000);
    CU_ASSERT_EQUAL(s->total.n_dropped, 5000000);
    CU_ASSERT_EQUAL(s->total.n_tasks, 15000000);
    CU_ASSERT_EQUAL(s->total.n_asked, 1 << 18);
    att_summary_destroy(s);
    kit_close(&kit);
}

static void few_kept_points_of_a_large_grid_are_exact(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "grid: {N: {from: 1, to: 1000000, step: 1}, L: {from: "
                       "1, to: 60000, step: 1}, d: 3}\n"
                       "  where: N % 250000 == 0\n");
    struct att_summary *s = sum(&kit);
    CU_ASSERT_TRUE(s->total.exact);
    CU_ASSERT_EQUAL(s->total.n_tasks, 240000);
    /* 2 * 3 * 250000 (1 + 2 + 3 + 4) * 60000 * 60001 / 2; every term is a
     * multiple of 32, so the sum is exact beyond 2^53 too */
    CU_ASSERT_EQUAL(s->total.flops, 6.0 * 2500000 * 1800030000.0);
    att_summary_destroy(s);
    kit_close(&kit);
}

/* A sweep too large to walk still counts exactly what a small one holds. */
static void a_small_sweep_in_a_large_one_is_counted_exactly(void)
{
    struct kit kit;

    kit_plan(&kit, TOY "replicates: 2\n  grid: {N: {from: 1, to: 1000, step: "
                       "3}, L: [1, 2, 65536]}\n"
                       "- construction: toy\n  name: b\n  replicates: 3\n"
                       "  grid: {N: {from: 1, to: 10000, step: 2}, L: {from: "
                       "1, to: 100, step: 1}}\n");
    struct att_summary *s = sum(&kit);
    CU_ASSERT_FALSE(s->total.exact);
    CU_ASSERT_TRUE(s->total.coinciding_exact);
    /* N = 1, 7, ..., 997 is odd and = 1 mod 3: 167 values,
     * with L = 1, 2 and two replicates */
    CU_ASSERT_EQUAL(s->sweep[1].n_coinciding, 668);
    CU_ASSERT_EQUAL(s->sweep[1].n_tasks, 1500000 - 668);
    att_summary_destroy(s);
    kit_close(&kit);
}

/* ---- time ------------------------------------------------------------------------------- */

static void the_makespan_lies_between_its_bounds(void)
{
    struct kit kit;
    const double ns_per_flop[2] = {1e9, 2e9}; /* a second, two */

    kit_plan(&kit, TOY "grid: {N: [1, 3], L: 1, d: 1}\n"
                       "- construction: toy-two\n  grid: {N: 5, L: 1, d: 1}\n");
    struct att_summary *s = sum(&kit);
    struct att_makespan m = att_summary_makespan(s, 2, ns_per_flop, 1);
    CU_ASSERT_EQUAL(m.core_s, 2 + 6 + 20);
    CU_ASSERT_EQUAL(m.longest_s, 20);
    CU_ASSERT_EQUAL(m.low_s, 28);
    CU_ASSERT_EQUAL(m.high_s, 28);
    m = att_summary_makespan(s, 2, ns_per_flop, 4);
    CU_ASSERT_EQUAL(m.low_s, 20);
    CU_ASSERT_EQUAL(m.high_s, 7 + 15);
    att_summary_destroy(s);
    kit_close(&kit);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"small plans are summed exactly", small_plans_are_summed_exactly},
        {"sweeps that share points are counted once",
         sweeps_that_share_points_are_counted_once},
        {"fewer replicates cover only their own",
         fewer_replicates_cover_only_their_own},
        {"searches share only with the same search",
         searches_share_only_with_the_same_search},
        {"values written twice and too large points are counted",
         values_written_twice_and_too_large_points_are_counted},
        {"a large plan is summed from a sample",
         a_large_plan_is_summed_from_a_sample},
        {"kept points of a large plan are counted",
         kept_points_of_a_large_plan_are_counted},
        {"few kept points of a large grid are exact",
         few_kept_points_of_a_large_grid_are_exact},
        {"a small sweep in a large one is counted exactly",
         a_small_sweep_in_a_large_one_is_counted_exactly},
        {"the makespan lies between its bounds",
         the_makespan_lies_between_its_bounds},
        CU_TEST_INFO_NULL,
    };

    return unit_run("summary", tests);
}
