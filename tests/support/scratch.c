#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void scratch_open(struct scratch *s)
{
    const char *const tmp = getenv("TMPDIR");

    (void)snprintf(s->dir, sizeof s->dir, "%s/attest-test-XXXXXX",
                   tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(s->dir) == NULL) { /* may be called outside of a test */
        perror(s->dir);
        exit(EXIT_FAILURE);
    }
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

void scratch_close(const struct scratch *s)
{
    (void)nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const struct scratch *s, const char *name,
                         char out[SCRATCH_PATH])
{
    (void)snprintf(out, SCRATCH_PATH, "%s/%s", s->dir, name);
    return out;
}
