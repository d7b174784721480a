/* sequences_sets.c - kinds that are sets over a small stock of tokens, and
 * kinds whose sets must be drawn until they are new. */
#include "sequences_priv.h"

#include <stdbool.h>
#include <string.h>

/* ---- a set of keys ---------------------------------------------------- */

struct key_set {
    struct att_key *slot; /* [capacity], a power of two > 2 n */
    bool *taken;
    size_t capacity;
};

static att_status key_set_init(struct key_set *set, struct att_arena *arena,
                               size_t n, struct att_error *err)
{
    set->capacity = 4;
    while (set->capacity < 2 * n + 2)
        set->capacity *= 2;
    set->slot = ATT_NEW(arena, struct att_key, set->capacity);
    set->taken = ATT_NEW0(arena, bool, set->capacity);
    if (set->slot == NULL || set->taken == NULL)
        return att_arena_fail(arena, "the table of sets", err);
    return ATT_OK;
}

/* False when the key was there. */
static bool key_set_add(struct key_set *set, struct att_key key)
{
    size_t at = (size_t)key.low & (set->capacity - 1);

    while (set->taken[at]) {
        if (att_key_equal(set->slot[at], key))
            return false;
        at = (at + 1) & (set->capacity - 1);
    }
    set->slot[at] = key;
    set->taken[at] = true;
    return true;
}

/* ---- subsets of a stock: vocab, powerset, nested, sub1 ----------------- */

static size_t n_bits(size_t x)
{
    size_t n = 0;

    for (; x != 0; x >>= 1)
        n++;
    return n; /* = ceil(log2(x + 1)) */
}

static size_t n_members(uint64_t mask)
{
    size_t n = 0;

    for (; mask != 0; mask &= mask - 1)
        n++;
    return n;
}

static void copy_token(const struct seq_maker *m, size_t token, double *x)
{
    memcpy(x, m->shared + token * m->d, m->d * sizeof *x);
}

static void tokens_of_mask(const struct seq_maker *m, uint64_t mask, double *x)
{
    for (size_t t = 0; t < m->n_shared; t++) {
        if ((mask >> t & 1) != 0) {
            copy_token(m, t, x);
            x += m->d;
        }
    }
}

static att_status stock(struct seq_maker *m, size_t n, struct att_error *err)
{
    m->mask = ATT_NEW(m->ws->arena, uint64_t, m->n);
    m->attempt = ATT_NEW0(m->ws->arena, uint32_t, m->n);
    m->perm = ATT_NEW(m->ws->arena, uint32_t, 2 * n);
    if (m->mask == NULL || m->attempt == NULL || m->perm == NULL)
        return att_arena_fail(m->ws->arena, "the stock of tokens", err);
    return att_seq_share(m, n, err);
}

static size_t vocab_draw(const struct seq_maker *m, size_t j, size_t i)
{
    const struct att_stream s = att_seq_stream(m, SEQ_PICK, 0, j);

    return att_stream_below(&s, i, (uint32_t)m->n_shared);
}

/* Attempt 0: L draws with replacement.  Later ones: a random subset of
 * uniform size. */
static uint64_t vocab_mask(const struct seq_maker *m, size_t j,
                           uint32_t attempt)
{
    const uint32_t n = (uint32_t)m->n_shared;
    uint64_t mask = 0;

    if (attempt == 0) {
        for (size_t i = 0; i < m->l; i++)
            mask |= (uint64_t)1 << vocab_draw(m, j, i);
        return mask;
    }
    const struct att_stream size = att_seq_stream(m, SEQ_RETRY, attempt, j);
    const struct att_stream pick = att_seq_stream(m, SEQ_RETRY + 1, attempt, j);
    const uint32_t q = 1 + att_stream_below(&size, 0, n);

    att_stream_subset(&pick, n, q, m->perm, m->perm + n);
    for (uint32_t i = 0; i < q; i++)
        mask |= (uint64_t)1 << m->perm[n + i];
    return mask;
}

static att_status lengths_vocab(struct seq_maker *m, struct att_error *err)
{
    const size_t bits = 2 * n_bits(m->n);
    struct key_set seen;

    ATT_TRY(stock(m, bits > 16 ? bits : 16, err));
    ATT_TRY(key_set_init(&seen, m->ws->arena, m->n, err));
    for (size_t j = 0; j < m->n; j++) {
        do {
            m->mask[j] = vocab_mask(m, j, m->attempt[j]++);
        } while (
            !key_set_add(&seen, att_hash128(&m->mask[j], sizeof m->mask[j])));
        m->attempt[j]--;
        m->length[j] = m->attempt[j] == 0 ? m->l : n_members(m->mask[j]);
    }
    return ATT_OK;
}

static void tokens_vocab(const struct seq_maker *m, size_t j, double *x)
{
    if (m->attempt[j] != 0) {
        tokens_of_mask(m, m->mask[j], x);
        return;
    }
    for (size_t i = 0; i < m->l; i++)
        copy_token(m, vocab_draw(m, j, i), x + i * m->d);
}

