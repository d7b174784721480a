/* keytable.c - a hash table whose keys are hashes already. */
#include "keytable_priv.h"

#include <stdbool.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

void att_keytable_fini(struct keytable *t)
{
    free(t->place);
    free(t->slot);
    *t = (struct keytable){0};
}

/* The slot that holds key, or the free one where it belongs.  At least a
 * quarter of the slots is free, so the walk ends. */
static uint32_t *slot_of(const struct keytable *t, struct att_key key)
{
    size_t i = (size_t)(key.low ^ key.high) & (t->n_slots - 1);

    while (t->slot[i] != 0 && !att_key_equal(t->place[t->slot[i] - 1].key, key))
        i = (i + 1) & (t->n_slots - 1);
    return &t->slot[i];
}

struct place *att_keytable_find(const struct keytable *t, struct att_key key)
{
    if (t->n_slots == 0)
        return NULL;
    const uint32_t number = *slot_of(t, key);

    return number == 0 ? NULL : &t->place[number - 1];
}

/* Twice the slots; false when out of memory, with t unchanged. */
static bool widen(struct keytable *t)
{
    struct keytable wide = *t;

    wide.n_slots = t->n_slots == 0 ? FIRST_SLOTS : 2 * t->n_slots;
    wide.slot = calloc(wide.n_slots, sizeof *wide.slot);
    if (wide.slot == NULL)
        return false;
    for (size_t i = 0; t->place != NULL && i < t->n; i++)
        *slot_of(&wide, t->place[i].key) = (uint32_t)(i + 1);
    free(t->slot);
    *t = wide;
    return true;
}

static bool lengthen(struct keytable *t)
{
    const size_t capacity = t->capacity == 0 ? FIRST_SLOTS : 2 * t->capacity;
    struct place *const place = realloc(t->place, capacity * sizeof *place);

    if (place == NULL)
        return false;
    t->place = place;
    t->capacity = capacity;
    return true;
}

/* Room for one more key: load at most three quarters. */
static bool make_room(struct keytable *t)
{
    if (4 * (t->n + 1) > 3 * t->n_slots && !widen(t))
        return false;
    return t->n < t->capacity || lengthen(t);
}

att_status att_keytable_add(struct keytable *t, struct att_key key,
                            struct place **place, struct att_error *err)
{
    *place = att_keytable_find(t, key);
    if (*place != NULL)
        return ATT_OK;
    if (t->n >= UINT32_MAX - 1)
        return att_fail(err, ATT_E_OVERFLOW, "more than %zu keys", t->n);
    if (!make_room(t) || t->place == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %zu keys", t->n + 1);
    *slot_of(t, key) = (uint32_t)(t->n + 1);
    *place = &t->place[t->n++];
    **place = (struct place){.key = key};
    return ATT_OK;
}
