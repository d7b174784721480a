#include "attest/base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

static double read_clock(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double att_clock_s(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double att_clock_cpu_s(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double att_clock_wall_s(void)
{
    return read_clock(CLOCK_REALTIME);
}

const char *att_time_text(double wall_s, char out[ATT_TIME_TEXT])
{
    const time_t seconds = (time_t)floor(wall_s);
    struct tm t;

    if (gmtime_r(&seconds, &t) == NULL ||
        strftime(out, ATT_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &t) == 0)
        (void)snprintf(out, ATT_TIME_TEXT, "unknown");
    return out;
}

void att_sleep_s(double seconds)
{
    if (!(seconds > 0))
        return;
    struct timespec left = {.tv_sec = (time_t)seconds};

    left.tv_nsec = (long)((seconds - floor(seconds)) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}
