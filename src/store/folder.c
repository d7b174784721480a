/* folder.c - names inside a run folder. */
#include "folder_priv.h"

#include <stdio.h>

char *att_folder_path(const char *folder, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}
