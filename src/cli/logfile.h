/* logfile.h - where log lines go: DIR/log, one line per event, and stderr for
 * what a person should see now. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cli_logfile {
    int descriptor; /* DIR/log; -1: none */
    uint32_t rank;
    bool quiet; /* stderr only hears errors */
};

/* Become the sink of att_log; l outlives all logging. */
void cli_logfile_start(struct cli_logfile *l, uint32_t rank, bool quiet);

/* Append to a file from now on; false when it cannot be opened. */
bool cli_logfile_open(struct cli_logfile *l, const char *path);

/* Stop being the sink. */
void cli_logfile_stop(struct cli_logfile *l);
