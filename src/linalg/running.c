/* running.c - how a block of queries walks over keys and coordinates.
 *
 * A chunk of coordinates of one panel of keys (64 KiB) and of the block's
 * queries stays in the second-level cache while all groups of the block pass
 * over it. */
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
    CHUNK = 256
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

/* Coordinates from .. from + n - 1, and the stops among them. */
struct chunk {
    size_t from, n, stop, n_stops;
};

static struct chunk chunk_at(const struct att_running *k, size_t from,
                             size_t stop)
{
    const size_t left = k->d - from;
    struct chunk c = {from, left < CHUNK ? left : CHUNK, stop, 0};

    while (stop + c.n_stops < k->n_stops &&
           k->stop[stop + c.n_stops] <= from + c.n)
        c.n_stops++;
    return c;
}

/* Sums of group g and a panel before the first coordinate. */
static void start_tile(const struct att_running *k,
                       const struct att_running_block *b, size_t g,
                       size_t panel, float *sum)
{
    memset(sum, 0, TILE * sizeof *sum);
    for (size_t c = C; panel * C + c > k->n_keys; c--) {
        for (size_t r = 0; r < R; r++)
            sum[r * C + c - 1] = -INFINITY;
    }
    for (size_t e = b->first[g]; e < b->first[g + 1]; e++) {
        if (b->skip[e].key / C == panel)
            sum[b->skip[e].query % R * C + b->skip[e].key % C] = -INFINITY;
    }
}

static void run_panel(const struct att_running *k,
                      const struct att_running_block *b, const struct chunk *c,
                      size_t panel)
{
    struct att_running_tile t = {
        .y = k->keys + (panel * k->d + c->from) * C,
        .n = c->n,
        .stop = k->stop + c->stop,
        .n_stops = c->n_stops,
        .base = c->from,
    };

    for (size_t g = 0; g < b->n_groups; g++) {
        t.x = b->x + (g * k->d + c->from) * R;
        t.sum = b->sum + att_running_sums(k, g * R, panel);
        t.best = b->best + (g * k->n_stops + c->stop) * R * W;
        if (c->from == 0)
            start_tile(k, b, g, panel, t.sum);
        used()->tile(&t);
    }
}

/* most [groups, R, n_stops] from best [groups, n_stops, R, W]. */
static void fold_best(const struct att_running *k,
                      const struct att_running_block *b)
{
    for (size_t g = 0; g < b->n_groups; g++) {
        float *most = b->most + g * R * k->n_stops;

        for (size_t s = 0; s < k->n_stops; s++) {
            float row[R];

            used()->fold(b->best + (g * k->n_stops + s) * R * W, R, row);
            for (size_t r = 0; r < R; r++)
                most[r * k->n_stops + s] = row[r];
        }
    }
}

void att_running_max(const struct att_running *k,
                     const struct att_running_block *b)
{
    struct chunk c = {0};

    for (size_t i = 0; i < b->n_groups * k->n_stops * R * W; i++)
        b->best[i] = -INFINITY;
    for (size_t from = 0; from < k->d; from += c.n) {
        c = chunk_at(k, from, c.stop + c.n_stops);
        for (size_t p = 0; p < att_running_panels(k->n_keys); p++)
            run_panel(k, b, &c, p);
    }
    fold_best(k, b);
}

void att_running_chains(const struct att_running *k, const float *x,
                        const float *const y[ATT_RUNNING_CHAINS], float *out)
{
    used()->chains(k, x, y, out);
}
