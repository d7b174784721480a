/* lane_kit.h - what the tests of lanes share: a work function whose task
 * numbers say what to do, and a tally of the events that come back.
 *
 * A task is kind * KIND + id.  Waiting is bounded by generous deadlines that
 * only keep a broken program from hanging. */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/lane/lane.h"
#include "unit.h"

enum kind {
    FINE,     /* a row */
    SEGFAULT, /* a write where nothing may be written */
    ABORT,
    EXIT,     /* _exit(3) */
    KILLED,   /* by itself, SIGKILL */
    HANG,     /* says "evaluate", then sleeps for ever */
    STOPPED,  /* by itself, SIGSTOP */
    EATER,    /* holds 256 MiB, then sleeps for ever */
    REFUSAL,  /* the work function fails */
    EMPTY,    /* no row */
    SAVER,    /* a checkpoint, then a row */
    HOARDER,  /* a hundred checkpoints, then a row */
    SCRIBBLE, /* overwrites all shared memory, then crashes */
    FORGER,   /* alters every row that was not read yet, then crashes */
    SLOW,     /* a row after 0.2 s; says "build" 0.5 */
    LARGE,    /* a row of LARGE_BYTES */
    KINDS
};

static const uint64_t KIND = UINT64_C(1) << 40;
enum { LARGE_BYTES = 3000000, EATEN_BYTES = 256 << 20 };

/* The row of a test task. */
struct kit_row {
    struct att_lane_job job;
    pid_t lane, zygote;
    uint64_t nth;   /* of its process, from 0 */
    uint64_t proof; /* PROOF: not altered */
};

static const uint64_t PROOF = UINT64_C(0x5ca1ab1e0ddba11);

static const double PATIENCE_S = 60;

/* ---- inside the lane ---------------------------------------------------- */

static inline void kit_sleep_for_ever(void)
{
    for (;;)
        (void)pause();
}

static inline void kit_eat(void)
{
    char *p = mmap(NULL, EATEN_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p != MAP_FAILED)
        memset(p, 1, EATEN_BYTES);
    kit_sleep_for_ever();
}

static inline void kit_fill(unsigned char *p, size_t n)
{
    memset(p, 0xff, n);
}

/* One bit of each proof. */
static inline void kit_forge(unsigned char *p, size_t n)
{
    for (size_t i = 0; i + sizeof PROOF <= n; i++) {
        if (memcmp(p + i, &PROOF, sizeof PROOF) == 0)
            p[i] ^= 1;
    }
}

/* Do it to every writable shared mapping of this process, as a wild pointer
 * in the worst case might; then crash. */
static inline void kit_scribble(void (*deed)(unsigned char *p, size_t n))
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];

    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        char *end = NULL;
        const uintptr_t from = strtoull(line, &end, 16);
        const uintptr_t to = strtoull(end + 1, &end, 16);

        if (strncmp(end, " rw-s", 5) == 0)
            deed((unsigned char *)from, to - from);
    }
    abort();
}

static inline void kit_large(struct att_buffer *out)
{
    char *p = att_buffer_grow(out, LARGE_BYTES);

    if (p != NULL)
        memset(p, 'x', LARGE_BYTES);
}

