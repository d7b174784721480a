#include "decimal_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_sign(const char *s)
{
    return *s == '-' || *s == '+' ? s + 1 : s;
}

static const char *skip_digits(const char *s)
{
    while (isdigit((unsigned char)*s))
        s++;
    return s;
}

/* An exponent, or s itself where there is none; NULL for a broken one. */
static const char *skip_exponent(const char *s)
{
    if (*s != 'e' && *s != 'E')
        return s;
    const char *digits = skip_sign(s + 1);
    const char *end = skip_digits(digits);

    return end == digits ? NULL : end;
}

enum number_syntax att_number_syntax(const char *text)
{
    const char *start = skip_sign(text);
    const char *end = skip_digits(start);
    ptrdiff_t n_digits = end - start;

    if (n_digits > 0 && *end == '\0')
        return NUMBER_INTEGER;
    if (strcmp(start, ".inf") == 0 || strcmp(text, ".nan") == 0)
        return NUMBER_REAL;
    if (*end == '.') {
        const char *fraction = end + 1;

        end = skip_digits(fraction);
        n_digits += end - fraction;
    }
    end = n_digits == 0 ? NULL : skip_exponent(end);
    return end != NULL && *end == '\0' ? NUMBER_REAL : NUMBER_NONE;
}

static struct decimal lowest_terms(struct decimal d)
{
    if (d.m == 0)
        return (struct decimal){0, 0};
    while (d.m % 10 == 0) {
        d.m /= 10;
        d.e++;
    }
    return d;
}

enum { MAX_EXPONENT = 400 }; /* beyond every double */

/* Digits and point, without sign and exponent. */
static bool read_digits(const char **cursor, struct decimal *d)
{
    bool after_point = false;
    const char *s = *cursor;

    for (; isdigit((unsigned char)*s) || *s == '.'; s++) {
        if (*s == '.') {
            after_point = true;
            continue;
        }
        if (__builtin_mul_overflow(d->m, (int64_t)10, &d->m) ||
            __builtin_add_overflow(d->m, (int64_t)(*s - '0'), &d->m))
            return false;
        d->e -= after_point;
    }
    *cursor = s;
    return true;
}

bool att_decimal_read(const char *text, struct decimal *out)
{
    const char *s = skip_sign(text);
    struct decimal d = {0, 0};
    long exponent = 0;

    if (att_number_syntax(text) == NUMBER_NONE || strcmp(s, ".inf") == 0 ||
        strcmp(text, ".nan") == 0 || !read_digits(&s, &d))
        return false;
    if (*s != '\0')
        exponent = strtol(s + 1, NULL, 10);
    if (exponent < -MAX_EXPONENT || exponent > MAX_EXPONENT ||
        d.e < -MAX_EXPONENT)
        return false;
    d.e += (int32_t)exponent;
    d.m = *text == '-' ? -d.m : d.m;
    *out = lowest_terms(d);
    return true;
}

double att_decimal_real(struct decimal d)
{
    char text[48];

    (void)snprintf(text, sizeof text, "%" PRId64 "e%" PRId32, d.m, d.e);
    return strtod(text, NULL);
}

/* m * 10^k for k >= 0. */
static bool shift(int64_t m, int32_t k, int64_t *out)
{
    for (; k > 0 && m != 0; k--) {
        if (__builtin_mul_overflow(m, (int64_t)10, &m))
            return false;
    }
    *out = m;
    return true;
}

bool att_decimal_integer(struct decimal d, int64_t *out)
{
    return d.e >= 0 && shift(d.m, d.e, out);
}

/* Write both with the smaller of the two exponents. */
static bool align(struct decimal *a, struct decimal *b)
{
    const int32_t e = a->e < b->e ? a->e : b->e;

    if (!shift(a->m, a->e - e, &a->m) || !shift(b->m, b->e - e, &b->m))
        return false;
    a->e = e;
    b->e = e;
    return true;
}

bool att_decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
    struct decimal sum;

    if (!align(&a, &b) || __builtin_add_overflow(a.m, b.m, &sum.m))
        return false;
    sum.e = a.e;
    *out = lowest_terms(sum);
    return true;
}

bool att_decimal_mul(struct decimal a, struct decimal b, struct decimal *out)
{
    struct decimal product = {0, a.e + b.e};

    if (__builtin_mul_overflow(a.m, b.m, &product.m) ||
        abs(product.e) > MAX_EXPONENT)
        return false;
    *out = lowest_terms(product);
    return true;
}

bool att_decimal_scale(struct decimal a, int64_t factor, struct decimal *out)
{
    return att_decimal_mul(a, lowest_terms((struct decimal){factor, 0}), out);
}

bool att_decimal_divide(struct decimal a, int64_t divisor, struct decimal *out)
{
    while (a.m % divisor != 0) {
        if (__builtin_mul_overflow(a.m, (int64_t)10, &a.m))
            return false;
        a.e--;
    }
    *out = lowest_terms((struct decimal){a.m / divisor, a.e});
    return true;
}

bool att_decimal_quotient(struct decimal a, struct decimal b, uint64_t *out)
{
    if (!align(&a, &b))
        return false;
    *out = (uint64_t)(a.m / b.m);
    return true;
}

double att_round_digits(long double x)
{
    char text[48];

    (void)snprintf(text, sizeof text, "%.15Lg", x);
    return strtod(text, NULL);
}
