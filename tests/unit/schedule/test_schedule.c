/* test_schedule.c - every unit is granted, and counted once, whatever happens
 * to those who hold it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schedule_case.h"

static const struct att_work TINY = {.n_slices = 1};
static void add(struct att_schedule *s, uint64_t first, uint64_t n,
                struct att_work work)
{
    CU_ASSERT_EQUAL_FATAL(att_schedule_add(s, first, n, &work, NULL), ATT_OK);
}

static enum att_schedule_verdict fail(struct att_schedule *s, uint32_t worker,
                                      const struct att_unit *unit,
                                      enum att_outcome_status status,
                                      uint32_t retries)
{
    const struct att_schedule_failure failure = {status, retries, 0.1};

    return att_schedule_fail(s, worker, unit, &failure, 0);
}

static struct att_schedule_stats stats(const struct att_schedule *s, double now)
{
    struct att_schedule_stats out;

    att_schedule_stats(s, now, &out);
    return out;
}

/* n seconds of work at the default guess of 1 ns per flop. */
static struct att_work seconds(double n)
{
    return (struct att_work){.n_slices = 1, .flops = 1e9 * n};
}

static void the_longest_goes_first_and_equals_in_order(void)
{
    static const uint64_t expected[] = {7, 8, 20, 21, 22, 3};
    struct att_schedule *s = make();

    add(s, 20, 3, seconds(20));
    add(s, 3, 1, seconds(5));
    add(s, 7, 2, seconds(80));
    join(s, 0, 1);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL_FATAL(ask(s, 0, i), 1);
        CU_ASSERT_EQUAL(grant[0].unit.task, expected[i]);
        CU_ASSERT_TRUE(att_schedule_done(s, 0, &grant[0].unit, ATT_DONE,
                                         grant[0].predicted_s, i));
    }
    CU_ASSERT_TRUE(att_schedule_over(s, 6));
    att_schedule_destroy(s);
}

static void a_pilot_goes_before_everything(void)
{
    struct att_schedule *s = make();
    struct att_work pilot = seconds(1);

    pilot.first = true;
    add(s, 0, 5, seconds(100));
    add(s, 9, 1, pilot);
    join(s, 0, 1);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, 9);
    att_schedule_destroy(s);
}

/* A class whose tasks turn out slow overtakes one that was guessed slower. */
static void what_was_measured_changes_the_order(void)
{
    struct att_schedule *s = make();
    struct att_work slow = seconds(3);
    uint64_t seen = 0;

    slow.class_id = 1;
    add(s, 0, 100, seconds(4));
    add(s, 1000, 1, slow);
    slow.flops *= 2; /* another bin of the slow class: goes first */
    add(s, 2000, 1, slow);
    join(s, 0, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, 2000);
    CU_ASSERT_TRUE(att_schedule_done(s, 0, &grant[0].unit, ATT_DONE, 60, 60));
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 60), 1);
    seen = grant[0].unit.task;
    CU_ASSERT_EQUAL(seen, 1000);
    CU_ASSERT_EQUAL(att_schedule_rate(s, 1).n, 1);
    CU_ASSERT_DOUBLE_EQUAL(att_schedule_rate(s, 1).ns_per_flop, 10, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(att_schedule_rate(s, 0).ns_per_flop, 1, 0);
    att_schedule_destroy(s);
}

static void an_earlier_run_teaches_the_next(void)
{
    struct att_schedule *s = make();
    const struct att_work work = seconds(2);

    CU_ASSERT_EQUAL(att_schedule_learn(s, &work, 8, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_schedule_learn(s, &work, 8, NULL), ATT_OK);
    CU_ASSERT_DOUBLE_EQUAL(att_schedule_rate(s, 0).ns_per_flop, 4, 1e-12);
    add(s, 0, 10, work);
    join(s, 0, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 1);
    CU_ASSERT_DOUBLE_EQUAL(grant[0].predicted_s, 8, 1e-12);
    att_schedule_destroy(s);
}

/* Ten microseconds each: a lane should come to hold four batches of 10 ms. */
static void small_units_travel_in_batches(void)
{
    struct att_schedule *s = make();
    size_t n = 0, held = 0;

    add(s, 0, 1000000, TINY);
    join(s, 0, 1);
    for (int round = 0; round < 12; round++) {
        n = ask(s, 0, round);
        held = (size_t)stats(s, round).n_in_flight;
        CU_ASSERT_EQUAL(held, n);
        for (size_t i = 0; i < n; i++) {
            (void)att_schedule_done(s, 0, &grant[i].unit, ATT_DONE, 1e-5,
                                    round);
        }
    }
    CU_ASSERT_TRUE(n == 4000 || n == 4001); /* the sum of 1e-5 is rounded */
    att_schedule_destroy(s);
}

static void a_new_worker_is_not_trusted_with_many(void)
{
    struct att_schedule *s = make();

    add(s, 0, 1000000, TINY);
    join(s, 0, 3);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 6);
    att_schedule_destroy(s);
}

