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
    (void)context;
    (void)lane;
    abort();
}

/* Each job is lost in turn; nothing is forked for ever. */
static void a_lane_that_cannot_start_loses_its_jobs(void)
{
    const struct att_lane_options options = {
        .n_lanes = 1, .work = kit_work, .enter = enter_crashes};
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
    kit_stop(&kit);
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
        {"a stopped lane counts as hanging", a_stopped_lane_counts_as_hanging},
        {"an eater of memory is out of memory",
         an_eater_of_memory_is_out_of_memory},
        {"limits do not outlive their job", limits_do_not_outlive_their_job},
        {"wide limits are harmless", wide_limits_are_harmless},
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
