/* selection_sample.c - subsets, encodings and queries of many samples (A3 to
 * A5 of the streams, problem/token_selection.h). */
#include <string.h>

#include "attest/linalg/vector.h"
#include "selection_model_priv.h"

enum { MOST_ATTEMPTS = 64 };

att_status att_sel_batch_new(const struct sel_law *law, size_t n, size_t L,
                             struct att_arena *arena, struct sel_batch *out,
                             struct att_error *err)
{
    const size_t q = law->task.q;
    const bool own = att_sel_is_own(law->pe);
    struct sel_batch x = {
        .n = n,
        .L = L,
        .own = own,
        .codes = ATT_NEW(arena, struct sel_codes, own ? n : 1),
        .size = ATT_NEW(arena, uint32_t, n),
        .y = ATT_NEW(arena, uint32_t, n * q),
        .c = ATT_NEW(arena, double, n *q),
        .perm = ATT_NEW(arena, uint32_t, L),
        .gram = att_mat_new(arena, q, q),
        .pick = ATT_NEW(arena, uint64_t, q * (law->de / 64 + 1)),
        .weight = ATT_NEW(arena, double, q),
    };

    if (law->least_norm) {
        x.least = (struct sel_least){.A = att_mat_new(arena, q, q),
                                     .normal = att_mat_new(arena, q, q),
                                     .z = ATT_NEW(arena, double, q),
                                     .basis = ATT_NEW(arena, uint32_t, q)};
    }
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the samples", err);
    for (uint32_t i = 0; i < L; i++)
        x.perm[i] = i;
    for (size_t b = 0; b < (own ? n : 1); b++)
        ATT_TRY(att_sel_codes_new(law, L, arena, &x.codes[b], err));
    *out = x;
    return ATT_OK;
}

double att_sel_batch_bytes(enum sel_pe pe, double n, double L, double de,
                           double q)
{
    const double codes = att_sel_codes_bytes(pe, L, de) + 256.0;

    return (att_sel_is_own(pe) ? n : 1.0) * codes + n * (12.0 * q + 4.0) +
           4.0 * L + 24.0 * q * q + q * (de / 8.0 + 24.0) + 1024.0;
}

/* ---- samples -------------------------------------------------------------------- */

/* Attempt k of a shared-encoding sample draws its subset from tag Y + 256 k. */
static void draw_subset(const struct sel_law *law, uint32_t step, uint32_t item,
                        uint32_t attempt, struct sel_batch *batch, size_t b)
{
    const struct att_stream s =
        att_stream(law->task.seed, ATT_SEL_TAG_Y + 256 * attempt, step, item);

    att_stream_subset_of(&s, (uint32_t)batch->L, batch->size[b], batch->perm,
                         batch->y + b * law->task.q);
}

/* How many tokens are selected. */
static uint32_t draw_size(const struct sel_law *law, uint32_t step,
                          uint32_t item)
{
    const uint32_t q = (uint32_t)law->task.q;
    const struct att_stream s =
        att_stream(law->task.seed, ATT_SEL_TAG_SIZE, step, item);

    return law->any_size ? 1 + att_stream_below(&s, 0, q) : q;
}

double att_sel_set_size(const struct sel_law *law)
{
    const double q = (double)law->task.q;
    double sum = 0.0;

    if (!law->any_size)
        return q;
    for (size_t k = 1; k <= law->task.q; k++)
        sum += 1.0 / (double)k;
    return q / sum;
}

static att_status draw_sample(const struct sel_law *law, uint32_t step,
                              uint32_t item, size_t b, struct sel_batch *batch,
                              struct att_error *err)
{
    const size_t q = law->task.q;
    struct sel_codes *codes = &batch->codes[batch->own ? b : 0];
    struct att_mat gram = batch->gram;

    batch->size[b] = draw_size(law, step, item);
    gram.rows = gram.cols = batch->size[b];

    for (uint32_t attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        if (attempt == 0 || !batch->own)
            draw_subset(law, step, item, attempt, batch, b);
        if (batch->own)
            att_sel_codes_draw(law, step, item, attempt, batch->L, codes);
        if (att_sel_query_solve(law, codes, batch->y + b * q, gram,
                                batch->c + b * q))
            return ATT_OK;
        batch->n_redraw++;
        if (law->least_norm) {
            struct sel_least room = batch->least;

            room.gram = gram;
            att_sel_query_least(codes, batch->y + b * q, &room,
                                batch->c + b * q);
            return ATT_OK;
        }
    }
    return att_fail(err, ATT_E_INFEASIBLE,
                    "%zu encodings of %zu coordinates are dependent %d times "
                    "in a row: take a larger de",
                    gram.rows, law->de, MOST_ATTEMPTS);
}

att_status att_sel_batch_draw(const struct sel_law *law, uint32_t step,
                              uint32_t first, struct sel_batch *batch,
                              struct att_error *err)
{
    if (!batch->own && (!batch->ready || law->pe == SEL_SPE_STEP)) {
        att_sel_codes_draw(law, step, 0, 0, batch->L, &batch->codes[0]);
        batch->ready = true;
    }
    batch->first = first;
    for (size_t b = 0; b < batch->n; b++) {
        ATT_TRY(draw_sample(law, step, first + (uint32_t)b, b, batch, err));
    }
    return ATT_OK;
}

/* ---- et ---------------------------------------------------------------------------- */

/* The words of the selected encodings, one after the other. */
static struct att_signs selected(const struct sel_batch *batch,
                                 const struct sel_codes *codes,
                                 const struct sel_set *set)
{
    const size_t words = codes->signs.stride;

    for (size_t k = 0; k < set->q; k++) {
        memcpy(batch->pick + k * words, codes->signs.word + set->y[k] * words,
               words * sizeof *batch->pick);
    }
    return (struct att_signs){batch->pick, set->q, codes->de, words};
}

#define REAL     double
#define NAME(x)  x
#define QUERY_FN att_sel_batch_query
#define DENSE    dense
#include "selection_sample.inc"
#undef REAL
#undef NAME
#undef QUERY_FN
#undef DENSE
#define REAL     float
#define NAME(x)  x##f
#define QUERY_FN att_sel_batch_queryf
#define DENSE    single
#include "selection_sample.inc"
