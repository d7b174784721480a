/* batch.h - batch scripts: the templates under jobs/, filled in. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/config/site.h"

struct cli_batch {
    const char *study, *run, *program; /* absolute paths */
    const char *name;                  /* of the job */
    const char *script;                /* array: the elements' script */
    const struct att_site *site;
    uint64_t n_shards; /* 0: no array */
};

/* jobs/attest.sbatch, and jobs/array.sbatch, with their directives and settings
 * replaced.  Appends. */
void cli_batch_script(const struct cli_batch *batch, struct att_buffer *out);
void cli_batch_merge_script(const struct cli_batch *batch,
                            struct att_buffer *out);

/* How Slurm writes a time: "1-02:03:04". */
void cli_slurm_time(double seconds, struct att_buffer *out);

/* A time as Slurm reads it ("90" minutes, "0:30" minutes and seconds,
 * "2:00:00", "1-12" days and hours, ...), or with a unit ("90min").
 * Fails: ATT_E_PARSE. */
ATT_CHECKED att_status cli_slurm_time_parse(const char *text, double *seconds,
                                            struct att_error *err);
