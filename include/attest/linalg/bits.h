/* bits.h - rows of signs as bits, and their exact inner products.
 *
 * A matrix of signs s [n, d] is stored word-major: bit k of word w of row j,
 * sign k + 64 w of that row, stands in word[w * stride + j]; 1 is +1.  Bits
 * beyond d are 0.  <s_i, s_j> = d - 2 popcount(s_i xor s_j), exactly, and the
 * first d' signs of a row are a prefix: nested dimensions share the words. */
#pragma once

#include <stdint.h>

#include "attest/linalg/matrix.h"

struct att_bits {
    uint64_t *word; /* [n_words, stride] */
    size_t n, d;    /* rows; signs of a row */
    size_t n_words; /* ceil(d / 64) */
    size_t stride;  /* >= n */
};

/* All signs -1; word == NULL when the arena refused. */
struct att_bits att_bits_new(struct att_arena *arena, size_t n, size_t d);

/* Sign k of row j, +1 or -1, and how to set it. */
int att_bits_sign(const struct att_bits *b, size_t j, size_t k);
void att_bits_set(struct att_bits *b, size_t j, size_t k, int sign);

/* distance[j] += popcount of row xor row j over words first .. first+n-1, for
 * all rows j.  row holds the n words of the query, contiguous.  distance [b->n]
 * is not cleared: a longer d adds its words to what is there. */
void att_bits_distance(const struct att_bits *b, const uint64_t *row,
                       size_t first, size_t n, uint32_t *distance);

/* Least and largest of n >= 1 counts. */
struct att_bits_range {
    uint32_t least, most;
};
struct att_bits_range att_bits_range(const uint32_t *x, size_t n);

/* out[k] = word first + k of row j, for k < n. */
void att_bits_row(const struct att_bits *b, size_t j, size_t first, size_t n,
                  uint64_t *out);

/* out[j] = <row i, row j> for all j, exactly. */
void att_bits_gram_row(const struct att_bits *b, size_t i, int32_t *out);

/* <row i, row j>, exactly. */
int32_t att_bits_dot(const struct att_bits *b, size_t i, size_t j);
