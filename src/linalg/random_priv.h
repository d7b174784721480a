/* random_priv.h - the counter-based generator of each instruction set. */
#pragma once

#include "attest/base/rng.h"

/* The words of n whole blocks from block `first` on; out [4 n]. */
typedef void att_blocks_fn(const struct att_stream *s, uint64_t first, size_t n,
                           uint32_t *out);

/* The normals of n pairs of words in single precision; out [2 n]. */
typedef void att_pairs_fn(size_t n, const uint32_t *word, float *out);

att_blocks_fn att_blocks_portable;
att_pairs_fn att_pairs_portable;
#ifdef __x86_64__
att_blocks_fn att_blocks_avx2;
att_blocks_fn att_blocks_avx512;
att_pairs_fn att_pairs_avx2;
att_pairs_fn att_pairs_avx512;
#endif
