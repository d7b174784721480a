/* test_lock.c - one coordinator per run folder, and who may follow it. */
#include "attest/record/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attest/base/buffer.h"
#include "attest/base/clock.h"
#include "scratch.h"
#include "unit.h"

static struct att_lock *acquire_as(const char *dir,
                                   const struct att_lock_holder *self)
{
    struct att_lock *lock = NULL;
    struct att_error err = {0};

    if (att_lock_acquire(dir, self, &lock, &err) != ATT_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(lock);
    return lock;
}

static void check_refused(const char *dir, const struct att_lock_holder *self,
                          const char *because)
{
    struct att_lock *lock = NULL;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_lock_acquire(dir, self, &lock, &err), ATT_E_LOCKED);
    CU_ASSERT_PTR_NULL(lock);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, because));
}

/* A process of another host, whose pid says nothing here. */
static struct att_lock_holder stranger(const char *host, uint64_t job,
                                       uint64_t restart)
{
    struct att_lock_holder h = {
        .pid = 77, .start_ticks = 5, .job = job, .restart = restart};

    (void)snprintf(h.host, sizeof h.host, "%s", host);
    (void)snprintf(h.space, sizeof h.space, "boot of %s", host);
    (void)snprintf(h.cluster, sizeof h.cluster, "mini");
    return h;
}

/* Make DIR/name look as if it had been touched age_s ago. */
static void make_old(const struct scratch *s, const char *name, double age_s)
{
    char path[SCRATCH_PATH];
    const time_t then = (time_t)(att_clock_wall_s() - age_s);
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};

    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, scratch_path(s, name, path), times, 0),
                    0);
}

static bool exists(const struct scratch *s, const char *name)
{
    char path[SCRATCH_PATH];

    return access(scratch_path(s, name, path), F_OK) == 0;
}

/* ---- one at a time --------------------------------------------------------------- */

static void this_process_knows_itself(void)
{
    struct att_lock_holder self;

    CU_ASSERT_EQUAL(setenv("SLURM_JOB_ID", "4711", 1), 0);
    CU_ASSERT_EQUAL(setenv("SLURM_STEP_ID", "2", 1), 0);
    CU_ASSERT_EQUAL(setenv("SLURM_RESTART_COUNT", "3", 1), 0);
    CU_ASSERT_EQUAL(setenv("SLURM_CLUSTER_NAME", "mini", 1), 0);
    att_lock_self(&self);
    CU_ASSERT_EQUAL(self.pid, getpid());
    CU_ASSERT(self.start_ticks > 0);
    CU_ASSERT(strlen(self.host) > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(self.space, "pid:["));
    CU_ASSERT_EQUAL(self.job, 4711);
    CU_ASSERT_EQUAL(self.step, 2);
    CU_ASSERT_EQUAL(self.restart, 3);
    CU_ASSERT_STRING_EQUAL(self.cluster, "mini");
    CU_ASSERT_EQUAL(unsetenv("SLURM_JOB_ID"), 0);
    CU_ASSERT_EQUAL(unsetenv("SLURM_STEP_ID"), 0);
    CU_ASSERT_EQUAL(unsetenv("SLURM_RESTART_COUNT"), 0);
    CU_ASSERT_EQUAL(unsetenv("SLURM_CLUSTER_NAME"), 0);
}

