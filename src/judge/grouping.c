/* grouping.c - rows with equal columns, by hashing single cells.
 *
 * Rows of all parts are numbered through.  One pass gives every row the number
 * of its group (a table of row numbers, open addressing); a counting sort
 * brings the rows of a group together; then groups are put in the order of
 * their values and rows in the order of theirs, so that nothing depends on how
 * the rows came.  Per row this takes 20 to 40 bytes. */
#include <stdlib.h>
#include <string.h>

#include "attest/base/hash.h"
#include "judge_priv.h"

static const uint32_t NOBODY = UINT32_MAX;

const struct att_part *att_grouping_part(const struct att_grouping *g,
                                         uint32_t row)
{
    uint32_t p = g->n_parts - 1;

    while (g->part[p].first > row)
        p--;
    return &g->part[p];
}

static struct att_value held(const struct att_grouping *g, uint32_t row,
                             uint32_t k)
{
    const struct att_part *part = att_grouping_part(g, row);

    return att_source_value(part->source, row - part->first, part->fixed[k]);
}

static struct att_row_label label(const struct att_grouping *g, uint32_t row)
{
    const struct att_part *part = att_grouping_part(g, row);

    return part->source->label(part->source->context, row - part->first);
}

/* ---- sets of rows ---------------------------------------------------------- */

/* What makes two rows the same: an equivalence with its hash. */
struct likeness {
    uint64_t (*hash)(const struct att_grouping *g, uint32_t row);
    bool (*same)(const struct att_grouping *g, uint32_t a, uint32_t b);
};

struct row_set {
    uint32_t *slot; /* mask + 1 rows, or NOBODY */
    uint32_t mask;
    struct likeness like;
};

/* False when out of memory. */
static bool make_set(struct row_set *set, uint32_t n_rows,
                     struct att_arena *arena)
{
    uint32_t size = 16;

    while (size / 2 < n_rows)
        size *= 2; /* n_rows <= 2^30 */
    set->slot = ATT_NEW(arena, uint32_t, size);
    set->mask = size - 1;
    for (uint32_t i = 0; set->slot != NULL && i < size; i++)
        set->slot[i] = NOBODY;
    return set->slot != NULL;
}

/* The row of the set that is like this one; row itself, now in the set, when
 * there was none. */
static uint32_t representative(struct row_set *set,
                               const struct att_grouping *g, uint32_t row)
{
    uint32_t at = (uint32_t)set->like.hash(g, row) & set->mask;

    while (set->slot[at] != NOBODY && !set->like.same(g, set->slot[at], row))
        at = (at + 1) & set->mask;
    if (set->slot[at] == NOBODY)
        set->slot[at] = row;
    return set->slot[at];
}

static uint64_t hash_value(uint64_t seed, struct att_value v)
{
    uint64_t word[2] = {seed, 0};

    if (v.kind == ATT_TEXT) {
        word[1] = att_hash64(v.s, strlen(v.s));
    } else if (v.kind != ATT_NONE) {
        const double number = att_value_number(v) + 0.0; /* -0 is 0 */

        memcpy(&word[1], &number, sizeof number);
    }
    return att_hash64(word, sizeof word);
}

static bool is_parameter(const struct att_grouping *g, uint32_t k)
{
    const struct att_part *part = &g->part[0];

    return part->fixed[k] <
           (int)att_construction_n_params(part->source->construction);
}

static uint64_t hash_held(const struct att_grouping *g, uint32_t row)
{
    uint64_t h = 0;

    for (uint32_t k = 0; k < g->n_fixed; k++)
        h = hash_value(h, held(g, row, k));
    return h;
}

static bool same_held(const struct att_grouping *g, uint32_t a, uint32_t b)
{
    for (uint32_t k = 0; k < g->n_fixed; k++) {
        if (att_value_compare(held(g, a, k), held(g, b, k)) != 0)
            return false;
    }
    return true;
}

/* The same in the held parameters only, which are known of every row. */
static uint64_t hash_point(const struct att_grouping *g, uint32_t row)
{
    uint64_t h = 0;

    for (uint32_t k = 0; k < g->n_fixed; k++) {
        if (is_parameter(g, k))
            h = hash_value(h, held(g, row, k));
    }
    return h;
}

static bool same_point(const struct att_grouping *g, uint32_t a, uint32_t b)
{
    for (uint32_t k = 0; k < g->n_fixed; k++) {
        if (is_parameter(g, k) &&
            att_value_compare(held(g, a, k), held(g, b, k)) != 0)
            return false;
    }
    return true;
}

static uint64_t hash_key(const struct att_grouping *g, uint32_t row)
{
    return label(g, row).key.low;
}

static bool same_key(const struct att_grouping *g, uint32_t a, uint32_t b)
{
    return att_key_equal(label(g, a).key, label(g, b).key);
}

/* ---- rows to groups -------------------------------------------------------- */

/* A held metric is unknown until the row is done. */
static bool is_placed(const struct att_grouping *g, uint32_t row)
{
    for (uint32_t k = 0; k < g->n_fixed; k++) {
        if (held(g, row, k).kind == ATT_NONE)
            return false;
    }
    return true;
}

static bool holds_metric(const struct att_grouping *g)
{
    for (uint32_t k = 0; k < g->n_fixed; k++) {
        if (!is_parameter(g, k))
            return true;
    }
    return false;
}

struct numbering {
    uint32_t *group;    /* of each row: first its representative; NOBODY */
    uint32_t *unplaced; /* of each point's representative: rows that might
                           belong to any group at the point */
    struct row_set groups, points, keys;
};

