/* comm.c - the loop that every rank runs. */
#include "attest/comm/comm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"
#include "attest/comm/coordinator.h"
#include "attest/comm/worker.h"
#include "mpi_priv.h"

/* A rank that finds nothing to do looks again after 20 us, then ever later: at
 * least every millisecond when one of its lanes is idle, else every four;
 * without other ranks, who might write, every twenty.  Its lanes wake it. */
static const double WAIT_LEAST_S = 20e-6;
static const double WAIT_HUNGRY_S = 0.001;
static const double WAIT_MOST_S = 0.004;
static const double WAIT_ALONE_S = 0.020;

/* What was sent last gets this long to leave before a rank gives up on it. */
static const double SETTLE_S = 5.0;
static const double SETTLE_QUIT_S = 0.05;

/* Under srun, ranks were seen to leave MPI_Init (Open MPI 4.1, PMIx of Slurm,
 * TCP, busy nodes) while others were still in it, and to crash those with their
 * first message; so they say nothing for a moment. */
static const double SRUN_QUIET_S = 0.3;

/* Messages that are looked at before the lanes are. */
enum { TURN_MESSAGES = 256 };

struct att_comm {
    struct att_comm_options o;
    struct att_link link;
    struct att_mpi *mpi; /* NULL: one process */
    char library[ATT_LIBRARY_TEXT];
    struct att_buffer in;
    bool clean;
};

/* ---- life --------------------------------------------------------------------- */

static double or_default(double value, double fallback)
{
    return value > 0 ? value : fallback;
}

static void set_defaults(struct att_comm_options *o)
{
    o->heartbeat_s = or_default(o->heartbeat_s, 1);
    o->lost_after_s = or_default(o->lost_after_s, 30);
    o->orphan_after_s = or_default(o->orphan_after_s, 120);
    o->quiet_s = or_default(o->quiet_s, 300);
}

/* srun without a plug-in for MPI leaves nothing that MPI_Init could use. */
static bool srun_alone(const struct att_launch *launch)
{
    return strcmp(launch->by, "slurm") == 0;
}

static att_status start(struct att_comm *comm, struct att_error *err)
{
    const struct att_mpi_start start_of_mpi = {
        .quiet_s = comm->o.launch.slurm_step ? SRUN_QUIET_S : 0,
        .patience_s = comm->o.orphan_after_s,
    };

    if (srun_alone(&comm->o.launch))
        ATT_TRY(att_launch_check(&comm->o.launch, 1, err));
    if (comm->o.launch.mpi) {
        ATT_TRY(att_mpi_start(&comm->mpi, &comm->link, &start_of_mpi, err));
        att_mpi_library(comm->library);
    }
    return att_launch_check(&comm->o.launch, comm->link.size, err);
}

att_status att_comm_init(const struct att_comm_options *options,
                         struct att_comm **comm, struct att_error *err)
{
    struct att_comm *c = calloc(1, sizeof *c);

    if (c == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for messages");
    c->o = *options;
    c->link.size = 1;
    c->clean = true;
    set_defaults(&c->o);
    (void)snprintf(c->library, sizeof c->library, "none");
    const att_status status = start(c, err);

    if (status != ATT_OK) {
        att_comm_fini(c);
        return status;
    }
    c->o.dedicated = c->o.dedicated && c->link.size > 1;
    *comm = c;
    return ATT_OK;
}

uint32_t att_comm_rank(const struct att_comm *comm)
{
    return comm->link.rank;
}

uint32_t att_comm_size(const struct att_comm *comm)
{
    return comm->link.size;
}

const char *att_comm_library(const struct att_comm *comm)
{
    return comm->library;
}

bool att_comm_clean(const struct att_comm *comm)
{
    return comm->clean;
}

void att_comm_fini(struct att_comm *comm)
{
    if (comm == NULL)
        return;
    att_mpi_finish(comm->mpi, comm->clean);
    att_link_fini(&comm->link);
    att_buffer_fini(&comm->in);
    free(comm);
}

/* ---- the parts of a rank ----------------------------------------------------------- */

struct rank {
    struct att_comm *comm;
    const struct att_comm_calls *calls;
    struct att_worker *worker;           /* NULL: no lanes */
    struct att_coordinator *coordinator; /* NULL: not rank 0 */
    double wait_s;
    bool quit; /* a worker was told to by its caller */
};

static struct att_wire_hello hello_of(const struct att_comm *comm)
{
    struct att_wire_hello hello = {
        .plan_high = comm->o.plan.high,
        .plan_low = comm->o.plan.low,
        .memory_bytes = comm->o.node.memory_bytes,
        .pid = getpid(),
        .n_lanes = comm->o.n_lanes,
        .n_cpus = comm->o.node.n_cpus,
    };

