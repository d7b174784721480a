/* yaml_priv.h - a study file as a tree of nodes with places. */
#pragma once

#include "attest/base/arena.h"
#include "diagnose_priv.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    bool quoted; /* scalar that was written in quotes or as a block */
    uint32_t n;  /* children of a list, keys of a map */
    struct place at;
    const char *text;        /* scalar: zero-terminated */
    struct yaml_node *first; /* children; for a map, its keys (scalars) */
    struct yaml_node *next;  /* sibling */
    struct yaml_node *value; /* of a key; never NULL after yaml_read */
};

/* Read one document.  Syntax errors, aliases, anchors, tags, keys that are no
 * scalars, duplicate keys and excessive sizes become diagnostics.  All but
 * duplicate keys end the reading.  *root is NULL then, and for an empty
 * document.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_yaml_read(struct diagnostics *d,
                                     struct att_arena *arena,
                                     struct yaml_node **root,
                                     struct att_error *err);

/* The value of a key of a map, or NULL. */
struct yaml_node *att_yaml_get(const struct yaml_node *map, const char *key);
/* The key itself, or NULL. */
struct yaml_node *att_yaml_key(const struct yaml_node *map, const char *key);

/* Diagnose every key of a map that is not legal; `of` names the map. */
void att_yaml_check_keys(struct diagnostics *d, const struct yaml_node *map,
                         const char *of, struct names legal);
