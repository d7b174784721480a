/* ntt.c - a number-theoretic transform modulo p = 2^64 - 2^32 + 1.
 *
 * 7 generates the units of p, and 2^32 divides p - 1: there are roots of unity
 * of every order 2^k, k <= 32.  Forward transforms leave their output in bit-
 * reversed order and backward ones take it so, for a product entry by entry
 * does not care. */
#include "attest/linalg/ntt.h"

#include <stdbool.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

static const uint64_t P = UINT64_C(0xffffffff00000001);
static const uint64_t LOW = UINT64_C(0xffffffff); /* 2^64 modulo p */

static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t s;
    const bool wraps = __builtin_add_overflow(a, b, &s);

    return wraps || s >= P ? s - P : s;
}

static uint64_t sub(uint64_t a, uint64_t b)
{
    return a >= b ? a - b : a + P - b;
}

/* 2^96 = -1: of the high word, the upper half is taken away and the lower half
 * counts 2^32 - 1 times. */
static uint64_t mul(uint64_t a, uint64_t b)
{
    const u128 ab = (u128)a * b;
    const uint64_t high = (uint64_t)(ab >> 64);
    uint64_t low;

    if (__builtin_sub_overflow((uint64_t)ab, high >> 32, &low))
        low -= LOW;
    return add(low >= P ? low - P : low, (high & LOW) * LOW);
}

static uint64_t power(uint64_t a, uint64_t e)
{
    uint64_t out = 1;

    for (; e > 0; e >>= 1) {
        if ((e & 1) != 0)
            out = mul(out, a);
        a = mul(a, a);
    }
    return out;
}

static uint64_t inverse(uint64_t a)
{
    return power(a, P - 2);
}

static void forward(uint64_t *x, size_t n)
{
    for (size_t len = n; len >= 2; len /= 2) {
        const uint64_t root = power(7, (P - 1) / len);

        for (size_t at = 0; at < n; at += len) {
            uint64_t w = 1;

            for (size_t k = at; k < at + len / 2; k++, w = mul(w, root)) {
                const uint64_t a = x[k];
                const uint64_t b = x[k + len / 2];

                x[k] = add(a, b);
                x[k + len / 2] = mul(sub(a, b), w);
            }
        }
    }
}

static void backward(uint64_t *x, size_t n)
{
    for (size_t len = 2; len <= n; len *= 2) {
        const uint64_t root = inverse(power(7, (P - 1) / len));

        for (size_t at = 0; at < n; at += len) {
            uint64_t w = 1;

            for (size_t k = at; k < at + len / 2; k++, w = mul(w, root)) {
                const uint64_t a = x[k];
                const uint64_t b = mul(x[k + len / 2], w);

                x[k] = add(a, b);
                x[k + len / 2] = sub(a, b);
            }
        }
    }
}

att_status att_square_cyclic(size_t n, const uint64_t *x, uint64_t *out,
                             struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    size_t length = 2;

    while (length < 2 * n)
        length *= 2;
    uint64_t *t = ATT_NEW0(scratch, uint64_t, length);

    if (t == NULL)
        return att_arena_fail(scratch, "a transform", err);
    const uint64_t scale = inverse(length);

    memcpy(t, x, n * sizeof *t);
    forward(t, length);
    for (size_t k = 0; k < length; k++)
        t[k] = mul(mul(t[k], t[k]), scale);
    backward(t, length);
    for (size_t v = 0; v < n; v++)
        out[v] = t[v] + t[v + n];
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
