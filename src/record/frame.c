/* frame.c - the envelope of a record: marker, checksum, length, order. */
#include "frame_priv.h"

#include "attest/base/hash.h"

#include "codec_priv.h"

/* Begins with a byte that UTF-8 text cannot begin with and ends like a line,
 * so that neither a study nor a message contains it. */
const unsigned char att_frame_marker[FRAME_MARKER] = {0xA7, 't', 't',  'e',
                                                      's',  't', 0x1E, 0x0A};

enum {
    AT_CHECKSUM = 8,
    AT_LENGTH = 16, /* from here on the checksum holds */
    AT_TYPE = 20,
    AT_FORMAT = 22,
    AT_EPOCH = 24,
    AT_SEQUENCE = 32
};

void att_frame_encode(const struct frame *frame, struct att_buffer *out)
{
    unsigned char *const head = att_buffer_grow(out, FRAME_HEAD + frame->n);

    if (head == NULL)
        return;
    memcpy(head, att_frame_marker, FRAME_MARKER);
    store_u32(head + AT_LENGTH, (uint32_t)frame->n);
    store_u16(head + AT_TYPE, frame->type);
    store_u16(head + AT_FORMAT, frame->format);
    store_u64(head + AT_EPOCH, frame->epoch);
    store_u64(head + AT_SEQUENCE, frame->sequence);
    if (frame->n > 0)
        memcpy(head + FRAME_HEAD, frame->payload, frame->n);
    store_u64(head + AT_CHECKSUM,
              att_hash64(head + AT_LENGTH, FRAME_HEAD - AT_LENGTH + frame->n));
}

enum frame_verdict att_frame_length(const unsigned char *head, size_t *n)
{
    const size_t length = load_u32(head + AT_LENGTH);

    if (memcmp(head, att_frame_marker, FRAME_MARKER) != 0 ||
        length > FRAME_PAYLOAD_MAX)
        return FRAME_DAMAGED;
    *n = length;
    return FRAME_VALID;
}

enum frame_verdict att_frame_decode(const unsigned char *bytes, size_t left,
                                    struct frame *frame)
{
    size_t n = 0;

    if (left < FRAME_HEAD)
        return FRAME_SHORT;
    if (att_frame_length(bytes, &n) != FRAME_VALID)
        return FRAME_DAMAGED;
    if (left - FRAME_HEAD < n)
        return FRAME_SHORT;
    if (load_u64(bytes + AT_CHECKSUM) !=
        att_hash64(bytes + AT_LENGTH, FRAME_HEAD - AT_LENGTH + n))
        return FRAME_DAMAGED;
    *frame = (struct frame){.type = load_u16(bytes + AT_TYPE),
                            .format = load_u16(bytes + AT_FORMAT),
                            .epoch = load_u64(bytes + AT_EPOCH),
                            .sequence = load_u64(bytes + AT_SEQUENCE),
                            .payload = bytes + FRAME_HEAD,
                            .n = n};
    return FRAME_VALID;
}