    (void)snprintf(hello.host, sizeof hello.host, "%s", comm->o.node.host);
    return hello;
}

static att_status make_worker(struct rank *r, const struct att_comm_job *job,
                              struct att_error *err)
{
    struct att_comm *comm = r->comm;
    const struct att_worker_options options = {
        .link = &comm->link,
        .ops = &ATT_LANE_OPS,
        .lanes = job->lanes,
        .calls = job->calls,
        .hello = hello_of(comm),
        .heartbeat_s = comm->o.heartbeat_s,
        .orphan_after_s = comm->o.orphan_after_s,
    };

    if (comm->link.rank == 0 && comm->o.dedicated)
        return ATT_OK;
    return att_worker_create(&options, att_clock_s(), &r->worker, err);
}

static att_status make_coordinator(struct rank *r,
                                   const struct att_comm_job *job,
                                   struct att_error *err)
{
    struct att_comm *comm = r->comm;
    const struct att_coordinator_options options = {
        .link = &comm->link,
        .schedule = job->schedule,
        .calls = job->calls,
        .plan = comm->o.plan,
        .dedicated = comm->o.dedicated,
        .heartbeat_s = comm->o.heartbeat_s,
        .lost_after_s = comm->o.lost_after_s,
        .orphan_after_s = comm->o.orphan_after_s,
        .quiet_s = comm->o.quiet_s,
        .drain_grace_s = job->drain_grace_s,
    };

