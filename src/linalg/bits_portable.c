/* bits_portable.c - popcounts by adding neighbouring fields of a word, which
 * every processor can do in vectors. */
#include "bits_priv.h"

static inline uint32_t popcount(uint64_t x)
{
    x -= (x >> 1) & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) +
        ((x >> 2) & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    x += x >> 8;
    x += x >> 16;
    x += x >> 32;
    return (uint32_t)(x & 0x7f);
}

void att_bits_distance_rest(const struct att_bits *b, const uint64_t *row,
                            size_t first, size_t n, size_t j,
                            uint32_t *distance)
{
    for (size_t w = 0; w < n; w++) {
        const uint64_t *word = b->word + (first + w) * b->stride;
        const uint64_t mine = row[w];

        for (size_t k = j; k < b->n; k++)
            distance[k] += popcount(mine ^ word[k]);
    }
}

void att_bits_distance_portable(const struct att_bits *b, const uint64_t *row,
                                size_t first, size_t n, uint32_t *distance)
{
    att_bits_distance_rest(b, row, first, n, 0, distance);
}

struct att_bits_range att_bits_range_portable(const uint32_t *x, size_t n)
#include "bits_range.inc"
