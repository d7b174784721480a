/* test_comm.c - coordinator and workers in a pretended world: whatever dies,
 * no row is lost that was kept, and none is kept twice. */
#include <string.h>

#include "unit.h"
#include "world.h"

/* ---- tests ---------------------------------------------------------------------------- */

static void every_task_is_kept_once(void)
{
    for (uint32_t n = 1; n <= WORLD_RANKS; n++) {
        struct world *w = world_create(&(struct world_options){
            .n_ranks = n, .n_lanes = 2, .n_tasks = 500, .seconds_guess = 0.1});

        world_run(w, 0.01, 100000);
        CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
        CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
        CU_ASSERT_TRUE(world_complete(w, 500));
        CU_ASSERT_EQUAL(w->stats.n_over, 500);
        world_settle(w);
        for (uint32_t i = 0; i < n; i++) {
            enum att_comm_end end = ATT_COMM_QUIT;
            bool clean = false;

            CU_ASSERT_EQUAL(att_worker_state(w->rank[i].worker),
                            ATT_WORKER_OVER);
            CU_ASSERT_EQUAL(
                att_worker_result(w->rank[i].worker, &end, &clean, NULL),
                ATT_OK);
            CU_ASSERT_EQUAL(end, ATT_COMM_FINISHED);
            CU_ASSERT_TRUE(clean);
        }
        world_destroy(w);
    }
}

static double tiny(const struct att_unit *unit)
{
    (void)unit;
    return 1e-5;
}

static void small_tasks_travel_in_batches(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 1, .n_tasks = WORLD_TASKS});

    w->seconds = tiny;
    world_run(w, 0.0005, 4000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, WORLD_TASKS));
    /* three lanes, 50 tasks a step and lane, and a start that feels its way */
    CU_ASSERT_TRUE(w->now - 100 < 2 * WORLD_TASKS * 1e-5 / 3);
    world_destroy(w);
}

static void a_dedicated_coordinator_has_no_lanes(void)
{
    struct world *w = world_create(&(struct world_options){.n_ranks = 3,
                                                           .n_lanes = 2,
                                                           .n_tasks = 100,
                                                           .seconds_guess = 0.1,
                                                           .dedicated = true});

    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
    CU_ASSERT_TRUE(world_complete(w, 100));
    world_destroy(w);
}

/* It says nothing to itself, and is not lost for that. */
static void a_dedicated_coordinator_is_never_lost(void)
{
    struct world *w = world_create(&(struct world_options){.n_ranks = 2,
                                                           .n_lanes = 1,
                                                           .n_tasks = 2000,
                                                           .seconds_guess = 0.1,
                                                           .dedicated = true});

    world_run(w, 0.01, 30000); /* silence of 60 s is death here */
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(w->now - 100 > 150);
    CU_ASSERT_FALSE(says(w, "is lost"));
    CU_ASSERT_TRUE(world_complete(w, 2000));
    world_destroy(w);
}

static enum world_fate crash_tens(const struct att_lane_job *job)
{
    if (job->unit.task % 10 == 0)
        return FATE_CRASH;
    return job->unit.task % 10 == 1 && job->attempt == 1 ? FATE_CRASH
                                                         : FATE_ROW;
}

static void crashes_are_tried_again_and_then_recorded(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 2, .n_tasks = 100, .seconds_guess = 0.1});

    w->fate = crash_tens;
    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 100));
    CU_ASSERT_EQUAL(w->n_failed, 10);
    CU_ASSERT_EQUAL(w->stats.n_retried, 20);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(w->last_failure, "crashed (SIGSEGV) after 2 attempts on node"));
    world_destroy(w);
}

static enum world_fate time_out(const struct att_lane_job *job)
{
    return job->unit.task == 7 ? FATE_TIMEOUT : FATE_ROW;
}

static void timeouts_are_not_tried_again(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 20, .seconds_guess = 0.1});

    w->fate = time_out;
    world_run(w, 0.01, 10000);
    CU_ASSERT_TRUE(world_complete(w, 20));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(w->last_failure, "timeout after 1 attempts on node"));
    CU_ASSERT_EQUAL(w->stats.n_by[ATT_TIMEOUT], 1);
    world_destroy(w);
}

