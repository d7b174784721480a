/* test_lane_loss.c - a unit that ruins its lane costs itself and nothing
 * else. */
#include "attest/lane/lane.h"

#include <float.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lane_kit.h"

/* Ten fine jobs, a bad one, ten fine ones; returns what was said of it. */
static struct kit_event bad_one_among_fine(struct att_lane_job bad)
{
    struct kit_event lost = {0};
    size_t n_lost = 0;
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit_fine(&kit, 0, 0, 10);
    kit_submit(&kit, 0, bad);
    kit_submit_fine(&kit, 0, 10, 10);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 21);
    for (size_t i = 0; i < kit.n; i++) {
        const struct kit_event *e = &kit.event[i];

        if (e->kind == ATT_LANE_LOST) {
            lost = *e;
            n_lost++;
            CU_ASSERT_EQUAL(i, 10);
        } else {
            CU_ASSERT_EQUAL(e->row.job.unit.task, i - n_lost);
        }
    }
    CU_ASSERT_EQUAL(n_lost, 1);
    CU_ASSERT_EQUAL(lost.job.unit.task, bad.unit.task);
    kit_stop(&kit);
    return lost;
}

static void a_crash_costs_its_unit_only(void)
{
    static const struct {
        enum kind kind;
        const char *message;
    } table[] = {
        {SEGFAULT, "crashed (SIGSEGV)"},
        {ABORT, "crashed (SIGABRT)"},
        {KILLED, "crashed (SIGKILL)"},
        {EXIT, "crashed (exit status 3)"},
        {REFUSAL, "crashed: no such construction"},
        {EMPTY, "crashed: the work function made no row"},
        {SCRIBBLE, NULL},
        {FORGER, "crashed (SIGABRT)"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct kit_event lost =
            bad_one_among_fine(kit_job(table[i].kind, 1));

        CU_ASSERT_EQUAL(lost.outcome, ATT_CRASHED);
        if (table[i].message != NULL)
            CU_ASSERT_STRING_EQUAL(lost.message, table[i].message);
        CU_ASSERT(lost.peak_rss_bytes > 0);
    }
}

static void a_hanging_unit_times_out(void)
{
    struct att_lane_job job = kit_job(HANG, 1);

    job.limits.task_time_s = 0.05;
    const struct kit_event lost = bad_one_among_fine(job);
    CU_ASSERT_EQUAL(lost.outcome, ATT_TIMEOUT);
    CU_ASSERT_STRING_EQUAL(lost.message,
                           "timeout after 50 ms in phase evaluate");
    CU_ASSERT(lost.wall_s >= 0.05);
}

static void a_lane_is_killed_only_after_the_grace(void)
{
    const struct att_lane_options options = {
        .n_lanes = 1, .work = kit_work, .kill_grace_s = 0.2};
    struct att_lane_job job = kit_job(HANG, 1);
    struct kit kit = {0};

    job.limits.task_time_s = 0.05;
    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    kit_submit(&kit, 0, job);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 1);
    CU_ASSERT_EQUAL(kit.event[0].outcome, ATT_TIMEOUT);
    CU_ASSERT(kit.event[0].wall_s >= 0.25);
    kit_stop(&kit);
}

static void a_stopped_lane_counts_as_hanging(void)
{
    struct att_lane_job job = kit_job(STOPPED, 1);

    job.limits.task_time_s = 0.05;
    const struct kit_event lost = bad_one_among_fine(job);
    CU_ASSERT_EQUAL(lost.outcome, ATT_TIMEOUT);
    CU_ASSERT_STRING_EQUAL(lost.message, "timeout after 50 ms");
}

/* It would never end by itself; the limit is a quarter of what it holds. */
static void an_eater_of_memory_is_out_of_memory(void)
{
    struct att_lane_job job = kit_job(EATER, 1);

    job.limits.task_memory_bytes = EATEN_BYTES / 4;
    const struct kit_event lost = bad_one_among_fine(job);
    CU_ASSERT_EQUAL(lost.outcome, ATT_OOM);
    CU_ASSERT(strncmp(lost.message, "out of memory: resident ", 24) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(lost.message, " > 64 MiB in phase build"));
    CU_ASSERT(lost.peak_rss_bytes > EATEN_BYTES / 4);
}

