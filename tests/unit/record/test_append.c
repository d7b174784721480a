/* test_append.c - what was acknowledged is there, whatever dies or runs out.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/rng.h"
#include "fixture.h"

/* Checks of a child, whose limits and mounts are its own: its exit code tells
 * the line of the first that failed. */
static void child_check(bool holds, int line)
{
    if (!holds)
        _exit(line % 250 + 1);
}

#define CHILD_CHECK(condition) child_check(condition, __LINE__)

typedef void (*child_fn)(const char *dir);

enum { CHILD_CANNOT = 255 };

static int run_child(child_fn body, const char *dir)
{
    int status = 0;
    const pid_t pid = fork();

    CU_ASSERT_NOT_EQUAL_FATAL(pid, -1);
    if (pid == 0) {
        body(dir);
        _exit(0);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- what can run out --------------------------------------------------------- */

static struct att_append *child_open(const char *path)
{
    const struct att_append_options options = {.attest_version = "0.1.0"};
    struct att_append *a = NULL;

    CHILD_CHECK(att_append_open(path, &options, &a, NULL) == ATT_OK);
    return a;
}

static void set_file_limit(rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};

    CHILD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Rows 0 .. 9 fit; of the batch 10 .. 19 only the first few do. */
static void fill_up(const char *dir)
{
    char path[SCRATCH_PATH];
    struct att_error err = {0};
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/journal", dir);
    CHILD_CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    struct att_append *const a = child_open(path);

    for (uint64_t n = 0; n < 10; n++)
        fixture_done(a, n);
    CHILD_CHECK(att_append_commit(a, NULL) == ATT_OK);
    CHILD_CHECK(stat(path, &st) == 0);
    set_file_limit((rlim_t)st.st_size + 500);
    for (uint64_t n = 10; n < 20; n++)
        fixture_done(a, n);
    CHILD_CHECK(att_append_commit(a, &err) == ATT_E_IO);
    CHILD_CHECK(strstr(err.text, "cannot append to") != NULL);
    CHILD_CHECK(strstr(err.text, "File too large") != NULL);
    CHILD_CHECK(att_append_commit(a, NULL) == ATT_E_IO);
    set_file_limit(RLIM_INFINITY);
    CHILD_CHECK(att_append_close(a, NULL) == ATT_OK);
}

static void a_batch_that_does_not_fit_is_finished_when_it_does(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    CU_ASSERT_EQUAL_FATAL(run_child(fill_up, scratch.dir), 0);
    struct att_journal *const journal =
        fixture_load(scratch_path(&scratch, "journal", path));
    const struct att_journal_report report = fixture_report(journal);

    for (uint64_t n = 0; n < 20; n++)
        CU_ASSERT_TRUE(fixture_holds_done(journal, n));
    CU_ASSERT_FALSE(att_journal_damaged(&report));
    CU_ASSERT_EQUAL(report.n_rows, 20);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

/* The writer dies while the disk is full: nothing torn stays behind. */
static void fill_up_and_die(const char *dir)
{
    char path[SCRATCH_PATH];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/journal", dir);
    CHILD_CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    struct att_append *const a = child_open(path);

    CHILD_CHECK(stat(path, &st) == 0);
    set_file_limit((rlim_t)st.st_size + 500);
    for (uint64_t n = 0; n < 10; n++)
        fixture_done(a, n);
    CHILD_CHECK(att_append_commit(a, NULL) == ATT_E_IO);
}

static void a_full_disk_leaves_no_torn_record(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    CU_ASSERT_EQUAL_FATAL(run_child(fill_up_and_die, scratch.dir), 0);
    struct att_journal *const journal =
        fixture_load(scratch_path(&scratch, "journal", path));
    const struct att_journal_report report = fixture_report(journal);

    CU_ASSERT_FALSE(att_journal_damaged(&report));
    CU_ASSERT(report.n_rows > 0);
    CU_ASSERT(report.n_rows < 10);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

/* The same with somebody else's record behind ours: nothing is cut. */
static void fill_up_behind_another(const char *dir)
{
    char path[SCRATCH_PATH];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/journal", dir);
    CHILD_CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    struct att_append *const old = child_open(path);
    struct att_append *const new = child_open(path);

    fixture_done(new, 1);
    CHILD_CHECK(att_append_commit(new, NULL) == ATT_OK);
    CHILD_CHECK(stat(path, &st) == 0);
    set_file_limit((rlim_t)st.st_size + 20);
    fixture_done(old, 2);
    CHILD_CHECK(att_append_commit(old, NULL) == ATT_E_IO);
    set_file_limit(RLIM_INFINITY);
    fixture_done(new, 3);
    CHILD_CHECK(att_append_close(new, NULL) == ATT_OK);
}

static void bytes_of_another_writer_are_never_cut(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    CU_ASSERT_EQUAL_FATAL(run_child(fill_up_behind_another, scratch.dir), 0);
    struct att_journal *const journal =
        fixture_load(scratch_path(&scratch, "journal", path));

    CU_ASSERT_TRUE(fixture_holds_done(journal, 1));
    CU_ASSERT_FALSE(fixture_holds_done(journal, 2));
    CU_ASSERT_TRUE(fixture_holds_done(journal, 3));
    CU_ASSERT_EQUAL(fixture_report(journal).skipped_bytes, 20);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

/* A file system of 64 KiB, seen by this process only. */
static void mount_small(const char *dir)
{
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", dir, "tmpfs", 0, "size=64k") != 0)
        _exit(CHILD_CANNOT);
}

static bool holds_all(const struct att_journal *journal, uint64_t n)
{
    uint64_t i = 0;

    while (i < n && fixture_holds_done(journal, i))
        i++;
    return i == n;
}

/* Append batches of ten rows until one fails; how many rows were put and how
 * many acknowledged. */
static uint64_t append_until_full(struct att_append *a,
                                  uint64_t *n_acknowledged)
{
    struct att_error err = {0};
    uint64_t n = 0;

    do {
        *n_acknowledged = n;
        for (int i = 0; i < 10; i++)
            fixture_done(a, n++);
    } while (att_append_commit(a, &err) == ATT_OK && n < 10000);
    CHILD_CHECK(strstr(err.text, "No space left on device") != NULL);
    return n;
}

static void fill_small_disk(const char *dir)
{
    char path[SCRATCH_PATH], filler[SCRATCH_PATH];
    static const char block[40 * 1024] = "filler";
    uint64_t n_acknowledged = 0;

    mount_small(dir);
    (void)snprintf(path, sizeof path, "%s/journal", dir);
    (void)snprintf(filler, sizeof filler, "%s/filler", dir);
    CHILD_CHECK(att_file_replace(filler, block, sizeof block, false, NULL) ==
                ATT_OK);
    struct att_append *const a = child_open(path);
    const uint64_t n = append_until_full(a, &n_acknowledged);
    struct att_journal *const journal = fixture_load(path);

    CHILD_CHECK(n_acknowledged > 0 && holds_all(journal, n_acknowledged));
    CHILD_CHECK(fixture_report(journal).torn_bytes == 0);
    CHILD_CHECK(unlink(filler) == 0);
    CHILD_CHECK(att_append_close(a, NULL) == ATT_OK);
    CHILD_CHECK(att_journal_refresh(journal, NULL, NULL) == ATT_OK);
    CHILD_CHECK(holds_all(journal, n));
    CHILD_CHECK(fixture_report(journal).n_regions == 0);
}

static void a_small_disk_that_is_full_loses_nothing_acknowledged(void)
{
    struct scratch scratch;

    scratch_open(&scratch);
    const int code = run_child(fill_small_disk, scratch.dir);

    if (code == CHILD_CANNOT)
        (void)puts("(no right to mount: the file-size twin has to do)");
    CU_ASSERT(code == 0 || code == CHILD_CANNOT);
    scratch_close(&scratch);
}

/* As a user without rights, also when the tests run as root. */
static void open_in_read_only_folder(const char *dir)
{
    const struct att_append_options options = {.attest_version = "0.1.0"};
    char path[SCRATCH_PATH];
    struct att_append *a = NULL;
    struct att_error err = {0};

    (void)snprintf(path, sizeof path, "%s/journal", dir);
    CHILD_CHECK(chmod(dir, 0555) == 0);
    CHILD_CHECK(geteuid() != 0 || setuid(65534) == 0);
    CHILD_CHECK(att_append_open(path, &options, &a, &err) == ATT_E_IO);
    CHILD_CHECK(strstr(err.text, "to append: Permission denied") != NULL);
    CHILD_CHECK(a == NULL);
}

static void a_read_only_folder_is_refused_by_name(void)
{
    struct scratch scratch;

    scratch_open(&scratch);
    CU_ASSERT_EQUAL(run_child(open_in_read_only_folder, scratch.dir), 0);
    CU_ASSERT_EQUAL(chmod(scratch.dir, 0755), 0);
    scratch_close(&scratch);
}

/* ---- sync ------------------------------------------------------------------------ */

static void a_sync_covers_what_was_committed(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_append_stats stats;

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    fixture_done(a, 1);
    fixture_commit(a);
    CU_ASSERT_EQUAL(att_append_sync(a, 60, NULL), ATT_OK);
    att_append_stats(a, &stats);
    CU_ASSERT(stats.n_syncs >= 1);
    CU_ASSERT_EQUAL(stats.n_records, 2);
    CU_ASSERT_EQUAL(stats.n_commits, 2);
    CU_ASSERT_EQUAL(stats.sequence, 2);
    fixture_close(a);
    scratch_close(&scratch);
}

/* Nobody asks for a sync here; the loop only bounds how long we wait. */
static void the_timer_syncs_without_being_asked(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    const struct att_append_options options = {.attest_version = "0.1.0",
                                               .sync_every_s = 0.005};
    struct att_append_stats stats = {0};
    struct att_append *a = NULL;

    scratch_open(&scratch);
    CU_ASSERT_EQUAL_FATAL(
        att_append_open(scratch_path(&scratch, "journal", path), &options, &a,
                        NULL),
        ATT_OK);
    for (int i = 0; i < 10000 && stats.n_syncs == 0; i++) {
        att_sleep_s(0.005);
        att_append_stats(a, &stats);
    }
    CU_ASSERT(stats.n_syncs >= 1);
    fixture_close(a);
    scratch_close(&scratch);
}

/* /dev/null takes every byte and refuses to be synced. */
static void a_failed_sync_stops_the_writer(void)
{
    struct att_append *const a = fixture_open("/dev/null");
    struct att_error err = {0};

    fixture_done(a, 1);
    fixture_commit(a);
    CU_ASSERT_EQUAL(att_append_sync(a, 60, &err), ATT_E_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "cannot sync /dev/null: Invalid argument");
    err = (struct att_error){0};
    fixture_done(a, 2);
    CU_ASSERT_EQUAL(att_append_commit(a, &err), ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "may be lost in a power cut"));
    CU_ASSERT_EQUAL(att_append_close(a, NULL), ATT_E_IO);
}

static void a_device_that_takes_nothing_is_reported_at_once(void)
{
    const struct att_append_options options = {.attest_version = "0.1.0"};
    struct att_append *a = NULL;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_append_open("/dev/full", &options, &a, &err), ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No space left on device"));
    CU_ASSERT_PTR_NULL(a);
}

/* ---- epochs and the lock ---------------------------------------------------------- */

static uint64_t epoch_of(const struct att_append *a)
{
    struct att_append_stats stats;

    att_append_stats(a, &stats);
    return stats.epoch;
}

static void every_writer_has_a_higher_epoch_and_goes_on_counting(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_append_stats stats;

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "journal", path);
    for (uint64_t i = 1; i <= 3; i++) {
        struct att_append *const a = fixture_open(path);

        fixture_done(a, i);
        att_append_stats(a, &stats);
        CU_ASSERT_EQUAL(stats.epoch, i);
        CU_ASSERT_EQUAL(stats.sequence, 2 * i);
        fixture_close(a);
    }
    scratch_close(&scratch);
}

static struct att_append *open_locked(const char *path, struct att_lock *lock,
                                      struct att_journal *view)
{
    const struct att_append_options options = {
        .attest_version = "0.1.0", .lock = lock, .view = view};
    struct att_append *a = NULL;

    CU_ASSERT_EQUAL_FATAL(att_append_open(path, &options, &a, NULL), ATT_OK);
    return a;
}

static struct att_lock *acquire(const char *dir)
{
    struct att_lock *lock = NULL;

    CU_ASSERT_EQUAL_FATAL(att_lock_acquire(dir, NULL, &lock, NULL), ATT_OK);
    return lock;
}

static void lock_and_journal_agree_on_the_higher_epoch(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "journal", path);
    for (int i = 0; i < 3; i++)
        fixture_close(fixture_open(path));
    struct att_lock *lock = acquire(scratch.dir);

    CU_ASSERT_EQUAL(att_lock_epoch(lock), 1);
    struct att_append *a = open_locked(path, lock, NULL);

    CU_ASSERT_EQUAL(epoch_of(a), 4);
    CU_ASSERT_EQUAL(att_lock_epoch(lock), 4);
    fixture_close(a);
    att_lock_release(lock);
    att_lock_release(acquire(scratch.dir));
    lock = acquire(scratch.dir);
    a = open_locked(path, lock, NULL);
    CU_ASSERT_EQUAL(epoch_of(a), 6);
    fixture_close(a);
    att_lock_release(lock);
    scratch_close(&scratch);
}

static void a_writer_that_lost_its_lock_writes_nothing(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH], lock_path[SCRATCH_PATH];
    struct att_error err = {0};

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "journal", path);
    struct att_lock *const lock = acquire(scratch.dir);
    struct att_append *const a = open_locked(path, lock, NULL);

    fixture_done(a, 1);
    fixture_commit(a);
    CU_ASSERT_EQUAL(unlink(scratch_path(&scratch, "lock", lock_path)), 0);
    struct att_lock *const other = acquire(scratch.dir);

    fixture_done(a, 2);
    CU_ASSERT_EQUAL(att_append_commit(a, &err), ATT_E_LOCKED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "this process stops"));
    CU_ASSERT_EQUAL(att_append_close(a, NULL), ATT_E_LOCKED);
    struct att_journal *const journal = fixture_load(path);

    CU_ASSERT_TRUE(fixture_holds_done(journal, 1));
    CU_ASSERT_EQUAL(fixture_report(journal).n_rows, 1);
    att_journal_destroy(journal);
    att_lock_release(lock);
    att_lock_release(other);
    scratch_close(&scratch);
}

