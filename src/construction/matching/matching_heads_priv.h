/* matching_heads_priv.h - what one party can say of a standard head.
 *
 * Notation: head h gives the token at position j with bit v of the set (an
 * element is in it, or not) the score s and the value z; Alice holds tokens
 * 0 .. n.  Her message is, for each head, sum exp(s) z and ln sum exp(s) over
 * her tokens, each a fixed-point number of p bits in [-32, 32) and [-8, 8):
 * all that the output of the layer needs to know of her tokens. */
#pragma once

#include "attest/problem/disjointness.h"

enum { MATCH_HEAD_NUMBERS = 4 }; /* s and z without the element, s and z with */

struct match_heads {
    size_t n, n_heads;
    int bits;             /* p */
    const double *number; /* [n_heads, n + 1, 4] */
};

/* The message of the set a: code [2 n_heads], each 0 .. 2^p - 1. */
void att_match_message(const struct match_heads *heads, uint32_t a,
                       int32_t *code);

struct match_census {
    int64_t distinct;   /* different messages of the 2^n sets */
    int64_t collisions; /* 2^n - distinct */
    int64_t separated;  /* collisions that leave an input answered wrongly */
    uint32_t a, other;  /* the first one; equal when there is none */
};

/* Count messages, and for each repeated one take the set b = {k} of the least
 * element k in which the two sets differ: the inputs (a, b) and (a', b) have
 * different truths and, to Bob, look alike.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_match_census(const struct match_heads *heads,
                                        struct att_arena *scratch,
                                        struct match_census *out,
                                        struct att_error *err);

/* The least element in which two sets differ, as a set. */
uint32_t att_match_difference(uint32_t a, uint32_t other);
