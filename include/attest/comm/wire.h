/* wire.h - what ranks say to each other, byte for byte.
 *
 * A message is a head of 16 bytes and `count` entries of a fixed layout, all
 * little-endian:
 *
 *   to rank 0    hello, rows, lost, give back, heartbeat, checkpoint, bye
 *   from rank 0  grant, recall, reset, ping, refuse, stop, exit
 *
 * rows, lost and checkpoint carry bytes of any length after their entries'
 * fixed part; these are padded to a multiple of 8.  A reader checks every
 * length before it uses it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/base/status.h"
#include "attest/comm/node.h"

enum {
    ATT_WIRE_MAGIC = 0x43545441, /* "ATTC" */
    ATT_WIRE_PROTOCOL = 1,
    ATT_WIRE_TEXT = 512
};

enum att_wire_kind {
    ATT_WIRE_HELLO = 1,  /* one att_wire_hello */
    ATT_WIRE_ROWS,       /* count att_wire_row, each with its bytes */
    ATT_WIRE_LOST,       /* one att_wire_lost and its message */
    ATT_WIRE_GIVE_BACK,  /* count att_wire_unit */
    ATT_WIRE_HEARTBEAT,  /* count att_wire_lane, one for each lane */
    ATT_WIRE_CHECKPOINT, /* one att_wire_unit, then att_wire_row's length */
    ATT_WIRE_BYE,        /* one att_wire_text: why, or empty */
    ATT_WIRE_GRANT,      /* count att_wire_grant */
    ATT_WIRE_RECALL,     /* nothing: give back what was not started */
    ATT_WIRE_RESET,      /* nothing: forget everything and say hello again */
    ATT_WIRE_PING,       /* nothing: rank 0 lives */
    ATT_WIRE_REFUSE,     /* one att_wire_text: why */
    ATT_WIRE_STOP,       /* one att_wire_word: enum att_comm_end */
    ATT_WIRE_EXIT,       /* one att_wire_word: 1 if MPI_Finalize is safe */
    ATT_WIRE_KINDS
};

struct att_wire_head {
    uint32_t magic;
    uint16_t protocol, kind;
    uint32_t count, zero;
};

struct att_wire_hello {
    uint64_t plan_high, plan_low;
    double memory_bytes;
    int64_t pid;
    uint32_t n_lanes, n_cpus;
    char host[ATT_HOST_TEXT];
};

struct att_wire_unit {
    uint64_t task;
    uint32_t slice, n_slices;
};

struct att_wire_grant {
    struct att_wire_unit unit;
    double predicted_s;
    uint32_t attempt, zero;
};

struct att_wire_row {
    uint32_t n_bytes, lane; /* then the bytes, padded */
};

struct att_wire_lost {
    struct att_wire_unit unit;
    double wall_s, cpu_s;
    uint64_t peak_rss_bytes;
    uint32_t status, lane;
    uint32_t attempt, n_bytes; /* then the message, padded */
};

struct att_wire_lane {
    struct att_wire_unit unit;
    double elapsed_s, done;
    uint64_t rss_bytes;
    char phase[24];
    uint32_t running, zero;
};

struct att_wire_word {
    uint64_t word;
};

struct att_wire_text {
    char text[ATT_WIRE_TEXT]; /* ended by a zero, cut if need be */
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "messages are little-endian");
_Static_assert(sizeof(struct att_wire_head) == 16, "layout");
_Static_assert(sizeof(struct att_wire_hello) == 104, "layout");
_Static_assert(sizeof(struct att_wire_unit) == 16, "layout");
_Static_assert(sizeof(struct att_wire_grant) == 32, "layout");
_Static_assert(sizeof(struct att_wire_row) == 8, "layout");
_Static_assert(sizeof(struct att_wire_lost) == 56, "layout");
_Static_assert(sizeof(struct att_wire_lane) == 72, "layout");
_Static_assert(sizeof(struct att_wire_word) == 8, "layout");
_Static_assert(sizeof(struct att_wire_text) == 512, "layout");

/* ---- writing: a head first, then entries ---------------------------------- */

/* Empty the buffer and begin a message of no entries. */
void att_wire_begin(struct att_buffer *out, enum att_wire_kind kind);
/* Append one entry of n bytes and count it. */
void att_wire_put(struct att_buffer *out, const void *entry, size_t n);
/* Append bytes that belong to the last entry, padded to a multiple of 8. */
void att_wire_pad(struct att_buffer *out, const void *bytes, size_t n);

struct att_wire_unit att_wire_from_unit(const struct att_unit *unit);
struct att_unit att_wire_to_unit(const struct att_wire_unit *unit);

/* ---- reading ---------------------------------------------------------------- */

struct att_wire_message {
    enum att_wire_kind kind;
    uint32_t count;
    const unsigned char *body; /* n_body bytes, borrowed */
    size_t n_body;
};

/* Check head and lengths: a message of fixed entries holds exactly count of
 * them, of a kind with one entry exactly one.
 * Fails: ATT_E_COMM with what is wrong; another protocol is named. */
ATT_CHECKED att_status att_wire_read(const void *bytes, size_t n,
                                     struct att_wire_message *out,
                                     struct att_error *err);

/* Copy out fixed entry i < count. */
void att_wire_get(const struct att_wire_message *m, size_t i, void *entry,
                  size_t n);

/* Walk through entries with bytes behind them: at starts at 0 and is moved to
 * the next.  *bytes is borrowed.  Fails: ATT_E_COMM past the end. */
ATT_CHECKED att_status att_wire_next_row(const struct att_wire_message *m,
                                         size_t *at, struct att_wire_row *row,
                                         const unsigned char **bytes,
                                         struct att_error *err);

/* The entry of LOST and, ended by a zero and cut if need be, its message. */
ATT_CHECKED att_status att_wire_get_lost(const struct att_wire_message *m,
                                         struct att_wire_lost *lost,
                                         char text[ATT_ERROR_TEXT],
                                         struct att_error *err);

/* The unit of CHECKPOINT and its bytes, borrowed. */
ATT_CHECKED att_status att_wire_get_checkpoint(const struct att_wire_message *m,
                                               struct att_unit *unit,
                                               const unsigned char **bytes,
                                               size_t *n,
                                               struct att_error *err);