static void a_writer_brings_the_given_view_up_to_date(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    struct att_append *const first =
        fixture_open(scratch_path(&scratch, "journal", path));
    struct att_journal *const journal = fixture_load(path);

    fixture_done(first, 1);
    fixture_close(first);
    struct att_append *const a = open_locked(path, NULL, journal);

    CU_ASSERT_TRUE(fixture_holds_done(journal, 1));
    CU_ASSERT_EQUAL(epoch_of(a), 2);
    fixture_close(a);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

static void a_record_beyond_the_limit_is_left_out_with_a_reason(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_error err = {0};

    scratch_open(&scratch);
    struct att_append *const a =
        fixture_open(scratch_path(&scratch, "journal", path));

    att_append_columns(a, NULL); /* a lost description: nothing */
    att_append_row(a, "", ((size_t)256 << 20) + 1); /* refused unread */
    fixture_done(a, 1);
    CU_ASSERT_EQUAL(att_append_commit(a, &err), ATT_E_OVERFLOW);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "larger than 256 MiB"));
    fixture_commit(a);
    fixture_close(a);
    struct att_journal *const journal = fixture_load(path);

    CU_ASSERT_TRUE(fixture_holds_done(journal, 1));
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

/* ---- live readers and sudden deaths ------------------------------------------------ */

