/* axis.h - the values that a parameter takes in a sweep.
 *
 * One axis belongs to one parameter, or to several that are zipped (position
 * i gives each its i-th value), or to one derived parameter, which has no
 * positions of its own: an expression over the other parameters gives it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/value.h"

struct att_axis {
    uint32_t n_params;
    const uint32_t *param; /* n_params indices into the construction's schema */
    uint64_t n;            /* positions, >= 1; 1 for a derived axis */
    /* Explicit: value[i * n_params + k].  NULL for arithmetic ranges of
     * integers (from + i * step, never materialised) and derived axes. */
    const struct att_value *value;
    int64_t from, step;
    /* Explicit: positions by ascending value (first parameter first), for
     * att_axis_find; NULL when the values ascend as they are written. */
    const uint32_t *order;
    const char *expr;      /* derived: a Lua expression, one parameter */
    uint64_t n_duplicates; /* values written twice, kept once */
    uint32_t line;         /* in the study file, from 1 */
};

/* The value of the k-th parameter at a position < n of an axis that is not
 * derived, k < n_params. */
struct att_value att_axis_value(const struct att_axis *axis, uint64_t position,
                                uint32_t k);

/* The position at which the axis gives its parameters the values they have in
 * p, which is indexed by parameter; false when there is none.  O(log n). */
bool att_axis_find(const struct att_axis *axis, const struct att_value *p,
                   uint64_t *position);

/* Drop repeated tuples from value[n * width], keeping first ones in place.
 * Returns how many stay.  *order (n entries) receives their positions by
 * ascending value; scratch holds n entries.  Integers, reals and texts each
 * have their own order; a tuple is compared from its first value on. */
uint64_t att_axis_unique(struct att_value *value, uint64_t n, uint32_t width,
                         uint32_t *order, uint32_t *scratch);
