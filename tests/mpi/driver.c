/* driver.c - a run of pretended tasks on real ranks and real lanes.
 *
 *   driver [--tasks N] [--spin S] [--nap S] [--lanes K] [--journal FILE]
 *          [--dedicated] [--crash-every N] [--slices N] [--drain-after S] [--quit-after S]
 *          [--other-plan RANK] [--die RANK AFTER_S]
 *          [--die-too RANK AFTER_S] [--stop RANK AFTER_S FOR_S]
 *          [--lost-after S] [--orphan-after S] [--grace S]
 *          [--expect finished|drained|quit|deserted]
 *          [--expect-failed N] [--expect-lost N]
 *
 * A task computes, or sleeps, for S seconds.  Rank 0 counts how often each unit's row came,
 * and at the end prints one line and checks it: every unit exactly once if the
 * run is said to be finished, never twice whatever happened.  Exit code 0 only
 * if that holds, and what was expected came true. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"
#include "attest/comm/comm.h"
#include "attest/lane/cpus.h"
#include "attest/record/append.h"

struct options {
    uint64_t n_tasks;
    double spin_s, nap_s;
    uint32_t n_lanes, n_slices;
    uint64_t crash_every;
    double drain_after_s, quit_after_s, lost_after_s, orphan_after_s;
    int other_plan, die_rank[2], stop_rank;
    double die_after_s[2], stop_after_s, stop_for_s;
    bool dedicated;
    const char *journal, *expect;
    double expect_failed, expect_lost; /* negative: nothing is expected */
    double grace_s;
};

struct driver {
    struct options o;
    uint32_t rank;
    double start;
    uint8_t *seen;  /* n_tasks * n_slices: rows that came */
    uint8_t *ended; /* n_tasks: failure rows that were made */
    uint64_t n_rows, n_failed, n_batches;
    struct att_append *append;
    struct att_progress last;
    bool mischief_done;
};

/* ---- in the lane ------------------------------------------------------------- */

static void spin(double seconds)
{
    const double end = att_clock_s() + seconds;

    while (att_clock_s() < end)
        continue;
}

static att_status work(void *context, const struct att_lane_job *job,
                       const struct att_lane_port *port, struct att_buffer *out,
                       struct att_error *err)
{
    const struct driver *d = context;
    const double start = att_clock_s();
    struct att_value values[8];

    (void)port;
    (void)err;
    if (d->o.crash_every > 0 &&
        job->unit.task % d->o.crash_every == d->o.crash_every - 1)
        abort();
    if (d->o.spin_s > 0)
        spin(d->o.spin_s);
    if (d->o.nap_s > 0)
        att_sleep_s(d->o.nap_s);
    for (int i = 0; i < 8; i++)
        values[i] = att_real((double)job->unit.task + i);
    const struct att_row row = {
        .key = {job->unit.task, job->unit.slice},
        .task = job->unit.task,
        .slice = job->unit.slice,
        .n_slices = job->unit.n_slices,
        .attempt = job->attempt,
        .wall_s = att_clock_s() - start,
        .host = "",
        .kernel = "",
        .code_id = "",
        .message = "",
        .metric = values,
        .n_metrics = 8,
    };

    att_row_encode(&row, out);
    return ATT_OK;
}

/* ---- what comm calls ----------------------------------------------------------- */

static void limits(void *context, uint64_t task, struct att_limits *out)
{
    (void)context;
    (void)task;
    *out = (struct att_limits){.retries = 1};
}

static void do_mischief(struct driver *d, double t)
{
    if (d->mischief_done)
        return;
    for (int i = 0; i < 2; i++) {
        if ((int)d->rank == d->o.die_rank[i] && t > d->o.die_after_s[i])
            (void)raise(SIGKILL);
    }
    if ((int)d->rank == d->o.stop_rank && t > d->o.stop_after_s) {
        d->mischief_done = true;
        att_sleep_s(d->o.stop_for_s);
    }
}

