/* patterns_keys.c - drawing keys, as words of signs or as numbers. */
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/random.h"
#include "patterns_priv.h"

const char *const att_pat_family_name[PAT_FAMILIES + 1] = {
    [PAT_GAUSS] = "gauss",       [PAT_SIGN] = "sign",
    [PAT_HADAMARD] = "hadamard", [PAT_HAAR] = "haar",
    [PAT_FOURIER] = "fourier",   [PAT_PORTABLE] = "portable",
};

enum pat_family att_pat_family(const char *name)
{
    return (enum pat_family)att_text_choice(name, att_pat_family_name);
}

bool att_pat_is_bits(enum pat_family family)
{
    return family == PAT_SIGN || family == PAT_HADAMARD ||
           family == PAT_PORTABLE;
}

size_t att_pat_power_of_two(size_t n)
{
    size_t p = 1;

    while (p < n)
        p *= 2;
    return p;
}

att_status att_pat_keys_admit(enum pat_family family, size_t n, size_t d,
                              struct att_error *err)
{
    if (family == PAT_HADAMARD && d > att_pat_power_of_two(n)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = hadamard have at most %zu columns (got d = "
                        "%zu)",
                        att_pat_power_of_two(n), d);
    }
    if (family == PAT_HAAR && (d > n || n > 8192)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = haar need d <= L <= 8192 (got d = %zu, L = "
                        "%zu)",
                        d, n);
    }
    if (family == PAT_FOURIER && d % 2 != 0) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "keys = fourier come in pairs: make d even (got %zu)",
                        d);
    }
    return ATT_OK;
}

/* ---- signs --------------------------------------------------------------------- */

void att_pat_columns(const struct att_workspace *ws, size_t n, size_t d,
                     uint32_t *column)
{
    const struct att_stream s = att_builder_stream(ws, PAT_COLUMNS, 0, 0);

    for (size_t m = 0; m < n; m++)
        column[m] = (uint32_t)m;
    for (size_t m = 0; m < d; m++) {
        const size_t r = m + att_stream_below(&s, m, (uint32_t)(n - m));
        const uint32_t t = column[m];

        column[m] = column[r];
        column[r] = t;
    }
}

int att_pat_row_sign(const struct att_workspace *ws, size_t l)
{
    const struct att_stream s = att_builder_stream(ws, PAT_ROW_SIGN, 0, 0);

    return (att_stream_word(&s, l / 32) >> (l % 32) & 1) != 0 ? 1 : -1;
}

