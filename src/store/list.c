/* list.c - lists that grow in an arena. */
#include "list_priv.h"

#include <stdbool.h>
#include <string.h>

enum { SHORTEST = 16 };

void *att_list_grow(struct att_arena *arena, void *list, size_t n, size_t bytes)
{
    const bool full = n == 0 || (n >= SHORTEST && (n & (n - 1)) == 0);

    if (!full)
        return list;

    void *longer =
        att_arena_zero(arena, n < SHORTEST ? SHORTEST : 2 * n, bytes);

    if (longer != NULL && n > 0)
        memcpy(longer, list, n * bytes);
    return longer;
}