/* Appends rows first, first + 1, ... in batches of 1 .. 40 and reports the
 * number behind the last acknowledged one through the pipe, until it dies. */
static void write_for_ever(const char *path, uint64_t first, int pipe_fd)
{
    struct att_append *const a = child_open(path);
    uint64_t n = first;

    for (;;) {
        const uint64_t batch = 1 + n % 40;

        for (uint64_t i = 0; i < batch; i++)
            fixture_done(a, n++);
        CHILD_CHECK(att_append_commit(a, NULL) == ATT_OK);
        CHILD_CHECK(write(pipe_fd, &n, sizeof n) == sizeof n);
    }
}

struct writer {
    pid_t pid;
    int pipe_fd;
    uint64_t n_acknowledged;
};

static struct writer start_writer(const char *path, uint64_t first)
{
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = fork();

    CU_ASSERT_NOT_EQUAL_FATAL(pid, -1);
    if (pid == 0) {
        (void)close(ends[0]);
        write_for_ever(path, first, ends[1]);
    }
    (void)close(ends[1]);
    return (struct writer){pid, ends[0], first};
}

/* Take what the writer has reported; false at the end of the pipe. */
static bool hear(struct writer *w)
{
    uint64_t n = 0;
    const ssize_t k = read(w->pipe_fd, &n, sizeof n);

    if (k != (ssize_t)sizeof n)
        return false;
    w->n_acknowledged = n;
    return true;
}