static enum world_fate scribble(const struct att_lane_job *job)
{
    if (job->unit.task == 3)
        return FATE_NOISE;
    return job->unit.task == 5 && job->attempt == 1 ? FATE_GARBAGE : FATE_ROW;
}

static void a_damaged_row_is_a_crash_of_its_task(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 20, .seconds_guess = 0.1});

    w->fate = scribble;
    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 20));
    CU_ASSERT_EQUAL(w->ended[3], 1);
    CU_ASSERT_EQUAL(w->seen[5], 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(w->last_failure, "damaged row"));
    world_destroy(w);
}

static enum world_fate checkpoint_first(const struct att_lane_job *job)
{
    (void)job;
    return FATE_CHECKPOINT;
}

static void checkpoints_reach_the_caller(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 20, .seconds_guess = 0.1});

    w->fate = checkpoint_first;
    world_run(w, 0.01, 10000);
    CU_ASSERT_TRUE(world_complete(w, 20));
    CU_ASSERT_EQUAL(w->n_checkpoints, 20);
    world_destroy(w);
}

/* ---- ranks that go ---------------------------------------------------------------- */

static void a_dead_rank_costs_only_its_tasks_in_flight(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 4, .n_lanes = 2, .n_tasks = 2000, .seconds_guess = 0.1});

    world_run(w, 0.01, 300);
    w->rank[2].dead = true;
    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 2000));
    CU_ASSERT_EQUAL(w->n_lost, 1);
    CU_ASSERT_EQUAL(w->n_failed, 0);
    CU_ASSERT_FALSE(att_coordinator_clean(w->coordinator));
    CU_ASSERT_TRUE(says(w, "rank 2 on node2 (pid 1002) is lost: not heard of"));
    world_destroy(w);
}

static double long_one(const struct att_unit *unit)
{
    return unit->task == 0 ? 500 : 0.1;
}

/* The unit that a rank was running when it went costs an attempt. */
static void a_task_that_takes_ranks_down_is_recorded(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 1, .n_tasks = 400, .seconds_guess = 0.1});

    w->seconds = long_one;
    w->retries = 0;
    world_run(w, 0.01, 500);
    for (uint32_t i = 0; i < 3; i++)
        w->rank[i].dead = i > 0 && w->rank[i].lane[0].job[0].unit.task == 0;
    if (!w->rank[1].dead && !w->rank[2].dead)
        w->rank[0].lanes_dead = true;
    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 400));
    CU_ASSERT_EQUAL(w->ended[0], 1);
    CU_ASSERT_EQUAL(w->n_failed, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(w->last_failure, "was lost"));
    world_destroy(w);
}

/* Does a lane of the rank run the task? */
static bool runs(const struct world *w, uint32_t rank, uint64_t task)
{
    for (uint32_t i = 0; i < w->n_lanes; i++) {
        const struct world_lane *l = &w->rank[rank].lane[i];

        if (l->n > 0 && l->job[0].unit.task == task)
            return true;
    }
    return false;
}

/* No heartbeat knows of it: it is found among all that was there. */
static void a_task_that_kills_at_once_pays_and_nobody_else(void)
{
    enum { TASKS = 4000, POISON = 1234 };
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 8, .n_lanes = 2, .n_tasks = TASKS, .seconds_guess = 0.1});

    w->retries = 1;
    for (int step = 0; step < 40000; step++) {
        world_run(w, 0.01, 1);
        for (uint32_t i = 1; i < w->n_ranks; i++)
            w->rank[i].dead = w->rank[i].dead || runs(w, i, POISON);
        CU_ASSERT_FALSE_FATAL(runs(w, 0, POISON));
    }
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, TASKS));
    CU_ASSERT_EQUAL(w->ended[POISON], 1);
    CU_ASSERT_EQUAL(w->n_failed, 1);
    CU_ASSERT_EQUAL(w->n_lost, 3); /* one that told nothing, two attempts */
    CU_ASSERT_PTR_NOT_NULL(strstr(w->last_failure, "was lost"));
    CU_ASSERT_PTR_NOT_NULL(strstr(w->last_failure, "after 2 attempts"));
    world_destroy(w);
}