/* Report in `nth` whether 1 GiB more can be mapped. */
static att_status map_work(void *context, const struct att_lane_job *job,
                           const struct att_lane_port *port,
                           struct att_buffer *out, struct att_error *err)
{
    const size_t bytes = (size_t)1 << 30;
    struct kit_row row = {.job = *job};
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)context, (void)port, (void)err;
    row.nth = p != MAP_FAILED;
    if (p != MAP_FAILED)
        (void)munmap(p, bytes);
    att_buffer_append(out, &row, sizeof row);
    return ATT_OK;
}

/* The backstop is the limit and 512 MiB; then comes a job without one. */
static void what_cannot_be_meant_is_not_even_mapped(void)
{
    const struct att_lane_options options = {.n_lanes = 1, .work = map_work};
    struct att_lane_job job = kit_job(FINE, 1);
    struct kit kit = {0};

    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    job.limits.task_memory_bytes = 64 << 20;
    kit_submit(&kit, 0, job);
    job.limits.task_memory_bytes = UINT64_C(1) << 30;
    kit_submit(&kit, 0, job);
    job.limits.task_memory_bytes = 64 << 20;
    kit_submit(&kit, 0, job);
    job.limits.task_memory_bytes = 0;
    kit_submit(&kit, 0, job);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 4);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(kit.event[i].row.nth, i % 2);
    kit_stop(&kit);
}

/* Limits are of each job: what follows a tight one is free again. */
static void limits_do_not_outlive_their_job(void)
{
    struct att_lane_job tight = kit_job(FINE, 0), slow = kit_job(SLOW, 1);
    struct kit kit;

    tight.limits.task_time_s = 0.1;
    tight.limits.task_memory_bytes = 1 << 20;
    kit_start(&kit, 1);
    kit_submit(&kit, 0, tight);
    kit_submit(&kit, 0, slow);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 2);
    CU_ASSERT_EQUAL(kit.event[1].kind, ATT_LANE_ROW);
    kit_stop(&kit);
}

/* Limits that are not reached change nothing. */
static void wide_limits_are_harmless(void)
{
    struct att_lane_job job = kit_job(SLOW, 1);
    struct kit kit;

    job.limits.task_time_s = 3600;
    job.limits.task_memory_bytes = UINT64_MAX;
    kit_start(&kit, 1);
    kit_submit(&kit, 0, job);
    job.limits.task_time_s = DBL_MAX;
    kit_submit(&kit, 0, job);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 2);
    CU_ASSERT_EQUAL(kit.event[0].kind, ATT_LANE_ROW);
    CU_ASSERT_EQUAL(kit.event[1].kind, ATT_LANE_ROW);
    kit_stop(&kit);
}

/* Look only now and then, so that a lane gets as far as it can in between:
 * it has always destroyed the rows of the fine units before they are read. */
static void a_lane_that_destroys_rows_costs_one_unit(enum kind kind)
{
    const double until = att_clock_s() + PATIENCE_S;
    struct kit kit;

    kit_start(&kit, 1);
    kit_submit_fine(&kit, 0, 0, 3);
    kit_submit(&kit, 0, kit_job(kind, 3));
    kit_submit_fine(&kit, 0, 4, 2);
    while (kit_pending(&kit, 1) > 0 && att_clock_s() < until) {
        att_sleep_s(0.05);
        CU_ASSERT_EQUAL_FATAL(kit_poll(&kit, 0), ATT_OK);
    }
    CU_ASSERT_EQUAL_FATAL(kit.n, 6);
    for (uint64_t i = 0; i < 6; i++) {
        const struct kit_event *e = &kit.event[i];

        CU_ASSERT_EQUAL(e->job.unit.task % KIND, i);
        CU_ASSERT_EQUAL(e->kind, i == 3 ? ATT_LANE_LOST : ATT_LANE_ROW);
        if (e->kind == ATT_LANE_ROW)
            CU_ASSERT_EQUAL(e->row.proof, PROOF);
    }
    kit_stop(&kit);
}

static void rows_that_were_destroyed_are_made_again(void)
{
    a_lane_that_destroys_rows_costs_one_unit(SCRIBBLE);
    a_lane_that_destroys_rows_costs_one_unit(FORGER);
}

