/* resident.h - how much memory this process holds.
 *
 * For work functions that report the peak of one unit: forget the peak before
 * the unit (about 1 us), read it after (about 0.3 us). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes resident at most since the process was forked or the peak was last
 * forgotten. */
uint64_t att_resident_peak(void);

/* Let the peak start again from what is resident now; false when the kernel
 * does not offer it (/proc/self/clear_refs): then the peak only grows. */
bool att_resident_forget(void);

/* What /proc/PID/statm says; zeros once the process has ended. */
struct att_resident {
    uint64_t rss_bytes;  /* resident now */
    uint64_t data_bytes; /* private and writable, resident or not */
};

/* Read an open /proc/PID/statm; false when it cannot be read. */
bool att_resident_read(int statm, struct att_resident *out);
