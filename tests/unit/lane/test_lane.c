/* test_lane.c - jobs go to lanes and rows come back, in order, once each. */
#include "attest/lane/lane.h"

#include <math.h>
#include <poll.h>
#include <sched.h>

#include "attest/lane/cpus.h"
#include "lane_kit.h"

static void jobs_run_in_order_and_exactly_once(void)
{
    enum { N = 5000 }; /* several times what is shown to a lane at once */
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit_fine(&kit, 0, 0, N);
    CU_ASSERT_EQUAL(att_lanes_pending(kit.lanes, 0), N);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, N);
    for (uint64_t i = 0; i < N; i++) {
        CU_ASSERT_EQUAL(kit.event[i].kind, ATT_LANE_ROW);
        CU_ASSERT_EQUAL(kit.event[i].job.unit.task, i);
        CU_ASSERT_EQUAL(kit.event[i].row.job.unit.task, i);
        CU_ASSERT_EQUAL(kit.event[i].row.nth, i);
    }
    kit_stop(&kit);
}

static void a_job_arrives_as_it_was_submitted(void)
{
    const struct att_lane_job sent = {
        .unit = {.task = UINT64_C(0x12345678), .slice = 2, .n_slices = 5},
        .attempt = 3,
        .limits = {.task_time_s = 12.5, .task_memory_bytes = 1 << 30},
    };
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit(&kit, 0, sent);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 1);
    const struct att_lane_job *got = &kit.event[0].row.job;
    CU_ASSERT_EQUAL(got->unit.task, sent.unit.task);
    CU_ASSERT_EQUAL(got->unit.slice, 2);
    CU_ASSERT_EQUAL(got->unit.n_slices, 5);
    CU_ASSERT_EQUAL(got->attempt, 3);
    CU_ASSERT_EQUAL(got->limits.task_time_s, 12.5);
    CU_ASSERT_EQUAL(got->limits.task_memory_bytes, 1 << 30);
    kit_stop(&kit);
}

static void every_lane_is_a_process_of_its_own(void)
{
    enum { LANES = 3 };
    struct kit kit;
    struct kit_row row[LANES];

    kit_start(&kit, LANES);
    for (uint32_t i = 0; i < LANES; i++)
        row[i] = kit_row_of(&kit, i);
    for (uint32_t i = 0; i < LANES; i++) {
        CU_ASSERT_NOT_EQUAL(row[i].lane, getpid());
        CU_ASSERT_NOT_EQUAL(row[i].zygote, getpid());
        CU_ASSERT_EQUAL(row[i].zygote, row[0].zygote);
        CU_ASSERT_NOT_EQUAL(row[i].lane, row[(i + 1) % LANES].lane);
    }
    kit_stop(&kit);
}

static void rows_larger_than_the_ring_arrive_whole(void)
{
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit(&kit, 0, kit_job(FINE, 0));
    kit_submit(&kit, 0, kit_job(LARGE, 1));
    kit_submit(&kit, 0, kit_job(LARGE, 2));
    kit_submit(&kit, 0, kit_job(FINE, 3));
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 4);
    CU_ASSERT_EQUAL(kit.event[0].n_bytes, sizeof(struct kit_row));
    CU_ASSERT_EQUAL(kit.event[1].n_bytes, sizeof(struct kit_row) + LARGE_BYTES);
    CU_ASSERT_EQUAL(kit.event[2].n_bytes, sizeof(struct kit_row) + LARGE_BYTES);
    CU_ASSERT_EQUAL(kit.event[3].row.job.unit.task, 3);
    kit_stop(&kit);
}

static void a_checkpoint_comes_before_its_row(void)
{
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit(&kit, 0, kit_job(SAVER, 7));
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 2);
    CU_ASSERT_EQUAL(kit.event[0].kind, ATT_LANE_CHECKPOINT);
    CU_ASSERT_EQUAL(kit.event[0].job.unit.task, kit_job(SAVER, 7).unit.task);
    CU_ASSERT_EQUAL(kit.event[0].n_bytes, 5);
    CU_ASSERT_STRING_EQUAL(kit.event[0].message, "saved");
    CU_ASSERT_EQUAL(kit.event[1].kind, ATT_LANE_ROW);
    kit_stop(&kit);
}

