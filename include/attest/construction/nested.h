/* nested.h - keys of every dimension up to the largest in one draw.
 *
 * The first d' coordinates of a key are those of a key of dimension d', so
 * that one pass over the coordinates serves a whole grid of dimensions: what
 * stands at grid point g has summed the segments 0 .. g, segment h being
 * coordinates d[h-1] .. d[h] - 1. */
#pragma once

#include "attest/construction/construction.h"
#include "attest/linalg/bits.h"

struct att_nested {
    uint32_t *d; /* [n] ascending, the last one the point's own d */
    bool *asked; /* [n] whether its line is reported */
    size_t n;
};

/* The grid of a case whose largest dimension is d: what `observe: d` asks for
 * (and d); else, when `all`, steps of 1 up to 50 and of 4 % beyond, or 1, 2,
 * 5, 10, ... where asked as `log`; else d alone.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_nested_grid(const struct att_case *c, size_t d,
                                       bool all, struct att_arena *arena,
                                       struct att_nested *out,
                                       struct att_error *err);

/* Segment g starts here. */
size_t att_nested_first(const struct att_nested *grid, size_t g);
/* The segment that holds coordinate m. */
size_t att_nested_segment(const struct att_nested *grid, size_t m);

/* Room for the signs of n keys, a matrix for each segment; NULL when the arena
 * refused. */
struct att_bits *att_nested_bits(const struct att_nested *grid, size_t n,
                                 struct att_arena *arena);
/* Key j has the signs in word (64 in each, one word more behind the last):
 * cut them into the segments. */
void att_nested_cut(const struct att_nested *grid, const uint64_t *word,
                    size_t j, struct att_bits *segment);
