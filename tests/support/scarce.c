#include "scarce.h"

#include <errno.h>
#include <stddef.h>

/* The linker resolves the symbol __real_x to the allocator and x to __wrap_x. */
#define SYMBOL(name_) __asm__(name_)
void *real_malloc(size_t n) SYMBOL("__real_malloc");
void *real_calloc(size_t n, size_t size) SYMBOL("__real_calloc");
void *real_realloc(void *old, size_t n) SYMBOL("__real_realloc");
void *real_aligned_alloc(size_t alignment, size_t n)
    SYMBOL("__real_aligned_alloc");
void *wrap_malloc(size_t n) SYMBOL("__wrap_malloc");
void *wrap_calloc(size_t n, size_t size) SYMBOL("__wrap_calloc");
void *wrap_realloc(void *old, size_t n) SYMBOL("__wrap_realloc");
void *wrap_aligned_alloc(size_t alignment, size_t n)
    SYMBOL("__wrap_aligned_alloc");

static struct {
    bool limited, failed;
    uint64_t left;
} supply;

void scarce_begin(uint64_t n)
{
    supply.limited = true;
    supply.failed = false;
    supply.left = n;
}

bool scarce_end(void)
{
    supply.limited = false;
    return supply.failed;
}

static bool exhausted(void)
{
    if (!supply.limited)
        return false;
    if (supply.left > 0) {
        supply.left--;
        return false;
    }
    supply.failed = true;
    errno = ENOMEM;
    return true;
}

void *wrap_malloc(size_t n)
{
    return exhausted() ? NULL : real_malloc(n);
}

void *wrap_calloc(size_t n, size_t size)
{
    return exhausted() ? NULL : real_calloc(n, size);
}

void *wrap_realloc(void *old, size_t n)
{
    return exhausted() ? NULL : real_realloc(old, n);
}

void *wrap_aligned_alloc(size_t alignment, size_t n)
{
    return exhausted() ? NULL : real_aligned_alloc(alignment, n);
}
