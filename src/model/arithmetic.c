/* arithmetic.c - names and properties of arithmetics. */
#include "attest/model/arithmetic.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "arithmetic_priv.h"
#include "attest/base/text.h"

static const struct {
    const char *name;
    struct att_arithmetic arithmetic;
} NAMED[] = {
    {"f64", {ATT_ARITHMETIC_F64, 53, -1022, 1023}},
    {"f32", {ATT_ARITHMETIC_F32, 24, -126, 127}},
    {"x80",
     {ATT_ARITHMETIC_LONG, LDBL_MANT_DIG, LDBL_MIN_EXP - 1, LDBL_MAX_EXP - 1}},
    {"bf16", {ATT_ARITHMETIC_ROUNDED, 8, -126, 127}},
    {"f16", {ATT_ARITHMETIC_ROUNDED, 11, -14, 15}},
};

/* The p of "bits:p"; 0 when text is anything else. */
static int parse_bits(const char *text)
{
    char *end = NULL;

    if (!att_text_starts(text, "bits:") || text[5] < '0' || text[5] > '9')
        return 0;
    errno = 0;
    const long p = strtol(text + 5, &end, 10);

    return *end == '\0' && errno == 0 && p >= 2 && p <= 53 ? (int)p : 0;
}

att_status att_arithmetic_parse(const char *text, struct att_arithmetic *out,
                                struct att_error *err)
{
    const int bits = parse_bits(text);

    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        if (att_text_same(NAMED[i].name, text)) {
            *out = NAMED[i].arithmetic;
            return ATT_OK;
        }
    }
    if (bits == 0) {
        return att_fail(err, ATT_E_ARG,
                        "arithmetic '%s' is none of f64, f32, x80, bf16, f16 "
                        "and bits:2 to bits:53",
                        text);
    }
    *out = (struct att_arithmetic){ATT_ARITHMETIC_ROUNDED, bits, -1022, 1023};
    return ATT_OK;
}

double att_arithmetic_round(const struct att_arithmetic *a, double x)
{
    switch (a->kind) {
    case ATT_ARITHMETIC_F32:
        return (double)(float)x;
    case ATT_ARITHMETIC_ROUNDED:
        return round_narrow(a, x);
    case ATT_ARITHMETIC_F64:
    case ATT_ARITHMETIC_LONG:
        break;
    }
    return x;
}

/* Numbers that are rounded together. */
enum { BLOCK = 16 };

static const uint64_t MAGNITUDE = UINT64_MAX >> 1;

/* round_narrow on BLOCK numbers without a branch, where none of them is
 * subnormal in the arithmetic and none becomes infinite; false, and x is
 * untouched, when one is or does (or was infinite or NaN). */
static bool round_block(const struct att_arithmetic *a, double *x)
{
    const int drop = 53 - a->bits;
    const uint64_t low = (UINT64_C(1) << drop) - 1;
    const uint64_t least = (uint64_t)(a->e_min + 1023) << 52;
    const uint64_t beyond = (uint64_t)(a->e_max + 1024) << 52;
    uint64_t u[BLOCK], odd = 0;

    memcpy(u, x, sizeof u);
    for (size_t i = 0; i < BLOCK; i++) {
        const uint64_t size = u[i] & MAGNITUDE;

        u[i] = (u[i] + (low >> 1) + (u[i] >> drop & 1)) & ~low;
        /* top bits: 0 < size < least; rounded size >= beyond */
        odd |= (size - least) & ~(size - 1);
        odd |= beyond - 1 - (u[i] & MAGNITUDE);
    }
    if ((odd & ~MAGNITUDE) != 0)
        return false;
    memcpy(x, u, sizeof u);
    return true;
}

void att_arithmetic_round_all(const struct att_arithmetic *a, size_t n,
                              double *x)
{
    const bool narrow = a->kind == ATT_ARITHMETIC_ROUNDED && a->bits < 53;
    size_t i = 0;

    while (i < n) {
        if (narrow && n - i >= BLOCK && round_block(a, x + i)) {
            i += BLOCK;
        } else if (narrow) {
            x[i] = round_narrow(a, x[i]);
            i++;
        } else {
            x[i] = att_arithmetic_round(a, x[i]);
            i++;
        }
    }
}

/* A bfloat16 is the upper half of a float. */
void att_arithmetic_round_bf16(size_t n, float *x)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t u;

        memcpy(&u, x + i, sizeof u);
        const bool nan = (u & 0x7fffffffU) > 0x7f800000U;
        const uint32_t near = (u + 0x7fffU + (u >> 16 & 1)) & 0xffff0000U;

        u = nan ? u : near;
        memcpy(x + i, &u, sizeof u);
    }
}

double att_arithmetic_u(const struct att_arithmetic *a)
{
    return ldexp(1.0, -a->bits);
}
