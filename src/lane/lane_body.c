/* lane_body.c - the life of a lane: take a job, work, hand over the row.
 *
 * While jobs wait, an empty task costs no system call: the row goes into
 * shared memory, and the rank's bell is rung only when it has not been rung
 * for a while, when much is unread, or before the lane sleeps. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/hash.h"
#include "attest/base/resident.h"
#include "attest/lane/cpus.h"
#include "zygote_priv.h"

static const double RING_EVERY_S = 200e-6;
static const double SAMPLE_CPU_EVERY_S = 1e-3;
/* So much of checkpoints a second, at most. */
static const double CHECKPOINT_BYTES_PER_S = 2e7;

/* OpenBLAS maps its buffers beside what the arena counts. */
static const uint64_t BACKSTOP_BYTES = UINT64_C(512) << 20;

struct body {
    const struct att_zygote *z;
    struct att_lane_shared *shared;
    int pipe;
    struct att_lane_page page; /* what the shared page says */
    struct att_buffer out;
    double rung_at;
    double saved_at, saved_bytes; /* of the unit's last checkpoint */
    double cpu, cpu_at;           /* processor seconds as of cpu_at */
    uint64_t base_data_bytes;
    struct rlimit data; /* as inherited */
    uint64_t memory_limit_bytes;
};

static _Noreturn void leave(int code)
{
    (void)fflush(NULL);
    _exit(code);
}

/* ---- becoming a lane ---------------------------------------------------- */

/* Closed and unmapped: what belongs to other lanes cannot be harmed. */
static void leave_the_others(const struct att_zygote *z, uint32_t lane)
{
    for (uint32_t i = 0; i < z->options->n_lanes; i++) {
        if (i == lane)
            continue;
        (void)close(z->seat[i].pipe);
        att_lane_unmap(z->seat[i].shared, sizeof *z->seat[i].shared);
    }
}

static void write_file(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    const ssize_t done = write(fd, text, strlen(text));
    (void)done;
    (void)close(fd);
}

/* Best effort: an unbound lane computes the same rows. */
static void bind_cpu(const struct att_lane_options *options, uint32_t lane)
{
    if (options->n_cpus == 0)
        return;
    const int cpu = options->cpus[lane % options->n_cpus];
    const size_t bytes = CPU_ALLOC_SIZE(ATT_CPUS);
    cpu_set_t *set = CPU_ALLOC(ATT_CPUS);
    if (set != NULL && cpu >= 0 && cpu < ATT_CPUS) {
        CPU_ZERO_S(bytes, set);
        CPU_SET_S((size_t)cpu, bytes, set);
        (void)sched_setaffinity(0, bytes, set);
    }
    CPU_FREE(set);
}

/* A crash is a row: no core files.  The kernel's out-of-memory killer shall
 * take a lane before it takes a rank. */
static void settle_limits(struct body *b)
{
    struct rlimit core;

    if (getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = 0;
        (void)setrlimit(RLIMIT_CORE, &core);
    }
    if (getrlimit(RLIMIT_DATA, &b->data) != 0)
        b->data = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    write_file("/proc/self/oom_score_adj", "1000");
}

static void settle_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    (void)sigaction(SIGCHLD, &action, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What was inherited or made by enter counts for no task. */
static void report_ready(struct body *b)
{
    const int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    struct att_resident held = {0};

    if (statm >= 0) {
        (void)att_resident_read(statm, &held);
        (void)close(statm);
    }
    b->base_data_bytes = held.data_bytes;
    atomic_store(&b->shared->base_bytes, held.rss_bytes | 1);
}

/* ---- sleeping ----------------------------------------------------------- */

/* Wait for a byte; the end of the pipe is the end of the lane. */
static void sleep_on_pipe(const struct body *b)
{
    struct pollfd fd = {.fd = b->pipe, .events = POLLIN};
    char bytes[64];

    (void)poll(&fd, 1, -1);
    const ssize_t got = read(b->pipe, bytes, sizeof bytes);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        leave(EXIT_SUCCESS);
}

static void ring(struct body *b, double now)
{
    att_lane_ring(b->z->bell, b->z->bell_fd);
    b->rung_at = now;
}

static bool has_room(const struct att_lane_shared *s)
{
    return att_lane_unread(s) < ATT_LANE_ROW_BYTES;
}

static void sleep_until(struct body *b,
                        bool (*awake)(const struct att_lane_shared *s))
{
    ring(b, att_clock_s());
    while (!awake(b->shared)) {
        atomic_store(&b->shared->asleep, 1);
        if (!awake(b->shared))
            sleep_on_pipe(b);
        atomic_store(&b->shared->asleep, 0);
    }
}

/* ---- messages to the rank ----------------------------------------------- */

static void send_bytes(struct body *b, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n > 0) {
        const size_t done = att_lane_write(b->shared, at, n);

        at += done;
        n -= done;
        if (n > 0)
            sleep_until(b, has_room);
    }
}