/* False when out of memory. */
static bool make_numbering(const struct att_grouping *g, struct numbering *n,
                           struct att_arena *arena)
{
    const uint32_t n_points = holds_metric(g) ? g->n_rows : 0;
    const uint32_t n_keys = g->n_parts > 1 ? g->n_rows : 0;

    *n = (struct numbering){
        .group = ATT_NEW(arena, uint32_t, g->n_rows),
        .unplaced = ATT_NEW0(arena, uint32_t, g->n_rows),
        .groups.like = {hash_held, same_held},
        .points.like = {hash_point, same_point},
        .keys.like = {hash_key, same_key},
    };
    return n->group != NULL && n->unplaced != NULL &&
           make_set(&n->groups, g->n_rows, arena) &&
           make_set(&n->points, n_points, arena) &&
           make_set(&n->keys, n_keys, arena);
}

static void number_rows(const struct att_grouping *g, struct numbering *n)
{
    for (uint32_t row = 0; row < g->n_rows; row++) {
        n->group[row] = NOBODY;
        if (label(g, row).status == ATT_INFEASIBLE)
            continue;
        if (g->n_parts > 1 && representative(&n->keys, g, row) != row)
            continue;
        if (is_placed(g, row)) {
            n->group[row] = representative(&n->groups, g, row);
            continue;
        }
        n->unplaced[representative(&n->points, g, row)]++;
    }
}

/* ---- order ------------------------------------------------------------------ */

static int compare_groups(const void *pa, const void *pb, void *context)
{
    const struct att_grouping *g = context;
    const uint32_t a = *(const uint32_t *)pa;
    const uint32_t b = *(const uint32_t *)pb;

    for (uint32_t k = 0; k < g->n_fixed; k++) {
        const int order = att_value_compare(held(g, a, k), held(g, b, k));

        if (order != 0)
            return order;
    }
    return 0;
}

static int compare_rows(const void *pa, const void *pb, void *context)
{
    const struct att_grouping *g = context;
    const uint32_t a = *(const uint32_t *)pa;
    const uint32_t b = *(const uint32_t *)pb;
    const struct att_part *part = att_grouping_part(g, a);

    if (part != att_grouping_part(g, b))
        return a < b ? -1 : 1;
    return att_source_compare(part->source, a - part->first, b - part->first,
                              part->order, part->n_order);
}

/* Representatives in the order of their groups' values; then each row's
 * group[] becomes the number of its group. */
static void number_groups(struct att_grouping *g, struct numbering *n,
                          uint32_t *number, uint32_t *leader)
{
    for (uint32_t row = 0; row < g->n_rows; row++) {
        if (n->group[row] == row)
            leader[g->n_groups++] = row;
    }
    qsort_r(leader, g->n_groups, sizeof *leader, compare_groups, g);
    for (uint32_t i = 0; i < g->n_groups; i++)
        number[leader[i]] = i;
    for (uint32_t row = 0; row < g->n_rows; row++) {
        if (n->group[row] != NOBODY)
            n->group[row] = number[n->group[row]];
    }
}

/* Counting sort of the rows by group, then each group by its columns. */
static void order_rows(struct att_grouping *g, const uint32_t *group)
{
    for (uint32_t row = 0; row < g->n_rows; row++) {
        if (group[row] != NOBODY)
            g->start[group[row] + 1]++;
    }
    for (uint32_t i = 0; i < g->n_groups; i++) {
        g->n_planned[i] = g->start[i + 1];
        g->start[i + 1] += g->start[i];
    }
    for (uint32_t row = g->n_rows; row-- > 0;) {
        if (group[row] != NOBODY)
            g->order[--g->start[group[row] + 1]] = row;
    }
    /* start[i + 1] has walked down to where group i begins */
    for (uint32_t i = 0; i < g->n_groups; i++)
        g->start[i] = g->start[i + 1];
    g->start[g->n_groups] =
        g->n_groups == 0
            ? 0
            : g->start[g->n_groups - 1] + g->n_planned[g->n_groups - 1];
    for (uint32_t i = 0; i < g->n_groups; i++) {
        qsort_r(g->order + g->start[i], g->n_planned[i], sizeof *g->order,
                compare_rows, g);
    }
}

static void count_unplaced(struct att_grouping *g, struct numbering *n)
{
    for (uint32_t i = 0; holds_metric(g) && i < g->n_groups; i++) {
        const uint32_t row = g->order[g->start[i]];
        const uint32_t point = representative(&n->points, g, row);

        g->n_planned[i] += n->unplaced[point];
    }
}

att_status att_group_rows(struct att_grouping *g, struct att_arena *arena,
                          struct att_error *err)
{
    struct numbering n = {0};

    if (g->n_rows > UINT32_C(1) << 30) {
        return att_fail(err, ATT_E_OVERFLOW,
                        "%u rows are more than claims can be judged over",
                        g->n_rows);
    }
    uint32_t *number = ATT_NEW(arena, uint32_t, g->n_rows);

    g->n_groups = 0;
    g->order = ATT_NEW(arena, uint32_t, g->n_rows);
    if (number == NULL || g->order == NULL || !make_numbering(g, &n, arena))
        return att_arena_fail(arena, "the rows of a claim", err);
    number_rows(g, &n);
    number_groups(g, &n, number, g->order); /* order serves as scratch */
    g->start = ATT_NEW0(arena, uint32_t, (size_t)g->n_groups + 2);
    g->n_planned = ATT_NEW(arena, uint32_t, (size_t)g->n_groups + 1);
    if (g->start == NULL || g->n_planned == NULL)
        return att_arena_fail(arena, "the groups of a claim", err);
    order_rows(g, n.group);
    count_unplaced(g, &n);
    return ATT_OK;
}