/* Sets number 0 to the task's id when it starts, and ends when number `id`
 * is 1. */
static att_status gate_work(void *context, const struct att_lane_job *job,
                            const struct att_lane_port *port,
                            struct att_buffer *out, struct att_error *err)
{
    int *number = context;
    const struct kit_row row = {
        .job = *job, .lane = getpid(), .zygote = getppid()};

    (void)port, (void)err;
    kit_set(&number[0], (int)job->unit.task);
    kit_wait_for(&number[job->unit.task], 1);
    att_buffer_append(out, &row, sizeof row);
    return ATT_OK;
}

/* The zygote is stopped, so that the order to kill job 2 reaches the lane when
 * that job is done and job 3 has begun. */
static void a_late_kill_does_not_cost_the_next_unit(void)
{
    int *number = kit_shared_numbers(4);
    const struct att_lane_options options = {
        .n_lanes = 1, .work = gate_work, .context = number};
    struct att_lane_job tight = kit_job(FINE, 2);
    struct kit kit = {0};

    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    kit_set(&number[1], 1);
    kit_submit(&kit, 0, kit_job(FINE, 1));
    kit_await(&kit, 1);
    CU_ASSERT_EQUAL(kill(kit.event[0].row.zygote, SIGSTOP), 0);
    tight.limits.task_time_s = 0.01;
    kit_submit(&kit, 0, tight);
    kit_submit(&kit, 0, kit_job(FINE, 3));
    kit_wait_for(&number[0], 2);
    for (int i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(kit_poll(&kit, 0.05), ATT_OK);
    kit_set(&number[2], 1);
    kit_wait_for(&number[0], 3);
    kit_set(&number[0], 0);
    CU_ASSERT_EQUAL(kill(kit.event[0].row.zygote, SIGCONT), 0);
    while (kit_get(&number[0]) != 3 && kit_pending(&kit, 1) > 0)
        CU_ASSERT_EQUAL_FATAL(kit_poll(&kit, 0.01), ATT_OK);
    kit_set(&number[3], 1);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 3);
    for (uint64_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(kit.event[i].kind, ATT_LANE_ROW);
        CU_ASSERT_EQUAL(kit.event[i].row.job.unit.task, i + 1);
    }
    kit_stop(&kit);
    CU_ASSERT_EQUAL(munmap(number, 4 * sizeof *number), 0);
}

static void other_lanes_do_not_notice_a_crash(void)
{
    struct kit kit;

    kit_start(&kit, 2);
    const pid_t before = kit_row_of(&kit, 1).lane;
    kit_submit(&kit, 0, kit_job(SCRIBBLE, 1));
    kit_finish(&kit, 2);
    CU_ASSERT_EQUAL(kit_row_of(&kit, 1).lane, before);
    kit_stop(&kit);
}

/* Nobody is to blame; the lane is there again for the next job. */
static void an_idle_lane_that_is_killed_costs_nothing(void)
{
    struct kit kit;

    kit_start(&kit, 1);
    const struct kit_row row = kit_row_of(&kit, 0);
    CU_ASSERT_EQUAL(kill(row.lane, SIGKILL), 0);
    const struct kit_row next = kit_row_of(&kit, 0);
    CU_ASSERT_NOT_EQUAL(next.lane, row.lane);
    CU_ASSERT_EQUAL(kit.n, 2);
    kit_stop(&kit);
}

/* It has no time limit to exceed: it is seen not to start a waiting job. */
static void an_idle_lane_that_is_stopped_is_replaced(void)
{
    struct kit kit;

    kit_start(&kit, 1);
    const struct kit_row row = kit_row_of(&kit, 0);
    CU_ASSERT_EQUAL(kill(row.lane, SIGSTOP), 0);
    const struct kit_row next = kit_row_of(&kit, 0);
    CU_ASSERT_NOT_EQUAL(next.lane, row.lane);
    CU_ASSERT_EQUAL(kit.n, 2);
    kit_stop(&kit);
}

static void enter_crashes(void *context, uint32_t lane)
{
    (void)lane;
    (void)__atomic_add_fetch((int *)context, 1, __ATOMIC_SEQ_CST);
    abort();
}

