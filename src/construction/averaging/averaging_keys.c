/* averaging_keys.c - drawing keys, and rows of their Gram matrix. */
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/random.h"
#include "attest/linalg/vector.h"
#include "averaging_priv.h"

enum { STREAM_KEY = 1, STREAM_COLUMNS };

static const double TURN = 6.28318530717958647692;

const char *const att_avg_kind_name[AVG_KINDS + 1] = {
    [AVG_SIGN] = "sign",           [AVG_GAUSS] = "gauss",
    [AVG_UNIT] = "unit",           [AVG_HADAMARD] = "hadamard",
    [AVG_FOURIER] = "fourier",     [AVG_LOWFOURIER] = "lowfourier",
    [AVG_CHEBYSHEV] = "chebyshev",
};

enum avg_kind att_avg_kind(const char *name)
{
    return (enum avg_kind)att_text_choice(name, att_avg_kind_name);
}

static bool is_signs(enum avg_kind kind)
{
    return kind == AVG_SIGN || kind == AVG_HADAMARD;
}

/* ---- room ---------------------------------------------------------------------- */

static att_status new_segments(struct att_arena *arena, struct avg_keys *keys,
                               struct att_error *err)
{
    keys->segment = att_nested_bits(&keys->grid, keys->n, arena);
    keys->whole = att_bits_new(arena, keys->n, keys->d);
    keys->last = ATT_NEW(arena, uint64_t, keys->n);
    keys->distance = ATT_NEW(arena, uint32_t, keys->n);
    return keys->segment != NULL && keys->whole.word != NULL &&
                   keys->last != NULL && keys->distance != NULL
               ? ATT_OK
               : att_arena_fail(arena, "the keys", err);
}

att_status att_avg_keys_new(struct att_arena *arena,
                            const struct avg_key_spec *spec,
                            struct avg_keys *out, struct att_error *err)
{
    const size_t n = spec->n;
    const size_t d = spec->grid.d[spec->grid.n - 1];

    *out = (struct avg_keys){
        .kind = spec->kind, .n = n, .d = d, .grid = spec->grid};
    /* A row of words has one more behind the last. */
    out->row = ATT_NEW(arena, double, d + 2);
    if (out->row == NULL)
        return att_arena_fail(arena, "a key", err);
    if (is_signs(spec->kind))
        return new_segments(arena, out, err);
    out->y = att_mat_new(arena, n, d);
    if (out->y.data == NULL)
        return att_arena_fail(arena, "the keys", err);
    if (spec->kind != AVG_UNIT)
        return ATT_OK;
    out->norm2 = ATT_NEW0(arena, double, spec->grid.n *n);
    return out->norm2 != NULL ? ATT_OK
                              : att_arena_fail(arena, "the norms", err);
}

void att_avg_keys_set(struct avg_keys *keys, size_t j, size_t m, int sign)
{
    const size_t g = att_nested_segment(&keys->grid, m);

    att_bits_set(&keys->whole, j, m, sign);
    att_bits_set(&keys->segment[g], j, m - att_nested_first(&keys->grid, g),
                 sign);
}

/* ---- signs --------------------------------------------------------------------- */

static void random_words(const struct att_stream *s, size_t n, uint64_t *word)
{
    for (size_t w = 0; w < n; w++) {
        uint32_t half[2];

        att_stream_words(s, 2 * w, 2, half);
        word[w] = half[0] | (uint64_t)half[1] << 32;
    }
}

static void sylvester_words(const uint32_t *column, size_t d, size_t j,
                            uint64_t *word)
{
    for (size_t m = 0; m < d; m++) {
        const uint64_t even = !__builtin_parity((unsigned)j & column[m]);

        word[m / 64] |= even << (m % 64);
    }
}

/* Row j := the words, cut off behind the last sign. */
static void store_whole(struct att_bits *b, const uint64_t *word, size_t j)
{
    for (size_t w = 0; w < b->n_words; w++) {
        const size_t left = b->d - 64 * w;
        const uint64_t mask =
            left < 64 ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0);

        b->word[w * b->stride + j] = word[w] & mask;
    }
}

static void draw_signs(const struct att_workspace *ws, struct avg_keys *keys,
                       uint32_t step, const uint32_t *column, uint64_t *word)
{
    const size_t n_words = (keys->d + 63) / 64;

    for (size_t j = 0; j < keys->n; j++) {
        const struct att_stream s =
            att_builder_stream(ws, STREAM_KEY, step, (uint32_t)j);

        memset(word, 0, (n_words + 1) * sizeof *word);
        if (keys->kind == AVG_HADAMARD) {
            sylvester_words(column, keys->d, j, word);
        } else {
            random_words(&s, n_words, word);
        }
        att_nested_cut(&keys->grid, word, j, keys->segment);
        store_whole(&keys->whole, word, j);
    }
}

/* ---- numbers -------------------------------------------------------------------- */

