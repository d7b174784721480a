/* lane_bench.c - what a task costs that does nothing but pass through a lane,
 * beside the bare round trip of one byte over two pipes.
 *
 *   lane_bench [ROW_BYTES]      default 300, as much as a small row */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/lane/cpus.h"
#include "attest/lane/lane.h"

enum {
    ROUNDS = 5,
    TRIPS = 20000,
    TASKS = 400000,
    AHEAD = 512, /* jobs that a lane is kept supplied with */
    BATCH = 64,
    MOST_CPUS = 64
};

/* ---- two pipes ---------------------------------------------------------- */

static _Noreturn void echo(int in, int out)
{
    char byte = 0;

    while (read(in, &byte, 1) == 1 && write(out, &byte, 1) == 1)
        continue;
    _exit(EXIT_SUCCESS);
}

/* Seconds of one round trip, 0 when it failed. */
static double pipe_trip(void)
{
    int to[2], from[2], n = 0;
    char byte = 'x';

    if (pipe(to) != 0 || pipe(from) != 0)
        return 0;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(to[1]);
        echo(to[0], from[1]);
    }
    const double start = att_clock_s();
    while (n < TRIPS && write(to[1], &byte, 1) == 1 &&
           read(from[0], &byte, 1) == 1)
        n++;
    const double taken = att_clock_s() - start;
    for (int i = 0; i < 2; i++) {
        (void)close(to[i]);
        (void)close(from[i]);
    }
    (void)waitpid(pid, NULL, 0);
    return n == TRIPS ? taken / TRIPS : 0;
}

/* ---- lanes -------------------------------------------------------------- */

/* The task number is the size of its row. */
static att_status empty_work(void *context, const struct att_lane_job *job,
                             const struct att_lane_port *port,
                             struct att_buffer *out, struct att_error *err)
{
    (void)context, (void)port, (void)err;
    (void)att_buffer_grow(out, job->unit.task);
    return ATT_OK;
}

static void count_row(void *context, const struct att_lane_event *event)
{
    uint64_t *n_rows = context;

    *n_rows += event->kind == ATT_LANE_ROW;
}

static _Noreturn void stop_with(const struct att_error *err)
{
    (void)fprintf(stderr, "lane_bench: %s\n", err->text);
    exit(EXIT_FAILURE);
}

static struct att_lanes *start(uint32_t n_lanes)
{
    int cpus[MOST_CPUS];
    const struct att_lane_place place = {.n_local_ranks = 1,
                                         .n_lanes = n_lanes};
    const struct att_lane_options options = {
        .n_lanes = n_lanes,
        .work = empty_work,
        .cpus = cpus,
        .n_cpus = att_lane_cpus(&place, cpus, MOST_CPUS),
    };
    struct att_lanes *lanes = NULL;
    struct att_error err = {0};

    if (att_lanes_start(&options, &lanes, &err) != ATT_OK)
        stop_with(&err);
    return lanes;
}

struct supply {
    struct att_lanes *lanes;
    uint32_t n_lanes, ahead;        /* jobs that a lane is kept ahead */
    uint64_t left;                  /* jobs to submit */
    struct att_lane_job job[BATCH]; /* all alike */
};

static void supply_lane(struct supply *s, uint32_t lane)
{
    struct att_error err = {0};

    for (;;) {
        const uint64_t room = s->ahead - att_lanes_pending(s->lanes, lane);
        uint64_t n = s->left < BATCH ? s->left : BATCH;

        n = room < n ? room : n;
        if (n == 0)
            return;
        if (att_lanes_submit(s->lanes, lane, s->job, n, &err) != ATT_OK)
            stop_with(&err);
        s->left -= n;
    }
}

/* Seconds per task. */
static double lane_task(uint32_t n_lanes, uint64_t n_tasks, uint32_t ahead,
                        size_t row_bytes)
{
    struct supply s = {.lanes = start(n_lanes),
                       .n_lanes = n_lanes,
                       .ahead = ahead,
                       .left = n_tasks};
    struct att_error err = {0};
    uint64_t n_rows = 0;
    size_t n_events = 0;

    for (uint32_t i = 0; i < BATCH; i++)
        s.job[i].unit.task = row_bytes;
    const double begun = att_clock_s();
    while (n_rows < n_tasks) {
        for (uint32_t i = 0; i < n_lanes; i++)
            supply_lane(&s, i);
        if (att_lanes_poll(s.lanes, 1, count_row, &n_rows, &n_events, &err) !=
            ATT_OK)
            stop_with(&err);
    }
    const double taken = att_clock_s() - begun;
    att_lanes_stop(s.lanes, 1);
    return taken / (double)n_tasks;
}

int main(int argc, char **argv)
{
    const size_t row_bytes =
        argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 300;

    (void)printf("rows of %zu bytes; us per task, and the ratio to a pipe "
                 "round trip\n%10s %16s %16s %16s %12s\n",
                 row_bytes, "pipe trip", "1 lane", "2 lanes", "one by one",
                 "2 lanes/s");
    for (int round = 0; round < ROUNDS; round++) {
        const double trip = 1e6 * pipe_trip();
        const double one = 1e6 * lane_task(1, TASKS, AHEAD, row_bytes);
        const double two = 1e6 * lane_task(2, TASKS, AHEAD, row_bytes);
        const double single = 1e6 * lane_task(1, TRIPS, 1, row_bytes);

        (void)printf("%10.2f %8.2f (%4.2fx) %8.2f (%4.2fx) %8.2f (%4.2fx) "
                     "%12.0f\n",
                     trip, one, one / trip, two, two / trip, single,
                     single / trip, 1e6 / two);
    }
    return EXIT_SUCCESS;
}
