/* utf8.c - which byte sequences are characters. */
#include "utf8_priv.h"

#include <stddef.h>

/* The least second byte of a sequence that starts with c, and how many values
 * it has: less where a shorter sequence, a surrogate, or a number above
 * U+10FFFF would come out.  Source: RFC 3629, section 4. */
static bool second_byte_fits(unsigned char c, unsigned char second)
{
    const unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;

    return second >= low && second <= high;
}

/* Bytes of a sequence by its first byte; 0 for one that starts none. */
static size_t announced_bytes(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Length of the sequence at s, or 0 when it is malformed.  The zero at the end
 * of a text continues none, so nothing is read behind it. */
static size_t sequence_bytes(const unsigned char *s)
{
    const size_t n = announced_bytes(s[0]);

    if (n < 2)
        return n;
    if (!second_byte_fits(s[0], s[1]))
        return 0;
    for (size_t i = 2; i < n; i++) {
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    }
    return n;
}

bool att_utf8_is_valid(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    while (*s != '\0') {
        const size_t n = sequence_bytes(s);

        if (n == 0)
            return false;
        s += n;
    }
    return true;
}

void att_utf8_clean(char *text)
{
    unsigned char *s = (unsigned char *)text;

    while (*s != '\0') {
        const size_t n = sequence_bytes(s);

        if (n == 0)
            *s = '?';
        s += n == 0 ? 1 : n;
    }
}

/* C0 controls and DEL; C1 controls are U+0080 to U+009F. */
static bool is_control(const unsigned char *s)
{
    return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

void att_utf8_clean_cell(char *text)
{
    unsigned char *s = (unsigned char *)text;

    att_utf8_clean(text);
    for (; *s != '\0'; s++) {
        if (is_control(s) && s[0] == 0xc2) {
            s[1] = s[0] = '?';
        } else if (is_control(s)) {
            *s = *s == '\n' || *s == '\t' || *s == '\r' ? ' ' : '?';
        }
    }
}
