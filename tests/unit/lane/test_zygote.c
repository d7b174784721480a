/* test_zygote.c - zygote and lanes outlive signals, and never their rank. */
#include "attest/lane/lane.h"

#include <dirent.h>
#include <errno.h>
#include <sys/prctl.h>

#include "lane_kit.h"

/* ---- who is there ------------------------------------------------------- */

/* Reap what was left to this process and see whether pid is gone. */
static bool is_gone(pid_t pid)
{
    (void)waitpid(pid, NULL, WNOHANG);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

static bool goes_away(pid_t pid)
{
    const double until = att_clock_s() + PATIENCE_S;

    while (!is_gone(pid)) {
        if (att_clock_s() > until)
            return false;
        att_sleep_s(0.001);
    }
    return true;
}

static bool has_no_children(void)
{
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static size_t count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        (void)closedir(dir);
    return n;
}

/* ---- stop --------------------------------------------------------------- */

static void stop_leaves_no_process_and_no_descriptor(void)
{
    const size_t before = count_descriptors();
    struct kit kit;
    struct kit_row row[3];

    kit_start(&kit, 3);
    for (uint32_t i = 0; i < 3; i++)
        row[i] = kit_row_of(&kit, i);
    kit_stop(&kit);
    for (uint32_t i = 0; i < 3; i++)
        CU_ASSERT(is_gone(row[i].lane));
    CU_ASSERT(is_gone(row[0].zygote));
    CU_ASSERT(has_no_children());
    CU_ASSERT_EQUAL(count_descriptors(), before);
}

static void stop_kills_what_does_not_end(void)
{
    struct kit kit;

    kit_start(&kit, 2);
    const struct kit_row row = kit_row_of(&kit, 0);
    kit_submit(&kit, 0, kit_job(HANG, 1));
    kit_submit(&kit, 1, kit_job(STOPPED, 1));
    CU_ASSERT_EQUAL(kit_poll(&kit, 0.05), ATT_OK);
    att_lanes_stop(kit.lanes, 0.05);
    free(kit.event);
    CU_ASSERT(is_gone(row.lane));
    CU_ASSERT(is_gone(row.zygote));
    CU_ASSERT(has_no_children());
}

/* Raises a shared flag when its job is done. */
static att_status flag_work(void *context, const struct att_lane_job *job,
                            const struct att_lane_port *port,
                            struct att_buffer *out, struct att_error *err)
{
    int *flag = context;

    (void)err;
    port->progress(port->self, "build", 0);
    att_sleep_s(0.3);
    att_buffer_append(out, &(struct kit_row){.job = *job},
                      sizeof(struct kit_row));
    kit_set(flag, 1);
    return ATT_OK;
}

static void stop_lets_a_job_end_within_the_grace(void)
{
    int *flag = kit_shared_numbers(1);

    for (int patient = 0; patient < 2; patient++) {
        const struct att_lane_options options = {
            .n_lanes = 1, .work = flag_work, .context = flag};
        struct att_lane_state state = {0};
        struct kit kit = {0};

        CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL),
                              ATT_OK);
        kit_submit(&kit, 0, kit_job(FINE, 1));
        while (!state.running)
            att_lanes_state(kit.lanes, 0, &state);
        att_lanes_stop(kit.lanes, patient != 0 ? PATIENCE_S : 0);
        CU_ASSERT_EQUAL(kit_get(flag), patient);
        CU_ASSERT(has_no_children());
    }
    CU_ASSERT_EQUAL(munmap(flag, sizeof *flag), 0);
}

/* ---- what a lane inherits ----------------------------------------------- */

/* 0, 1, 2, its pipe, the bell, and the one that counts. */
static att_status count_work(void *context, const struct att_lane_job *job,
                             const struct att_lane_port *port,
                             struct att_buffer *out, struct att_error *err)
{
    const size_t dots = 2;
    struct kit_row row = {.job = *job, .lane = getpid()};

    (void)context, (void)port, (void)err;
    row.nth = count_descriptors() - dots;
    att_buffer_append(out, &row, sizeof row);
    return ATT_OK;
}

static void a_lane_inherits_only_its_own_descriptors(void)
{
    const struct att_lane_options options = {.n_lanes = 3, .work = count_work};
    const int stray = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct kit kit = {0};

    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit.lanes, NULL), ATT_OK);
    CU_ASSERT_EQUAL(kit_row_of(&kit, 1).nth, 6);
    kit_stop(&kit);
    (void)close(stray);
}

