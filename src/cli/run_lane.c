/* run_lane.c - the work of a lane: a unit comes in, a row goes out. */
#include "run_priv.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/lane/cpus.h"

/* May there be a checkpoint?  One of an earlier run, or of an earlier attempt
 * in this one; a fresh task of a fresh run is not worth a look at the disk. */
static bool may_resume(const struct cli_run *r, const struct att_lane_job *job)
{
    return r->had_checkpoints || job->attempt > 1;
}

/* The state of a killed attempt, if one was kept. */
static void read_checkpoint(const struct cli_run *r,
                            const struct att_unit *unit,
                            struct att_buffer *saved)
{
    char path[CLI_PATH];

    if (!cli_checkpoint_path(&r->folder, &r->session, unit, path) ||
        access(path, R_OK) != 0)
        return;
    if (att_file_read(path, saved, NULL) != ATT_OK)
        att_buffer_fini(saved); /* unreadable: start from the beginning */
}

static att_status work(void *context, const struct att_lane_job *job,
                       const struct att_lane_port *port, struct att_buffer *out,
                       struct att_error *err)
{
    struct cli_run *r = context;
    struct att_buffer saved = {0};
    struct att_task_run run = {
        .unit = job->unit,
        .attempt = job->attempt,
        .limits = job->limits,
        .context = port->self,
        .progress = port->progress,
        .checkpoint = port->checkpoint,
    };

    if (may_resume(r, job))
        read_checkpoint(r, &job->unit, &saved);
    run.saved = saved.size > 0 ? saved.data : NULL;
    run.saved_bytes = saved.size;
    const att_status status = att_task_run(r->env, &run, out, err);
    att_buffer_fini(&saved);
    return status;
}

uint32_t cli_run_n_lanes(const struct cli_run *r)
{
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");

    if (r->options.lanes > 0)
        return (uint32_t)r->options.lanes;
    if (!r->launch.mpi)
        return r->node.n_cpus;
    const long cpus = slurm != NULL ? strtol(slurm, NULL, 10) : 0;
    return cpus > 0 && cpus < ATT_CPUS ? (uint32_t)cpus : 1;
}

int cli_run_start_lanes(struct cli_run *r)
{
    const struct att_lane_place place = {
        .local_rank = r->launch.local_rank,
        .n_local_ranks = r->launch.local_size,
        .n_lanes = cli_run_n_lanes(r),
    };
    struct att_error err = {0};

    r->had_checkpoints = cli_is_folder(r->folder.checkpoints);
    int *cpu = calloc(ATT_CPUS, sizeof *cpu);
    int code = CLI_DONE;

    if (cpu == NULL) {
        cli_error(NULL, "out of memory starting lanes");
        return CLI_TROUBLE;
    }
    const struct att_lane_options options = {
        .n_lanes = place.n_lanes,
        .work = work,
        .context = r,
        .n_cpus = att_lane_cpus(&place, cpu, ATT_CPUS),
        .cpus = cpu,
        .kill_grace_s = 1,
    };
    if (att_lanes_start(&options, &r->lanes, &err) != ATT_OK)
        code = cli_fail(&err);
    free(cpu);
    return code;
}
