/* no_mpi.c - a build without MPI: one rank, under no launcher. */
#include "mpi_priv.h"

#if !ATT_HAVE_MPI

#include <stdio.h>

att_status att_mpi_start(struct att_mpi **mpi, struct att_link *link,
                         const struct att_mpi_start *start,
                         struct att_error *err)
{
    (void)start;
    (void)mpi;
    (void)link;
    return att_fail(err, ATT_E_COMM,
                    "this attest was built without MPI: start it without a "
                    "launcher, or build with -DATTEST_MPI=ON");
}

bool att_mpi_settle(struct att_mpi *mpi, double limit_s)
{
    (void)mpi;
    (void)limit_s;
    return true;
}

void att_mpi_finish(struct att_mpi *mpi, bool clean)
{
    (void)mpi;
    (void)clean;
}

void att_mpi_library(char out[ATT_LIBRARY_TEXT])
{
    (void)snprintf(out, ATT_LIBRARY_TEXT, "none");
}

#endif
