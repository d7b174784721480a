/* codec_priv.h - little-endian bytes, written into room that was reserved and
 * read without ever passing the end.
 *
 * A writer reserves an upper bound once (pen_open), writes without checks, and
 * gives the rest back (pen_close).  A reader is sticky-bad: after the first
 * fault every read gives zero and one check at the end suffices. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "attest/base/buffer.h"

enum { VARINT_MAX = 10 }; /* bytes of a 64-bit number, seven bits each */

/* ---- fixed width, in place -------------------------------------------- */

static inline void store_u16(unsigned char *at, uint16_t v)
{
    at[0] = (unsigned char)v;
    at[1] = (unsigned char)(v >> 8);
}

static inline void store_u32(unsigned char *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(v >> (8 * i));
}

static inline void store_u64(unsigned char *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(v >> (8 * i));
}

static inline void store_f64(unsigned char *at, double r)
{
    uint64_t bits;

    memcpy(&bits, &r, sizeof bits);
    store_u64(at, bits);
}

static inline uint16_t load_u16(const unsigned char *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t load_u32(const unsigned char *at)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++)
        v |= (uint32_t)at[i] << (8 * i);
    return v;
}

static inline uint64_t load_u64(const unsigned char *at)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

static inline double load_f64(const unsigned char *at)
{
    const uint64_t bits = load_u64(at);
    double r;

    memcpy(&r, &bits, sizeof r);
    return r;
}

/* ---- writing ----------------------------------------------------------- */

struct pen {
    unsigned char *at; /* NULL: out of memory, nothing may be written */
};

static inline size_t text_size(const char *text)
{
    return text == NULL ? 0 : strlen(text);
}

/* What pen_text writes at most. */
static inline size_t text_bound(const char *text)
{
    return VARINT_MAX + text_size(text) + 1;
}

static inline struct pen pen_open(struct att_buffer *out, size_t bound)
{
    return (struct pen){att_buffer_grow(out, bound)};
}

/* Give back what was reserved and not written. */
static inline void pen_close(struct pen pen, struct att_buffer *out)
{
    out->size = (size_t)((char *)pen.at - out->data);
    *pen.at = 0;
}

static inline void pen_u8(struct pen *pen, uint8_t v)
{
    *pen->at++ = v;
}

static inline void pen_u64(struct pen *pen, uint64_t v)
{
    store_u64(pen->at, v);
    pen->at += 8;
}

static inline void pen_f64(struct pen *pen, double r)
{
    store_f64(pen->at, r);
    pen->at += 8;
}

static inline void pen_varint(struct pen *pen, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *pen->at++ = (unsigned char)(v | 0x80);
    *pen->at++ = (unsigned char)v;
}

/* Small magnitudes of either sign become small numbers. */
static inline void pen_signed(struct pen *pen, int64_t i)
{
    pen_varint(pen, ((uint64_t)i << 1) ^ (i < 0 ? UINT64_MAX : 0));
}

static inline void pen_bytes(struct pen *pen, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(pen->at, bytes, n);
    pen->at += n;
}

/* Length, characters, and a zero that lets a reader point into the bytes. */
static inline void pen_text(struct pen *pen, const char *text)
{
    const size_t n = text_size(text);

    pen_varint(pen, n);
    pen_bytes(pen, text, n);
    pen_u8(pen, 0);
}

/* ---- reading ----------------------------------------------------------- */

struct reader {
    const unsigned char *at, *end;
    bool bad;
};

static inline struct reader reader_open(const void *bytes, size_t n)
{
    const unsigned char *at = bytes;

    return (struct reader){at, at + n, false};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next n bytes; NULL, and bad, when there are fewer. */
static inline const unsigned char *reader_take(struct reader *r, size_t n)
{
    const unsigned char *const at = r->at;

    if (r->bad || reader_left(r) < n) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    return at;
}

static inline uint8_t reader_u8(struct reader *r)
{
    const unsigned char *const at = reader_take(r, 1);

    return at == NULL ? 0 : *at;
}

static inline uint64_t reader_u64(struct reader *r)
{
    const unsigned char *const at = reader_take(r, 8);

    return at == NULL ? 0 : load_u64(at);
}

static inline double reader_f64(struct reader *r)
{
    const unsigned char *const at = reader_take(r, 8);

    return at == NULL ? 0.0 : load_f64(at);
}

static inline uint64_t reader_varint(struct reader *r)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t byte = reader_u8(r);

        if (shift == 63 && byte > 1)
            break;
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return v;
    }
    r->bad = true;
    return 0;
}

static inline int64_t reader_signed(struct reader *r)
{
    const uint64_t v = reader_varint(r);

    return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

/* A count of things that take at least `each` >= 1 bytes: bad, and zero, when
 * so many cannot follow. */
static inline uint32_t reader_count(struct reader *r, size_t each)
{
    const uint64_t n = reader_varint(r);

    if (n > reader_left(r) / each || n > UINT32_MAX) {
        r->bad = true;
        return 0;
    }
    return (uint32_t)n;
}

/* Points into the bytes; "" when bad. */
static inline const char *reader_text(struct reader *r)
{
    const uint64_t n = reader_varint(r);

    if (n >= reader_left(r)) {
        r->bad = true;
        return "";
    }
    const char *const text = (const char *)reader_take(r, (size_t)n + 1);

    if (text == NULL || memchr(text, 0, (size_t)n + 1) != text + n) {
        r->bad = true;
        return "";
    }
    return text;
}

/* Everything was read and nothing was wrong. */
static inline bool reader_done(const struct reader *r)
{
    return !r->bad && r->at == r->end;
}
