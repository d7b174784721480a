/* running.h - the largest inner product of a query with all keys, at many
 * dimensions in one pass.
 *
 * Keys are nested: what has been added up to coordinate d is the inner product
 * at d, so one pass over the coordinates gives the largest sum at every `stop`.
 * Sums stay in registers while a tile of queries and keys runs over a chunk of
 * coordinates; between chunks they rest in a scratch that is one panel of keys
 * wide: memory does not grow with queries times keys.
 *
 * Every function gives the same bits in every instruction set: a sum is
 * fma(x[m], y[m], sum) for m = 0, 1, ... from 0.
 *
 * Layouts, R = ATT_RUNNING_ROWS, C = ATT_RUNNING_COLUMNS, W = ATT_RUNNING_LANES;
 * queries in groups of R, keys in panels of C:
 *
 *   keys   [panels, d, C]           x     [groups, d, R]
 *
 * Source: kernel K1, docs/theory/patterns.md. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ATT_RUNNING_ROWS = 6, ATT_RUNNING_COLUMNS = 64, ATT_RUNNING_LANES = 16 };

/* What all blocks of queries share; n_keys, d, n_stops >= 1. */
struct att_running {
    const float *keys; /* see above, aligned to 64 bytes; padded with 0 */
    size_t n_keys, d;
    const uint32_t *stop; /* [n_stops] ascending, 1 .. d */
    size_t n_stops;
};

/* A key that a query does not count. */
struct att_running_skip {
    uint32_t query, key; /* the query's number within the block */
};

/* A block of queries. */
struct att_running_block {
    const float *x; /* see above; queries that are not there are 0 */
    size_t n_groups;
    const struct att_running_skip *skip; /* sorted by group of the query */
    const size_t *first;                 /* [groups + 1] a group's in skip */
    float *most;    /* [groups, R, n_stops] out: the largest sum at each stop,
                     -INFINITY where all keys are skipped */
    float *least;   /* [groups, R] out: the smallest sum at d, skipped keys and
                     padding left out; INFINITY where there is none */
    float *scratch; /* [att_running_scratch], aligned to 64 bytes */
};

static inline size_t att_running_panels(size_t n_keys)
{
    return (n_keys + ATT_RUNNING_COLUMNS - 1) / ATT_RUNNING_COLUMNS;
}

/* Where key j begins in `keys`; its coordinates lie C apart. */
static inline size_t att_running_key(size_t d, size_t j)
{
    return j / ATT_RUNNING_COLUMNS * d * ATT_RUNNING_COLUMNS +
           j % ATT_RUNNING_COLUMNS;
}

/* Where query i of a block begins in `x`; its coordinates lie R apart. */
static inline size_t att_running_query(size_t d, size_t i)
{
    return i / ATT_RUNNING_ROWS * d * ATT_RUNNING_ROWS + i % ATT_RUNNING_ROWS;
}

/* Numbers of scratch for a block of so many groups. */
size_t att_running_scratch(size_t n_groups, size_t n_stops);

/* Fill most and least of the block. */
void att_running_max(const struct att_running *k,
                     const struct att_running_block *b);

enum { ATT_RUNNING_CHAINS = 8 };

/* The sums of one query x [d] with up to 8 single keys y[c] [d], at every
 * stop: out [n_stops, 8].  Rows y[c] may be the same array. */
void att_running_chains(const struct att_running *k, const float *x,
                        const float *const y[ATT_RUNNING_CHAINS], float *out);
