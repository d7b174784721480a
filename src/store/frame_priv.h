/* frame_priv.h - columns being filled: memory, texts, cells. */
#pragma once

#include "attest/store/table.h"

/* Texts that live as long as a frame, the same text mostly once. */
enum { POOL_RECENT = 256 };
struct text_pool {
    struct att_arena *arena;
    char *free; /* left bytes */
    size_t left;
    const char *recent[POOL_RECENT];
};
void att_pool_init(struct text_pool *pool, struct att_arena *arena);
/* A lasting copy of text, bytes that are no UTF-8 replaced; NULL when out of
 * memory. */
const char *att_pool_text(struct text_pool *pool, const char *text);

/* Cells for n rows on the heap, all missing: NaN, 0, "".
 * Fails: ATT_E_NOMEM; frame is empty then. */
ATT_CHECKED att_status att_frame_create(struct att_frame *frame,
                                        const struct att_field *field,
                                        uint32_t n_fields, size_t n,
                                        struct att_error *err);
/* Make room for n >= frame->n rows; new ones are missing.
 * Fails: ATT_E_NOMEM; frame is as it was. */
ATT_CHECKED att_status att_frame_resize(struct att_frame *frame, size_t n,
                                        struct att_error *err);
void att_frame_destroy(struct att_frame *frame); /* an empty one is allowed */
size_t att_cell_bytes(enum att_cell_type type);

/* Put a value into a cell, converted to the cell's type; what does not fit
 * (a missing number, a text where a number belongs) becomes missing. */
void att_frame_set(struct att_frame *frame, size_t i, uint32_t field,
                   struct att_value v, struct text_pool *pool);