static void send_message(struct body *b, enum att_lane_message message,
                         const void *bytes, size_t n)
{
    const struct att_lane_frame frame = {
        .n_bytes = n,
        .hash = att_hash64(bytes, n),
        .job = (uint32_t)(b->page.running - 1),
        .message = (uint32_t)message,
    };

    send_bytes(b, &frame, sizeof frame);
    send_bytes(b, bytes, n);
}

static void publish_progress(void *self, const char *phase, double done)
{
    struct body *b = self;

    (void)snprintf(b->page.phase, sizeof b->page.phase, "%s", phase);
    b->page.done = done;
    att_lane_page_write(b->shared, &b->page);
}

static void send_checkpoint(void *self, const void *bytes, size_t n)
{
    struct body *b = self;
    const double now = att_clock_s();
    const double pause =
        fmax(ATT_LANE_CHECKPOINT_S, b->saved_bytes / CHECKPOINT_BYTES_PER_S);

    if (now - b->saved_at < pause)
        return;
    b->saved_at = now;
    b->saved_bytes = (double)n;
    send_message(b, ATT_LANE_MESSAGE_CHECKPOINT, bytes, n);
    ring(b, now);
}

/* ---- a job -------------------------------------------------------------- */

/* The soft limit only: a later job may be allowed more. */
static void limit_memory(struct body *b, uint64_t bytes)
{
    if (bytes == b->memory_limit_bytes)
        return;
    struct rlimit data = b->data;
    const uint64_t most = b->base_data_bytes + bytes + BACKSTOP_BYTES;
    if (bytes != 0 && most > bytes && most < data.rlim_cur)
        data.rlim_cur = most;
    (void)setrlimit(RLIMIT_DATA, &data);
    b->memory_limit_bytes = bytes;
}

/* Reading the processor clock enters the kernel: not for every empty task. */
static double cpu_before(struct body *b, double now)
{
    if (now - b->cpu_at >= SAMPLE_CPU_EVERY_S) {
        b->cpu = att_clock_cpu_s();
        b->cpu_at = now;
    }
    return b->cpu;
}

static void begin_job(struct body *b, uint32_t number, double now)
{
    b->page = (struct att_lane_page){
        .running = (uint64_t)number + 1,
        .since = now,
        .cpu_before = cpu_before(b, now),
    };
    b->saved_at = -(double)INFINITY;
    b->saved_bytes = 0.0;
    att_lane_page_write(b->shared, &b->page);
    att_buffer_clear(&b->out);
}

static void end_job(struct body *b)
{
    b->page.running = 0;
    att_lane_page_write(b->shared, &b->page);
}

/* The lane ends; the rank reads why and blames the running unit. */
static _Noreturn void give_up(struct body *b, const char *text)
{
    send_message(b, ATT_LANE_MESSAGE_FAULT, text, strlen(text));
    leave(EXIT_FAILURE);
}

static void work(struct body *b, const struct att_lane_job *job)
{
    const struct att_lane_options *o = b->z->options;
    const struct att_lane_port port = {
        .self = b, .progress = publish_progress, .checkpoint = send_checkpoint};
    struct att_error err = {0};
    const att_status status = o->work(o->context, job, &port, &b->out, &err);

    if (status != ATT_OK)
        give_up(b, err.text[0] != '\0' ? err.text : att_status_text(status));
    if (!att_buffer_ok(&b->out))
        give_up(b, "no memory for the encoded row");
    if (b->out.size == 0)
        give_up(b, "the work function made no row");
    send_message(b, ATT_LANE_MESSAGE_ROW, b->out.data, b->out.size);
}

static bool should_ring(const struct body *b, double now)
{
    return now - b->rung_at >= RING_EVERY_S ||
           att_lane_unread(b->shared) >= ATT_LANE_ROW_BYTES / 4;
}

static _Noreturn void live(struct body *b)
{
    double now = att_clock_s();

    for (;;) {
        uint32_t number = 0;

        if (!att_lane_start_next(b->shared, &number)) {
            sleep_until(b, att_lane_waits);
            now = att_clock_s();
            continue;
        }
        const struct att_lane_job job = b->shared->job[number % ATT_LANE_SLOTS];
        begin_job(b, number, now);
        limit_memory(b, job.limits.task_memory_bytes);
        work(b, &job);
        end_job(b);
        now = att_clock_s();
        if (should_ring(b, now))
            ring(b, now);
    }
}

void att_lane_run(const struct att_zygote *z, uint32_t lane)
{
    const struct att_lane_options *o = z->options;
    char name[16]; /* as much as the kernel keeps */
    struct body b = {
        .z = z, .shared = z->seat[lane].shared, .pipe = z->seat[lane].pipe};

    (void)snprintf(name, sizeof name, "attest-lane-%u", lane % 1000);
    (void)prctl(PR_SET_NAME, name);
    leave_the_others(z, lane);
    settle_limits(&b);
    bind_cpu(o, lane);
    settle_signals();
    if (o->enter != NULL)
        o->enter(o->context, lane);
    report_ready(&b);
    live(&b);
}
