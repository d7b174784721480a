#include "attest/base/hash.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t att_hash64(const void *bytes, size_t n)
{
    return XXH3_64bits(bytes, n);
}

struct att_key att_hash128(const void *bytes, size_t n)
{
    const XXH128_hash_t h = XXH3_128bits(bytes, n);

    return (struct att_key){h.high64, h.low64};
}

bool att_key_equal(struct att_key a, struct att_key b)
{
    return a.high == b.high && a.low == b.low;
}

int att_key_compare(struct att_key a, struct att_key b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    if (a.low != b.low)
        return a.low < b.low ? -1 : 1;
    return 0;
}

const char *att_key_text(struct att_key key, char out[ATT_KEY_TEXT])
{
    (void)snprintf(out, ATT_KEY_TEXT, "%016" PRIx64 "%016" PRIx64, key.high,
                   key.low);
    return out;
}

/* Sixteen hex digits. */
static uint64_t parse_half(const char *text)
{
    char digits[17] = {0};

    memcpy(digits, text, 16);
    return strtoull(digits, NULL, 16);
}

bool att_key_parse(const char *text, struct att_key *key)
{
    size_t n = 0;

    while (n < 33 && isxdigit((unsigned char)text[n]))
        n++;
    if (n != 32 || text[n] != '\0')
        return false;
    *key = (struct att_key){parse_half(text), parse_half(text + 16)};
    return true;
}
