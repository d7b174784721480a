/* mpi_priv.h - the one way to MPI; without it, one rank. */
#pragma once

#include "attest/comm/link.h"

enum { ATT_LIBRARY_TEXT = 128 };

struct att_mpi; /* opaque */

/* MPI_Init, silence for quiet_s, a communicator of our own, errors as return
 * codes.  Fills rank, size, ops and self of the link.  Collective.
 * Fails: ATT_E_COMM (also in a build without MPI; a rank died while it
 * started), ATT_E_NOMEM. */
ATT_CHECKED att_status att_mpi_start(struct att_mpi **mpi,
                                     struct att_link *link, double quiet_s,
                                     struct att_error *err);

/* Give what was sent up to limit_s to get away.  True when all is gone. */
bool att_mpi_settle(struct att_mpi *mpi, double limit_s);

/* MPI_Finalize if clean (collective), and free.  NULL is allowed. */
void att_mpi_finish(struct att_mpi *mpi, bool clean);

/* "Open MPI v4.1.4", "none" in a build without MPI. */
void att_mpi_library(char out[ATT_LIBRARY_TEXT]);
