/* mpi_priv.h - the one way to MPI; without it, one rank. */
#pragma once

#include "attest/comm/link.h"

enum { ATT_LIBRARY_TEXT = 128 };

struct att_mpi; /* opaque */

struct att_mpi_start {
    double quiet_s;    /* said nothing for so long after MPI_Init */
    double patience_s; /* all ranks are there after this, or never */
};

/* MPI_Init, a communicator of our own, errors as return codes.  Fills rank,
 * size, ops and self of the link.  Collective.
 * Fails: ATT_E_COMM (also in a build without MPI; a rank died while it
 * started), ATT_E_NOMEM.  A rank that dies before MPI knows it leaves the
 * others in MPI_Init for ever where the launcher lets them live: after
 * patience_s the process says so and ends with code 1. */
ATT_CHECKED att_status att_mpi_start(struct att_mpi **mpi,
                                     struct att_link *link,
                                     const struct att_mpi_start *start,
                                     struct att_error *err);

/* Give what was sent up to limit_s to get away.  True when all is gone. */
bool att_mpi_settle(struct att_mpi *mpi, double limit_s);

/* MPI_Finalize if clean (collective), and free.  NULL is allowed. */
void att_mpi_finish(struct att_mpi *mpi, bool clean);

/* "Open MPI v4.1.4", "none" in a build without MPI. */
void att_mpi_library(char out[ATT_LIBRARY_TEXT]);