/* ---- signals ------------------------------------------------------------ */

static att_status quiet_poll(struct kit *kit, size_t n)
{
    const double until = att_clock_s() + PATIENCE_S;
    att_status status = ATT_OK;

    while (status == ATT_OK && kit->n < n && att_clock_s() < until)
        status = kit_poll(kit, 0.1);
    return status;
}

/* A rank that leads a process group, is hit with all of it by the signals
 * that launchers send, and gets all its rows from one and the same process.
 * The code says what went wrong. */
static int rank_under_signals(void)
{
    static const int sent[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};
    const size_t n = sizeof sent / sizeof sent[0];
    struct kit kit;

    if (setpgid(0, 0) != 0)
        return 10;
    kit_start(&kit, 1);
    for (size_t i = 0; i < n; i++)
        (void)signal(sent[i], SIG_IGN);
    for (size_t i = 0; i < n; i++) {
        kit_submit(&kit, 0, kit_job(SLOW, i));
        (void)kill(0, sent[i]);
        if (quiet_poll(&kit, i + 1) != ATT_OK || kit.n != i + 1)
            return 11;
        if (kit.event[i].kind != ATT_LANE_ROW)
            return 12;
        if (kit.event[i].row.lane != kit.event[0].row.lane)
            return 13;
    }
    kit_stop(&kit);
    return 0;
}

static void signals_to_the_group_do_not_disturb(void)
{
    const pid_t pid = fork();
    int status = -1;

    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0)
        _exit(rank_under_signals());
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

static void count_signal(int signal)
{
    (void)signal;
}

/* A rank that is asked to drain must not find out after the timeout. */
static void a_handled_signal_ends_the_wait(void)
{
    struct sigaction action = {.sa_handler = count_signal}, before;
    const double asked = att_clock_s();
    struct kit kit;

    kit_start(&kit, 1);
    CU_ASSERT_EQUAL(sigaction(SIGALRM, &action, &before), 0);
    (void)alarm(1);
    CU_ASSERT_EQUAL(kit_poll(&kit, PATIENCE_S), ATT_OK);
    CU_ASSERT(att_clock_s() - asked < PATIENCE_S);
    CU_ASSERT_EQUAL(sigaction(SIGALRM, &before, NULL), 0);
    kit_stop(&kit);
}

/* Starts, says so, and waits until it is let go. */
static att_status wait_work(void *context, const struct att_lane_job *job,
                            const struct att_lane_port *port,
                            struct att_buffer *out, struct att_error *err)
{
    int *flag = context;

    (void)port, (void)err;
    kit_set(flag, 1);
    kit_wait_for(flag, 2);
    att_buffer_append(out, &(struct kit_row){.job = *job},
                      sizeof(struct kit_row));
    return ATT_OK;
}

/* A rank in a group of its own, with a job whose limit is 3 s. */
static int rank_to_be_suspended(const struct att_lane_options *options)
{
    struct att_lane_job job = kit_job(FINE, 1);
    struct kit kit = {0};

    job.limits.task_time_s = 3;
    if (setpgid(0, 0) != 0 ||
        att_lanes_start(options, &kit.lanes, NULL) != ATT_OK)
        return 10;
    kit_submit(&kit, 0, job);
    if (quiet_poll(&kit, 1) != ATT_OK || kit.n != 1)
        return 11;
    const int code = kit.event[0].kind == ATT_LANE_ROW ? 0 : 12;
    kit_stop(&kit);
    return code;
}

/* Stopped for longer than the limit, as by `scontrol suspend` or Ctrl-Z. */
static void a_suspended_job_is_not_charged(void)
{
    int *flag = kit_shared_numbers(1);
    const struct att_lane_options options = {
        .n_lanes = 1, .work = wait_work, .context = flag};
    int status = -1;

    const pid_t rank = fork();
    CU_ASSERT_FATAL(rank >= 0);
    if (rank == 0)
        _exit(rank_to_be_suspended(&options));
    kit_wait_for(flag, 1);
    CU_ASSERT_EQUAL(kill(-rank, SIGSTOP), 0);
    att_sleep_s(4);
    CU_ASSERT_EQUAL(kill(-rank, SIGCONT), 0);
    att_sleep_s(0.2);
    kit_set(flag, 2);
    CU_ASSERT_EQUAL(waitpid(rank, &status, 0), rank);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    CU_ASSERT_EQUAL(munmap(flag, sizeof *flag), 0);
}

