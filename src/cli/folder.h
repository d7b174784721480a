/* folder.h - the names inside a run folder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "attest/base/status.h"

enum { CLI_PATH = 1024 };

struct cli_folder {
    char dir[CLI_PATH];
    char study[CLI_PATH], plan[CLI_PATH], journal[CLI_PATH], store[CLI_PATH];
    char status[CLI_PATH], log[CLI_PATH], stop[CLI_PATH];
    char checkpoints[CLI_PATH], counterexamples[CLI_PATH];
};

/* Fill in the paths.  Fails: ATT_E_ARG (the name is too long). */
ATT_CHECKED att_status cli_folder_name(struct cli_folder *f, const char *dir,
                                       struct att_error *err);

/* The same of what is to be a run folder; ATT_E_ARG when it is none. */
ATT_CHECKED att_status cli_folder_open(struct cli_folder *f, const char *dir,
                                       struct att_error *err);

/* Make the folder and its parents.  Fails: ATT_E_IO. */
ATT_CHECKED att_status cli_folder_make(const struct cli_folder *f,
                                       struct att_error *err);

/* Remove what dead writers left: files NAME.PID.tmp (here and in checkpoints),
 * which the living write in full and rename, and probes of the server's clock.
 * The caller holds the lock.
 * Returns how many there were. */
size_t cli_folder_tidy(const struct cli_folder *f);

/* Is there a run folder (a folder with a study.yaml)? */
bool cli_is_run_folder(const char *path);
bool cli_is_folder(const char *path);
