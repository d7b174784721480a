/* patterns_kinds.c - permutations, bands, blocks, stars, circulants. */
#include <stdlib.h>

#include "patterns_priv.h"

void att_pat_shuffle(const struct att_workspace *ws, size_t step, size_t n,
                     uint32_t *perm)
{
    const struct att_stream s =
        att_instance_stream(ws, PAT_PERMUTATION, (uint32_t)step, 0);

    for (size_t j = 0; j < n; j++)
        perm[j] = (uint32_t)j;
    for (size_t j = 0; j + 1 < n; j++) {
        const size_t r = j + att_stream_below(&s, j, (uint32_t)(n - j));
        const uint32_t t = perm[j];

        perm[j] = perm[r];
        perm[r] = t;
    }
}

/* ---- permutations ---------------------------------------------------------- */

/* Does one of the entries before t in row i name this column? */
static bool collides(const struct pat_maker *m, size_t i, size_t t,
                     uint32_t column)
{
    for (size_t s = 0; s < t; s++) {
        if (m->column[i * m->k + s] == column)
            return true;
    }
    return false;
}

/* Exchange the images of i and a random partner until row i is free; a partner
 * that the exchange would spoil is passed over. */
static bool repair_row(const struct pat_maker *m, size_t t, size_t i,
                       uint32_t *perm, uint64_t *word)
{
    const struct att_stream s =
        att_instance_stream(m->ws, PAT_REPAIR, (uint32_t)t, 0);

    for (size_t attempt = 0; attempt < 64 * m->n_rows; attempt++) {
        const size_t j = att_stream_below(&s, (*word)++, (uint32_t)m->n_rows);
        const uint32_t mine = perm[i];

        if (collides(m, i, t, perm[j]) || collides(m, j, t, mine))
            continue;
        perm[i] = perm[j];
        perm[j] = mine;
        return true;
    }
    return false;
}

static att_status disjoint(const struct pat_maker *m, size_t t, uint32_t *perm,
                           struct att_error *err)
{
    uint64_t word = 0;

    for (size_t i = 0; i < m->n_rows; i++) {
        if (collides(m, i, t, perm[i]) && !repair_row(m, t, i, perm, &word)) {
            return att_fail(err, ATT_E_INFEASIBLE,
                            "permutation %zu of %zu could not be made disjoint "
                            "from the others at L = %zu: lower k",
                            t + 1, m->k, m->n_rows);
        }
    }
    return ATT_OK;
}

static att_status rand_columns(struct pat_maker *m, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(m->ws->arena);
    uint32_t *perm = ATT_NEW(m->ws->arena, uint32_t, m->n_rows);

    if (perm == NULL)
        return att_arena_fail(m->ws->arena, "a permutation", err);
    for (size_t t = 0; t < m->k; t++) {
        att_pat_shuffle(m->ws, t, m->n_rows, perm);
        ATT_TRY(disjoint(m, t, perm, err));
        for (size_t i = 0; i < m->n_rows; i++)
            m->column[i * m->k + t] = perm[i];
    }
    att_arena_rewind(m->ws->arena, mark);
    return ATT_OK;
}

/* ---- shifts ------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void shift_rows(struct pat_maker *m)
{
    for (size_t i = 0; i < m->n_rows; i++) {
        for (size_t q = 0; q < m->k; q++) {
            m->column[i * m->k + q] =
                (uint32_t)((i + m->offset[q]) % m->n_cols);
        }
    }
}

static att_status new_offsets(struct pat_maker *m, struct att_error *err)
{
    m->offset = ATT_NEW(m->ws->arena, uint32_t, m->k);
    if (m->offset == NULL)
        return att_arena_fail(m->ws->arena, "the offsets", err);
    return ATT_OK;
}

static att_status band_columns(struct pat_maker *m, struct att_error *err)
{
    ATT_TRY(new_offsets(m, err));
    for (size_t q = 0; q < m->k; q++)
        m->offset[q] = (uint32_t)q;
    shift_rows(m);
    return ATT_OK;
}

/* k different offsets: draws that repeat one are drawn again. */
static att_status circulant_columns(struct pat_maker *m, struct att_error *err)
{
    const struct att_stream s = att_instance_stream(m->ws, PAT_OFFSET, 0, 0);
    uint64_t word = 0;

    ATT_TRY(new_offsets(m, err));
    for (size_t q = 0; q < m->k;) {
        const uint32_t draw = att_stream_below(&s, word++, (uint32_t)m->n_cols);
        size_t same = 0;

        while (same < q && m->offset[same] != draw)
            same++;
        if (same == q)
            m->offset[q++] = draw;
    }
    qsort(m->offset, m->k, sizeof *m->offset, by_value);
    shift_rows(m);
    return ATT_OK;
}

/* ---- the rest ---------------------------------------------------------------- */

static att_status block_columns(struct pat_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t i = 0; i < m->n_rows; i++) {
        for (size_t q = 0; q < m->k; q++)
            m->column[i * m->k + q] = (uint32_t)(i / m->k * m->k + q);
    }
    return ATT_OK;
}

static att_status star_columns(struct pat_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t i = 0; i < m->n_rows; i++) {
        m->column[2 * i] = 0;
        m->column[2 * i + 1] = i == 0 ? 1 : (uint32_t)i;
    }
    return ATT_OK;
}

static size_t singles_entries(const struct pat_maker *m, size_t i)
{
    return i + 1 == m->n_rows ? m->n_cols : 1;
}

static att_status singles_columns(struct pat_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t i = 0; i + 1 < m->n_rows; i++)
        m->column[i] = (uint32_t)i;
    for (size_t j = 0; j < m->n_cols; j++)
        m->column[m->n_rows - 1 + j] = (uint32_t)j;
    return ATT_OK;
}

const struct pat_kind att_pat_plain_kinds[] = {
    {"perm", 1, NULL, rand_columns},
    {"band", 0, NULL, band_columns},
    {"block", 0, NULL, block_columns},
    {"rand", 0, NULL, rand_columns},
    {"star", 2, NULL, star_columns},
    {"circulant", 0, NULL, circulant_columns},
    {"singles", 1, singles_entries, singles_columns},
    {NULL, 0, NULL, NULL},
};
