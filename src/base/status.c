#include "attest/base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool first_failure(const struct att_error *err)
{
    return err != NULL && err->status == ATT_OK;
}

att_status att_fail(struct att_error *err, att_status status, const char *fmt,
                    ...)
{
    if (first_failure(err)) {
        va_list args;

        err->status = status;
        va_start(args, fmt);
        (void)vsnprintf(err->text, sizeof err->text, fmt, args);
        va_end(args);
    }
    return status;
}

att_status att_fail_errno(struct att_error *err, const char *fmt, ...)
{
    const int code = errno;

    if (first_failure(err)) {
        char reason[128];
        va_list args;

        err->status = ATT_E_IO;
        va_start(args, fmt);
        (void)vsnprintf(err->text, sizeof err->text, fmt, args);
        va_end(args);
        const size_t used = strlen(err->text);
        (void)snprintf(err->text + used, sizeof err->text - used, ": %s",
                       strerror_r(code, reason, sizeof reason));
    }
    return ATT_E_IO;
}

#define ATT_STATUS_TEXT(name, text) text,
static const char *const TEXT[] = {ATT_STATUS_LIST(ATT_STATUS_TEXT)};

const char *att_status_text(att_status status)
{
    const size_t i = (size_t)status;

    return i < sizeof TEXT / sizeof TEXT[0] ? TEXT[i] : "unknown status";
}