/* ---- deaths ------------------------------------------------------------- */

static void a_dead_zygote_is_an_error_and_everything_is_lost(void)
{
    struct att_lane_job job = kit_job(FINE, 9);
    struct att_error err = {0};
    struct kit kit;
    size_t n = 0;

    kit_start(&kit, 2);
    const struct kit_row row = kit_row_of(&kit, 0);
    kit_submit(&kit, 0, kit_job(HANG, 1));
    kit_submit_fine(&kit, 0, 2, 3);
    kit_submit(&kit, 1, kit_job(HANG, 5));
    kit.n = 0;
    CU_ASSERT_EQUAL(kill(row.zygote, SIGKILL), 0);
    CU_ASSERT_EQUAL(quiet_poll(&kit, 6), ATT_E_IO);
    CU_ASSERT_EQUAL_FATAL(kit.n, 5);
    for (size_t i = 0; i < kit.n; i++) {
        CU_ASSERT_EQUAL(kit.event[i].kind, ATT_LANE_LOST);
        CU_ASSERT_EQUAL(kit.event[i].job.unit.task % KIND, i + 1);
        CU_ASSERT_EQUAL(kit.event[i].outcome, ATT_CRASHED);
        CU_ASSERT_STRING_EQUAL(
            kit.event[i].message,
            "crashed (the zygote of its lane died: SIGKILL)");
    }
    CU_ASSERT_EQUAL(kit_pending(&kit, 2), 0);
    CU_ASSERT_EQUAL(att_lanes_submit(kit.lanes, 0, &job, 1, NULL), ATT_E_IO);
    CU_ASSERT_EQUAL(att_lanes_poll(kit.lanes, 0, kit_note, &kit, &n, &err),
                    ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "SIGKILL"));
    CU_ASSERT(is_gone(row.lane));
    CU_ASSERT(has_no_children());
    kit_stop(&kit);
}

struct family {
    pid_t zygote, idle, busy;
};

/* Start two lanes, tell who they are, make one hang, and wait for the end. */
static _Noreturn void doomed_rank(int out)
{
    struct family family;
    struct kit kit;

    kit_start(&kit, 2);
    family.zygote = kit_row_of(&kit, 0).zygote;
    family.idle = kit_row_of(&kit, 0).lane;
    family.busy = kit_row_of(&kit, 1).lane;
    kit_submit(&kit, 1, kit_job(HANG, 1));
    (void)kit_poll(&kit, 0.05);
    if (write(out, &family, sizeof family) != (ssize_t)sizeof family)
        _exit(EXIT_FAILURE);
    kit_sleep_for_ever();
    _exit(EXIT_SUCCESS);
}

static void rank_ends_by(int signal)
{
    struct family family = {0};
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    const pid_t rank = fork();
    CU_ASSERT_FATAL(rank >= 0);
    if (rank == 0)
        doomed_rank(ends[1]);
    CU_ASSERT_EQUAL_FATAL(read(ends[0], &family, sizeof family),
                          (ssize_t)sizeof family);
    CU_ASSERT_EQUAL(kill(rank, signal), 0);
    CU_ASSERT_EQUAL(waitpid(rank, NULL, 0), rank);
    CU_ASSERT(goes_away(family.zygote));
    CU_ASSERT(goes_away(family.idle));
    CU_ASSERT(goes_away(family.busy));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* This process takes in the orphans, so that their end can be seen. */
static void a_killed_rank_takes_everything_along(void)
{
    CU_ASSERT_EQUAL_FATAL(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    rank_ends_by(SIGKILL);
    rank_ends_by(SIGTERM);
    CU_ASSERT_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    CU_ASSERT(has_no_children());
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"stop leaves no process and no descriptor",
         stop_leaves_no_process_and_no_descriptor},
        {"stop kills what does not end", stop_kills_what_does_not_end},
        {"stop lets a job end within the grace",
         stop_lets_a_job_end_within_the_grace},
        {"a lane inherits only its own descriptors",
         a_lane_inherits_only_its_own_descriptors},
        {"signals to the group do not disturb",
         signals_to_the_group_do_not_disturb},
        {"a handled signal ends the wait", a_handled_signal_ends_the_wait},
        {"a suspended job is not charged", a_suspended_job_is_not_charged},
        {"a dead zygote is an error and everything is lost",
         a_dead_zygote_is_an_error_and_everything_is_lost},
        {"a killed rank takes everything along",
         a_killed_rank_takes_everything_along},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lane zygote", tests);
}