static void kill_writer(struct writer *w)
{
    CU_ASSERT_EQUAL(kill(w->pid, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(w->pid, NULL, 0), w->pid);
    while (hear(w))
        ;
    (void)close(w->pipe_fd);
}

/* One file, killed and continued again and again. */
static void no_acknowledged_row_is_lost_by_kill_9(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    const struct att_stream stream = att_stream(3, 1, 0, 0);
    uint64_t n_lost = 0, first = 0;

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "journal", path);
    for (uint64_t round = 0; round < 40; round++) {
        struct writer w = start_writer(path, first);

        CU_ASSERT_TRUE(hear(&w)); /* it runs */
        att_sleep_s(0.01 * att_stream_uniform(&stream, round));
        kill_writer(&w);
        struct att_journal *const journal = fixture_load(path);

        for (uint64_t n = first; n < w.n_acknowledged; n++)
            n_lost += !fixture_holds_done(journal, n);
        CU_ASSERT(fixture_report(journal).n_keys >= w.n_acknowledged);
        CU_ASSERT_EQUAL(fixture_report(journal).n_lost, 0);
        first = w.n_acknowledged;
        att_journal_destroy(journal);
    }
    CU_ASSERT_EQUAL(n_lost, 0);
    scratch_close(&scratch);
}

