/* group.h - inner products of keys that form a group, without the keys.
 *
 * Keys whose inner products depend on the exclusive or of their numbers,
 * <y_l, y_j> = s_l s_j h[l xor j], make every row of sparse combinations of
 * keys a sum of a few permuted copies of one table: a row of n logits costs
 * terms * n instead of d * n.
 *
 * Every function gives the same bits in every instruction set: a number is
 * fma(coef[q], h[at[q] xor j], ...) for q = 0, 1, ... from 0, then times
 * sign[j].
 *
 * Source: kernel K2, docs/theory/patterns.md. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct att_group {
    const float *h;    /* [n], aligned to 64 bytes */
    size_t n;          /* a power of two */
    const float *sign; /* [>= last column + 1], +-1; NULL: all +1 */
};

struct att_terms {
    const uint32_t *at; /* [n], all < group n */
    const float *coef;  /* [n] */
    size_t n;
};

/* out[t] = number of column first + t, for t < count; first + count <= the
 * group's n.  Fast where first and count are multiples of 64, as below. */
void att_xor_row(const struct att_group *g, const struct att_terms *terms,
                 size_t first, size_t count, float *out);

/* The largest of them; count >= 1. */
float att_xor_max(const struct att_group *g, const struct att_terms *terms,
                  size_t first, size_t count);