static void long_units_are_not_given_ahead(void)
{
    struct att_schedule *s = make();

    add(s, 0, 100, seconds(2));
    join(s, 0, 2);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 2);
    CU_ASSERT_EQUAL(ask(s, 0, 1), 0);
    att_schedule_destroy(s);
}

static void units_below_a_second_are_given_one_ahead(void)
{
    struct att_schedule *s = make();

    add(s, 0, 100, seconds(0.5));
    join(s, 0, 1);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 2);
    att_schedule_destroy(s);
}

static void at_the_tail_nothing_is_given_ahead(void)
{
    struct att_schedule *s = make();

    add(s, 0, 4, seconds(0.5));
    for (uint32_t i = 0; i < 4; i++)
        join(s, i, 1);
    for (uint32_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(ask(s, i, 0), 1);
    CU_ASSERT_FALSE(att_schedule_hungry(s));
    att_schedule_destroy(s);
}

static void waiting_units_are_asked_back_for_an_idle_worker(void)
{
    struct att_schedule *s = make();
    uint32_t who = 99;

    add(s, 0, 3, seconds(0.5));
    join(s, 0, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 2);
    const struct att_unit second = grant[1].unit;

    CU_ASSERT_FALSE(att_schedule_recall(s, 0, &who)); /* nobody is idle */
    join(s, 1, 1);
    join(s, 2, 1);
    CU_ASSERT_EQUAL(ask(s, 1, 0), 1);
    CU_ASSERT_EQUAL(ask(s, 2, 0), 0);
    CU_ASSERT_TRUE(att_schedule_recall(s, 0.1, &who));
    CU_ASSERT_EQUAL(who, 0);
    CU_ASSERT_FALSE(att_schedule_recall(s, 0.1, &who)); /* asked already */
    att_schedule_give_back(s, 0, &second, 1, 0.2);
    CU_ASSERT_EQUAL(ask(s, 2, 0.2), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, second.task);
    CU_ASSERT_EQUAL(grant[0].attempt, 1);
    att_schedule_destroy(s);
}

/* ---- failures -------------------------------------------------------------- */

static void crashes_are_tried_again_and_then_final(void)
{
    struct att_schedule *s = make();

    add(s, 5, 1, seconds(1));
    join(s, 0, 1);
    for (uint32_t attempt = 1; attempt <= 3; attempt++) {
        CU_ASSERT_EQUAL_FATAL(ask(s, 0, attempt), 1);
        CU_ASSERT_EQUAL(grant[0].attempt, attempt);
        CU_ASSERT_EQUAL(att_schedule_attempt(s, &grant[0].unit), attempt);
        CU_ASSERT_EQUAL(fail(s, 0, &grant[0].unit, ATT_CRASHED, 2),
                        attempt < 3 ? ATT_SCHEDULE_RETRY : ATT_SCHEDULE_FINAL);
    }
    CU_ASSERT_TRUE(att_schedule_over(s, 4));
    CU_ASSERT_EQUAL(stats(s, 4).n_by[ATT_CRASHED], 1);
    CU_ASSERT_EQUAL(stats(s, 4).n_retried, 2);
    CU_ASSERT_EQUAL(att_schedule_attempt(s, &grant[0].unit), 0);
    att_schedule_destroy(s);
}

static void timeouts_and_memory_are_final_at_once(void)
{
    static const enum att_outcome_status status[] = {ATT_TIMEOUT, ATT_OOM};
    struct att_schedule *s = make();

    add(s, 0, 2, seconds(2));
    join(s, 0, 1);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(ask(s, 0, i), 1);
        CU_ASSERT_EQUAL(fail(s, 0, &grant[0].unit, status[i], 5),
                        ATT_SCHEDULE_FINAL);
        CU_ASSERT_EQUAL(stats(s, i).n_by[status[i]], 1);
    }
    CU_ASSERT_TRUE(att_schedule_over(s, 2));
    att_schedule_destroy(s);
}

