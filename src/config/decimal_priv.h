/* decimal_priv.h - decimal numbers as people write them, exactly. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* m * 10^e, in lowest terms: m is 0 with e = 0, or no multiple of 10. */
struct decimal {
    int64_t m;
    int32_t e;
};

enum number_syntax { NUMBER_NONE, NUMBER_INTEGER, NUMBER_REAL };

/* What a text is by YAML's core schema: 12, -3; 1.5, .5, 1e3, .inf, .nan. */
enum number_syntax att_number_syntax(const char *text);

/* False when the text is no finite number or has digits beyond 63 bits. */
bool att_decimal_read(const char *text, struct decimal *out);

/* The nearest double. */
double att_decimal_real(struct decimal d);

/* False when it is no integer of 64 bits. */
bool att_decimal_integer(struct decimal d, int64_t *out);

/* Exact results; false when they do not fit. */
bool att_decimal_add(struct decimal a, struct decimal b, struct decimal *out);
bool att_decimal_mul(struct decimal a, struct decimal b, struct decimal *out);
bool att_decimal_scale(struct decimal a, int64_t factor, struct decimal *out);
bool att_decimal_divide(struct decimal a, int64_t divisor, struct decimal *out);

/* The integer part of a / b for a >= 0, b > 0; false when they do not share a
 * scale of 63 bits. */
bool att_decimal_quotient(struct decimal a, struct decimal b, uint64_t *out);

/* A double rounded to 15 significant digits: decimals that people mean come
 * out as they are, whatever the last bits of x. */
double att_round_digits(long double x);
