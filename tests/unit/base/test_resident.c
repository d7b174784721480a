/* test_resident.c - memory of this process, as the kernel counts it. */
#include "attest/base/resident.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { BLOCK = 64 << 20 };

/* Touch and give back a block: it stays in the peak only. */
static void touch_block(void)
{
    void *p = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CU_ASSERT_FATAL(p != MAP_FAILED);
    memset(p, 1, BLOCK);
    CU_ASSERT_EQUAL(munmap(p, BLOCK), 0);
}

static void the_peak_keeps_what_was_given_back(void)
{
    touch_block();
    CU_ASSERT(att_resident_peak() >= BLOCK);
}

/* In a fork, as lanes are: a program's own peak survives its exec. */
static int peak_after_forgetting(void)
{
    touch_block();
    const uint64_t high = att_resident_peak();

    if (!att_resident_forget())
        return 1;
    return att_resident_peak() + BLOCK / 2 < high ? 0 : 2;
}

static void a_forgotten_peak_starts_again(void)
{
    const pid_t pid = fork();
    int status = -1;

    CU_ASSERT_FATAL(pid >= 0);
    if (pid == 0)
        _exit(peak_after_forgetting());
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

static void statm_counts_resident_and_data_bytes(void)
{
    const int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    struct att_resident r = {0};

    CU_ASSERT_FATAL(statm >= 0);
    CU_ASSERT(att_resident_read(statm, &r));
    CU_ASSERT(r.rss_bytes > 0);
    CU_ASSERT(r.data_bytes > 0);
    CU_ASSERT_EQUAL(close(statm), 0);
    CU_ASSERT_FALSE(att_resident_read(-1, &r));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the peak keeps what was given back",
         the_peak_keeps_what_was_given_back},
        {"a forgotten peak starts again", a_forgotten_peak_starts_again},
        {"statm counts resident and data bytes",
         statm_counts_resident_and_data_bytes},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lane resident", tests);
}