static att_status lengths_powerset(struct seq_maker *m, struct att_error *err)
{
    ATT_TRY(stock(m, n_bits(m->n), err));
    for (size_t j = 0; j < m->n; j++) {
        m->mask[j] = j + 1;
        m->length[j] = n_members(m->mask[j]);
    }
    return ATT_OK;
}

static void tokens_powerset(const struct seq_maker *m, size_t j, double *x)
{
    tokens_of_mask(m, m->mask[j], x);
}

static att_status lengths_nested(struct seq_maker *m, struct att_error *err)
{
    ATT_TRY(stock(m, m->n, err));
    for (size_t j = 0; j < m->n; j++)
        m->length[j] = j + 1;
    return ATT_OK;
}

/* The first j + 1 shared tokens, shuffled (Fisher-Yates). */
static void tokens_nested(const struct seq_maker *m, size_t j, double *x)
{
    const struct att_stream s = att_seq_stream(m, SEQ_SHUFFLE, 0, j);

    for (size_t i = 0; i <= j; i++)
        m->perm[i] = (uint32_t)i;
    for (size_t i = 0; i <= j; i++) {
        const size_t r = i + att_stream_below(&s, i, (uint32_t)(j + 1 - i));
        const uint32_t kept = m->perm[i];

        m->perm[i] = m->perm[r];
        m->perm[r] = kept;
        copy_token(m, m->perm[i], x + i * m->d);
    }
}

static att_status lengths_sub1(struct seq_maker *m, struct att_error *err)
{
    ATT_TRY(att_seq_share(m, m->n, err));
    for (size_t j = 0; j < m->n; j++)
        m->length[j] = m->n - 1;
    return ATT_OK;
}

static void tokens_sub1(const struct seq_maker *m, size_t j, double *x)
{
    const size_t before = j * m->d;
    const size_t after = (m->n - 1 - j) * m->d;

    memcpy(x, m->shared, before * sizeof *x);
    memcpy(x + before, m->shared + before + m->d, after * sizeof *x);
}

/* ---- integer tokens ----------------------------------------------------- */

enum { GRID_SIDE = 8 }; /* entries uniform in -8 .. 8 */

static void grid_draw(const struct seq_maker *m, size_t j, uint32_t attempt,
                      double *x)
{
    const uint32_t tag = attempt == 0 ? SEQ_TOKEN : SEQ_RETRY + attempt;

    for (size_t i = 0; i < m->l; i++) {
        const struct att_stream s = att_seq_stream(m, tag, i, j);

        for (size_t k = 0; k < m->d; k++) {
            const uint32_t side = 2 * GRID_SIDE + 1;

            x[i * m->d + k] = (double)att_stream_below(&s, k, side) - GRID_SIDE;
        }
    }
}

static void tokens_grid(const struct seq_maker *m, size_t j, double *x)
{
    grid_draw(m, j, m->attempt[j], x);
}

struct grid_scratch {
    double *x, *row;
    struct att_key *key;
};

static att_status grid_scratch(const struct seq_maker *m,
                               struct grid_scratch *g, struct att_error *err)
{
    struct att_arena *arena = m->ws->arena;

    g->x = ATT_NEW(arena, double, m->l * m->d);
    g->row = ATT_NEW(arena, double, m->d);
    g->key = ATT_NEW(arena, struct att_key, m->l);
    if (g->x == NULL || g->row == NULL || g->key == NULL)
        return att_arena_fail(arena, "a grid sequence", err);
    return ATT_OK;
}

/* Draw sequence j until its set is new. */
static att_status grid_new(struct seq_maker *m, size_t j,
                           const struct grid_scratch *g, struct key_set *seen,
                           struct att_error *err)
{
    for (uint32_t attempt = 0; attempt < SEQ_RETRIES; attempt++) {
        grid_draw(m, j, attempt, g->x);
        if (key_set_add(seen, att_token_set_key(g->x, m->l, m->d, g->key,
                                                g->row, NULL))) {
            m->attempt[j] = attempt;
            return ATT_OK;
        }
    }
    return att_fail(err, ATT_E_INFEASIBLE,
                    "data = grid: no new set for sequence %zu in %d draws: "
                    "take a larger d or L",
                    j, (int)SEQ_RETRIES);
}

static att_status lengths_grid(struct seq_maker *m, struct att_error *err)
{
    struct grid_scratch g;
    struct key_set seen;

    m->attempt = ATT_NEW0(m->ws->arena, uint32_t, m->n);
    if (m->attempt == NULL)
        return att_arena_fail(m->ws->arena, "the draws", err);
    ATT_TRY(grid_scratch(m, &g, err));
    ATT_TRY(key_set_init(&seen, m->ws->arena, m->n, err));
    for (size_t j = 0; j < m->n; j++) {
        m->length[j] = m->l;
        ATT_TRY(grid_new(m, j, &g, &seen, err));
    }
    return ATT_OK;
}

const struct seq_kind att_seq_set_kinds[] = {
    {"vocab", lengths_vocab, tokens_vocab},
    {"powerset", lengths_powerset, tokens_powerset},
    {"nested", lengths_nested, tokens_nested},
    {"sub1", lengths_sub1, tokens_sub1},
    {"grid", lengths_grid, tokens_grid},
    {NULL, NULL, NULL},
};