/* Whatever the view shows while the writer writes is right, and what was
 * acknowledged before a refresh is in it. */
static void a_live_view_shows_all_that_was_acknowledged(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];

    scratch_open(&scratch);
    struct writer w = start_writer(scratch_path(&scratch, "journal", path), 0);

    CU_ASSERT_TRUE_FATAL(hear(&w));
    struct att_journal *const journal = fixture_load(path);

    for (int i = 0; i < 200; i++) {
        CU_ASSERT_TRUE(hear(&w));
        CU_ASSERT_EQUAL(att_journal_refresh(journal, NULL, NULL), ATT_OK);
        CU_ASSERT(fixture_report(journal).n_keys >= w.n_acknowledged);
        CU_ASSERT_TRUE(fixture_holds_done(journal, w.n_acknowledged - 1));
    }
    kill_writer(&w);
    CU_ASSERT_EQUAL(fixture_report(journal).n_regions, 0);
    att_journal_destroy(journal);
    scratch_close(&scratch);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a batch that does not fit is finished when it does",
         a_batch_that_does_not_fit_is_finished_when_it_does},
        {"a full disk leaves no torn record",
         a_full_disk_leaves_no_torn_record},
        {"bytes of another writer are never cut",
         bytes_of_another_writer_are_never_cut},
        {"a small disk that is full loses nothing acknowledged",
         a_small_disk_that_is_full_loses_nothing_acknowledged},
        {"a read-only folder is refused by name",
         a_read_only_folder_is_refused_by_name},
        {"a sync covers what was committed", a_sync_covers_what_was_committed},
        {"the timer syncs without being asked",
         the_timer_syncs_without_being_asked},
        {"a failed sync stops the writer", a_failed_sync_stops_the_writer},
        {"a device that takes nothing is reported at once",
         a_device_that_takes_nothing_is_reported_at_once},
        {"every writer has a higher epoch and goes on counting",
         every_writer_has_a_higher_epoch_and_goes_on_counting},
        {"lock and journal agree on the higher epoch",
         lock_and_journal_agree_on_the_higher_epoch},
        {"a writer that lost its lock writes nothing",
         a_writer_that_lost_its_lock_writes_nothing},
        {"a writer brings the given view up to date",
         a_writer_brings_the_given_view_up_to_date},
        {"a record beyond the limit is left out with a reason",
         a_record_beyond_the_limit_is_left_out_with_a_reason},
        {"no acknowledged row is lost by kill -9",
         no_acknowledged_row_is_lost_by_kill_9},
        {"a live view shows all that was acknowledged",
         a_live_view_shows_all_that_was_acknowledged},
        CU_TEST_INFO_NULL,
    };

    return unit_run("append", tests);
}