static void a_silent_rank_comes_back_and_nothing_counts_twice(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 2, .n_tasks = 3000, .seconds_guess = 0.1});

    world_run(w, 0.01, 300);
    w->rank[1].asleep = true;
    world_run(w, 0.01, 1500);
    CU_ASSERT_EQUAL(w->n_lost, 1);
    w->rank[1].asleep = false;
    const uint64_t before = w->n_rows;

    world_run(w, 0.01, 500);
    CU_ASSERT_TRUE(says(w, "rank 1 on node1 is back"));
    CU_ASSERT_TRUE(w->n_rows - before > 240); /* six lanes, 5 s, 50 each */
    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 3000));
    CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
    world_destroy(w);
}

/* The whole job is stopped for an hour and continued: nobody is lost. */
static void a_suspended_job_goes_on(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 1, .n_tasks = 500, .seconds_guess = 0.1});

    world_run(w, 0.01, 300);
    w->now += 3600;
    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_EQUAL(w->n_lost, 0);
    CU_ASSERT_TRUE(world_complete(w, 500));
    world_destroy(w);
}

static void workers_end_when_rank_0_is_dead(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 1, .n_tasks = 5000, .seconds_guess = 0.1});
    enum att_comm_end end = ATT_COMM_FINISHED;
    struct att_error err = {0};
    bool clean = true;

    world_run(w, 0.01, 300);
    w->rank[0].dead = true;
    for (int i = 0; i < 7000; i++)
        world_step(w, 0.01);
    CU_ASSERT_EQUAL(att_worker_state(w->rank[1].worker), ATT_WORKER_OVER);
    CU_ASSERT_EQUAL(att_worker_result(w->rank[1].worker, &end, &clean, &err),
                    ATT_E_COMM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "rank 0 was not heard of for 60"));
    CU_ASSERT_EQUAL(end, ATT_COMM_QUIT);
    CU_ASSERT_FALSE(clean);
    world_destroy(w);
}

static void lanes_that_die_are_announced_and_the_others_finish(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 2, .n_tasks = 500, .seconds_guess = 0.1});
    enum att_comm_end end = ATT_COMM_QUIT;
    struct att_error err = {0};
    bool clean = false;

    world_run(w, 0.01, 250);
    w->rank[1].lanes_dead = true;
    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 500));
    CU_ASSERT_EQUAL(w->n_failed, 0);
    CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
    world_settle(w);
    CU_ASSERT_EQUAL(att_worker_result(w->rank[1].worker, &end, &clean, &err),
                    ATT_E_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "the zygote died");
    CU_ASSERT_EQUAL(end, ATT_COMM_FINISHED); /* it heard how the run ended */
    CU_ASSERT_TRUE(clean);
    world_destroy(w);
}

static void a_run_without_workers_is_deserted(void)
{
    struct world *w = world_create(&(struct world_options){.n_ranks = 2,
                                                           .n_lanes = 1,
                                                           .n_tasks = 500,
                                                           .seconds_guess = 0.1,
                                                           .dedicated = true});

    world_run(w, 0.01, 100);
    w->rank[1].dead = true;
    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_DESERTED);
    CU_ASSERT_FALSE(world_doubled(w, 500));
    CU_ASSERT_TRUE(w->n_rows > 0);
    world_destroy(w);
}

/* ---- ranks that do not belong -------------------------------------------------------- */

static void another_plan_is_refused_and_named(void)
{
    struct world *w = world_create(&(struct world_options){.n_ranks = 3,
                                                           .n_lanes = 1,
                                                           .n_tasks = 100,
                                                           .seconds_guess = 0.1,
                                                           .other_plan = 2});
    enum att_comm_end end = ATT_COMM_QUIT;
    struct att_error err = {0};
    bool clean = false;

    world_run(w, 0.01, 100000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
    CU_ASSERT_TRUE(world_complete(w, 100));
    world_settle(w);
    CU_ASSERT_EQUAL(att_worker_result(w->rank[2].worker, &end, &clean, &err),
                    ATT_E_COMM);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.text, "rank 2 on node2 has another plan "
                         "(00000000000000010000000000000003, rank 0 has "
                         "00000000000000010000000000000002)"));
    world_destroy(w);
}

