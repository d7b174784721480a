/* axis.c - positions to values and back.
 *
 * Explicit values are searched through a permutation that sorts them, which
 * the removal of duplicates makes on its way. */
#include "attest/config/axis.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct att_value att_axis_value(const struct att_axis *axis, uint64_t position,
                                uint32_t k)
{
    assert(axis->expr == NULL && position < axis->n && k < axis->n_params);
    if (axis->value == NULL)
        return att_int(axis->from + (int64_t)position * axis->step);
    return axis->value[position * axis->n_params + k];
}

/* -1, 0, 1; values of one parameter are of one kind. */
static int compare_values(struct att_value a, struct att_value b)
{
    if (a.kind != b.kind)
        return a.kind < b.kind ? -1 : 1;
    switch (a.kind) {
    case ATT_NONE:
        break;
    case ATT_INTEGER:
        return (a.i > b.i) - (a.i < b.i);
    case ATT_REAL:
        return (a.r > b.r) - (a.r < b.r);
    case ATT_TEXT:
        return strcmp(a.s, b.s);
    }
    return 0;
}

/* ---- value to position ---------------------------------------------------- */

/* The tuple at a position against the values in p. */
static int compare_at(const struct att_axis *axis, uint64_t position,
                      const struct att_value *p)
{
    for (uint32_t k = 0; k < axis->n_params; k++) {
        const int order = compare_values(
            axis->value[position * axis->n_params + k], p[axis->param[k]]);

        if (order != 0)
            return order;
    }
    return 0;
}

static bool find_in_range(const struct att_axis *axis, struct att_value v,
                          uint64_t *position)
{
    if (v.kind != ATT_INTEGER || v.i < axis->from)
        return false;
    const uint64_t distance = (uint64_t)v.i - (uint64_t)axis->from;
    const uint64_t step = (uint64_t)axis->step;
    if (distance % step != 0 || distance / step >= axis->n)
        return false;
    *position = distance / step;
    return true;
}

bool att_axis_find(const struct att_axis *axis, const struct att_value *p,
                   uint64_t *position)
{
    assert(axis->expr == NULL);
    if (axis->value == NULL)
        return find_in_range(axis, p[axis->param[0]], position);
    uint64_t low = 0;
    uint64_t high = axis->n;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const uint64_t at = axis->order == NULL ? middle : axis->order[middle];
        const int order = compare_at(axis, at, p);

        if (order == 0) {
            *position = at;
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

/* ---- duplicates ------------------------------------------------------------ */

struct tuples {
    const struct att_value *value;
    uint32_t width;
};

static int compare_tuples(const struct tuples *t, uint32_t a, uint32_t b)
{
    for (uint32_t k = 0; k < t->width; k++) {
        const int order = compare_values(t->value[(uint64_t)a * t->width + k],
                                         t->value[(uint64_t)b * t->width + k]);

        if (order != 0)
            return order;
    }
    return 0;
}

/* Equal tuples stand in the order in which they were written. */
static int compare_positions(const void *a, const void *b, void *context)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    const int order = compare_tuples(context, x, y);

    return order != 0 ? order : (x > y) - (x < y);
}

static bool ascends(const struct tuples *t, uint64_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        if (compare_tuples(t, i - 1, i) >= 0)
            return false;
    }
    return true;
}

/* Close the gaps: tuple i moves to place[i], or goes where place[i] == GONE. */
static const uint32_t GONE = UINT32_MAX;

static uint64_t close_gaps(struct att_value *value, uint64_t n, uint32_t width,
                           uint32_t *place)
{
    uint32_t kept = 0;

    for (uint64_t i = 0; i < n; i++) {
        if (place[i] == GONE)
            continue;
        if (kept != i) {
            memcpy(value + (size_t)kept * width, value + i * width,
                   width * sizeof *value);
        }
        place[i] = kept++;
    }
    return kept;
}

uint64_t att_axis_unique(struct att_value *value, uint64_t n, uint32_t width,
                         uint32_t *order, uint32_t *scratch)
{
    struct tuples t = {value, width};
    uint64_t kept = 0;

    assert(n < GONE);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    if (ascends(&t, n))
        return n;
    qsort_r(order, n, sizeof *order, compare_positions, &t);
    for (uint64_t i = 0; i < n; i++) {
        const bool twin =
            i > 0 && compare_tuples(&t, order[i - 1], order[i]) == 0;

        scratch[order[i]] = twin ? GONE : 0;
    }
    (void)close_gaps(value, n, width, scratch);
    for (uint64_t i = 0; i < n; i++) {
        if (scratch[order[i]] != GONE)
            order[kept++] = scratch[order[i]];
    }
    return kept;
}
