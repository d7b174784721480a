#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

att_status cli_folder_open(struct cli_folder *f, const char *dir,
                           struct att_error *err)
{
    errno = 0;
    if (!cli_is_run_folder(dir)) {
        if (errno == EACCES)
            return att_fail_errno(err, "cannot read %s", dir);
        return att_fail(err, ATT_E_ARG,
                        "%s is no run folder: there is no study.yaml in it",
                        dir);
    }
    return cli_folder_name(f, dir, err);
}

/* False with errno: ENOTDIR where a file has the name. */
static bool make_one(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return false;
    errno = ENOTDIR;
    return cli_is_folder(path);
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

/* "results.h5.4711.tmp": a number and the ending behind the last two dots. */
static bool is_temporary(const char *name)
{
    const char *const tmp = strrchr(name, '.');
    const char *number = tmp;

    if (tmp == NULL || strcmp(tmp, ".tmp") != 0)
        return false;
    while (number > name && number[-1] >= '0' && number[-1] <= '9')
        number--;
    return number < tmp && number > name + 1 && number[-1] == '.';
}

static size_t tidy(const char *dir)
{
    DIR *const folder = opendir(dir);
    size_t n = 0;

    if (folder == NULL)
        return 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        if (is_temporary(entry->d_name) ||
            strncmp(entry->d_name, "lock.probe.", 11) == 0)
            n += unlinkat(dirfd(folder), entry->d_name, 0) == 0;
    }
    (void)closedir(folder);
    return n;
}

size_t cli_folder_tidy(const struct cli_folder *f)
{
    return tidy(f->dir) + tidy(f->checkpoints);
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
