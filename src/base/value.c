#include "attest/base/value.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct att_value att_none(void)
{
    return (struct att_value){.kind = ATT_NONE};
}

struct att_value att_int(int64_t i)
{
    return (struct att_value){.kind = ATT_INTEGER, .i = i};
}

struct att_value att_real(double r)
{
    return (struct att_value){.kind = ATT_REAL, .r = r};
}

struct att_value att_text(const char *s)
{
    return (struct att_value){.kind = ATT_TEXT, .s = s};
}

static uint64_t real_bits(double r)
{
    uint64_t bits = 0;

    memcpy(&bits, &r, sizeof bits);
    return bits;
}

bool att_value_equal(struct att_value a, struct att_value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case ATT_NONE:
        return true;
    case ATT_INTEGER:
        return a.i == b.i;
    case ATT_REAL:
        return real_bits(a.r) == real_bits(b.r);
    case ATT_TEXT:
        return strcmp(a.s, b.s) == 0;
    }
    return false;
}

double att_value_number(struct att_value v)
{
    if (v.kind == ATT_INTEGER)
        return (double)v.i;
    return v.kind == ATT_REAL ? v.r : (double)NAN;
}

const char *att_real_text(double r, char out[ATT_NUMBER_TEXT])
{
    if (isnan(r)) {
        memcpy(out, "nan", sizeof "nan");
        return out;
    }
    if (fabs(r) < 1e15 && r == floor(r) && !(r == 0 && signbit(r))) {
        (void)snprintf(out, ATT_NUMBER_TEXT, "%" PRId64, (int64_t)r);
        return out;
    }
    /* Above the subnormals 15 digits name a double if any fewer do, and %g
     * leaves out zeros at the end. */
    for (int digits = fabs(r) < DBL_MIN ? 1 : DBL_DIG; digits <= 17; digits++) {
        (void)snprintf(out, ATT_NUMBER_TEXT, "%.*g", digits, r);
        if (strtod(out, NULL) == r)
            break;
    }
    return out;
}

const char *att_value_text(struct att_value v, char out[ATT_NUMBER_TEXT])
{
    switch (v.kind) {
    case ATT_NONE:
        break;
    case ATT_INTEGER:
        (void)snprintf(out, ATT_NUMBER_TEXT, "%" PRId64, v.i);
        return out;
    case ATT_REAL:
        return att_real_text(v.r, out);
    case ATT_TEXT:
        return v.s;
    }
    out[0] = '\0';
    return out;
}
