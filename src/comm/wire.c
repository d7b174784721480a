/* wire.c - messages written and read. */
#include "attest/comm/wire.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static size_t padded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

void att_wire_begin(struct att_buffer *out, enum att_wire_kind kind)
{
    const struct att_wire_head head = {
        .magic = ATT_WIRE_MAGIC,
        .protocol = ATT_WIRE_PROTOCOL,
        .kind = (uint16_t)kind,
    };

    att_buffer_clear(out);
    att_buffer_append(out, &head, sizeof head);
}

void att_wire_put(struct att_buffer *out, const void *entry, size_t n)
{
    struct att_wire_head head;

    att_buffer_append(out, entry, n);
    if (!att_buffer_ok(out))
        return;
    memcpy(&head, out->data, sizeof head);
    head.count++;
    memcpy(out->data, &head, sizeof head);
}

void att_wire_pad(struct att_buffer *out, const void *bytes, size_t n)
{
    static const char zeros[8] = {0};

    att_buffer_append(out, bytes, n);
    att_buffer_append(out, zeros, padded(n) - n);
}

struct att_wire_unit att_wire_from_unit(const struct att_unit *unit)
{
    return (struct att_wire_unit){unit->task, unit->slice, unit->n_slices};
}

struct att_unit att_wire_to_unit(const struct att_wire_unit *unit)
{
    return (struct att_unit){unit->task, unit->slice, unit->n_slices};
}

/* ---- reading ---------------------------------------------------------------- */

enum shape { NOTHING, ONE, MANY, LOOSE };

struct layout {
    enum shape shape;
    size_t n_bytes; /* of an entry; of LOOSE ones: at least */
};

static const struct layout LAYOUTS[ATT_WIRE_KINDS] = {
    [ATT_WIRE_HELLO] = {ONE, sizeof(struct att_wire_hello)},
    [ATT_WIRE_ROWS] = {LOOSE, sizeof(struct att_wire_row)},
    [ATT_WIRE_LOST] = {LOOSE, sizeof(struct att_wire_lost)},
    [ATT_WIRE_GIVE_BACK] = {MANY, sizeof(struct att_wire_unit)},
    [ATT_WIRE_HEARTBEAT] = {MANY, sizeof(struct att_wire_lane)},
    [ATT_WIRE_CHECKPOINT] = {LOOSE, sizeof(struct att_wire_unit)},
    [ATT_WIRE_BYE] = {ONE, sizeof(struct att_wire_text)},
    [ATT_WIRE_GRANT] = {MANY, sizeof(struct att_wire_grant)},
    [ATT_WIRE_RECALL] = {NOTHING, 0},
    [ATT_WIRE_RESET] = {NOTHING, 0},
    [ATT_WIRE_PING] = {NOTHING, 0},
    [ATT_WIRE_REFUSE] = {ONE, sizeof(struct att_wire_text)},
    [ATT_WIRE_STOP] = {ONE, sizeof(struct att_wire_word)},
    [ATT_WIRE_EXIT] = {ONE, sizeof(struct att_wire_word)},
};

static bool length_fits(const struct att_wire_head *head, size_t n_body)
{
    const struct layout *l = &LAYOUTS[head->kind];

    switch (l->shape) {
    case NOTHING:
        return n_body == 0;
    case ONE:
        return head->count == 1 && n_body == l->n_bytes;
    case MANY:
        return n_body % l->n_bytes == 0 && n_body / l->n_bytes == head->count;
    case LOOSE:
        return n_body / l->n_bytes >= head->count;
    }
    return false;
}

att_status att_wire_read(const void *bytes, size_t n,
                         struct att_wire_message *out, struct att_error *err)
{
    struct att_wire_head head;

    if (n < sizeof head)
        return att_fail(err, ATT_E_COMM, "a message of %zu bytes", n);
    memcpy(&head, bytes, sizeof head);
    if (head.magic != ATT_WIRE_MAGIC)
        return att_fail(err, ATT_E_COMM, "a message that is not of attest");
    if (head.protocol != ATT_WIRE_PROTOCOL) {
        return att_fail(err, ATT_E_COMM,
                        "a message of protocol %u, this attest speaks %d: all "
                        "ranks must run the same program",
                        head.protocol, ATT_WIRE_PROTOCOL);
    }
    if (head.kind == 0 || head.kind >= ATT_WIRE_KINDS ||
        !length_fits(&head, n - sizeof head)) {
        return att_fail(err, ATT_E_COMM,
                        "a damaged message: kind %u, %u entries, %zu bytes",
                        head.kind, head.count, n);
    }
    *out = (struct att_wire_message){
        .kind = (enum att_wire_kind)head.kind,
        .count = head.count,
        .body = (const unsigned char *)bytes + sizeof head,
        .n_body = n - sizeof head,
    };
    return ATT_OK;
}

void att_wire_get(const struct att_wire_message *m, size_t i, void *entry,
                  size_t n)
{
    assert((i + 1) * n <= m->n_body);
    memcpy(entry, m->body + i * n, n);
}

/* n padded bytes stand at `at`. */
static att_status span(const struct att_wire_message *m, size_t at, size_t n,
                       struct att_error *err)
{
    if (at <= m->n_body && padded(n) <= m->n_body - at)
        return ATT_OK;
    return att_fail(err, ATT_E_COMM,
                    "a damaged message: %zu bytes at %zu of %zu", n, at,
                    m->n_body);
}

att_status att_wire_next_row(const struct att_wire_message *m, size_t *at,
                             struct att_wire_row *row,
                             const unsigned char **bytes, struct att_error *err)
{
    ATT_TRY(span(m, *at, sizeof *row, err));
    memcpy(row, m->body + *at, sizeof *row);
    ATT_TRY(span(m, *at + sizeof *row, row->n_bytes, err));
    *bytes = m->body + *at + sizeof *row;
    *at += sizeof *row + padded(row->n_bytes);
    return ATT_OK;
}

att_status att_wire_get_lost(const struct att_wire_message *m,
                             struct att_wire_lost *lost,
                             char text[ATT_ERROR_TEXT], struct att_error *err)
{
    ATT_TRY(span(m, 0, sizeof *lost, err));
    memcpy(lost, m->body, sizeof *lost);
    ATT_TRY(span(m, sizeof *lost, lost->n_bytes, err));
    (void)snprintf(
        text, ATT_ERROR_TEXT, "%.*s",
        (int)(lost->n_bytes < ATT_ERROR_TEXT ? lost->n_bytes : ATT_ERROR_TEXT),
        (const char *)m->body + sizeof *lost);
    return ATT_OK;
}

att_status att_wire_get_checkpoint(const struct att_wire_message *m,
                                   struct att_unit *unit,
                                   const unsigned char **bytes, size_t *n,
                                   struct att_error *err)
{
    struct att_wire_unit wire;
    struct att_wire_row row;
    size_t at = sizeof wire;

    ATT_TRY(span(m, 0, sizeof wire, err));
    memcpy(&wire, m->body, sizeof wire);
    ATT_TRY(att_wire_next_row(m, &at, &row, bytes, err));
    *unit = att_wire_to_unit(&wire);
    *n = row.n_bytes;
    return ATT_OK;
}
