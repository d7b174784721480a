/* nested.c - grids of nested dimensions, and signs cut along them. */
#include "attest/construction/nested.h"

#include <math.h>

#include "attest/base/text.h"

/* ---- the grid ------------------------------------------------------------ */

/* The dimension after d in a grid of 4 % steps, or of 1, 2, 5, 10, ... */
static size_t next_d(size_t d, bool log)
{
    size_t decade = 1;

    if (!log)
        return d + (d < 50 ? 1 : d / 25);
    while (decade * 10 <= d)
        decade *= 10;
    return d / decade == 1 ? 2 * decade : (d / decade == 2 ? 5 : 10) * decade;
}

static bool asked_as_log(const struct att_case *c)
{
    for (size_t i = 0; i < c->observe.n; i++) {
        if (att_text_same(c->observe.axis[i].name, "d"))
            return c->observe.axis[i].log;
    }
    return false;
}

static void put_d(struct att_nested *g, size_t d, bool asked)
{
    g->d[g->n] = (uint32_t)d;
    g->asked[g->n++] = asked;
}

enum { OWN_MOST = 600 }; /* 4 % steps: 2^32 */

/* Up to d: all of the grid, or d alone. */
static struct att_own_grid own_grid(const struct att_case *c, size_t d,
                                    bool all, struct att_arena *arena)
{
    double *own = ATT_NEW(arena, double, OWN_MOST);
    size_t n = 0;

    for (size_t x = 1; own != NULL && all && x < d;
         x = next_d(x, asked_as_log(c)))
        own[n++] = (double)x;
    if (own != NULL)
        own[n++] = (double)d;
    return (struct att_own_grid){own, n};
}

att_status att_nested_grid(const struct att_case *c, size_t d, bool all,
                           struct att_arena *arena, struct att_nested *out,
                           struct att_error *err)
{
    const struct att_own_grid own = own_grid(c, d, all, arena);
    size_t n = 0;
    const double *asked =
        own.n == 0 ? NULL : att_case_observe_or(c, "d", own, arena, &n);

    *out = (struct att_nested){ATT_NEW(arena, uint32_t, n + 1),
                               ATT_NEW(arena, bool, n + 1), 0};
    if (asked == NULL || out->d == NULL || out->asked == NULL)
        return att_arena_fail(arena, "the grid of dimensions", err);
    for (size_t i = 0; i < n; i++) {
        if (asked[i] >= 1.0 && asked[i] <= (double)d &&
            asked[i] == floor(asked[i]))
            put_d(out, (size_t)asked[i], true);
    }
    if (out->n == 0 || out->d[out->n - 1] != d)
        put_d(out, d, false);
    return ATT_OK;
}

size_t att_nested_first(const struct att_nested *grid, size_t g)
{
    return g == 0 ? 0 : grid->d[g - 1];
}

size_t att_nested_segment(const struct att_nested *grid, size_t m)
{
    size_t g = 0;

    while (m >= grid->d[g])
        g++;
    return g;
}

/* ---- signs --------------------------------------------------------------- */

struct att_bits *att_nested_bits(const struct att_nested *grid, size_t n,
                                 struct att_arena *arena)
{
    struct att_bits *segment = ATT_NEW(arena, struct att_bits, grid->n);

    for (size_t g = 0; segment != NULL && g < grid->n; g++) {
        segment[g] =
            att_bits_new(arena, n, grid->d[g] - att_nested_first(grid, g));
        if (segment[g].word == NULL)
            segment = NULL;
    }
    return segment;
}

/* n <= 64 bits from bit `from` on; word has one more behind the last. */
static uint64_t bits_from(const uint64_t *word, size_t from, size_t n)
{
    const size_t shift = from % 64;
    uint64_t x = word[from / 64] >> shift;

    if (shift != 0)
        x |= word[from / 64 + 1] << (64 - shift);
    return n == 64 ? x : x & ((UINT64_C(1) << n) - 1);
}

void att_nested_cut(const struct att_nested *grid, const uint64_t *word,
                    size_t j, struct att_bits *segment)
{
    for (size_t g = 0; g < grid->n; g++) {
        struct att_bits *b = &segment[g];
        const size_t first = att_nested_first(grid, g);

        for (size_t w = 0; w < b->n_words; w++) {
            const size_t left = b->d - 64 * w;

            b->word[w * b->stride + j] =
                bits_from(word, first + 64 * w, left < 64 ? left : 64);
        }
    }
}
