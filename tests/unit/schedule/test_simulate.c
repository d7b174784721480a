/* test_simulate.c - pretended runs against what can be said of any run. */
#include "attest/schedule/simulate.h"

#include <math.h>
#include <stdlib.h>

#include "unit.h"

static struct att_schedule *make(void)
{
    const struct att_schedule_options options = {.n_classes = 1};
    struct att_schedule *s = NULL;

    CU_ASSERT_EQUAL_FATAL(att_schedule_create(&options, &s, NULL), ATT_OK);
    return s;
}

/* Seconds at the default guess of 1 ns per flop. */
static void add(struct att_schedule *s, uint64_t first, uint64_t n,
                double seconds, double bytes)
{
    const struct att_work work = {
        .n_slices = 1, .flops = 1e9 * seconds, .bytes = bytes};

    CU_ASSERT_EQUAL_FATAL(att_schedule_add(s, first, n, &work, NULL), ATT_OK);
}

static struct att_simulation simulate(struct att_schedule *s,
                                      struct att_simulation_options options)
{
    struct att_simulation out = {0};

    if (options.lanes_per_worker == 0)
        options.lanes_per_worker = 1;
    if (options.workers_per_node == 0)
        options.workers_per_node = 1;
    CU_ASSERT_EQUAL_FATAL(att_simulate(s, &options, &out, NULL), ATT_OK);
    att_schedule_destroy(s);
    return out;
}

