/* folder.c - folders for a while. */
#include "attest/base/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static const char UNIQUE[] = "XXXXXX"; /* what mkdtemp(3) replaces */

att_status att_folder_scratch(const char *name, char path[ATT_FOLDER_PATH],
                              struct att_error *err)
{
    const char *tmp = getenv("TMPDIR");

    if (tmp == NULL)
        tmp = "/tmp";
    if (snprintf(path, ATT_FOLDER_PATH, "%s/%s-%s", tmp, name, UNIQUE) >=
        ATT_FOLDER_PATH)
        return att_fail(err, ATT_E_IO, "$TMPDIR is too long: %s", tmp);
    return mkdtemp(path) != NULL
               ? ATT_OK
               : att_fail_errno(err, "cannot make a folder %s", path);
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

void att_folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