/* Each job is lost in turn, and costs one process; once there is none left,
 * nothing is forked any more. */
static void a_lane_that_cannot_start_loses_its_jobs(void)
{
    int *n_entered = kit_shared_numbers(1);
    const struct att_lane_options options = {.n_lanes = 1,
                                             .work = kit_work,
                                             .enter = enter_crashes,
                                             .context = n_entered};
    struct kit kit = {0};

    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    kit_submit_fine(&kit, 0, 0, 3);
    kit_finish(&kit, 1);
    CU_ASSERT_EQUAL_FATAL(kit.n, 3);
    for (uint64_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(kit.event[i].kind, ATT_LANE_LOST);
        CU_ASSERT_EQUAL(kit.event[i].job.unit.task, i);
        CU_ASSERT_STRING_EQUAL(kit.event[i].message,
                               "crashed (SIGABRT) before its first job");
    }
    for (int i = 0; i < 20; i++)
        CU_ASSERT_EQUAL(kit_poll(&kit, 0.01), ATT_OK);
    CU_ASSERT(kit_get(n_entered) <= 1 + 3);
    kit_stop(&kit);
    CU_ASSERT_EQUAL(munmap(n_entered, sizeof *n_entered), 0);
}

/* What a lane finds when it enters: no core file, first in line for the
 * kernel's killer, output that goes where errors go. */
static void enter_looks_around(void *context, uint32_t lane)
{
    struct rlimit core = {1, 1};
    char score[16] = "";
    FILE *file = fopen("/proc/self/oom_score_adj", "re");
    struct stat out, error;

    if (file == NULL || fgets(score, sizeof score, file) == NULL ||
        strcmp(score, "1000\n") != 0)
        _exit(4);
    (void)fclose(file);
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0)
        _exit(5);
    if (fstat(STDOUT_FILENO, &out) != 0 || fstat(STDERR_FILENO, &error) != 0 ||
        out.st_ino != error.st_ino)
        _exit(6);
    if (getchar() != EOF)
        _exit(7);
    if (lane > 1 || *(const int *)context != 42)
        _exit(8);
}

static void a_lane_enters_with_a_clean_house(void)
{
    int answer = 42;
    const struct att_lane_options options = {.n_lanes = 2,
                                             .work = kit_work,
                                             .enter = enter_looks_around,
                                             .context = &answer};
    struct kit kit = {0};

    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    kit_submit(&kit, 1, kit_job(FINE, 1));
    kit_finish(&kit, 2);
    CU_ASSERT_EQUAL_FATAL(kit.n, 1);
    CU_ASSERT_STRING_EQUAL(kit.event[0].message, "");
    CU_ASSERT_EQUAL(kit.event[0].kind, ATT_LANE_ROW);
    kit_stop(&kit);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a crash costs its unit only", a_crash_costs_its_unit_only},
        {"a hanging unit times out", a_hanging_unit_times_out},
        {"a lane is killed only after the grace",
         a_lane_is_killed_only_after_the_grace},
        {"a stopped lane counts as hanging", a_stopped_lane_counts_as_hanging},
        {"an eater of memory is out of memory",
         an_eater_of_memory_is_out_of_memory},
        {"what cannot be meant is not even mapped",
         what_cannot_be_meant_is_not_even_mapped},
        {"limits do not outlive their job", limits_do_not_outlive_their_job},
        {"wide limits are harmless", wide_limits_are_harmless},
        {"rows that were destroyed are made again",
         rows_that_were_destroyed_are_made_again},
        {"a late kill does not cost the next unit",
         a_late_kill_does_not_cost_the_next_unit},
        {"other lanes do not notice a crash",
         other_lanes_do_not_notice_a_crash},
        {"an idle lane that is killed costs nothing",
         an_idle_lane_that_is_killed_costs_nothing},
        {"an idle lane that is stopped is replaced",
         an_idle_lane_that_is_stopped_is_replaced},
        {"a lane that cannot start loses its jobs",
         a_lane_that_cannot_start_loses_its_jobs},
        {"a lane enters with a clean house", a_lane_enters_with_a_clean_house},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lane loss", tests);
}
