#include "folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool join(char out[CLI_PATH], const char *dir, const char *name)
{
    return snprintf(out, CLI_PATH, "%s/%s", dir, name) < CLI_PATH;
}

att_status cli_folder_name(struct cli_folder *f, const char *dir,
                           struct att_error *err)
{
    size_t n = strlen(dir);

    while (n > 1 && dir[n - 1] == '/')
        n--;
    const bool fits =
        snprintf(f->dir, CLI_PATH, "%.*s", (int)n, dir) < CLI_PATH &&
        join(f->study, f->dir, "study.yaml") &&
        join(f->plan, f->dir, "plan.json") &&
        join(f->journal, f->dir, "journal") &&
        join(f->store, f->dir, "results.h5") &&
        join(f->status, f->dir, "status.json") && join(f->log, f->dir, "log") &&
        join(f->stop, f->dir, "stop") &&
        join(f->checkpoints, f->dir, "checkpoints") &&
        join(f->counterexamples, f->dir, "counterexamples");
    if (!fits) {
        return att_fail(err, ATT_E_ARG, "the folder's name is too long: %s",
                        dir);
    }
    return ATT_OK;
}

static bool make_one(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

att_status cli_folder_make(const struct cli_folder *f, struct att_error *err)
{
    char path[CLI_PATH];

    (void)snprintf(path, sizeof path, "%s", f->dir);
    for (char *slash = strchr(path + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!make_one(path))
            return att_fail_errno(err, "cannot create the folder %s", path);
        *slash = '/';
    }
    if (!make_one(path))
        return att_fail_errno(err, "cannot create the folder %s", path);
    return ATT_OK;
}

bool cli_is_folder(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

bool cli_is_run_folder(const char *path)
{
    struct cli_folder f;
    struct stat s;

    return cli_is_folder(path) && cli_folder_name(&f, path, NULL) == ATT_OK &&
           stat(f.study, &s) == 0;
}
