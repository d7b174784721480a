/* memorization_typed.c - one query in every arithmetic: sums one after the
 * other, in the order in which the tokens come, every operation rounded. */
#include "memorization_priv.h"

#include <math.h>

#include "attest/base/text.h"

const char *const att_mem_dtypes[MEM_DTYPES + 1] = {
    [MEM_F64] = "f64",   [MEM_F32] = "f32", [MEM_F16] = "f16",
    [MEM_BF16] = "bf16", [MEM_X80] = "x80", [MEM_DD] = "dd",
};

enum mem_dtype att_mem_dtype(const char *name)
{
    int t = 0;

    while (t < MEM_DD && !att_text_same(att_mem_dtypes[t], name))
        t++;
    return (enum mem_dtype)t;
}

int att_mem_dtype_bits(enum mem_dtype t)
{
    static const int bits[MEM_DTYPES] = {
        [MEM_F64] = 53, [MEM_F32] = 24, [MEM_F16] = 11,
        [MEM_BF16] = 8, [MEM_X80] = 64, [MEM_DD] = 106};

    return bits[t];
}

/* The same program for every type.  An .inc file expects REAL, FROM (from a
 * double-double), WIDE (to one), SUM, MINUS, TIMES, OVER, EXPONENTIAL, LESS,
 * and NAME; ROUND is the arithmetic of rounded types. */
#define REAL           double
#define FROM(x)        ((x).hi)
#define WIDE(x)        att_dd_from(x)
#define SUM(x, y)      ((x) + (y))
#define MINUS(x, y)    ((x) - (y))
#define TIMES(x, y)    ((x) * (y))
#define OVER(x, y)     ((x) / (y))
#define EXPONENTIAL(x) exp(x)
#define LESS(x, y)     ((x) < (y))
#define NAME(x)        f64_##x
#include "memorization_typed.inc"

#define REAL           float
#define FROM(x)        ((float)(x).hi)
#define WIDE(x)        att_dd_from((double)(x))
#define SUM(x, y)      ((x) + (y))
#define MINUS(x, y)    ((x) - (y))
#define TIMES(x, y)    ((x) * (y))
#define OVER(x, y)     ((x) / (y))
#define EXPONENTIAL(x) expf(x)
#define LESS(x, y)     ((x) < (y))
#define NAME(x)        f32_##x
#include "memorization_typed.inc"

static struct att_dd from_long(long double x)
{
    const double hi = (double)x;

    return (struct att_dd){hi, (double)(x - (long double)hi)};
}

#define REAL           long double
#define FROM(x)        ((long double)(x).hi + (long double)(x).lo)
#define WIDE(x)        from_long(x)
#define SUM(x, y)      ((x) + (y))
#define MINUS(x, y)    ((x) - (y))
#define TIMES(x, y)    ((x) * (y))
#define OVER(x, y)     ((x) / (y))
#define EXPONENTIAL(x) expl(x)
#define LESS(x, y)     ((x) < (y))
#define NAME(x)        x80_##x
#include "memorization_typed.inc"

#define REAL           struct att_dd
#define FROM(x)        (x)
#define WIDE(x)        (x)
#define SUM(x, y)      att_dd_add(x, y)
#define MINUS(x, y)    att_dd_sub(x, y)
#define TIMES(x, y)    att_dd_mul(x, y)
#define OVER(x, y)     att_dd_div(x, y)
#define EXPONENTIAL(x) att_dd_exp(x)
#define LESS(x, y)     (att_dd_compare(x, y) < 0)
#define NAME(x)        dd_##x
#include "memorization_typed.inc"

static const struct att_arithmetic F16 = {ATT_ARITHMETIC_ROUNDED, 11, -14, 15};
static const struct att_arithmetic BF16 = {ATT_ARITHMETIC_ROUNDED, 8, -126,
                                           127};

#define REAL           double
#define FROM(x)        att_arithmetic_round(&F16, (x).hi)
#define WIDE(x)        att_dd_from(x)
#define SUM(x, y)      att_arithmetic_round(&F16, (x) + (y))
#define MINUS(x, y)    att_arithmetic_round(&F16, (x) - (y))
#define TIMES(x, y)    att_arithmetic_round(&F16, (x) * (y))
#define OVER(x, y)     att_arithmetic_round(&F16, (x) / (y))
#define EXPONENTIAL(x) att_arithmetic_round(&F16, exp(x))
#define LESS(x, y)     ((x) < (y))
#define NAME(x)        f16_##x
#include "memorization_typed.inc"

#define REAL           double
#define FROM(x)        att_arithmetic_round(&BF16, (x).hi)
#define WIDE(x)        att_dd_from(x)
#define SUM(x, y)      att_arithmetic_round(&BF16, (x) + (y))
#define MINUS(x, y)    att_arithmetic_round(&BF16, (x) - (y))
#define TIMES(x, y)    att_arithmetic_round(&BF16, (x) * (y))
#define OVER(x, y)     att_arithmetic_round(&BF16, (x) / (y))
#define EXPONENTIAL(x) att_arithmetic_round(&BF16, exp(x))
#define LESS(x, y)     ((x) < (y))
#define NAME(x)        bf16_##x
#include "memorization_typed.inc"

struct functions {
    mem_typed_fn z, s;
    struct att_dd (*dot)(const double *v, const double *x, size_t n);
    struct att_dd (*round)(struct att_dd x);
};

static const struct functions FUNCTIONS[MEM_DTYPES] = {
    [MEM_F64] = {f64_z, f64_s, f64_dot, f64_round},
    [MEM_F32] = {f32_z, f32_s, f32_dot, f32_round},
    [MEM_F16] = {f16_z, f16_s, f16_dot, f16_round},
    [MEM_BF16] = {bf16_z, bf16_s, bf16_dot, bf16_round},
    [MEM_X80] = {x80_z, x80_s, x80_dot, x80_round},
    [MEM_DD] = {dd_z, dd_s, dd_dot, dd_round},
};

struct att_dd att_mem_typed_z(const struct mem_typed *t, const struct att_dd *p,
                              size_t n, struct att_dd pk)
{
    return FUNCTIONS[t->dtype].z(t, p, n, pk);
}

struct att_dd att_mem_typed_s(const struct mem_typed *t, const struct att_dd *p,
                              size_t n, struct att_dd pk)
{
    return FUNCTIONS[t->dtype].s(t, p, n, pk);
}

void att_mem_typed_ids(const struct mem_walk *walk, mem_typed_fn value,
                       struct att_dd *out)
{
    const struct mem_ids *ids = walk->ids;

    for (size_t c = 0; c < ids->n_contexts; c++) {
        const size_t from = ids->start[c], n = ids->start[c + 1] - from;

        for (size_t i = 0; i < n; i++)
            walk->row[i] = walk->p[ids->member[from + i]];
        for (size_t id = ids->first[c]; id < ids->first[c + 1]; id++)
            out[id] = value(walk->t, walk->row, n, walk->p[ids->token[id]]);
    }
}

struct att_dd att_mem_typed_dot(enum mem_dtype t, const double *v,
                                const double *x, size_t n)
{
    return FUNCTIONS[t].dot(v, x, n);
}

struct att_dd att_mem_typed_round(enum mem_dtype t, struct att_dd x)
{
    return FUNCTIONS[t].round(x);
}
