/* site.h - what a cluster wants of its jobs (site.yaml), for `attest submit`.
 *
 *   partition: long
 *   account: theory
 *   modules: [gcc/12, openmpi, hdf5]
 *   directives: ["--mail-type=END"]     more lines for sbatch
 *   launcher: mpirun                    srun (default) or mpirun
 *   go_on: resubmit                     requeue (default), resubmit or stop
 *
 * All keys may be missing.  Faults are diagnosed as those of a study are. */
#pragma once

#include "attest/config/study.h"

enum att_site_go_on {
    ATT_GO_ON_REQUEUE,  /* the job goes back into the queue */
    ATT_GO_ON_RESUBMIT, /* the site forbids that: a dependent job goes on */
    ATT_GO_ON_STOP,
    ATT_GO_ON_WAYS
};
/* "requeue", "resubmit", "stop" */
const char *att_site_go_on_text(enum att_site_go_on way);

/* How ranks are started: srun or mpirun. */
bool att_site_launcher(const char *name);

/* Texts are "" when they were not given. */
struct att_site {
    const char *partition, *account, *qos, *memory_per_cpu, *launcher, *mpi;
    const char **module, **directive; /* n_modules, n_directives */
    uint64_t n_modules, n_directives;
    uint64_t nodes, tasks_per_node, cpus_per_task;
    double time_s;   /* of a job */
    double notice_s; /* between USR1 and the limit */
    enum att_site_go_on go_on;
};

/* What holds without a file: 1 node, 1 task with 1 processor, an hour, two
 * minutes of notice, srun with PMIx, requeue. */
struct att_site att_site_default(void);

/* Read a file over what *site has; texts live in arena.
 * Fails: ATT_E_IO; ATT_E_PARSE after every fault was appended to diagnostics;
 * ATT_E_NOMEM. */
ATT_CHECKED att_status att_site_load(const char *path, struct att_arena *arena,
                                     struct att_site *site,
                                     struct att_buffer *diagnostics,
                                     struct att_error *err);
