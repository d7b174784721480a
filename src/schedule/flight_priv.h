/* flight_priv.h - the units that are out, by name.
 *
 * An open-addressing table as large as what is in flight.  A task in several
 * slices has, from its first grant to its end, one more entry under slice
 * FLIGHT_TASK that counts the slices that have not come. */
#pragma once

#include "attest/schedule/schedule.h"

enum { FLIGHT_TASK = -1 }; /* slice number of a task's own entry */

struct flight {
    struct att_unit unit;
    uint32_t bin, worker;
    uint32_t attempt; /* 0: the place is free */
    int32_t bytes_level;
    bool claimed;   /* its row is here */
    bool started;   /* the worker is known to run it */
    bool suspect;   /* see schedule.h */
    uint8_t status; /* of a task's own entry: the worst slice so far */
    uint32_t left;  /* of a task's own entry: slices that have not come */
    double predicted_s;
    double since; /* when it was granted */
};

struct flights {
    struct flight *place; /* room, a power of two */
    size_t room, n;       /* n: entries of both kinds */
};

void att_flights_fini(struct flights *f);
/* Room for n more entries; false when out of memory. */
ATT_CHECKED bool att_flights_reserve(struct flights *f, size_t n);
/* NULL when it is not there.  Valid until the next add or remove. */
struct flight *att_flights_find(const struct flights *f, uint64_t task,
                                uint32_t slice);
/* The entry must not be there and room must have been reserved. */
void att_flights_add(struct flights *f, const struct flight *flight);
/* Remove an entry that flights_find gave.  Entries after it may move to its
 * place, never to an earlier one. */
void att_flights_remove(struct flights *f, struct flight *at);
bool att_flight_is_unit(
    const struct flight *at); /* neither free nor a task's */
