/* folder_priv.h - names inside a run folder. */
#pragma once

#include "attest/base/status.h"

/* "folder/name" on the heap; NULL when out of memory. */
char *att_folder_path(const char *folder, const char *name);

/* The path of its study, on the heap.  Fails: ATT_E_IO (it has none: this is no
 * run folder), ATT_E_NOMEM; *path is NULL then. */
ATT_CHECKED att_status att_folder_study(const char *folder, char **path,
                                        struct att_error *err);