static void another_protocol_is_refused(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 20, .seconds_guess = 0.1});

    w->rank[0].in.message[w->rank[0].in.first].data[4] = 9; /* its hello */
    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(world_complete(w, 20));
    CU_ASSERT_TRUE(says(w, "rank 1: a message of protocol 9"));
    world_destroy(w);
}

static void a_damaged_message_ends_the_run(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 2000, .seconds_guess = 0.1});
    struct att_buffer nonsense = {0};

    world_run(w, 0.01, 100);
    att_buffer_text(&nonsense, "this is no message of attest");
    CU_ASSERT_EQUAL(att_link_send(&w->rank[1].link, 0, &nonsense, NULL),
                    ATT_OK);
    world_run(w, 0.01, 10);
    CU_ASSERT_TRUE(w->failed);
    CU_ASSERT_EQUAL(w->err.status, ATT_E_COMM);
    CU_ASSERT_STRING_EQUAL(w->err.text,
                           "rank 1: a message that is not of attest");
    world_destroy(w);
}

/* ---- ends ------------------------------------------------------------------------------ */

static void a_drain_keeps_what_is_done_and_puts_back_the_rest(void)
{
    struct world *w = world_create(&(struct world_options){.n_ranks = 3,
                                                           .n_lanes = 2,
                                                           .n_tasks = 5000,
                                                           .seconds_guess = 0.1,
                                                           .drain_grace_s = 5});

    world_run(w, 0.01, 300);
    w->control = ATT_CONTROL_DRAIN;
    const double asked = w->now;

    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_DRAINED);
    CU_ASSERT_TRUE(w->now - asked < 0.3); /* what runs: a tenth */
    CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
    CU_ASSERT_FALSE(world_doubled(w, 5000));
    CU_ASSERT_EQUAL(w->n_rows, w->stats.n_over);
    CU_ASSERT_EQUAL(w->stats.n_over + w->stats.n_waiting, 5000);
    world_destroy(w);
}

static double hundred(const struct att_unit *unit)
{
    (void)unit;
    return 100;
}

static void a_drain_does_not_wait_for_what_cannot_end(void)
{
    struct world *w =
        world_create(&(struct world_options){.n_ranks = 2,
                                             .n_lanes = 1,
                                             .n_tasks = 50,
                                             .seconds_guess = 100,
                                             .drain_grace_s = 20});

    w->seconds = hundred;
    world_run(w, 0.01, 300);
    w->control = ATT_CONTROL_DRAIN;
    const double asked = w->now;

    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_DRAINED);
    CU_ASSERT_TRUE(w->now - asked < 1);
    CU_ASSERT_EQUAL(w->stats.n_waiting, 50);
    world_destroy(w);
}

static void a_drain_waits_no_longer_than_its_grace(void)
{
    struct world *w =
        world_create(&(struct world_options){.n_ranks = 2,
                                             .n_lanes = 1,
                                             .n_tasks = 50,
                                             .seconds_guess = 10,
                                             .drain_grace_s = 20});

    w->seconds = hundred; /* predicted: ten */
    world_run(w, 0.01, 300);
    w->control = ATT_CONTROL_DRAIN;
    const double asked = w->now;

    world_run(w, 0.01, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_DRAINED);
    CU_ASSERT_TRUE(w->now - asked >= 20 && w->now - asked < 21);
    world_destroy(w);
}

static void quitting_waits_for_nobody(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 3, .n_lanes = 1, .n_tasks = 500, .seconds_guess = 0.1});

    world_run(w, 0.01, 100);
    w->control = ATT_CONTROL_QUIT;
    world_run(w, 0.01, 1);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_QUIT);
    CU_ASSERT_FALSE(att_coordinator_clean(w->coordinator));
    world_settle(w);
    CU_ASSERT_EQUAL(att_worker_state(w->rank[1].worker), ATT_WORKER_OVER);
    world_destroy(w);
}

