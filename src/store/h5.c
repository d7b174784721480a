/* h5.c - files and errors of HDF5. */
#include "attest/store/store.h"
#include "h5_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct h5_quiet att_h5_quiet_begin(void)
{
    struct h5_quiet quiet = {NULL, NULL};

    /* Before anything else is asked of HDF5: after a write that failed (a full
     * disk) its clean-up at exit crashes on what it could not close. */
    (void)H5dont_atexit();
    (void)H5Eget_auto2(H5E_DEFAULT, &quiet.print, &quiet.context);
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return quiet;
}

void att_h5_quiet_end(struct h5_quiet quiet)
{
    (void)H5Eset_auto2(H5E_DEFAULT, quiet.print, quiet.context);
}

enum { REASON_BYTES = 200 };

/* The walk goes from the call to its cause; the last text is the cause. */
static herr_t keep_reason(unsigned n, const H5E_error2_t *e, void *context)
{
    char *reason = context;

    (void)n;
    if (e->desc != NULL && e->desc[0] != '\0')
        (void)snprintf(reason, REASON_BYTES, "%s", e->desc);
    return 0;
}

/* "file write failed: time = ..., errno = 28, ...", with line breaks in it:
 * the system's word for the number says it better. */
static void tidy_reason(char reason[REASON_BYTES])
{
    const char *const number = strstr(reason, "errno = ");

    if (number != NULL) {
        const int code = (int)strtol(number + strlen("errno = "), NULL, 10);

        (void)snprintf(reason, REASON_BYTES, "%s", strerror(code));
    }
    for (char *line = strchr(reason, '\n'); line != NULL;
         line = strchr(line, '\n'))
        *line = ' ';
}

att_status att_h5_fail(struct att_error *err, att_status status,
                       const char *fmt, ...)
{
    char what[ATT_ERROR_TEXT / 2], reason[REASON_BYTES] = "";
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_reason, reason);
    (void)H5Eclear2(H5E_DEFAULT);
    tidy_reason(reason);
    if (reason[0] == '\0')
        return att_fail(err, status, "%s", what);
    return att_fail(err, status, "%s: %s", what, reason);
}

/* Locks that network file systems refuse would make files unreadable; the
 * rename makes them unnecessary. */
static hid_t access_list(void)
{
    const hid_t list = H5Pcreate(H5P_FILE_ACCESS);

    if (list < 0)
        return list;
#if H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0) ||                     \
    H5_VERSION_GE(1, 12, 1)
    (void)H5Pset_file_locking(list, false, true);
#else
    (void)setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);
#endif
    (void)H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
    return list;
}

static void file_forget(struct h5_file *file)
{
    free(file->target);
    free(file->temporary);
    *file = (struct h5_file){.id = -1};
}

/* Beside the target, so that it can be renamed; NULL when out of memory. */
static char *temporary_name(const char *path, pid_t writer)
{
    char *name = NULL;

    return asprintf(&name, "%s.%ld.tmp", path, (long)writer) < 0 ? NULL : name;
}

void att_store_clear(const char *path, pid_t writer)
{
    char *name = temporary_name(path, writer);

    if (name != NULL)
        (void)unlink(name);
    free(name);
}

/* HDF5 does not say why a file could not be made; reason is errno, or 0. */
static att_status explain_create(const struct h5_file *file, const char *path,
                                 int reason, struct att_error *err)
{
    if (file->temporary == NULL) {
        return att_fail(err, ATT_E_NOMEM, "no memory for the name of '%s'",
                        path);
    }
    errno = reason;
    return reason != 0
               ? att_fail_errno(err, "cannot create '%s'", file->temporary)
               : att_h5_fail(err, ATT_E_IO, "cannot create '%s'",
                             file->temporary);
}

att_status att_h5_file_create(const char *path, struct h5_file *file,
                              struct att_error *err)
{
    const hid_t list = access_list();

    *file = (struct h5_file){.id = -1};
    file->target = strdup(path);
    if (file->target != NULL)
        file->temporary = temporary_name(path, getpid());
    errno = 0;
    if (file->temporary != NULL)
        file->id = H5Fcreate(file->temporary, H5F_ACC_TRUNC, H5P_DEFAULT, list);
    const int reason = errno;

