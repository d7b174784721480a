/* test_bits.c - packed signs against the plain product of signs. */
#include "attest/linalg/bits.h"

#include <string.h>

#include "attest/base/arena.h"
#include "attest/base/rng.h"
#include "attest/linalg/cpu.h"
#include "attest/linalg/fwht.h"
#include "unit.h"

static struct att_arena *arena;

static int start(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int stop(void)
{
    att_arena_destroy(arena);
    return 0;
}

static struct att_bits random_bits(size_t n, size_t d)
{
    struct att_bits b = att_bits_new(arena, n, d);

    CU_ASSERT_PTR_NOT_NULL_FATAL(b.word);
    for (size_t j = 0; j < n; j++) {
        const struct att_stream s = att_stream(3, 1, 0, (uint32_t)j);

        for (size_t k = 0; k < d; k++)
            att_bits_set(&b, j, k, att_stream_below(&s, k, 2) != 0 ? 1 : -1);
    }
    return b;
}

static int32_t plain_dot(const struct att_bits *b, size_t i, size_t j)
{
    int32_t sum = 0;

    for (size_t k = 0; k < b->d; k++)
        sum += att_bits_sign(b, i, k) * att_bits_sign(b, j, k);
    return sum;
}

/* n around the block sizes of the kernels, d around words and chunks. */
static void gram_rows_are_exact_in_every_set(void)
{
    static const size_t sizes[][2] = {{1, 1},    {15, 63},   {16, 64},
                                      {33, 65},  {100, 200}, {70, 1},
                                      {48, 128}, {5, 4200},  {37, 4096}};
    int32_t out[100];

    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        for (size_t t = 0; t < sizeof sizes / sizeof sizes[0]; t++) {
            const struct att_bits b = random_bits(sizes[t][0], sizes[t][1]);

            for (size_t i = 0; i < b.n; i += 1 + b.n / 5) {
                att_bits_gram_row(&b, i, out);
                for (size_t j = 0; j < b.n; j++) {
                    const int32_t plain = plain_dot(&b, i, j);

                    CU_ASSERT_EQUAL(out[j], plain);
                    CU_ASSERT_EQUAL(att_bits_dot(&b, i, j), plain);
                }
            }
        }
    }
}

static void a_sign_is_read_as_it_was_set(void)
{
    struct att_bits b = att_bits_new(arena, 2, 130);

    CU_ASSERT_PTR_NOT_NULL_FATAL(b.word);
    CU_ASSERT_EQUAL(att_bits_sign(&b, 1, 129), -1);
    att_bits_set(&b, 1, 129, 1);
    CU_ASSERT_EQUAL(att_bits_sign(&b, 1, 129), 1);
    CU_ASSERT_EQUAL(att_bits_sign(&b, 0, 129), -1);
    att_bits_set(&b, 1, 129, -1);
    CU_ASSERT_EQUAL(att_bits_sign(&b, 1, 129), -1);
}

/* Distances over words 0..1 and then 2 are those over words 0..2. */
static void nested_dimensions_add_their_words(void)
{
    const struct att_bits b = random_bits(50, 192);
    uint32_t parts[50] = {0};
    uint32_t whole[50] = {0};
    uint64_t row[3];

    att_bits_row(&b, 9, 0, 3, row);
    att_bits_distance(&b, row, 0, 2, parts);
    att_bits_distance(&b, row + 2, 2, 1, parts);
    att_bits_distance(&b, row, 0, 3, whole);
    CU_ASSERT_EQUAL(memcmp(parts, whole, sizeof parts), 0);
    CU_ASSERT_EQUAL(whole[9], 0);
}

static int parity(size_t x)
{
    int p = 0;

    for (; x != 0; x &= x - 1)
        p ^= 1;
    return p;
}

static void the_transform_is_its_definition(void)
{
    enum { N = 64 };
    int32_t in[N], out[N];

    for (size_t j = 0; j < N; j++) {
        in[j] = (int32_t)(j * j % 23) - 11;
        out[j] = in[j];
    }
    att_fwht_i32(out, N);
    for (size_t k = 0; k < N; k++) {
        int32_t sum = 0;

        for (size_t j = 0; j < N; j++)
            sum += parity(j & k) != 0 ? -in[j] : in[j];
        CU_ASSERT_EQUAL(out[k], sum);
    }
    att_fwht_i32(out, N);
    for (size_t j = 0; j < N; j++)
        CU_ASSERT_EQUAL(out[j], N * in[j]);
}

static void a_transform_of_one_number_keeps_it(void)
{
    int32_t x = 35;

    att_fwht_i32(&x, 1);
    CU_ASSERT_EQUAL(x, 35);
}

/* <row l, row j> of hadamard keys is h[l ^ j], h the transform of the set of
 * columns (patterns spec, 7.6). */
static void hadamard_keys_have_the_products_of_the_transform(void)
{
    enum { N = 32 };
    static const size_t columns[] = {1, 6, 7, 19, 30};
    struct att_bits b = att_bits_new(arena, N, 5);
    int32_t h[N] = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(b.word);
    for (size_t k = 0; k < 5; k++) {
        h[columns[k]] = 1;
        for (size_t l = 0; l < N; l++)
            att_bits_set(&b, l, k, parity(l & columns[k]) != 0 ? -1 : 1);
    }
    att_fwht_i32(h, N);
    for (size_t l = 0; l < N; l++) {
        for (size_t j = 0; j < N; j++)
            CU_ASSERT_EQUAL(att_bits_dot(&b, l, j), h[l ^ j]);
    }
}

static void too_many_signs_are_refused(void)
{
    struct att_arena *small = att_arena_create(1000);

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_PTR_NULL(att_bits_new(small, 100, 100).word);
    CU_ASSERT_PTR_NULL(att_bits_new(small, SIZE_MAX / 2, 64).word);
    att_arena_destroy(small);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"gram rows are exact in every set", gram_rows_are_exact_in_every_set},
        {"a sign is read as it was set", a_sign_is_read_as_it_was_set},
        {"nested dimensions add their words",
         nested_dimensions_add_their_words},
        {"the transform is its definition", the_transform_is_its_definition},
        {"a transform of one number keeps it",
         a_transform_of_one_number_keeps_it},
        {"hadamard keys have the products of the transform",
         hadamard_keys_have_the_products_of_the_transform},
        {"too many signs are refused", too_many_signs_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("bits", start, stop, tests);
}
