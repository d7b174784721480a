/* random_portable.c - blocks as base draws them. */
#include "random_priv.h"

#include <math.h>
#include <string.h>

void att_blocks_portable(const struct att_stream *s, uint64_t first, size_t n,
                         uint32_t *out)
{
    att_stream_words(s, 4 * first, 4 * n, out);
}

#define PAIRS_FN    att_pairs_portable
#define PAIRS_BYTES 16
#define TOGETHER    2
#define SQUARE_ROOT(x)                                                         \
    (numbers)                                                                  \
    {                                                                          \
        sqrtf((x)[0]), sqrtf((x)[1]), sqrtf((x)[2]), sqrtf((x)[3])             \
    }
#define FIRST      0, 2, 4, 6
#define SECOND     1, 3, 5, 7
#define PAIRS_LOW  0, 4, 1, 5
#define PAIRS_HIGH 2, 6, 3, 7
#include "random_pairs.inc"
