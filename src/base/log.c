#include "attest/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
    att_log_fn sink;
    void *context;
} the_log; /* the one mutable global, set once by cli */

void att_log_set(att_log_fn sink, void *context)
{
    the_log.sink = sink;
    the_log.context = context;
}

void att_log(enum att_log_level level, const char *fmt, ...)
{
    char line[1024];
    va_list args;

    if (the_log.sink == NULL)
        return;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    the_log.sink(the_log.context, level, line);
}
