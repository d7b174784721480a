/* launch.c - reading the environment that a launcher leaves. */
#include "attest/comm/launch.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    att_getenv_fn get;
    void *context;
};

static const char *text_of(const struct reader *r, const char *name)
{
    return r->get(r->context, name);
}

/* The first of the names that holds a number, else fallback. */
static uint32_t number_of(const struct reader *r, const char *const *names,
                          uint32_t fallback)
{
    for (; *names != NULL; names++) {
        const char *text = text_of(r, *names);
        char *end = NULL;
        const unsigned long n = text == NULL ? 0 : strtoul(text, &end, 10);

        if (end != NULL && end != text && n <= UINT32_MAX)
            return (uint32_t)n;
    }
    return fallback;
}

/* What a launcher sets, most telling first. */
static const char *launcher_of(const struct reader *r, bool slurm_step)
{
    if (text_of(r, "OMPI_COMM_WORLD_SIZE") != NULL)
        return "mpirun";
    if (text_of(r, "PMIX_RANK") != NULL)
        return "pmix";
    if (text_of(r, "PMI_RANK") != NULL)
        return "pmi";
    return slurm_step ? "slurm" : "none";
}

void att_launch_read(att_getenv_fn get, void *context, struct att_launch *out)
{
    static const char *const step_tasks[] = {"SLURM_STEP_NUM_TASKS", NULL};
    static const char *const job_tasks[] = {"SLURM_NTASKS", "SLURM_NPROCS",
                                            NULL};
    static const char *const local_rank[] = {
        "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID", NULL};
    static const char *const local_size[] = {"OMPI_COMM_WORLD_LOCAL_SIZE",
                                             "MPI_LOCALNRANKS", NULL};
    static const char *const per_node[] = {"SLURM_STEP_TASKS_PER_NODE", NULL};
    const struct reader r = {get, context};
    const bool step = text_of(&r, "SLURM_PROCID") != NULL &&
                      text_of(&r, "SLURM_STEP_ID") != NULL;

    *out = (struct att_launch){
        .by = launcher_of(&r, step),
        .slurm_step = step,
        .slurm_tasks = number_of(&r, step ? step_tasks : job_tasks, 0),
        .local_rank = number_of(&r, local_rank, 0),
        .local_size =
            number_of(&r, local_size, step ? number_of(&r, per_node, 1) : 1),
    };
    out->mpi = strcmp(out->by, "none") != 0;
    if (out->local_size <= out->local_rank)
        out->local_size = out->local_rank + 1;
}

static const char *real_getenv(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

void att_launch_detect(struct att_launch *out)
{
    att_launch_read(real_getenv, NULL, out);
}

/* Open MPI yields by itself only when it knows that ranks outnumber cores,
 * which under srun it does not.  One BLAS thread per lane, whatever library
 * is behind CBLAS. */
void att_launch_environment(void)
{
    static const char *const settings[][2] = {
        {"OMPI_MCA_mpi_yield_when_idle", "1"},
        {"OPENBLAS_NUM_THREADS", "1"},
        {"MKL_NUM_THREADS", "1"},
        {"BLIS_NUM_THREADS", "1"},
        {"OMP_NUM_THREADS", "1"},
    };

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        (void)setenv(settings[i][0], settings[i][1], 0);
}

/* Under mpirun the step that Slurm counts is that of mpirun's daemons. */
att_status att_launch_check(const struct att_launch *launch, uint32_t mpi_size,
                            struct att_error *err)
{
    if (mpi_size > 1 || launch->slurm_tasks <= 1 ||
        strcmp(launch->by, "mpirun") == 0)
        return ATT_OK;
    if (launch->slurm_step) {
        return att_fail(err, ATT_E_COMM,
                        "srun started %u tasks but MPI sees one rank, so each "
                        "would do the whole study: use srun --mpi=pmix",
                        launch->slurm_tasks);
    }
    return att_fail(err, ATT_E_COMM,
                    "Slurm allotted %u tasks but this is one process: start "
                    "attest with srun --mpi=pmix or mpirun (to use one "
                    "process all the same, unset SLURM_NTASKS)",
                    launch->slurm_tasks);
}