/* The first, and later ones at their distance whatever the machine does. */
static void checkpoints_in_quick_succession_are_left_out(void)
{
    const double start = att_clock_s();
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit(&kit, 0, kit_job(HOARDER, 7));
    kit_submit(&kit, 0, kit_job(SAVER, 8));
    kit_finish(&kit, 1);
    const double most = 1.0 + (att_clock_s() - start) / ATT_LANE_CHECKPOINT_S;

    CU_ASSERT_FATAL(kit.n >= 4);
    CU_ASSERT((double)(kit.n - 3) <= most);
    CU_ASSERT_EQUAL(kit.event[0].kind, ATT_LANE_CHECKPOINT);
    CU_ASSERT_STRING_EQUAL(kit.event[0].message, "hoard");
    /* another unit's first is sent at once */
    CU_ASSERT_EQUAL(kit.event[kit.n - 2].kind, ATT_LANE_CHECKPOINT);
    CU_ASSERT_STRING_EQUAL(kit.event[kit.n - 2].message, "saved");
    kit_stop(&kit);
}

/* The running job stays; all others come back and none of them runs. */
static void what_has_not_started_can_be_taken_back(void)
{
    enum { N = 3000 };
    static struct att_lane_job back[N + 1];
    struct att_lane_state state = {0};
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit(&kit, 0, kit_job(SLOW, 1));
    kit_submit_fine(&kit, 0, 0, N);
    while (!state.running)
        att_lanes_state(kit.lanes, 0, &state);
    CU_ASSERT_EQUAL(att_lanes_take_back(kit.lanes, 0, back), N);
    for (uint64_t i = 0; i < N; i++)
        CU_ASSERT_EQUAL(back[i].unit.task, i);
    CU_ASSERT_EQUAL(att_lanes_pending(kit.lanes, 0), 1);
    kit_submit(&kit, 0, kit_job(FINE, N));
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 2);
    CU_ASSERT_EQUAL(kit.event[0].job.unit.task, kit_job(SLOW, 1).unit.task);
    CU_ASSERT_EQUAL(kit.event[1].job.unit.task, N);
    CU_ASSERT_EQUAL(att_lanes_take_back(kit.lanes, 0, back), 0);
    kit_stop(&kit);
}

/* Whatever the moment: taken back and run make up the whole, in order. */
static void taking_back_races_with_starting(void)
{
    enum { N = 64, ROUNDS = 300 };
    struct att_lane_job back[N];
    struct kit kit;

    kit_start(&kit, 1);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        kit.n = 0;
        kit_submit_fine(&kit, 0, round * N, N);
        if (round % 2 == 0)
            CU_ASSERT_EQUAL_FATAL(kit_poll(&kit, 0), ATT_OK);
        const size_t n = att_lanes_take_back(kit.lanes, 0, back);
        kit_finish(&kit, 1);
        CU_ASSERT_EQUAL_FATAL(kit.n + n, N);
        for (size_t i = 0; i < kit.n; i++)
            CU_ASSERT_EQUAL(kit.event[i].row.job.unit.task, round * N + i);
        for (size_t i = 0; i < n; i++)
            CU_ASSERT_EQUAL(back[i].unit.task, round * N + kit.n + i);
    }
    kit_stop(&kit);
}

static void the_state_tells_unit_phase_and_progress(void)
{
    const double before = att_clock_s();
    struct att_lane_state state = {0};
    struct kit kit;

    kit_start(&kit, 2);
    kit_submit(&kit, 1, kit_job(HANG, 5));
    while (state.done == 0 && att_clock_s() < before + PATIENCE_S)
        att_lanes_state(kit.lanes, 1, &state);
    CU_ASSERT(state.running);
    CU_ASSERT_EQUAL(state.unit.task, kit_job(HANG, 5).unit.task);
    CU_ASSERT_EQUAL(state.done, 0.25);
    CU_ASSERT_STRING_EQUAL(state.phase, "evaluate");
    CU_ASSERT(state.since >= before);
    CU_ASSERT(state.since <= att_clock_s());
    att_lanes_state(kit.lanes, 0, &state);
    CU_ASSERT_FALSE(state.running);
    kit_stop(&kit);
}

static bool readable(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, timeout_ms) == 1;
}

/* A caller that waits on the descriptor only never misses a row. */
static void the_descriptor_is_readable_when_there_is_work(void)
{
    struct kit kit;

    kit_start(&kit, 2);
    for (size_t i = 0; i < 200; i++) {
        kit_submit_fine(&kit, i % 2, i, 1 + i % 7);
        while (kit_pending(&kit, 2) > 0) {
            CU_ASSERT_FATAL(
                readable(att_lanes_descriptor(kit.lanes), 60 * 1000));
            CU_ASSERT_EQUAL_FATAL(kit_poll(&kit, 0), ATT_OK);
        }
    }
    kit_stop(&kit);
}

