/* list_priv.h - lists that grow in an arena. */
#pragma once

#include "attest/base/arena.h"

/* Room for item n (of `bytes` each) of a list that holds n: the list itself,
 * or a copy twice as long; what it was before stays behind in the arena.  NULL
 * when out of memory.  Lists that only grow through this need no capacity:
 * they are as long as the next power of two, and at least 16. */
void *att_list_grow(struct att_arena *arena, void *list, size_t n,
                    size_t bytes);