    if (comm->link.rank != 0)
        return ATT_OK;
    return att_coordinator_create(&options, att_clock_s(), &r->coordinator,
                                  err);
}

/* ---- the loop ---------------------------------------------------------------------- */

static bool is_for_worker(const struct att_buffer *message)
{
    struct att_wire_message m;

    return att_wire_read(message->data, message->size, &m, NULL) == ATT_OK &&
           m.kind >= ATT_WIRE_GRANT;
}

static att_status deliver(struct rank *r, uint32_t from, struct att_error *err)
{
    struct att_wire_message m;
    struct att_buffer *in = &r->comm->in;

    if (r->coordinator != NULL && !is_for_worker(in)) {
        return att_coordinator_hear(r->coordinator, from, in, att_clock_s(),
                                    err);
    }
    ATT_TRY(att_wire_read(in->data, in->size, &m, err));
    if (r->worker == NULL)
        return ATT_OK;
    return att_worker_hear(r->worker, &m, att_clock_s(), err);
}

static att_status take_messages(struct rank *r, bool *busy,
                                struct att_error *err)
{
    for (int i = 0; i < TURN_MESSAGES; i++) {
        uint32_t from = 0;
        bool got = false;

        ATT_TRY(
            att_link_receive(&r->comm->link, &from, &r->comm->in, &got, err));
        if (!got)
            break;
        *busy = true;
        ATT_TRY(deliver(r, from, err));
    }
    return ATT_OK;
}

/* Lanes that have enough to do are left alone for a while, so that their rows
 * come in batches; else wait for the first to report. */
static att_status turn_worker(struct rank *r, bool *busy, struct att_error *err)
{
    const double leisure_s = att_worker_leisure(r->worker);
    bool reported = false;

    if (leisure_s > 0)
        att_sleep_s(leisure_s);
    ATT_TRY(att_worker_turn(r->worker, att_clock_s(),
                            leisure_s > 0 || *busy ? 0 : r->wait_s, &reported,
                            err));
    if (att_worker_state(r->worker) != ATT_WORKER_WORKS && !*busy)
        att_sleep_s(r->wait_s);
    *busy |= reported;
    return ATT_OK;
}

static void pace(struct rank *r, bool busy)
{
    double most = WAIT_MOST_S;

    if (r->worker != NULL && att_worker_hungry(r->worker))
        most = WAIT_HUNGRY_S;
    if (r->comm->link.size == 1)
        most = WAIT_ALONE_S;
    r->wait_s = busy ? WAIT_LEAST_S : fmin(2 * r->wait_s, most);
}

static att_status turn(struct rank *r, struct att_error *err)
{
    bool busy = false, served = false;

    ATT_TRY(take_messages(r, &busy, err));
    if (r->worker != NULL) {
        ATT_TRY(turn_worker(r, &busy, err));
    } else if (!busy) {
        att_sleep_s(r->wait_s);
    }
    if (r->coordinator != NULL) {
        ATT_TRY(
            att_coordinator_turn(r->coordinator, att_clock_s(), &served, err));
    } else {
        r->quit = r->calls->control(r->calls->context) == ATT_CONTROL_QUIT;
    }
    pace(r, busy || served);
    return ATT_OK;
}

static bool over(const struct rank *r)
{
    if (r->coordinator != NULL)
        return att_coordinator_ended(r->coordinator);
    return r->quit || att_worker_state(r->worker) == ATT_WORKER_OVER;
}

static att_status loop(struct rank *r, struct att_error *err)
{
    while (!over(r))
        ATT_TRY(turn(r, err));
    return ATT_OK;
}

/* ---- the end ----------------------------------------------------------------------- */

/* Rank 0: its own lanes may have died although the run went on without. */
static att_status conclude(struct rank *r, enum att_comm_end *end, bool *clean,
                           struct att_error *err)
{
    enum att_comm_end ignored = ATT_COMM_QUIT;
    bool worker_clean = false;

    if (r->coordinator == NULL)
        return r->quit ? ATT_OK : att_worker_result(r->worker, end, clean, err);
    *end = att_coordinator_end(r->coordinator);
    *clean = att_coordinator_clean(r->coordinator);
    if (*end != ATT_COMM_DESERTED || r->worker == NULL)
        return ATT_OK;
    return att_worker_result(r->worker, &ignored, &worker_clean, err);
}

static att_status run(struct rank *r, const struct att_comm_job *job,
                      enum att_comm_end *end, bool *clean,
                      struct att_error *err)
{
    ATT_TRY(make_coordinator(r, job, err));
    ATT_TRY(make_worker(r, job, err));
    const att_status status = loop(r, err);

    if (status != ATT_OK) {
        if (r->coordinator != NULL)
            att_coordinator_abandon(r->coordinator);
        return status;
    }
    return conclude(r, end, clean, err);
}

att_status att_comm_run(struct att_comm *comm, const struct att_comm_job *job,
                        enum att_comm_end *end, struct att_error *err)
{
    struct rank r = {.comm = comm, .calls = job->calls, .wait_s = WAIT_LEAST_S};
    bool clean = false;

    *end = ATT_COMM_QUIT;
    const att_status status = run(&r, job, end, &clean, err);

    att_worker_destroy(r.worker);
    att_coordinator_destroy(r.coordinator);
    if (comm->mpi != NULL) {
        const bool settled =
            att_mpi_settle(comm->mpi, clean ? SETTLE_S : SETTLE_QUIT_S);

        comm->clean = clean && settled;
    }
    return status;
}
