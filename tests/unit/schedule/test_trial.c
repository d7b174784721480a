/* test_trial.c - a unit that takes workers down is found, and pays alone. */
#include "schedule_case.h"

/* n tasks of so many seconds at the default guess of 1 ns per flop. */
static void add(struct att_schedule *s, uint64_t first, uint64_t n,
                double seconds)
{
    const struct att_work work = {.n_slices = 1, .flops = 1e9 * seconds};

    CU_ASSERT_EQUAL_FATAL(att_schedule_add(s, first, n, &work, NULL), ATT_OK);
}

static void done(struct att_schedule *s, uint32_t worker, uint64_t task)
{
    const struct att_unit unit = {.task = task, .n_slices = 1};

    CU_ASSERT_TRUE(att_schedule_done(s, worker, &unit, ATT_DONE, 0.001, 2));
}

/* Worker 1 is lost with tasks 0 .. n - 1, of which none is known to run. */
static void lose_together(struct att_schedule *s, uint64_t n)
{
    struct att_unit unit;

    join(s, 1, (uint32_t)n);
    add(s, 0, n, 30);
    CU_ASSERT_EQUAL_FATAL(ask(s, 1, 0), n);
    CU_ASSERT_FALSE(att_schedule_accuse(s, 1, &unit));
    att_schedule_lose(s, 1, 1);
}

static void units_lost_together_are_tried_one_at_a_time(void)
{
    struct att_schedule *s = make();
    uint64_t first[4] = {0};

    lose_together(s, 4);
    for (uint32_t w = 2; w < 4; w++) {
        join(s, w, 2);
        CU_ASSERT_EQUAL_FATAL(ask(s, w, 2), 1);
        CU_ASSERT_EQUAL(grant[0].attempt, 1);
        first[w] = grant[0].unit.task;
        CU_ASSERT_EQUAL(ask(s, w, 2), 0);
    }
    CU_ASSERT_NOT_EQUAL(first[2], first[3]);
    done(s, 2, first[2]);
    CU_ASSERT_EQUAL(ask(s, 2, 2), 1);
    att_schedule_destroy(s);
}

static void a_suspect_that_is_known_to_run_is_in_nobody_s_way(void)
{
    struct att_schedule *s = make();

    lose_together(s, 4);
    join(s, 2, 2);
    CU_ASSERT_EQUAL_FATAL(ask(s, 2, 2), 1);
    att_schedule_started(s, 2, &grant[0].unit);
    CU_ASSERT_EQUAL_FATAL(ask(s, 2, 2), 1); /* on the other lane */
    CU_ASSERT_EQUAL(ask(s, 2, 2), 0);
    att_schedule_destroy(s);
}

static void the_next_loss_is_laid_to_the_suspect_alone(void)
{
    const struct att_schedule_failure crash = {ATT_CRASHED, 0, 0.1};
    struct att_schedule *s = make();
    struct att_unit poison, accused;

    /* an innocent that has run for long */
    join(s, 2, 2);
    add(s, 100, 1, 500);
    CU_ASSERT_EQUAL_FATAL(ask(s, 2, 2), 1);
    att_schedule_started(s, 2, &grant[0].unit);

    lose_together(s, 2);
    CU_ASSERT_EQUAL_FATAL(ask(s, 2, 2), 1);
    poison = grant[0].unit;
    CU_ASSERT_TRUE_FATAL(att_schedule_accuse(s, 2, &accused));
    CU_ASSERT_EQUAL(accused.task, poison.task);
    CU_ASSERT_EQUAL(att_schedule_fail(s, 2, &accused, &crash, 3),
                    ATT_SCHEDULE_FINAL);
    att_schedule_lose(s, 2, 3);
    join(s, 3, 1);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(ask(s, 3, 4), 1);
        CU_ASSERT_NOT_EQUAL(grant[0].unit.task, poison.task);
        CU_ASSERT_EQUAL(grant[0].attempt, 1);
        done(s, 3, grant[0].unit.task);
    }
    CU_ASSERT_TRUE(att_schedule_over(s, 5));
    att_schedule_destroy(s);
}

static void all_that_a_lost_worker_held_is_to_blame(void)
{
    struct att_schedule *s = make();
    struct att_unit accused;

    add(s, 7, 1, 10);
    join(s, 1, 1);
    CU_ASSERT_FALSE(att_schedule_accuse(s, 1, &accused));
    CU_ASSERT_EQUAL_FATAL(ask(s, 1, 0), 1);
    CU_ASSERT_TRUE_FATAL(att_schedule_accuse(s, 1, &accused));
    CU_ASSERT_EQUAL(accused.task, 7);
    CU_ASSERT_FALSE(att_schedule_accuse(s, 2, &accused));
    att_schedule_destroy(s);
}

