/* mpi.c - messages through MPI.
 *
 * Sends are never waited for: a send to a dead rank may not complete, and may
 * not fail either.  Death is seen by silence, in the loops. */
#include "mpi_priv.h"

#if ATT_HAVE_MPI

#include <limits.h>
#include <math.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"

enum { TAG = 7 };

struct sent {
    MPI_Request request;
    struct att_buffer message;
};

struct att_mpi {
    MPI_Comm comm;
    struct sent *sent; /* n_sent of room, in flight */
    size_t n_sent, room;
};

static att_status check(int code, const char *what, struct att_error *err)
{
    char text[MPI_MAX_ERROR_STRING];
    int n = 0;

    if (code == MPI_SUCCESS)
        return ATT_OK;
    if (MPI_Error_string(code, text, &n) != MPI_SUCCESS)
        n = snprintf(text, sizeof text, "code %d", code);
    return att_fail(err, ATT_E_COMM, "%s: %.*s", what, n, text);
}

/* Forget sends that are complete, keeping the order of the others. */
static void sweep(struct att_mpi *mpi)
{
    size_t n = 0;

    for (size_t i = 0; i < mpi->n_sent; i++) {
        struct sent *s = &mpi->sent[i];
        int done = 0;

        if (MPI_Test(&s->request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS &&
            done) {
            att_buffer_fini(&s->message);
        } else {
            mpi->sent[n++] = *s;
        }
    }
    mpi->n_sent = n;
}

static bool reserve(struct att_mpi *mpi)
{
    if (mpi->n_sent < mpi->room)
        return true;
    const size_t room = 2 * mpi->room + 16;
    struct sent *wide = realloc(mpi->sent, room * sizeof *wide);

    if (wide == NULL)
        return false;
    mpi->sent = wide;
    mpi->room = room;
    return true;
}

static att_status mpi_send(void *self, uint32_t to, struct att_buffer *message,
                           struct att_error *err)
{
    struct att_mpi *mpi = self;

    sweep(mpi);
    if (message->size > INT_MAX) {
        return att_fail(err, ATT_E_COMM, "a message of %zu bytes is too large",
                        message->size);
    }
    if (!reserve(mpi))
        return att_fail(err, ATT_E_NOMEM, "no memory for a message");
    struct sent *s = &mpi->sent[mpi->n_sent];

    *s = (struct sent){MPI_REQUEST_NULL, *message};
    *message = (struct att_buffer){0};
    mpi->n_sent++;
    /* NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): sweep tests it */
    return check(MPI_Isend(s->message.data, (int)s->message.size, MPI_BYTE,
                           (int)to, TAG, mpi->comm, &s->request),
                 "MPI_Isend", err);
}

static att_status mpi_receive(void *self, uint32_t *from,
                              struct att_buffer *out, bool *got,
                              struct att_error *err)
{
    struct att_mpi *mpi = self;
    MPI_Status status;
    int there = 0, n = 0;

    ATT_TRY(check(MPI_Iprobe(MPI_ANY_SOURCE, TAG, mpi->comm, &there, &status),
                  "MPI_Iprobe", err));
    *got = there != 0;
    if (!*got) {
        sweep(mpi);
        return ATT_OK;
    }
    ATT_TRY(check(MPI_Get_count(&status, MPI_BYTE, &n), "MPI_Get_count", err));
    att_buffer_clear(out);
    void *room = att_buffer_grow(out, (size_t)n);

    if (room == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %d bytes", n);
    *from = (uint32_t)status.MPI_SOURCE;
    return check(MPI_Recv(room, n, MPI_BYTE, status.MPI_SOURCE, TAG, mpi->comm,
                          MPI_STATUS_IGNORE),
                 "MPI_Recv", err);
}

static const struct att_link_ops OPS = {mpi_send, mpi_receive};

/* MPI_Init cannot be left; the zygote and its lanes end with this process. */
static void give_up(int number)
{
    static const char text[] =
        "attest: error: the ranks did not find each other: one of them died "
        "while it started; run again\n";

    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EXIT_FAILURE);
}

static att_status init(double patience_s, struct att_error *err)
{
    const struct sigaction gives_up = {.sa_handler = give_up};
    struct sigaction before;

    (void)sigaction(SIGALRM, &gives_up, &before);
    (void)alarm((unsigned)ceil(patience_s));
    const int code = MPI_Init(NULL, NULL);

    (void)alarm(0);
    (void)sigaction(SIGALRM, &before, NULL);
    return check(code, "MPI_Init", err);
}

/* The only collective step.  A rank that died in MPI_Init would hang the
 * others in it for ever, and busily: it is waited for asleep, and not long. */
static att_status duplicate_world(struct att_mpi *mpi, double patience_s,
                                  struct att_error *err)
{
    const double end = att_clock_s() + patience_s;
    MPI_Request request = MPI_REQUEST_NULL;
    int done = 0;

    ATT_TRY(check(MPI_Comm_idup(MPI_COMM_WORLD, &mpi->comm, &request),
                  "MPI_Comm_idup", err));
    for (;;) {
        ATT_TRY(check(MPI_Test(&request, &done, MPI_STATUS_IGNORE),
                      "MPI_Comm_idup", err));
        if (done)
            return ATT_OK;
        if (att_clock_s() >= end)
            break;
        att_sleep_s(1e-4);
    }
    return att_fail(err, ATT_E_COMM,
                    "the ranks did not find each other within %.0f s: one of "
                    "them died while it started",
                    patience_s);
}

static att_status open_comm(struct att_mpi *mpi, struct att_link *link,
                            double patience_s, struct att_error *err)
{
    int rank = 0, size = 0;

    ATT_TRY(duplicate_world(mpi, patience_s, err));
    ATT_TRY(check(MPI_Comm_set_errhandler(mpi->comm, MPI_ERRORS_RETURN),
                  "MPI_Comm_set_errhandler", err));
    ATT_TRY(check(MPI_Comm_rank(mpi->comm, &rank), "MPI_Comm_rank", err));
    ATT_TRY(check(MPI_Comm_size(mpi->comm, &size), "MPI_Comm_size", err));
    link->rank = (uint32_t)rank;
    link->size = (uint32_t)size;
    link->ops = &OPS;
    link->self = mpi;
    return ATT_OK;
}

att_status att_mpi_start(struct att_mpi **mpi, struct att_link *link,
                         const struct att_mpi_start *start,
                         struct att_error *err)
{
    struct att_mpi *m = calloc(1, sizeof *m);

    if (m == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for MPI");
    m->comm = MPI_COMM_NULL;
    att_status status = init(start->patience_s, err);

    att_sleep_s(start->quiet_s);
    if (status == ATT_OK)
        status = open_comm(m, link, start->patience_s, err);
    if (status != ATT_OK) {
        free(m);
        return status;
    }
    *mpi = m;
    return ATT_OK;
}

bool att_mpi_settle(struct att_mpi *mpi, double limit_s)
{
    const double end = att_clock_s() + limit_s;

    for (;;) {
        sweep(mpi);
        if (mpi->n_sent == 0 || att_clock_s() >= end)
            return mpi->n_sent == 0;
        att_sleep_s(1e-4);
    }
}

/* Buffers of sends that never completed belong to MPI until the process
 * ends. */
void att_mpi_finish(struct att_mpi *mpi, bool clean)
{
    if (mpi == NULL)
        return;
    if (clean) {
        (void)MPI_Comm_free(&mpi->comm);
        (void)MPI_Finalize();
    }
    if (mpi->n_sent == 0)
        free(mpi->sent);
    free(mpi);
}

void att_mpi_library(char out[ATT_LIBRARY_TEXT])
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int n = 0;

    (void)MPI_Get_library_version(text, &n);
    (void)snprintf(out, ATT_LIBRARY_TEXT, "%.*s", (int)strcspn(text, ",\n"),
                   text);
}

#endif
