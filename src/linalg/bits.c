/* bits.c - sign matrices as words, and the popcount kernel in use. */
#include "attest/linalg/bits.h"

#include <assert.h>
#include <string.h>

#include "attest/linalg/cpu.h"
#include "bits_priv.h"

struct att_bits att_bits_new(struct att_arena *arena, size_t n, size_t d)
{
    const size_t n_words = d / 64 + (d % 64 != 0);

    /* n * n_words words cannot wrap around unnoticed: the arena multiplies. */
    return (struct att_bits){
        .word = n_words > SIZE_MAX / sizeof(uint64_t)
                    ? NULL
                    : att_arena_zero(arena, n, n_words * sizeof(uint64_t)),
        .n = n,
        .d = d,
        .n_words = n_words,
        .stride = n,
    };
}

int att_bits_sign(const struct att_bits *b, size_t j, size_t k)
{
    assert(j < b->n && k < b->d);
    return (b->word[k / 64 * b->stride + j] >> (k % 64) & 1) != 0 ? 1 : -1;
}

void att_bits_set(struct att_bits *b, size_t j, size_t k, int sign)
{
    assert(j < b->n && k < b->d);
    uint64_t *word = &b->word[k / 64 * b->stride + j];
    const uint64_t bit = UINT64_C(1) << (k % 64);

    *word = sign > 0 ? *word | bit : *word & ~bit;
}

void att_bits_distance(const struct att_bits *b, const uint64_t *row,
                       size_t first, size_t n, uint32_t *distance)
{
    assert(first + n <= b->n_words);
#ifdef __x86_64__
    static att_distance_fn *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = att_bits_distance_portable,
        [ATT_ISA_AVX2] = att_bits_distance_avx2,
        [ATT_ISA_AVX512] = att_bits_distance_avx512,
    };

    TABLE[att_isa_used()](b, row, first, n, distance);
#else
    att_bits_distance_portable(b, row, first, n, distance);
#endif
}

struct att_bits_range att_bits_range(const uint32_t *x, size_t n)
{
#ifdef __x86_64__
    static att_range_fn *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = att_bits_range_portable,
        [ATT_ISA_AVX2] = att_bits_range_avx2,
        [ATT_ISA_AVX512] = att_bits_range_avx512,
    };

    return TABLE[att_isa_used()](x, n);
#else
    return att_bits_range_portable(x, n);
#endif
}

void att_bits_row(const struct att_bits *b, size_t j, size_t first, size_t n,
                  uint64_t *out)
{
    assert(j < b->n && first + n <= b->n_words);
    for (size_t w = 0; w < n; w++)
        out[w] = b->word[(first + w) * b->stride + j];
}

/* distance[j] += bits in which row i of b differs from row j of `to`, whose
 * words are those of b; a query's words are gathered a chunk at a time. */
static void add_distances(const struct att_bits *b, size_t i,
                          const struct att_bits *to, uint32_t *distance)
{
    enum { CHUNK = 64 };
    uint64_t row[CHUNK];

    assert(b->d <= INT32_MAX);
    for (size_t first = 0; first < b->n_words; first += CHUNK) {
        const size_t left = b->n_words - first;
        const size_t n = left < CHUNK ? left : CHUNK;

        att_bits_row(b, i, first, n, row);
        att_bits_distance(to, row, first, n, distance);
    }
}

void att_bits_gram_row(const struct att_bits *b, size_t i, int32_t *out)
{
    memset(out, 0, b->n * sizeof *out);
    /* C lets a signed object be written as its unsigned type. */
    add_distances(b, i, b, (uint32_t *)out);
    for (size_t j = 0; j < b->n; j++)
        out[j] = (int32_t)b->d - 2 * out[j];
}

int32_t att_bits_dot(const struct att_bits *b, size_t i, size_t j)
{
    struct att_bits one = *b;
    uint32_t distance = 0;

    assert(j < b->n);
    one.word += j;
    one.n = 1;
    add_distances(b, i, &one, &distance);
    return (int32_t)b->d - 2 * (int32_t)distance;
}
