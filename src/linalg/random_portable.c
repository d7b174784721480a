/* random_portable.c - blocks as base draws them. */
#include "random_priv.h"

#include <math.h>
#include <string.h>

void att_blocks_portable(const struct att_stream *s, uint64_t first, size_t n,
                         uint32_t *out)
{
    att_stream_words(s, 4 * first, 4 * n, out);
}

#define PAIRS_FN att_pairs_portable
#include "random_pairs.inc"
