/* writer.c - write under another name, then rename. */
#include "attest/base/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const struct att_writer CLOSED = {.fd = -1};

static att_status open_named(struct att_writer *w, const char *path,
                             struct att_error *err)
{
    att_buffer_text(&w->path, path);
    att_buffer_printf(&w->name, "%s.%ld.tmp", path, (long)getpid());
    if (!att_buffer_ok(&w->path) || !att_buffer_ok(&w->name))
        return att_fail(err, ATT_E_NOMEM, "out of memory writing %s", path);
    w->fd = open(w->name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w->fd < 0)
        return att_fail_errno(err, "cannot create %s", path);
    return ATT_OK;
}

att_status att_writer_open(const char *path, struct att_writer *writer,
                           struct att_error *err)
{
    *writer = CLOSED;

    const att_status status = open_named(writer, path, err);

    if (status != ATT_OK)
        att_writer_drop(writer);
    return status;
}

att_status att_writer_put(struct att_writer *writer, const void *bytes,
                          size_t n, struct att_error *err)
{
    const char *at = bytes;

    while (n > 0) {
        const ssize_t done = write(writer->fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return att_fail_errno(err, "cannot write %s", writer->path.data);
        at += done;
        n -= (size_t)done;
    }
    return ATT_OK;
}

static att_status settle(struct att_writer *w, bool sync, struct att_error *err)
{
    const int fd = w->fd;

    if (sync && fsync(fd) != 0)
        return att_fail_errno(err, "cannot sync %s", w->path.data);
    w->fd = -1;
    if (close(fd) != 0)
        return att_fail_errno(err, "cannot close %s", w->path.data);
    if (rename(w->name.data, w->path.data) != 0) {
        return att_fail_errno(err, "cannot rename %s to %s", w->name.data,
                              w->path.data);
    }
    att_buffer_fini(&w->name);
    return ATT_OK;
}

att_status att_writer_finish(struct att_writer *writer, bool sync,
                             struct att_error *err)
{
    const att_status status = settle(writer, sync, err);

    att_writer_drop(writer);
    return status;
}

void att_writer_drop(struct att_writer *writer)
{
    if (writer->name.size > 0) {
        if (writer->fd >= 0)
            (void)close(writer->fd);
        (void)unlink(writer->name.data);
    }
    att_buffer_fini(&writer->name);
    att_buffer_fini(&writer->path);
    *writer = CLOSED;
}
