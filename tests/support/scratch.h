/* scratch.h - a folder of its own for a test, removed with all it holds. */
#pragma once

enum { SCRATCH_PATH = 512 };

struct scratch {
    char dir[SCRATCH_PATH / 2]; /* under $TMPDIR, or /tmp */
};

/* Make the folder; a failure ends the program. */
void scratch_open(struct scratch *s);
void scratch_close(const struct scratch *s);

/* The path of a name in the folder; returns out. */
const char *scratch_path(const struct scratch *s, const char *name,
                         char out[SCRATCH_PATH]);
