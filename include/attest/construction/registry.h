/* registry.h - every construction that this build knows. */
#pragma once

#include "attest/construction/construction.h"

/* All of families.def, in its order. */
const struct att_construction *const *att_constructions(size_t *n);

/* NULL when unknown. */
const struct att_construction *att_construction_find(const char *name);

/* Hash of the sources that a construction's numbers depend on (its family's
 * folder and what that includes) and of the optional libraries in use, made
 * when attest is built: 16 hex digits; all zero for a construction that is
 * not in families.def. */
const char *att_construction_code_id(const struct att_construction *c);