/* A real fault, which sanitizers must not report before it happens. */
__attribute__((no_sanitize("address", "undefined"))) static inline void
kit_fault(void)
{
    volatile int *nowhere = mmap(NULL, sizeof *nowhere, PROT_NONE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    *nowhere = 1;
}

static inline void kit_misbehave(enum kind kind,
                                 const struct att_lane_port *port)
{
    if (kind == SEGFAULT) {
        kit_fault();
    } else if (kind == ABORT) {
        abort();
    } else if (kind == EXIT) {
        _exit(3);
    } else if (kind == KILLED) {
        (void)raise(SIGKILL);
    } else if (kind == HANG) {
        port->progress(port->self, "evaluate", 0.25);
        kit_sleep_for_ever();
    } else if (kind == STOPPED) {
        (void)raise(SIGSTOP);
    } else if (kind == EATER) {
        port->progress(port->self, "build", 0);
        kit_eat();
    } else if (kind == SCRIBBLE) {
        kit_scribble(kit_fill);
    } else if (kind == FORGER) {
        kit_scribble(kit_forge);
    }
}

static inline att_status kit_work(void *context, const struct att_lane_job *job,
                                  const struct att_lane_port *port,
                                  struct att_buffer *out, struct att_error *err)
{
    static uint64_t nth; /* a lane is a process of its own */
    const enum kind kind = (enum kind)(job->unit.task / KIND);
    const struct kit_row row = {.job = *job,
                                .lane = getpid(),
                                .zygote = getppid(),
                                .nth = nth++,
                                .proof = PROOF};

    (void)context;
    kit_misbehave(kind, port);
    if (kind == REFUSAL)
        return att_fail(err, ATT_E_ARG, "no such construction");
    if (kind == EMPTY)
        return ATT_OK;
    if (kind == SAVER)
        port->checkpoint(port->self, "saved", 5);
    for (int i = 0; kind == HOARDER && i < 100; i++)
        port->checkpoint(port->self, "hoard", 5);
    if (kind == SLOW) {
        port->progress(port->self, "build", 0.5);
        att_sleep_s(0.2);
    }
    att_buffer_append(out, &row, sizeof row);
    if (kind == LARGE)
        kit_large(out);
    return ATT_OK;
}

/* ---- numbers that rank and lanes share ---------------------------------- */

static inline int *kit_shared_numbers(size_t n)
{
    int *number = mmap(NULL, n * sizeof *number, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    CU_ASSERT_FATAL(number != MAP_FAILED);
    return number;
}

static inline int kit_get(const int *number)
{
    return __atomic_load_n(number, __ATOMIC_SEQ_CST);
}

static inline void kit_set(int *number, int value)
{
    __atomic_store_n(number, value, __ATOMIC_SEQ_CST);
}

static inline void kit_wait_for(const int *number, int value)
{
    while (kit_get(number) != value)
        att_sleep_s(0.001);
}

/* ---- the rank's side ---------------------------------------------------- */

struct kit_event {
    enum att_lane_event_kind kind;
    struct att_lane_job job;
    enum att_outcome_status outcome;
    double wall_s;
    uint64_t peak_rss_bytes;
    size_t n_bytes;
    struct kit_row row; /* of ROW */
    char message[200];  /* of LOST; of CHECKPOINT: its bytes */
};

struct kit {
    struct att_lanes *lanes;
    struct kit_event *event;
    size_t n, capacity;
};

static inline void kit_note(void *context, const struct att_lane_event *event)
{
    struct kit *kit = context;

    if (kit->n == kit->capacity) {
        kit->capacity = kit->capacity == 0 ? 64 : 2 * kit->capacity;
        kit->event = realloc(kit->event, kit->capacity * sizeof *kit->event);
    }
    if (kit->event == NULL)
        abort();
    struct kit_event *e = &kit->event[kit->n++];
    *e = (struct kit_event){
        .kind = event->kind,
        .job = event->job,
        .outcome = event->outcome,
        .wall_s = event->wall_s,
        .peak_rss_bytes = event->peak_rss_bytes,
        .n_bytes = event->n_bytes,
    };
    if (event->kind == ATT_LANE_ROW)
        memcpy(&e->row, event->bytes, sizeof e->row);
    else if (event->kind == ATT_LANE_CHECKPOINT)
        memcpy(e->message, event->bytes, event->n_bytes);
    else
        (void)snprintf(e->message, sizeof e->message, "%s", event->message);
}

static inline void kit_start(struct kit *kit, uint32_t n_lanes)
{
    const struct att_lane_options options = {.n_lanes = n_lanes,
                                             .work = kit_work};
    struct att_error err = {0};

    *kit = (struct kit){0};
    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &kit->lanes, &err), ATT_OK);
}

static inline void kit_stop(struct kit *kit)
{
    att_lanes_stop(kit->lanes, 1);
    free(kit->event);
}

static inline struct att_lane_job kit_job(enum kind kind, uint64_t id)
{
    return (struct att_lane_job){
        .unit = {.task = (uint64_t)kind * KIND + id, .n_slices = 1},
        .attempt = 1,
    };
}

static inline void kit_submit(struct kit *kit, uint32_t lane,
                              struct att_lane_job job)
{
    CU_ASSERT_EQUAL_FATAL(att_lanes_submit(kit->lanes, lane, &job, 1, NULL),
                          ATT_OK);
}

static inline void kit_submit_fine(struct kit *kit, uint32_t lane,
                                   uint64_t first, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        kit_submit(kit, lane, kit_job(FINE, first + i));
}

static inline att_status kit_poll(struct kit *kit, double timeout_s)
{
    size_t n = 0;

    return att_lanes_poll(kit->lanes, timeout_s, kit_note, kit, &n, NULL);
}

static inline size_t kit_pending(const struct kit *kit, uint32_t n_lanes)
{
    size_t n = 0;

    for (uint32_t i = 0; i < n_lanes; i++)
        n += att_lanes_pending(kit->lanes, i);
    return n;
}

/* Poll until nothing is pending on lanes 0 .. n_lanes-1. */
static inline void kit_finish(struct kit *kit, uint32_t n_lanes)
{
    const double until = att_clock_s() + PATIENCE_S;

    while (kit_pending(kit, n_lanes) > 0 && att_clock_s() < until)
        CU_ASSERT_EQUAL_FATAL(kit_poll(kit, 0.1), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(kit_pending(kit, n_lanes), 0);
}

/* Poll until there are n events. */
static inline void kit_await(struct kit *kit, size_t n)
{
    const double until = att_clock_s() + PATIENCE_S;

    while (kit->n < n && att_clock_s() < until)
        CU_ASSERT_EQUAL_FATAL(kit_poll(kit, 0.1), ATT_OK);
    CU_ASSERT_FATAL(kit->n >= n);
}

/* The pid in a row of a fresh FINE job. */
static inline struct kit_row kit_row_of(struct kit *kit, uint32_t lane)
{
    const size_t before = kit->n;

    kit_submit(kit, lane, kit_job(FINE, 0));
    kit_await(kit, before + 1);
    CU_ASSERT_EQUAL_FATAL(kit->event[before].kind, ATT_LANE_ROW);
    return kit->event[before].row;
}
