/* launch.h - who started us, and what must be set before MPI starts.
 *
 * MPI is initialised only under a launcher: a plain `attest run` must not
 * depend on a working MPI.  Nothing here calls MPI. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/status.h"

struct att_launch {
    const char *by;       /* "mpirun", "pmix", "pmi", "slurm", "none" */
    bool mpi;             /* MPI_Init is to be called */
    bool slurm_step;      /* srun started us */
    uint32_t slurm_tasks; /* of the step, or of the job; 0: no Slurm */
    uint32_t local_rank;  /* among the ranks of this node, 0 when unknown */
    uint32_t local_size;  /* ranks of this node, 1 when unknown */
};

/* Read the environment through get (getenv in earnest; context is handed to
 * it): OMPI_COMM_WORLD_SIZE, PMIX_RANK, PMI_RANK, SLURM_PROCID with a step. */
typedef const char *(*att_getenv_fn)(void *context, const char *name);
void att_launch_read(att_getenv_fn get, void *context, struct att_launch *out);
void att_launch_detect(struct att_launch *out); /* from the real environment */

/* Set what is right for attest unless the user set it: MPI yields the
 * processor when idle, BLAS uses one thread.  Call before the lanes fork. */
void att_launch_environment(void);

/* Slurm started several tasks, but MPI sees one rank (mpi_size): refuse, since
 * every task would do the whole study.  Fails: ATT_E_COMM with the remedy. */
ATT_CHECKED att_status att_launch_check(const struct att_launch *launch,
                                        uint32_t mpi_size,
                                        struct att_error *err);
