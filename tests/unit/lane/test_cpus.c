/* test_cpus.c - how CPUs are found and divided among ranks and lanes. */
#include "attest/lane/cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

enum { MOST = 16 };

/* Two packages of two cores of two threads, numbered as Linux does on x86:
 * second threads come last. */
static const struct att_cpu NODE[8] = {
    {0, 0, 0}, {1, 0, 1}, {2, 1, 0}, {3, 1, 1},
    {4, 0, 0}, {5, 0, 1}, {6, 1, 0}, {7, 1, 1},
};

static bool share_is(uint32_t n, uint32_t r, uint32_t n_ranks, const int *want,
                     uint32_t n_want)
{
    struct att_cpu cpu[8];
    int got[8];

    memcpy(cpu, NODE, sizeof cpu);
    return att_cpus_share(cpu, n, r, n_ranks, got) == n_want &&
           memcmp(got, want, n_want * sizeof *want) == 0;
}

static void one_rank_takes_first_threads_first(void)
{
    static const int want[] = {0, 1, 2, 3, 4, 5, 6, 7};

    CU_ASSERT(share_is(8, 0, 1, want, 8));
}

static void two_ranks_get_a_package_each(void)
{
    static const int first[] = {0, 1, 4, 5}, second[] = {2, 3, 6, 7};

    CU_ASSERT(share_is(8, 0, 2, first, 4));
    CU_ASSERT(share_is(8, 1, 2, second, 4));
}

static void four_ranks_get_both_threads_of_a_core(void)
{
    static const int want[4][2] = {{0, 4}, {1, 5}, {2, 6}, {3, 7}};

    for (uint32_t r = 0; r < 4; r++)
        CU_ASSERT(share_is(8, r, 4, want[r], 2));
}

static void more_ranks_than_cpus_go_round(void)
{
    for (uint32_t r = 0; r < 9; r++) {
        const int want = (int)(r % 3);

        CU_ASSERT(share_is(3, r, 9, &want, 1));
    }
}

/* Property: the shares of all ranks are a partition, sizes within one. */
static void shares_partition_the_node(void)
{
    for (uint32_t n_ranks = 1; n_ranks <= 8; n_ranks++) {
        uint32_t seen[8] = {0};

        for (uint32_t r = 0; r < n_ranks; r++) {
            struct att_cpu cpu[8];
            int got[8];

            memcpy(cpu, NODE, sizeof cpu);
            const uint32_t n = att_cpus_share(cpu, 8, r, n_ranks, got);
            CU_ASSERT(n == 8 / n_ranks || n == 8 / n_ranks + 1);
            for (uint32_t i = 0; i < n; i++)
                seen[got[i]]++;
        }
        for (uint32_t i = 0; i < 8; i++)
            CU_ASSERT_EQUAL(seen[i], 1);
    }
}

static void no_cpus_or_no_ranks_share_nothing(void)
{
    static const int nothing[1];

    CU_ASSERT(share_is(0, 0, 1, nothing, 0));
    CU_ASSERT(share_is(8, 0, 0, nothing, 0));
}

static cpu_set_t bound_now(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CU_ASSERT_EQUAL_FATAL(sched_getaffinity(0, sizeof set, &set), 0);
    return set;
}

static void looking_at_the_allowance_keeps_the_binding(void)
{
    const cpu_set_t before = bound_now();
    struct att_cpu cpu[MOST];

    CU_ASSERT(att_cpus_allowed(cpu, MOST) >= 1);
    const cpu_set_t after = bound_now();
    CU_ASSERT(CPU_EQUAL(&before, &after));
}

/* Bind this process to one CPU, as mpirun does with a rank. */
static cpu_set_t bind_to(int id)
{
    const cpu_set_t before = bound_now();
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((size_t)id, &one);
    CU_ASSERT_EQUAL_FATAL(sched_setaffinity(0, sizeof one, &one), 0);
    return before;
}

static void a_binding_with_room_for_the_lanes_is_kept(void)
{
    struct att_cpu cpu[MOST];
    const uint32_t n = att_cpus_allowed(cpu, MOST);
    const int last = cpu[n - 1].id;
    const cpu_set_t before = bind_to(last);
    const struct att_lane_place place = {
        .local_rank = 0, .n_local_ranks = 1, .n_lanes = 1};
    int got[MOST];

    CU_ASSERT_EQUAL(att_lane_cpus(&place, got, MOST), 1);
    CU_ASSERT_EQUAL(got[0], last);
    CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof before, &before), 0);
}

static void a_binding_too_narrow_for_the_lanes_is_widened(void)
{
    struct att_cpu cpu[MOST];
    const uint32_t n = att_cpus_allowed(cpu, MOST);
    const cpu_set_t before = bind_to(cpu[0].id);
    const struct att_lane_place place = {
        .local_rank = 0, .n_local_ranks = 1, .n_lanes = 2};
    int got[MOST];

    CU_ASSERT_EQUAL(att_lane_cpus(&place, got, MOST), n);
    CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"one rank takes first threads first",
         one_rank_takes_first_threads_first},
        {"two ranks get a package each", two_ranks_get_a_package_each},
        {"four ranks get both threads of a core",
         four_ranks_get_both_threads_of_a_core},
        {"more ranks than CPUs go round", more_ranks_than_cpus_go_round},
        {"the shares of all ranks partition the node",
         shares_partition_the_node},
        {"no CPUs or no ranks share nothing",
         no_cpus_or_no_ranks_share_nothing},
        {"looking at the allowance keeps the binding",
         looking_at_the_allowance_keeps_the_binding},
        {"a binding with room for the lanes is kept",
         a_binding_with_room_for_the_lanes_is_kept},
        {"a binding too narrow for the lanes is widened",
         a_binding_too_narrow_for_the_lanes_is_widened},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lane cpus", tests);
}
