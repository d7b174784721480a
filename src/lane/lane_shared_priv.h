/* lane_shared_priv.h - the memory that a rank shares with one lane.
 *
 *   rank -> lane    job[] behind a turnstile: one word that holds how many
 *                   jobs were published and how many the lane has started.
 *                   The lane starts a job, and the rank takes back all that
 *                   have not started, by compare-and-swap on that one word.
 *   lane -> rank    row[], a ring of bytes that outlives the lane: what it
 *                   had finished when it crashed is not lost.
 *   lane -> rank    page, which says what runs, under a version that is odd
 *                   while it is being written.
 *
 * Each side sleeps in the kernel when it has nothing to do.  The lane raises
 * `asleep`, looks again, and reads its pipe; the rank writes a byte only when
 * it finds the flag raised.  The bell works alike in the other direction and
 * is one for all lanes.  A busy lane therefore makes no system calls.
 *
 * A crashing lane may have written anywhere.  The rank believes no index in
 * here: it keeps its own, and what does not fit them is damage. */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/lane/lane.h"

enum {
    ATT_LANE_SLOTS = 1024,        /* jobs on their way, a power of two */
    ATT_LANE_ROW_BYTES = 1 << 18, /* bytes on their way, a power of two */
    ATT_LANE_PHASE = 24           /* bytes of a phase with its closing zero */
};

/* What a lane does.  A job's number counts those of its process from 0. */
struct att_lane_page {
    uint64_t running;  /* number + 1 of the running job, 0 when idle */
    double since;      /* att_clock_s of its start */
    double cpu_before; /* processor seconds of the lane at its start */
    double done;       /* 0..1 */
    char phase[ATT_LANE_PHASE];
};

enum { ATT_LANE_PAGE_WORDS = sizeof(struct att_lane_page) / sizeof(uint64_t) };

struct att_lane_shared {
    alignas(64) _Atomic uint64_t turnstile; /* published << 32 | started */
    _Atomic uint32_t asleep;
    alignas(64) _Atomic uint64_t consumed; /* bytes, by the rank */
    alignas(64) _Atomic uint64_t written;  /* bytes, by the lane */
    _Atomic uint64_t base_bytes; /* resident when ready; 0: not ready */
    alignas(64) _Atomic uint32_t version;
    _Atomic uint64_t page[ATT_LANE_PAGE_WORDS];
    struct att_lane_job job[ATT_LANE_SLOTS];
    unsigned char row[ATT_LANE_ROW_BYTES];
};

/* Rung: the rank has been told to look and has not looked yet. */
struct att_lane_bell {
    _Atomic uint32_t rung;
};

/* Memory that stays shared across fork; NULL when there is none. */
void *att_lane_map(size_t bytes);
void att_lane_unmap(void *memory, size_t bytes); /* NULL is allowed */

/* Everything as for a lane that has not begun.  No lane may be using it. */
void att_lane_shared_reset(struct att_lane_shared *s);

/* ---- the turnstile ------------------------------------------------------ */

/* Rank: n more of the jobs in job[number mod ATT_LANE_SLOTS] may start. */
void att_lane_publish(struct att_lane_shared *s, uint32_t n);
/* Lane: start the next job, whose number is given; false when none waits.
 * Its slot stays as it is until the lane starts another. */
bool att_lane_start_next(struct att_lane_shared *s, uint32_t *number);
/* Lane: does a job wait? */
bool att_lane_waits(const struct att_lane_shared *s);
struct att_lane_turns {
    uint32_t published, started;
};
struct att_lane_turns att_lane_turns(const struct att_lane_shared *s);
/* Rank: unpublish what was not started; returns how many were. */
uint32_t att_lane_unpublish(struct att_lane_shared *s);

/* ---- the ring of bytes -------------------------------------------------- */

/* Lane: write what fits of n bytes; returns how many did. */
size_t att_lane_write(struct att_lane_shared *s, const void *bytes, size_t n);
/* Lane: bytes that the rank has not consumed. */
uint64_t att_lane_unread(const struct att_lane_shared *s);
/* Rank: append everything written since *consumed to in and count it there.
 * False when the indices are damaged. */
bool att_lane_drain(struct att_lane_shared *s, uint64_t *consumed,
                    struct att_buffer *in);

/* Every message in the ring starts with this. */
enum att_lane_message {
    ATT_LANE_MESSAGE_ROW = 0x52,
    ATT_LANE_MESSAGE_CHECKPOINT = 0x43,
    ATT_LANE_MESSAGE_FAULT = 0x46 /* why the work function failed */
};

struct att_lane_frame {
    uint64_t n_bytes; /* of what follows */
    uint64_t hash;    /* att_hash64 of what follows */
    uint32_t job;     /* number */
    uint32_t message;
};

/* ---- the page ----------------------------------------------------------- */

void att_lane_page_write(struct att_lane_shared *s,
                         const struct att_lane_page *page);
/* What was written last; possibly torn when the lane died while writing, but
 * always printable and with progress in 0..1. */
void att_lane_page_read(const struct att_lane_shared *s,
                        struct att_lane_page *page);

/* ---- sleeping and waking ------------------------------------------------ */

/* Rank: wake the lane that reads the other end of pipe, if it sleeps. */
void att_lane_wake(struct att_lane_shared *s, int pipe);
/* Lane: tell the rank to look, unless it has been told. */
void att_lane_ring(struct att_lane_bell *bell, int fd);
