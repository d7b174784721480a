/* bits_priv.h - the popcount kernel of each instruction set. */
#pragma once

#include "attest/linalg/bits.h"

/* As att_bits_distance. */
typedef void att_distance_fn(const struct att_bits *b, const uint64_t *row,
                             size_t first, size_t n, uint32_t *distance);

/* As att_bits_range. */
typedef struct att_bits_range att_range_fn(const uint32_t *x, size_t n);

att_distance_fn att_bits_distance_portable;

/* As att_bits_distance for the rows from j on: what a kernel of many rows at
 * a time leaves over. */
void att_bits_distance_rest(const struct att_bits *b, const uint64_t *row,
                            size_t first, size_t n, size_t j,
                            uint32_t *distance);

att_range_fn att_bits_range_portable;
#ifdef __x86_64__
att_distance_fn att_bits_distance_avx2;
att_distance_fn att_bits_distance_avx512;
att_range_fn att_bits_range_avx2;
att_range_fn att_bits_range_avx512;
#endif