uint64_t att_pat_splitmix(uint64_t x)
{
    uint64_t z = x + UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t att_pat_portable_word(uint64_t seed, uint64_t l, uint64_t w)
{
    return att_pat_splitmix(att_pat_splitmix(seed) ^ ((l << 20) + w));
}

/* A key's signs while they are drawn: 64 in a word, 1 is +1. */
struct signs {
    const struct att_workspace *ws;
    const struct pat_key_spec *spec;
    uint32_t *column; /* of Hadamard keys */
    uint64_t *word;   /* [n_words + 1], the last one 0 */
    size_t n_words;
};

static void hadamard_words(struct signs *s, size_t l)
{
    const int row = s->spec->plus ? 1 : att_pat_row_sign(s->ws, l);

    memset(s->word, 0, s->n_words * sizeof *s->word);
    for (size_t m = 0; m < s->spec->d; m++) {
        const int odd = __builtin_parity((unsigned)l & s->column[m]);
        const uint64_t plus = (odd == 0) == (row > 0);

        s->word[m / 64] |= plus << (m % 64);
    }
}

static void stream_words(struct signs *s, size_t l)
{
    enum { CHUNK = 64 };
    uint32_t half[2 * CHUNK];
    const struct att_stream stream =
        att_builder_stream(s->ws, PAT_KEY, 0, (uint32_t)l);

    for (size_t first = 0; first < s->n_words; first += CHUNK) {
        const size_t left = s->n_words - first;
        const size_t n = left < CHUNK ? left : CHUNK;

        att_draw_words(&stream, 2 * first, 2 * n, half);
        for (size_t w = 0; w < n; w++) {
            s->word[first + w] = half[2 * w] | (uint64_t)half[2 * w + 1] << 32;
        }
    }
}

static void draw_signs(struct signs *s, size_t l)
{
    if (s->column != NULL) {
        hadamard_words(s, l);
    } else if (s->spec->family == PAT_SIGN) {
        stream_words(s, l);
    } else {
        for (size_t w = 0; w < s->n_words; w++)
            s->word[w] = ~att_pat_portable_word(s->spec->seed, l, w);
    }
}

static att_status draw_bits(const struct att_workspace *ws,
                            struct pat_keys *keys, struct att_error *err)
{
    const size_t d = keys->spec.d;
    const size_t n_columns = att_pat_power_of_two(keys->spec.n);
    struct signs s = {.ws = ws, .spec = &keys->spec, .n_words = (d + 63) / 64};

    keys->segment = att_nested_bits(&keys->grid, keys->spec.n, ws->arena);
    if (keys->segment == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    const struct att_arena_mark mark = att_arena_mark(ws->arena);

    s.word = ATT_NEW0(ws->arena, uint64_t, s.n_words + 1);
    s.column = keys->spec.family == PAT_HADAMARD
                   ? ATT_NEW(ws->arena, uint32_t, n_columns)
                   : NULL;
    if (att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the signs of a key", err);
    if (s.column != NULL)
        att_pat_columns(ws, n_columns, d, s.column);
    for (size_t j = 0; j < keys->spec.n; j++) {
        draw_signs(&s, keys->spec.id != NULL ? keys->spec.id[j] : j);
        att_nested_cut(&keys->grid, s.word, j, keys->segment);
    }
    att_arena_rewind(ws->arena, mark);
    return ATT_OK;
}

/* ---- numbers -------------------------------------------------------------------- */

static void draw_normals(const struct att_workspace *ws, struct pat_keys *keys)
{
    for (size_t j = 0; j < keys->spec.n; j++) {
        const size_t l = keys->spec.id != NULL ? keys->spec.id[j] : j;
        const struct att_stream s =
            att_builder_stream(ws, PAT_KEY, 0, (uint32_t)l);

        att_stream_normals(&s, 0, keys->spec.d, att_mat_row(keys->y, j));
    }
}

static att_status draw_haar(const struct att_workspace *ws,
                            struct pat_keys *keys, struct att_error *err)
{
    const double scale = sqrt((double)keys->spec.n);

    draw_normals(ws, keys);
    ATT_TRY(att_orthonormalize(keys->y, ws->arena, err));
    for (size_t i = 0; i < keys->spec.n * keys->spec.d; i++)
        keys->y.data[i] *= scale;
    return ATT_OK;
}

static void draw_fourier(const struct att_workspace *ws, struct pat_keys *keys)
{
    const struct att_stream s = att_builder_stream(ws, PAT_FREQUENCY, 0, 0);
    const size_t n = keys->spec.n;
    const double turn = 2.0 * acos(-1.0) / (double)n;

    for (size_t j = 0; j < n; j++) {
        double *y = att_mat_row(keys->y, j);

        for (size_t m = 0; m < keys->spec.d; m++) {
            const uint64_t f = att_stream_below(&s, m / 2, (uint32_t)n);
            const double t = turn * (double)(f * j % n);

            y[m] = sqrt(2.0) * (m % 2 == 0 ? cos(t) : sin(t));
        }
    }
}

static att_status draw_numbers(const struct att_workspace *ws,
                               struct pat_keys *keys, struct att_error *err)
{
    keys->y = att_mat_new(ws->arena, keys->spec.n, keys->spec.d);
    if (keys->y.data == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    if (keys->spec.family == PAT_HAAR)
        return draw_haar(ws, keys, err);
    if (keys->spec.family == PAT_FOURIER) {
        draw_fourier(ws, keys);
    } else {
        draw_normals(ws, keys);
    }
    return ATT_OK;
}

att_status att_pat_keys_draw(const struct att_workspace *ws,
                             const struct pat_key_spec *spec,
                             struct att_nested grid, struct pat_keys *out,
                             struct att_error *err)
{
    *out = (struct pat_keys){.spec = *spec, .grid = grid};
    return att_pat_is_bits(spec->family) ? draw_bits(ws, out, err)
                                         : draw_numbers(ws, out, err);
}

att_status att_pat_keys_draw_whole(const struct att_workspace *ws,
                                   const struct pat_key_spec *spec,
                                   struct pat_keys *out, struct att_error *err)
{
    struct att_nested grid = {ATT_NEW(ws->arena, uint32_t, 1), NULL, 1};

    if (grid.d == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    grid.d[0] = (uint32_t)spec->d;
    return att_pat_keys_draw(ws, spec, grid, out, err);
}

double att_pat_key_at(const struct pat_keys *keys, size_t j, size_t m)
{
    if (keys->segment == NULL)
        return att_mat_row(keys->y, j)[m];
    const size_t g = att_nested_segment(&keys->grid, m);

    return att_bits_sign(&keys->segment[g], j,
                         m - att_nested_first(&keys->grid, g));
}

void att_pat_keys_write(const struct pat_keys *keys, double scale,
                        struct att_mat x)
{
    for (size_t j = 0; j < x.rows; j++) {
        for (size_t m = 0; m < x.cols; m++)
            att_mat_row(x, j)[m] = att_pat_key_at(keys, j, m) * scale;
    }
}

/* ---- twins ---------------------------------------------------------------------- */

struct column_name {
    uint64_t hash;
    uint32_t column;
};

static int by_hash(const void *a, const void *b)
{
    const struct column_name *x = a;
    const struct column_name *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

att_status att_pat_twins(const struct att_pattern *a, struct att_arena *arena,
                         uint32_t *id, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct column_name *name = ATT_NEW(arena, struct column_name, a->n_cols);

    if (name == NULL)
        return att_arena_fail(arena, "the names of the columns", err);
    for (size_t j = 0; j < a->n_cols; j++)
        name[j] = (struct column_name){0, (uint32_t)j};
    for (size_t i = 0; i < a->n_rows; i++) {
        for (size_t e = a->first[i]; e < a->first[i + 1]; e++)
            name[a->column[e]].hash += att_pat_splitmix(i);
    }
    qsort(name, a->n_cols, sizeof *name, by_hash);
    for (size_t c = 0; c < a->n_cols; c++) {
        const bool twin = c > 0 && name[c].hash == name[c - 1].hash;

        id[name[c].column] = twin ? id[name[c - 1].column] : name[c].column;
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
