/* clock.h - time of day, elapsed time, processor time. */
#pragma once

#include <stdint.h>

double att_clock_s(void);      /* monotonic seconds */
double att_clock_cpu_s(void);  /* processor seconds of this process */
double att_clock_wall_s(void); /* seconds since 1970, UTC */

enum { ATT_TIME_TEXT = 32 };

/* "2026-11-21T20:07:24Z" */
const char *att_time_text(double wall_s, char out[ATT_TIME_TEXT]);

void att_sleep_s(double seconds);
