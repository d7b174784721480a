/* gnuplot.c - the program gnuplot as a function from scripts to pictures.
 *
 * Script, picture and complaints go through files in memory: the child never
 * waits for us, and nothing is left behind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "figure_priv.h"

#include "attest/base/buffer.h"
#include "attest/base/child.h"

enum { NOT_FOUND = 127 }; /* what env(1) ends with */

struct pipes {
    int script, picture, words; /* -1: not open */
};

static att_status open_pipes(struct pipes *p, struct att_error *err)
{
    p->script = memfd_create("script", MFD_CLOEXEC);
    p->picture = memfd_create("picture", MFD_CLOEXEC);
    p->words = memfd_create("words", MFD_CLOEXEC);
    if (p->script < 0 || p->picture < 0 || p->words < 0)
        return att_fail_errno(err, "cannot open files in memory");
    return ATT_OK;
}

static void close_pipes(const struct pipes *p)
{
    if (p->script >= 0)
        (void)close(p->script);
    if (p->picture >= 0)
        (void)close(p->picture);
    if (p->words >= 0)
        (void)close(p->words);
}

static att_status write_all(int fd, const struct att_buffer *text,
                            struct att_error *err)
{
    for (size_t done = 0; done < text->size;) {
        const ssize_t n = write(fd, text->data + done, text->size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return att_fail_errno(err, "cannot hand a script to gnuplot");
        done += (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) != 0)
        return att_fail_errno(err, "cannot hand a script to gnuplot");
    return ATT_OK;
}

static att_status read_all(int fd, struct att_buffer *out,
                           struct att_error *err)
{
    const off_t size = lseek(fd, 0, SEEK_END);
    char *bytes = size > 0 ? att_buffer_grow(out, (size_t)size) : NULL;

    if (size > 0 && bytes == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for a picture");
    for (off_t done = 0; done < size;) {
        const ssize_t n = pread(fd, bytes + done, (size_t)(size - done), done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return att_fail_errno(err, "cannot read what gnuplot drew");
        done += n;
    }
    return ATT_OK;
}

static att_status complain(const struct pipes *p, struct att_error *err)
{
    struct att_buffer words = {0};

    (void)read_all(p->words, &words, NULL);
    (void)att_fail(err, ATT_E_IO, "gnuplot could not draw: %.300s",
                   words.size > 0 ? words.data : "it said nothing");
    att_buffer_fini(&words);
    return ATT_E_IO;
}

/* gnuplot with numbers that have points, and the user's own settings left
 * out. */
static att_status run(const struct pipes *p, struct att_buffer *out,
                      struct att_error *err)
{
    const char *const words[] = {
        "/usr/bin/env", "-u", "GNUTERM", "LC_ALL=C.UTF-8",
        "gnuplot",      "-d", NULL};
    const struct att_child gnuplot = {
        .words = words, .in = p->script, .out = p->picture, .err = p->words};
    pid_t pid = 0;

    ATT_TRY(att_child_start(&gnuplot, &pid, err));

    const int code = att_child_wait(pid);

    if (code == NOT_FOUND) {
        return att_fail(err, ATT_E_UNSUPPORTED,
                        "gnuplot, which draws figures, is not on the PATH: "
                        "install gnuplot-nox (Debian name), or write the "
                        "numbers with --data");
    }
    return code == 0 ? read_all(p->picture, out, err) : complain(p, err);
}

att_status att_gnuplot(const struct att_buffer *script, struct att_buffer *out,
                       struct att_error *err)
{
    struct pipes p = {-1, -1, -1};
    att_status status =
        att_buffer_ok(script)
            ? open_pipes(&p, err)
            : att_fail(err, ATT_E_NOMEM, "out of memory for a figure");

    if (status == ATT_OK)
        status = write_all(p.script, script, err);
    if (status == ATT_OK)
        status = run(&p, out, err);
    close_pipes(&p);
    return status;
}
