#include "attest/base/size.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool att_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

bool att_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

struct unit {
    const char *name;
    double factor;
};

static const struct unit BYTES[] = {
    {"", 1},         {"B", 1},        {"KiB", 0x1p10},
    {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
};

static const struct unit SECONDS[] = {
    {"", 1}, {"s", 1}, {"ms", 1e-3}, {"min", 60}, {"h", 3600}, {"d", 86400},
};

/* A non-negative number followed by one of the units. */
static bool parse_quantity(const char *text, const struct unit *unit, size_t n,
                           double *out)
{
    char *end = NULL;
    const double x = strtod(text, &end);

    if (end == text || !isfinite(x) || x < 0)
        return false;
    while (isspace((unsigned char)*end))
        end++;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(end, unit[i].name) == 0) {
            *out = x * unit[i].factor;
            return true;
        }
    }
    return false;
}

att_status att_bytes_parse(const char *text, uint64_t *bytes,
                           struct att_error *err)
{
    double x = 0;

    if (!parse_quantity(text, BYTES, sizeof BYTES / sizeof BYTES[0], &x)) {
        return att_fail(err, ATT_E_PARSE,
                        "'%s' is no size: write a number and B, KiB, MiB, "
                        "GiB or TiB, as in 4GiB",
                        text);
    }
    if (x >= 0x1p63)
        return att_fail(err, ATT_E_PARSE, "'%s' is more than 2^63 bytes", text);
    *bytes = (uint64_t)llround(x);
    return ATT_OK;
}

att_status att_seconds_parse(const char *text, double *seconds,
                             struct att_error *err)
{
    if (!parse_quantity(text, SECONDS, sizeof SECONDS / sizeof SECONDS[0],
                        seconds)) {
        return att_fail(err, ATT_E_PARSE,
                        "'%s' is no time: write a number and ms, s, min, h "
                        "or d, as in 10min",
                        text);
    }
    return ATT_OK;
}

/* The largest unit that leaves at least 1; three significant digits. */
static const char *scaled(double x, const struct unit *unit, size_t n,
                          const char *gap, char out[ATT_HUMAN_TEXT])
{
    size_t i = n - 1;

    while (i > 0 && x < unit[i].factor)
        i--;
    const double y = x / unit[i].factor;
    int decimals = 0;
    if (y != floor(y))
        decimals = (y < 99.95) + (y < 9.995);
    (void)snprintf(out, ATT_HUMAN_TEXT, "%.*f%s%s", decimals, y, gap,
                   unit[i].name);
    return out;
}

const char *att_bytes_text(uint64_t bytes, char out[ATT_HUMAN_TEXT])
{
    return scaled((double)bytes, BYTES + 1, sizeof BYTES / sizeof BYTES[0] - 1,
                  " ", out);
}

const char *att_seconds_text(double seconds, char out[ATT_HUMAN_TEXT])
{
    static const struct unit units[] = {
        {"us", 1e-6}, {"ms", 1e-3}, {"s", 1},
        {"min", 60},  {"h", 3600},  {"d", 86400},
    };

    return scaled(seconds, units, sizeof units / sizeof units[0], " ", out);
}

const char *att_count_text(double count, char out[ATT_HUMAN_TEXT])
{
    static const struct unit units[] = {
        {"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12},
    };

    if (!(count < 1e15)) {
        (void)snprintf(out, ATT_HUMAN_TEXT, "%.3g", count);
        return out;
    }
    return scaled(count, units, sizeof units / sizeof units[0], "", out);
}