static void draw_normals(const struct att_workspace *ws, struct avg_keys *keys,
                         uint32_t step)
{
    for (size_t j = 0; j < keys->n; j++) {
        const struct att_stream s =
            att_builder_stream(ws, STREAM_KEY, step, (uint32_t)j);
        double *y = att_mat_row(keys->y, j);

        att_draw_normals(&s, 0, keys->d, y);
        for (size_t g = 0; keys->norm2 != NULL && g < keys->grid.n; g++) {
            const size_t from = att_nested_first(&keys->grid, g);
            const double add =
                att_dot(keys->grid.d[g] - from, y + from, y + from);

            keys->norm2[g * keys->n + j] =
                (g == 0 ? 0.0 : keys->norm2[(g - 1) * keys->n + j]) + add;
        }
    }
}

/* cos or sin of a / b of a turn, a < b, exact at its quarters: a linear program
 * takes a rounded zero for a number. */
static double turned(uint64_t a, uint64_t b, bool sine)
{
    static const double QUARTER[] = {1.0, 0.0, -1.0, 0.0};
    const double t = TURN * (double)a / (double)b;

    if (4 * a % b == 0)
        return QUARTER[(4 * a / b + (sine ? 3 : 0)) % 4];
    return sine ? sin(t) : cos(t);
}

/* sqrt(2) cos and sin, so that coordinates have mean square 1. */
static void draw_fourier(struct avg_keys *keys, const uint32_t *frequency)
{
    for (size_t j = 0; j < keys->n; j++) {
        double *y = att_mat_row(keys->y, j);

        for (size_t m = 0; m < keys->d; m++) {
            const uint64_t f = frequency[m / 2];

            y[m] = sqrt(2.0) * turned(f * j % keys->n, keys->n, m % 2 == 1);
        }
    }
}

/* T_{m+1}(cos x_j) = cos (m + 1) x_j, x_j = pi (2j + 1) / (2L). */
static void fill_chebyshev(struct avg_keys *keys)
{
    const uint64_t turn = 4 * keys->n;

    for (size_t j = 0; j < keys->n; j++) {
        for (size_t m = 0; m < keys->d; m++) {
            att_mat_row(keys->y, j)[m] =
                turned((m + 1) * (2 * j + 1) % turn, turn, false);
        }
    }
}

/* ---- choices without repetition ---------------------------------------------------- */

/* choice[m] for m < n: numbers of 1 .. most in random order, from the start
 * again when they are used up; in their own order when not `shuffled`. */
static void choose(const struct att_stream *s, size_t most, size_t n,
                   bool shuffled, uint32_t *choice)
{
    if (most == 0)
        return;
    for (size_t m = 0; m < most; m++)
        choice[m] = (uint32_t)m + 1;
    for (size_t m = 0; shuffled && m < most && m < n; m++) {
        const size_t r = m + att_stream_below(s, m, (uint32_t)(most - m));
        const uint32_t t = choice[m];

        choice[m] = choice[r];
        choice[r] = t;
    }
    for (size_t m = most; m < n; m++)
        choice[m] = choice[m % most];
}

static size_t n_choices(enum avg_kind kind, size_t n)
{
    size_t order = 2;

    if (kind != AVG_HADAMARD)
        return n > 4 ? (n - 1) / 2 : 1; /* never n / 2: its sines are 0 */
    while (order < n)
        order *= 2;
    return order - 1;
}

att_status att_avg_keys_draw(struct att_workspace *ws,
                             const struct avg_key_spec *spec, uint32_t step,
                             struct avg_keys *out, struct att_error *err)
{
    const enum avg_kind kind = spec->kind;
    const struct att_stream s = att_builder_stream(ws, STREAM_COLUMNS, step, 0);
    const size_t most = n_choices(kind, spec->n);

    ATT_TRY(att_avg_keys_new(ws->arena, spec, out, err));
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    uint32_t *choice = ATT_NEW(ws->arena, uint32_t, most + out->d);
    uint64_t *word = ATT_NEW(ws->arena, uint64_t, out->d / 64 + 2);

    if (choice == NULL || word == NULL)
        return att_arena_fail(ws->arena, "the columns of the keys", err);
    choose(&s, most, out->d, kind != AVG_LOWFOURIER, choice);
    if (is_signs(kind)) {
        draw_signs(ws, out, step, choice, word);
    } else if (kind == AVG_GAUSS || kind == AVG_UNIT) {
        draw_normals(ws, out, step);
    } else if (kind == AVG_CHEBYSHEV) {
        fill_chebyshev(out);
    } else {
        draw_fourier(out, choice);
    }
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}

/* ---- reading ----------------------------------------------------------------------- */

double att_avg_key_at(const struct avg_keys *keys, size_t j, size_t m)
{
    if (keys->y.data != NULL)
        return att_mat_row(keys->y, j)[m];
    const size_t g = att_nested_segment(&keys->grid, m);

    return att_bits_sign(&keys->segment[g], j,
                         m - att_nested_first(&keys->grid, g));
}

