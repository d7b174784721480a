/* flight.c - a hash table with linear probing and no tombstones. */
#include "flight_priv.h"

#include <assert.h>
#include <stdlib.h>

/* Fibonacci hashing of the task number, shifted by the slice. */
static size_t home_of(const struct flights *f, uint64_t task, uint32_t slice)
{
    const uint64_t mixed =
        (task + ((uint64_t)slice << 40)) * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(mixed >> 32) & (f->room - 1);
}

void att_flights_fini(struct flights *f)
{
    free(f->place);
    *f = (struct flights){0};
}

static size_t probe(const struct flights *f, uint64_t task, uint32_t slice)
{
    size_t i = home_of(f, task, slice);

    while (f->place[i].attempt != 0 &&
           (f->place[i].unit.task != task || f->place[i].unit.slice != slice))
        i = (i + 1) & (f->room - 1);
    return i;
}

bool att_flights_reserve(struct flights *f, size_t n)
{
    size_t room = f->room == 0 ? 64 : f->room;

    while (2 * (f->n + n) > room)
        room *= 2;
    if (room == f->room)
        return true;
    struct flights wide = {.place = calloc(room, sizeof *f->place),
                           .room = room};

    if (wide.place == NULL)
        return false;
    for (size_t i = 0; i < f->room; i++) {
        if (f->place[i].attempt != 0)
            att_flights_add(&wide, &f->place[i]);
    }
    free(f->place);
    *f = wide;
    return true;
}

struct flight *att_flights_find(const struct flights *f, uint64_t task,
                                uint32_t slice)
{
    if (f->n == 0)
        return NULL;
    struct flight *at = &f->place[probe(f, task, slice)];

    return at->attempt == 0 ? NULL : at;
}

void att_flights_add(struct flights *f, const struct flight *flight)
{
    struct flight *at =
        &f->place[probe(f, flight->unit.task, flight->unit.slice)];

    assert(at->attempt == 0 && flight->attempt != 0 && 2 * f->n < f->room);
    *at = *flight;
    f->n++;
}

/* Close the gap: an entry whose home is at or before the gap moves into it. */
void att_flights_remove(struct flights *f, struct flight *at)
{
    size_t gap = (size_t)(at - f->place);
    size_t i = gap;

    for (;;) {
        i = (i + 1) & (f->room - 1);
        const struct flight *next = &f->place[i];

        if (next->attempt == 0)
            break;
        const size_t home = home_of(f, next->unit.task, next->unit.slice);

        if (((i - home) & (f->room - 1)) >= ((i - gap) & (f->room - 1))) {
            f->place[gap] = *next;
            gap = i;
        }
    }
    f->place[gap].attempt = 0;
    f->n--;
}

bool att_flight_is_unit(const struct flight *at)
{
    return at->attempt != 0 && at->unit.slice != (uint32_t)FLIGHT_TASK;
}