static void one_lane_takes_the_sum(void)
{
    struct att_schedule *s = make();

    add(s, 0, 10, 3, 0);
    add(s, 10, 5, 0.25, 0);
    const struct att_simulation r =
        simulate(s, (struct att_simulation_options){.n_workers = 1});

    CU_ASSERT_DOUBLE_EQUAL(r.makespan_s, 31.25, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(r.efficiency, 1, 1e-12);
    CU_ASSERT_EQUAL(r.n_units, 15);
    CU_ASSERT_TRUE(r.finished);
}

static void equal_tasks_come_in_waves(void)
{
    struct att_schedule *s = make();

    add(s, 0, 10, 2, 0);
    const struct att_simulation r =
        simulate(s, (struct att_simulation_options){.n_workers = 4});

    CU_ASSERT_DOUBLE_EQUAL(r.makespan_s, 6, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(r.efficiency, 20.0 / 24, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(r.idle_tail_s, 1, 1e-9); /* two of four wait 2 s */
}

static void lanes_of_one_worker_are_as_good_as_workers(void)
{
    struct att_schedule *s = make();

    add(s, 0, 10, 2, 0);
    const struct att_simulation r =
        simulate(s, (struct att_simulation_options){.n_workers = 2,
                                                    .lanes_per_worker = 2});

    CU_ASSERT_DOUBLE_EQUAL(r.makespan_s, 6, 1e-9);
}

/* Graham 1969: whoever is free takes the longest, so the makespan is at most
 * 4/3 - 1/(3 m) of the best, which is at least total / m and the longest.
 * Costs of one bin differ by an eighth of an octave: a factor 2^(1/8). */
static void longest_first_keeps_grahams_bound(void)
{
    for (uint32_t m = 1; m <= 64; m *= 4) {
        struct att_schedule *s = make();
        double total = 0, longest = 0;

        for (uint64_t i = 0; i < 300; i++) {
            const double seconds = 2 + (double)(i * i % 97);

            add(s, i, 1, seconds, 0);
            total += seconds;
            longest = fmax(longest, seconds);
        }
        const struct att_simulation r =
            simulate(s, (struct att_simulation_options){.n_workers = m});
        const double best = fmax(total / m, longest);

        CU_ASSERT_TRUE(r.makespan_s >= best / exp2(0.125));
        CU_ASSERT_TRUE(r.makespan_s <=
                       (4.0 / 3 - 1.0 / (3 * m)) * best * exp2(0.125));
    }
}

/* A tenth of a second each, 1000 workers: the tail is about one unit long. */
static void a_thousand_workers_stay_busy(void)
{
    struct att_schedule *s = make();

    add(s, 0, 100000, 0.1, 0);
    const struct att_simulation r =
        simulate(s, (struct att_simulation_options){.n_workers = 1000,
                                                    .latency_s = 0.001});

    CU_ASSERT_EQUAL(r.n_units, 100000);
    CU_ASSERT_TRUE(r.efficiency > 0.97); /* 100 waves of which the last three
                                            may be ragged */
}

static void memory_of_a_node_limits_what_runs_at_once(void)
{
    struct att_schedule *s = make();

    add(s, 0, 8, 2, 4);
    const struct att_simulation r = simulate(
        s, (struct att_simulation_options){
               .n_workers = 4, .workers_per_node = 4, .memory_bytes = 8});

    CU_ASSERT_DOUBLE_EQUAL(r.makespan_s, 8, 1e-9); /* two at a time */
}

/* Every hundredth unit takes a thousand times what was predicted. */
static double erratic(void *context, const struct att_grant *grant)
{
    (void)context;
    return grant->unit.task % 100 == 99 ? 1.0 : 0.001;
}

/* What waits behind a slow unit is given to others: no lane idles longer than
 * the slowest unit and what the schedule believed worth a batch. */
static void wrong_predictions_do_not_leave_lanes_idle(void)
{
    struct att_schedule *s = make();

    add(s, 0, 20000, 0.001, 0);
    const struct att_simulation r = simulate(
        s, (struct att_simulation_options){.n_workers = 8, .seconds = erratic});

    CU_ASSERT_EQUAL(r.n_units, 20000);
    CU_ASSERT_TRUE(r.makespan_s <= r.busy_s / 8 + 2.0);
}

static void a_deadline_leaves_work_undone(void)
{
    struct att_schedule *s = make();

    add(s, 0, 10, 2, 0);
    att_schedule_until(s, 7);
    const struct att_simulation r =
        simulate(s, (struct att_simulation_options){.n_workers = 1});

    CU_ASSERT_FALSE(r.finished);
    CU_ASSERT_EQUAL(r.n_units, 3);
    CU_ASSERT_DOUBLE_EQUAL(r.makespan_s, 6, 1e-9);
}

static void the_same_schedule_gives_the_same_run(void)
{
    double makespan[2];

    for (int k = 0; k < 2; k++) {
        struct att_schedule *s = make();

        for (uint64_t i = 0; i < 500; i++)
            add(s, i, 1, 0.01 * (double)(1 + i % 37), 0);
        makespan[k] =
            simulate(s, (struct att_simulation_options){.n_workers = 7,
                                                        .latency_s = 1e-3})
                .makespan_s;
    }
    CU_ASSERT_TRUE(makespan[0] >= makespan[1] && makespan[0] <= makespan[1]);
}

static void a_simulation_without_workers_is_refused(void)
{
    const struct att_simulation_options none = {.lanes_per_worker = 1,
                                                .workers_per_node = 1};
    struct att_schedule *s = make();
    struct att_simulation out = {0};

    CU_ASSERT_EQUAL(att_simulate(s, &none, &out, NULL), ATT_E_ARG);
    att_schedule_destroy(s);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"one lane takes the sum", one_lane_takes_the_sum},
        {"equal tasks come in waves", equal_tasks_come_in_waves},
        {"lanes of one worker are as good as workers",
         lanes_of_one_worker_are_as_good_as_workers},
        {"longest first keeps Graham's bound",
         longest_first_keeps_grahams_bound},
        {"a thousand workers stay busy", a_thousand_workers_stay_busy},
        {"memory of a node limits what runs at once",
         memory_of_a_node_limits_what_runs_at_once},
        {"wrong predictions do not leave lanes idle",
         wrong_predictions_do_not_leave_lanes_idle},
        {"a deadline leaves work undone", a_deadline_leaves_work_undone},
        {"the same schedule gives the same run",
         the_same_schedule_gives_the_same_run},
        {"a simulation without workers is refused",
         a_simulation_without_workers_is_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("simulate", tests);
}