static void a_lost_worker_gives_all_back_and_its_late_rows_do_not_count(void)
{
    struct att_schedule *s = make();

    add(s, 0, 8, seconds(0.25));
    join(s, 0, 2);
    const size_t n = ask(s, 0, 0);
    const struct att_unit late = grant[0].unit;

    CU_ASSERT_EQUAL_FATAL(n, 4);
    att_schedule_leave(s, 0, 1);
    CU_ASSERT_EQUAL(stats(s, 1).n_in_flight, 0);
    CU_ASSERT_EQUAL(stats(s, 1).n_waiting, 8);
    CU_ASSERT_EQUAL(stats(s, 1).n_lanes, 0);
    CU_ASSERT_TRUE(isnan(stats(s, 1).eta_low_s));
    CU_ASSERT_FALSE(att_schedule_over(s, 1));
    CU_ASSERT_FALSE(att_schedule_done(s, 0, &late, ATT_DONE, 1, 2));
    CU_ASSERT_EQUAL(fail(s, 0, &late, ATT_CRASHED, 1), ATT_SCHEDULE_STALE);
    CU_ASSERT_EQUAL(stats(s, 2).n_over, 0);
    join(s, 0, 2); /* it comes back */
    CU_ASSERT_EQUAL(ask(s, 0, 3), 4);
    CU_ASSERT_EQUAL(grant[0].attempt, 1);
    att_schedule_destroy(s);
}

static void a_row_that_comes_twice_is_claimed_once(void)
{
    struct att_schedule *s = make();

    add(s, 0, 1, seconds(1));
    join(s, 0, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 1);
    CU_ASSERT_FALSE(att_schedule_claim(s, 1, &grant[0].unit));
    CU_ASSERT_TRUE(att_schedule_claim(s, 0, &grant[0].unit));
    CU_ASSERT_FALSE(att_schedule_claim(s, 0, &grant[0].unit));
    CU_ASSERT_TRUE(att_schedule_done(s, 0, &grant[0].unit, ATT_DONE, 1, 1));
    CU_ASSERT_FALSE(att_schedule_claim(s, 0, &grant[0].unit));
    att_schedule_destroy(s);
}

/* ---- slices ------------------------------------------------------------------ */

static void a_task_is_done_when_all_its_slices_came(void)
{
    struct att_schedule *s = make();
    struct att_work work = seconds(12);
    bool seen[3] = {false};

    work.n_slices = 3;
    add(s, 40, 1, work);
    join(s, 0, 3);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 3);
    CU_ASSERT_DOUBLE_EQUAL(grant[0].predicted_s, 4, 1e-12);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(grant[i].unit.n_slices, 3);
        CU_ASSERT_FALSE(seen[grant[i].unit.slice]);
        seen[grant[i].unit.slice] = true;
        CU_ASSERT_EQUAL(att_schedule_done(s, 0, &grant[i].unit,
                                          i == 1 ? ATT_FAILED : ATT_DONE, 4, 4),
                        i == 2);
    }
    CU_ASSERT_EQUAL(stats(s, 4).n_over, 1);
    CU_ASSERT_EQUAL(stats(s, 4).n_by[ATT_FAILED], 1);
    CU_ASSERT_DOUBLE_EQUAL(stats(s, 4).cost_done_s, stats(s, 4).cost_s, 1e-12);
    att_schedule_destroy(s);
}

/* Of five slices one is granted, one came back, one waits behind: all are
 * called off when another slice fails for good. */
