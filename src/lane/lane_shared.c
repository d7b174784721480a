#include "lane_shared_priv.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static_assert(sizeof(struct att_lane_page) % sizeof(uint64_t) == 0,
              "a page is a whole number of words");
static_assert((ATT_LANE_SLOTS & (ATT_LANE_SLOTS - 1)) == 0,
              "job numbers wrap around at 2^32");
static_assert(sizeof(struct att_lane_frame) == 24, "frames have no padding");

void *att_lane_map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void att_lane_unmap(void *memory, size_t bytes)
{
    if (memory != NULL)
        (void)munmap(memory, bytes);
}

void att_lane_shared_reset(struct att_lane_shared *s)
{
    static const struct att_lane_page idle;

    atomic_store(&s->turnstile, 0);
    atomic_store(&s->asleep, 0);
    atomic_store(&s->consumed, 0);
    atomic_store(&s->written, 0);
    atomic_store(&s->base_bytes, 0);
    atomic_store(&s->version, 0);
    att_lane_page_write(s, &idle);
}

/* ---- the turnstile ------------------------------------------------------ */

static uint32_t published_of(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

static uint32_t started_of(uint64_t word)
{
    return (uint32_t)word;
}

void att_lane_publish(struct att_lane_shared *s, uint32_t n)
{
    atomic_fetch_add(&s->turnstile, (uint64_t)n << 32);
}

bool att_lane_waits(const struct att_lane_shared *s)
{
    const uint64_t word = atomic_load(&s->turnstile);

    return published_of(word) != started_of(word);
}

bool att_lane_start_next(struct att_lane_shared *s, uint32_t *number)
{
    uint64_t word = atomic_load(&s->turnstile);

    for (;;) {
        const uint32_t started = started_of(word);

        if (published_of(word) == started)
            return false;
        const uint64_t next =
            (uint64_t)published_of(word) << 32 | (uint32_t)(started + 1);
        if (atomic_compare_exchange_weak(&s->turnstile, &word, next)) {
            *number = started;
            return true;
        }
    }
}

struct att_lane_turns att_lane_turns(const struct att_lane_shared *s)
{
    const uint64_t word = atomic_load(&s->turnstile);

    return (struct att_lane_turns){published_of(word), started_of(word)};
}

uint32_t att_lane_unpublish(struct att_lane_shared *s)
{
    uint64_t word = atomic_load(&s->turnstile);

    for (;;) {
        const uint32_t started = started_of(word);
        const uint64_t closed = (uint64_t)started << 32 | started;

        if (atomic_compare_exchange_weak(&s->turnstile, &word, closed))
            return started;
    }
}

/* ---- the ring of bytes -------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

uint64_t att_lane_unread(const struct att_lane_shared *s)
{
    return atomic_load_explicit(&s->written, memory_order_relaxed) -
           atomic_load(&s->consumed);
}

size_t att_lane_write(struct att_lane_shared *s, const void *bytes, size_t n)
{
    const uint64_t written =
        atomic_load_explicit(&s->written, memory_order_relaxed);
    const size_t room = (size_t)(ATT_LANE_ROW_BYTES - att_lane_unread(s));
    const size_t at = (size_t)(written % ATT_LANE_ROW_BYTES);
    const size_t fits = least(n, room);
    const size_t first = least(fits, ATT_LANE_ROW_BYTES - at);

    memcpy(s->row + at, bytes, first);
    memcpy(s->row, (const char *)bytes + first, fits - first);
    atomic_store_explicit(&s->written, written + fits, memory_order_release);
    return fits;
}

bool att_lane_drain(struct att_lane_shared *s, uint64_t *consumed,
                    struct att_buffer *in)
{
    const uint64_t written =
        atomic_load_explicit(&s->written, memory_order_acquire);
    const uint64_t n = written - *consumed;
    const size_t at = (size_t)(*consumed % ATT_LANE_ROW_BYTES);

    if (n == 0)
        return true;
    if (n > ATT_LANE_ROW_BYTES)
        return false;
    const size_t first = least((size_t)n, ATT_LANE_ROW_BYTES - at);
    att_buffer_append(in, s->row + at, first);
    att_buffer_append(in, s->row, (size_t)n - first);
    *consumed = written;
    atomic_store(&s->consumed, written);
    return att_buffer_ok(in);
}

/* ---- the page ----------------------------------------------------------- */

void att_lane_page_write(struct att_lane_shared *s,
                         const struct att_lane_page *page)
{
    uint64_t word[ATT_LANE_PAGE_WORDS];
    const uint32_t version =
        atomic_load_explicit(&s->version, memory_order_relaxed);

    memcpy(word, page, sizeof word);
    atomic_store_explicit(&s->version, version + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    for (size_t i = 0; i < ATT_LANE_PAGE_WORDS; i++)
        atomic_store_explicit(&s->page[i], word[i], memory_order_relaxed);
    atomic_store_explicit(&s->version, version + 2, memory_order_release);
}

/* One attempt; false when a write came between. */
static bool read_page(const struct att_lane_shared *s,
                      struct att_lane_page *page)
{
    uint64_t word[ATT_LANE_PAGE_WORDS];
    const uint32_t before =
        atomic_load_explicit(&s->version, memory_order_acquire);

    for (size_t i = 0; i < ATT_LANE_PAGE_WORDS; i++)
        word[i] = atomic_load_explicit(&s->page[i], memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    memcpy(page, word, sizeof *page);
    return before % 2 == 0 &&
           atomic_load_explicit(&s->version, memory_order_relaxed) == before;
}

/* A lane that crashed may have left anything here. */
static void clean_page(struct att_lane_page *page)
{
    page->phase[ATT_LANE_PHASE - 1] = '\0';
    for (char *c = page->phase; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
    page->done = fmin(fmax(page->done, 0), 1); /* NaN becomes 0 */
    page->since = fmin(fmax(page->since, 0), DBL_MAX);
    page->cpu_before = fmin(fmax(page->cpu_before, 0), DBL_MAX);
}

/* A live writer is done after a few tries; a dead one never. */
void att_lane_page_read(const struct att_lane_shared *s,
                        struct att_lane_page *page)
{
    enum { TRIES = 1000 };

    for (int i = 0; i < TRIES && !read_page(s, page); i++)
        continue;
    clean_page(page);
}

/* ---- sleeping and waking ------------------------------------------------ */

/* A full pipe is as good as a byte in it. */
static void write_byte(int fd, const void *bytes, size_t n)
{
    const ssize_t done = write(fd, bytes, n);

    (void)done;
}

void att_lane_wake(struct att_lane_shared *s, int pipe)
{
    if (atomic_load(&s->asleep) != 0 && atomic_exchange(&s->asleep, 0) != 0)
        write_byte(pipe, "", 1);
}

void att_lane_ring(struct att_lane_bell *bell, int fd)
{
    static const uint64_t once = 1;

    if (atomic_exchange(&bell->rung, 1) == 0)
        write_byte(fd, &once, sizeof once);
}
