/* scratch.h - a folder of its own for a test, removed with all it holds. */
#pragma once

#include "attest/base/folder.h"

enum { SCRATCH_PATH = 512 };

struct scratch {
    char dir[ATT_FOLDER_PATH];
};

/* Make the folder; a failure ends the program. */
void scratch_open(struct scratch *s);
void scratch_close(const struct scratch *s);

/* The path of a name in the folder; returns out. */
const char *scratch_path(const struct scratch *s, const char *name,
                         char out[SCRATCH_PATH]);