static void a_slice_that_fails_for_good_calls_off_the_others(void)
{
    struct att_schedule *s = make();
    struct att_work work = seconds(50);

    work.n_slices = 5;
    add(s, 40, 2, work);
    join(s, 0, 3);
    join(s, 1, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 1, 0), 1);
    const struct att_unit elsewhere = grant[0].unit;

    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 3);
    att_schedule_give_back(s, 0, &grant[1].unit, 1, 1);
    CU_ASSERT_EQUAL(fail(s, 0, &grant[0].unit, ATT_TIMEOUT, 1),
                    ATT_SCHEDULE_FINAL);
    CU_ASSERT_FALSE(att_schedule_holds(s, 1, &elsewhere));
    CU_ASSERT_FALSE(att_schedule_holds(s, 0, &grant[2].unit));
    CU_ASSERT_EQUAL(stats(s, 1).n_over, 1);
    CU_ASSERT_EQUAL(stats(s, 1).n_waiting, 5); /* the other task */
    CU_ASSERT_EQUAL(stats(s, 1).n_in_flight, 0);
    CU_ASSERT_DOUBLE_EQUAL(stats(s, 1).cost_done_s, stats(s, 1).cost_s / 2,
                           1e-12);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 2), 3);
    CU_ASSERT_EQUAL(grant[0].unit.task, 41);
    att_schedule_destroy(s);
}

/* ---- memory ------------------------------------------------------------------ */

static struct att_work sized(double bytes)
{
    struct att_work work = seconds(10);

    work.bytes = bytes;
    return work;
}

static void join_node(struct att_schedule *s, uint32_t worker, uint32_t n_lanes,
                      uint64_t node, double memory)
{
    const struct att_schedule_worker about = {n_lanes, node, memory};

    CU_ASSERT_EQUAL_FATAL(att_schedule_join(s, worker, &about, 0, NULL),
                          ATT_OK);
}

static void workers_of_a_node_share_its_memory(void)
{
    struct att_schedule *s = make();

    add(s, 0, 10, sized(4));
    for (uint32_t i = 0; i < 3; i++)
        join_node(s, i, 1, 7, 8);
    join_node(s, 3, 1, 8, 8);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 1);
    const struct att_unit unit = grant[0].unit;

    CU_ASSERT_EQUAL(ask(s, 1, 0), 1);
    CU_ASSERT_EQUAL(ask(s, 2, 0), 0); /* 12 of 8 */
    CU_ASSERT_EQUAL(ask(s, 3, 0), 1); /* another node */
    CU_ASSERT_TRUE(att_schedule_hungry(s));
    (void)att_schedule_done(s, 0, &unit, ATT_DONE, 10, 10);
    CU_ASSERT_EQUAL(ask(s, 2, 10), 1);
    CU_ASSERT_EQUAL(ask(s, 0, 10), 0);
    att_schedule_destroy(s);
}

static void a_smaller_unit_passes_one_that_does_not_fit(void)
{
    struct att_schedule *s = make();
    struct att_work small = seconds(5);

    small.bytes = 2;
    add(s, 0, 2, sized(4));
    add(s, 10, 1, small);
    join_node(s, 0, 1, 0, 7);
    join_node(s, 1, 1, 0, 7);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 1, 0), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, 10);
    att_schedule_destroy(s);
}

static void a_unit_larger_than_its_node_runs_alone(void)
{
    struct att_schedule *s = make();

    add(s, 0, 3, sized(100));
    join_node(s, 0, 4, 0, 8);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 1);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 0);
    (void)att_schedule_done(s, 0, &grant[0].unit, ATT_DONE, 10, 10);
    CU_ASSERT_EQUAL(ask(s, 0, 10), 1);
    att_schedule_destroy(s);
}

/* Two lanes use at most their two largest units, however many wait. */
static void waiting_units_are_not_charged(void)
{
    struct att_schedule *s = make();
    struct att_work work = {.n_slices = 1, .bytes = 4};

    add(s, 0, 1000, work);
    join_node(s, 0, 2, 0, 8);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 4);
    att_schedule_destroy(s);
}

/* ---- ends -------------------------------------------------------------------- */

static void nothing_starts_that_will_not_fit_the_time(void)
{
    struct att_schedule *s = make();
    struct att_work training = seconds(500);

    training.always = true;
    add(s, 0, 2, seconds(100));
    add(s, 10, 2, seconds(10));
    join(s, 0, 1);
    join(s, 1, 1);
    att_schedule_until(s, 60);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, 10);
    (void)att_schedule_done(s, 0, &grant[0].unit, ATT_DONE, 10, 10);
    CU_ASSERT_FALSE(att_schedule_over(s, 45));
    CU_ASSERT_EQUAL(ask(s, 0, 55), 0);
    CU_ASSERT_TRUE(att_schedule_over(s, 55));
    CU_ASSERT_EQUAL(stats(s, 55).n_waiting, 3);
    add(s, 20, 1, training);
    CU_ASSERT_FALSE(att_schedule_over(s, 55));
    CU_ASSERT_EQUAL(ask(s, 0, 55), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, 20);
    att_schedule_destroy(s);
}

