/* arena.h - memory that is given back all at once.
 *
 * A task allocates from one arena, which the lane rewinds between tasks: a
 * construction cannot leak, its peak memory is a free metric, and the limit
 * of the study (task_memory) is enforced in one place. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/status.h"

struct att_arena; /* opaque */

/* limit_bytes: 0 means no limit.  Returns NULL when out of memory. */
struct att_arena *att_arena_create(uint64_t limit_bytes);
void att_arena_destroy(struct att_arena *arena); /* NULL is allowed */

/* A block of n * size bytes, aligned to 64, zero-filled for att_arena_zero;
 * NULL when the product overflows, the limit would be passed, or the system
 * has no memory.  n * size == 0 returns a valid pointer.  The arena remembers
 * a refusal (att_arena_refused) so that callers need one check at the end. */
void *att_arena_alloc(struct att_arena *arena, size_t n, size_t size);
void *att_arena_zero(struct att_arena *arena, size_t n, size_t size);

/* A copy of text (NULL stays NULL) that lives as long as the arena's blocks. */
char *att_arena_strdup(struct att_arena *arena, const char *text);
char *att_arena_printf(struct att_arena *arena, const char *fmt, ...)
    ATT_PRINTF(2, 3);

/* Typed shorthand: double *x = ATT_NEW(arena, double, n); */
#define ATT_NEW(arena, type, n)                                                \
    ((type *)att_arena_alloc(arena, n, sizeof(type)))
#define ATT_NEW0(arena, type, n)                                               \
    ((type *)att_arena_zero(arena, n, sizeof(type)))

/* Everything allocated after the mark is freed by the rewind. */
struct att_arena_mark {
    void *block;
    size_t used;
};
struct att_arena_mark att_arena_mark(const struct att_arena *arena);
void att_arena_rewind(struct att_arena *arena, struct att_arena_mark mark);

/* Rewind everything (the first block is kept), forget the peak and the
 * refusal, set a new limit. */
void att_arena_reset(struct att_arena *arena, uint64_t limit_bytes);

uint64_t att_arena_used(const struct att_arena *arena); /* bytes, now */
uint64_t att_arena_peak(const struct att_arena *arena); /* bytes, at most */
/* Bytes of the first request that was refused; 0 if none was. */
uint64_t att_arena_refused(const struct att_arena *arena);

/* A text that names the request and the limit. */
void att_arena_explain(const struct att_arena *arena, const char *what,
                       struct att_error *err);

/* ATT_E_NOMEM with that text, for
 * "if (x == NULL) return att_arena_fail(arena, "the pool", err);".
 * Inline, so that compilers and analysers see that it never is ATT_OK. */
static inline att_status att_arena_fail(const struct att_arena *arena,
                                        const char *what, struct att_error *err)
{
    att_arena_explain(arena, what, err);
    return ATT_E_NOMEM;
}
