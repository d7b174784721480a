#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>

void scratch_open(struct scratch *s)
{
    struct att_error err = {0};

    if (att_folder_scratch("attest-test", s->dir, &err) == ATT_OK)
        return;
    (void)fprintf(stderr, "%s\n", err.text); /* may be outside of a test */
    exit(EXIT_FAILURE);
}

void scratch_close(const struct scratch *s)
{
    att_folder_remove(s->dir);
}

const char *scratch_path(const struct scratch *s, const char *name,
                         char out[SCRATCH_PATH])
{
    (void)snprintf(out, SCRATCH_PATH, "%s/%s", s->dir, name);
    return out;
}