static void a_drain_ends_grants_and_then_the_run(void)
{
    struct att_schedule *s = make();

    add(s, 0, 10, seconds(10));
    join(s, 0, 2);
    CU_ASSERT_EQUAL(ask(s, 0, 0), 2);
    att_schedule_drain(s);
    CU_ASSERT_FALSE(att_schedule_over(s, 1));
    CU_ASSERT_TRUE(att_schedule_hopeful(s, 1, 10));
    CU_ASSERT_TRUE(att_schedule_hopeful(s, 1, 5));  /* half the prediction */
    CU_ASSERT_FALSE(att_schedule_hopeful(s, 1, 4)); /* ends at 5 at best */
    CU_ASSERT_FALSE(att_schedule_hopeful(s, 10, 10));
    (void)att_schedule_done(s, 0, &grant[0].unit, ATT_DONE, 10, 10);
    CU_ASSERT_EQUAL(ask(s, 0, 10), 0);
    (void)att_schedule_done(s, 0, &grant[1].unit, ATT_DONE, 10, 10);
    CU_ASSERT_TRUE(att_schedule_over(s, 10));
    CU_ASSERT_EQUAL(stats(s, 10).n_waiting, 8);
    CU_ASSERT_TRUE(stats(s, 10).draining);
    att_schedule_destroy(s);
}

/* ---- what is known ------------------------------------------------------------ */

static void kept_tasks_count_and_are_not_granted(void)
{
    struct att_schedule *s = make();
    const struct att_work work = seconds(3);

    CU_ASSERT_EQUAL(att_schedule_keep(s, 6, &work, NULL), ATT_OK);
    add(s, 6, 2, work);
    const struct att_schedule_stats now = stats(s, 0);

    CU_ASSERT_EQUAL(now.n_tasks, 8);
    CU_ASSERT_EQUAL(now.n_kept, 6);
    CU_ASSERT_DOUBLE_EQUAL(now.cost_done_s / now.cost_s, 0.75, 1e-12);
    att_schedule_destroy(s);
}

