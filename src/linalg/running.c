/* running.c - how a block of queries walks over keys and coordinates.
 *
 * A chunk of a panel's coordinates (at most 16 KiB) stays in the first-level
 * cache while all groups of the block pass over it; the block's sums with the
 * panel and its largest sums so far stay in the second-level cache. */
#include "attest/linalg/running.h"

#include <math.h>
#include <string.h>

#include "attest/linalg/cpu.h"
#include "running_priv.h"

enum {
    R = ATT_RUNNING_ROWS,
    C = ATT_RUNNING_COLUMNS,
    W = ATT_RUNNING_LANES,
    TILE = R * C,
    KEPT = R * W,
    CHUNK = 64,       /* coordinates at most */
    CHUNK_STOPS = 32, /* stops at most */
    LINE = 16         /* numbers in a line of the cache */
};

static const struct att_running_kernels *used(void)
{
#ifdef __x86_64__
    static const struct att_running_kernels *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = &att_running_portable,
        [ATT_ISA_AVX2] = &att_running_avx2,
        [ATT_ISA_AVX512] = &att_running_avx512,
    };

    return TABLE[att_isa_used()];
#else
    return &att_running_portable;
#endif
}

/* Coordinates from .. from + n - 1 of a panel, and the stops among them. */
struct chunk {
    size_t panel, from, n, stop, n_stops;
};

static struct chunk chunk_at(const struct att_running *k, size_t panel,
                             size_t from, size_t stop)
{
    const size_t left = k->d - from;
    struct chunk c = {panel, from, left < CHUNK ? left : CHUNK, stop, 0};

    while (stop + c.n_stops < k->n_stops &&
           k->stop[stop + c.n_stops] <= from + c.n) {
        if (++c.n_stops == CHUNK_STOPS)
            c.n = k->stop[stop + c.n_stops - 1] - from;
    }
    return c;
}

/* The parts of a block's scratch, all of them one group after the other. */
struct room {
    float *sum;  /* [groups, R, C] sums with the panel */
    float *best; /* [groups, n_stops, R, W] largest sums so far, by lanes */
    float *low;  /* [groups, R, W] smallest sums at d so far */
    float *row;  /* [n_stops, R] largest sums of a group */
};

static struct room room_of(const struct att_running *k,
                           const struct att_running_block *b)
{
    struct room m = {.sum = b->scratch};

    m.best = m.sum + b->n_groups * TILE;
    m.low = m.best + b->n_groups * k->n_stops * R * W;
    m.row = m.low + b->n_groups * R * W;
    return m;
}

size_t att_running_scratch(size_t n_groups, size_t n_stops)
{
    return n_groups * (TILE + (n_stops + 1) * R * W) + n_stops * R;
}

/* Does the tile of group g and a panel leave out keys?  Then its sums start in
 * memory. */
static bool start_tile(const struct att_running *k,
                       const struct att_running_block *b, size_t g,
                       size_t panel, float *sum)
{
    bool any = (panel + 1) * C > k->n_keys;

    for (size_t e = b->first[g]; e < b->first[g + 1] && !any; e++)
        any = b->skip[e].key / C == panel;
    if (!any)
        return false;
    memset(sum, 0, TILE * sizeof *sum);
    for (size_t c = C; panel * C + c > k->n_keys; c--) {
        for (size_t r = 0; r < R; r++)
            sum[r * C + c - 1] = -INFINITY;
    }
    for (size_t e = b->first[g]; e < b->first[g + 1]; e++) {
        if (b->skip[e].key / C == panel)
            sum[b->skip[e].query % R * C + b->skip[e].key % C] = -INFINITY;
    }
    return true;
}

/* Before the first key. */
static void start_best(struct att_running_tile *t, float *low)
{
    for (size_t i = 0; i < t->n_stops * R * W; i++)
        t->best[i] = -INFINITY;
    for (size_t i = 0; i < KEPT; i++)
        low[i] = INFINITY;
}

static void run_tile(const struct att_running *k,
                     const struct att_running_block *b, const struct chunk *c,
                     size_t g)
{
    const struct room m = room_of(k, b);
    float *low = m.low + g * R * W;
    struct att_running_tile t = {
        .x = b->x + (g * k->d + c->from) * R,
        .y = k->keys + (c->panel * k->d + c->from) * C,
        .n = c->n,
        .stop = k->stop + c->stop,
        .n_stops = c->n_stops,
        .base = c->from,
        .sum = m.sum + g * TILE,
        .best = m.best + (g * k->n_stops + c->stop) * R * W,
        .least = c->from + c->n == k->d ? low : NULL,
    };

    if (c->panel == 0)
        start_best(&t, low);
    t.fresh = c->from == 0 && !start_tile(k, b, g, c->panel, t.sum);
    used()->tile(&t);
}

/* The keys behind a chunk are the next ones; a group asks for its share. */
static void fetch_share(const struct att_running *k,
                        const struct att_running_block *b,
                        const struct chunk *c, size_t g)
{
    const float *next = k->keys + (c->panel * k->d + c->from + c->n) * C;
    const size_t share = c->n * C / b->n_groups;

    for (size_t i = g * share; i < (g + 1) * share; i += LINE)
        __builtin_prefetch(next + i, 0, 2);
}

static void run_panel(const struct att_running *k,
                      const struct att_running_block *b, size_t panel)
{
    struct chunk c = {0};

    for (size_t from = 0; from < k->d; from += c.n) {
        c = chunk_at(k, panel, from, c.stop + c.n_stops);
        for (size_t g = 0; g < b->n_groups; g++) {
            if (panel + 1 < att_running_panels(k->n_keys))
                fetch_share(k, b, &c, g);
            run_tile(k, b, &c, g);
        }
    }
}

/* most [R, n_stops] of group g from its best [n_stops, R, W], least [R] from
 * its low [R, W]. */
static void fold_group(const struct att_running *k,
                       const struct att_running_block *b, size_t g)
{
    const struct room m = room_of(k, b);
    float *most = b->most + g * R * k->n_stops;

    used()->fold(m.best + g * k->n_stops * R * W, k->n_stops * R, m.row);
    for (size_t r = 0; r < R; r++) {
        const float *low = m.low + (g * R + r) * W;
        float least = low[0];

        for (size_t w = 1; w < W; w++)
            least = fminf(least, low[w]);
        b->least[g * R + r] = least;
        for (size_t s = 0; s < k->n_stops; s++)
            most[r * k->n_stops + s] = m.row[s * R + r];
    }
}

void att_running_max(const struct att_running *k,
                     const struct att_running_block *b)
{
    for (size_t p = 0; p < att_running_panels(k->n_keys); p++)
        run_panel(k, b, p);
    for (size_t g = 0; g < b->n_groups; g++)
        fold_group(k, b, g);
}

void att_running_chains(const struct att_running *k, const float *x,
                        const float *const y[ATT_RUNNING_CHAINS], float *out)
{
    used()->chains(k, x, y, out);
}