static void an_idle_poll_returns_without_events(void)
{
    struct kit kit;
    size_t n = 1;

    kit_start(&kit, 1);
    CU_ASSERT_EQUAL(att_lanes_poll(kit.lanes, 0, kit_note, &kit, &n, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(att_lanes_poll(kit.lanes, 0.05, kit_note, &kit, &n, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(n, 0);
    kit_stop(&kit);
}

/* Submit the successor of every row from inside the event function. */
static void chain(void *context, const struct att_lane_event *event)
{
    struct kit *kit = context;

    kit_note(kit, event);
    if (kit->n < 500) {
        kit_submit(kit, 0, kit_job(FINE, kit->n));
        CU_ASSERT_EQUAL(att_lanes_pending(kit->lanes, 0), 1);
    }
}

static void events_may_submit(void)
{
    const double until = att_clock_s() + PATIENCE_S;
    struct kit kit;
    size_t n = 0;

    kit_start(&kit, 1);
    kit_submit(&kit, 0, kit_job(FINE, 0));
    while (att_lanes_pending(kit.lanes, 0) > 0 && att_clock_s() < until) {
        CU_ASSERT_EQUAL_FATAL(
            att_lanes_poll(kit.lanes, 0.1, chain, &kit, &n, NULL), ATT_OK);
    }
    CU_ASSERT_EQUAL_FATAL(kit.n, 500);
    for (uint64_t i = 0; i < kit.n; i++)
        CU_ASSERT_EQUAL(kit.event[i].row.job.unit.task, i);
    kit_stop(&kit);
}

/* Report in `nth` the CPU to which the lane is bound, 999 when not to one. */
static att_status where_work(void *context, const struct att_lane_job *job,
                             const struct att_lane_port *port,
                             struct att_buffer *out, struct att_error *err)
{
    struct kit_row row = {.job = *job, .nth = 999};
    cpu_set_t set;

    (void)context, (void)port, (void)err;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == 1)
        row.nth = (uint64_t)sched_getcpu();
    att_buffer_append(out, &row, sizeof row);
    return ATT_OK;
}

static void lanes_are_bound_in_turn(void)
{
    int cpus[64];
    const struct att_lane_place place = {.n_local_ranks = 1};
    struct att_lane_options options = {
        .n_lanes = 3, .work = where_work, .cpus = cpus};
    struct kit kit = {0};

    options.n_cpus = att_lane_cpus(&place, cpus, 64);
    CU_ASSERT_FATAL(options.n_cpus > 0);
    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    for (uint32_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(kit_row_of(&kit, i).nth,
                        (uint64_t)cpus[i % options.n_cpus]);
    }
    kit_stop(&kit);
}

static void bad_options_and_lanes_are_refused(void)
{
    const struct att_lane_options none = {.n_lanes = 0, .work = kit_work};
    const struct att_lane_job job = kit_job(FINE, 0);
    struct att_lanes *lanes = NULL;
    struct att_error err = {0};
    struct kit kit;

    CU_ASSERT_EQUAL(att_lanes_start(&none, &lanes, &err), ATT_E_ARG);
    CU_ASSERT_PTR_NULL(lanes);
    CU_ASSERT_STRING_EQUAL(err.text, "0 lanes is outside 1..4096");
    err = (struct att_error){0};
    kit_start(&kit, 2);
    CU_ASSERT_EQUAL(att_lanes_submit(kit.lanes, 2, &job, 1, &err), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text, "lane 2 is not below 2");
    kit_stop(&kit);
    att_lanes_stop(NULL, 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"jobs run in order and exactly once",
         jobs_run_in_order_and_exactly_once},
        {"a job arrives as it was submitted",
         a_job_arrives_as_it_was_submitted},
        {"every lane is a process of its own",
         every_lane_is_a_process_of_its_own},
        {"rows larger than the ring arrive whole",
         rows_larger_than_the_ring_arrive_whole},
        {"a checkpoint comes before its row",
         a_checkpoint_comes_before_its_row},
        {"checkpoints in quick succession are left out",
         checkpoints_in_quick_succession_are_left_out},
        {"what has not started can be taken back",
         what_has_not_started_can_be_taken_back},
        {"taking back races with starting", taking_back_races_with_starting},
        {"the state tells unit, phase and progress",
         the_state_tells_unit_phase_and_progress},
        {"the descriptor is readable when there is work",
         the_descriptor_is_readable_when_there_is_work},
        {"an idle poll returns without events",
         an_idle_poll_returns_without_events},
        {"events may submit", events_may_submit},
        {"lanes are bound in turn", lanes_are_bound_in_turn},
        {"bad options and lanes are refused",
         bad_options_and_lanes_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lane", tests);
}