static void the_end_is_predicted_by_an_interval(void)
{
    struct att_schedule *s = make();

    add(s, 0, 100, seconds(3));
    join(s, 0, 1);
    join(s, 1, 1);
    for (int i = 0; i < 20; i++) {
        for (uint32_t w = 0; w < 2; w++) {
            CU_ASSERT_EQUAL_FATAL(ask(s, w, 3 * i), 1);
            (void)att_schedule_done(s, w, &grant[0].unit, ATT_DONE, 3,
                                    3 * i + 3);
        }
        att_schedule_tick(s, 3 * i + 3);
    }
    const struct att_schedule_stats now = stats(s, 60);

    CU_ASSERT_TRUE(now.eta_low_s < 90 && 90 < now.eta_high_s);
    CU_ASSERT_DOUBLE_EQUAL(now.tasks_per_s, 2.0 / 3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(now.efficiency, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(now.busy_s, 120, 1e-9);
    att_schedule_destroy(s);
}

static void lanes_that_idle_at_the_end_are_counted(void)
{
    struct att_schedule *s = make();

    add(s, 0, 1, seconds(8));
    join(s, 0, 1);
    join(s, 1, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 1);
    (void)att_schedule_done(s, 0, &grant[0].unit, ATT_DONE, 8, 8);
    const struct att_schedule_stats end = stats(s, 8);

    CU_ASSERT_DOUBLE_EQUAL(end.efficiency, 0.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(end.idle_tail_s, 4, 1e-12);
    att_schedule_destroy(s);
}

static void senseless_work_is_refused(void)
{
    static const struct {
        struct att_work work;
        const char *text;
    } cases[] = {
        {{.class_id = 2, .n_slices = 1}, "class 2 of 2"},
        {{.n_slices = 0}, "a task of 0 slices"},
        {{.n_slices = 1, .flops = -1}, "a task of -1 flop and 0 byte"},
        {{.n_slices = 1, .flops = INFINITY}, "a task of inf flop and 0 byte"},
        {{.n_slices = 1, .bytes = NAN}, "a task of 0 flop and nan byte"},
    };
    struct att_schedule *s = make();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_schedule_add(s, 0, 1, &cases[i].work, &err),
                        ATT_E_ARG);
        CU_ASSERT_STRING_EQUAL(err.text, cases[i].text);
    }
    CU_ASSERT_EQUAL(stats(s, 0).n_tasks, 0);
    att_schedule_destroy(s);
}

/* Ten million tasks of one cost are one run; numbers beyond 32 bits too. */
static void memory_does_not_grow_with_tasks_of_one_cost(void)
{
    const uint64_t first = (UINT64_C(1) << 32) - 5;
    struct att_schedule *s = make();

    add(s, first, 10000000, TINY);
    CU_ASSERT_TRUE(att_schedule_memory(s) < 16384);
    join(s, 0, 4);
    CU_ASSERT_EQUAL_FATAL(ask(s, 0, 0), 8);
    for (uint64_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(grant[i].unit.task, first + i);
    att_schedule_destroy(s);
}

/* The worst case: no two neighbours cost the same.  Runs take 8 bytes, and
 * arrays grow by half. */
static void scattered_costs_take_at_most_twelve_bytes_a_task(void)
{
    struct att_schedule *s = make();
    const uint64_t n = 200000;

    for (uint64_t i = 0; i < n; i++)
        add(s, i, 1, seconds(i % 2 == 0 ? 1 : 3));
    CU_ASSERT_TRUE(att_schedule_memory(s) < 12 * n + 16384);
    att_schedule_destroy(s);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the longest goes first and equals in order",
         the_longest_goes_first_and_equals_in_order},
        {"a pilot goes before everything", a_pilot_goes_before_everything},
        {"what was measured changes the order",
         what_was_measured_changes_the_order},
        {"an earlier run teaches the next", an_earlier_run_teaches_the_next},
        {"small units travel in batches", small_units_travel_in_batches},
        {"a new worker is not trusted with many",
         a_new_worker_is_not_trusted_with_many},
        {"long units are not given ahead", long_units_are_not_given_ahead},
        {"units below a second are given one ahead",
         units_below_a_second_are_given_one_ahead},
        {"at the tail nothing is given ahead",
         at_the_tail_nothing_is_given_ahead},
        {"waiting units are asked back for an idle worker",
         waiting_units_are_asked_back_for_an_idle_worker},
        {"crashes are tried again and then final",
         crashes_are_tried_again_and_then_final},
        {"timeouts and memory are final at once",
         timeouts_and_memory_are_final_at_once},
        {"a lost worker gives all back and its late rows do not count",
         a_lost_worker_gives_all_back_and_its_late_rows_do_not_count},
        {"a row that comes twice is claimed once",
         a_row_that_comes_twice_is_claimed_once},
        {"a task is done when all its slices came",
         a_task_is_done_when_all_its_slices_came},
        {"a slice that fails for good calls off the others",
         a_slice_that_fails_for_good_calls_off_the_others},
        {"workers of a node share its memory",
         workers_of_a_node_share_its_memory},
        {"a smaller unit passes one that does not fit",
         a_smaller_unit_passes_one_that_does_not_fit},
        {"a unit larger than its node runs alone",
         a_unit_larger_than_its_node_runs_alone},
        {"waiting units are not charged", waiting_units_are_not_charged},
        {"nothing starts that will not fit the time",
         nothing_starts_that_will_not_fit_the_time},
        {"a drain ends grants and then the run",
         a_drain_ends_grants_and_then_the_run},
        {"kept tasks count and are not granted",
         kept_tasks_count_and_are_not_granted},
        {"the end is predicted by an interval",
         the_end_is_predicted_by_an_interval},
        {"lanes that idle at the end are counted",
         lanes_that_idle_at_the_end_are_counted},
        {"senseless work is refused", senseless_work_is_refused},
        {"memory does not grow with tasks of one cost",
         memory_does_not_grow_with_tasks_of_one_cost},
        {"scattered costs take at most twelve bytes a task",
         scattered_costs_take_at_most_twelve_bytes_a_task},
        CU_TEST_INFO_NULL,
    };

    return unit_run("schedule", tests);
}