static enum att_control control(void *context)
{
    struct driver *d = context;
    const double t = att_clock_s() - d->start;

    do_mischief(d, t);
    if (d->o.quit_after_s > 0 && t > d->o.quit_after_s)
        return ATT_CONTROL_QUIT;
    return d->o.drain_after_s > 0 && t > d->o.drain_after_s ? ATT_CONTROL_DRAIN
                                                            : ATT_CONTROL_RUN;
}

static att_status sink(void *context, const struct att_comm_row *row, size_t n,
                       struct att_error *err)
{
    struct driver *d = context;

    for (size_t i = 0; i < n; i++) {
        const struct att_unit *unit = &row[i].head.unit;

        d->seen[unit->task * d->o.n_slices + unit->slice]++;
        if (d->append != NULL)
            att_append_row(d->append, row[i].bytes, row[i].n);
    }
    d->n_rows += n;
    d->n_batches++;
    return d->append == NULL ? ATT_OK : att_append_commit(d->append, err);
}

static att_status failed(void *context, const struct att_comm_loss *loss,
                         struct att_error *err)
{
    struct driver *d = context;

    (void)err;
    d->ended[loss->unit.task]++;
    d->n_failed++;
    return ATT_OK;
}

static void checkpoint(void *context, const struct att_unit *unit,
                       const void *bytes, size_t n)
{
    (void)context;
    (void)unit;
    (void)bytes;
    (void)n;
}

static void tick(void *context, const struct att_progress *progress)
{
    struct driver *d = context;

    d->last = *progress;
}

static void print_log(void *context, enum att_log_level level, const char *line)
{
    (void)context;
    (void)level;
    (void)fprintf(stderr, "log: %s\n", line);
}

/* ---- options ---------------------------------------------------------------------- */

static double number(char ***arg)
{
    if (**arg == NULL) {
        (void)fprintf(stderr, "driver: a number is missing\n");
        exit(2);
    }
    return strtod(*(*arg)++, NULL);
}

static bool read_mischief(struct options *o, const char *name, char ***arg)
{
    if (strcmp(name, "--die") == 0 || strcmp(name, "--die-too") == 0) {
        const int i = strcmp(name, "--die") != 0;

        o->die_rank[i] = (int)number(arg);
        o->die_after_s[i] = number(arg);
    } else if (strcmp(name, "--stop") == 0) {
        o->stop_rank = (int)number(arg);
        o->stop_after_s = number(arg);
        o->stop_for_s = number(arg);
    } else if (strcmp(name, "--other-plan") == 0) {
        o->other_plan = (int)number(arg);
    } else if (strcmp(name, "--crash-every") == 0) {
        o->crash_every = (uint64_t)number(arg);
    } else {
        return false;
    }
    return true;
}

static bool read_times(struct options *o, const char *name, char ***arg)
{
    const struct {
        const char *name;
        double *to;
    } times[] = {
        {"--spin", &o->spin_s},
        {"--nap", &o->nap_s},
        {"--drain-after", &o->drain_after_s},
        {"--quit-after", &o->quit_after_s},
        {"--lost-after", &o->lost_after_s},
        {"--orphan-after", &o->orphan_after_s},
        {"--grace", &o->grace_s},
        {"--expect-failed", &o->expect_failed},
        {"--expect-lost", &o->expect_lost},
    };

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (strcmp(name, times[i].name) == 0) {
            *times[i].to = number(arg);
            return true;
        }
    }
    return false;
}

static void read_option(struct options *o, char ***arg)
{
    const char *name = *(*arg)++;

    if (read_mischief(o, name, arg) || read_times(o, name, arg))
        return;
    if (strcmp(name, "--tasks") == 0) {
        o->n_tasks = (uint64_t)number(arg);
    } else if (strcmp(name, "--lanes") == 0) {
        o->n_lanes = (uint32_t)number(arg);
    } else if (strcmp(name, "--slices") == 0) {
        o->n_slices = (uint32_t)number(arg);
    } else if (strcmp(name, "--dedicated") == 0) {
        o->dedicated = true;
    } else if (strcmp(name, "--journal") == 0 && **arg != NULL) {
        o->journal = *(*arg)++;
    } else if (strcmp(name, "--expect") == 0 && **arg != NULL) {
        o->expect = *(*arg)++;
    } else {
        (void)fprintf(stderr, "driver: what is %s?\n", name);
        exit(2);
    }
}

