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
static const uint64_t LONGEST = UINT64_C(1) << 32; /* order of a root */
static const uint64_t LOW = UINT64_C(0xffffffff);  /* 2^64 modulo p */

/* p or 0: what comparisons choose is no matter of luck, so no branches. */
static uint64_t p_if(bool yes)
{
    return P & -(uint64_t)yes;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t s;
    const bool wraps = __builtin_add_overflow(a, b, &s);

    return s - p_if(wraps | (s >= P));
}

static uint64_t sub(uint64_t a, uint64_t b)
{
    return a - b + p_if(a < b);
}

/* 2^96 = -1: of the high word, the upper half is taken away and the lower half
 * counts 2^32 - 1 times. */
static uint64_t mul(uint64_t a, uint64_t b)
{
    const u128 ab = (u128)a * b;
    const uint64_t high = (uint64_t)(ab >> 64);
    uint64_t low = (uint64_t)ab;

    low = sub(low - p_if(low >= P), high >> 32);
    return add(low, (high & LOW) * LOW);
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

/* Powers of the roots of all orders up to n: root_len^k stands at
 * [len / 2 + k] for k < len / 2. */
static void put_roots(uint64_t *roots, size_t n)
{
    const uint64_t root = power(7, (P - 1) / n);
    uint64_t *last = roots + n / 2;

    last[0] = 1;
    for (size_t k = 1; k < n / 2; k++)
        last[k] = mul(last[k - 1], root);
    for (size_t k = n / 2; k-- > 1;)
        roots[k] = roots[2 * k];
}

static void forward(uint64_t *x, size_t n, const uint64_t *roots)
{
    for (size_t half = n / 2; half >= 1; half /= 2) {
        for (size_t at = 0; at < n; at += 2 * half) {
            for (size_t k = 0; k < half; k++) {
                const uint64_t a = x[at + k];
                const uint64_t b = x[at + half + k];

                x[at + k] = add(a, b);
                x[at + half + k] = mul(sub(a, b), roots[half + k]);
            }
        }
    }
}

/* The inverse of root^k is - root^(half - k). */
static void backward(uint64_t *x, size_t n, const uint64_t *roots)
{
    for (size_t half = 1; half < n; half *= 2) {
        for (size_t at = 0; at < n; at += 2 * half) {
            const uint64_t first = x[at];

            x[at] = add(first, x[at + half]);
            x[at + half] = sub(first, x[at + half]);
            for (size_t k = 1; k < half; k++) {
                const uint64_t a = x[at + k];
                const uint64_t b = mul(x[at + half + k], roots[2 * half - k]);

                x[at + k] = sub(a, b);
                x[at + half + k] = add(a, b);
            }
        }
    }
}

/* Entry v of a linear convolution folded to n entries. */
static uint64_t fold(const uint64_t *t, size_t length, size_t n, size_t v)
{
    uint64_t sum = 0;

    for (size_t k = v; k < length; k += n)
        sum += t[k];
    return sum;
}

att_status att_power_cyclic(size_t n, const uint64_t *x, unsigned times,
                            uint64_t *out, struct att_arena *scratch,
                            struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    size_t length = 2;

    if (n > LONGEST / times) {
        return att_fail(err, ATT_E_OVERFLOW,
                        "%zu counts %u times are more than a transform of 2^32",
                        n, times);
    }
    while (length < times * n)
        length *= 2;
    uint64_t *t = ATT_NEW0(scratch, uint64_t, length);
    uint64_t *roots = ATT_NEW(scratch, uint64_t, length);

    if (t == NULL || roots == NULL)
        return att_arena_fail(scratch, "a transform", err);
    put_roots(roots, length);
    const uint64_t scale = inverse(length);

    memcpy(t, x, n * sizeof *t);
    forward(t, length, roots);
    for (size_t k = 0; k < length; k++)
        t[k] = mul(power(t[k], times), scale);
    backward(t, length, roots);
    for (size_t v = 0; v < n; v++)
        out[v] = fold(t, length, n, v);
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
