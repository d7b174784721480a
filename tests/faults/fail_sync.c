/* fail_sync.c - preloaded before attest: fdatasync works FAIL_SYNC_AFTER times,
 * then finds the disk full. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

/* as in <unistd.h>, which names the argument otherwise */
int fdatasync(int fd);
int fsync(int fd);

int fdatasync(int fd)
{
    static atomic_long n_calls;
    const char *const after = getenv("FAIL_SYNC_AFTER");

    if (after != NULL &&
        atomic_fetch_add(&n_calls, 1) < strtol(after, NULL, 10))
        return fsync(fd);
    errno = ENOSPC;
    return -1;
}