    att_h5_close(list);
    if (file->id >= 0)
        return ATT_OK;
    const att_status status = explain_create(file, path, reason, err);

    att_h5_file_abandon(file);
    return status;
}

void att_h5_file_abandon(struct h5_file *file)
{
    if (file->target == NULL && file->temporary == NULL)
        return;
    att_h5_close(file->id);
    if (file->temporary != NULL)
        (void)unlink(file->temporary);
    file_forget(file);
}

/* Make the bytes, or the name in a folder, survive a power cut. */
static int sync_path(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC);
    int result = -1;

    if (fd < 0)
        return -1;
    result = fsync(fd);
    (void)close(fd);
    return result;
}

static int sync_folder_of(const char *path)
{
    char *copy = strdup(path);
    int result = -1;

    if (copy == NULL)
        return -1;
    result = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY);
    free(copy);
    return result;
}

void att_store_look(const char *path, struct att_store_mark *mark)
{
    struct stat st;

    *mark = (struct att_store_mark){.exists = stat(path, &st) == 0};
    if (!mark->exists)
        return;
    mark->device = st.st_dev;
    mark->inode = st.st_ino;
    mark->changed_s = st.st_mtim.tv_sec;
    mark->changed_ns = st.st_mtim.tv_nsec;
}

static bool was_replaced(const struct h5_file *file)
{
    const struct att_store_mark *const before = file->replaces;
    struct att_store_mark now;

    if (before == NULL)
        return false;
    att_store_look(file->target, &now);
    return now.exists != before->exists || now.device != before->device ||
           now.inode != before->inode || now.changed_s != before->changed_s ||
           now.changed_ns != before->changed_ns;
}

/* A file system that cannot sync folders is no reason to lose the store. */
static att_status publish(const struct h5_file *file, struct att_error *err)
{
    if (sync_path(file->temporary, O_RDONLY) != 0)
        return att_fail_errno(err, "cannot sync '%s'", file->temporary);
    if (was_replaced(file)) {
        (void)unlink(file->temporary);
        return ATT_OK;
    }
    if (rename(file->temporary, file->target) != 0) {
        return att_fail_errno(err, "cannot rename '%s' to '%s'",
                              file->temporary, file->target);
    }
    (void)sync_folder_of(file->target);
    return ATT_OK;
}

att_status att_h5_file_commit(struct h5_file *file, uint64_t *n_bytes,
                              struct att_error *err)
{
    const bool closed = H5Fclose(file->id) >= 0;
    struct stat info;
    att_status status = closed ? ATT_OK
                               : att_h5_fail(err, ATT_E_IO, "cannot write '%s'",
                                             file->temporary);

    if (status == ATT_OK)
        status = publish(file, err);
    if (status == ATT_OK && n_bytes != NULL)
        *n_bytes = stat(file->target, &info) == 0 ? (uint64_t)info.st_size : 0;
    if (status != ATT_OK)
        (void)unlink(file->temporary);
    file_forget(file);
    return status;
}

att_status att_h5_file_open(const char *path, hid_t *id, struct att_error *err)
{
    if (access(path, R_OK) != 0)
        return att_fail_errno(err, "cannot read '%s'", path);

    const hid_t list = access_list();
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, list);

    att_h5_close(list);
    if (file < 0)
        return att_h5_fail(err, ATT_E_IO, "'%s' is no whole HDF5 file", path);
    *id = file;
    return ATT_OK;
}

/* One reference fewer closes whatever the handle stands for. */
void att_h5_close(hid_t id)
{
    if (id >= 0)
        (void)H5Idec_ref(id);
}

/* deflate packs at most 1032 bytes into one (zlib, "maximum compression
 * factor"); some room for what is stored beside. */
enum { DEFLATE_FACTOR = 1100 };

bool att_h5_is_plausible(hid_t set, uint64_t n, size_t bytes)
{
    const hsize_t stored = H5Dget_storage_size(set);
    const hid_t file = H5Iget_file_id(set);
    hsize_t size = 0;
    const bool known = H5Fget_filesize(file, &size) >= 0;

    att_h5_close(file);
    if (!known || n > UINT64_MAX / bytes)
        return false;
    return n * bytes / DEFLATE_FACTOR <= stored && stored <= size;
}
