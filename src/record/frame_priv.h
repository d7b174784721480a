/* frame_priv.h - one record of a journal file: its forty bytes and payload.
 *
 * The layout is in attest/record/journal.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"

enum {
    FRAME_MARKER = 8, /* bytes of the marker */
    FRAME_HEAD = 40
};

/* No record is longer: what claims to be is damaged. */
#define FRAME_PAYLOAD_MAX ((size_t)256 << 20)

extern const unsigned char att_frame_marker[FRAME_MARKER];

struct frame {
    uint16_t type, format;
    uint64_t epoch, sequence;
    const void *payload; /* n bytes, borrowed */
    size_t n;
};

/* Append head and payload. */
void att_frame_encode(const struct frame *frame, struct att_buffer *out);

enum frame_verdict {
    FRAME_VALID,
    FRAME_SHORT, /* a head that asks for more bytes than there are */
    FRAME_DAMAGED
};

/* The payload length that a head of FRAME_HEAD bytes claims; FRAME_DAMAGED
 * without a marker or with an impossible length. */
enum frame_verdict att_frame_length(const unsigned char *head, size_t *n);

/* Read a frame from its first byte on; `left` bytes may be looked at. */
enum frame_verdict att_frame_decode(const unsigned char *bytes, size_t left,
                                    struct frame *frame);