static struct options read_options(char **arg)
{
    struct options o = {.n_tasks = 1000,
                        .n_lanes = 1,
                        .n_slices = 1,
                        .grace_s = 5,
                        .expect_failed = -1,
                        .expect_lost = -1,
                        .other_plan = -1,
                        .die_rank = {-1, -1},
                        .stop_rank = -1};

    while (*arg != NULL)
        read_option(&o, &arg);
    return o;
}

/* ---- a run ------------------------------------------------------------------------- */

static void fail_with(const struct att_error *err)
{
    (void)fprintf(stderr, "driver: %s\n", err->text);
    (void)fflush(NULL);
    _exit(1);
}

static struct att_schedule *make_schedule(const struct options *o)
{
    const struct att_schedule_options options = {.n_classes = 1};
    const struct att_work work_of_all = {.n_slices = o->n_slices,
                                         .flops = 1e9 * (o->spin_s + o->nap_s) *
                                                  o->n_slices};
    struct att_schedule *s = NULL;
    struct att_error err = {0};

    if (att_schedule_create(&options, &s, &err) != ATT_OK ||
        att_schedule_add(s, 0, o->n_tasks, &work_of_all, &err) != ATT_OK)
        fail_with(&err);
    return s;
}

/* Before MPI_Init; -2 when the launcher does not say. */
static long rank_of_environment(void)
{
    const char *ompi = getenv("OMPI_COMM_WORLD_RANK");
    const char *rank = ompi != NULL ? ompi : getenv("PMI_RANK");

    return rank == NULL ? -2 : strtol(rank, NULL, 10);
}

static struct att_comm *make_comm(struct driver *d)
{
    struct att_comm_options options = {
        .plan = {1, 2},
        .n_lanes = d->o.n_lanes,
        .dedicated = d->o.dedicated,
        .heartbeat_s = d->o.lost_after_s > 0 ? d->o.lost_after_s / 10 : 0,
        .lost_after_s = d->o.lost_after_s,
        .orphan_after_s = d->o.orphan_after_s,
    };
    struct att_comm *comm = NULL;
    struct att_error err = {0};

    att_launch_detect(&options.launch);
    att_node_read(&options.node);
    if (rank_of_environment() == d->o.other_plan)
        options.plan.low++;
    if (att_comm_init(&options, &comm, &err) != ATT_OK)
        fail_with(&err);
    return comm;
}

static struct att_lanes *make_lanes(struct driver *d)
{
    static int cpu[ATT_CPUS];
    struct att_launch launch;
    struct att_error err = {0};
    struct att_lanes *lanes = NULL;

    att_launch_detect(&launch);
    const struct att_lane_place place = {launch.local_rank, launch.local_size,
                                         d->o.n_lanes};
    const struct att_lane_options options = {
        .n_lanes = d->o.n_lanes,
        .work = work,
        .context = d,
        .cpus = cpu,
        .n_cpus = att_lane_cpus(&place, cpu, ATT_CPUS),
        .kill_grace_s = 1,
    };

    if (att_lanes_start(&options, &lanes, &err) != ATT_OK)
        fail_with(&err);
    return lanes;
}

static void open_books(struct driver *d)
{
    const struct att_append_options options = {.attest_version = "driver",
                                               .sync_every_s = 1};
    struct att_error err = {0};

    d->seen = calloc(d->o.n_tasks, d->o.n_slices);
    d->ended = calloc(d->o.n_tasks, 1);
    if (d->seen == NULL || d->ended == NULL)
        abort();
    if (d->o.journal != NULL &&
        att_append_open(d->o.journal, &options, &d->append, &err) != ATT_OK)
        fail_with(&err);
}