static void nothing_is_counted_that_was_not_kept(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 500, .seconds_guess = 0.1});
    struct att_schedule_stats stats;

    w->sink_fails_after = 50;
    world_run(w, 0.01, 10000);
    CU_ASSERT_TRUE(w->failed);
    CU_ASSERT_EQUAL(w->err.status, ATT_E_IO);
    att_schedule_stats(w->schedule, w->now, &stats);
    CU_ASSERT_EQUAL(stats.n_over, w->n_rows);
    world_destroy(w);
}

static void an_empty_schedule_is_finished_at_once(void)
{
    struct world *w =
        world_create(&(struct world_options){.n_ranks = 3, .n_lanes = 1});

    world_run(w, 0.01, 10);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    CU_ASSERT_TRUE(att_coordinator_clean(w->coordinator));
    CU_ASSERT_TRUE(w->n_ticks >= 1);
    world_destroy(w);
}

/* ---- silence is a bug -------------------------------------------------------------------- */

static void a_line_says_what_lanes_do_when_nothing_finishes(void)
{
    struct world *w = world_create(&(struct world_options){
        .n_ranks = 2, .n_lanes = 1, .n_tasks = 2, .seconds_guess = 1});

    w->seconds = hundred;
    world_run(w, 0.05, 560);
    CU_ASSERT_FALSE(says(w, "nothing finished")); /* 28 s of 30 */
    world_run(w, 0.05, 100);
    CU_ASSERT_TRUE(says(w, "nothing finished for 30 s; rank 0 lane 0 on "
                           "node0: task 0 in phase build"));
    CU_ASSERT_TRUE(says(w, "; rank 1 lane 0 on node1: task 1 in phase build"));
    CU_ASSERT_STRING_EQUAL(w->phase, "build");
    world_run(w, 0.05, 10000);
    CU_ASSERT_EQUAL(end_of(w), ATT_COMM_FINISHED);
    world_destroy(w);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every task is kept once", every_task_is_kept_once},
        {"small tasks travel in batches", small_tasks_travel_in_batches},
        {"a dedicated coordinator has no lanes",
         a_dedicated_coordinator_has_no_lanes},
        {"a dedicated coordinator is never lost",
         a_dedicated_coordinator_is_never_lost},
        {"crashes are tried again and then recorded",
         crashes_are_tried_again_and_then_recorded},
        {"timeouts are not tried again", timeouts_are_not_tried_again},
        {"a damaged row is a crash of its task",
         a_damaged_row_is_a_crash_of_its_task},
        {"checkpoints reach the caller", checkpoints_reach_the_caller},
        {"a task that kills at once pays, and nobody else",
         a_task_that_kills_at_once_pays_and_nobody_else},
        {"a dead rank costs only its tasks in flight",
         a_dead_rank_costs_only_its_tasks_in_flight},
        {"a task that takes ranks down is recorded",
         a_task_that_takes_ranks_down_is_recorded},
        {"a silent rank comes back and nothing counts twice",
         a_silent_rank_comes_back_and_nothing_counts_twice},
        {"a suspended job goes on", a_suspended_job_goes_on},
        {"workers end when rank 0 is dead", workers_end_when_rank_0_is_dead},
        {"lanes that die are announced and the others finish",
         lanes_that_die_are_announced_and_the_others_finish},
        {"a run without workers is deserted",
         a_run_without_workers_is_deserted},
        {"another plan is refused and named",
         another_plan_is_refused_and_named},
        {"another protocol is refused", another_protocol_is_refused},
        {"a damaged message ends the run", a_damaged_message_ends_the_run},
        {"a drain keeps what is done and puts back the rest",
         a_drain_keeps_what_is_done_and_puts_back_the_rest},
        {"a drain does not wait for what cannot end",
         a_drain_does_not_wait_for_what_cannot_end},
        {"a drain waits no longer than its grace",
         a_drain_waits_no_longer_than_its_grace},
        {"quitting waits for nobody", quitting_waits_for_nobody},
        {"nothing is counted that was not kept",
         nothing_is_counted_that_was_not_kept},
        {"an empty schedule is finished at once",
         an_empty_schedule_is_finished_at_once},
        {"a line says what lanes do when nothing finishes",
         a_line_says_what_lanes_do_when_nothing_finishes},
        CU_TEST_INFO_NULL,
    };

    return unit_run("comm", tests);
}
