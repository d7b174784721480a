/* folder.h - folders for a while. */
#pragma once

#include "attest/base/status.h"

enum { ATT_FOLDER_PATH = 256 };

/* Make an empty folder that nobody else has, named after `name`, under $TMPDIR
 * or /tmp; its path, which is undefined on failure.  Fails: ATT_E_IO with the
 * path that could not be made, or with a $TMPDIR that is too long. */
ATT_CHECKED att_status att_folder_scratch(const char *name,
                                          char path[ATT_FOLDER_PATH],
                                          struct att_error *err);

/* Remove a folder with all it holds; links are removed, not followed.  What
 * cannot be removed stays. */
void att_folder_remove(const char *path);
