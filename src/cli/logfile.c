#include "logfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"

static const char *const LEVELS[] = {
    [ATT_LOG_INFO] = "info",
    [ATT_LOG_WARNING] = "warning",
    [ATT_LOG_ERROR] = "error",
};

/* One write per line, so that lines of several processes do not mix. */
static void sink(void *context, enum att_log_level level, const char *line)
{
    struct cli_logfile *l = context;
    char time[ATT_TIME_TEXT];
    char text[1200];

    if (l->descriptor >= 0) {
        const int n = snprintf(text, sizeof text, "%s %s rank %u: %s\n",
                               att_time_text(att_clock_wall_s(), time),
                               LEVELS[level], l->rank, line);
        /* A log that cannot be written must not stop the run. */
        (void)!write(l->descriptor, text,
                     n < (int)sizeof text ? (size_t)n : sizeof text - 1);
    }
    if (level == ATT_LOG_ERROR || (level == ATT_LOG_WARNING && !l->quiet))
        (void)fprintf(stderr, "attest: %s: %s\n", LEVELS[level], line);
}

void cli_logfile_start(struct cli_logfile *l, uint32_t rank, bool quiet)
{
    *l = (struct cli_logfile){.descriptor = -1, .rank = rank, .quiet = quiet};
    att_log_set(sink, l);
}

bool cli_logfile_open(struct cli_logfile *l, const char *path)
{
    l->descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    return l->descriptor >= 0;
}

void cli_logfile_stop(struct cli_logfile *l)
{
    att_log_set(NULL, NULL);
    if (l->descriptor >= 0)
        (void)close(l->descriptor);
    l->descriptor = -1;
}
