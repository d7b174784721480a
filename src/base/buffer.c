#include "attest/base/buffer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/writer.h"

void att_buffer_fini(struct att_buffer *b)
{
    free(b->data);
    *b = (struct att_buffer){0};
}

void att_buffer_clear(struct att_buffer *b)
{
    b->size = 0;
    b->failed = false;
}

bool att_buffer_ok(const struct att_buffer *b)
{
    return !b->failed;
}

/* Room for n more bytes and the closing zero. */
static bool reserve(struct att_buffer *b, size_t n)
{
    if (b->failed || n > SIZE_MAX / 4 || b->size > SIZE_MAX / 4)
        b->failed = true;
    if (b->failed)
        return false;
    const size_t need = b->size + n + 1;
    if (need <= b->capacity)
        return true;
    size_t capacity = b->capacity == 0 ? 256 : b->capacity * 2;
    if (capacity < need)
        capacity = need;
    char *data = realloc(b->data, capacity);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

void *att_buffer_grow(struct att_buffer *b, size_t n)
{
    if (!reserve(b, n))
        return NULL;
    char *start = b->data + b->size;
    b->size += n;
    b->data[b->size] = '\0';
    return start;
}

void att_buffer_append(struct att_buffer *b, const void *bytes, size_t n)
{
    void *to = att_buffer_grow(b, n);

    if (to != NULL && n > 0)
        memcpy(to, bytes, n);
}

void att_buffer_text(struct att_buffer *b, const char *text)
{
    att_buffer_append(b, text, strlen(text));
}

void att_buffer_printf(struct att_buffer *b, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *to = n < 0 ? NULL : att_buffer_grow(b, (size_t)n);
    if (to != NULL) {
        va_start(args, fmt);
        (void)vsnprintf(to, (size_t)n + 1, fmt, args);
        va_end(args);
    }
}

void att_buffer_drop(struct att_buffer *b, size_t n)
{
    assert(n <= b->size);
    if (n == 0)
        return;
    memmove(b->data, b->data + n, b->size - n);
    b->size -= n;
    b->data[b->size] = '\0';
}

static att_status read_most(int fd, const char *path, size_t most,
                            struct att_buffer *out, struct att_error *err)
{
    const size_t before = out->size;

    for (;;) {
        enum { STEP = 1 << 16 };
        const size_t left = most - (out->size - before);
        char *to = att_buffer_grow(out, STEP);

        if (to == NULL)
            return att_fail(err, ATT_E_NOMEM, "out of memory reading %s", path);
        const ssize_t n = read(fd, to, left < STEP ? left : STEP);
        out->size -= STEP - (size_t)(n > 0 ? n : 0);
        out->data[out->size] = '\0';
        if (n == 0)
            return ATT_OK;
        if (n < 0 && errno != EINTR)
            return att_fail_errno(err, "cannot read %s", path);
    }
}

att_status att_file_read_upto(const char *path, size_t most,
                              struct att_buffer *out, struct att_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return att_fail_errno(err, "cannot open %s", path);
    const att_status status = read_most(fd, path, most, out, err);
    (void)close(fd);
    return status;
}

att_status att_file_read(const char *path, struct att_buffer *out,
                         struct att_error *err)
{
    return att_file_read_upto(path, SIZE_MAX, out, err);
}

att_status att_file_replace(const char *path, const void *bytes, size_t n,
                            bool sync, struct att_error *err)
{
    struct att_writer writer;

    ATT_TRY(att_writer_open(path, &writer, err));
    const att_status status = att_writer_put(&writer, bytes, n, err);

    if (status == ATT_OK)
        return att_writer_finish(&writer, sync, err);
    att_writer_drop(&writer);
    return status;
}