static void a_free_folder_is_locked_by_name(void)
{
    struct scratch s;
    struct att_lock_info info;
    const struct att_lock_holder self = stranger("node1", 12, 1);

    scratch_open(&s);
    CU_ASSERT_EQUAL(att_lock_read(s.dir, &info, NULL), ATT_OK);
    CU_ASSERT_FALSE(info.held);
    CU_ASSERT_EQUAL(info.epoch, 0);
    const double before = att_clock_wall_s();
    struct att_lock *const lock = acquire_as(s.dir, &self);

    CU_ASSERT_STRING_EQUAL(att_lock_taken(lock), "");
    CU_ASSERT_EQUAL(att_lock_epoch(lock), 1);
    CU_ASSERT_EQUAL(att_lock_check(lock, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_lock_read(s.dir, &info, NULL), ATT_OK);
    CU_ASSERT_TRUE(info.held);
    CU_ASSERT_EQUAL(info.epoch, 1);
    CU_ASSERT_STRING_EQUAL(info.holder.host, "node1");
    CU_ASSERT_STRING_EQUAL(info.holder.space, "boot of node1");
    CU_ASSERT_STRING_EQUAL(info.holder.cluster, "mini");
    CU_ASSERT_EQUAL(info.holder.pid, 77);
    CU_ASSERT_EQUAL(info.holder.start_ticks, 5);
    CU_ASSERT_EQUAL(info.holder.job, 12);
    CU_ASSERT_EQUAL(info.holder.restart, 1);
    /* written with three digits */
    CU_ASSERT(info.since > before - 0.001);
    att_lock_release(lock);
    scratch_close(&s);
}

static void a_second_coordinator_is_told_who_holds_the_folder(void)
{
    struct scratch s;
    const struct att_lock_holder first = stranger("node1", 12, 1);
    const struct att_lock_holder second = stranger("node2", 13, 0);

    scratch_open(&s);
    struct att_lock *const lock = acquire_as(s.dir, &first);

    check_refused(s.dir, &second,
                  "is held by host node1, pid 77, Slurm job 12 (restart 1) "
                  "since 2");
    check_refused(s.dir, NULL, "last heartbeat");
    CU_ASSERT_EQUAL(att_lock_check(lock, NULL), ATT_OK);
    att_lock_release(lock);
    scratch_close(&s);
}

static void a_released_lock_is_free_and_its_epoch_rises(void)
{
    struct scratch s;
    struct att_lock_info info;

    scratch_open(&s);
    for (uint64_t i = 1; i <= 3; i++) {
        struct att_lock *const lock = acquire_as(s.dir, NULL);

        CU_ASSERT_EQUAL(att_lock_epoch(lock), i);
        CU_ASSERT_STRING_EQUAL(att_lock_taken(lock), "");
        att_lock_release(lock);
    }
    CU_ASSERT_EQUAL(att_lock_read(s.dir, &info, NULL), ATT_OK);
    CU_ASSERT_FALSE(info.held);
    CU_ASSERT_FALSE(exists(&s, "lock.4"));
    att_lock_release(NULL);
    scratch_close(&s);
}

static void the_epoch_can_be_raised_and_is_passed_on(void)
{
    struct scratch s;
    struct att_lock_info info;

    scratch_open(&s);
    struct att_lock *lock = acquire_as(s.dir, NULL);

    CU_ASSERT_EQUAL(att_lock_raise(lock, 41, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_lock_raise(lock, 7, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_lock_epoch(lock), 41);
    CU_ASSERT_EQUAL(att_lock_check(lock, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_lock_read(s.dir, &info, NULL), ATT_OK);
    CU_ASSERT_EQUAL(info.epoch, 41);
    att_lock_release(lock);
    lock = acquire_as(s.dir, NULL);
    CU_ASSERT_EQUAL(att_lock_epoch(lock), 42);
    att_lock_release(lock);
    scratch_close(&s);
}

/* ---- taking over ------------------------------------------------------------------ */

/* A child takes the lock and ends without giving it back.  It stays unreaped
 * (a zombie) until reap is called. */
static pid_t lock_and_die(const char *dir)
{
    siginfo_t info;
    const pid_t pid = fork();

    CU_ASSERT_NOT_EQUAL_FATAL(pid, -1);
    if (pid == 0) {
        struct att_lock *lock = NULL;

        _exit(att_lock_acquire(dir, NULL, &lock, NULL) == ATT_OK ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
                          0);
    CU_ASSERT_EQUAL_FATAL(info.si_status, 0);
    return pid;
}

static void a_lock_whose_process_died_is_taken_over(void)
{
    struct scratch s;
    char expected[128];

    for (int reaped = 0; reaped < 2; reaped++) {
        scratch_open(&s);
        const pid_t pid = lock_and_die(s.dir);

        if (reaped)
            CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
        struct att_lock *const lock = acquire_as(s.dir, NULL);

        (void)snprintf(expected, sizeof expected, "pid %d: its process is gone",
                       pid);
        CU_ASSERT_PTR_NOT_NULL(strstr(att_lock_taken(lock), expected));
        CU_ASSERT_EQUAL(att_lock_epoch(lock), 2);
        att_lock_release(lock);
        if (!reaped)
            CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
        scratch_close(&s);
    }
}

static void a_pid_that_belongs_to_another_process_now_is_gone(void)
{
    struct scratch s;
    struct att_lock_holder before;

    scratch_open(&s);
    att_lock_self(&before);
    before.start_ticks--;
    struct att_lock *const old = acquire_as(s.dir, &before);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    CU_ASSERT_PTR_NOT_NULL(strstr(att_lock_taken(lock), "process is gone"));
    att_lock_release(old);
    att_lock_release(lock);
    scratch_close(&s);
}

static void a_running_process_of_this_host_keeps_its_lock(void)
{
    struct scratch s;

    scratch_open(&s);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    check_refused(s.dir, NULL, "is held by");
    att_lock_release(lock);
    scratch_close(&s);
}

static void a_restarted_job_takes_over_from_itself_only(void)
{
    static const struct {
        uint64_t job, restart;
        const char *cluster;
        bool taken;
    } CASE[] = {
        {12, 2, "mini", true},  {12, 1, "mini", false}, {12, 0, "mini", false},
        {13, 2, "mini", false}, {12, 2, "maxi", false}, {0, 2, "mini", false},
    };
    const struct att_lock_holder first = stranger("node1", 12, 1);

    for (size_t i = 0; i < sizeof CASE / sizeof CASE[0]; i++) {
        struct scratch s;
        struct att_lock_holder next =
            stranger("node2", CASE[i].job, CASE[i].restart);

        scratch_open(&s);
        (void)snprintf(next.cluster, sizeof next.cluster, "%s",
                       CASE[i].cluster);
        struct att_lock *const old = acquire_as(s.dir, &first);

        if (CASE[i].taken) {
            struct att_lock *const lock = acquire_as(s.dir, &next);

            CU_ASSERT_STRING_EQUAL(
                att_lock_taken(lock),
                "taken over from host node1, pid 77, Slurm job 12 (restart "
                "1): its job was restarted");
            att_lock_release(lock);
        } else {
            check_refused(s.dir, &next, "is held by host node1");
        }
        att_lock_release(old);
        scratch_close(&s);
    }
}

static void a_lock_without_job_is_not_taken_by_restarts(void)
{
    struct scratch s;
    const struct att_lock_holder first = stranger("node1", 0, 0);
    const struct att_lock_holder next = stranger("node2", 0, 5);

    scratch_open(&s);
    struct att_lock *const old = acquire_as(s.dir, &first);

    check_refused(s.dir, &next, "is held by host node1, pid 77 since");
    att_lock_release(old);
    scratch_close(&s);
}

static void two_minutes_without_heartbeat_end_a_lock(void)
{
    struct scratch s;
    const struct att_lock_holder first = stranger("node1", 0, 0);

    scratch_open(&s);
    struct att_lock *const old = acquire_as(s.dir, &first);

    make_old(&s, "lock", 100);
    check_refused(s.dir, NULL, "is held by host node1");
    make_old(&s, "lock", 130);
    CU_ASSERT_EQUAL(att_lock_touch(old, NULL), ATT_OK); /* it lives after all */
    check_refused(s.dir, NULL, "is held by host node1");
    make_old(&s, "lock", 130);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    CU_ASSERT_PTR_NOT_NULL(strstr(att_lock_taken(lock), "no sign of life"));
    att_lock_release(old);
    att_lock_release(lock);
    scratch_close(&s);
}

static void the_old_holder_stops_and_cannot_free_the_new_lock(void)
{
    struct scratch s;
    const struct att_lock_holder first = stranger("node1", 0, 0);
    const struct att_lock_holder second = stranger("node2", 0, 0);
    struct att_lock_info info;
    struct att_error err = {0};

    scratch_open(&s);
    struct att_lock *const old = acquire_as(s.dir, &first);

    make_old(&s, "lock", 130);
    struct att_lock *const lock = acquire_as(s.dir, &second);

    CU_ASSERT_EQUAL(att_lock_check(old, &err), ATT_E_LOCKED);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.text, "was taken over by host node2, pid 77 at 2"));
    CU_ASSERT_EQUAL(att_lock_touch(old, NULL), ATT_E_LOCKED);
    CU_ASSERT_EQUAL(att_lock_raise(old, 99, NULL), ATT_E_LOCKED);
    att_lock_release(old);
    CU_ASSERT_EQUAL(att_lock_check(lock, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_lock_read(s.dir, &info, NULL), ATT_OK);
    CU_ASSERT_TRUE(info.held);
    CU_ASSERT_STRING_EQUAL(info.holder.host, "node2");
    att_lock_release(lock);
    scratch_close(&s);
}

static void a_removed_lock_stops_its_holder(void)
{
    struct scratch s;
    char path[SCRATCH_PATH];
    struct att_error err = {0};

    scratch_open(&s);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    CU_ASSERT_EQUAL(unlink(scratch_path(&s, "lock", path)), 0);
    CU_ASSERT_EQUAL(att_lock_check(lock, &err), ATT_E_LOCKED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "was removed"));
    att_lock_release(lock);
    scratch_close(&s);
}

/* A beat so soon after the last one asks nobody. */
static void heartbeats_close_together_are_left_out(void)
{
    struct scratch s;
    char path[SCRATCH_PATH];

    scratch_open(&s);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    CU_ASSERT_EQUAL(unlink(scratch_path(&s, "lock", path)), 0);
    CU_ASSERT_EQUAL(att_lock_beat(lock, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_lock_touch(lock, NULL), ATT_E_LOCKED);
    att_lock_release(lock);
    scratch_close(&s);
}

/* ---- what may lie around ------------------------------------------------------------ */

static void a_damaged_lock_file_counts_until_it_is_old(void)
{
    struct scratch s;
    char path[SCRATCH_PATH];
    static const char zeros[64];
    struct att_lock_info info;
    struct att_error err = {0};

    scratch_open(&s);
    CU_ASSERT_EQUAL(att_file_replace(scratch_path(&s, "lock", path), zeros,
                                     sizeof zeros, false, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(att_lock_read(s.dir, &info, &err), ATT_E_PARSE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "is no lock file"));
    check_refused(s.dir, NULL, "an unreadable lock file");
    make_old(&s, "lock", 130);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    CU_ASSERT_PTR_NOT_NULL(
        strstr(att_lock_taken(lock), "an unreadable lock file"));
    att_lock_release(lock);
    scratch_close(&s);
}

static void leave_claim(const struct scratch *s, const char *name)
{
    char path[SCRATCH_PATH];

    CU_ASSERT_EQUAL(
        att_file_replace(scratch_path(s, name, path), "", 0, false, NULL),
        ATT_OK);
}

static void a_claim_that_somebody_died_over_is_passed_by(void)
{
    struct scratch s;

    scratch_open(&s);
    leave_claim(&s, "lock.1");
    check_refused(s.dir, NULL, "is being taken by another process");
    make_old(&s, "lock.1", 130);
    struct att_lock *const lock = acquire_as(s.dir, NULL);

    CU_ASSERT_EQUAL(att_lock_epoch(lock), 2);
    CU_ASSERT_FALSE(exists(&s, "lock.1"));
    CU_ASSERT_FALSE(exists(&s, "lock.2"));
    att_lock_release(lock);
    scratch_close(&s);
}

static void a_folder_that_is_missing_is_named(void)
{
    struct att_lock *lock = NULL;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_lock_acquire("/nonexistent", NULL, &lock, &err),
                    ATT_E_IO);
    CU_ASSERT_STRING_EQUAL(
        err.text, "cannot write into /nonexistent: No such file or directory");
}

/* ---- races -------------------------------------------------------------------------- */

enum { RIVALS = 8 };

/* Wait for the gate to open, try once, say by the exit code whether it was
 * won, and live until all have tried, so that nobody's process is gone. */
static void rival(const char *dir, int gate, int tried, int over)
{
    struct att_lock *lock = NULL;
    char byte;

    (void)!read(gate, &byte, 1);
    const att_status status = att_lock_acquire(dir, NULL, &lock, NULL);

    (void)!write(tried, "t", 1);
    (void)!read(over, &byte, 1);
    _exit(status == ATT_OK ? 1 : status == ATT_E_LOCKED ? 0 : 2);
}

/* Let RIVALS processes go for the lock at once; returns how many got it. */
static int race(const char *dir)
{
    int gate[2], tried[2], over[2], n_won = 0;
    pid_t pid[RIVALS];
    char byte;

    CU_ASSERT_EQUAL_FATAL(pipe(gate) | pipe(tried) | pipe(over), 0);
    for (int i = 0; i < RIVALS; i++) {
        pid[i] = fork();
        CU_ASSERT_NOT_EQUAL_FATAL(pid[i], -1);
        if (pid[i] == 0) {
            (void)close(gate[1]);
            (void)close(over[1]);
            rival(dir, gate[0], tried[1], over[0]);
        }
    }
    (void)close(gate[1]); /* go */
    for (int i = 0; i < RIVALS; i++)
        CU_ASSERT_EQUAL(read(tried[0], &byte, 1), 1);
    (void)close(over[1]);
    for (int i = 0; i < RIVALS; i++) {
        int status = 0;

        CU_ASSERT_EQUAL(waitpid(pid[i], &status, 0), pid[i]);
        CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) < 2);
        n_won += WEXITSTATUS(status) == 1;
    }
    (void)close(gate[0]);
    (void)close(tried[0]);
    (void)close(tried[1]);
    (void)close(over[0]);
    return n_won;
}

static void of_many_that_go_for_a_lock_one_gets_it(void)
{
    struct scratch s;

    scratch_open(&s);
    /* free at first, then left by the winner of the round before */
    for (int round = 0; round < 60; round++)
        CU_ASSERT_EQUAL(race(s.dir), 1);
    scratch_close(&s);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"this process knows itself", this_process_knows_itself},
        {"a free folder is locked by name", a_free_folder_is_locked_by_name},
        {"a second coordinator is told who holds the folder",
         a_second_coordinator_is_told_who_holds_the_folder},
        {"a released lock is free and its epoch rises",
         a_released_lock_is_free_and_its_epoch_rises},
        {"the epoch can be raised and is passed on",
         the_epoch_can_be_raised_and_is_passed_on},
        {"a lock whose process died is taken over",
         a_lock_whose_process_died_is_taken_over},
        {"a pid that belongs to another process now is gone",
         a_pid_that_belongs_to_another_process_now_is_gone},
        {"a running process of this host keeps its lock",
         a_running_process_of_this_host_keeps_its_lock},
        {"a restarted job takes over from itself only",
         a_restarted_job_takes_over_from_itself_only},
        {"a lock without job is not taken by restarts",
         a_lock_without_job_is_not_taken_by_restarts},
        {"two minutes without heartbeat end a lock",
         two_minutes_without_heartbeat_end_a_lock},
        {"the old holder stops and cannot free the new lock",
         the_old_holder_stops_and_cannot_free_the_new_lock},
        {"a removed lock stops its holder", a_removed_lock_stops_its_holder},
        {"heartbeats close together are left out",
         heartbeats_close_together_are_left_out},
        {"a damaged lock file counts until it is old",
         a_damaged_lock_file_counts_until_it_is_old},
        {"a claim that somebody died over is passed by",
         a_claim_that_somebody_died_over_is_passed_by},
        {"a folder that is missing is named",
         a_folder_that_is_missing_is_named},
        {"of many that go for a lock one gets it",
         of_many_that_go_for_a_lock_one_gets_it},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lock", tests);
}
