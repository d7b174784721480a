/* keytable_priv.h - places of rows by key: open addressing over a dense list.
 *
 * Places are numbered 0, 1, 2, ... in the order of their first key and are
 * never moved or removed; a forgotten key's place has n_bytes == 0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/hash.h"
#include "attest/base/status.h"

enum { PLACE_COLUMNS_MAX = (1 << 24) - 1 };

struct place {
    struct att_key key;
    uint64_t offset;
    uint32_t n_bytes; /* 0: nothing counts here */
    uint32_t columns : 24;
    uint32_t status : 8;
};

_Static_assert(sizeof(struct place) == 32, "memory of a view is documented");

struct keytable {
    struct place *place; /* n of capacity */
    size_t n, capacity;
    uint32_t *slot; /* n_slots, a power of two; place + 1, or 0 */
    size_t n_slots;
};

void att_keytable_fini(struct keytable *t);

/* NULL when the key has no place. */
struct place *att_keytable_find(const struct keytable *t, struct att_key key);

/* The place of key, made (empty) if there is none.
 * Fails: ATT_E_NOMEM, ATT_E_OVERFLOW. */
ATT_CHECKED att_status att_keytable_add(struct keytable *t, struct att_key key,
                                        struct place **place,
                                        struct att_error *err);