static bool books_are_right(const struct driver *d, enum att_comm_end end)
{
    const uint32_t n_slices = d->o.n_slices;

    for (uint64_t t = 0; t < d->o.n_tasks; t++) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < n_slices; i++) {
            if (d->seen[t * n_slices + i] > 1)
                return false;
            n += d->seen[t * n_slices + i];
        }
        if (d->ended[t] > 1 || (n == n_slices && d->ended[t] > 0))
            return false;
        if (end == ATT_COMM_FINISHED && n < n_slices && d->ended[t] == 0)
            return false;
    }
    return true;
}

static double cpu_seconds(int who)
{
    struct rusage u;

    (void)getrusage(who, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static bool is_expected(const struct driver *d, const char *end)
{
    const struct options *o = &d->o;

    return (o->expect == NULL || strcmp(o->expect, end) == 0) &&
           (o->expect_failed < 0 ||
            d->n_failed == (uint64_t)o->expect_failed) &&
           (o->expect_lost < 0 || d->last.n_lost == (uint32_t)o->expect_lost);
}

static int report(const struct driver *d, enum att_comm_end end, double wall_s)
{
    static const char *const names[] = {"finished", "drained", "quit",
                                        "deserted"};
    const bool right = books_are_right(d, end) && is_expected(d, names[end]);
    const struct att_schedule_stats *s = &d->last.stats;

    (void)printf("%s rows %" PRIu64 " failed %" PRIu64 " of %" PRIu64
                 " over %" PRIu64 " retried %" PRIu64 " lost %u books %s "
                 "wall %.3f s rate %.0f/s batches %" PRIu64
                 " efficiency %.4f tail %.4f s cpu %.3f s\n",
                 names[end], d->n_rows, d->n_failed, d->o.n_tasks, s->n_over,
                 s->n_retried, d->last.n_lost, right ? "right" : "WRONG",
                 wall_s, (double)d->n_rows / wall_s, d->n_batches,
                 s->efficiency, s->idle_tail_s, cpu_seconds(RUSAGE_SELF));
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(struct driver *d, struct att_comm *comm, struct att_lanes *lanes)
{
    const struct att_comm_calls calls = {d,      limits,     control, sink,
                                         failed, checkpoint, tick};
    struct att_schedule *schedule = NULL;
    struct att_error err = {0};
    enum att_comm_end end = ATT_COMM_QUIT;
    int code = EXIT_SUCCESS;

    if (d->rank == 0) {
        schedule = make_schedule(&d->o);
        open_books(d);
    }
    const struct att_comm_job job = {lanes, schedule, &calls, d->o.grace_s};

    d->start = att_clock_s();
    if (att_comm_run(comm, &job, &end, &err) != ATT_OK) {
        (void)fprintf(stderr, "rank %u: %s\n", d->rank, err.text);
        code = EXIT_FAILURE;
    }
    if (d->rank == 0 && code == EXIT_SUCCESS)
        code = report(d, end, att_clock_s() - d->start);
    if (att_append_close(d->append, &err) != ATT_OK)
        code = EXIT_FAILURE;
    att_schedule_destroy(schedule);
    free(d->seen);
    free(d->ended);
    return code;
}

int main(int argc, char **argv)
{
    struct driver d = {.o = read_options(argv + (argc > 0))};

    att_log_set(print_log, NULL);
    att_launch_environment();
    struct att_lanes *lanes = make_lanes(&d);
    struct att_comm *comm = make_comm(&d);

    d.rank = att_comm_rank(comm);
    const bool owns_lanes =
        d.rank > 0 || !d.o.dedicated || att_comm_size(comm) == 1;
    const int code = run(&d, comm, owns_lanes ? lanes : NULL);

    att_lanes_stop(lanes, 0.1);
    const bool clean = att_comm_clean(comm);

    att_comm_fini(comm);
    (void)fflush(NULL);
    if (!clean)
        _exit(code);
    return code;
}
