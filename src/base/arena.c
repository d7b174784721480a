/* arena.c - chained blocks, 64-byte aligned, freed by rewinding.
 *
 * Blocks double up to 64 MiB, so small tasks touch one block for ever and
 * large ones allocate a handful.  A rewind keeps the first block, which a
 * lane therefore allocates once. */
#include "attest/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "attest/base/size.h"

enum { ALIGNMENT = 64 };
static const size_t FIRST_BLOCK = (size_t)256 << 10;
static const size_t LARGEST_BLOCK = (size_t)64 << 20;
static const size_t HUGE_PAGE = (size_t)2 << 20;

struct block {
    struct block *below;
    size_t size; /* bytes of data */
    size_t used;
    uint64_t under; /* bytes used in the blocks below */
};

enum { HEAD = (sizeof(struct block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT };

struct att_arena {
    struct block *top; /* NULL: nothing allocated yet */
    uint64_t limit, peak, refused;
};

static char *block_data(struct block *b)
{
    return (char *)b + HEAD;
}

struct att_arena *att_arena_create(uint64_t limit_bytes)
{
    struct att_arena *arena = calloc(1, sizeof *arena);

    if (arena != NULL)
        arena->limit = limit_bytes;
    return arena;
}

static void pop_block(struct att_arena *arena)
{
    struct block *b = arena->top;

    arena->top = b->below;
    free(b);
}

void att_arena_destroy(struct att_arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->top != NULL)
        pop_block(arena);
    free(arena);
}

uint64_t att_arena_used(const struct att_arena *arena)
{
    return arena->top == NULL ? 0 : arena->top->under + arena->top->used;
}

static void *refuse(struct att_arena *arena, size_t bytes)
{
    if (arena->refused == 0)
        arena->refused = bytes;
    return NULL;
}

/* Large blocks on huge pages: fewer faults when they are filled, and about
 * twice the bandwidth when they are read in one stream. */
static struct block *allocate(size_t bytes)
{
    struct block *b = NULL;

    if (bytes < 2 * HUGE_PAGE)
        return aligned_alloc(ALIGNMENT, bytes);
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE; /* C11 wants it */
    b = aligned_alloc(HUGE_PAGE, bytes);
#ifdef MADV_HUGEPAGE
    if (b != NULL)
        (void)madvise(b, bytes, MADV_HUGEPAGE); /* advice: may be refused */
#endif
    return b;
}

static bool push_block(struct att_arena *arena, size_t bytes)
{
    size_t size = arena->top == NULL ? FIRST_BLOCK : arena->top->size * 2;

    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < bytes)
        size = bytes;
    struct block *b = allocate(HEAD + size);
    if (b == NULL)
        return false;
    *b = (struct block){
        .below = arena->top, .size = size, .under = att_arena_used(arena)};
    arena->top = b;
    return true;
}

static bool has_room(const struct att_arena *arena, size_t bytes)
{
    return arena->top != NULL && arena->top->size - arena->top->used >= bytes;
}

void *att_arena_alloc(struct att_arena *arena, size_t n, size_t size)
{
    size_t bytes = 0;

    if (!att_size_mul(n, size, &bytes) || bytes > SIZE_MAX / 2)
        return refuse(arena, SIZE_MAX);
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (arena->limit != 0 && att_arena_used(arena) + bytes > arena->limit)
        return refuse(arena, bytes);
    if (!has_room(arena, bytes) && !push_block(arena, bytes))
        return refuse(arena, bytes);
    void *start = block_data(arena->top) + arena->top->used;
    arena->top->used += bytes;
    const uint64_t used = att_arena_used(arena);
    if (used > arena->peak)
        arena->peak = used;
    return start;
}

void *att_arena_zero(struct att_arena *arena, size_t n, size_t size)
{
    void *start = att_arena_alloc(arena, n, size);

    if (start != NULL)
        memset(start, 0, n * size);
    return start;
}

char *att_arena_strdup(struct att_arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    const size_t n = strlen(text) + 1;
    char *copy = att_arena_alloc(arena, n, 1);
    if (copy != NULL)
        memcpy(copy, text, n);
    return copy;
}

char *att_arena_printf(struct att_arena *arena, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return NULL;
    char *text = att_arena_alloc(arena, (size_t)n + 1, 1);
    if (text != NULL) {
        va_start(args, fmt);
        (void)vsnprintf(text, (size_t)n + 1, fmt, args);
        va_end(args);
    }
    return text;
}

struct att_arena_mark att_arena_mark(const struct att_arena *arena)
{
    if (arena->top == NULL)
        return (struct att_arena_mark){NULL, 0};
    return (struct att_arena_mark){arena->top, arena->top->used};
}

void att_arena_rewind(struct att_arena *arena, struct att_arena_mark mark)
{
    while (arena->top != NULL && arena->top != mark.block &&
           arena->top->below != NULL)
        pop_block(arena);
    assert(mark.block == NULL || mark.block == arena->top);
    if (arena->top != NULL)
        arena->top->used = mark.used;
}

void att_arena_reset(struct att_arena *arena, uint64_t limit_bytes)
{
    att_arena_rewind(arena, (struct att_arena_mark){NULL, 0});
    arena->limit = limit_bytes;
    arena->peak = 0;
    arena->refused = 0;
}

uint64_t att_arena_peak(const struct att_arena *arena)
{
    return arena->peak;
}

uint64_t att_arena_refused(const struct att_arena *arena)
{
    return arena->refused;
}

void att_arena_explain(const struct att_arena *arena, const char *what,
                       struct att_error *err)
{
    char asked[ATT_HUMAN_TEXT];
    char limit[ATT_HUMAN_TEXT];

    (void)att_bytes_text(arena->refused, asked);
    (void)att_bytes_text(arena->limit, limit);
    if (arena->limit == 0) {
        (void)att_fail(err, ATT_E_NOMEM, "out of memory: %s needs %s", what,
                       asked);
    } else {
        (void)att_fail(err, ATT_E_NOMEM,
                       "out of memory: %s needs %s more than task_memory %s "
                       "leaves",
                       what, asked, limit);
    }
}
