/* value.h - one typed value: a parameter, a metric, a cell of a table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/status.h"

enum att_kind { ATT_NONE, ATT_INTEGER, ATT_REAL, ATT_TEXT };

struct att_value {
    enum att_kind kind; /* ATT_NONE: missing */
    union {
        int64_t i;
        double r;
        const char *s; /* borrowed; its owner is named by whoever fills it */
    };
};

struct att_value att_none(void);
struct att_value att_int(int64_t i);
struct att_value att_real(double r);
struct att_value att_text(const char *s);

/* Same kind and same bits (texts: same characters); -0.0 differs from 0.0. */
bool att_value_equal(struct att_value a, struct att_value b);

/* The value as a double; NaN for text and missing. */
double att_value_number(struct att_value v);

enum { ATT_NUMBER_TEXT = 32 };

/* The shortest decimal that reads back as the same double: "0.1", "1e-300",
 * "inf", "nan"; integral values below 1e15 without exponent or point. */
const char *att_real_text(double r, char out[ATT_NUMBER_TEXT]);

/* The value as text, as in keys and tables: integers in decimal, reals as
 * att_real_text, texts as they are, "" when missing.  Returns out or v.s. */
const char *att_value_text(struct att_value v, char out[ATT_NUMBER_TEXT]);