static void who_was_accused_is_tried_alone(void)
{
    const struct att_schedule_failure crash = {ATT_CRASHED, 1, 0.1};
    struct att_schedule *s = make();
    struct att_unit accused;

    add(s, 7, 1, 10);
    join(s, 1, 1);
    CU_ASSERT_EQUAL_FATAL(ask(s, 1, 0), 1);
    CU_ASSERT_TRUE_FATAL(att_schedule_accuse(s, 1, &accused));
    CU_ASSERT_EQUAL(att_schedule_fail(s, 1, &accused, &crash, 1),
                    ATT_SCHEDULE_RETRY);
    att_schedule_lose(s, 1, 1);
    add(s, 100, 10, 10);
    join(s, 2, 4);
    CU_ASSERT_EQUAL_FATAL(ask(s, 2, 2), 1);
    CU_ASSERT_EQUAL(grant[0].unit.task, 7);
    CU_ASSERT_EQUAL(grant[0].attempt, 2);
    att_schedule_destroy(s);
}

/* Its own unit may have begun this very moment. */
static void a_worker_with_a_new_unit_gets_no_suspect(void)
{
    struct att_schedule *s = make();

    add(s, 100, 100, 20);
    for (uint32_t w = 2; w < 4; w++) {
        join(s, w, 2);
        CU_ASSERT_EQUAL_FATAL(ask(s, w, 0), 2);
    }
    lose_together(s, 2);
    CU_ASSERT_EQUAL(ask(s, 2, 2), 0); /* the ward */
    done(s, 3, 102);
    CU_ASSERT_EQUAL_FATAL(ask(s, 3, 2), 1);
    CU_ASSERT_TRUE(grant[0].unit.task >= 100);
    att_schedule_destroy(s);
}

/* A worker that always holds something would never be free for a suspect. */
static void a_ward_runs_dry_while_others_go_on(void)
{
    static struct att_grant held[ATT_SCHEDULE_GRANT];
    struct att_schedule *s = make();

    join(s, 2, 1);
    add(s, 100, 10000, 0.001);
    const size_t n = ask(s, 2, 0);

    CU_ASSERT_TRUE_FATAL(n > 1);
    for (size_t i = 0; i < n; i++)
        held[i] = grant[i];
    join(s, 1, 1);
    CU_ASSERT_TRUE_FATAL(ask(s, 1, 0) > 1);
    att_schedule_lose(s, 1, 1);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(ask(s, 2, 1), 0);
        done(s, 2, held[i].unit.task);
    }
    CU_ASSERT_EQUAL_FATAL(ask(s, 2, 1), 1);
    CU_ASSERT_EQUAL(ask(s, 2, 1), 0);
    done(s, 2, grant[0].unit.task);
    join(s, 3, 4);
    CU_ASSERT_EQUAL(ask(s, 3, 1), 1); /* it holds nothing: a suspect */
    join(s, 0, 4);
    CU_ASSERT_TRUE(ask(s, 0, 1) > 1); /* everything else */
    att_schedule_destroy(s);
}

static void the_coordinator_s_lanes_are_the_last_to_try_a_suspect(void)
{
    struct att_schedule *s = make();

    lose_together(s, 2);
    for (uint32_t w = 0; w < 3; w++) {
        if (w != 1)
            join(s, w, 1);
    }
    CU_ASSERT_EQUAL(ask(s, 0, 2), 0);
    att_schedule_leave(s, 2, 3);
    CU_ASSERT_EQUAL(ask(s, 0, 3), 1);
    att_schedule_destroy(s);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"units lost together are tried one at a time",
         units_lost_together_are_tried_one_at_a_time},
        {"a suspect that is known to run is in nobody's way",
         a_suspect_that_is_known_to_run_is_in_nobody_s_way},
        {"the next loss is laid to the suspect alone",
         the_next_loss_is_laid_to_the_suspect_alone},
        {"all that a lost worker held is to blame",
         all_that_a_lost_worker_held_is_to_blame},
        {"who was accused is tried alone", who_was_accused_is_tried_alone},
        {"a worker with a new unit gets no suspect",
         a_worker_with_a_new_unit_gets_no_suspect},
        {"a ward runs dry while others go on",
         a_ward_runs_dry_while_others_go_on},
        {"the coordinator's lanes are the last to try a suspect",
         the_coordinator_s_lanes_are_the_last_to_try_a_suspect},
        CU_TEST_INFO_NULL,
    };

    return unit_run("trial", tests);
}