double att_avg_key_scale(const struct avg_keys *keys, size_t j, size_t g)
{
    if (keys->norm2 != NULL)
        return 1.0 / sqrt(keys->norm2[g * keys->n + j]);
    return 1.0 / sqrt((double)keys->grid.d[g]);
}

/* out[0 .. b->d) := the signs of row j times scale. */
static void unpack(const struct att_bits *b, size_t j, double scale,
                   double *out)
{
    for (size_t w = 0; w < b->n_words; w++) {
        const uint64_t word = b->word[w * b->stride + j];
        const size_t left = b->d - 64 * w;

        for (size_t k = 0; k < (left < 64 ? left : 64); k++)
            out[64 * w + k] = (word >> k & 1) != 0 ? scale : -scale;
    }
}

void att_avg_key_row(const struct avg_keys *keys, size_t j, size_t g,
                     double *out)
{
    const double scale = att_avg_key_scale(keys, j, g);

    if (keys->y.data != NULL) {
        for (size_t m = 0; m < keys->grid.d[g]; m++)
            out[m] = scale * att_mat_row(keys->y, j)[m];
        return;
    }
    for (size_t h = 0; h <= g; h++) {
        unpack(&keys->segment[h], j, scale,
               out + att_nested_first(&keys->grid, h));
    }
}

struct att_mat att_avg_keys_matrix(const struct avg_keys *keys, size_t g,
                                   struct att_arena *arena)
{
    struct att_mat u = att_mat_new(arena, keys->n, keys->grid.d[g]);

    for (size_t j = 0; u.data != NULL && j < keys->n; j++)
        att_avg_key_row(keys, j, g, att_mat_row(u, j));
    return u;
}

/* ---- rows of the Gram matrix -------------------------------------------------------- */

void att_avg_row_add(const struct avg_keys *keys, size_t i, size_t g,
                     struct avg_row_sum sum)
{
    if (keys->y.data == NULL) {
        const struct att_bits *b = &keys->segment[g];
        uint64_t *word = (uint64_t *)(void *)keys->row;

        att_bits_row(b, i, 0, b->n_words, word);
        att_bits_distance(b, word, 0, b->n_words, sum.distance);
        return;
    }
    const size_t from = att_nested_first(&keys->grid, g);
    const struct att_mat part = {.data = keys->y.data + from,
                                 .rows = keys->n,
                                 .cols = keys->grid.d[g] - from,
                                 .stride = keys->y.stride};

    att_gemv(part, false, att_mat_row(part, i), 1.0, sum.product);
}

/* <s_i, s_j> = d - 2 distance, exactly; then divided by d. */
static void scale_signs(const uint32_t *distance, size_t n, int32_t d,
                        double *out)
{
    for (size_t j = 0; j < n; j++)
        out[j] = (double)(d - 2 * (int32_t)distance[j]) / (double)d;
}

void att_avg_row_scale(const struct avg_keys *keys, size_t i, size_t g,
                       struct avg_row_sum sum, double *out)
{
    const double *norm2 =
        keys->norm2 != NULL ? keys->norm2 + g * keys->n : NULL;
    const double d = (double)keys->grid.d[g];

    if (keys->y.data == NULL) {
        scale_signs(sum.distance, keys->n, (int32_t)keys->grid.d[g], out);
        return;
    }
    for (size_t j = 0; norm2 == NULL && j < keys->n; j++)
        out[j] = sum.product[j] / d;
    for (size_t j = 0; norm2 != NULL && j < keys->n; j++)
        out[j] = sum.product[j] / sqrt(norm2[i] * norm2[j]);
}

/* distance := signs among the first d in which key i differs from each key:
 * whole words, and a last one that is cut off. */
static void prefix_distance(const struct avg_keys *keys, size_t i, size_t d)
{
    const struct att_bits *b = &keys->whole;
    uint64_t *word = (uint64_t *)(void *)keys->row;
    const size_t n_whole = d / 64;
    const uint64_t mask = (UINT64_C(1) << (d % 64)) - 1;
    const struct att_bits last = {keys->last, keys->n, 64, 1, keys->n};

    memset(keys->distance, 0, keys->n * sizeof *keys->distance);
    att_bits_row(b, i, 0, n_whole, word);
    att_bits_distance(b, word, 0, n_whole, keys->distance);
    if (mask == 0)
        return;
    for (size_t j = 0; j < keys->n; j++)
        keys->last[j] = b->word[n_whole * b->stride + j] & mask;
    att_bits_distance(&last, &keys->last[i], 0, 1, keys->distance);
}

void att_avg_row(const struct avg_keys *keys, size_t i, size_t g, double *out)
{
    const struct avg_row_sum sum = {keys->distance, out};

    if (keys->y.data == NULL) {
        prefix_distance(keys, i, keys->grid.d[g]);
    } else {
        const struct att_mat part = {.data = keys->y.data,
                                     .rows = keys->n,
                                     .cols = keys->grid.d[g],
                                     .stride = keys->y.stride};

        att_gemv(part, false, att_mat_row(part, i), 0.0, out);
    }
    att_avg_row_scale(keys, i, g, sum, out);
}
