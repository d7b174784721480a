/* folder.c - names inside a run folder. */
#include "folder_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *att_folder_path(const char *folder, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

att_status att_folder_study(const char *folder, char **path,
                            struct att_error *err)
{
    *path = att_folder_path(folder, "study.yaml");
    if (*path == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to open '%s'", folder);
    if (access(*path, F_OK) == 0)
        return ATT_OK;
    const att_status status =
        errno == ENOENT
            ? att_fail(err, ATT_E_IO,
                       "'%s' is no run folder: there is no study.yaml in it",
                       folder)
            : att_fail_errno(err, "cannot read '%s'", *path);

    free(*path);
    *path = NULL;
    return status;
}
