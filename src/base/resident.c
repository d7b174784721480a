#include "attest/base/resident.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

uint64_t att_resident_peak(void)
{
    struct rusage use;

    if (getrusage(RUSAGE_SELF, &use) != 0)
        return 0;
    return (uint64_t)use.ru_maxrss << 10;
}

bool att_resident_forget(void)
{
    const int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    const bool done = write(fd, "5", 1) == 1;
    (void)close(fd);
    return done;
}

/* Pages: size, resident, shared, text, library (0), data and stack. */
static bool parse_statm(const char *line, uint64_t *resident, uint64_t *data)
{
    uint64_t field[6];
    const char *at = line;

    for (int i = 0; i < 6; i++) {
        char *end = NULL;

        field[i] = strtoull(at, &end, 10);
        if (end == at)
            return false;
        at = end;
    }
    *resident = field[1];
    *data = field[5];
    return true;
}

bool att_resident_read(int statm, struct att_resident *out)
{
    char line[160];
    uint64_t resident = 0, data = 0;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const ssize_t n = pread(statm, line, sizeof line - 1, 0);

    if (n <= 0)
        return false;
    line[n] = '\0';
    if (!parse_statm(line, &resident, &data))
        return false;
    out->rss_bytes = resident * page;
    out->data_bytes = data * page;
    return true;
}
