/* hosts_priv.h - on which machines rows were made. */
#pragma once

#include <stdbool.h>

#include "attest/base/arena.h"

/* Distinct names, sorted; names live in arena. */
struct host_set {
    struct att_arena *arena;
    const char **name; /* n */
    size_t n;
};

/* False when out of memory. */
bool att_hosts_add(struct host_set *set, const char *name);
/* "node1 node2"; NULL when out of memory. */
const char *att_hosts_text(const struct host_set *set);
