/* matrix.c - matrices in an arena. */
#include "attest/linalg/matrix.h"

#include "attest/base/size.h"

/* rows * cols zeroed elements, or NULL. */
static void *new_block(struct att_arena *arena, size_t rows, size_t cols,
                       size_t element)
{
    size_t n = 0;

    /* A product that wraps asks for more than any limit, so that the arena
     * remembers the refusal. */
    if (!att_size_mul(rows, cols, &n))
        n = SIZE_MAX;
    return att_arena_zero(arena, n, element);
}

struct att_mat att_mat_new(struct att_arena *arena, size_t rows, size_t cols)
{
    return (struct att_mat){
        .data = new_block(arena, rows, cols, sizeof(double)),
        .rows = rows,
        .cols = cols,
        .stride = cols,
    };
}

struct att_matf att_matf_new(struct att_arena *arena, size_t rows, size_t cols)
{
    return (struct att_matf){
        .data = new_block(arena, rows, cols, sizeof(float)),
        .rows = rows,
        .cols = cols,
        .stride = cols,
    };
}
